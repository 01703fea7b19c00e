"""What is reserved is kept for whom it is reserved, until its time is over, and never more than there is."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from domain.drafts.lines import OrderLine
from domain.flow.reversing import ReverseReceipt
from domain.kernel.actor import Actor
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.errors import BadInput, Forbidden, InsufficientStock, NotFound, Refused, WrongState
from domain.kernel.work import Work
from domain.stock import ledger
from domain.stock.expiring import expire
from domain.stock.holding import Claim
from domain.stock.ledger import Leg
from domain.stock.location import Location
from domain.stock.move import Move, Position
from domain.stock.reserving import (
    CreateReservation,
    ReleasedLine,
    ReleaseReservation,
    RescheduleReservation,
    ReservedLine,
)
from domain.verification import verify
from tests.domain.test_purchase import act, confirmed, lines_of, paper, received, ref, rows, written
from tests.firm import TODAY, Firm

HOUR = timedelta(hours=1)


def keeper(firm: Firm, after: timedelta = timedelta(0)) -> Actor:
    """The storekeeper, some time later."""
    return replace(firm.actor("storekeeper"), clock=lambda: TODAY + after)


async def stocked(firm: Firm, quantity: str = "10") -> UUID:
    return await received(firm, await confirmed(firm, quantity), quantity)


async def reserved(
    firm: Firm, quantity: str = "4", *, hours: int = 24, after: timedelta = timedelta(0), **told: Any
) -> UUID:
    lines = told.pop("lines", None) or [ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(quantity))]
    asked = {"customer": ref(firm["customer"]), "held_until": TODAY + hours * HOUR, "lines": lines} | told
    return await firm.database.perform(keeper(firm, after), CreateReservation(**asked))


async def release(firm: Firm, id: UUID, *, after: timedelta = timedelta(0), **told: Any) -> UUID:
    return await firm.database.perform(keeper(firm, after), ReleaseReservation(id=ref(id), **told))


async def reschedule(firm: Firm, id: UUID, until: datetime, *, after: timedelta = timedelta(0)) -> UUID:
    return await firm.database.perform(keeper(firm, after), RescheduleReservation(id=ref(id), held_until=until))


async def at(firm: Firm, after: timedelta = timedelta(0), place: str = "receiving") -> tuple[Decimal, Decimal, Decimal]:
    """On hand, reserved and available, as they are read some time later."""
    later = replace(firm, actors=firm.actors | {"viewer": keeper(firm, after)})
    found = await rows(later, Position, product_id=firm["bolt"], location_id=firm[place])
    return (found[0].on_hand, found[0].reserved, found[0].available) if found else (Decimal(0),) * 3


async def types_of(firm: Firm, id: UUID) -> list[str]:
    from tests.domain.test_recording import types_of as told

    return await told(firm, id)


async def outside(firm: Firm) -> UUID:
    """The place of customers."""

    def place(work: Work) -> UUID:
        return work.add(Location(company_id=firm.company, code="CUSTOMER", name="Customers", kind="customer")).id

    known = await rows(firm, Location, code="CUSTOMER")
    return known[0].id if known else await firm.database.transact(firm.actor("administrator"), place)


async def some_line(firm: Firm) -> UUID:
    """The line of a paper that stands for a delivery, and is in force."""
    order = await written(firm)
    await act(firm, "buyer", "Submit", order)
    return (await lines_of(firm, order))[0].id


async def issue(
    firm: Firm, quantity: str, *, claim: Claim | None = None, line: UUID | None = None, after: timedelta = timedelta(0)
) -> None:
    """Take goods out to the customer, for a line of any paper."""
    line = line or await some_line(firm)
    leg = Leg(
        product=firm["bolt"], origin=firm["receiving"], target=await outside(firm), quantity=Decimal(quantity),
        line=line, claim=claim,
    )  # fmt: skip
    await moved(firm, [leg], after=after)


async def moved(firm: Firm, legs: list[Leg], *, after: timedelta = timedelta(0)) -> None:
    post = partial(ledger.post, company=firm.company, legs=legs, dated=TODAY.date())
    await firm.database.transact(keeper(firm, after), post)


async def whole(firm: Firm, after: timedelta = timedelta(0)) -> None:
    async with firm.database.session(keeper(firm, after)) as session:
        assert await session.run_sync(verify) == []


def the_customer(firm: Firm, line: UUID | None = None) -> Claim:
    return Claim(firm["customer"], line)


async def test_what_is_reserved_is_there_but_not_available(firm: Firm) -> None:
    await stocked(firm)
    id = await reserved(firm)
    assert await at(firm) == (10, 4, 6)
    found = await paper(firm, id)
    assert (found.number, found.state, found.partner_id) == ("RS2026-00001", "active", firm["customer"])
    assert [(one.quantity, one.open_quantity, one.location_id) for one in await lines_of(firm, id)] == [
        (4, 4, firm["receiving"])
    ]
    assert await types_of(firm, id) == ["reservation.created"]
    await whole(firm)


async def test_its_time_is_over_by_the_hour_and_nobody_has_to_say_so(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, hours=2)
    assert await at(firm, HOUR) == (10, 4, 6)
    assert await at(firm, 2 * HOUR) == (10, 0, 10)
    await reserved(firm, "10", after=2 * HOUR)
    await whole(firm, 2 * HOUR)


async def test_more_than_there_is_cannot_be_reserved(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "7")
    with pytest.raises(InsufficientStock, match="Only 10 on hand at this location, of which 7 reserved") as refused:
        await reserved(firm, "4")
    assert refused.value.path == ("lines", 0, "quantity")
    told = refused.value.details
    assert (told["on_hand"], told["reserved"], told["available"], told["product"]) == (10, 7, 3, firm["bolt"])
    line = ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(2))
    with pytest.raises(InsufficientStock) as refused:
        await reserved(firm, lines=[line, line])
    assert refused.value.path == ("lines", 1, "quantity")
    assert len(await rows(firm, Document, kind="reservation")) == 1


async def test_of_many_who_want_the_last_piece_at_once_one_gets_it(firm: Firm) -> None:
    await stocked(firm, "1")
    outcomes = await asyncio.gather(*(reserved(firm, "1") for _ in range(8)), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == [*["InsufficientStock"] * 7, "UUID"]
    assert await at(firm) == (1, 1, 0)
    await whole(firm)


async def test_boxes_are_kept_as_pieces(firm: Firm) -> None:
    await stocked(firm, "30")
    box = ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(2), unit=ref(firm["box"]))
    id = await reserved(firm, lines=[box])
    assert [(one.quantity, one.unit_id) for one in await lines_of(firm, id)] == [(24, firm["piece"])]
    assert await at(firm) == (30, 24, 6)


async def test_nobody_else_takes_what_is_reserved(firm: Firm) -> None:
    receipt = await stocked(firm)
    id = await reserved(firm)
    with pytest.raises(InsufficientStock) as refused:
        await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="wrong"))
    assert refused.value.details["available"] == 6
    with pytest.raises(InsufficientStock):
        await issue(firm, "7")
    with pytest.raises(InsufficientStock):
        await issue(firm, "7", claim=Claim(firm["vendor"]))
    await issue(firm, "6")
    assert await at(firm) == (4, 4, 0)
    await release(firm, id)
    await issue(firm, "4")
    assert await at(firm) == (0, 0, 0)
    await whole(firm)


async def test_a_receipt_is_reversed_once_what_was_reserved_is_let_go_or_over(firm: Firm) -> None:
    receipt = await stocked(firm)
    await reserved(firm, hours=1)
    await firm.database.perform(keeper(firm, HOUR), ReverseReceipt(id=ref(receipt), reason="wrong"))
    assert await at(firm, HOUR) == (0, 0, 0)
    await whole(firm, HOUR)


async def test_the_customer_uses_up_what_was_kept_for_him(firm: Firm) -> None:
    await stocked(firm)
    late, soon = await reserved(firm, "4", hours=48), await reserved(firm, "3", hours=24)
    await issue(firm, "5", claim=the_customer(firm))
    assert await at(firm) == (5, 2, 3)
    assert ((await paper(firm, soon)).state, (await paper(firm, late)).state) == ("used_up", "active")
    assert [one.open_quantity for one in await lines_of(firm, late)] == [2]
    assert await types_of(firm, soon) == ["reservation.created", "reservation.used", "reservation.used_up"]
    assert sorted(one.quantity for one in await rows(firm, LineLink, relation="uses")) == [2, 3]
    await whole(firm)


async def test_the_customer_may_take_what_is_free_beyond_it(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "4")
    with pytest.raises(InsufficientStock):
        await issue(firm, "11", claim=the_customer(firm))
    await issue(firm, "10", claim=the_customer(firm))
    assert await at(firm) == (0, 0, 0)


async def test_what_is_kept_for_one_order_is_not_for_another(firm: Firm) -> None:
    await stocked(firm)
    mine, other = [await ordered_by_the_customer(firm) for _ in range(2)]
    kept = ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(8), line=ref(mine))
    id = await reserved(firm, lines=[kept])
    with pytest.raises(InsufficientStock):
        await issue(firm, "3", claim=the_customer(firm, other))
    with pytest.raises(InsufficientStock):
        await issue(firm, "3", claim=the_customer(firm))
    await issue(firm, "3", claim=the_customer(firm, mine))
    assert [one.open_quantity for one in await lines_of(firm, id)] == [5]
    assert [one.to_line_id for one in await rows(firm, LineLink, relation="reserves")] == [mine]
    lines = [OrderLine(product=ref(firm["bolt"]), unit=ref(firm["box"]), quantity=Decimal(2), unit_price=Decimal(9))]
    boxes = await ordered_by_the_customer(firm, lines=lines)
    await reserved(firm, lines=[ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(2), line=ref(boxes))])
    (link,) = await rows(firm, LineLink, relation="reserves", to_line_id=boxes)
    assert link.quantity == Decimal("0.166667")
    await whole(firm)


async def ordered_by_the_customer(firm: Firm, **asked: Any) -> UUID:
    """The line of a paper that is the customer's."""
    order = await written(firm, **asked)

    def hand_over(work: Work) -> None:
        work.find(Document, order).partner_id = firm["customer"]

    await firm.database.transact(firm.actor("administrator"), hand_over)
    return (await lines_of(firm, order))[0].id


