"""A real server on a free port of the loopback, and clients of it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Self

import httpx
from starlette.applications import Starlette
from strawberry import Schema
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from domain.access.credential import KEY, digest, fresh, hint
from domain.access.user import ApiKey
from resolvers.hub import Hub
from tests.firm import Firm
from transport.app import Server, application, listen
from transport.settings import Settings


@dataclass
class Served:
    """What a test needs to know of a running server."""

    firm: Firm
    app: Starlette
    server: Server
    port: int
    http: httpx.AsyncClient
    keys: dict[str, str] = field(default_factory=dict)

    def bearer(self, role: str = "buyer") -> dict[str, str]:
        return {"Authorization": f"Bearer {self.keys[role]}"}

    async def ask(self, query: str, role: str | None = "buyer", **more: Any) -> httpx.Response:
        """Send a query as JSON."""
        headers = (self.bearer(role) if role else {}) | more.pop("headers", {})
        return await self.http.post("/graphql", json={"query": query, **more}, headers=headers)

    @asynccontextmanager
    async def socket(self, role: str | None = "buyer", **more: Any) -> AsyncIterator[Talk]:
        """A socket, greeted unless `role` is None."""
        protocols = [Subprotocol(one) for one in more.pop("subprotocols", ["graphql-transport-ws"])]
        address = f"ws://127.0.0.1:{self.port}/graphql"
        async with connect(address, subprotocols=protocols or None, **more) as connection:
            talk = Talk(connection)
            if role is not None:
                await talk.greet(authorization=f"Bearer {self.keys[role]}")
            yield talk


class Talk:
    """One side of a conversation in graphql-transport-ws."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: Any) -> Self:
        await self.connection.send(json.dumps(message))
        return self

    async def greet(self, **payload: str) -> None:
        await self.say(type="connection_init", payload=payload)
        assert await self.hear() == {"type": "connection_ack"}

    async def ask(self, id: str, query: str, **more: Any) -> None:
        await self.say(id=id, type="subscribe", payload={"query": query, **more})

    async def hear(self, seconds: float = 5) -> dict[str, Any]:
        async with asyncio.timeout(seconds):
            heard: dict[str, Any] = json.loads(await self.connection.recv())
            return heard

    async def silence(self, seconds: float = 0.2) -> None:
        """Nothing is said for a while."""
        try:
            async with asyncio.timeout(seconds):
                said = await self.connection.recv()
        except TimeoutError:
            return
        raise AssertionError(said)

    async def farewell(self) -> tuple[int | None, str | None]:
        """The code and the reason with which the server leaves; whatever it says before is passed over."""
        async with asyncio.timeout(5):
            with suppress(ConnectionClosed):
                while True:
                    await self.connection.recv()
        return self.connection.close_code, self.connection.close_reason


@asynccontextmanager
async def serving(firm: Firm, schema: Schema, hub: Hub | None = None, **settings: Any) -> AsyncIterator[Served]:
    """Serve a schema to a firm whose every role has a key."""
    made = Settings.read(PORT=0, **settings)
    app = application(made, firm.database, schema, hub)
    with listen(made) as listener:
        started, port = asyncio.Event(), listener.getsockname()[1]
        server = Server(app, made, started.set)
        running = asyncio.create_task(server.serve([listener]))
        await started.wait()
        try:
            async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield Served(firm, app, server, port, client, await keys(firm))
        finally:
            server.should_exit = True
            await running


async def keys(firm: Firm) -> dict[str, str]:
    """A key for each role, acting for the person of that role."""
    secrets = {role: fresh(KEY) for role in firm.actors}

    def make(work: Any) -> None:
        for role, secret in secrets.items():
            person = firm[f"user:{role}"]
            work.add(ApiKey(name=f"{role}'s key", digest=digest(secret), hint=hint(secret), user_id=person))

    await firm.database.transact(firm.actor("administrator"), make)
    return secrets
