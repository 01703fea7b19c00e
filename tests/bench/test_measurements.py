from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from graphql import parse, validate

from bench import comparing, driver, limit, measuring, store, telling
from bench.filling import pour
from bench.firms import founded
from bench.questions import OPERATIONS, Question, asked, depths, known, request
from domain.access.entrance import actor_of
from domain.kernel.actor import Actor
from domain.kernel.work import Database
from domain.verification import verify
from migrations.upgrade import application_url
from resolvers.context import Context
from tests.firm import BARE
from tests.queries.api import house

SIZE = store.SIZES["tiny"].among(2)
READS = [OPERATIONS[name] for name in ("orders_page", "order_by_id", "filtered_page")] + depths()
OURS = [*OPERATIONS.values(), *depths()]


@dataclass
class Filled:
    """A filled database, and what is asked of it."""

    database: Database
    store: store.Store
    questions: list[Question]

    async def actor(self, question: Question) -> Actor:
        found = await actor_of(self.database, question.firm.key)
        assert found is not None
        return found

    async def answer(self, question: Question) -> Any:
        """What our API answers."""
        body = json.loads(request("tradegraph", question).split("\r\n\r\n")[1])
        context = Context(self.database, None, await self.actor(question), "request-1", "key-1")
        result = await house().execute(body["query"], variable_values=body["variables"], context_value=context)
        await context.end()
        assert result.errors is None, result.errors
        return json.loads(json.dumps(result.data, default=str))


@pytest.fixture
async def filled(database: Database, database_url: str) -> Filled:
    application = application_url(database_url, f"{BARE}_app")
    firms = await founded(database_url, application, SIZE)
    await pour(database_url, firms)
    made = store.Store(SIZE, database_url, application, [firm.key for firm in firms])
    firms_known = await known(made)
    return Filled(database, made, [one for operation in READS for one in asked(operation, firms_known, 3)])


@pytest.fixture
async def pool(filled: Filled) -> AsyncIterator[limit.Pool]:
    made = limit.Pool()
    await made.open(filled.store.application)
    yield made
    await made.close()


async def test_what_was_poured_in_is_in_order_and_answered_by_hand_as_by_us(filled: Filled, pool: limit.Pool) -> None:
    for actor in {question.firm.tenant: await filled.actor(question) for question in filled.questions}.values():
        async with filled.database.session(actor) as session:
            assert await session.run_sync(verify) == []
    for question in filled.questions:
        actor = await filled.actor(question)
        body = json.loads(request("limit", question).split("\r\n\r\n")[1])
        act = next(act for begin, act in limit.KNOWN.items() if body["query"].startswith(begin))
        by_hand = json.loads(await act(pool, actor, body["variables"]))
        assert by_hand == await filled.answer(question), question.operation.name
    large, small = await known(filled.store)
    assert len(large.orders) == 2 * len(small.orders) == 40
    assert not {*large.orders} & {*small.orders}


@pytest.mark.parametrize("operation", OURS, ids=lambda one: one.name)
def test_what_is_asked_of_us_is_what_our_schema_takes(operation: Any) -> None:
    told = [error.message for error in validate(house()._schema, parse(operation.ours))]
    assert [one for one in told if "'aggregates'" not in one] == []


def test_answers_are_the_same_whatever_shape_amounts_have() -> None:
    ours = {"id": "1", "state": "CLOSED", "total": {"amount": "12.50", "currency": "EUR"}}
    theirs = {"id": "2", "state": "closed", "total": "12.5", "currency": "EUR"}
    assert comparing.plain(ours) == comparing.plain(theirs) == {"state": "CLOSED", "total": Decimal("12.50")}
    assert comparing.plain(ours) != comparing.plain(theirs | {"total": "12.51"})
    sums = {"aggregates": {"count": 3, "total": [{"currency": "EUR", "sum": "7.10"}]}}
    assert comparing.plain(sums) == comparing.plain({"totalCount": 3, "aggregates": {"sum": {"total": "7.1"}}})


def test_a_ratio_is_the_median_of_those_within_rounds() -> None:
    def run(rate: int) -> dict[str, Any]:
        figures = dict.fromkeys(measuring.FIGURES, 1.0)
        return figures | {"requests_per_second": rate, "failed": 0, "failure": ""}

    found = [{"tradegraph": run(ours), "limit": run(theirs)} for ours, theirs in ((10, 100), (90, 100), (40, 50))]
    row, _ = measuring.rows("orders_page", found, {})
    assert (row["requests_per_second"], row["ratio_to_limit"], row["ratio_to_postgraphile"]) == (40, 0.8, None)


def test_who_declines_is_told_and_not_measured() -> None:
    rows = measuring.rows("vendor_spend", [], {"tradegraph": "Cannot query field"})
    assert "vendor_spend   tradegraph    declined by this server: Cannot query field" in telling.table(rows)


async def test_the_driver_counts_answers_failures_and_processor_time() -> None:
    bodies = [b'{"data":{"it":1}}', b'{"errors":[{"message":"no"}]}', b'{"data":{"it":[],"errors":[]}}']
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while head := await reader.readuntil(b"\r\n\r\n"):
                body = bodies[len(seen) % 3]
                seen.append(head)
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))
                await asyncio.sleep(0.001)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    text = f"GET / HTTP/1.1\r\nIdempotency-Key: {driver.FRESH}\r\n\r\n"
    job = {"port": port, "connections": 2, "warm": 0.05, "seconds": 0.3, "run": "abcd", "requests": [text]}
    found = await driver.driven(job | {"processes": {"server": 1}})
    server.close()
    await server.wait_closed()
    assert found["requests"] > 0
    assert found["failed"] == pytest.approx(found["requests"] / 2, abs=3)
    assert "no" in found["failure"]
    assert found["p99_ms"] >= found["p50_ms"] > 0
    assert found["driver_cpu_ms"] > 0
    assert len({*seen}) == len(seen)
