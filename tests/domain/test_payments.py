"""Payments settle what is owed: whole, in part, several to several, at whatever rate, down to the last cent."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain import verbs  # noqa: F401 - all commands must be known
from domain.drafts.lines import OrderCharge, OrderLine
from domain.invoicing.allocation import Allocation
from domain.invoicing.instalment import Instalment
from domain.invoicing.paying import SettledPaper
from domain.kernel.commands import Ref
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, NotFound, NothingLeft, NotReady, RateMissing, Refused, WrongState
from domain.kernel.references import ExternalKey, attach
from domain.kernel.work import Work
from domain.parties.company import BankAccount, Company
from domain.parties.letterhead import BankAccountEntry
from domain.parties.payment_term import InstalmentEntry
from domain.parties.rate import RateEntry
from tests.domain.books import balances, sound, told
from tests.domain.test_papers import do, state
from tests.domain.test_purchase import paper, ref, rows
from tests.firm import TODAY, Firm

D = Decimal


async def bill(firm: Firm, amount: str = "100", *, partner: str = "vendor", post: bool = True, **asked: Any) -> UUID:
    """A posted bill over a service for so much, untaxed unless a tax is named."""
    return await owed(firm, "VendorBill", "vendor", amount, partner=partner, post=post, **asked)


async def invoice(firm: Firm, amount: str = "100", *, post: bool = True, **asked: Any) -> UUID:
    """A posted invoice over a service for so much."""
    return await owed(firm, "CustomerInvoice", "customer", amount, partner="customer", post=post, **asked)


async def owed(firm: Firm, kind: str, role: str, amount: str, *, partner: str, post: bool, **asked: Any) -> UUID:
    tax = asked.pop("tax", None)
    if "service" not in firm.ids:
        asked_of = {"code": "S", "name": "Services", "unit": ref(firm["piece"])}
        firm.ids["service"] = await do(firm, "buyer", "CreateCategory", **asked_of)
    line = OrderLine(
        category=ref(firm["service"]),
        text="Work",
        quantity=D(1),
        unit_price=D(amount),
        tax=ref(firm[tax]) if tax else None,
    )
    if kind.startswith("Vendor"):
        firm.ids["bills"] = UUID(int=firm.ids.get("bills", UUID(int=0)).int + 1)
        asked["vendor_reference"] = str(firm.ids["bills"].int)
    id = await do(firm, "accountant", f"Create{kind}", **{role: ref(firm[partner])}, lines=[line], **asked)
    return await do(firm, "accountant", f"Post{kind}", id=ref(id)) if post else id


async def posted(firm: Firm, id: UUID) -> UUID:
    return await do(firm, "accountant", "PostVendorBill", id=ref(id))


async def paid(firm: Firm, amount: str, *, partner: str = "vendor", **asked: Any) -> UUID:
    """A posted payment; `settles` are the papers it settles, with how much, or none to let it find them."""
    settles = asked.pop("settles", ())
    direction = asked.pop("direction", "in" if partner == "customer" else "out")
    id = await do(
        firm, "accountant", "CreatePayment", partner=ref(firm[partner]), amount=D(amount), direction=direction, **asked
    )
    stated = None if settles is None else [
        SettledPaper(document=ref(one[0]), amount=D(one[1]) if one[1] else None, take_discount=(*one, None)[2])
        for one in settles
    ]  # fmt: skip
    return await do(firm, "accountant", "PostPayment", id=ref(id), allocations=stated)


async def rates(firm: Firm, **by_currency: str) -> None:
    """What currencies are worth in dollars on the day of all tests."""
    given = [
        RateEntry(base=code, quote="USD", dated=date(2026, 3, 2), rate=D(rate)) for code, rate in by_currency.items()
    ]
    await do(firm, "buyer", "SetRates", rates=given)


async def term(firm: Firm, *instalments: InstalmentEntry, **asked: Any) -> Any:
    rows_ = instalments or (InstalmentEntry(days=30),)
    return ref(await do(firm, "buyer", "CreatePaymentTerm", name=f"T{len(rows_)}{asked}", instalments=rows_, **asked))


async def allocations(firm: Firm, **match: Any) -> list[Any]:
    return [one for one in await rows(firm, Allocation, **match) if one.released_on is None]


async def test_a_bill_is_paid_in_one_stroke_and_the_books_follow(firm: Firm) -> None:
    id = await bill(firm, "100")
    payment = await do(firm, "accountant", "PayVendorBill", id=ref(id), reference="SEPA 1")
    assert await state(firm, id, "residual", "payment_state", "due_on") == ("posted", 0, "paid", None)
    assert await state(firm, payment, "number", "total", "residual", "payment_state", "partner_reference") == (
        "posted", "PY2026-00001", 100, 0, "paid", "SEPA 1",
    )  # fmt: skip
    assert await balances(firm) == {"1000": -100, "6000": 100}
    await sound(firm)


async def test_what_is_reckoned_in_thousandths_is_so_from_the_order_to_the_bank(firm: Firm) -> None:
    """A dinar of Kuwait has a thousand fils; the company's dollar has a hundred cents."""
    await rates(firm, KWD="3.25")
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(7), unit_price=D("1.2345"), tax=ref(firm["tax8"]))]
    freight = [OrderCharge(text="freight", amount=D("0.125"))]
    order = await do(firm, "buyer", "CreatePurchaseOrder", vendor=ref(firm["vendor"]), currency="KWD", lines=lines,
                     charges=freight)  # fmt: skip
    assert await state(firm, order, "untaxed", "tax", "total", "company_untaxed") == (
        "draft", D("8.767"), D("0.691"), D("9.458"), D("28.49"),
    )  # fmt: skip
    for step in ("Submit", "Confirm"):
        await do(firm, "buyer", f"{step}PurchaseOrder", id=ref(order))
    receipt = await do(firm, "storekeeper", "ReceivePurchaseOrder", id=ref(order))
    assert await told(firm, receipt) == {"stock": "28.09", "received_not_billed": "-28.09"}
    id = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="K1")
    with pytest.raises(BadInput) as refused:
        await do(firm, "accountant", "PayVendorBill", id=ref(await posted(firm, id)), amount=D("1.2345"))
    assert refused.value.path == ("amount",)
    await do(firm, "administrator", "SetSetting", name="payment.small_difference", value="5")
    await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D("4.001"))
    assert await state(firm, id, "total", "residual") == ("posted", D("9.458"), D("5.457"))
    await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D("5.444"))
    assert await state(firm, id, "residual", "payment_state") == ("posted", D("0.013"), "partial")
    await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D("0.008"))
    assert await state(firm, id, "residual", "payment_state") == ("posted", 0, "paid")
    assert await balances(firm) == {
        "1000": D("-30.72"), "1300": D("2.25"), "1400": D("28.09"), "6000": D("0.40"), "7200": D("-0.02"),
    }  # fmt: skip
    await sound(firm)


