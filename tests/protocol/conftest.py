"""One server of toys for all tests of the protocol that leave no trace in it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
import structlog

from migrations.embedded import Cluster
from tests.firm import Firm, standing
from tests.protocol.serving import Served, serving
from tests.protocol.toy import toys
from transport.log import PLAIN


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """One event loop for all, so that a server can outlive a test."""
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def logs() -> None:
    """Lines as the server writes them, to wherever pytest looks."""
    structlog.configure(processors=[structlog.dev.ConsoleRenderer(colors=False, exception_formatter=PLAIN)])


@pytest.fixture(scope="session")
async def toy_firm(cluster: Cluster) -> AsyncIterator[Firm]:
    async with standing(cluster) as firm:
        yield firm


@pytest.fixture(scope="session")
async def toy_server(toy_firm: Firm) -> AsyncIterator[Served]:
    async with serving(toy_firm, toys(), TRADEGRAPH_RECHECK_SECONDS="0.2") as served:
        yield served


@pytest.fixture
async def served(toy_server: Served) -> AsyncIterator[Served]:
    """The server of toys, with a client that has no cookies yet."""
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{toy_server.port}", timeout=10) as client:
        yield replace(toy_server, http=client)
