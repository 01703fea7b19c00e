"""Real PostgreSQL for every test: one cluster a process, one database a test, copied from a template."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from domain.kernel.work import Database
from migrations.embedded import Cluster
from migrations.upgrade import application_url, upgrade
from tests.beside import asked_both_ways, pytest_runtest_call, pytest_runtest_protocol
from tests.firm import BARE, Firm, copied, furnished
from tests.realdata import adventureworks, pytest_collection_modifyitems, pytest_terminal_summary, pytest_testnodedown

__all__ = [
    "adventureworks", "asked_both_ways", "pytest_collection_modifyitems", "pytest_runtest_call",
    "pytest_runtest_protocol", "pytest_terminal_summary", "pytest_testnodedown",
]  # fmt: skip

MEMORY = Path("/dev/shm")
AMPLE = 4 << 30
TRIAL = "trial"


def pytest_configure() -> None:
    """Have what tests write in memory where there is ample: a database is copied in a third of the time.

    No example of a property has a deadline, since others may be at work on the machine.
    """
    settings.register_profile("house", deadline=None)
    settings.load_profile("house")
    if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > AMPLE:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(MEMORY))


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A PostgreSQL of the tests' own, gone when they end."""
    folder: Path = tmp_path_factory.mktemp("postgres")
    with Cluster(folder, durable=False) as cluster:
        asyncio.run(upgrade(cluster.url(BARE, "tradegraph")))
        yield cluster
    shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pattern(cluster: Cluster) -> Firm:
    """The firm in a database of its own, from which each test's is copied."""
    return asyncio.run(furnished(cluster))


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    """What the database of a test is a copy of: the firm if the test asks for it, else an empty one."""
    return request.getfixturevalue("pattern").name if "firm" in request.fixturenames else BARE


@pytest.fixture
async def database_url(cluster: Cluster, template: str) -> AsyncIterator[str]:
    """The owner's URL of a fresh, migrated database."""
    async with copied(cluster, template, TRIAL) as url:
        yield url


@pytest.fixture(scope="session")
def trial(cluster: Cluster) -> Database:
    """What each test works with: of one name and made once, so that what was compiled for a test serves the next."""
    return Database(application_url(cluster.url(TRIAL, "tradegraph"), f"{BARE}_app"))


@pytest.fixture
async def database(database_url: str, trial: Database) -> AsyncIterator[Database]:
    """The same, as the application role sees it."""
    del database_url
    yield trial
    await trial.close()


@pytest.fixture
def firm(pattern: Firm, database: Database, database_url: str) -> Firm:
    """A small firm to trade with."""
    return pattern.at(database, database_url)
