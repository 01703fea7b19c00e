"""What the pages of invoices and payments say of money: until when it costs less, and what it settled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from domain.parties.payment_term import InstalmentEntry
from domain.printing import words
from domain.printing.figures import Figures, locale_of
from domain.printing.press import pdf
from tests.domain.test_papers import do
from tests.domain.test_payments import allocations, bill, invoice, owed, paid, rates, term
from tests.domain.test_printing import SEVEN, printed, told
from tests.domain.test_purchase import paper, ref
from tests.firm import Firm

D = Decimal


@pytest.mark.parametrize("language", SEVEN)
async def test_an_invoice_says_until_when_how_much_less_is_enough(firm: Firm, language: str) -> None:
    halves = InstalmentEntry(percent=D(50), days=14), InstalmentEntry(days=30)
    terms = await term(firm, *halves, discount_percent=D("2.5"), discount_days=10)
    id = await invoice(firm, "99.99", tax="tax20", payment_term=terms)
    await do(firm, "buyer", "UpdatePaymentTerm", id=terms, expected_version=1, discount_percent=D(5))
    assert (await paper(firm, id)).frozen["terms"] == {
        "name": (await paper(firm, id)).frozen["terms"]["name"],
        "instalments": [
            {"percent": "50", "days": 14, "endOfMonth": False},
            {"percent": None, "days": 30, "endOfMonth": False},
        ],
        "discountPercent": "2.5", "discountDays": 10, "discountUntil": "2026-03-12", "discountedTotal": "116.99",
    }  # fmt: skip
    said, figures = words.words(language), Figures(locale_of(language, None), "USD")
    remarks = dict((await printed(firm, id, "customer_invoice", language=language)).content["remarks"])
    assert remarks[said["terms"]][-1] == said["early_until"].format(
        percent=figures.percent(D("2.5")), date=figures.day(date(2026, 3, 12)), amount=figures.money(D("116.99"))
    )


async def test_a_credit_note_and_terms_without_a_discount_promise_none(firm: Firm) -> None:
    id = await invoice(firm, "100", payment_term=await term(firm))
    assert set((await paper(firm, id)).frozen["terms"]) == {"name", "instalments"}
    id = await invoice(firm, "100", payment_term=await term(firm, discount_percent=D(2), discount_days=10))
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(id))
    await do(firm, "accountant", "PostCreditNote", id=ref(note))
    assert set((await paper(firm, note)).frozen["terms"]) == {"name", "instalments"}


def cells(content: Any) -> list[list[Any]]:
    """The rows under the labels, without what makes numbers stand below each other."""
    columns = content["columns"]
    labels = [one["label"] for one in columns]
    texts = [[(cell["text"], *cell.get("under", ())) for cell in one["cells"]] for one in columns]
    return [labels, *([" · ".join(cell) for cell in row] for row in zip(*texts, strict=True))]


async def test_a_payment_lists_what_it_settles_and_what_stays_as_credit(firm: Firm) -> None:
    terms = await term(firm, InstalmentEntry(percent=D(50), days=14), InstalmentEntry(days=30),
                       discount_percent=D(2), discount_days=10)  # fmt: skip
    first = await invoice(firm, "100", payment_term=terms, dated=date(2026, 2, 27))
    await rates(firm, EUR="1.25")
    other = await invoice(firm, "80", currency="EUR")
    settles = [(first, None, True), (other, "40")]
    payment = await paid(firm, "155.50", partner="customer", reference="Statement 7", settles=settles)
    shown = (await printed(firm, payment, "payment")).content
    numbers = [(await paper(firm, id)).number for id in (first, other)]
    assert cells(shown) == [
        ["No.", "Description", "Date", "Discount taken", "Amount USD"],
        ["1", f"Invoice {numbers[0]}", "Feb 27, 2026", "2.00", "98.00"],
        ["2", f"Invoice {numbers[1]}", "Mar 2, 2026", "", "50.00 · €40.00"],
    ]
    assert shown["totals"] == [("Settled", "148.00"), ("Stays as credit", "7.50"), ("Total", "$155.50")]
    assert cells((await printed(firm, payment, "payment", priced=False)).content)[0] == ["No.", "Description", "Date"]
    for language in SEVEN:
        text = told(pdf(await printed(firm, payment, "payment", language=language)))
        wanted = [words.words(language)[name] for name in ("let_off", "settled", "left_as_credit")]
        assert [one for one in (*wanted, *numbers) if one.replace(" ", "") not in text.replace(" ", "")] == []


async def test_a_payment_names_the_vendors_own_number_and_forgets_what_was_taken_back(firm: Firm) -> None:
    id = await bill(firm, "30")
    payment = await paid(firm, "30", settles=[(id, None)])
    shown = (await printed(firm, payment, "payment")).content
    number = (await paper(firm, id)).number
    theirs = f"{words.words('en')['vendor_paper']}: {(await paper(firm, id)).partner_reference}"
    assert cells(shown)[1][1] == f"Vendor bill {number} · {theirs}"
    assert shown["totals"] == [("Total", "$30.00")]
    (made,) = await allocations(firm, credit_id=payment)
    await do(firm, "accountant", "Unallocate", id=ref(made.id))
    shown = (await printed(firm, payment, "payment")).content
    assert (shown["columns"], shown["totals"]) == ([], [("Stays as credit", "30.00"), ("Total", "$30.00")])


async def test_a_refund_lists_the_credits_that_it_pays_out(firm: Firm) -> None:
    note = await owed(firm, "CreditNote", "customer", "45", partner="customer", post=True)
    refund = await paid(firm, "50", partner="customer", direction="out", settles=[(note, None)])
    shown = (await printed(firm, refund, "payment")).content
    assert cells(shown)[1:] == [["1", f"Credit note {(await paper(firm, note)).number}", "Mar 2, 2026", "45.00"]]
    assert shown["totals"] == [("Settled", "45.00"), ("Not settled", "5.00"), ("Total", "$50.00")]
