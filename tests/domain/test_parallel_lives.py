"""Many sessions at the same papers and goods: every sum is right, no limit exceeded, and nobody waits in a circle."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import timedelta
from decimal import Decimal
from functools import partial
from uuid import UUID

import asyncpg
import pytest

from domain.drafts.lines import OrderLine
from domain.flow.receiving import ReceivedLine
from domain.flow.taking import BilledLine, ReturnedLine, TakenLine
from domain.kernel.documents import Document
from domain.kernel.errors import Conflict, Refused
from domain.kernel.work import Database
from domain.stock.reserving import ReservedLine
from tests.domain.test_papers import do, line, on_hand
from tests.domain.test_purchase import lines_of, ref, rows, written
from tests.domain.test_verification import differences, sealed
from tests.firm import TODAY, Firm

D = Decimal
SESSIONS = 20


@pytest.fixture
async def crowd(firm: Firm) -> AsyncIterator[Firm]:
    """The firm with a connection for everybody."""
    database = Database(firm.database.url, size=SESSIONS)
    yield firm.at(database, firm.owner_url)
    await database.close()


Doing = Callable[[], Awaitable[UUID]]


async def at_once(firm: Firm, doings: Sequence[Doing]) -> list[UUID | Refused]:
    """Everybody does theirs at the same time, again where others take too long; all else is refused by a rule."""
    found = await asyncio.gather(*map(patiently, doings))
    await sealed(firm)
    assert await differences(firm) == []
    return found


async def patiently(doing: Doing) -> UUID | Refused:
    while True:
        try:
            return await doing()
        except Conflict:
            continue
        except Refused as refused:
            return refused


async def circles(firm: Firm) -> int:
    """How many deadlocks there were in the firm's database."""
    connection = await asyncpg.connect(firm.owner_url)
    await asyncio.sleep(1.1)
    found = await connection.fetchval("select deadlocks from pg_stat_database where datname = current_database()")
    await connection.close()
    return int(found)


async def ordered(firm: Firm, *words: str, quantity: str = "60") -> UUID:
    lines = [OrderLine(product=ref(firm[word]), quantity=D(quantity), unit_price=D(1)) for word in words]
    order = await written(firm, lines=lines)
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    return await do(firm, "buyer", "ConfirmPurchaseOrder", id=ref(order))


async def came(firm: Firm, order: UUID, quantity: str) -> UUID:
    lines = [ReceivedLine(line=ref(one.id), quantity=D(quantity)) for one in await lines_of(firm, order)]
    return await do(firm, "storekeeper", "ReceivePurchaseOrder", id=ref(order), lines=lines)


async def returned(firm: Firm, receipt: UUID, quantity: str) -> UUID:
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(quantity), reason="dull", replace=True)]
    return await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)


async def paid_for(firm: Firm, receipt: UUID, number: str) -> UUID:
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference=number)
    return await do(firm, "accountant", "PostVendorBill", id=ref(bill))


async def sold(firm: Firm, quantity: str = "40") -> UUID:
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(quantity), unit_price=D(2))]
    order = await do(firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]), lines=lines)
    return await do(firm, "seller", "ConfirmSalesOrder", id=ref(order))


async def gone(firm: Firm, order: UUID, quantity: str) -> UUID:
    lines = [TakenLine(line=ref((await line(firm, order)).id), quantity=D(quantity))]
    return await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order), lines=lines)


async def test_an_order_is_received_by_many_at_once_and_no_more_than_ordered_comes(crowd: Firm) -> None:
    order = await ordered(crowd, "bolt", "wire")
    found = await at_once(crowd, [partial(came, crowd, order, "7") for _ in range(SESSIONS)])
    assert Counter(isinstance(one, UUID) for one in found) == {True: 8, False: 12}
    assert [one.open_quantity for one in await lines_of(crowd, order)] == [4, 4]
    assert await on_hand(crowd) == 56


async def test_of_many_drafts_for_the_same_goods_as_many_are_posted_as_there_are_goods(crowd: Firm) -> None:
    receipt = await came(crowd, await ordered(crowd, "bolt"), "60")
    taken = [BilledLine(line=ref((await line(crowd, receipt)).id), quantity=D(9))]
    drafts = [
        await do(crowd, "accountant", "BillReceipt", id=ref(receipt), lines=taken, vendor_reference=str(number))
        for number in range(SESSIONS)
    ]
    found = await at_once(crowd, [partial(do, crowd, "accountant", "PostVendorBill", id=ref(id)) for id in drafts])
    assert Counter(isinstance(one, UUID) for one in found) == {True: 6, False: 14}
    numbers = sorted(one.number for one in await rows(crowd, Document, kind="vendor_bill", state="posted"))
    assert numbers == [f"VB2026-{at:05d}" for at in range(1, 7)]


