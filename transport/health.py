"""Whether the process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from starlette.requests import Request
from starlette.responses import JSONResponse

from domain.kernel.work import Database
from transport.log import logger

PATIENCE = 3
Check = Callable[[], Awaitable[str | None]]
"""Answers None if all is well, else what is wrong."""


async def lives(_: Request) -> JSONResponse:
    """The process answers; it says nothing about the rest."""
    return JSONResponse({"alive": True})


class Readiness:
    """Runs the checks and tells of each."""

    def __init__(self, checks: Mapping[str, Check]) -> None:
        self._checks = checks

    async def tell(self, _: Request) -> JSONResponse:
        findings = await asyncio.gather(*(_found(check) for check in self._checks.values()))
        told = {name: finding or "ok" for name, finding in zip(self._checks, findings, strict=True)}
        ready = not any(findings)
        return JSONResponse({"ready": ready, "checks": told}, 200 if ready else 503)


class Alive(Protocol):
    """Something that runs beside the requests."""

    @property
    def alive(self) -> bool: ...


def checks(database: Database, heads: Collection[str], beside: Mapping[str, Alive]) -> dict[str, Check]:
    """What must hold: the database answers, at the revisions this version is made for; what runs `beside` is alive."""

    async def answers() -> str | None:
        await database.knock("select 1")
        return None

    async def migrated() -> str | None:
        row = await database.knock("select coalesce(array_agg(version_num), '{}') as found from alembic_version")
        return None if not heads or set(row.found) == set(heads) else "run `python server.py migrate`"

    return {"database": answers, "migrations": migrated} | {name: _alive(one) for name, one in beside.items()}


def _alive(one: Alive) -> Check:
    async def runs() -> str | None:
        return None if one.alive else "not running, or without the database"

    return runs


async def _found(check: Check) -> str | None:
    try:
        async with asyncio.timeout(PATIENCE):
            return await check()
    except (SQLAlchemyError, OSError) as error:
        logger().warning("not ready", error=type(error).__name__)
        return "the database does not answer"
