"""What is kept for an order is let go with it."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from uuid import UUID

import pytest

from domain.drafts.lines import OrderLine
from domain.flow.taking import TakenLine
from domain.kernel.errors import Refused, WrongState
from domain.stock.reserving import ReservedLine
from tests.domain.test_papers import do, is_whole, line, sold, state
from tests.domain.test_purchase import lines_of, ref
from tests.domain.test_reservations import at, reserved, stocked, types_of
from tests.firm import Firm

D = Decimal


async def kept_for(firm: Firm, order: UUID, quantity: str, *more: ReservedLine) -> UUID:
    mine = ReservedLine(product=ref(firm["bolt"]), quantity=D(quantity), line=ref((await line(firm, order)).id))
    return await reserved(firm, lines=[mine, *more])


@pytest.mark.parametrize("verb", ["Cancel", "Close"])
async def test_an_order_that_ends_lets_go_what_was_kept_for_it(firm: Firm, verb: str) -> None:
    await stocked(firm)
    order = await sold(firm, "4")
    kept = await kept_for(firm, order, "4")
    await reserved(firm, "3")
    assert await at(firm) == (10, 7, 3)
    await do(firm, "seller", f"{verb}SalesOrder", id=ref(order), reason="x")
    assert await at(firm) == (10, 3, 7)
    assert await state(firm, kept) == ("released",)
    assert [(one.closed, one.open_quantity) for one in await lines_of(firm, kept)] == [(4, 0)]
    assert (await types_of(firm, kept))[-1] == "reservation.released"
    await is_whole(firm)


async def test_what_was_delivered_was_used_and_only_the_rest_is_let_go(firm: Firm) -> None:
    await stocked(firm)
    order = await sold(firm, "6")
    kept = await kept_for(firm, order, "6", ReservedLine(product=ref(firm["bolt"]), quantity=D(1)))
    mine = ref((await line(firm, order)).id)
    await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order), lines=[TakenLine(line=mine, quantity=D(2))])
    assert await at(firm) == (8, 5, 3)
    await do(firm, "seller", "CloseSalesOrder", id=ref(order), reason="x")
    assert await at(firm) == (8, 1, 7)
    assert await state(firm, kept) == ("active",)
    assert [(one.closed, one.open_quantity) for one in await lines_of(firm, kept)] == [(4, 0), (0, 1)]
    await is_whole(firm)


async def test_an_order_that_is_opened_again_has_nothing_kept_for_it_until_somebody_does(firm: Firm) -> None:
    await stocked(firm)
    order = await sold(firm, "4")
    await kept_for(firm, order, "4")
    await do(firm, "seller", "CloseSalesOrder", id=ref(order), reason="x")
    await do(firm, "seller", "ReopenSalesOrder", id=ref(order))
    assert await at(firm) == (10, 0, 10)
    await kept_for(firm, order, "4")
    assert await at(firm) == (10, 4, 6)
    await is_whole(firm)


async def test_nothing_is_kept_for_an_order_that_has_ended(firm: Firm) -> None:
    await stocked(firm)
    order = await sold(firm, "4")
    await do(firm, "seller", "CancelSalesOrder", id=ref(order), reason="x")
    with pytest.raises(WrongState) as refused:
        await kept_for(firm, order, "4")
    assert refused.value.path == ("lines", 0, "line")


async def test_a_draft_that_is_cancelled_lets_go_as_well(firm: Firm) -> None:
    await stocked(firm)
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(4), unit_price=D("2.50"))]
    order = await do(firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]), lines=lines)
    await kept_for(firm, order, "4")
    await do(firm, "seller", "CancelSalesOrder", id=ref(order), reason="x")
    assert await at(firm) == (10, 0, 10)


async def test_of_who_keeps_for_an_order_and_who_ends_it_at_once_nothing_stays_kept(firm: Firm) -> None:
    await stocked(firm)
    for _ in range(4):
        order = await sold(firm, "2")
        ends = do(firm, "seller", "CancelSalesOrder", id=ref(order), reason="x")
        keeps = [kept_for(firm, order, "1") for _ in range(2)]
        told = await asyncio.gather(*keeps, ends, return_exceptions=True)
        assert [one for one in told if isinstance(one, Exception) and not isinstance(one, Refused)] == []
        assert await at(firm) == (10, 0, 10)
    await is_whole(firm)
