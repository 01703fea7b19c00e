"""Real PostgreSQL for every test: one cluster a run, one database a test, copied from a migrated template."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from domain.kernel.work import Database
from migrations.embedded import Cluster
from migrations.upgrade import application_url, upgrade
from tests.firm import Firm, found
from tests.realdata import adventureworks, pytest_collection_modifyitems, pytest_terminal_summary

__all__ = ["adventureworks", "pytest_collection_modifyitems", "pytest_terminal_summary"]

TEMPLATE = "tradegraph"


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own, gone when they end."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    cluster = Cluster(folder, durable=False)
    cluster.open()
    asyncio.run(upgrade(cluster.url(TEMPLATE, "tradegraph")))
    yield cluster
    cluster.close()


@pytest.fixture
async def database_url(cluster: Cluster) -> AsyncIterator[str]:
    """The owner's URL of a fresh, migrated, empty database."""
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(cluster.url("postgres", "tradegraph"))
    await admin.execute(f'create database "{name}" template "{TEMPLATE}"')
    yield cluster.url(name, "tradegraph")
    await admin.execute(f'drop database "{name}" with (force)')
    await admin.close()


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    """The same, as the application role sees it."""
    database = Database(application_url(database_url, f"{TEMPLATE}_app"))
    yield database
    await database.close()


@pytest.fixture
async def firm(database: Database, database_url: str) -> Firm:
    """A small firm to trade with."""
    return await found(database, database_url)