async def test_a_customer_pays_in_parts_and_too_much(firm: Firm) -> None:
    id = await invoice(firm, "100")
    await do(firm, "accountant", "PayCustomerInvoice", id=ref(id), amount=D("30.50"))
    assert await state(firm, id, "residual", "payment_state") == ("posted", D("69.50"), "partial")
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", "PayCustomerInvoice", id=ref(id), amount=D(70))
    assert (refused.value.path, refused.value.details["left"]) == (("amount",), D("69.50"))
    rest = await do(firm, "accountant", "PayCustomerInvoice", id=ref(id), amount=D(70), keep_rest=True)
    assert await state(firm, rest, "residual", "payment_state") == ("posted", D("0.50"), "partial")
    assert (await balances(firm))["1200"] == D("-0.50")

    later = await invoice(firm, "10")
    await do(firm, "accountant", "AllocatePayment", id=ref(rest))
    assert await state(firm, later, "residual") == ("posted", D("9.50"))
    assert await state(firm, rest, "residual", "payment_state") == ("posted", 0, "paid")
    await sound(firm)


async def test_a_payment_settles_what_is_due_first_if_nothing_is_stated(firm: Firm) -> None:
    later = await bill(firm, "50", payment_term=await term(firm))
    sooner = await bill(firm, "60")
    other = await bill(firm, "70", currency="EUR")
    payment = await paid(firm, "80", settles=None)
    assert [await state(firm, id, "residual") for id in (sooner, later, other)] == [
        ("posted", 0), ("posted", 30), ("posted", 70),
    ]  # fmt: skip
    assert await state(firm, payment, "residual") == ("posted", 0)
    await sound(firm)


