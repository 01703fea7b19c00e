"""Files of an import come in, and its report goes out, over plain HTTP at addresses of their own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TYPE_CHECKING
from uuid import UUID

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from domain.intake.job import Import
from domain.intake.outcome import report_of
from domain.intake.shelf import Arrival, Shelf, collecting, fitting
from domain.kernel.commands import Ref
from domain.kernel.errors import NotFound, Refused
from domain.kernel.events import record_type
from resolvers.ids import ref
from transport import refusal
from transport.http import JSON, reply
from transport.request import Unfit

if TYPE_CHECKING:
    from domain.kernel.actor import Actor
    from domain.kernel.work import Database
    from transport.door import Door

PATIENCE = 30
"""Seconds between two pieces of a file."""
PIECE = 1 << 20
Act = Callable[[Request, "Actor"], Awaitable[Response]]


class Imports:
    """The addresses below /imports."""

    def __init__(self, database: Database, door: Door, shelf: Shelf, limit: int) -> None:
        self._database, self._door, self._shelf, self._limit = database, door, shelf, limit

    @property
    def routes(self) -> list[Route]:
        """Where the files and reports are."""
        return [
            Route("/imports/{id}/files/{name}", self._told(self._file), methods=["PUT", "DELETE"]),
            Route("/imports/{id}/report.json", self._told(self._report), methods=["GET"]),
            Route("/imports/{id}/report.txt", self._told(self._text), methods=["GET"]),
        ]

    def _told(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def answer(request: Request) -> Response:
            try:
                return await act(request, await self._admitted(request))
            except Unfit as unfit:
                return reply({"errors": [unfit.shown]}, JSON, status=unfit.status, headers=unfit.headers)
            except Refused as refused:
                errors = refusal.shown(refused)
                return reply({"errors": errors}, JSON, status=refusal.status(errors))

        return answer

    async def _admitted(self, request: Request) -> Actor:
        request.scope["trace"].actor = actor = await self._door.known(request.headers)
        return actor

    async def _file(self, request: Request, actor: Actor) -> Response:
        return await (self._put if request.method == "PUT" else self._delete)(request, actor)

    async def _put(self, request: Request, actor: Actor) -> Response:
        job, name = _job(request), fitting(request.path_params["name"])
        self._must_be_bearable(request)
        await self._database.transact(actor, lambda work: collecting(work, job))
        arrived = await asyncio.to_thread(self._shelf.arrival, actor.tenant, job, name)
        try:
            await self._receive(request, arrived)
            new = await self._database.transact(actor, lambda work: self._shelf.keep(work, job, arrived))
        finally:
            await asyncio.to_thread(arrived.discard)
        shown = {"name": arrived.name, "size": arrived.size, "sha256": arrived.sha256}
        return reply(shown, JSON, status=201 if new else 200)

    async def _receive(self, request: Request, arrived: Arrival) -> None:
        async for piece in _pieces(request):
            if arrived.size + len(piece) > self._limit:
                raise self._too_large()
            await asyncio.to_thread(arrived.add, piece)
        await asyncio.to_thread(arrived.close)

    def _must_be_bearable(self, request: Request) -> None:
        if request.headers.get("content-encoding", "identity").lower() != "identity":
            raise Unfit("Send the file uncompressed.", status=415, headers={"Accept-Encoding": "identity"})
        if int(request.headers.get("content-length", 0)) > self._limit:
            raise self._too_large()

    def _too_large(self) -> Unfit:
        return Unfit(f"The file is larger than {self._limit} bytes; divide it.", status=413, code="TOO_MUCH")

    async def _delete(self, request: Request, actor: Actor) -> Response:
        job, name = _job(request), request.path_params["name"]
        await self._database.transact(actor, lambda work: self._shelf.drop(work, job, name))
        return Response(status_code=204)

    async def _report(self, request: Request, actor: Actor) -> Response:
        named = _named(request)
        found = await self._database.transact(actor, lambda work: report_of(work, named))
        return reply(found.content, JSON)

    async def _text(self, request: Request, actor: Actor) -> Response:
        named = _named(request)
        found = await self._database.transact(actor, lambda work: report_of(work, named))
        return Response(f"{found.text}\n", headers={"Cache-Control": "no-store"}, media_type="text/plain")


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    """The body in pieces of some size."""
    stream, kept = request.stream(), bytearray()
    try:
        while True:
            async with asyncio.timeout(PATIENCE):
                chunk = await anext(stream, None)
            if chunk is None:
                break
            kept += chunk
            if len(kept) >= PIECE:
                yield bytes(kept)
                kept.clear()
    except TimeoutError:
        raise Unfit("The file did not arrive.", status=408, headers={"Connection": "close"}) from None
    except ClientDisconnect:
        raise Unfit("The file broke off.") from None
    yield bytes(kept)


def _named(request: Request) -> Ref:
    """The import of the address. What is no id of one is the id of none."""
    try:
        named = ref(request.path_params["id"])
    except Refused:
        raise NotFound from None
    if named.id is None or named.type != record_type(Import):
        raise NotFound
    return named


def _job(request: Request) -> UUID:
    key = _named(request).id
    if key is None:
        raise NotFound
    return key
