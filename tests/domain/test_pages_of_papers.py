"""What the page of a paper tells of goods, of what it takes back, and of whom and what it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalog.product import Product
from domain.flow.taking import BilledLine, ReturnedLine
from domain.purchase.order import PurchaseOrder
from tests.domain.test_pages_of_money import cells
from tests.domain.test_papers import do, line, sold
from tests.domain.test_payments import invoice
from tests.domain.test_printing import changed, printed
from tests.domain.test_purchase import confirmed, paper, received, ref
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
