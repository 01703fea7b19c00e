"""GET /documents/{id}.pdf: a paper's page, to whoever may see the paper."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from threading import BoundedSemaphore
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.errors import BadInput, Busy, Refused
from resolvers.printing import ADDRESS, page_of
from transport import refusal
from transport.door import Door
from transport.http import JSON, reply
from transport.log import Trace, told
from transport.metrics import Metrics
from transport.operation import House
from transport.request import Unfit

if TYPE_CHECKING:
    from domain.printing.page import Page
    from resolvers.nodes import Nouns

PATH = ADDRESS
AT_ONCE = 2
"""Pages that are made at a time; each takes a thread, and memory while it is large."""
WAITING = 30
"""Pages that may wait for their turn beside those."""
PATIENCE = 30.0
"""Seconds for a page to be made, its turn waited for."""
RETRY = {"Retry-After": "5"}
LONGEST = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Prints:
    """The endpoint."""

    def __init__(self, house: House, door: Door, metrics: Metrics, nouns: Nouns) -> None:
        self._house, self._door, self._metrics, self._nouns = house, door, metrics, nouns
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="print")
        self._places = BoundedSemaphore(AT_ONCE + WAITING)

    async def serve(self, request: Request) -> Response:
        """The page as a file, or why there is none."""
        trace: Trace = request.scope["trace"]
        with self._counted(trace):
            try:
                return await self._answer(request, trace)
            except Unfit as unfit:
                return reply({"errors": [unfit.shown]}, JSON, status=unfit.status, headers=unfit.headers)
            except Refused as refused:
                errors = refusal.shown(refused)
                return reply({"errors": errors}, JSON, status=refusal.status(errors))

    async def _answer(self, request: Request, trace: Trace) -> Response:
        trace.actor = actor = await self._door.known(request.headers)
        language = _language(request)
        async with self._house.context(trace, actor) as context:
            making = await page_of(context, self._nouns, request.path_params["id"], language)
        with told("print", trace) as facts:
            page, made = await self._made(making)
            trace.outcome = "ok"
            facts |= {"paper": page.name, "bytes": len(made)}
        return Response(made, headers=_headers(page), media_type="application/pdf")

    async def _made(self, page: Callable[[], Page]) -> tuple[Page, bytes]:
        """The page and its PDF. What takes too long is not waited for, but keeps its place until it has ended."""
        if not self._places.acquire(blocking=False):
            raise _busy("Too many pages are being made; try again.")
        making = self._threads.submit(_printed, page)
        making.add_done_callback(lambda _: self._places.release())
        try:
            async with asyncio.timeout(PATIENCE):
                return await asyncio.wrap_future(making)
        except TimeoutError:
            raise _busy("The page was not made in time; try again.") from None

    @contextmanager
    def _counted(self, trace: Trace) -> Iterator[None]:
        began = perf_counter()
        trace.outcome = "refused"
        yield
        self._metrics.requests.labels("print", "none", trace.outcome).inc()
        self._metrics.seconds.labels("print").observe(perf_counter() - began)


def _printed(page: Callable[[], Page]) -> tuple[Page, bytes]:
    from domain.printing.press import pdf

    made = page()
    return made, pdf(made)


def file_name(name: str) -> str:
    """What a file may be called anywhere, after the number of a paper."""
    return _UNSAFE.sub("-", name)[:LONGEST].strip(".-") or "document"


def _headers(page: Page) -> dict[str, str]:
    plain = file_name(page.name)
    exact = quote(page.name.replace("/", "-").replace("\\", "-")[:LONGEST], safe="")
    other = "" if plain == page.name else f"; filename*=UTF-8''{exact}.pdf"
    return {
        "Content-Disposition": f'attachment; filename="{plain}.pdf"{other}',
        "Cache-Control": "no-store",
    }


def _language(request: Request) -> str | None:
    given = request.query_params.getlist("language")
    if len(given) > 1:
        raise BadInput("Given twice; ask for one language.", path=("language",))
    return given[0] if given else None


def _busy(message: str) -> Unfit:
    return Unfit(message, status=503, code=Busy.code, headers=RETRY)
