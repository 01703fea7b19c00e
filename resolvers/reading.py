"""One operation reads through one session, opened when first needed, and never asks twice for the same."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from contextlib import AsyncExitStack
from typing import Any, TypeVar, cast

from asyncpg import InvalidCachedStatementError, PostgresError
from sqlalchemy import Executable
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from strawberry.dataloader import DataLoader

from domain.kernel.actor import Actor
from domain.kernel.errors import Conflict
from domain.kernel.outlook import LOST
from domain.kernel.work import Database, Work
from resolvers.asking import asking
from resolvers.sources import Found, Noun

Answer = TypeVar("Answer")
Row = Mapping[str, Any]
PATIENCE = 0.1
"""Seconds for what nobody waits for any more to end by itself."""
ABREAST = 2
"""So many connections may one operation read through at once, be there ever so much to look up."""


class Over(Exception):
    """The operation is over; nothing more is read for it."""


class Loader(DataLoader[Any, Any]):
    """A loader whose answer stays one for all who wait for it, though one of them be told to wait no more."""

    def load(self, key: Any) -> Awaitable[Any]:
        answer = cast("asyncio.Future[Any]", super().load(key))
        answer.add_done_callback(_noted)
        return asyncio.shield(answer)


class Reading:
    """A session of the actor's, rolled back at the end, and the loaders that batch what is asked of it.

    A session that was `lent` is given back as it is. Once it is closed, who comes late opens no other: nobody would
    close that.
    """

    def __init__(self, database: Database, actor: Actor, lent: AsyncSession | None = None) -> None:
        self.database = database
        self.actor = actor
        self._lent = lent
        self._turn = asyncio.Lock()
        self._abreast = asyncio.Semaphore(ABREAST)
        self._stack: AsyncExitStack | None = None
        self._session: AsyncSession | None = None
        self._kept: dict[Hashable, Any] = {}
        self._over = False
        self._failed: Exception | None = None
        self._user: asyncio.Task[Any] | None = None
        self._closing: asyncio.Task[None] | None = None

    async def rows(self, statement: Executable) -> Sequence[Row]:
        """The rows of one statement."""
        return await self.within(lambda session: _rows(session, statement, asking(self.actor)))

    async def fetch(self, sql: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows of a statement as the driver takes it: in the session if one is open, else without any."""
        if self._lent is None and self._session is None:
            async with self._abreast:
                return await self.database.outlook.rows(self.actor, sql, arguments)
        if self.database.outlook.heard is not None:
            self.database.outlook.heard(sql)
        try:
            return await self.within(lambda session: fetched(session, sql, arguments))
        except InvalidCachedStatementError:
            raise Conflict("The shape of the database has changed meanwhile; try again.") from None

    async def found(self, statement: Executable, noun: Noun) -> list[Found]:
        """The rows of one statement as instances of a noun."""
        return [Found(row, noun.of(row)) for row in await self.rows(statement)]

    async def work(self, act: Callable[[Work], Answer]) -> Answer:
        """Ask the domain something that needs its own rows; nothing of it is kept."""
        return await self.within(
            lambda session: session.run_sync(lambda inner: act(Work(inner, self.actor, self.database)))
        )

    async def within(self, act: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
        """Use the session, one at a time; raises Over once the reading is closed.

        A statement that fails, or is broken off, costs the session, so that the next can go on; one that was lent
        can do no more. Where its connection was lost `act` is tried once more, in another.
        """
        try:
            return await self._within(act)
        except DBAPIError as error:
            if not error.connection_invalidated or self._lent is not None:
                raise
        except LOST:
            if self._lent is not None:
                raise
        return await self._within(act)

    async def _within(self, act: Callable[[AsyncSession], Awaitable[Answer]]) -> Answer:
        async with self._turn:
            if self._failed is not None:
                raise self._failed
            self._user = asyncio.current_task()
            session = await self._opened()
            try:
                return await act(session)
            except (DBAPIError, PostgresError, asyncio.CancelledError) as error:
                if self._lent is not None and isinstance(error, Exception):
                    self._failed = error
                await self._shut()
                raise
            finally:
                self._user = None

    def loader(self, key: Hashable, load: Callable[[list[Any]], Awaitable[list[Any]]]) -> DataLoader[Any, Any]:
        """The one loader of this operation for what `key` names."""
        found: DataLoader[Any, Any] = self.kept(key, lambda: Loader(load))
        return found

    def kept(self, key: Hashable, make: Callable[[], Answer]) -> Answer:
        """What `make` makes, made once an operation."""
        if key not in self._kept:
            self._kept[key] = make()
        found: Answer = self._kept[key]
        return found

    async def close(self) -> None:
        """Give the session back, and open none again; also if the one who waits for that is gone.

        A statement that somebody still runs for an answer that nobody wants has a moment to end, and is broken off.
        """
        self._over = True
        if self._closing is None and self._stack is None and not self._turn.locked():
            return
        if self._closing is None:
            self._closing = asyncio.create_task(self._close())
        await asyncio.shield(self._closing)

    async def _close(self) -> None:
        try:
            await asyncio.wait_for(self._turn.acquire(), PATIENCE)
        except TimeoutError:
            if self._user is not None:
                self._user.cancel()
            await self._turn.acquire()
        try:
            await self._shut()
        finally:
            self._turn.release()

    async def _opened(self) -> AsyncSession:
        if self._over:
            raise Over
        if self._lent is not None:
            return self._lent
        if self._session is None:
            self._stack = AsyncExitStack()
            self._session = await self._stack.enter_async_context(self.database.session(self.actor))
        return self._session

    async def _shut(self) -> None:
        stack, self._stack, self._session = self._stack, None, None
        if stack is not None:
            await stack.aclose()


def _noted(answer: asyncio.Future[Any]) -> None:
    """Nobody may be left to hear of a failure: that is no failure of its own."""
    if not answer.cancelled():
        answer.exception()


async def fetched(session: AsyncSession, sql: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
    """The rows of a statement as the driver takes it, in a session."""
    connection = await (await session.connection()).get_raw_connection()
    driver: Any = connection.driver_connection
    found: Sequence[Sequence[Any]] = await driver.fetch(sql, *arguments)
    return found


async def _rows(session: AsyncSession, statement: Executable, values: Mapping[str, Any]) -> Sequence[Row]:
    return cast("Sequence[Row]", (await session.execute(statement, values)).mappings().all())