async def test_an_allocation_counts_for_the_day_on_which_both_were_there(firm: Firm) -> None:
    early = date(2026, 2, 20)
    for bill_dated, paid_dated in ((early, None), (None, early)):
        id = await bill(firm, **{"dated": bill_dated} if bill_dated else {})
        await paid(firm, "100", settles=[(id, None)], **{"dated": paid_dated} if paid_dated else {})
        (made,) = await allocations(firm, debt_id=id)
        assert made.dated == TODAY.date()
    await sound(firm)


async def test_several_payments_and_credit_notes_settle_several_invoices(firm: Firm) -> None:
    invoices = [await invoice(firm, amount) for amount in ("100", "40")]
    first = await paid(firm, "70", partner="customer", settles=[(invoices[0], "50"), (invoices[1], "10")])
    assert await state(firm, first, "residual") == ("posted", 10)
    note = await owed(firm, "CreditNote", "customer", "45", partner="customer", post=True)
    stated = [SettledPaper(document=ref(invoices[1])), SettledPaper(document=ref(invoices[0]), amount=D(5))]
    await do(firm, "accountant", "AllocateCreditNote", id=ref(note), allocations=stated)
    assert await state(firm, note, "residual", "payment_state") == ("posted", 10, "partial")
    assert [await state(firm, id, "residual", "payment_state") for id in invoices] == [
        ("posted", 45, "partial"), ("posted", 0, "paid"),
    ]  # fmt: skip
    await sound(firm)


async def test_a_refund_pays_out_what_is_left_of_credits(firm: Firm) -> None:
    note = await owed(firm, "CreditNote", "customer", "45", partner="customer", post=True)
    refund = await paid(firm, "45", partner="customer", direction="out", settles=[(note, None)])
    assert await state(firm, note, "residual", "payment_state") == ("posted", 0, "paid")
    assert await state(firm, refund, "residual", "payment_state") == ("posted", 0, "paid")
    assert (await balances(firm)).get("1200", 0) == 0
    await do(firm, "accountant", "ReversePayment", id=ref(refund), reason="the bank sent it back")
    assert await state(firm, note, "residual", "payment_state") == ("posted", 45, "unpaid")
    await sound(firm)


async def test_the_discount_for_haste_is_taken_within_its_date_and_its_tax_is_corrected(firm: Firm) -> None:
    terms = await term(firm, discount_percent=D(2), discount_days=10)
    late = await bill(firm, "100", payment_term=terms, dated=date(2026, 2, 19))
    payment = await do(firm, "accountant", "PayVendorBill", id=ref(late))
    assert await state(firm, payment, "total") == ("posted", 100)

    id = await bill(firm, "100", tax="tax20", payment_term=terms, dated=date(2026, 2, 20))
    payment = await do(firm, "accountant", "PayVendorBill", id=ref(id))
    assert await state(firm, payment, "total", "residual") == ("posted", D("117.60"), 0)
    assert await state(firm, id, "residual", "payment_state") == ("posted", 0, "paid")
    (made,) = await allocations(firm, debt_id=id)
    assert (made.amount, made.discount) == (D("117.60"), D("2.40"))
    found = await told(firm, payment)
    assert (found["discount_received"], found["input_tax"], found["bank"]) == ("-2.00", "-0.40", "-117.60")

    await sound(firm)


