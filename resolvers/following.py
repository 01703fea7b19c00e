"""Subscriptions: to the log, every event since a place, once and in order, then those to come; or to one record.

Rights are looked at again for each event, so whoever loses them hears no more.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.kernel.errors import NotFound, NotReady, at
from resolvers.context import Context
from resolvers.events import position_of
from resolvers.hub import Feed, Hub, head, since
from resolvers.ids import ref
from resolvers.nodes import key_in
from resolvers.relations import one
from resolvers.scope import limited_to_own, must_enter, visible
from resolvers.selections import chosen_events
from resolvers.sources import Named, Noun
from resolvers.values import used

PAGE = 200
SAFETY = 2.0
"""Seconds after which a record that is followed is looked at in any case."""
COLUMNS = {"kind": "record_type", "id": "record_id", "type": "type"}
Row = Mapping[str, Any]


async def follow(
    context: Context, noun: Noun, *, after: str | None = None, filter: Mapping[str, Any] | None = None
) -> AsyncIterator[Named]:
    """The events that the actor may see and the filter lets through, from `after` or from now on.

    What cannot be followed is refused before the first event.
    """
    must_enter(noun, context.asking)
    hub = _hub(context)
    chosen = {COLUMNS[name]: frozenset(values) for name, values in chosen_events(used(filter, "filter")).items()}
    with at("after"):
        start = None if after is None else position_of(noun, used(after))
    return _wanted(context, hub, noun, chosen, start)


async def follow_one(context: Context, noun: Noun, id: str) -> AsyncIterator[Named]:
    """One record as it is now, and again after each change, as long as the actor may see it."""
    must_enter(noun, context.asking)
    with at("id"):
        key = await key_in(context.reading, noun, ref(used(id)))
        if await one(context.reading, noun, key) is None:
            raise NotFound
    return _changing(context, _hub(context), noun, key)


async def _changing(context: Context, hub: Hub, noun: Noun, key: UUID | None) -> AsyncIterator[Named]:
    async with hub.follow(context.asking.tenant) as feed:
        version = None
        while True:
            must_enter(noun, context.asking)
            found = await one((await context.afresh()), noun, key)
            if found is None:
                raise NotFound
            if found["version"] != version:
                version = found["version"]
                yield Named(noun.word, found["id"])
            await context.close()
            await _touched(feed, key)


async def _touched(feed: Feed, key: UUID | None) -> None:
    """Wait until something happened to a record, or long enough: while a dry run lasts, the log stands still."""
    with suppress(TimeoutError):
        async with asyncio.timeout(SAFETY):
            while (await feed.take())["record_id"] != key:
                pass


def _hub(context: Context) -> Hub:
    if context.hub is None:
        raise NotReady("This process follows no events; ask for the same by a query instead.")
    return context.hub


async def _wanted(
    context: Context, hub: Hub, noun: Noun, chosen: Mapping[str, frozenset[Any]], start: int | None
) -> AsyncIterator[Named]:
    tenant = context.asking.tenant
    async with hub.follow(tenant) as feed:
        position = await head(context.database, tenant) if start is None else start
        async for row in _in_order(context, feed, position):
            if all(row[column] in values for column, values in chosen.items()) and await _may_see(context, noun, row):
                yield Named(noun.word, row["id"])


async def _in_order(context: Context, feed: Feed, position: int) -> AsyncIterator[Row]:
    """Every event after a position: from the log as far as it goes, then from the feed while that has no gap."""
    while True:
        while rows := await since(context.database, context.asking.tenant, position, PAGE):
            for row in rows:
                position = row["position"]
                yield row
        while (row := await feed.take())["position"] <= position + 1:
            if row["position"] == position + 1:
                position += 1
                yield row


async def _may_see(context: Context, noun: Noun, row: Row) -> bool:
    must_enter(noun, actor := context.asking)
    if row["company_id"] is not None and row["company_id"] not in actor.companies:
        return False
    if not limited_to_own(noun, actor):
        return True
    table = noun.table
    mine = select(table.c.id).where(table.c.id == row["id"], *visible(noun, table, actor))
    try:
        return bool(await context.reading.rows(mine))
    finally:
        await context.close()
