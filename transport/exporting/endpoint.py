"""POST /export: what a query's filter selects, streamed as a file."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager, suppress
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from graphql import GraphQLError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.actor import Actor
from domain.kernel.errors import Busy, Forbidden, Refused
from resolvers.context import Context
from schema.export import Export, export
from transport import refusal
from transport.body import JSON, body_of, check_content
from transport.door import Credential, Door, shown
from transport.exporting.form import Form, Node, Wishes
from transport.exporting.pages import FORMS, FailedError, pieces
from transport.http import reply
from transport.log import Trace, logger, told
from transport.metrics import Metrics
from transport.operation import House, broken, parsed, refused, understood
from transport.request import Unfit, asked, decoded
from transport.settings import Settings

PATH = "/export"
PATIENCE = 240
"""Seconds for a client to take a page."""
RETRY = "10"
CHANGED = "Your rights have changed meanwhile; export it again."


@dataclass(frozen=True, slots=True)
class Order:
    """What was ordered, by whom, and in which form."""

    actor: Actor
    credential: Credential | None
    export: Export
    form: Form
    name: str

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        """What is said before the first byte. A name in GraphQL is safe to be one of a file."""
        named = f'attachment; filename="{self.name}.{self.form.ending}"'
        said = {"content-type": self.form.media, "content-disposition": named, "cache-control": "no-store"}
        return [(name.encode(), value.encode()) for name, value in said.items()]


class Exports:
    """The endpoint."""

    def __init__(self, house: House, door: Door, metrics: Metrics, settings: Settings) -> None:
        self._house, self._door, self._metrics, self._settings = house, door, metrics, settings
        self._running = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, trace = Request(scope, receive), scope["trace"]
        with self._counted(trace):
            response = await self._answered(request, trace, send)
        if response is not None:
            await response(scope, receive, send)

    async def _answered(self, request: Request, trace: Trace, send: Send) -> Response | None:
        """The refusal of an export; None if it was sent, or nobody is there to be answered."""
        try:
            await self._serve(request, trace, send)
        except Unfit as unfit:
            return reply({"errors": [unfit.shown]}, JSON, status=unfit.status, headers=unfit.headers)
        except GraphQLError as error:
            return reply(refused(error).shown, JSON, status=400)
        except Refused as error:
            return _refusal(refusal.shown(error))
        except FailedError as failed:
            return _refusal(failed.errors)
        except ClientDisconnect:
            trace.outcome = "gone"
        return None

    async def _serve(self, request: Request, trace: Trace, send: Send) -> None:
        order = await self._order(request, trace)
        columns = [one.name for one in order.export.columns]
        with self._room(), told("export", trace, list=order.export.of, columns=columns) as facts:
            try:
                async with self._house.picture(trace, order.actor) as context:
                    await self._stream(request, trace, send, order, context)
            finally:
                facts |= {"format": order.form.ending, "rows": order.form.count}

    async def _order(self, request: Request, trace: Trace) -> Order:
        if request.method != "POST":
            raise Unfit("Use POST.", status=405, headers={"Allow": "POST"})
        trace.actor = actor = await self._door.known(request.headers)
        check_content(request.headers)
        wanted = decoded(await body_of(request, self._settings.body_limit))
        question = asked(wanted)
        operation = understood(question)
        trace.operation, trace.type = operation.name, operation.type.value
        found = export(self._house.schema, parsed(question.query), question.operation, question.variables)
        found.check(actor)
        form = _form(wanted)(found, Wishes(bom=_flag(wanted, "bom"), raw=_flag(wanted, "raw")))
        return Order(actor, shown(request.headers), found, form, operation.name or found.of)

    async def _stream(self, request: Request, trace: Trace, send: Send, order: Order, context: Context) -> None:
        """Send it all, unless the client leaves; what is refused before the first piece is raised."""

        async def between() -> None:
            if order.credential is not None and await self._door.glance(order.credential) != order.actor:
                raise Forbidden(CHANGED)

        async with aclosing(pieces(self._house, context, order.export, order.form, between)) as found:
            first = await anext(found)
            trace.outcome = "gone"
            writing = asyncio.create_task(_written(trace, send, order, first, found))
            leaving = asyncio.create_task(_left(request))
            try:
                await asyncio.wait({writing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                writing.cancel(), leaving.cancel()
                await asyncio.gather(writing, leaving, return_exceptions=True)

    @contextmanager
    def _room(self) -> Iterator[None]:
        """One of the places there are for exports, each of which holds a connection to the database."""
        if self._running >= self._settings.exports:
            raise Unfit(
                "All exports that may run at once do; try again.",
                status=503,
                code=Busy.code,
                headers={"Retry-After": RETRY},
            )
        self._running += 1
        try:
            yield
        finally:
            self._running -= 1

    @contextmanager
    def _counted(self, trace: Trace) -> Iterator[None]:
        began = perf_counter()
        trace.outcome = "refused"
        yield
        self._metrics.requests.labels("export", trace.type or "none", trace.outcome).inc()
        self._metrics.seconds.labels("export").observe(perf_counter() - began)


async def _written(trace: Trace, send: Send, order: Order, first: bytes, found: AsyncGenerator[bytes]) -> None:
    """Send pieces as they come. One that cannot be had ends the answer without its end, so that clients notice."""
    await send({"type": "http.response.start", "status": 200, "headers": order.headers})
    try:
        await _put(send, first)
        async for piece in found:
            await _put(send, piece)
    except TimeoutError:
        trace.outcome = "stalled"
    except Exception as error:  # noqa: BLE001 - the client must learn that there is more
        trace.outcome = "broken"
        with suppress(TimeoutError):
            await _put(send, order.form.broken(_reason(error, trace)))
    else:
        trace.outcome = "ok"
        await send({"type": "http.response.body", "body": b""})


def _reason(error: Exception, trace: Trace) -> Node:
    if isinstance(error, FailedError):
        return error.errors[0]
    if isinstance(error, Refused):
        return refusal.shown(error)[0]
    logger().exception("broken", request_id=trace.request_id)
    return broken(trace.request_id)


async def _put(send: Send, piece: bytes) -> None:
    if piece:
        async with asyncio.timeout(PATIENCE):
            await send({"type": "http.response.body", "body": piece, "more_body": True})


async def _left(request: Request) -> None:
    """Returns when the client has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _form(wanted: dict[str, Any]) -> Any:
    if (form := FORMS.get(str(wanted.get("format")))) is None:
        raise Unfit(f"`format` must be one of {', '.join(FORMS)}.")
    return form


def _flag(wanted: dict[str, Any], name: str) -> bool:
    if not isinstance(flag := wanted.get(name, False), bool):
        raise Unfit(f"`{name}` must be true or false.")
    return flag


def _refusal(errors: Any) -> Response:
    return reply({"errors": errors}, JSON, status=refusal.status(errors))