async def test_a_customer_who_pays_less_within_the_date_took_the_discount(firm: Firm) -> None:
    terms = await term(firm, discount_percent=D(2), discount_days=10)
    ids = [await invoice(firm, "100", payment_term=terms) for _ in range(3)]
    await paid(firm, "98", partner="customer", settles=[(ids[0], None)])
    await paid(firm, "98", partner="customer", settles=[(ids[1], None, False)])
    full = await paid(firm, "100", partner="customer", settles=[(ids[2], "100")])
    assert [await state(firm, id, "residual") for id in ids] == [("posted", 0), ("posted", 2), ("posted", 0)]
    assert await state(firm, full, "residual") == ("posted", 0)
    assert (await balances(firm))["7300"] == 2
    half = await invoice(firm, "100", payment_term=terms)
    await do(firm, "accountant", "PayCustomerInvoice", id=ref(half), amount=D(50), take_discount=False)
    rest = await do(firm, "accountant", "PayCustomerInvoice", id=ref(half))
    assert await state(firm, rest, "total") == ("posted", 49)
    await sound(firm)


async def test_instalments_are_settled_one_after_the_other(firm: Firm) -> None:
    terms = await term(
        firm, InstalmentEntry(percent=D("33.3333"), days=10), InstalmentEntry(days=40),
        discount_percent=D(3), discount_days=5,
    )  # fmt: skip
    id = await bill(firm, "100", payment_term=terms)
    await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D("40.33"))
    first, second = sorted(await rows(firm, Instalment, document_id=id), key=lambda row: row.position)
    assert (first.amount, first.residual, second.residual) == (D("33.33"), 0, D("58.67"))
    assert [(one.amount, one.discount) for one in await allocations(firm)] == [(D("32.33"), 1), (D("8.00"), 0)]
    assert await state(firm, id, "residual", "due_on") == ("posted", D("58.67"), date(2026, 4, 11))
    await sound(firm)


async def test_what_little_is_left_is_given_up_on_either_side(firm: Firm) -> None:
    await do(firm, "administrator", "SetSetting", name="payment.small_difference", value="5")
    less, more, much = [await invoice(firm, "100") for _ in range(3)]
    await paid(firm, "99.95", partner="customer", settles=[(less, None)])
    over = await paid(firm, "100.05", partner="customer", settles=[(more, None)])
    await paid(firm, "99.94", partner="customer", settles=[(much, None)])
    assert [await state(firm, id, "residual") for id in (less, more, over, much)] == [
        ("posted", 0), ("posted", 0), ("posted", 0), ("posted", D("0.06")),
    ]  # fmt: skip
    assert (await balances(firm))["1200"] == D("0.06")
    assert (await balances(firm)).get("7200", 0) == 0
    await sound(firm)


async def test_rates_between_bill_and_payment_are_gain_or_loss_and_nothing_is_left_of_either(firm: Firm) -> None:
    id = await bill(firm, "100", currency="EUR")
    await rates(firm, EUR="1.25")
    half = await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D(50))
    assert (await told(firm, half))["exchange_difference"] == "7.50"
    fresh = await bill(firm, "100", currency="EUR")
    await rates(firm, EUR="1.30")
    payment = await paid(firm, "150", settles=[(id, None), (fresh, None)], currency="EUR")
    found = await told(firm, payment)
    assert (found["bank"], found["payables"], found["exchange_difference"]) == ("-195.00", "180.00", "15.00")
    assert (await balances(firm)).get("2100", 0) == 0
    await sound(firm)


