"""The line to one client: messages in and out, and a goodbye that is said once."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from starlette.websockets import WebSocket, WebSocketDisconnect

from transport.encoding import encoded
from transport.request import Unfit, decoded

LONGEST_REASON = 120
LONGEST_ID = 255

Message = dict[str, Any]


class Breach(Exception):
    """The client broke the protocol, or may not come in; the socket closes with a code."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason


class Line:
    """One WebSocket, on which many may speak and each message stays whole."""

    def __init__(self, websocket: WebSocket) -> None:
        self.websocket = websocket
        self.code: int | None = None
        self._speaking = asyncio.Lock()

    async def hear(self) -> Message:
        """The next message. Raises Breach for what is none, WebSocketDisconnect when the client has left."""
        event = await self.websocket.receive()
        if event["type"] == "websocket.disconnect":
            self.code = self.code or event.get("code", 1005)
            raise WebSocketDisconnect(self.code)
        return _message(event.get("text"))

    async def say(self, message: Message) -> None:
        """Send a message, unless the line is closed."""
        text = encoded(message).decode()
        async with self._speaking:
            if self.code is None:
                await self.websocket.send_text(text)

    async def leave(self, code: int, reason: str) -> None:
        """Close the line from our side; once."""
        async with self._speaking:
            if self.code is None:
                self.code = code
                with suppress(WebSocketDisconnect, RuntimeError):
                    await self.websocket.close(code, reason.encode()[:LONGEST_REASON].decode(errors="ignore"))


def payload_of(message: Message) -> Message:
    """The payload where any object, or none, will do."""
    payload = message.get("payload")
    if payload is not None and not isinstance(payload, dict):
        raise Breach(4400, "`payload` must be an object")
    return payload or {}


def id_of(message: Message) -> str:
    """The name the client gave the operation."""
    id = message.get("id")
    if not isinstance(id, str) or not 0 < len(id) <= LONGEST_ID:
        raise Breach(4400, "`id` must be a string that is not empty")
    return id


def _message(text: str | None) -> Message:
    if text is None:
        raise Breach(4400, "Send text, not binary data")
    try:
        message = decoded(text)
    except Unfit as unfit:
        raise Breach(4400, unfit.message.replace("The body", "The message")) from None
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise Breach(4400, "A message is an object with a `type`")
    return message
