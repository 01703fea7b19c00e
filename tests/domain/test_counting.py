"""A count of the past brings the books to what was counted; the difference went to where nothing was recorded."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.product import Product
from domain.kernel.errors import BadInput, Forbidden, NotFound, NotUnique, Refused
from domain.kernel.references import ExternalKey
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.stock.count import StockCount
from domain.stock.counting import RecordStockCount
from domain.stock.location import Location
from domain.stock.move import Move
from tests.domain.test_purchase import position, ref, rows
from tests.domain.test_recording import PAST, line, recorded, types_of, whole
from tests.firm import Firm

LATER = date(2014, 9, 1)


def count_of(firm: Firm, quantity: Any, *, key: str = "closing", **told: Any) -> RecordStockCount:
    given = {
        "product": ref(firm["bolt"]), "location": ref(firm["receiving"]), "quantity": Decimal(quantity),
        "dated": LATER, "external": ExternalKey(source="past", key=key),
    } | told  # fmt: skip
    return RecordStockCount(**given)


async def counted(firm: Firm, quantity: Any, **told: Any) -> UUID:
    return await firm.database.perform(firm.actor("administrator"), count_of(firm, quantity, **told))


async def test_what_was_counted_less_went_outside_the_records(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10")])
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


async def test_a_count_that_the_books_agree_with_is_kept_and_moves_nothing(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10")])
    count = await counted(firm, "10")
    assert [(one.counted, one.booked) for one in await rows(firm, StockCount)] == [(10, 10)]
    assert await rows(firm, Move, count_id=count) == []
    assert await types_of(firm, count) == ["stock_count.recorded"]
    await whole(firm)


async def test_nothing_is_counted_before_goods_moved_there_last(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10")], received_on=LATER)
    with pytest.raises(Refused, match=f"Goods moved here on {LATER}") as refused:
        await counted(firm, "4", dated=LATER - timedelta(days=1))
    assert refused.value.path == ("dated",)
    await counted(firm, "4", dated=LATER - timedelta(days=1), location=ref(firm["shelf"]), key="shelf")
    await counted(firm, "4", dated=LATER)
    assert await position(firm) == (4, 0)


async def test_a_key_counts_once_even_after_live_moves(firm: Firm) -> None:
    await counted(firm, "5")
    with pytest.raises(NotUnique) as refused:
        await counted(firm, "7")
    assert refused.value.path == ("external", "key")
    await counted(firm, "7", key="next")
    assert await position(firm) == (7, 0)
    await whole(firm)


async def test_what_makes_no_sense_as_a_count_is_refused_at_its_path(firm: Firm) -> None:
    def serve(work: Work) -> UUID:
        return work.add(Product(sku="CARE", name="Care", unit_id=firm["piece"], is_stocked=False)).id

    service = await firm.database.transact(firm.actor("buyer"), serve)
    for path, told in {
        ("quantity",): {"quantity": Decimal(-1)},
        ("dated",): {"dated": date(2999, 1, 1)},
        ("location",): {"location": ref(firm["losses"])},
        ("against",): {"against": ref(firm["losses"])},
        ("product",): {"product": ref(service)},
        ("reason",): {"reason": "\0"},
        ("external",): {"external": ExternalKey(source=" ", key="1")},
    }.items():
        with pytest.raises(BadInput) as refused:
            await counted(firm, **{"quantity": 1} | told)
        assert refused.value.path == path
    with pytest.raises(BadInput, match="whole number"):
        await counted(firm, "1.5")
    with pytest.raises(NotFound):
        await counted(firm, "1", product=ref(firm["shelf"]))
    with pytest.raises(Forbidden):
        await firm.database.perform(firm.actor("storekeeper"), count_of(firm, "1"))
    assert await rows(firm, StockCount) == await rows(firm, Move) == []


async def test_goods_neither_come_from_nor_go_to_another_company(firm: Firm) -> None:
    def found(work: Work) -> tuple[UUID, UUID]:
        other = work.add(Company(code="OTHER", name="Other Ltd", country="US", currency="USD"))
        work.session.flush()
        return other.id, work.add(Location(company_id=other.id, code="X", name="X", kind="unrecorded")).id

    company, outside = await firm.database.transact(firm.actor("buyer"), found)
    with pytest.raises(NotFound):
        await counted(firm, 1, against=ref(outside))
    both = replace(firm.actor("administrator"), companies=frozenset({firm.company, company}))
    with pytest.raises(BadInput, match="place of the company") as refused:
        await firm.database.perform(both, count_of(firm, 1, against=ref(outside)))
    assert refused.value.path == ("against",)


async def test_counts_at_once_are_booked_one_after_the_other(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10")])
    await asyncio.gather(*(counted(firm, found, key=str(found)) for found in range(1, 9)))
    counts = await rows(firm, StockCount)
    on_hand, _ = await position(firm)
    left = sorted([*(one.counted for one in counts), 10])
    left.remove(on_hand)
    assert sorted(one.booked for one in counts) == left
    await whole(firm)
