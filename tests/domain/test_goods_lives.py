"""Whatever is done with goods in whatever order, they are neither made nor lost, and never promised twice."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from domain import verbs
from domain.drafts.lines import OrderLine
from domain.flow.taking import TakenLine
from domain.kernel.commands import COMMANDS
from domain.kernel.errors import Refused
from domain.sales.writing import CreateSalesOrder
from domain.stock.expiring import expire
from domain.stock.move import Move, Position
from domain.stock.reserving import ReservedLine
from domain.verification import verify
from domain.warehouse.writing import AdjustedLine, CreateStockAdjustment, CreateStockTransfer, MovedLine
from tests.domain.test_purchase import lines_of, paper, ref
from tests.domain.test_reservations import (
    HOUR,
    at,
    keeper,
    outside,
    release,
    reschedule,
    reserved,
    stocked,
    types_of,
    whole,
)
from tests.domain.trader import in_order
from tests.firm import TODAY, Firm

PLACES = ("receiving", "shelf")
assert verbs


async def ordered(firm: Firm, quantity: str) -> tuple[UUID, UUID]:
    """A confirmed order of the customer, and its line."""
    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(quantity), unit_price=Decimal(2))
    asked = CreateSalesOrder(customer=ref(firm["customer"]), lines=[line])
    order = await firm.database.perform(firm.actor("seller"), asked)
    await firm.database.perform(firm.actor("seller"), COMMANDS["ConfirmSalesOrder"](id=ref(order)))
    return order, (await lines_of(firm, order))[0].id


async def delivered(firm: Firm, order: UUID, line: UUID, quantity: str, *, hours: int = 0) -> UUID:
    await outside(firm)
    taken = TakenLine(line=ref(line), quantity=Decimal(quantity))
    asked = COMMANDS["DeliverSalesOrder"](id=ref(order), lines=[taken])
    return await firm.database.perform(keeper(firm, hours * HOUR), asked)


async def undo(firm: Firm, kind: str, id: UUID, *, hours: int = 0) -> UUID:
    asked = COMMANDS[f"Reverse{kind}"](id=ref(id), reason="taken back")
    return await firm.database.perform(keeper(firm, hours * HOUR), asked)


async def test_a_delivery_uses_what_was_reserved_for_its_order_first(firm: Firm) -> None:
    await stocked(firm)
    order, line = await ordered(firm, "4")
    any_order = await reserved(firm, "3", hours=1)
    bolt = {"product": ref(firm["bolt"])}
    mine = await reserved(firm, lines=[ReservedLine(**bolt, quantity=Decimal(4), line=ref(line))])
    await outside(firm)
    with in_order(firm.database):
        delivery = await delivered(firm, order, line, "4")
    assert [(await paper(firm, id)).state for id in (mine, any_order)] == ["used_up", "active"]
    assert await at(firm) == (6, 3, 3)
    await undo(firm, "Delivery", delivery)
    assert (await paper(firm, mine)).state == "active"
    assert await at(firm) == (10, 7, 3)
    assert (await types_of(firm, mine))[1:] == [f"reservation.{word}" for word in ("used", "used_up", "taken_back")]
    await whole(firm)


async def test_what_another_has_reserved_is_not_delivered(firm: Firm) -> None:
    await stocked(firm)
    (_, mine), (order, line) = await ordered(firm, "8"), await ordered(firm, "4")
    bolt = {"product": ref(firm["bolt"])}
    await reserved(firm, lines=[ReservedLine(**bolt, quantity=Decimal(8), line=ref(mine))])
    with pytest.raises(Refused, match="8 reserved for others"):
        await delivered(firm, order, line, "4")
    await delivered(firm, order, line, "2")
    await whole(firm)


async def test_deliveries_and_changes_of_a_reservation_at_once_keep_every_sum_right(firm: Firm) -> None:
    await stocked(firm, "20")
    order, line = await ordered(firm, "20")
    id = await reserved(firm, "12")
    await outside(firm)
    outcomes = await asyncio.gather(
        *(delivered(firm, order, line, "2") for _ in range(5)),
        *(reserved(firm, "3") for _ in range(4)),
        reschedule(firm, id, TODAY + 9 * HOUR),
        release(firm, id),
        return_exceptions=True,
    )
    assert [one for one in outcomes if not isinstance(one, UUID | Refused)] == []
    on_hand, kept, available = await at(firm)
    assert on_hand - kept == available >= 0
    await whole(firm)


class Life:
    """Anything that may happen to goods, by chance."""

    def __init__(self, firm: Firm, seed: int) -> None:
        self.firm, self.chance = firm, random.Random(seed)
        self.hours = 0
        self.reservations: list[UUID] = []
        self.papers: list[tuple[str, UUID]] = []
        self.orders: list[tuple[UUID, UUID]] = []

    async def live(self, steps: int) -> list[str]:
        done = []
        for _ in range(steps):
            act: Callable[[], Awaitable[Any]] = self.chance.choice(self.acts)
            try:
                await act()
                done.append(act.__name__)
            except Refused:
                continue
            await sound(self.firm, self.hours)
        return done

    @property
    def acts(self) -> list[Callable[[], Awaitable[Any]]]:
        return [
            self.receive, self.reserve, self.reserve, self.let_go, self.reschedule, self.adjust, self.transfer,
            self.order, self.deliver, self.deliver, self.reverse, self.reverse, self.write_off, self.arrive, self.wait,
        ]  # fmt: skip

    def some(self, most: int = 6) -> Decimal:
        return Decimal(self.chance.randint(1, most))

    def here(self) -> Any:
        return ref(self.firm[self.chance.choice(PLACES)])

    async def perform(self, command: Any) -> UUID:
        return await self.firm.database.perform(keeper(self.firm, self.hours * HOUR), command)

    async def receive(self) -> None:
        self.papers.append(("Receipt", await stocked(self.firm, str(self.some()))))

    async def reserve(self) -> None:
        order = self.chance.choice([None, *self.orders])
        line = ReservedLine(
            product=ref(self.firm["bolt"]),
            quantity=self.some(),
            location=self.here(),
            line=ref(order[1]) if order else None,
        )
        until = self.hours + self.chance.randint(1, 5)
        self.reservations.append(await reserved(self.firm, lines=[line], hours=until, after=self.hours * HOUR))

    async def let_go(self) -> None:
        if self.reservations:
            await release(self.firm, self.chance.choice(self.reservations), after=self.hours * HOUR)

    async def reschedule(self) -> None:
        if self.reservations:
            until = TODAY + (self.hours + self.chance.randint(1, 5)) * HOUR
            await reschedule(self.firm, self.chance.choice(self.reservations), until, after=self.hours * HOUR)

    async def adjust(self) -> None:
        change = self.chance.choice(
            [{"counted": self.some()}, {"difference": self.some(3) * self.chance.choice([1, -1])}]
        )
        line = AdjustedLine(product=ref(self.firm["bolt"]), location=self.here(), reason="counted", **change)
        id = await self.perform(CreateStockAdjustment(lines=[line]))
        await self.perform(COMMANDS["PostStockAdjustment"](id=ref(id)))
        self.papers.append(("StockAdjustment", id))

    async def transfer(self) -> None:
        line = MovedLine(product=ref(self.firm["bolt"]), quantity=self.some(), location=self.here())
        id = await self.perform(CreateStockTransfer(lines=[line], destination=self.here()))
        verb = self.chance.choice(["Post", "Ship", "Ship"])
        await self.perform(COMMANDS[f"{verb}StockTransfer"](id=ref(id)))
        self.papers.append(("StockTransfer", id))

    async def arrive(self) -> None:
        for id in self.of("StockTransfer"):
            await self.perform(COMMANDS["ReceiveStockTransfer"](id=ref(id)))

    async def write_off(self) -> None:
        for id in self.of("StockTransfer"):
            self.papers.append(("StockAdjustment", await self.perform(COMMANDS["WriteOffStockTransfer"](id=ref(id)))))

    async def order(self) -> None:
        self.orders.append(await ordered(self.firm, str(self.some())))

    async def deliver(self) -> None:
        if self.orders:
            order = self.chance.choice(self.orders)
            id = await delivered(self.firm, *order, str(self.some()), hours=self.hours)
            self.papers.append(("Delivery", id))

    async def reverse(self) -> None:
        if self.papers:
            await undo(self.firm, *self.chance.choice(self.papers), hours=self.hours)

    async def wait(self) -> None:
        self.hours += 1
        await self.firm.database.transact(keeper(self.firm, self.hours * HOUR), expire)

    def of(self, kind: str) -> list[UUID]:
        """The last paper of a kind, if there is one."""
        return [id for name, id in self.papers if name == kind][-1:]


async def sound(firm: Firm, hours: int = 0) -> None:
    """Nothing was made or lost, and nothing promised that is not there."""
    table = Move.__table__.c

    def balance(session: Session) -> tuple[Decimal, Decimal]:
        came = select(func.coalesce(func.sum(table.quantity), 0)).where(table.product_id == firm["bolt"])
        home = [firm[place] for place in PLACES]
        inside = session.scalar(came.where(table.to_location_id.in_(home), table.from_location_id.not_in(home)))
        gone = session.scalar(came.where(table.from_location_id.in_(home), table.to_location_id.not_in(home)))
        there = session.scalar(
            select(func.coalesce(func.sum(Position.on_hand), 0)).where(Position.product_id == firm["bolt"])
        )
        return (inside or Decimal(0)) - (gone or Decimal(0)), there or Decimal(0)

    async with firm.database.picture(keeper(firm)) as session:
        moved, there = await session.run_sync(balance)
    assert moved == there >= 0
    for place in PLACES:
        on_hand, kept, available = await at(firm, hours * HOUR, place)
        assert on_hand - kept == available >= 0


@pytest.mark.parametrize("seed", [*range(6), *(pytest.param(more, marks=pytest.mark.soak) for more in range(6, 60))])
async def test_goods_are_neither_made_nor_lost_and_never_promised_twice(firm: Firm, seed: int) -> None:
    await outside(firm)
    await stocked(firm)
    life = Life(firm, seed)
    done = await life.live(40)
    assert len(set(done)) > 5
    async with firm.database.session(keeper(firm, life.hours * HOUR)) as session:
        assert await session.run_sync(verify) == []


async def test_lives_side_by_side_keep_the_sums_right(firm: Firm) -> None:
    await outside(firm)
    await asyncio.gather(*(Life(firm, seed).live(15) for seed in range(20, 24)))
    await whole(firm)
