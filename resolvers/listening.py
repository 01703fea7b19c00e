"""Hearing what the database tells on a channel, through restarts of the database too."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Any, Self

import asyncpg

from domain.kernel.work import Database

log = logging.getLogger("tradegraph")
MOST_WAITING = 1000
PAUSE = 0.5
"""Seconds between two tries to reach the database."""


class Watch(ABC):
    """What runs beside the server as long as it lives, and hears a channel of the database."""

    def __init__(self, database: Database, channel: str) -> None:
        self._database = database
        self._ear = Ear(database.url, channel)
        self._running: asyncio.Task[None] | None = None

    @abstractmethod
    async def _run(self) -> None:
        """Do the work until cancelled."""

    @property
    def alive(self) -> bool:
        """Whether it runs, and hears the database."""
        return self._running is not None and not self._running.done() and self._ear.hearing.is_set()

    async def start(self) -> None:
        """Begin; returns once it hears."""
        self._running = asyncio.create_task(self._run())
        await self._ear.hearing.wait()

    async def stop(self) -> None:
        """End; another process, or the next start, goes on."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)


class Ear:
    """A connection of its own that listens on one channel. `hearing` is set while it does."""

    def __init__(self, url: str, channel: str) -> None:
        self._url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self._channel = channel
        self._told: asyncio.Queue[str] = asyncio.Queue(MOST_WAITING)
        self._listening: asyncio.Task[None] | None = None
        self.hearing = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._listening = asyncio.create_task(self._listen())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.gather(self._listening, return_exceptions=True)

    async def told(self, patience: float) -> list[str]:
        """All that was said since the last call; waits up to `patience` seconds for something, then answers nothing."""
        try:
            async with asyncio.timeout(patience):
                found = [await self._told.get()]
        except TimeoutError:
            return []
        while not self._told.empty():
            found.append(self._told.get_nowait())
        return [] if "" in found else found

    async def _listen(self) -> None:
        while True:
            try:
                await self._hear()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
                log.warning("lost the database on channel %s, trying again: %s", self._channel, error)
            self.hearing.clear()
            await asyncio.sleep(PAUSE)

    async def _hear(self) -> None:
        connection = await asyncpg.connect(self._url)
        gone = asyncio.Event()
        connection.add_termination_listener(lambda _: gone.set())
        try:
            await connection.add_listener(self._channel, self._note)
            self._put("")
            self.hearing.set()
            await gone.wait()
        finally:
            with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=1)

    def _note(self, _connection: Any, _process: int, _channel: str, payload: object) -> None:
        self._put(str(payload))

    def _put(self, payload: str) -> None:
        if self._told.full():
            self._told.get_nowait()
            payload = ""
        self._told.put_nowait(payload)
