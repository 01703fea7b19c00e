"""The protocol graphql-transport-ws, to the letter.

A mistake in one operation ends that operation; a mistake in the protocol ends the socket with the code it names. What
a socket is told depends on rights that may change while it is open, so they are looked at again before each event.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import ClassVar

from sqlalchemy.exc import SQLAlchemyError
from starlette.websockets import WebSocket, WebSocketDisconnect

from transport import door
from transport.door import Credential
from transport.line import Breach, Line, Message, id_of, payload_of
from transport.log import Trace, logger
from transport.request import Unfit, asked
from transport.running import GONE, Hall, Operations

SUBPROTOCOL = "graphql-transport-ws"


class Sockets:
    """All open sockets of the process."""

    def __init__(self, hall: Hall) -> None:
        self._hall = hall
        self._lines: set[Line] = set()

    async def serve(self, websocket: WebSocket) -> None:
        """Serve one socket to its end."""
        line = Line(websocket)
        if SUBPROTOCOL not in websocket.scope["subprotocols"]:
            await websocket.accept()
            await line.leave(4406, f"Use the subprotocol {SUBPROTOCOL}")
            return
        await websocket.accept(SUBPROTOCOL)
        self._lines.add(line)
        with self._hall.metrics.sockets.track_inprogress():
            try:
                await Socket(self._hall, line, websocket.scope["trace"]).run()
            finally:
                self._lines.discard(line)

    async def close(self) -> None:
        """Say goodbye to all of them: the server goes down."""
        goodbyes = [asyncio.create_task(one.leave(1001, "The server goes down; connect again")) for one in self._lines]
        if goodbyes:
            await asyncio.wait(goodbyes, timeout=1)


class Socket:
    """One connection: greeted first, then heard."""

    def __init__(self, hall: Hall, line: Line, trace: Trace) -> None:
        self._hall, self._line, self._trace = hall, line, trace
        self._greeted = False
        self._operations: Operations | None = None
        self._clock = asyncio.create_task(self._await_greeting())

    async def run(self) -> None:
        """Listen until either side leaves; nothing of this socket outlives it."""
        try:
            await self._listen()
        except Breach as breach:
            await self._line.leave(breach.code, breach.reason)
        except WebSocketDisconnect:
            pass
        except Exception:  # noqa: BLE001 - the client must learn that it may come again
            logger().exception("broken", request_id=self._trace.request_id)
            await self._line.leave(1011, "Something broke on our side; connect again")
        finally:
            self._trace.outcome = str(self._line.code)
            self._clock.cancel()
            if self._operations is not None:
                await self._operations.finish()

    async def _listen(self) -> None:
        while True:
            message = await self._line.hear()
            ear = self._ears.get(message["type"])
            if ear is None:
                raise Breach(4400, f"Unknown message type {message['type']!r}")
            await ear(self, message)

    async def _await_greeting(self) -> None:
        await asyncio.sleep(self._hall.settings.socket_patience)
        await self._line.leave(4408, "Connection initialisation timeout")

    async def _keep_watch(self, credential: Credential) -> None:
        while await self._holds(credential):  # noqa: ASYNC110 - nothing announces it
            await asyncio.sleep(self._hall.settings.recheck_seconds)
        await self._line.leave(4403, GONE)

    async def _holds(self, credential: Credential) -> bool:
        try:
            return await self._hall.door.glance(credential) is not None
        except (SQLAlchemyError, OSError):
            return True  # Without the database nothing is delivered either.

    async def _greet(self, message: Message) -> None:
        if self._greeted:
            raise Breach(4429, "Too many initialisation requests")
        self._greeted = True
        credential = self._shown(payload_of(message))
        self._trace.actor = await self._hall.door.admit(credential)
        if self._trace.actor is None:
            raise Breach(4403, "Forbidden: the token or API key is unknown, expired or revoked")
        self._clock.cancel()
        self._clock = asyncio.create_task(self._keep_watch(credential))
        self._operations = Operations(self._hall, self._line, credential, self._trace.request_id)
        await self._line.say({"type": "connection_ack"})

    def _shown(self, payload: Message) -> Credential:
        given = {name.lower(): value for name, value in payload.items()}.get("authorization")
        headers = self._line.websocket.headers
        try:
            credential = door.shown(headers) if given is None else door.bearer(given if isinstance(given, str) else "")
        except Unfit as unfit:
            raise Breach(4403, f"Forbidden: {unfit.message}") from None
        if credential is None:
            raise Breach(4401, "Unauthorized: give `authorization` as connection parameter")
        if credential.is_cookie and not self._hall.door.welcomes(headers):
            raise Breach(4403, "Forbidden: pages of this origin may not use the cookie")
        return credential

    async def _subscribe(self, message: Message) -> None:
        if self._operations is None:
            raise Breach(4401, "Unauthorized")
        id = id_of(message)
        try:
            request = asked(message.get("payload"))
        except Unfit as unfit:
            raise Breach(4400, unfit.message) from None
        await self._operations.start(id, request)

    async def _complete(self, message: Message) -> None:
        id = id_of(message)
        if self._operations is not None:
            self._operations.stop(id)

    async def _ping(self, message: Message) -> None:
        payload = payload_of(message)
        await self._line.say({"type": "pong", "payload": payload} if payload else {"type": "pong"})

    async def _pong(self, message: Message) -> None:
        payload_of(message)

    _ears: ClassVar[dict[str, Callable[[Socket, Message], Awaitable[None]]]] = {
        "connection_init": _greet,
        "subscribe": _subscribe,
        "complete": _complete,
        "ping": _ping,
        "pong": _pong,
    }
