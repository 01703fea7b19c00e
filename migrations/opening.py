"""A database is found, reached and judged before anything is asked of it; what is wrong with it is told in one line."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import asyncpg
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from domain.kernel.work import Database
from migrations.upgrade import application_url, config, upgrade

OLDEST = 15
PATIENCE = 10
EMBEDDED = "tradegraph"


class Unusable(Exception):
    """The database cannot be used."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a database is for the owner of its tables, and for the application role."""

    owner: str
    application: str


@contextmanager
def found(url: str | None, application: str | None, folder: Path) -> Iterator[Addresses]:
    """The database that the settings name or, if none, that of the PostgreSQL in the folder, which is started."""
    if url is not None:
        yield Addresses(url, application or application_url(url))
        return
    try:
        from migrations.embedded import Cluster
    except ImportError:
        raise Unusable("PostgreSQL is not embedded on this system; set DATABASE_URL to one of your own.") from None
    with Cluster(folder) as cluster:
        owner = cluster.url(EMBEDDED, EMBEDDED)
        yield Addresses(owner, application_url(owner))


@asynccontextmanager
async def opened(addresses: Addresses, *, upgrading: bool) -> AsyncIterator[tuple[Database, Database]]:
    """The database as its owner sees it and as the application does, at the shape of this version."""
    await _reach(addresses.owner)
    if upgrading:
        await _upgrade(addresses)
    await _judge(addresses)
    owner, application = Database(addresses.owner, size=2), Database(addresses.application)
    try:
        yield owner, application
    finally:
        await application.close()
        await owner.close()


def heads() -> list[str]:
    """The revisions that make up the shape of this version."""
    return ScriptDirectory.from_config(config()).get_heads()


async def _reach(address: str) -> None:
    connection = await _connected(address)
    version = connection.get_server_version()
    await connection.close()
    if version.major < OLDEST:
        raise Unusable(f"{_shown(address)} is PostgreSQL {version.major}; Tradegraph needs {OLDEST} or newer.")


async def _judge(addresses: Addresses) -> None:
    connection = await _connected(addresses.owner)
    try:
        present = {row[0] for row in await connection.fetch("select version_num from alembic_version")}
    except asyncpg.UndefinedTableError:
        present = set()
    finally:
        await connection.close()
    if present != set(heads()):
        raise Unusable(f"{_shown(addresses.owner)} has not the shape of this version; run `python server.py migrate`.")
    await (await _connected(addresses.application)).close()


async def _upgrade(addresses: Addresses) -> None:
    try:
        await upgrade(addresses.owner, application=addresses.application)
    except (SQLAlchemyError, CommandError) as error:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        raise Unusable(f"{_shown(addresses.owner)} cannot be brought to the shape of this version: {reason}") from error


async def _connected(address: str) -> asyncpg.Connection:
    try:
        return await asyncpg.connect(address, timeout=PATIENCE)
    except (OSError, ValueError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        reason = str(error) or f"no answer within {PATIENCE} seconds, or not PostgreSQL"
        raise Unusable(f"{_shown(address)} cannot be used: {reason.splitlines()[0]}") from error


def _shown(address: str) -> str:
    return make_url(address).render_as_string()
