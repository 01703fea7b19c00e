"""Bills, invoices and credit notes: what somebody might try to get more out of papers than is in them."""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.tax import Tax
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.taking import BilledLine, CreditedLine, ReturnedLine
from domain.kernel.documents import Charge
from domain.kernel.errors import (
    BadInput,
    NothingLeft,
    NotReady,
    NotUnique,
    WrongState,
)
from domain.kernel.work import Work
from domain.parties.setting_entry import SetSetting
from tests.domain.books import entered, sound, told
from tests.domain.test_papers import do, is_whole, line, state
from tests.domain.test_purchase import confirmed, lines_of, paper, received, ref, rows, written
from tests.firm import Firm

D = Decimal


async def part(firm: Firm, id: UUID, quantity: str, **told: Any) -> list[BilledLine]:
    return [BilledLine(line=ref((await line(firm, id)).id), quantity=D(quantity), **told)]


async def billed(firm: Firm, receipt: UUID, reference: str, **asked: Any) -> UUID:
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference=reference, **asked)
    return await do(firm, "accountant", "PostVendorBill", id=ref(bill))


async def test_charges_are_billed_once_however_many_drafts_there_are(firm: Firm) -> None:
    freight = [OrderCharge(text="freight", amount=D(7))]
    order = await written(firm, "10", charges=freight)
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    await do(firm, "buyer", "ConfirmPurchaseOrder", id=ref(order))
    receipts = [await received(firm, order, "5") for _ in range(2)]
    drafts = [
        await do(firm, "accountant", "BillReceipt", id=ref(one), vendor_reference=str(at))
        for at, one in enumerate(receipts)
    ]
    assert [(await paper(firm, id)).charges_amount for id in drafts] == [7, 0]
    for id in drafts:
        await do(firm, "accountant", "PostVendorBill", id=ref(id))
    credit = await do(firm, "accountant", "CreditVendorBill", id=ref(drafts[0]), vendor_reference="c")
    assert (await paper(firm, credit)).charges_amount == 7
    some = await part(firm, drafts[0], "4")
    credit = await do(firm, "accountant", "CreditVendorBill", id=ref(drafts[0]), vendor_reference="d", lines=some)
    assert (await paper(firm, credit)).charges_amount == 0
    await is_whole(firm)


async def test_a_claim_that_was_settled_is_no_longer_counted_against_the_bill(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "10")
    bill = await billed(firm, receipt, "1")
    claim = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=await part(firm, bill, "2"))
    await do(firm, "accountant", "PostDebitNote", id=ref(claim))
    credit = await do(firm, "accountant", "CreditDebitNote", id=ref(claim), vendor_reference="c")
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(credit))
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=await part(firm, bill, "9"))
    assert refused.value.details["left"] == 8
    other = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=await part(firm, bill, "3"))
    await do(firm, "accountant", "PostDebitNote", id=ref(other))
    await do(firm, "accountant", "CreditDebitNote", id=ref(other), vendor_reference="d")
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=await part(firm, bill, "6"))
    assert refused.value.details["left"] == 5
    with pytest.raises(WrongState):
        await do(firm, "accountant", "CancelDebitNote", id=ref(claim), reason="x")
    await do(firm, "accountant", "CloseDebitNote", id=ref(claim), reason="settled")
    await do(firm, "accountant", "ReverseVendorCreditNote", id=ref(credit), reason="x")
    await is_whole(firm)


async def test_a_credit_note_keeps_the_rates_of_the_invoice_whatever_becomes_of_the_tax(firm: Firm) -> None:
    def include(work: Work) -> None:
        tax = work.add(Tax(code="INC", name="VAT 19 %, included", rate=D(19), included=True))
        work.session.flush()
        firm.ids["included"] = tax.id

    await firm.database.transact(firm.actor("administrator"), include)
    lines = [
        OrderLine(product=ref(firm["bolt"]), quantity=D(3), unit_price=D("9.99"), tax=ref(firm["included"])),
        OrderLine(product=ref(firm["bolt"]), quantity=D(1), unit_price=D("0.07"), tax=ref(firm["included"])),
    ]
    freight = [OrderCharge(text="freight", amount=D("4.90"), tax=ref(firm["included"]))]
    made = await do(
        firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=lines, charges=freight
    )
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(made))

    def raise_it(work: Work) -> None:
        work.find(Tax, firm["included"]).rate = D(25)

    await firm.database.transact(firm.actor("administrator"), raise_it)
    credit = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(made))
    version = (await paper(firm, credit)).version
    await do(firm, "accountant", "UpdateCreditNote", id=ref(credit), expected_version=version, note="sorry")
    was, now = await paper(firm, made), await paper(firm, credit)
    assert (now.untaxed, now.tax, now.total) == (was.untaxed, was.tax, was.total)
    assert now.total == D("34.94")
    await do(firm, "accountant", "PostCreditNote", id=ref(credit))
    mirror = await do(firm, "accountant", "ReverseCreditNote", id=ref(credit), reason="x")
    charges = [(one.amount, one.gross) for id in (credit, mirror) for one in await rows(firm, Charge, document_id=id)]
    assert charges == [(D("4.12"), D("4.90"))] * 2
    await is_whole(firm)