async def test_a_bill_is_paid_in_another_currency_at_the_rate_of_the_payments_day(firm: Firm) -> None:
    id = await bill(firm, "100", currency="EUR")
    await rates(firm, EUR="1.25", JPY="0.008")
    part = await paid(firm, "62.50", currency="USD", settles=[(id, None)])
    assert await state(firm, id, "residual") == ("posted", 50)
    yen = await paid(firm, "8000", currency="JPY", settles=[(id, None)])
    assert await state(firm, id, "residual", "payment_state") == ("posted", 0, "paid")
    assert [await state(firm, one, "residual") for one in (part, yen)] == [("posted", 0), ("posted", 187)]
    await sound(firm)


async def test_what_is_taken_back_is_open_again_and_the_books_know(firm: Firm) -> None:
    id = await bill(firm, "100")
    payment = await do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D(60))
    with pytest.raises(WrongState, match="take that back first"):
        await do(firm, "accountant", "ReverseVendorBill", id=ref(id), reason="wrong")
    (made,) = await allocations(firm)
    await do(firm, "accountant", "Unallocate", id=ref(made.id))
    assert await state(firm, id, "residual", "payment_state") == ("posted", 100, "unpaid")
    assert await state(firm, payment, "residual", "payment_state") == ("posted", 60, "unpaid")
    await sound(firm)
    with pytest.raises(NothingLeft, match="already"):
        await do(firm, "accountant", "Unallocate", id=ref(made.id))
    await do(firm, "accountant", "AllocatePayment", id=ref(payment))
    mirror = await do(firm, "accountant", "ReversePayment", id=ref(payment), reason="it bounced")
    assert await state(firm, payment, "residual", "payment_state") == ("reversed", 0, "none")
    assert await state(firm, mirror, "residual", "reverses_id", "payment_direction") == ("posted", 0, payment, "out")
    assert await state(firm, id, "residual", "payment_state", "due_on") == ("posted", 100, "unpaid", date(2026, 3, 2))
    assert await balances(firm) == {"2100": -100, "6000": 100}
    await do(firm, "accountant", "ReverseVendorBill", id=ref(id), reason="wrong")
    assert await balances(firm) == {}
    await sound(firm)


async def test_nothing_is_paid_that_is_not_owed(firm: Firm) -> None:
    draft, cancelled, gone = await bill(firm, post=False), await bill(firm, post=False), await bill(firm)
    await do(firm, "accountant", "CancelVendorBill", id=ref(cancelled), reason="never came")
    await do(firm, "accountant", "ReverseVendorBill", id=ref(gone), reason="wrong")
    (mirror,) = [one.id for one in await rows(firm, Document, reverses_id=gone)]
    for id in (draft, cancelled, gone, mirror):
        with pytest.raises(WrongState, match="takes another paper back" if id == mirror else "Cannot pay while"):
            await do(firm, "accountant", "PayVendorBill", id=ref(id))
        with pytest.raises(WrongState) as refused:
            await paid(firm, "10", settles=[(id, None)])
        assert refused.value.path == ("allocations", 0, "document")
    settled = await bill(firm)
    await do(firm, "accountant", "PayVendorBill", id=ref(settled))
    with pytest.raises(NothingLeft):
        await do(firm, "accountant", "PayVendorBill", id=ref(settled))
    await sound(firm)


