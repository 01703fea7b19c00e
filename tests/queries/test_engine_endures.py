"""Reading goes on whatever happens to requests, connections and the database, and takes no more room with time."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import asyncpg
import pytest

from domain.kernel import outlook, tenancy
from domain.kernel.actor import Actor
from domain.kernel.outlook import Outlook
from domain.kernel.work import Database
from migrations.upgrade import application_url
from resolvers.context import Context
from resolvers.ids import global_id
from resolvers.keeping import Kept
from schema import answering
from tests.firm import BARE, Firm, found
from tests.queries.api import Client, client, house
from tests.queries.test_reading import ORDERS, order

VENDORS = "{ partners(filter: { isVendor: { eq: true } }) { totalCount nodes { id number purchaseOrders { totalCount } } } }"
NAMES = "{ partners { nodes { id name } } }"


@pytest.fixture(name="neighbour")
async def another_firm(firm: Firm, database_url: str) -> Firm:
    """Another tenant in the same database."""
    return await found(firm.database, database_url, tenant=2)


@pytest.fixture
async def narrow(firm: Firm, database_url: str) -> AsyncIterator[Firm]:
    """The firm behind a single connection."""
    database = Database(application_url(database_url, f"{BARE}_app"), size=1)
    yield replace(firm, database=database)
    await database.close()


def of_vendors(firm: Firm) -> set[str]:
    return {global_id("partner", firm[word]) for word in ("vendor", "other_vendor")}


async def vendors_seen(firm: Firm) -> set[str]:
    return {node["id"] for node in (await client(firm).ask(VENDORS))["partners"]["nodes"]}


async def pool_of(database: Database) -> Any:
    return await database.outlook._opened()


def at_times(actor: Actor) -> Actor:
    """The same in another moment each time, so that each statement is preceded by saying who looks."""
    moment = datetime.now(UTC)
    return replace(actor, clock=lambda: moment)


@asynccontextmanager
async def owned(firm: Firm) -> AsyncIterator[Any]:
    """A connection of the owner's."""
    connection = await asyncpg.connect(firm.owner_url)
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("times", [100, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_requests_that_are_cancelled_harm_no_other(firm: Firm, neighbour: Firm, times: int) -> None:
    await order(firm, "3")
    began = asyncio.get_running_loop().time()
    await client(firm).ask(ORDERS)
    usual = asyncio.get_running_loop().time() - began

    async def cancelled(who: Client, query: str) -> bool:
        task = asyncio.create_task(house().answer(query, {}, who.context()))
        await asyncio.sleep(random.uniform(0, usual))
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return task.cancelled()

    broken = 0
    for turn in range(0, times, 20):
        firms = [firm, neighbour] * 10
        asked = [Client(one, at_times(one.actor("buyer"))) for one in firms]
        queries = [VENDORS, VENDORS, NAMES, ORDERS, VENDORS][turn % 5 :]
        broken += sum(await asyncio.gather(*(cancelled(one, random.choice(queries)) for one in asked)))
        assert await vendors_seen(firm) == of_vendors(firm)
        assert await vendors_seen(neighbour) == of_vendors(neighbour)
    assert broken > times / 4
    pool = await pool_of(firm.database)
    assert pool.get_idle_size() == pool.get_size() <= 10
    assert firm.database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
    async with owned(firm) as owner:
        busy = "select count(*) from pg_stat_activity where usename = $1 and datname = $2 and state <> 'idle'"
        assert await owner.fetchval(busy, f"{BARE}_app", firm.name) == 0


async def test_two_tenants_over_one_connection_never_see_each_other(narrow: Firm, neighbour: Firm) -> None:
    other = replace(neighbour, database=narrow.database)
    seen = await asyncio.gather(*(vendors_seen(one) for one in [narrow, other] * 25))
    assert seen == [of_vendors(narrow), of_vendors(other)] * 25
    assert (await pool_of(narrow.database)).get_size() == 1


async def test_a_statement_that_fails_leaves_nobody_with_the_wrong_tenant(narrow: Firm, neighbour: Firm) -> None:
    other = replace(neighbour, database=narrow.database)
    for one, next_ in ((narrow, other), (other, narrow), (narrow, narrow)):
        with pytest.raises(asyncpg.DivisionByZeroError):
            await narrow.database.outlook.rows(one.actor("buyer"), "select 1 / 0", [])
        assert await vendors_seen(next_) == of_vendors(next_)


async def test_being_cancelled_while_saying_who_looks_leaves_nobody_with_the_wrong_tenant(
    narrow: Firm, neighbour: Firm
) -> None:
    other = replace(neighbour, database=narrow.database)
    assert await vendors_seen(narrow) == of_vendors(narrow)
    connection = await pool_of(narrow.database)
    half_way = 0
    for steps in range(60):
        one, next_ = (narrow, other) if steps % 2 else (other, narrow)
        task = asyncio.create_task(narrow.database.outlook.rows(at_times(one.actor("buyer")), "select 1", []))
        for _ in range(steps):
            await asyncio.sleep(0)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        half_way += connection._holders[0]._con._sight is None
        assert await vendors_seen(next_) == of_vendors(next_), steps
    assert half_way


async def killed(firm: Firm) -> int:
    """Ends all connections of the application from outside, as a database that restarts does."""
    async with owned(firm) as owner:
        gone = "select count(pg_terminate_backend(pid)) from pg_stat_activity where usename = $1 and datname = $2"
        role = await asyncpg.connect(firm.database.url)
        count: int = await role.fetchval(gone + " and pid <> pg_backend_pid()", f"{BARE}_app", firm.name)
        await role.close()
        del owner
    return count


async def test_after_all_connections_were_lost_the_next_request_answers(firm: Firm) -> None:
    for _ in range(5):
        await asyncio.gather(*(vendors_seen(firm) for _ in range(8)))
        assert await killed(firm) > 1
        assert await asyncio.gather(*(vendors_seen(firm) for _ in range(8))) == [of_vendors(firm)] * 8


async def test_a_connection_lost_in_the_midst_of_a_statement_is_replaced(narrow: Firm) -> None:
    buyer = narrow.actor("buyer")
    await vendors_seen(narrow)
    running = asyncio.create_task(narrow.database.outlook.rows(buyer, "select pg_sleep(0.3)::text, 'there'", []))
    await asyncio.sleep(0.1)
    assert await killed(narrow) == 1
    assert [tuple(row) for row in await running] == [("", "there")]


async def test_what_is_gone_is_not_remembered(narrow: Firm) -> None:
    pool = await pool_of(narrow.database)
    for _ in range(3):
        await vendors_seen(narrow)
        await pool.expire_connections()
    await vendors_seen(narrow)
    assert pool.get_size() == 1
    assert not hasattr(narrow.database.outlook, "_looking")


async def test_an_outlook_on_a_database_that_is_away_looks_again(firm: Firm) -> None:
    away = Outlook("postgresql://nobody@127.0.0.1:9/nothing", size=2)
    with pytest.raises(OSError, match="onnect"):
        await away.rows(firm.actor("buyer"), "select 1", [])
    away._url = firm.database.url
    await away.close()
    assert len(await away.rows(firm.actor("buyer"), "select 1", [])) == 1
    await away.close()


async def rebuilt(firm: Firm, *changes: str) -> None:
    """The owner changes tables, and builds the walls anew."""
    async with owned(firm) as owner, owner.transaction():
        await owner.execute("drop schema read cascade")
        for change in changes:
            await owner.execute(change)
        for statement in tenancy.walls(f"{BARE}_app"):
            await owner.execute(statement)


CHANGES = [
    ("alter table partner add column shoe_size integer",),
    ("alter table partner drop column shoe_size",),
    ("alter table partner alter column name type varchar(200)",),
    ("alter table partner alter column name type text",),
    (),
]


async def test_a_plan_survives_that_tables_and_views_are_changed(firm: Firm) -> None:
    await order(firm, "3")
    first = await client(firm).ask(NAMES), await client(firm).ask(ORDERS)
    kept = len(house().engine.kept.held)
    for changes in CHANGES:
        await rebuilt(firm, *changes)
        assert (await client(firm).ask(NAMES), await client(firm).ask(ORDERS)) == first, changes
    assert len(house().engine.kept.held) == kept


async def pictured(firm: Firm) -> Any:
    async with firm.database.picture(firm.actor("buyer")) as session:
        context = Context(firm.database, None, firm.actor("buyer"), "picture", lent=session)
        answers = [await house().answer(NAMES, {}, context) for _ in range(2)]
        await context.end()
    return answers


async def test_in_a_picture_of_one_moment_a_changed_shape_is_told_and_the_next_picture_is_whole(narrow: Firm) -> None:
    assert [one.errors for one in await pictured(narrow)] == [[], []]
    await rebuilt(narrow, "alter table partner alter column name type varchar(200)")
    assert {one.errors[0].extensions["code"] for one in await pictured(narrow)} == {"CONFLICT"}
    whole = await pictured(narrow)
    assert [one.errors for one in whole] == [[], []]
    assert whole[0].data == whole[1].data


async def test_a_statement_that_takes_too_long_is_told_and_harms_nothing(narrow: Firm) -> None:
    await vendors_seen(narrow)
    pool = await pool_of(narrow.database)
    async with pool.acquire() as connection:
        await connection.execute("set statement_timeout = '100ms'")
    async with owned(narrow) as owner:
        async with owner.transaction():
            await owner.execute("lock table partner")
            assert {code for code, _ in await client(narrow).refused(VENDORS)} == {"INTERNAL"}
        assert await vendors_seen(narrow) == of_vendors(narrow)
    assert pool.get_idle_size() == pool.get_size() == 1


async def test_a_lock_that_does_not_come_free_is_told_as_busy(narrow: Firm) -> None:
    await vendors_seen(narrow)
    async with (await pool_of(narrow.database)).acquire() as connection:
        await connection.execute("set lock_timeout = '50ms'")
    async with owned(narrow) as owner, owner.transaction():
        await owner.execute("lock table partner")
        assert {code for code, _ in await client(narrow).refused(VENDORS)} == {"BUSY"}


async def test_who_waits_too_long_for_a_connection_is_told_so(narrow: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "QUEUE", 0.1)
    await vendors_seen(narrow)
    pool = await pool_of(narrow.database)
    async with pool.acquire():
        assert {code for code, _ in await client(narrow).refused(VENDORS)} == {"BUSY"}
    assert await vendors_seen(narrow) == of_vendors(narrow)


async def test_closing_does_not_wait_for_ever_for_what_runs(narrow: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outlook, "GRACE", 0.1)
    await vendors_seen(narrow)
    async with owned(narrow) as owner, owner.transaction():
        await owner.execute("lock table partner")
        running = [asyncio.create_task(client(narrow).refused(VENDORS)) for _ in range(3)]
        await asyncio.sleep(0.1)
        async with asyncio.timeout(2):
            await narrow.database.outlook.close()
            told = await asyncio.gather(*running)
        assert {code for codes in told for code, _ in codes} == {"INTERNAL"}
    assert narrow.database.outlook._pool is None
    assert await vendors_seen(narrow) == of_vendors(narrow)
