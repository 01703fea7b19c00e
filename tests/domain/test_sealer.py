"""No event is lost, doubled or told out of order, however long its transaction takes."""

from __future__ import annotations

import asyncio
import random
from uuid import UUID

import asyncpg
from sqlalchemy import text

from domain.kernel.work import Work
from domain.parties.partner import Partner
from tests.firm import Firm

WRITERS = 100


async def write(firm: Firm, number: int, chance: random.Random) -> UUID | None:
    """One transaction that makes a partner, takes its time, and now and then fails at the end."""
    spoilt, pause = chance.random() < 0.2, chance.random() / 5

    def act(work: Work) -> UUID:
        partner = work.add(Partner(number=f"W{number}", name=f"Writer {number}"))
        work.session.flush()
        work.session.execute(text("select pg_sleep(:pause)"), {"pause": pause})
        if spoilt:
            raise RuntimeError
        return partner.id

    try:
        return await firm.database.transact(firm.actor("buyer"), act)
    except RuntimeError:
        return None


async def seal_until(firm: Firm, done: asyncio.Event) -> None:
    connection = await asyncpg.connect(firm.owner_url)
    while not done.is_set() or await connection.fetchval("select unsealed_events()"):
        await connection.fetch("select seal_events(7)")
        await asyncio.sleep(0.005)
    await connection.close()


async def test_a_hundred_parallel_writers_lose_and_double_nothing(firm: Firm) -> None:
    done, chance = asyncio.Event(), random.Random(11)
    sealers = [asyncio.create_task(seal_until(firm, done)) for _ in range(2)]
    written = await asyncio.gather(*(write(firm, number, chance) for number in range(WRITERS)))
    done.set()
    await asyncio.gather(*sealers)
    committed = {one for one in written if one}
    assert 50 < len(committed) < WRITERS
    connection = await asyncpg.connect(firm.owner_url)
    told = await connection.fetch(
        "select e.record_id, s.position from event_seal s join event e on e.id = s.event_id "
        "where e.actor_name = 'buyer' order by s.position"
    )
    positions = [row["position"] for row in await connection.fetch("select position from event_seal order by 1")]
    await connection.close()
    assert len(told) == len(committed)
    assert {row["record_id"] for row in told} == committed
    assert positions == list(range(1, len(positions) + 1))


async def test_an_event_waits_for_an_older_transaction_that_is_still_open(firm: Firm) -> None:
    older = await asyncpg.connect(firm.owner_url)
    transaction = older.transaction()
    await transaction.start()
    await older.execute("select pg_current_xact_id()")
    await write(firm, 1, random.Random(2))
    other = await asyncpg.connect(firm.owner_url)
    await other.fetch("select seal_events(1000)")
    waiting = await other.fetchval("select unsealed_events()")
    await transaction.rollback()
    await other.fetch("select seal_events(1000)")
    left = await other.fetchval("select unsealed_events()")
    await older.close()
    await other.close()
    assert (waiting, left) == (1, 0)
