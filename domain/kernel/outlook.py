"""Connections for reading alone: each statement by itself, without a transaction to open and to close.

A connection remembers whose tenant it looks at, and is told only when that changes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import asyncpg
from asyncpg.connection import _StatementCache

from domain.kernel.actor import Actor
from domain.kernel.address import PATIENCE
from domain.kernel.errors import Busy
from domain.kernel.tenancy import CLOCK, SETTING

KEPT = 128
WEIGHT = 128 * 1024
"""A connection keeps so many statements prepared, of so many characters in all: PostgreSQL takes about 200 bytes a
character for them, on each connection."""
LARGEST = 32 * 1024
QUEUE = 30
"""Seconds to wait for a connection."""
GRACE = 5
"""Seconds for statements to end when all is closed."""
LOST = (
    asyncpg.PostgresConnectionError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.OutdatedSchemaCacheError,
    OSError,
)
"""How a connection tells that it went, or does not know the database any more."""
LOOK = f"select set_config('{SETTING}', $1, false), set_config('{CLOCK}', $2, false)"

Row = Sequence[Any]


def is_lasting(error: Exception) -> bool:
    """Whether the same would happen to whoever asks again at once: time ran out, or nobody is there to ask."""
    return isinstance(error, (Busy, asyncpg.QueryCanceledError, *LOST)) or type(error) is asyncpg.InterfaceError


class Statements(_StatementCache):  # type: ignore[misc]
    """The statements that a connection keeps prepared; the one that was not asked for the longest makes room."""

    __slots__ = ()

    def put(self, query: tuple[str, Any, Any], statement: Any) -> None:
        super().put(query, statement)
        while sum(len(sql) for sql, *_ in self._entries) > WEIGHT:
            self.set_max_size(len(self) - 1)
        self.set_max_size(KEPT)


class Looking(asyncpg.Connection):  # type: ignore[misc]
    """A connection that is left as it is when it is given back: nothing that is done with it has to be undone."""

    _stmt_cache: Any

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        counted = self._stmt_cache  # the driver counts statements, and cannot be told to weigh them
        told = {"loop": counted._loop, "on_remove": counted._on_remove}  # noqa: SLF001 - there is no other way
        self._stmt_cache = Statements(max_size=KEPT, max_lifetime=0, **told)
        self._sight: tuple[str, str] | None = None

    def get_reset_query(self) -> str:
        return ""

    async def look(self, actor: Actor) -> None:
        """Look at the actor's tenant, at the moment it is for the actor."""
        sight = str(actor.tenant), "" if actor.is_now else actor.clock().isoformat()
        if self._sight != sight:
            self._sight = None
            await self.execute(LOOK, *sight)
            self._sight = sight


class Outlook:
    """A pool of such connections; opened when first needed, and again after it was closed."""

    def __init__(self, url: str, *, size: int) -> None:
        self._url, self._size = url, size
        self._pool: asyncio.Task[Any] | None = None
        self.heard: Callable[[str], None] | None = None
        """Told of every statement, for whoever counts them."""

    async def rows(self, actor: Actor, sql: str, arguments: Sequence[Any]) -> list[Row]:
        """The rows of a statement, as the actor's tenant sees them; Busy if no connection or no lock becomes free.

        Where the connection is lost, be it while nobody used it, the statement is sent once more on a new one.
        """
        pool = await self._opened()
        try:
            return await self._read(pool, actor, sql, arguments)
        except (TimeoutError, asyncpg.LockNotAvailableError):
            raise Busy from None
        except LOST:
            await pool.expire_connections()
            return await self._read(pool, actor, sql, arguments)

    async def first(self, sql: str, *arguments: Any) -> Any:
        """The first row of a statement that looks at no tenant, or None; Busy as with `rows`."""
        pool = await self._opened()
        try:
            return await self._first(pool, sql, arguments)
        except (TimeoutError, asyncpg.LockNotAvailableError):
            raise Busy from None
        except LOST:
            await pool.expire_connections()
            return await self._first(pool, sql, arguments)

    async def _first(self, pool: Any, sql: str, arguments: Sequence[Any]) -> Any:
        async with pool.acquire(timeout=QUEUE) as connection:
            return await connection.fetchrow(sql, *arguments)

    async def close(self) -> None:
        """Let all connections go; a statement that takes its time is broken off."""
        pool, self._pool = self._pool, None
        if pool is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(GRACE):
                    await (await pool).close()

    async def _read(self, pool: Any, actor: Actor, sql: str, arguments: Sequence[Any]) -> list[Row]:
        async with pool.acquire(timeout=QUEUE) as connection:
            await connection.look(actor)
            if self.heard is not None:
                self.heard(sql)
            found: list[Row] = await connection.fetch(sql, *arguments)
            return found

    async def _opened(self) -> Any:
        if self._pool is None:
            self._pool = asyncio.ensure_future(self._open())
        return await asyncio.shield(self._pool)

    async def _open(self) -> Any:
        return await asyncpg.create_pool(
            self._url,
            min_size=0,
            max_size=self._size,
            connection_class=Looking,
            server_settings=PATIENCE,
            statement_cache_size=KEPT,
            max_cacheable_statement_size=LARGEST,
            max_cached_statement_lifetime=0,
        )
