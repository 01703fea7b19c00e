"""What the database itself refuses: run again what lost a race, translate what a rule would have refused."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.kernel.errors import Busy, Conflict, NotUnique

Answer = TypeVar("Answer")
TRIES = 5
RACES = frozenset({"40P01", "40001"})
LOCKED = frozenset({"55P03"})
UNIQUE = "23505"


async def retried(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `attempt` answers, run again from the start after a deadlock or a serialisation failure."""
    for waited in range(1, TRIES):
        try:
            return await attempt()
        except DBAPIError as error:
            if sqlstate(error) not in RACES:
                raise translated(error) from error
            await asyncio.sleep(random.uniform(0.005, 0.05) * waited)  # noqa: S311 - no secret
        except PoolTimeout:
            raise Busy from None
    try:
        return await attempt()
    except DBAPIError as error:
        raise translated(error) from error


def sqlstate(error: DBAPIError) -> str | None:
    """The five letters PostgreSQL gives to every error."""
    return getattr(error.orig, "sqlstate", None)


def translated(error: DBAPIError) -> Exception:
    """A refusal for what the database refused on behalf of a rule; any other error as it is."""
    state = sqlstate(error)
    if state in LOCKED | RACES:
        return Conflict()
    if isinstance(error, IntegrityError) and state == UNIQUE:
        return NotUnique()
    return error
