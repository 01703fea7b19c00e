"""What is done beside a writer's transaction, on connections of its own: fetching numbers, waking the sealer.

A writer that waits here holds a connection of the pool; were these taken from the same pool, as many writers as it has
connections would wait for each other for ever.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from sqlalchemy import func, select, text
from sqlalchemy.exc import SQLAlchemyError

from domain.kernel.address import engine_at
from domain.kernel.numbering import BLOCK, Blocks, Drawn, Series, draw
from domain.kernel.sealer import CHANNEL_COMMITTED
from domain.kernel.tenancy import SETTING

DEBOUNCE = 0.002


class Aside:
    """A second, small way into the database."""

    def __init__(self, url: str) -> None:
        self._engine = engine_at(url, size=1)
        self._outside = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._due = False
        self._tellers: set[asyncio.Task[None]] = set()
        self._begin()

    def _begin(self) -> None:
        self._numbering = asyncio.Lock()
        self._blocks = Blocks()

    async def close(self) -> None:
        """Let go of the connection and of the numbers at hand; used again, it begins anew."""
        await asyncio.gather(*self._tellers)
        await self._engine.dispose()
        self._begin()

    async def number(self, series: Series) -> str:
        """A number of a series in which gaps do not matter, from a block fetched in a short transaction of its own."""
        async with self._numbering:
            if (number := self._blocks.take(series)) is None:
                drawn = await self._block(series)
                number = drawn.numbers.popleft()
                self._blocks.refill(series, drawn)
            return number

    def tell(self) -> None:
        """Wake the sealer after a commit, at most once in a few milliseconds."""
        if not self._due:
            self._due = True
            teller = asyncio.create_task(self._tell())
            self._tellers.add(teller)
            teller.add_done_callback(self._tellers.discard)

    async def _block(self, series: Series) -> Drawn:
        async with self._engine.begin() as connection:
            await connection.execute(select(func.set_config(SETTING, str(series.tenant), True)))
            return await connection.run_sync(lambda inner: draw(inner, series, count=BLOCK))

    async def _tell(self) -> None:
        await asyncio.sleep(DEBOUNCE)
        self._due = False
        with suppress(SQLAlchemyError, OSError):  # a wake-up that is lost costs a second: the sealer looks by itself
            async with self._outside.connect() as connection:
                await connection.execute(text(f"notify {CHANNEL_COMMITTED}"))