async def test_what_is_rounded_line_by_line_is_taken_back_so(firm: Firm) -> None:
    asked = SetSetting(name="tax.rounding", value="line", company=ref(firm.company))
    await firm.database.perform(firm.actor("administrator"), asked)
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(1), unit_price=D("0.06"), tax=ref(firm["tax8"]))] * 9
    made = await do(firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=lines)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(made))
    back = await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(made), reason="x")
    assert await state(firm, made, "tax_rounding", "tax") == ("reversed", "line", 0)
    assert await state(firm, back, "tax_rounding", "tax") == ("posted", "line", 0)
    await is_whole(firm)


async def test_a_vendors_number_is_posted_once_however_many_try(firm: Firm) -> None:
    drafts = []
    for _ in range(4):
        receipt = await received(firm, await confirmed(firm, "10"), "6")
        drafts.append(await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="77"))
    posted = await asyncio.gather(
        *(do(firm, "accountant", "PostVendorBill", id=ref(id)) for id in drafts), return_exceptions=True
    )
    assert Counter(isinstance(one, NotUnique) for one in posted) == {False: 1, True: 3}


async def test_a_draft_bill_cannot_be_edited_to_more_than_is_left(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    mine = await line(firm, bill)
    more = [OrderLine(id=ref(mine.id), product=ref(firm["bolt"]), quantity=D(7), unit_price=D("1.25"))]
    version = (await paper(firm, bill)).version
    await do(firm, "accountant", "UpdateVendorBill", id=ref(bill), expected_version=version, lines=more)
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    assert (refused.value.path, refused.value.details["left"]) == (("lines", 0, "quantity"), 6)
    boxes = [
        OrderLine(id=ref(mine.id), product=ref(firm["bolt"]), quantity=D(1), unit=ref(firm["box"]), unit_price=D(1))
    ]
    with pytest.raises(BadInput):
        await do(firm, "accountant", "UpdateVendorBill", id=ref(bill), expected_version=version + 1, lines=boxes)


async def test_a_line_taken_out_of_a_draft_is_left_for_another(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipts = [await received(firm, order, "5") for _ in range(2)]
    taken = [*await part(firm, receipts[0], "5"), *await part(firm, receipts[1], "5")]
    bill = await do(firm, "accountant", "ConsolidateVendorBill", lines=taken, vendor_reference="1")
    first = (await lines_of(firm, bill))[0]
    kept = [OrderLine(id=ref(first.id), product=ref(firm["bolt"]), quantity=D(5), unit_price=D("1.25"))]
    version = (await paper(firm, bill)).version
    await do(firm, "accountant", "UpdateVendorBill", id=ref(bill), expected_version=version, lines=kept)
    other = await do(firm, "accountant", "BillReceipt", id=ref(receipts[1]), vendor_reference="2")
    for id in (bill, other):
        await do(firm, "accountant", "PostVendorBill", id=ref(id))
    assert [(await line(firm, id)).billed for id in (order, *receipts)] == [10, 5, 5]
    await is_whole(firm)


async def test_what_was_billed_as_ordered_stays_so_when_goods_do_not_come(firm: Firm) -> None:
    asked = SetSetting(name="bill.by", value="ordered", company=ref(firm.company))
    await firm.database.perform(firm.actor("administrator"), asked)
    order = await confirmed(firm, "10")
    await received(firm, order, "4")
    bill = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    await do(firm, "buyer", "ClosePurchaseOrder", id=ref(order), reason="bankrupt")
    await is_whole(firm)
    with pytest.raises(NotReady):
        await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="2")
    await do(
        firm, "accountant", "CreditVendorBill", id=ref(bill), vendor_reference="c", lines=await part(firm, bill, "6")
    )
    await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="x")
    again = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="3")
    assert (await line(firm, again)).quantity == 4
    await is_whole(firm)


async def test_a_copy_of_a_paper_made_from_others_stands_alone(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    bill = await billed(firm, receipt, "1")
    copy = await do(firm, "accountant", "CopyVendorBill", id=ref(bill))
    version = (await paper(firm, copy)).version
    await do(firm, "accountant", "UpdateVendorBill", id=ref(copy), expected_version=version, vendor_reference="2")
    await do(firm, "accountant", "PostVendorBill", id=ref(copy))
    assert (await line(firm, receipt)).billed == 6
    await is_whole(firm)


async def test_bills_come_in_any_order_of_their_dates_and_invoices_do_not(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "4"), "4")
    one = [BilledLine(line=ref((await line(firm, receipt)).id), quantity=D(1))]
    for day, number in ((date(2026, 3, 2), "A-1"), (date(2026, 2, 3), "B-1")):
        bill = await do(
            firm, "accountant", "BillReceipt", id=ref(receipt), lines=one, vendor_reference=number, dated=day
        )  # fmt: skip
        await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    again = await do(firm, "accountant", "BillReceipt", id=ref(receipt), lines=one, vendor_reference="b-1")
    with pytest.raises(NotUnique, match="posted already"):
        await do(firm, "accountant", "PostVendorBill", id=ref(again))

    sale = [OrderLine(product=ref(firm["bolt"]), quantity=D(1), unit_price=D(1))]
    for day, path in ((date(2026, 3, 2), None), (date(2026, 2, 3), ("dated",))):
        invoice = await do(
            firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=sale, dated=day
        )
        if path is None:
            await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
            continue
        with pytest.raises(BadInput, match="choose a later one") as refused:
            await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
        assert refused.value.path == path


