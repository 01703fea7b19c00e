"""Reading goes on whatever happens to requests, connections and the database, and takes no more room with time."""

from __future__ import annotations

import asyncio
import gc
import os
import random
import re
import signal
import time
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.kernel import outlook, tenancy
from domain.kernel.actor import Actor
from domain.kernel.outlook import Outlook
from domain.kernel.work import Database
from migrations.embedded import Cluster
from migrations.upgrade import application_url, upgrade
from resolvers.context import Context
from resolvers.ids import global_id
from resolvers.reads import engine
from schema import answering
from tests.firm import BARE, Firm, found, furnished
from tests.queries.api import Client, client, house, statements
from tests.queries.test_reading import ORDERS, order

VENDORS = """{ partners(filter: { isVendor: { eq: true } }) {
  totalCount nodes { id number purchaseOrders { totalCount } } } }"""
BATCH = 20
NAMES = "{ partners { nodes { id name } } }"
ONESELF = "{ me { user { account } } }"
"""Not everybody sees accounts, so the database tells them as they are."""
NAMED = "query ($ids: [ID!]!) { nodes(ids: $ids) { id ... on Partner { name } } }"


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


async def usually(firm: Firm, query: str) -> float:
    """How long a batch of requests takes."""
    for _ in range(2):
        began = asyncio.get_running_loop().time()
        await asyncio.gather(*(client(firm).ask(query) for _ in range(BATCH)))
    return asyncio.get_running_loop().time() - began


