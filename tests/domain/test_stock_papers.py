"""Goods are adjusted to what was found, and go from place to place, by papers that are taken back by papers."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.kernel.commands import COMMANDS
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, Forbidden, InsufficientStock, NothingLeft, NotReady, Refused, WrongState
from domain.stock.location_entry import ArchiveLocation
from domain.stock.move import Move
from domain.warehouse.arriving import ArrivedLine, ReceiveStockTransfer
from domain.warehouse.writing import (
    AdjustedLine,
    CreateStockAdjustment,
    CreateStockTransfer,
    MovedLine,
    UpdateStockAdjustment,
    UpdateStockTransfer,
)
from tests.domain.test_purchase import lines_of, paper, ref, rows
from tests.domain.test_reservations import HOUR, at, keeper, release, reserved, stocked, types_of, whole
from tests.firm import Firm


async def act(firm: Firm, verb: str, id: UUID, **told: Any) -> UUID:
    return await firm.database.perform(keeper(firm), COMMANDS[verb](id=ref(id), **told))


async def found(firm: Firm, *lines: dict[str, Any], post: str = "PostStockAdjustment", **told: Any) -> UUID:
    """An adjustment, by default posted."""
    given = [AdjustedLine(**{"product": ref(firm["bolt"]), "reason": "counted anew"} | line) for line in lines]
    id = await firm.database.perform(keeper(firm), CreateStockAdjustment(lines=given, **told))
    return await act(firm, post, id) if post else id


async def sent(
    firm: Firm, quantity: str = "4", *, how: str = "PostStockTransfer", to: str = "shelf", **told: Any
) -> UUID:
    """A transfer, by default posted at once."""
    line = MovedLine(product=ref(firm["bolt"]), quantity=Decimal(quantity))
    command = CreateStockTransfer(**{"lines": [line], "destination": ref(firm[to])} | told)
    id = await firm.database.perform(keeper(firm), command)
    return await act(firm, how, id) if how else id


async def arrived(firm: Firm, id: UUID, quantity: str | None = None) -> UUID:
    lines = None
    if quantity is not None:
        (line,) = await lines_of(firm, id)
        lines = [ArrivedLine(line=ref(line.id), quantity=Decimal(quantity))]
    return await firm.database.perform(keeper(firm), ReceiveStockTransfer(id=ref(id), lines=lines))


async def on_hand(firm: Firm) -> tuple[Decimal, Decimal]:
    """At the dock, and on the shelf."""
    return (await at(firm))[0], (await at(firm, place="shelf"))[0]


async def test_what_was_found_more_or_less_comes_from_the_losses_and_goes_there(firm: Firm) -> None:
    await stocked(firm)
    id = await found(firm, {"difference": Decimal(-3)}, {"location": ref(firm["shelf"]), "difference": Decimal(2)})
    assert await on_hand(firm) == (7, 2)
    moves = [one for one in await rows(firm, Move) if firm["losses"] in {one.from_location_id, one.to_location_id}]
    assert sorted((one.from_location_id == firm["losses"], one.quantity) for one in moves) == [(False, 3), (True, 2)]
    made = await paper(firm, id)
    assert (made.number, made.state) == ("SA2026-00001", "posted")
    assert await types_of(firm, id) == ["stock_adjustment.created", "stock_adjustment.posted"]
    await whole(firm)


async def test_a_count_is_compared_with_the_books_as_it_is_written(firm: Firm) -> None:
    await stocked(firm)
    id = await found(firm, {"counted": Decimal(7)}, {"location": ref(firm["shelf"]), "counted": Decimal(0)}, post="")
    told = [(one.counted, one.booked, one.difference, one.quantity) for one in await lines_of(firm, id)]
    assert told == [(7, 10, -3, 3), (0, 0, 0, 0)]
    await sent(firm, "4")
    await act(firm, "PostStockAdjustment", id)
    assert await on_hand(firm) == (3, 4)
    await whole(firm)


async def test_boxes_are_counted_as_pieces(firm: Firm) -> None:
    await found(firm, {"counted": Decimal(2), "unit": ref(firm["box"])})
    assert await on_hand(firm) == (24, 0)


async def test_an_adjustment_is_taken_back_by_another(firm: Firm) -> None:
    await stocked(firm)
    id = await found(firm, {"difference": Decimal(-3)})
    back = await act(firm, "ReverseStockAdjustment", id, reason="found behind the shelf")
    assert await on_hand(firm) == (10, 0)
    mirror = await paper(firm, back)
    assert (mirror.reverses_id, mirror.state, (await paper(firm, id)).state) == (id, "posted", "reversed")
    assert [one.difference for one in await lines_of(firm, back)] == [3]
    for one in (id, back):
        with pytest.raises(WrongState):
            await act(firm, "ReverseStockAdjustment", one, reason="again")
    await whole(firm)


async def test_what_is_reserved_is_not_adjusted_away(firm: Firm) -> None:
    await stocked(firm)
    kept = await reserved(firm, "8")
    id = await found(firm, {"difference": Decimal(-3)}, post="")
    with pytest.raises(InsufficientStock) as refused:
        await act(firm, "PostStockAdjustment", id)
    assert refused.value.details["available"] == 2
    await release(firm, kept)
    await act(firm, "PostStockAdjustment", id)
    assert await on_hand(firm) == (7, 0)


async def test_goods_go_to_another_place_at_once(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm)
    assert await on_hand(firm) == (6, 4)
    (line,) = await lines_of(firm, id)
    assert (line.received, (await paper(firm, id)).state) == (4, "posted")
    await act(firm, "ReverseStockTransfer", id, reason="wrong shelf")
    assert await on_hand(firm) == (10, 0)
    await whole(firm)


async def test_over_transit_goods_leave_first_and_arrive_in_parts(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="ShipStockTransfer")
    assert await on_hand(firm) == (6, 0)
    await arrived(firm, id, "1")
    assert (await on_hand(firm), (await paper(firm, id)).state) == ((6, 1), "shipped")
    with pytest.raises(NothingLeft) as refused:
        await arrived(firm, id, "4")
    assert (refused.value.path, refused.value.details["left"]) == (("lines", 0, "quantity"), 3)
    await whole(firm)
    await arrived(firm, id)
    assert (await on_hand(firm), (await paper(firm, id)).state) == ((6, 4), "posted")
    assert (await types_of(firm, id))[1:] == [
        f"stock_transfer.{word}" for word in ("shipped", "received", "received", "arrived")
    ]
    with pytest.raises(WrongState):
        await arrived(firm, id)
    await whole(firm)


async def written_off(firm: Firm, id: UUID, quantity: str) -> UUID:
    from domain.flow.taking import LostLine

    (line,) = await lines_of(firm, id)
    lost = LostLine(line=ref(line.id), quantity=Decimal(quantity), reason="fell off the cart")
    return await act(firm, "WriteOffStockTransfer", id, lines=[lost])


async def test_what_was_lost_on_the_way_is_written_off_by_an_adjustment(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="ShipStockTransfer")
    await arrived(firm, id, "3")
    loss = await written_off(firm, id, "1")
    assert (await paper(firm, id)).state == "posted"
    assert [(one.received, one.closed) for one in await lines_of(firm, id)] == [(3, 1)]
    assert [(one.quantity, one.reason) for one in await lines_of(firm, loss)] == [(1, "fell off the cart")]
    (move,) = await rows(firm, Move, to_location_id=firm["losses"])
    assert (move.from_location_id, move.quantity) == (firm["transit"], 1)
    await whole(firm)
    with pytest.raises(WrongState, match="was made from it"):
        await act(firm, "ReverseStockTransfer", id, reason="all wrong")
    await act(firm, "ReverseStockAdjustment", loss, reason="it was in the cart")
    assert (await paper(firm, id)).state == "shipped"
    await whole(firm)
    await arrived(firm, id)
    assert (await on_hand(firm), (await paper(firm, id)).state) == ((6, 4), "posted")
    await whole(firm)


async def test_no_more_is_written_off_than_is_in_transit(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="ShipStockTransfer")
    await arrived(firm, id, "3")
    with pytest.raises(NothingLeft):
        await written_off(firm, id, "2")


async def test_what_is_under_way_is_taken_back_with_what_arrived(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="ShipStockTransfer")
    await arrived(firm, id, "1")
    await act(firm, "ReverseStockTransfer", id, reason="called back")
    assert await on_hand(firm) == (10, 0)
    await whole(firm)


async def test_what_is_reserved_stays_where_it_is(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "8")
    for how in ("PostStockTransfer", "ShipStockTransfer"):
        with pytest.raises(InsufficientStock):
            await sent(firm, how=how)
    await sent(firm, "2")
    assert await on_hand(firm) == (8, 2)


async def test_a_draft_is_edited_or_called_off_and_what_is_posted_is_neither(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="")
    lines = [MovedLine(product=ref(firm["bolt"]), quantity=Decimal(one)) for one in (1, 2)]
    edit = UpdateStockTransfer(id=ref(id), expected_version=1, lines=lines, note="by hand")
    await firm.database.perform(keeper(firm), edit)
    assert [(one.position, one.quantity) for one in await lines_of(firm, id)] == [(1, 1), (2, 2)]
    await act(firm, "PostStockTransfer", id)
    assert await on_hand(firm) == (7, 3)
    with pytest.raises(WrongState):
        await firm.database.perform(keeper(firm), UpdateStockTransfer(id=ref(id), expected_version=3, note="x"))
    other = await found(firm, {"difference": Decimal(1)}, post="")
    changed = AdjustedLine(product=ref(firm["wire"]), counted=Decimal("1.5"), reason="found")
    await firm.database.perform(keeper(firm), UpdateStockAdjustment(id=ref(other), expected_version=1, lines=[changed]))
    await act(firm, "CancelStockAdjustment", other, reason="counted wrongly")
    assert (await paper(firm, other)).state == "cancelled"
    await whole(firm)


async def test_what_makes_no_sense_is_refused_at_its_path(firm: Firm) -> None:
    await stocked(firm)
    one = Decimal(1)
    for path, lines in {
        ("lines", 0, "counted"): [{}],
        ("lines", 0, "difference"): [{"difference": Decimal(0)}],
        ("lines", 0, "reason"): [{"difference": one, "reason": " "}],
        ("lines", 0, "location"): [{"difference": one, "location": ref(firm["losses"])}],
        ("lines", 1, "product"): [{"difference": one}, {"counted": one}],
    }.items():
        with pytest.raises(BadInput) as refused:
            await found(firm, *lines)
        assert refused.value.path == path
    with pytest.raises(BadInput):
        await found(firm, {"difference": one, "counted": one})
    with pytest.raises(Refused):
        await found(firm, {"counted": Decimal(-1)})
    with pytest.raises(NotReady, match="there already"):
        await sent(firm, to="receiving")
    with pytest.raises(NotReady, match="where the goods go"):
        await sent(firm, destination=None)
    with pytest.raises(NotReady):
        await sent(firm, lines=[])
    assert {one.state for one in await rows(firm, Document, kind="stock_transfer")} == {"draft"}


async def test_a_place_to_which_goods_are_on_their_way_stays_in_use(firm: Firm) -> None:
    await stocked(firm)
    id = await sent(firm, how="ShipStockTransfer")
    archive = ArchiveLocation(id=ref(firm["shelf"]))
    with pytest.raises(NotReady, match="on its way here"):
        await firm.database.perform(firm.actor("administrator"), archive)
    await act(firm, "ReverseStockTransfer", id, reason="called back")
    await firm.database.perform(firm.actor("administrator"), archive)


async def test_who_may_not_move_or_adjust_is_told_so(firm: Firm) -> None:
    for command in (CreateStockTransfer(destination=ref(firm["shelf"])), CreateStockAdjustment()):
        with pytest.raises(Forbidden):
            await firm.database.perform(firm.actor("buyer"), command)


async def test_goods_that_cross_each_other_do_not_wait_for_each_other_for_ever(firm: Firm) -> None:
    await stocked(firm, "20")
    await sent(firm, "10")
    back = {"destination": ref(firm["receiving"]), "location": ref(firm["shelf"])}
    there = [await sent(firm, "1", how="") for _ in range(6)]
    again = [await sent(firm, "1", how="", **back) for _ in range(6)]
    await asyncio.gather(
        *(act(firm, "PostStockTransfer", id) for pair in zip(there, again, strict=True) for id in pair)
    )
    assert await on_hand(firm) == (10, 10)
    await whole(firm)


async def test_a_sweep_of_time_frees_what_an_adjustment_needs(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "10", hours=1)
    id = await found(firm, {"difference": Decimal(-3)}, post="")
    later = keeper(firm, HOUR + timedelta(seconds=1))
    await firm.database.perform(later, COMMANDS["PostStockAdjustment"](id=ref(id)))
    assert (await at(firm, 2 * HOUR)) == (7, 0, 7)