async def test_a_line_of_somebody_elses_paper_cannot_be_reserved_for(firm: Firm) -> None:
    await stocked(firm)
    foreign = (await lines_of(firm, await written(firm)))[0].id
    for line, refusal in ((foreign, BadInput), (firm["bolt"], NotFound)):
        with pytest.raises(refusal) as refused:
            await reserved(firm, lines=[ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(1), line=ref(line))])
        assert refused.value.path == ("lines", 0, "line")
    mine = await ordered_by_the_customer(firm)
    with pytest.raises(BadInput, match="another product"):
        await reserved(firm, lines=[ReservedLine(product=ref(firm["wire"]), quantity=Decimal(1), line=ref(mine))])


@pytest.mark.parametrize("then", ["nothing", "release", "wait"])
async def test_goods_that_come_back_are_kept_again(firm: Firm, then: str) -> None:
    await stocked(firm)
    id = await reserved(firm, "4", hours=24)
    await issue(firm, "3", claim=the_customer(firm))
    after = 24 * HOUR if then == "wait" else HOUR
    if then == "release":
        await release(firm, id)
    (move,) = await rows(firm, Move, from_location_id=firm["receiving"])
    back = Leg(
        product=firm["bolt"], origin=move.to_location_id, target=firm["receiving"], quantity=move.quantity,
        line=await some_line(firm), reverses=move.id,
    )  # fmt: skip
    await cancelled(firm, move.line_id)
    await moved(firm, [back], after=after)
    assert await at(firm, after) == {"nothing": (10, 4, 6), "release": (10, 0, 10), "wait": (10, 0, 10)}[then]
    (line,) = await lines_of(firm, id)
    assert (line.open_quantity, line.closed) == ((0, 4) if then == "release" else (4, 0))
    assert (await types_of(firm, id))[-1] == "reservation.taken_back"
    await whole(firm, after)