async def test_a_price_is_given_back_and_the_goods_stay_billed(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "10")
    asked = [BilledLine(line=ref((await line(firm, receipt)).id), quantity=D(10), unit_price=D("2.30"))]
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), lines=asked, vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    billed = ref((await line(firm, bill)).id)

    async def given(number: str, quantity: int, price: str | None, *, price_only: bool = False) -> UUID:
        lines = [
            CreditedLine(line=billed, quantity=D(quantity), unit_price=price and D(price), price_only=price_only)
        ]  # fmt: skip
        note = await do(
            firm, "accountant", "CreditVendorBill", id=ref(bill), lines=lines, vendor_reference=number
        )  # fmt: skip
        return await do(firm, "accountant", "PostVendorCreditNote", id=ref(note))

    first = await given("A", 10, "0.30", price_only=True)
    assert await told(firm, first) == {"price_difference": "-3.00", "input_tax": "-0.24", "payables": "3.24"}
    assert ((await line(firm, order)).credited, (await line(firm, bill)).credited) == (0, 0)
    assert await state(firm, order, "billing_state") == ("confirmed", "billed")
    with pytest.raises(BadInput, match="by how much") as refused:
        await given("B", 10, None, price_only=True)
    assert refused.value.path == ("lines", 0, "unitPrice")
    with pytest.raises(NothingLeft, match=r"Only 20.00 of the amount") as refused:
        await given("C", 10, "2.01", price_only=True)
    assert (refused.value.path, refused.value.details) == (("lines", 0, "unitPrice"), {"left": D("20.00")})
    await given("D", 10, "2.00")
    assert await state(firm, bill, "credit_state") == ("posted", "credited")
    with pytest.raises(NothingLeft):
        await given("E", 1, "0.02", price_only=True)
    await do(firm, "accountant", "ReverseVendorCreditNote", id=ref(first), reason="x")
    await given("F", 10, "0.30", price_only=True)
    await sound(firm)
    await is_whole(firm)


async def test_a_claim_about_a_price_is_settled_and_the_goods_may_still_go_back(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "10")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    dear = [
        CreditedLine(line=ref((await line(firm, bill)).id), quantity=D(10), unit_price=D("0.10"), price_only=True)
    ]  # fmt: skip
    claim = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=dear)
    await do(firm, "accountant", "PostDebitNote", id=ref(claim))
    note = await do(firm, "accountant", "CreditDebitNote", id=ref(claim), vendor_reference="2")
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(note))
    assert (await told(firm, note))["price_difference"] == "-1.00"
    found = await line(firm, bill)
    assert (found.claimed, found.credited) == (0, 0)
    assert await state(firm, claim, "credit_state") == ("issued", "credited")
    await sound(firm)


async def test_a_customer_gets_a_part_of_the_price_back_and_is_not_invoiced_again(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    sale = [OrderLine(product=ref(firm["bolt"]), quantity=D(4), unit_price=D("2.50"))]
    order = await do(firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]), lines=sale)
    await do(firm, "seller", "ConfirmSalesOrder", id=ref(order))
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    invoice = await do(firm, "accountant", "InvoiceDelivery", id=ref(delivery))
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    dear = [
        CreditedLine(line=ref((await line(firm, invoice)).id), quantity=D(4), unit_price=D("0.50"), price_only=True)
    ]  # fmt: skip
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=dear)
    await do(firm, "accountant", "PostCreditNote", id=ref(note))
    assert await state(firm, note, "untaxed") == ("posted", D("2.00"))
    assert await state(firm, order, "billing_state") == ("confirmed", "billed")
    assert [one.quantity for one in await entered(firm, document_id=note, role="income")] == [None]
    await sound(firm)


async def test_goods_in_place_of_those_that_went_back_are_not_billed_again(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "10")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(2), reason="bent", replace=True)]
    await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    again = await received(firm, order, "1")
    last = await received(firm, order, "1")
    assert [await state(firm, one, "billing_state") for one in (order, receipt, again, last)] == [
        ("confirmed", "billed"), *[("posted", "billed")] * 3,
    ]  # fmt: skip
    open_lines: dict[UUID, Decimal] = defaultdict(Decimal)
    for row in await entered(firm, role="received_not_billed"):
        open_lines[row.settles_id or row.line_id] += row.value
    assert set(open_lines.values()) == {D(0)}
    with pytest.raises(NotReady, match="Nothing is left"):
        await do(firm, "accountant", "BillReceipt", id=ref(again), vendor_reference="2")
    await do(firm, "storekeeper", "ReverseReceipt", id=ref(again), reason="x")
    await sound(firm)
    await is_whole(firm)