async def test_whoever_names_orders_and_goods_in_another_order_waits_in_no_circle(crowd: Firm) -> None:
    one, other = await ordered(crowd, "bolt", "wire"), await ordered(crowd, "wire", "bolt")
    there = [*await lines_of(crowd, one), *await lines_of(crowd, other)]

    async def receive(at: int) -> UUID:
        lines = [ReceivedLine(line=ref(line.id), quantity=D(2)) for line in (there if at % 2 else reversed(there))]
        return await do(crowd, "storekeeper", "CreateReceipt", lines=lines)

    receipts = await at_once(crowd, [partial(receive, at) for at in range(SESSIONS)])
    assert all(isinstance(one, UUID) for one in receipts)
    mine = [line.id for id in receipts[:2] if isinstance(id, UUID) for line in await lines_of(crowd, id)]

    async def bill(at: int) -> UUID:
        lines = [BilledLine(line=ref(id), quantity=D(2)) for id in (mine if at % 2 else reversed(mine))]
        made = await do(crowd, "accountant", "ConsolidateVendorBill", lines=lines, vendor_reference=str(at))
        return await do(crowd, "accountant", "PostVendorBill", id=ref(made))

    found = await at_once(crowd, [partial(bill, at) for at in range(SESSIONS)])
    assert Counter(isinstance(one, UUID) for one in found) == {True: 1, False: 19}
    assert await circles(crowd) == 0


@pytest.mark.parametrize("seed", range(2))
async def test_many_do_everything_at_once_with_the_same_orders_and_goods(crowd: Firm, seed: int) -> None:
    chance = random.Random(seed)
    orders, sales = [await ordered(crowd, "bolt") for _ in range(2)], [await sold(crowd) for _ in range(2)]
    receipts = [await came(crowd, chance.choice(orders), "10") for _ in range(6)]
    deliveries = [await gone(crowd, chance.choice(sales), "5") for _ in range(4)]
    references = iter(range(1000))

    def doing() -> Doing:
        receipt, delivery = chance.choice(receipts), chance.choice(deliveries)
        order, sale = chance.choice(orders), chance.choice(sales)
        until = TODAY + timedelta(days=2)
        kept = [ReservedLine(product=ref(crowd["bolt"]), quantity=D(2))]
        return chance.choice([
            partial(came, crowd, order, "5"),
            partial(returned, crowd, receipt, "3"),
            partial(paid_for, crowd, receipt, str(next(references))),
            partial(do, crowd, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="x"),
            partial(gone, crowd, sale, "4"),
            partial(do, crowd, "storekeeper", "ReturnDelivery", id=ref(delivery)),
            partial(do, crowd, "storekeeper", "ReverseDelivery", id=ref(delivery), reason="x"),
            partial(do, crowd, "accountant", "InvoiceDelivery", id=ref(delivery)),
            partial(do, crowd, "buyer", "ClosePurchaseOrder", id=ref(order), reason="x"),
            partial(do, crowd, "buyer", "ReopenPurchaseOrder", id=ref(order)),
            partial(do, crowd, "seller", "CreateReservation", customer=ref(crowd["customer"]), held_until=until,
                lines=kept),
        ])  # fmt: skip

    for _ in range(2):
        await at_once(crowd, [doing() for _ in range(SESSIONS)])
    assert await on_hand(crowd) >= 0
    assert await circles(crowd) == 0


async def test_reserved_goods_are_delivered_and_let_go_by_many_at_once(crowd: Firm) -> None:
    await came(crowd, await ordered(crowd, "bolt"), "60")
    sales = [await sold(crowd, "20") for _ in range(2)]
    until = TODAY + timedelta(days=2)
    kept = [ReservedLine(product=ref(crowd["bolt"]), quantity=D(5))]
    reservations = [
        await do(crowd, "seller", "CreateReservation", customer=ref(crowd["customer"]), held_until=until, lines=kept)
        for _ in range(8)
    ]
    doings: list[Doing] = [partial(gone, crowd, sales[at % 2], "4") for at in range(10)]
    doings += [partial(do, crowd, "seller", "ReleaseReservation", id=ref(id)) for id in reservations[:5]]
    doings += [
        partial(do, crowd, "seller", "RescheduleReservation", id=ref(id), held_until=until + timedelta(days=1))
        for id in reservations[3:]
    ]
    random.Random(1).shuffle(doings)
    found = await at_once(crowd, doings)
    assert sum(isinstance(one, UUID) for one in found) > 12
    assert await circles(crowd) == 0
