"""However an operation ends, nothing of it goes on: what it opened is closed before it is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from time import perf_counter

import pytest
from sqlalchemy import func, literal, select
from sqlalchemy.pool import QueuePool

from domain.access.credential import KEY, digest, fresh, hint
from domain.access.user import ApiKey
from domain.kernel.plugin import discover
from migrations.embedded import Cluster
from resolvers.reading import Over, Reading
from schema.build import build
from tests.firm import Firm, standing
from tests.protocol.serving import Served, serving
from tests.protocol.toy import ENDED

REFUSED = "{ purchaseOrders { totalCount } myMentions { totalCount } }"
REFUSED_WIDE = """{
  purchaseOrders { totalCount } receipts { totalCount } documents { totalCount } importExceptions { totalCount }
  stockCounts { totalCount } moves { totalCount } imports { totalCount } users { totalCount } desks { views { count } }
  myMentions { totalCount } awaitingMyApproval { totalCount }
}"""
TIMES = 200


READS = "read(seconds: 0.01, again: 3) other: read(seconds: 0.01)"
LONG = "{ read(seconds: 0.2) other: read(seconds: 0.2) deep { read(seconds: 0.2) } }"


@pytest.fixture(scope="module")
async def house(cluster: Cluster) -> AsyncIterator[Served]:
    """A firm behind the real API, with a key for a vendor's program; nobody else uses its connections."""
    async with standing(cluster) as firm, serving(firm, build(discover())) as served:
        served.keys["partner"] = secret = fresh(KEY)
        key = ApiKey(name="vendor's", digest=digest(secret), hint=hint(secret), partner_id=firm["vendor"])
        key.roles, key.companies = ["partner"], [str(firm.company)]
        await firm.database.transact(firm.actor("administrator"), lambda work: work.add(key) and None)
        yield served


@pytest.mark.parametrize("query", [REFUSED, REFUSED_WIDE])
async def test_a_refused_query_leaves_nothing_open(house: Served, query: str) -> None:
    for _ in range(TIMES):
        answer = await house.ask(query, "partner")
        assert answer.json()["errors"][0]["extensions"]["code"] == "FORBIDDEN"
        assert in_use(house) == 0
    assert await told_in_use(house) == 0


@pytest.mark.parametrize("query", [REFUSED, REFUSED_WIDE])
async def test_a_refused_query_over_a_socket_leaves_nothing_open(house: Served, query: str) -> None:
    async with house.socket("partner") as talk:
        for number in range(TIMES):
            await talk.ask(str(number), query)
            assert (await talk.hear())["payload"]["errors"]
            assert (await talk.hear())["type"] == "complete"
            await nothing_open(house)  # the socket's credential is looked at meanwhile, too


async def test_many_refused_queries_at_once_leave_nothing_open(house: Served) -> None:
    answers = await asyncio.gather(*(house.ask(REFUSED_WIDE, "partner") for _ in range(TIMES)))
    assert {one.status_code for one in answers} == {200}
    assert in_use(house) == 0


@pytest.mark.parametrize("query", [f"{{ {READS} shattered }}", f"mutation {{ look {{ {READS} shattered }} }}"])
async def test_what_breaks_beside_a_statement_ends_it(served: Served, query: str) -> None:
    for _ in range(20):
        assert (await served.ask(query)).json()["data"] is None
        assert in_use(served) == 0


async def test_what_breaks_in_an_event_ends_what_was_read_for_it(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", f"subscription {{ looks(until: 20) {{ {READS} shattered }} }}")
        for _ in range(20):
            assert (await talk.hear())["payload"]["data"] == {"looks": None}
        assert (await talk.hear())["type"] == "complete"
        assert in_use(served) == 0


async def test_an_event_that_was_told_holds_no_connection(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", "subscription { looks(until: 3) { read } }")
        for _ in range(3):
            assert (await talk.hear())["payload"]["data"] == {"looks": {"read": 1}}
        await nothing_open(served)


async def test_what_nobody_waits_for_is_told_to_end(served: Served) -> None:
    ENDED.clear()
    began = perf_counter()
    assert (await served.ask("{ waited(seconds: 60) shattered }")).json()["data"] is None
    assert perf_counter() - began < 30
    assert ENDED == ["waited"]


async def test_a_long_statement_that_nobody_waits_for_is_broken_off(served: Served) -> None:
    began = perf_counter()
    assert (await served.ask("{ read(seconds: 60) shattered }")).json()["data"] is None
    assert perf_counter() - began < 30
    assert in_use(served) == 0


async def test_a_client_that_hangs_up_leaves_nothing_open(served: Served) -> None:
    for number in range(20):
        with suppress(TimeoutError):
            async with asyncio.timeout(0.01 + 0.02 * number):
                await served.ask(LONG)
    await nothing_open(served)


async def test_operations_that_are_completed_early_leave_nothing_open(served: Served) -> None:
    async with served.socket() as talk:
        for number in range(20):
            await talk.ask(str(number), LONG)
            await asyncio.sleep(0.01 * number)
            await talk.say(id=str(number), type="complete")
        await nothing_open(served)


async def test_sockets_that_are_closed_early_leave_nothing_open(served: Served) -> None:
    for number in range(20):
        async with served.socket() as talk:
            await talk.ask("1", LONG)
            await talk.ask("2", f"subscription {{ looks(until: 9) {{ {READS} shattered }} }}")
            await asyncio.sleep(0.01 * number)
    await nothing_open(served)


async def test_a_statement_that_is_broken_off_costs_its_session_only(firm: Firm) -> None:
    reading = Reading(firm.database, firm.actor("buyer"))
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await reading.rows(select(func.pg_sleep(5)))
    assert [row["one"] for row in await reading.rows(select(literal(1).label("one")))] == [1]
    await reading.close()
    with pytest.raises(Over):
        await reading.rows(select(literal(1)))


async def test_one_who_waits_no_more_takes_nothing_from_those_who_do(firm: Firm) -> None:
    async def load(keys: list[int]) -> list[int]:
        await asyncio.sleep(0.1)
        return keys

    loader = Reading(firm.database, firm.actor("buyer")).loader("numbers", load)
    one, other = (asyncio.ensure_future(loader.load_many([1])) for _ in range(2))
    await asyncio.sleep(0.05)
    one.cancel()
    assert await other == [1]


async def test_a_session_is_given_back_also_if_nobody_waits_for_it(firm: Firm) -> None:
    reading = Reading(firm.database, firm.actor("buyer"))
    late = asyncio.create_task(reading.rows(select(func.pg_sleep(0.2))))
    await asyncio.sleep(0.1)
    closing = asyncio.create_task(reading.close())
    await asyncio.sleep(0)
    closing.cancel()
    await asyncio.wait([late])
    async with asyncio.timeout(5):
        while pool(firm).checkedout():  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.05)


def pool(firm: Firm) -> QueuePool:
    found = firm.database.engine.pool
    assert isinstance(found, QueuePool)
    return found


def in_use(served: Served) -> int:
    """Connections that somebody holds."""
    return pool(served.firm).checkedout()


async def nothing_open(served: Served) -> None:
    """Soon nobody holds a connection, without anything being asked meanwhile."""
    async with asyncio.timeout(5):
        while in_use(served):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(0.05)


async def told_in_use(served: Served) -> float:
    """The same as the page of metrics tells it."""
    page = (await served.http.get("/metrics")).text
    return next(float(line.split()[-1]) for line in page.splitlines() if '{state="in use"}' in line)
