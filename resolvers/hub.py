"""One reader of the log per process: it hears of sealed events, reads them once a tenant, and hands them on."""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import func, select

from domain.kernel.actor import Actor
from domain.kernel.events import Seal
from domain.kernel.sealer import CHANNEL_SEALED
from domain.kernel.work import Database
from resolvers.events import SEALED
from resolvers.listening import Watch

log = logging.getLogger("tradegraph")
MOST_WAITING = 1000
PAGE = 500
SAFETY = 5.0
"""Seconds after which the hub looks for itself, should a wake-up have been lost."""

Row = dict[str, Any]


class Feed:
    """The newest events of one tenant on their way to one subscriber.

    Who is too slow loses the oldest and reads them from the log again: positions have no gaps, so the loss shows.
    """

    def __init__(self) -> None:
        self._rows: asyncio.Queue[Row] = asyncio.Queue(MOST_WAITING)

    def offer(self, row: Row) -> None:
        if self._rows.full():
            self._rows.get_nowait()
        self._rows.put_nowait(row)

    async def take(self) -> Row:
        return await self._rows.get()


class Hub(Watch):
    """Hands the events of each tenant to whoever follows it."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CHANNEL_SEALED)
        self._feeds: defaultdict[int, set[Feed]] = defaultdict(set)
        self._reached: dict[int, int] = {}

    @asynccontextmanager
    async def follow(self, tenant: int) -> AsyncIterator[Feed]:
        """A feed of all events of a tenant that are sealed from here on."""
        feed = Feed()
        now = await head(self._database, tenant)
        if not self._feeds[tenant]:
            self._reached[tenant] = now
        self._feeds[tenant].add(feed)
        try:
            yield feed
        finally:
            self._feeds[tenant].discard(feed)
            if not self._feeds[tenant]:
                del self._feeds[tenant]

    async def _run(self) -> None:
        async with self._ear:
            while True:
                for tenant in await self._awakened():
                    try:
                        await self._hand_on(tenant)
                    except Exception:
                        log.exception("the log of tenant %s could not be read; trying again", tenant)
                        await asyncio.sleep(SAFETY / 10)

    async def _awakened(self) -> set[int]:
        told = await self._ear.told(SAFETY)
        if not told:
            return set(self._feeds)
        named = {one.partition(":")[0] for one in told}
        return {tenant for tenant in self._feeds if str(tenant) in named}

    async def _hand_on(self, tenant: int) -> None:
        while rows := await since(self._database, tenant, self._reached[tenant], PAGE):
            for row in rows:
                for feed in self._feeds.get(tenant, ()):
                    feed.offer(row)
            self._reached[tenant] = rows[-1]["position"]


async def head(database: Database, tenant: int) -> int:
    """The position of the newest event."""
    async with database.session(_nobody(tenant)) as session:
        statement = select(func.coalesce(func.max(Seal.position), 0)).where(Seal.tenant_id == tenant)
        return int((await session.execute(statement)).scalar_one())


async def since(database: Database, tenant: int, position: int, most: int) -> Sequence[Row]:
    """The events after a position, in order, at most so many."""
    statement = (
        select(SEALED)
        .where(SEALED.c.tenant_id == tenant, SEALED.c.position > position)
        .order_by(SEALED.c.position)
        .limit(most)
    )
    async with database.session(_nobody(tenant)) as session:
        return [dict(row) for row in (await session.execute(statement)).mappings()]


def _nobody(tenant: int) -> Actor:
    return Actor(tenant=tenant, name="hub")
