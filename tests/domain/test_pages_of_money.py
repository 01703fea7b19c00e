"""What the pages of invoices and payments say of money: until when it costs less, and what it settled."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from domain.parties.payment_term import InstalmentEntry
from domain.printing import words
from domain.printing.figures import Figures, locale_of
from tests.domain.test_papers import do
from tests.domain.test_payments import invoice, term
from tests.domain.test_printing import SEVEN, printed
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
            {"percent": "50", "days": 14, "end_of_month": False},
            {"percent": None, "days": 30, "end_of_month": False},
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
