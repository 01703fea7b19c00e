"""The loop that has committed events sealed, and tells the hubs of all processes how far the log has come."""

from __future__ import annotations

import asyncio
import logging

import asyncpg

from domain.kernel.sealer import CHANNEL_COMMITTED, CHANNEL_SEALED
from domain.kernel.work import Database
from resolvers.listening import PAUSE, Watch

log = logging.getLogger("tradegraph")
MOST = 1000
TICK = 0.025
"""Seconds between two tries while something is unsealed: an old transaction may end without a wake-up."""
REST = 1.0
"""Seconds between two looks while nothing is known to wait."""


class Sealing(Watch):
    """Seals for the whole database. Any number of processes may run it; the database lets one at a time."""

    def __init__(self, database: Database) -> None:
        super().__init__(database, CHANNEL_COMMITTED)
        self._url = database.url.replace("postgresql+asyncpg://", "postgresql://", 1)

    async def _run(self) -> None:
        async with self._ear:
            while True:
                try:
                    await self._seal()
                except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                    log.warning("the sealer lost the database, trying again: %s", error)
                await asyncio.sleep(PAUSE)

    async def _seal(self) -> None:
        connection = await asyncpg.connect(self._url)
        try:
            while True:
                while await seal(connection):
                    pass
                waiting = await connection.fetchval("select unsealed_events()")
                await self._ear.told(TICK if waiting else REST)
        finally:
            connection.terminate()


async def seal(connection: asyncpg.Connection) -> int:
    """Seal what can be sealed, at most a thousand events, and tell whose log grew; returns how many."""
    rows = await connection.fetch("select tenant, head from seal_events($1)", MOST)
    heads = {row["tenant"]: row["head"] for row in rows}
    for tenant, head in heads.items():
        await connection.execute("select pg_notify($1, $2)", CHANNEL_SEALED, f"{tenant}:{head}")
    return len(rows)
