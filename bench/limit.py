"""The limit: our own front and door, and behind them one hand-written statement for each operation.

It understands no GraphQL: it knows the operations by name and writes the bytes that we would answer with. Whoever
wants to answer the same question from the same views must do at least this much.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from decimal import Decimal
from itertools import groupby
from typing import Any
from zlib import crc32

import asyncpg
import orjson
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bench.telling import told
from domain import rows
from domain.kernel.actor import Actor
from domain.kernel.address import PATIENCE
from domain.kernel.tenancy import SETTING
from domain.kernel.work import Database
from resolvers.ids import global_id, key_of
from transport import log
from transport.app import Server, listen
from transport.door import Door
from transport.front import Front
from transport.settings import Settings

CONNECTIONS = 10
GENERIC, FITTING = "force_generic_plan", "force_custom_plan"
"""Most statements are planned once; that of a filter depends too much on what is asked for."""
KIND = "application/json; charset=utf-8"
HEADERS = {"Cache-Control": "no-store"}
NEWEST, OLDEST = crc32(b"dated-|id+"), crc32(b"id+")
"""What our cursors begin with in these orders."""
__all__ = ["rows"]

_AMOUNT = """'{"quantity":"' || l.quantity || '","unitPrice":{"amount":"' || l.unit_price || '"}'"""
_WARE = """',"product":{"sku":' || to_json(p.sku) || ',"name":' || to_json(p.name)"""
_LINE = f"{_AMOUNT} || {_WARE} || '}}}}'"
_HEAD = """',"number":' || to_json(d.number) || ',"dated":"' || d.dated || '","total":{"amount":"' || d.total
  || '","currency":"' || d.currency || '"}'"""
_PRODUCT = "join read.product p on p.id = l.product_id"


def _lines(line: str, joins: str = _PRODUCT) -> str:
    """All lines of an order as one text."""
    return f"""',"lines":[' || coalesce((select string_agg({line}, ',' order by l.position)
      from read.line l {joins} where l.document_id = d.id), '') || ']'"""


def _page(*parts: str) -> str:
    """Nothing is joined to the orders, so they stay in their order: each has its text from subqueries of its own."""
    inner = " || ".join((_HEAD, *parts, "'}}'"))
    return f"""select d.id, d.dated::text, {inner}
      from (select id, number, dated, total, currency, partner_id from read.purchase_order
        where state = $1 and company_id = any($2) order by dated desc, id limit $3) d"""


_VENDOR = """',"partner":{"name":' || to_json((select name from read.partner v where v.id = d.partner_id)) || '}'"""
_UNIT = f"""{_AMOUNT} || {_WARE} || ',"unit":{{"code":' || to_json(u.code) || '}}}}}}'"""
PAGE = _page(_VENDOR, _lines(_LINE))
PAGES = {
    "query Page(": PAGE,
    "query DepthOne(": _page(),
    "query DepthTwo(": _page(_VENDOR, _lines(f"{_AMOUNT} || '}}'", "")),
    "query DepthFour(": _page(_VENDOR, _lines(_UNIT, f"{_PRODUCT} join read.unit u on u.id = p.unit_id")),
}
_PLACED = _LINE.replace("{", """{"position":' || l.position || ',""", 1)
ONE = f"""
select d.partner_id, ',"number":' || to_json(d.number) || ',"state":"' || upper(d.state) || '","dated":"' || d.dated
  || '","total":{{"amount":"' || d.total || '","currency":"' || d.currency || '"}},"partner":{{"id":"',
  '","number":' || to_json(v.number) || ',"name":' || to_json(v.name) || ',"country":'
  || coalesce(to_json(v.country)::text, 'null') || '}}' || {_lines(_PLACED)} || '}}'
from read.purchase_order d join read.partner v on v.id = d.partner_id where d.id = $1 and d.company_id = any($2)
"""
SPEND = """
with p as materialized (select id, name from read.partner order by id limit 101), s as (
  select partner_id, currency, count(*) as count, sum(total) as sum from read.purchase_order
  where partner_id = any(array(select id from p)) and company_id = any($1) group by partner_id, currency)
select p.id, ',"name":' || to_json(p.name), s.currency, s.count, s.sum::text
from p left join s on s.partner_id = p.id order by p.id, s.currency
"""
FILTERED = f"""
with met as (select id, number, dated, total, currency, partner_id from read.purchase_order
  where state = $1 and location_id = $2 and total >= $3 and company_id = any($4))
select d.id, d.dated::text, {_HEAD} || {_VENDOR} || '}}}}', (select count(*) from met)
from (select * from met order by dated desc, id limit 21) d
"""
Answers = Callable[["Pool", Actor, dict[str, Any]], Awaitable[str]]


class Pool:
    """Connections as the application role; each remembers whose tenant it is in, and is told only of another."""

    def __init__(self) -> None:
        self._pools: dict[str, Any] = {}
        self._within: dict[Any, int] = {}

    async def open(self, address: str) -> None:
        for planning in (GENERIC, FITTING):
            self._pools[planning] = await asyncpg.create_pool(
                address, min_size=CONNECTIONS, max_size=CONNECTIONS, connection_class=_Bare,
                max_inactive_connection_lifetime=0, server_settings=PATIENCE | {"plan_cache_mode": planning},
            )  # fmt: skip

    async def close(self) -> None:
        for pool in self._pools.values():
            await pool.close()

    async def rows(self, actor: Actor, statement: str, *values: Any, planning: str = GENERIC) -> list[Any]:
        """The rows of one statement, seen from the actor's tenant."""
        async with self._pools[planning].acquire() as connection:
            bare = connection._con
            if self._within.get(bare) != actor.tenant:
                await connection.execute("select set_config($1, $2, false)", SETTING, str(actor.tenant))
                self._within[bare] = actor.tenant
            found: list[Any] = await connection.fetch(statement, *values)
            return found


class _Bare(asyncpg.Connection):
    def get_reset_query(self) -> str:
        """Reading leaves nothing behind that the next must not find."""
        return ""


def page(statement: str) -> Answers:
    """How a page of orders is answered."""

    async def answer(pool: Pool, actor: Actor, given: dict[str, Any]) -> str:
        first = given["first"]
        found = await pool.rows(actor, statement, given["state"].lower(), list(actor.companies), first + 1)
        return f'{{"purchaseOrders":{{{_connection(found, first)}}}}}'

    return answer


async def filtered(pool: Pool, actor: Actor, given: dict[str, Any]) -> str:
    place, least = key_of(given["location"])[1], Decimal(given["least"])
    values = given["state"].lower(), place, least, list(actor.companies)
    found = await pool.rows(actor, FILTERED, *values, planning=FITTING)
    count = found[0][3] if found else 0
    return f'{{"purchaseOrders":{{"totalCount":{count},{_connection(found, 20)}}}}}'


async def one(pool: Pool, actor: Actor, given: dict[str, Any]) -> str:
    found = await pool.rows(actor, ONE, key_of(given["id"])[1], list(actor.companies))
    if not found:
        return '{"purchaseOrder":null}'
    vendor, head, rest = found[0]
    return f'{{"purchaseOrder":{{"id":"{given["id"]}"{head}{global_id("partner", vendor)}{rest}}}'


async def spend(pool: Pool, actor: Actor, _: dict[str, Any]) -> str:
    found = await pool.rows(actor, SPEND, list(actor.companies))
    vendors = [list(rows) for _, rows in groupby(found, key=lambda row: row[0])]
    cursors = [_cursor(OLDEST, str(rows[0][0])) for rows in vendors]
    edges = [
        f'{{"cursor":"{cursor}","node":{_spent(rows)}}}' for cursor, rows in zip(cursors, vendors[:100], strict=False)
    ]
    return f'{{"partners":{{"edges":[{",".join(edges)}],{_info(cursors, 100)}}}}}'


def _spent(rows: list[Any]) -> str:
    sums = [(currency, count, total) for _, _, currency, count, total in rows if count]
    totals = ",".join(f'{{"currency":"{currency}","sum":"{total}"}}' for currency, _, total in sums)
    aggregates = f'{{"count":{sum(count for _, count, _ in sums)},"total":[{totals}]}}'
    return f'{{"id":"{global_id("partner", rows[0][0])}"{rows[0][1]},"purchaseOrders":{{"aggregates":{aggregates}}}}}'


def _connection(found: list[Any], first: int) -> str:
    cursors = [_cursor(NEWEST, row[1], str(row[0])) for row in found]
    edges = [
        f'{{"cursor":"{cursor}","node":{{"id":"{global_id("purchase_order", row[0])}"{row[2]}'
        for cursor, row in zip(cursors, found[:first], strict=False)
    ]
    return f'"edges":[{",".join(edges)}],{_info(cursors, first)}'


def _info(cursors: list[str], first: int) -> str:
    shown = cursors[:first]
    end = f'"{shown[-1]}"' if shown else "null"
    return f'"pageInfo":{{"hasNextPage":{"true" if len(cursors) > first else "false"},"endCursor":{end}}}'


def _cursor(*place: Any) -> str:
    return urlsafe_b64encode(orjson.dumps(place)).decode().rstrip("=")


KNOWN: dict[str, Answers] = {
    **{begin: page(statement) for begin, statement in PAGES.items()},
    "query One(": one,
    "query Spend ": spend,
    "query Filtered(": filtered,
}
"""By how the document of an operation begins."""


def application(settings: Settings) -> Starlette:
    """One route behind our front."""
    address = settings.database_app_url or ""
    database, pool = Database(address), Pool()
    door = Door(database, settings.origins)

    async def answer(request: Request) -> Response:
        actor = await door.known(request.headers)
        asked = orjson.loads(await request.body())
        act = next((act for begin, act in KNOWN.items() if asked["query"].startswith(begin)), None)
        if act is None:
            refused = orjson.dumps({"errors": [{"message": "No statement is written for this."}]})
            return Response(refused, 200, HEADERS, KIND)
        data = await act(pool, actor, asked["variables"])
        return Response(f'{{"data":{data}}}'.encode(), 200, HEADERS, KIND)

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        await pool.open(address)
        yield
        await pool.close()
        await database.close()

    routes = [Route("/graphql", answer, methods=["POST"])]
    made = Starlette(routes=routes, middleware=[Middleware(Front)], lifespan=life)
    made.state.sockets = _Nothing()
    return made


class _Nothing:
    async def close(self) -> None:
        """There are no sockets to close."""


def main() -> None:
    """Serve until stopped."""
    settings = Settings.read()
    log.configure(settings.log)
    with listen(settings) as listener:
        port = listener.getsockname()[1]
        Server(application(settings), settings, lambda: told(port)).run([listener])


if __name__ == "__main__":
    main()
