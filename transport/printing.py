"""GET /documents/{id}.pdf: a paper's page, to whoever may see the paper."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response

from domain.kernel.errors import BadInput, Refused
from resolvers.printing import ADDRESS, page_of
from transport import refusal
from transport.door import Door
from transport.http import JSON, reply
from transport.log import Trace, told
from transport.metrics import Metrics
from transport.operation import House
from transport.press import Press
from transport.request import Unfit

if TYPE_CHECKING:
    from domain.printing.page import Page
    from resolvers.nodes import Nouns

PATH = ADDRESS
LONGEST = 100
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Prints:
    """The endpoint."""

    def __init__(self, house: House, door: Door, metrics: Metrics, nouns: Nouns) -> None:
        self._house, self._door, self._metrics, self._nouns = house, door, metrics, nouns
        self._press = Press()

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
        with self._press.place():
            async with self._house.context(trace, actor) as context:
                making = await page_of(context, self._nouns, request.path_params["id"], language)
            with told("print", trace) as facts:
                page, made = await self._press.made(making)
                trace.outcome = "ok"
                facts |= {"paper": page.name, "bytes": len(made)}
        return Response(made, headers=_headers(page), media_type="application/pdf")

    @contextmanager
    def _counted(self, trace: Trace) -> Iterator[None]:
        began = perf_counter()
        trace.outcome = "refused"
        yield
        self._metrics.requests.labels("print", "none", trace.outcome).inc()
        self._metrics.seconds.labels("print").observe(perf_counter() - began)


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