async def cancelled(firm: Firm, line: UUID) -> None:
    """The paper that took the goods counts no more."""

    def call_off(work: Work) -> None:
        work.find(Document, work.find(Line, line).document_id).state = "cancelled"

    await firm.database.transact(firm.actor("administrator"), call_off)


async def test_a_used_up_reservation_is_active_again_when_the_goods_come_back(firm: Firm) -> None:
    await stocked(firm)
    id = await reserved(firm, "4")
    await issue(firm, "4", claim=the_customer(firm))
    assert (await paper(firm, id)).state == "used_up"
    (move,) = await rows(firm, Move, from_location_id=firm["receiving"])
    await cancelled(firm, move.line_id)
    back = Leg(
        product=firm["bolt"],
        origin=move.to_location_id,
        target=firm["receiving"],
        quantity=move.quantity,
        reverses=move.id,
    )
    await moved(firm, [back])
    assert (await paper(firm, id)).state == "active"
    assert await at(firm) == (10, 4, 6)
    await whole(firm)


async def test_some_of_it_may_be_let_go(firm: Firm) -> None:
    await stocked(firm)
    id = await reserved(firm, "4")
    (line,) = await lines_of(firm, id)
    await release(firm, id, lines=[ReleasedLine(line=ref(line.id), quantity=Decimal(1))])
    assert await at(firm) == (10, 3, 7)
    with pytest.raises(BadInput, match="Only 3 are left") as refused:
        await release(firm, id, lines=[ReleasedLine(line=ref(line.id), quantity=Decimal(4))])
    assert refused.value.path == ("lines", 0, "quantity")
    await release(firm, id, lines=[ReleasedLine(line=ref(line.id), quantity=Decimal(3))], reason="no longer wanted")
    assert (await paper(firm, id)).state == "released"
    assert await types_of(firm, id) == ["reservation.created", "reservation.released", "reservation.released"]
    with pytest.raises(WrongState):
        await release(firm, id)
    await whole(firm)


