"""Connections for reading alone: each statement by itself, without a transaction to open and to close.

A connection remembers whose tenant it looks at, and is told only when that changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import asyncpg

from domain.kernel.actor import Actor
from domain.kernel.address import PATIENCE
from domain.kernel.tenancy import CLOCK, SETTING

LARGEST = 256 * 1024
"""Statements up to so many characters are kept prepared, as many as `KEPT` a connection."""
KEPT = 256
LOOK = f"select set_config('{SETTING}', $1, false), set_config('{CLOCK}', $2, false)"

Row = Sequence[Any]


class Looking(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is left as it is when it is given back: nothing that is done with it has to be undone."""

    def get_reset_query(self) -> str:
        return ""


class Outlook:
    """A pool of such connections; opened when first needed, and again after it was closed."""

    def __init__(self, url: str, *, size: int) -> None:
        self._url, self._size = url, size
        self._pool: asyncio.Task[Any] | None = None
        self._looking: dict[Any, tuple[str, str]] = {}
        self.heard: Callable[[str], None] | None = None
        """Told of every statement, for whoever counts them."""

    async def rows(self, actor: Actor, sql: str, arguments: Sequence[Any]) -> list[Row]:
        """The rows of a statement, as the actor's tenant sees them."""
        pool = await self._opened()
        async with pool.acquire() as connection:
            await self._look(connection, actor)
            if self.heard is not None:
                self.heard(sql)
            found: list[Row] = await connection.fetch(sql, *arguments)
            return found

    async def close(self) -> None:
        """Let all connections go."""
        pool, self._pool = self._pool, None
        if pool is not None:
            await (await pool).close()
            self._looking.clear()

    async def _look(self, connection: Any, actor: Actor) -> None:
        """Look at the actor's tenant, at the moment it is for the actor."""
        inner = connection._con  # noqa: SLF001 - what the pool lends is a new object each time
        wanted = str(actor.tenant), "" if actor.is_now else actor.clock().isoformat()
        if self._looking.get(inner) != wanted:
            self._looking.pop(inner, None)
            await connection.execute(LOOK, *wanted)
            self._looking[inner] = wanted

    async def _opened(self) -> Any:
        if self._pool is None:
            self._pool = asyncio.ensure_future(self._open())
        return await asyncio.shield(self._pool)

    async def _open(self) -> Any:
        return await asyncpg.create_pool(
            self._url,
            min_size=1,
            max_size=self._size,
            connection_class=Looking,
            server_settings=PATIENCE,
            statement_cache_size=KEPT,
            max_cacheable_statement_size=LARGEST,
            max_cached_statement_lifetime=0,
        )