@pytest.mark.parametrize("times", [100, pytest.param(1_000, marks=pytest.mark.soak)])
async def test_requests_that_are_cancelled_harm_no_other(firm: Firm, neighbour: Firm, times: int) -> None:
    await order(firm, "3")
    usual = {query: await usually(firm, query) for query in (VENDORS, NAMES, ORDERS)}

    async def cancelled(who: Client, query: str) -> tuple[bool, bool]:
        task = asyncio.create_task(house().answer(query, {}, who.context()))
        await asyncio.sleep(random.uniform(0, usual[query]))
        was_told = task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        return was_told, task.cancelled()

    told = obeyed = 0
    for query in random.choices(list(usual), k=times // BATCH):
        asked = [Client(one, at_times(one.actor("buyer"))) for one in [firm, neighbour] * (BATCH // 2)]
        ends = await asyncio.gather(*(cancelled(one, query) for one in asked))
        told, obeyed = told + sum(one for one, _ in ends), obeyed + sum(one for _, one in ends)
        assert await vendors_seen(firm) == of_vendors(firm)
        assert await vendors_seen(neighbour) == of_vendors(neighbour)

    assert told > times / 4
    assert obeyed > told * 0.9
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
    """Ends all connections of the application, as a database that restarts does."""
    gone = """select count(pg_terminate_backend(pid)) from pg_stat_activity
        where usename = current_user and datname = current_database() and pid <> pg_backend_pid()"""
    connection = await asyncpg.connect(firm.database.url)
    count: int = await connection.fetchval(gone)
    await connection.close()
    return count


async def test_after_all_connections_were_lost_the_next_request_answers(firm: Firm) -> None:
    for _ in range(5):
        await asyncio.gather(*(vendors_seen(firm) for _ in range(8)))
        assert await killed(firm) > 1
        assert await asyncio.gather(*(vendors_seen(firm) for _ in range(8))) == [of_vendors(firm)] * 8


async def test_connections_whose_loss_nobody_noticed_yet_are_replaced(firm: Firm) -> None:
    for _ in range(5):
        await asyncio.gather(*(vendors_seen(firm) for _ in range(8)))
        there = [holder._con for holder in (await pool_of(firm.database))._holders if holder.is_connected()]
        for connection in there:
            os.kill(connection.get_server_pid(), signal.SIGTERM)
        time.sleep(0.2)  # noqa: ASYNC251 - the loop must not hear of it
        assert not any(connection.is_closed() for connection in there)
        assert await asyncio.gather(*(vendors_seen(firm) for _ in range(8))) == [of_vendors(firm)] * 8


DOABLE = "{ purchaseOrders { nodes { number availableActions { action } } } }"


async def test_what_python_reads_and_writes_goes_on_over_a_connection_that_was_lost(firm: Firm) -> None:
    await order(firm, "3")
    before = await client(firm).ask(DOABLE)
    for count in range(1, 4):
        await asyncio.gather(*(client(firm).ask(DOABLE) for _ in range(6)))
        assert await killed(firm) > 1
        assert await asyncio.gather(*(client(firm).ask(DOABLE) for _ in range(6))) == [before] * 6
        assert await killed(firm) > 1
        await order(firm, str(count))
        before = await client(firm).ask(DOABLE)
        assert len(before["purchaseOrders"]["nodes"]) == count + 1


@pytest.mark.soak
async def test_a_database_that_was_started_again_answers_at_once(tmp_path: Path) -> None:
    with Cluster(tmp_path / "postgres", durable=False) as cluster:
        await upgrade(cluster.url(BARE, "tradegraph"))
        pattern = await furnished(cluster)
        database = Database(application_url(pattern.owner_url, f"{BARE}_app"))
        firm = pattern.at(database, pattern.owner_url)
        assert await vendors_seen(firm) == of_vendors(firm)
        cluster.close()
        assert {code for code, _ in await client(firm).refused(VENDORS)} == {"INTERNAL"}
        cluster.open()
        assert await vendors_seen(firm) == of_vendors(firm)
        await database.close()


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


async def named(firm: Firm) -> Any:
    return await client(firm).ask(NAMED, ids=sorted(of_vendors(firm)))


async def test_a_plan_survives_that_tables_and_views_are_changed(firm: Firm) -> None:
    await order(firm, "3")
    first = await client(firm).ask(NAMES), await named(firm)
    kept = len(house().engine.kept.held)
    for changes in CHANGES:
        await rebuilt(firm, *changes)
        assert (await client(firm).ask(NAMES), await named(firm)) == first, changes
    assert len(house().engine.kept.held) == kept


async def pictured(firm: Firm) -> Any:
    async with firm.database.picture(firm.actor("buyer")) as session:
        context = Context(firm.database, None, firm.actor("buyer"), "picture", lent=session)
        answers = [await house().answer(ONESELF, {}, context) for _ in range(2)]
        await context.end()
    return answers


async def test_in_a_picture_of_one_moment_a_changed_shape_is_told_and_the_next_picture_is_whole(narrow: Firm) -> None:
    await order(narrow, "3")
    before = await pictured(narrow)
    await rebuilt(narrow, "alter table user_account alter column account type varchar(200)")
    changed, _ = await pictured(narrow)
    assert [error.extensions["code"] for error in changed.errors] == ["CONFLICT"]
    assert [one.data for one in await pictured(narrow)] == [one.data for one in before]
    assert [one.errors for one in before] == [[], []]


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


SHAPED = "query ($filter: PartnerFilter) { partners(filter: $filter) { nodes { id } } }"
WORDS = ("number", "name", "website", "note")
TESTS = ("eq", "startsWith", "contains", "ne")


def unlike(turn: int) -> tuple[str, dict[str, Any]]:
    """A question that is asked once: of a document, or of a filter's shape, that never came before."""
    if turn % 3:
        fields = " ".join(f"f{turn}_{one}: {word}" for one, word in enumerate(("id", *WORDS) * 3))
        return f"{{ of{turn}: partners(first: {turn % 200 + 1}) {{ nodes {{ {fields} }} }} }}", {}
    shape = [{WORDS[turn // 3 // 4**place % 4]: {TESTS[turn // 3 // 4**place // 4 % 4]: "x"}} for place in range(6)]
    return SHAPED, {"filter": {"or": shape}}


async def flood(who: Client, turns: range) -> None:
    """Many questions unlike each other and, now and then, one that is asked all the time."""
    for turn in turns:
        query, given = unlike(turn)
        assert (await who.answer(query, **given)).errors is None, query
        if turn % 10 == 0:
            await who.ask(VENDORS)


async def prepared(firm: Firm) -> tuple[int, int]:
    """How many statements the one connection keeps prepared, and of how many characters; one that goes may be there."""
    asked = "select count(*), sum(length(statement)) - max(length(statement)) from pg_prepared_statements"
    ((count, length),) = await firm.database.outlook.rows(firm.actor("buyer"), asked, [])
    return count, length


async def test_a_flood_of_different_questions_fills_nothing(narrow: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    plans, documents = house().engine.kept, house().answering.kept
    monkeypatch.setattr(plans, "_most", 1 << 20)
    monkeypatch.setattr(documents, "_most", 1 << 19)
    monkeypatch.setattr(outlook, "WEIGHT", 16 << 10)
    monkeypatch.setattr(outlook, "KEPT", 40)
    plans.clear()
    documents.clear()
    who = client(narrow)
    await who.ask(VENDORS)
    (hot,) = plans.held.values()
    tracemalloc.start()
    try:
        await flood(who, range(120))
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        await flood(who, range(120, 220))
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (plans.weight <= 1 << 20, documents.weight <= 1 << 19) == (True, True)
    assert 10 < len(plans.held) < 200
    assert any(one is hot for one in plans.held.values())
    count, length = await prepared(narrow)
    assert (5 < count <= 41, length <= 16 << 10) == (True, True)
    assert after - before < 1 << 20


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_a_long_flood_of_different_questions_fills_nothing(narrow: Firm) -> None:
    plans, documents = house().engine.kept, house().answering.kept
    who, sizes = client(narrow), [int(resident("self") / 1024)]
    for begin in range(0, 6_000, 1_000):
        await flood(who, range(begin, begin + 1_000))
        gc.collect()
        sizes.append(int(resident("self") / 1024))
    count, length = await prepared(narrow)
    backend = await narrow.database.outlook.rows(narrow.actor("buyer"), "select pg_backend_pid()", [])
    print(sizes, len(plans.held), plans.weight, len(documents.held), documents.weight)  # noqa: T201
    print(count, length, resident(backend[0][0]))  # noqa: T201
    assert (plans.weight <= engine.KEPT, documents.weight <= answering.KEPT) == (True, True)
    assert (count <= outlook.KEPT + 1, length <= outlook.WEIGHT) == (True, True)
    assert sizes[-1] - sizes[3] < 8
    assert resident(backend[0][0]) < 64 << 10


def resident(process: int | str) -> int:
    """KiB of memory that is a process's own."""
    found = re.search(r"RssAnon:\s+(\d+)", Path(f"/proc/{process}/status").read_text())
    assert found is not None
    return int(found[1])


async def test_a_null_where_none_may_be_is_told_at_its_place_whatever_the_database_composed(firm: Firm) -> None:
    await order(firm, "3")
    query = "{ purchaseOrders { nodes { currency lines { quantity unit { code } } } } }"
    assert (await client(firm).ask(query))["purchaseOrders"]["nodes"][0]["lines"][0]["unit"] is not None
    async with owned(firm) as owner:
        await owner.execute("alter table line alter column unit_id drop not null")
        await owner.execute("update line set unit_id = null")
    with statements(firm.database) as sent:
        answer = await client(firm).answer(query)
    assert len(sent) == 2
    assert answer.data == {"purchaseOrders": None}
    (error,) = answer.errors
    assert error.path == ["purchaseOrders", "nodes", 0, "lines", 0, "unit"]