async def test_it_gets_more_time_or_less(firm: Firm) -> None:
    await stocked(firm)
    id = await reserved(firm, "7", hours=2)
    await reschedule(firm, id, TODAY + 5 * HOUR)
    assert await at(firm, 4 * HOUR) == (10, 7, 3)
    await reschedule(firm, id, TODAY + HOUR)
    assert await at(firm, HOUR) == (10, 0, 10)
    with pytest.raises(BadInput, match="over"):
        await reschedule(firm, id, TODAY)
    await whole(firm)


async def test_when_its_time_was_over_it_gets_more_only_if_the_goods_are_still_free(firm: Firm) -> None:
    await stocked(firm)
    first = await reserved(firm, "6", hours=1)
    second = await reserved(firm, "6", hours=9, after=HOUR)
    with pytest.raises(InsufficientStock) as refused:
        await reschedule(firm, first, TODAY + 9 * HOUR, after=HOUR)
    assert (refused.value.path, refused.value.details["available"]) == (("lines", 0, "quantity"), 4)
    await release(firm, second, after=HOUR)
    await reschedule(firm, first, TODAY + 9 * HOUR, after=HOUR)
    assert await at(firm, HOUR) == (10, 6, 4)
    await whole(firm, HOUR)


async def test_that_its_time_is_over_is_told_once(firm: Firm) -> None:
    await stocked(firm)
    id, other = await reserved(firm, "4", hours=1), await reserved(firm, "1", hours=9)

    async def sweep(after: timedelta) -> int:
        return await firm.database.transact(keeper(firm, after), expire)

    assert await sweep(timedelta(0)) == 0
    assert sorted(await asyncio.gather(*(sweep(HOUR) for _ in range(4)))) == [0, 0, 0, 1]
    assert await sweep(2 * HOUR) == 0
    assert await types_of(firm, id) == ["reservation.created", "reservation.expired"]
    assert (await paper(firm, id)).state == "active"
    await reschedule(firm, id, TODAY + 3 * HOUR, after=2 * HOUR)
    assert await sweep(3 * HOUR) == 1
    assert (await types_of(firm, id))[-2:] == ["reservation.rescheduled", "reservation.expired"]
    assert await types_of(firm, other) == ["reservation.created"]


async def test_what_makes_no_sense_is_refused_at_its_path(firm: Firm) -> None:
    await stocked(firm)
    bolt = ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(1))
    for path, told in {
        ("heldUntil",): {"held_until": TODAY},
        ("customer",): {"customer": ref(firm["vendor"])},
        ("location",): {"location": ref(firm["losses"])},
        ("lines",): {"lines": [bolt] * 1001},
        ("lines", 0, "quantity"): {"lines": [replace(bolt, quantity=Decimal("0.5"))]},
        ("lines", 0, "location"): {"lines": [replace(bolt, location=ref(firm["losses"]))]},
        ("lines", 0, "unit"): {"lines": [replace(bolt, unit=ref(firm["kilogram"]))]},
        ("note",): {"note": "\0"},
    }.items():
        with pytest.raises(BadInput) as refused:
            await reserved(firm, **told)
        assert refused.value.path == path
    with pytest.raises(Refused) as both:
        await reserved(firm, lines=[replace(bolt, product=ref(firm["box"])), replace(bolt, quantity=Decimal(0))])
    assert [one.path for one in both.value.each] == [("lines", 0, "product"), ("lines", 1, "quantity")]


async def test_who_may_not_reserve_is_told_so(firm: Firm) -> None:
    await stocked(firm)
    line = ReservedLine(product=ref(firm["bolt"]), quantity=Decimal(1))
    with pytest.raises(Forbidden):
        await firm.database.perform(
            firm.actor("viewer"),
            CreateReservation(customer=ref(firm["customer"]), held_until=TODAY + HOUR, lines=[line]),
        )


@pytest.mark.parametrize("change", [release, partial(reschedule, until=TODAY + 9 * HOUR)])
async def test_using_and_changing_at_once_keeps_the_sums_right(firm: Firm, change: Callable[..., Any]) -> None:
    await stocked(firm)
    id = await reserved(firm, "8")
    claim = the_customer(firm)
    lines = [await some_line(firm) for _ in range(6)]
    await outside(firm)
    await asyncio.gather(
        *(issue(firm, "1", claim=claim, line=line) for line in lines), change(firm, id), reserved(firm, "2"),
        return_exceptions=True,
    )  # fmt: skip
    on_hand, kept, available = await at(firm)
    assert on_hand - kept == available >= 0
    await whole(firm)
