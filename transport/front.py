"""What every request passes first: it gets an id, is told in the log, and meets no stack trace."""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from domain.kernel.base import uuid7
from transport.encoding import encoded
from transport.log import Trace, logger, told
from transport.operation import broken

_SANE = re.compile(r"[A-Za-z0-9._:-]{1,100}")


class Front:
    """The outermost layer."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        given = Headers(scope=scope).get("x-request-id", "")
        scope["trace"] = trace = Trace(given if _SANE.fullmatch(given) else uuid7().hex)
        with told("request", trace, method=scope.get("method", "WEBSOCKET"), path=scope["path"]) as facts:
            await self._pass(scope, receive, send, facts)

    async def _pass(self, scope: Scope, receive: Receive, send: Send, facts: dict[str, object]) -> None:
        async def stamp(message: Message) -> None:
            if message["type"] == "http.response.start":
                facts["status"] = message["status"]
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = scope["trace"].request_id
                headers["X-Content-Type-Options"] = "nosniff"
            await send(message)

        try:
            await self._app(scope, receive, stamp)
        except Exception:
            logger().exception("broken", request_id=scope["trace"].request_id)
            if scope["type"] == "websocket" or "status" in facts:
                raise
            await _apologise(stamp, scope["trace"])


async def _apologise(send: Send, trace: Trace) -> None:
    body = encoded({"errors": [broken(trace.request_id)]})
    headers = [(b"content-type", b"application/json; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 500, "headers": headers})
    await send({"type": "http.response.body", "body": body})
