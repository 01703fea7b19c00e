"""A count of the past brings the books to what was counted; the difference went to where nothing was recorded."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel.references import ExternalKey
from domain.stock.count import StockCount
from domain.stock.counting import RecordStockCount
from domain.stock.move import Move
from tests.domain.test_purchase import position, ref, rows
from tests.domain.test_recording import PAST, line, recorded, types_of, whole
from tests.firm import Firm

LATER = date(2014, 9, 1)


async def counted(firm: Firm, quantity: str, *, key: str = "closing", **told: Any) -> UUID:
    given = {
        "product": ref(firm["bolt"]), "location": ref(firm["receiving"]), "quantity": Decimal(quantity),
        "dated": LATER, "external": ExternalKey(source="past", key=key),
    } | told  # fmt: skip
    return await firm.database.perform(firm.actor("administrator"), RecordStockCount(**given))


async def test_what_was_counted_less_went_outside_the_records(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, received=Decimal(10))])
    count = await counted(firm, "4", reason="used up")
    (row,) = await rows(firm, StockCount)
    assert (row.counted, row.booked, row.reason) == (4, 10, "used up")
    (move,) = await rows(firm, Move, count_id=count)
    assert (move.quantity, move.from_location_id, move.to_location_id) == (6, firm["receiving"], firm["unrecorded"])
    assert move.dated == LATER
    assert await position(firm) == (4, 0)
    assert await types_of(firm, count) == ["stock_count.recorded"]
    await whole(firm)


async def test_what_was_counted_more_came_from_outside_the_records(firm: Firm) -> None:
    count = await counted(firm, "7", location=ref(firm["shelf"]), dated=PAST)
    (move,) = await rows(firm, Move, count_id=count)
    assert (move.quantity, move.from_location_id, move.to_location_id) == (7, firm["unrecorded"], firm["shelf"])
    assert await position(firm, place="shelf") == (7, 0)
    await whole(firm)
