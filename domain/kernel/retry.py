"""What the database itself refuses: run again what lost a race, translate what a rule would have refused."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from domain.kernel.errors import Busy, Conflict, NotUnique

Answer = TypeVar("Answer")
TRIES = 5
RACES = frozenset({"40P01", "40001"})
LOCKED = frozenset({"55P03"})
UNIQUE = "23505"
OVERTAKEN = (
    "uq_setting_value_tenant_id_name_company_id",
    "uq_number_series_",
    "uq_document_tenant_id_company_id_kind_number",
)
"""How the keys begin that a rule makes where it finds none: whoever was overtaken runs again, and finds it."""


class Lost(Exception):
    """The connection went before anything was committed."""


@dataclass
class Progress:
    """How far an attempt came: whether what it did may be committed already."""

    commits: bool = False


@contextmanager
def repeatable() -> Iterator[Progress]:
    """Within: an attempt that raises Lost if its connection went before it began to commit."""
    progress = Progress()
    try:
        yield progress
    except DBAPIError as error:
        if error.connection_invalidated and not progress.commits:
            raise Lost from error
        raise


async def retried(attempt: Callable[[], Awaitable[Answer]]) -> Answer:
    """What `attempt` answers, run again from the start after it lost a race, was overtaken, or lost its connection."""
    for waited in range(1, TRIES):
        try:
            return await attempt()
        except Lost:
            continue
        except DBAPIError as error:
            if not _lost_a_race(error):
                raise translated(error) from error
            await asyncio.sleep(random.uniform(0.005, 0.05) * waited)  # noqa: S311 - no secret
        except PoolTimeout:
            raise Busy from None
    try:
        return await attempt()
    except Lost as lost:
        raise lost.__cause__ or lost from None
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


def _lost_a_race(error: DBAPIError) -> bool:
    cause = error.orig.__cause__ if error.orig else None
    overtaken = str(getattr(cause, "constraint_name", "")).startswith(OVERTAKEN)
    return sqlstate(error) in RACES or overtaken
