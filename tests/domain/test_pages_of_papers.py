"""What the page of a paper tells of goods, of what it takes back, and of whom and what it is about."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.flow.taking import ReturnedLine
from tests.domain.test_pages_of_money import cells
from tests.domain.test_papers import do, line, sold
from tests.domain.test_printing import printed
from tests.domain.test_purchase import confirmed, received, ref
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
