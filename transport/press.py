"""Has pages made beside the server, a few at a time; one that takes too long is given up."""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from domain.kernel.errors import Busy
from transport.request import Unfit

if TYPE_CHECKING:
    from domain.printing.page import Page

AT_ONCE = 2
"""Pages that are made at a time, each by a process of its own."""
WAITING = 50
"""Pages that may wait for their turn beside those."""
PATIENCE = 60.0
"""Seconds for a page to be made, its turn waited for."""
RETRY = {"Retry-After": "5"}


class Press:
    """Makes pages for one server."""

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._here = 0

    async def made(self, page: Callable[[], Page]) -> tuple[Page, bytes]:
        """A page and its PDF; Unfit if it was not made in time."""
        try:
            async with asyncio.timeout(PATIENCE), self._turns:
                written = await asyncio.to_thread(page)
                return written, await _pressed(written)
        except TimeoutError:
            raise _busy("The page was not made in time; try again.") from None

    @contextmanager
    def place(self) -> Iterator[None]:
        """A place among those who want a page; Unfit if there are too many. Taken before anything is read for it."""
        if self._here >= AT_ONCE + WAITING:
            raise _busy("Too many pages are being made; try again.")
        self._here += 1
        try:
            yield
        finally:
            self._here -= 1


async def _pressed(page: Page) -> bytes:
    """The PDF. Whatever ends the waiting ends the process too."""
    from domain.printing.press import COMMAND, asked

    process = await asyncio.create_subprocess_exec(*COMMAND, stdin=PIPE, stdout=PIPE, stderr=PIPE)
    try:
        made, told = await process.communicate(asked(page))
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()
    if process.returncode:
        raise RuntimeError(f"A page could not be made: {told.decode(errors='replace')[-2000:]}")
    return made


def _busy(message: str) -> Unfit:
    return Unfit(message, status=503, code=Busy.code, headers=RETRY)