async def test_a_payment_settles_papers_of_its_own_side_partner_and_company_alone(firm: Firm) -> None:
    mine, theirs, sale = await bill(firm), await bill(firm, partner="other_vendor", currency="USD"), await invoice(firm)
    for other in (theirs, sale, mine):
        partner = "customer" if other == mine else "vendor"
        with pytest.raises(BadInput) as refused:
            await paid(firm, "10", partner=partner, settles=[(mine, "1"), (other, None)][other == mine :])
        assert refused.value.path[-1] == "document"
    with pytest.raises(BadInput, match="twice"):
        await paid(firm, "10", settles=[(mine, "1"), (mine, "2")])
    with pytest.raises(NotFound):
        await paid(firm, "10", settles=[(UUID(int=1), None)])

    def known(work: Work) -> None:
        for id in (mine, sale):
            attach(work, work.find(Document, id), ExternalKey(source="shop", key="7"))

    await firm.database.transact(firm.actor("administrator"), known)
    payment = await paid(firm, "10")
    named = [SettledPaper(document=Ref(source="shop", key="7"))]
    with pytest.raises(BadInput, match="several kinds"):
        await do(firm, "accountant", "AllocatePayment", id=ref(payment), allocations=named)

    def found(work: Work) -> UUID:
        return work.add(Company(code="SIS", name="Sister", country="US", currency="USD", approval_threshold=D(0))).id

    sister = await firm.database.transact(firm.actor("administrator"), found)
    both = frozenset({firm.company, sister})
    firm.actors["accountant"] = replace(firm.actor("accountant"), companies=both)
    sisters = await bill(firm, company=ref(sister))
    with pytest.raises(BadInput, match="each pays its own"):
        await paid(firm, "10", settles=[(sisters, None)], company=ref(firm.company))
    assert await rows(firm, Allocation) == []


async def test_what_a_payment_says_must_make_sense(firm: Firm) -> None:
    for asked, path in (
        ({"amount": D(0)}, ("amount",)), ({"amount": D(-1)}, ("amount",)), ({"amount": D("1.001")}, ("amount",)),
        ({"currency": "XXY"}, ("currency",)), ({"direction": "up"}, ("direction",)),
        ({"side": "receivables"}, ("side",)), ({"dated": date(1926, 3, 2)}, ("dated",)),
    ):  # fmt: skip
        with pytest.raises(Refused) as refused:
            await do(
                firm, "accountant", "CreatePayment",
                **{"partner": ref(firm["vendor"]), "amount": D(1), "direction": "out", **asked},
            )  # fmt: skip
        assert [one.path for one in refused.value.each] == [path]
    with pytest.raises(RateMissing):
        await paid(firm, "10", currency="CHF")
    abroad = await bill(firm, "100", currency="EUR")
    early = {"dated": date(2026, 2, 1), "amount": D(10), "direction": "out", "partner": ref(firm["vendor"])}
    payment = await do(firm, "accountant", "CreatePayment", **early)
    with pytest.raises(RateMissing) as missing:
        await do(firm, "accountant", "PostPayment", id=ref(payment), allocations=[SettledPaper(document=ref(abroad))])
    assert missing.value.path == ("allocations", 0, "document")
    ahead = await do(firm, "accountant", "CreatePayment", **{**early, "dated": date(2026, 4, 1)})
    with pytest.raises(NotReady, match="future"):
        await do(firm, "accountant", "PostPayment", id=ref(ahead))


async def test_more_is_not_settled_than_is_open_or_there(firm: Firm) -> None:
    id = await bill(firm, "100")
    for amount, stated in (("150", "100.01"), ("80", "90")):
        with pytest.raises(NothingLeft) as refused:
            await paid(firm, amount, settles=[(id, stated)])
        assert refused.value.path == ("allocations", 0, "amount")
    for wrong in ("0", "-5", "1.001"):
        with pytest.raises(BadInput):
            await paid(firm, "150", settles=[(id, wrong)])
    whole = await paid(firm, "100", settles=[(id, None)])
    with pytest.raises(NothingLeft):
        await do(firm, "accountant", "AllocatePayment", id=ref(whole))
    spare = await paid(firm, "5", settles=[])
    with pytest.raises(NothingLeft, match="Nothing that it could settle"):
        await do(firm, "accountant", "AllocatePayment", id=ref(spare))
    await sound(firm)


