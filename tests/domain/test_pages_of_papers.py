"""What the page of a paper tells of goods, of what it takes back, and of whom and what it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.product import Product
from domain.catalog.tax_position import TaxPosition
from domain.catalog.unit import Unit
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.reversing import REVERSALS
from domain.flow.taking import BilledLine, ReturnedLine
from domain.parties.company import BankAccount, CompanyAddress, CompanyTaxNumber
from domain.parties.partner import Partner, TaxNumber
from domain.printing import words
from domain.printing.figures import Figures, locale_of
from domain.purchase.order import PurchaseOrder
from tests.domain.test_pages_of_money import cells
from tests.domain.test_papers import do, line, sold
from tests.domain.test_payments import invoice, paid, term
from tests.domain.test_printing import SEVEN, changed, printed
from tests.domain.test_purchase import confirmed, paper, received, ref
from tests.domain.test_stock_papers import found, stocked
from tests.firm import Firm

D = Decimal


async def shown(firm: Firm, id: UUID, kind: str, **asked: Any) -> dict[str, Any]:
    """What is on the page of a paper."""
    return dict((await printed(firm, id, kind, **asked)).content)


async def delivered(firm: Firm, quantity: str = "4") -> UUID:
    """A delivery of so many bolts at 2.50, that were bought before."""
    await received(firm, await confirmed(firm, "10"), "10")
    return await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, quantity)))


async def test_a_customer_return_says_how_much_came_back(firm: Firm) -> None:
    delivery = await delivered(firm)
    back = [ReturnedLine(line=ref((await line(firm, delivery)).id), quantity=D(2), reason="bent")]
    id = await do(firm, "storekeeper", "ReturnDelivery", id=ref(delivery), lines=back)
    assert [row[2] for row in cells(await shown(firm, id, "sales_return"))] == ["Quantity", "2"]


async def test_the_customers_order_number_goes_with_all_that_is_made_for_the_order(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    order = await sold(firm, "4", customer_reference="PO 4711")
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    back = await do(firm, "storekeeper", "ReturnDelivery", id=ref(delivery), draft=True)
    bill = await do(firm, "accountant", "InvoiceDelivery", id=ref(delivery))
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(bill))
    credited = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(bill))
    made = (("delivery", delivery), ("sales_return", back), ("customer_invoice", bill), ("credit_note", credited))
    numbers = {kind: (await paper(firm, id)).partner_reference for kind, id in made}
    assert numbers == dict.fromkeys(numbers, "PO 4711")
    assert ("Your reference", "PO 4711") in (await shown(firm, delivery, "delivery"))["facts"]
    assert ("Your reference", "PO 4711") in (await shown(firm, bill, "customer_invoice"))["facts"]


async def test_an_invoice_of_several_orders_has_the_number_they_share_or_the_one_given(firm: Firm) -> None:
    async def invoiced(*numbers: str, **asked: Any) -> str | None:
        orders = [await sold(firm, "1", customer_reference=number) for number in numbers]
        lines = [BilledLine(line=ref((await line(firm, order)).id), quantity=D(1)) for order in orders]
        made = await do(firm, "accountant", "ConsolidateCustomerInvoice", lines=lines, **asked)
        return (await paper(firm, made)).partner_reference  # type: ignore[no-any-return]

    await changed(firm, lambda work: setattr(work.find(Product, firm["bolt"]), "is_stocked", False))
    assert await invoiced("PO 1", "PO 1") == "PO 1"
    assert await invoiced("PO 1", "PO 2") is None
    assert await invoiced("PO 1", "PO 2", customer_reference="PO 1 and 2") == "PO 1 and 2"


async def test_an_invoice_without_an_order_takes_the_customers_number(firm: Firm) -> None:
    id = await invoice(firm, "10", customer_reference="PO 8")
    assert (await paper(firm, id)).partner_reference == "PO 8"


async def test_the_number_of_a_vendors_confirmation_is_not_that_of_the_bill(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    await changed(firm, lambda work: setattr(work.find(PurchaseOrder, order), "partner_reference", "AB 12"))
    receipt = await received(firm, order, "10")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt))
    assert [(await paper(firm, id)).partner_reference for id in (receipt, bill)] == [None, None]


@pytest.mark.parametrize("kind", [kind.__mapper_args__["polymorphic_identity"] for kind in REVERSALS])
def test_what_can_be_taken_back_has_a_title_for_that(kind: str) -> None:
    assert f"reversal_of_{kind}" in words.words("en")


@pytest.mark.parametrize("language", SEVEN)
async def test_a_cancellation_invoice_cannot_be_taken_for_an_invoice(firm: Firm, language: str) -> None:
    account = BankAccount(company_id=firm.company, bank="Erste", number="AT611904300234573201", currency="USD")
    await changed(firm, lambda work: work.add(account))
    terms = await term(firm, discount_percent=D(2), discount_days=10)
    freight = OrderCharge(text="Freight", amount=D("5.00"))
    id = await invoice(firm, "100", tax="tax20", payment_term=terms, charges=[freight])
    back = await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(id), reason="wrong customer")
    told = await shown(firm, back, "customer_invoice", language=language)
    said, figures = words.words(language), Figures(locale_of(language, None), "USD")
    assert told["title"] == said["reversal_of_customer_invoice"] != said["customer_invoice"]
    assert dict(told["facts"])[said["reverses"]] == (await paper(firm, id)).number
    assert cells(told)[1][-1] == figures.amount(D("-100.00"))
    assert cells(told)[1][2] == figures.number(D(-1), 0)
    assert [value for _, value in told["totals"]] == [
        *(figures.amount(D(one)) for one in ("-100", "-5", "-105", "-20")), figures.money(D("-125.00")),
    ]  # fmt: skip
    assert [title for title, _ in told["remarks"] if title == said["terms"]] == []
    assert said["terms"] in dict((await shown(firm, id, "customer_invoice", language=language))["remarks"])


async def test_what_a_reversal_moves_back_stands_below_zero(firm: Firm) -> None:
    delivery = await delivered(firm)
    back = await do(firm, "storekeeper", "ReverseDelivery", id=ref(delivery), reason="never left")
    told = await shown(firm, back, "delivery")
    assert (told["title"], told["signature"]) == ("Cancellation of delivery note", None)
    assert cells(told)[1][2] == "-4"
    receipt = await received(firm, await confirmed(firm, "10"), "10")
    back = await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="counted wrongly")
    assert cells(await shown(firm, back, "receipt"))[1][2:5] == ["-10", "0", "-10"]


async def test_the_reversal_of_an_adjustment_counts_nothing(firm: Firm) -> None:
    await stocked(firm)
    counted = await found(firm, {"counted": D(7)}, {"location": ref(firm["shelf"]), "difference": D(2)})
    back = await do(firm, "storekeeper", "ReverseStockAdjustment", id=ref(counted), reason="counted wrongly")
    assert [row[2:] for row in cells(await shown(firm, back, "stock_adjustment"))] == [
        ["Difference", ""], ["3", "Piece"], ["-2", "Piece"],
    ]  # fmt: skip


async def test_a_payment_that_is_taken_back_is_less_than_nothing(firm: Firm) -> None:
    payment = await paid(firm, "30", settles=[])
    back = await do(firm, "accountant", "ReversePayment", id=ref(payment), reason="bounced")
    told = await shown(firm, back, "payment")
    assert (told["title"], told["totals"]) == ("Cancellation of payment", [("Total", "-$30.00")])


async def test_units_stand_in_words_as_they_were_called_at_posting(firm: Firm) -> None:
    line = OrderLine(product=ref(firm["wire"]), quantity=D("2.5"), unit_price=D(40), price_base=D(10))
    id = await do(firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=[line])
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(id))
    await changed(firm, lambda work: setattr(work.find(Unit, firm["kilogram"]), "name", "Kilo"))
    assert cells(await shown(firm, id, "customer_invoice"))[1][2:5] == ["2.500", "Kilogram", "40.00 · per 10 Kilogram"]
    draft = await do(firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=[line])
    assert cells(await shown(firm, draft, "customer_invoice"))[1][3] == "Kilo"


async def test_a_vat_number_is_called_one_and_another_tax_number_is_not(firm: Firm) -> None:
    def enter(work: Any) -> None:
        work.add(CompanyTaxNumber(company_id=firm.company, country="US", kind="other", number="00-123"))
        work.add(TaxNumber(partner_id=firm["customer"], country="DE", kind="vat", number="DE100000008"))

    await changed(firm, enter)
    draft = await invoice(firm, "10", post=False)
    for id in (draft, await invoice(firm, "10")):
        german = await shown(firm, id, "customer_invoice", language="de")
        assert ("USt-IdNr.", "DE100000008") in german["facts"]
        assert "Steuernummer: 00-123" in german["company"]["foot"]
        french = await shown(firm, id, "customer_invoice", language="fr")
        assert ("N° TVA", "DE100000008") in french["facts"]
        assert "N° fiscal: 00-123" in french["company"]["foot"]


@pytest.mark.parametrize(("direction", "wanted"), [("in", "Received from"), ("out", "Paid to")])
async def test_a_payment_says_who_paid_or_was_paid(firm: Firm, direction: str, wanted: str) -> None:
    payment = await paid(firm, "30", partner="customer", direction=direction, reference="Statement 7", settles=[])
    told = await shown(firm, payment, "payment")
    assert told["partner"] == {"label": wanted, "lines": ["Wheel Store"]}
    assert ("Reference", "Statement 7") in told["facts"]


async def test_an_order_tells_the_vendor_where_the_goods_go(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    assert (await shown(firm, order, "purchase_order"))["goods_to"] == {
        "label": "Deliver to", "lines": ["Main Ltd", "Receiving"],
    }  # fmt: skip
    place: dict[str, Any] = {"company_id": firm.company, "city": "Reno", "region": "NV", "country": "US"}
    head = CompanyAddress(role="legal", street="1 Head Street", postal_code="89501", **place)
    dock = CompanyAddress(role="delivery", street="Dock 4", postal_code="89502", **place)
    await changed(firm, lambda work: (work.add(head), work.add(dock)))
    told = await shown(firm, order, "purchase_order")
    assert told["goods_to"]["lines"] == ["Main Ltd", "Receiving", "Dock 4", "Reno, NV 89502"]
    assert [label for label, _ in told["facts"] if label == "Place"] == []
    await changed(firm, lambda work: setattr(work.find(Partner, firm["vendor"]), "country", "DE"))
    told = await shown(firm, order, "purchase_order", language="de")
    assert told["goods_to"]["lines"][-1] == "Vereinigte Staaten"


async def test_why_there_is_no_tax_is_said_once(firm: Firm) -> None:
    tax = await do(
        firm, "administrator", "CreateTax", code="EX", name="Export", rate=D(0), category="G",
        exemption_reason="Leaves the country",
    )  # fmt: skip
    firm.ids["export"] = tax
    position = await do(firm, "administrator", "CreateTaxPosition", code="X", name="Abroad", direction="sale")
    await changed(firm, lambda work: setattr(work.find(Partner, firm["customer"]), "tax_position_id", position))

    async def said(note: str, language: str) -> list[list[str]]:
        await changed(firm, lambda work: setattr(work.find(TaxPosition, position), "note", note))
        id = await invoice(firm, "10", tax="export")
        remarks = (await shown(firm, id, "customer_invoice", language=language))["remarks"]
        return [lines for title, lines in remarks if not title]

    for note in ("Tax-free export", "leaves the country.", "Steuerfreie Ausfuhrlieferung"):
        assert await said(note, "de") == [["Steuerfreie Ausfuhrlieferung. (Leaves the country)"]]
    assert await said("By licence 12.", "en") == [["Tax-free export. (Leaves the country)", "By licence 12."]]
