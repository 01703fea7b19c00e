"""Long work goes on in a thread with an event loop of its own, so that nobody who is served here waits for it."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any, Generic, TypeVar

Answer = TypeVar("Answer")
TURN = 0.001
"""Seconds after which a thread lets others run; by Python's own 0.005 a query waits so long at each of its steps."""


class Halted(Exception):
    """It was told to stop."""


class Apart(Generic[Answer]):
    """Work in a thread. `ended` is done when nothing of it goes on any more, and answers as it does."""

    def __init__(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> None:
        self._work = work
        self._halted = False
        self._inside: tuple[asyncio.AbstractEventLoop, asyncio.Task[Any] | None] | None = None
        self.ended = asyncio.create_task(asyncio.to_thread(lambda: asyncio.run(self._run())))

    def halt(self) -> None:
        """Have it stop where it next waits for something; it still takes back what it was about."""
        if self._halted:
            return
        self._halted = True
        if self._inside is not None:
            loop, task = self._inside
            with suppress(RuntimeError):  # it has just come to its end
                loop.call_soon_threadsafe(task.cancel if task else loop.stop)

    async def _run(self) -> Answer:
        self._inside = asyncio.get_running_loop(), asyncio.current_task()
        before = sys.getswitchinterval()
        sys.setswitchinterval(min(TURN, before))
        try:
            if self._halted:
                raise Halted
            return await self._work()
        except asyncio.CancelledError:
            raise Halted from None
        finally:
            sys.setswitchinterval(before)