async def test_a_draft_is_edited_and_copied_and_a_posted_payment_is_taken_back_once(firm: Firm) -> None:
    asked = {"partner": ref(firm["vendor"]), "amount": D(10), "direction": "out"}
    draft = await do(firm, "accountant", "CreatePayment", **asked)
    await do(firm, "accountant", "UpdatePayment", id=ref(draft), expected_version=1, amount=D(12), reference="Cheque 7")
    copy = await do(firm, "accountant", "CopyPayment", id=ref(draft))
    for id in (draft, copy):
        assert await state(firm, id, "total", "payment_side", "partner_reference") == (
            "draft", 12, "payables", "Cheque 7",
        )  # fmt: skip
    await do(firm, "accountant", "CancelPayment", id=ref(copy), reason="once is enough")
    with pytest.raises(WrongState):
        await do(firm, "accountant", "PostPayment", id=ref(copy))
    with pytest.raises(WrongState):
        await do(firm, "accountant", "AllocatePayment", id=ref(draft))
    await do(firm, "accountant", "PostPayment", id=ref(draft))
    with pytest.raises(WrongState):
        await do(firm, "accountant", "UpdatePayment", id=ref(draft), expected_version=3, amount=D(13))
    mirror = await do(firm, "accountant", "ReversePayment", id=ref(draft), reason="wrong")
    for id in (draft, mirror):
        with pytest.raises(WrongState):
            await do(firm, "accountant", "ReversePayment", id=ref(id), reason="again")
    assert await balances(firm) == {}
    await sound(firm)


async def test_a_credit_is_used_once_however_many_are_at_it(firm: Firm) -> None:
    invoices = [await invoice(firm, "45") for _ in range(4)]
    note = await owed(firm, "CreditNote", "customer", "45", partner="customer", post=True)
    done = await asyncio.gather(
        *(
            do(firm, "accountant", "AllocateCreditNote", id=ref(note), allocations=[SettledPaper(document=ref(id))])
            for id in invoices
        ),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in done) == ["NothingLeft"] * 3 + ["UUID"]
    assert sorted([(await paper(firm, id)).residual for id in invoices]) == [0, 45, 45, 45]
    await sound(firm)


async def test_a_bill_is_paid_once_however_many_pay_it_and_take_it_back(firm: Firm) -> None:
    id = await bill(firm, "100")
    done = await asyncio.gather(
        *(do(firm, "accountant", "PayVendorBill", id=ref(id), amount=D(40)) for _ in range(5)), return_exceptions=True
    )
    payments = [one for one in done if isinstance(one, UUID)]
    assert (len(payments), await state(firm, id, "residual")) == (2, ("posted", 20))
    assert {type(one) for one in done} == {UUID, NothingLeft}
    made = await allocations(firm)
    undone = [do(firm, "accountant", "Unallocate", id=ref(one.id)) for one in made]
    undone += [do(firm, "accountant", "ReversePayment", id=ref(one), reason="bounced") for one in payments]
    await asyncio.gather(*undone, return_exceptions=True)
    assert await state(firm, id, "residual", "payment_state") == ("posted", 100, "unpaid")
    await sound(firm)


async def test_an_account_by_which_a_payment_went_stays(firm: Firm) -> None:
    accounts = [
        BankAccountEntry(bank="First", number="4711"),
        BankAccountEntry(bank="Second", number="12", currency="EUR"),
    ]
    company = (await rows(firm, Company))[0]
    change = {"id": ref(firm.company), "expected_version": company.version}
    await do(firm, "administrator", "UpdateCompany", **change, bank_accounts=accounts)
    first, second = sorted(await rows(firm, BankAccount), key=lambda row: row.bank)
    await paid(firm, "10", bank_account=ref(first.id))
    with pytest.raises(BadInput, match="kept in EUR"):
        await paid(firm, "10", bank_account=ref(second.id))
    change["expected_version"] += 1
    with pytest.raises(BadInput, match="4711") as refused:
        await do(firm, "administrator", "UpdateCompany", **change, bank_accounts=accounts[1:])
    assert refused.value.path == ("bankAccounts",)
