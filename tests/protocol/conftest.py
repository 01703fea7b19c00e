"""One server of toys for all tests of the protocol that leave no trace in it."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import httpx
import pytest

from domain.kernel.work import Database
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from tests.firm import Firm, found
from tests.protocol.serving import Served, serving
from tests.protocol.toy import toys


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One event loop for all, so that a server can outlive a test."""
    return "asyncio"


@pytest.fixture(scope="session")
async def toy_firm(cluster: Cluster) -> AsyncIterator[Firm]:
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(cluster.url("postgres", "tradegraph"))
    await admin.execute(f'create database "{name}" template "tradegraph"')
    owner = cluster.url(name, "tradegraph")
    database = Database(application_url(owner, "tradegraph_app"))
    yield await found(database, owner)
    await database.close()
    await admin.execute(f'drop database "{name}" with (force)')
    await admin.close()


@pytest.fixture(scope="session")
async def toy_server(toy_firm: Firm) -> AsyncIterator[Served]:
    async with serving(toy_firm, toys(), TRADEGRAPH_RECHECK_SECONDS="0.2") as served:
        yield served


@pytest.fixture
async def served(toy_server: Served) -> AsyncIterator[Served]:
    """The server of toys, with a client that has no cookies yet."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{toy_server.port}", timeout=10) as client:
        yield replace(toy_server, http=client)
