"""GraphQL over HTTP, to the letter: methods, media types, status codes, and every refusal in GraphQL's own shape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from time import perf_counter

from graphql import GraphQLError, OperationType
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from domain.kernel.actor import Actor
from resolvers.context import Context
from transport import body, door
from transport.door import Door
from transport.encoding import encoded
from transport.log import Trace
from transport.metrics import Metrics
from transport.operation import Answer, House, Operation, refused, understood
from transport.request import Asked, Unfit, asked, decoded
from transport.settings import Settings

RESPONSE = "application/graphql-response+json"
JSON = body.JSON
LONGEST_KEY = 255


class GraphQL:
    """The endpoint."""

    def __init__(self, house: House, door: Door, metrics: Metrics, settings: Settings) -> None:
        self._house, self._door, self._metrics = house, door, metrics
        self._body_limit = settings.body_limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, trace, media = Request(scope, receive), scope["trace"], JSON
        with self._counted(trace):
            try:
                media = preferred(request.headers.get("accept"))
                response = await self._answer(request, trace, media)
            except Unfit as unfit:
                response = reply({"errors": [unfit.shown]}, media, status=unfit.status, headers=unfit.headers)
            except ClientDisconnect:
                trace.outcome = "gone"
                return
        await response(scope, receive, send)

    async def _answer(self, request: Request, trace: Trace, media: str) -> Response:
        if request.method not in {"GET", "POST"}:
            raise Unfit("Use POST or GET.", status=405, headers={"Allow": "GET, POST"})
        trace.actor = actor = await self._door.received(request.headers)
        operation = self._understood(await self._asked(request), trace)
        if isinstance(operation, Answer):
            return reply(operation.shown, media, status=400 if media == RESPONSE else 200)
        _check_method(request.method, operation)
        async with self._house.context(trace, actor, _idempotency_key(request)) as context:
            answer = await self._house.run(operation, context)
        trace.outcome = answer.outcome
        headers = _cookies(request, context, stale=actor is None and door.shown(request.headers) is not None)
        return _respond(answer, actor, media, headers)

    async def _asked(self, request: Request) -> Asked:
        if request.method == "GET":
            return _of_parameters(request)
        body.check_content(request.headers)
        return asked(decoded(await body.body_of(request, self._body_limit)))

    def _understood(self, request: Asked, trace: Trace) -> Operation | Answer:
        try:
            operation = understood(request)
        except GraphQLError as error:
            return refused(error)
        trace.operation, trace.type = operation.name, operation.type.value
        return operation

    @contextmanager
    def _counted(self, trace: Trace) -> Iterator[None]:
        began = perf_counter()
        trace.outcome = "refused"
        yield
        kind = trace.type or "none"
        self._metrics.requests.labels("http", kind, trace.outcome).inc()
        self._metrics.seconds.labels(kind).observe(perf_counter() - began)


def preferred(accept: str | None) -> str:
    """The media type to answer in; Unfit if the client takes neither."""
    if accept is None or not accept.strip():
        return JSON
    wishes = dict(_wish(one) for one in accept.split(","))
    anything = max((wishes.get(name, 0) for name in ("*/*", "application/*")), default=0)
    modern, plain = wishes.get(RESPONSE, 0), wishes.get(JSON, anything)
    if modern and modern >= plain:
        return RESPONSE
    if not plain:
        raise Unfit(f"Accept {RESPONSE} or {JSON}.", status=406)
    return JSON


def reply(shown: object, media: str, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A body in one of the two media types."""
    return Response(
        encoded(shown),
        status,
        {"Cache-Control": "no-store", **(headers or {})},
        media_type=f"{media}; charset=utf-8",
    )


def _respond(answer: Answer, actor: Actor | None, media: str, headers: dict[str, str]) -> Response:
    if actor is None and answer.is_for_strangers and not any((answer.data or {}).values()):
        unfit = door.stranger("Nobody signed in.")
        return reply(answer.shown, media, status=unfit.status, headers=headers | unfit.headers)
    status = 200 if answer.begun or media == JSON else 400
    return reply(answer.shown, media, status=status, headers=headers)


def _wish(one: str) -> tuple[str, float]:
    name, *parameters = [part.strip().lower() for part in one.split(";")]
    quality = next((part[2:] for part in parameters if part.startswith("q=")), "1")
    try:
        return name, float(quality)
    except ValueError:
        return name, 0


def _of_parameters(request: Request) -> Asked:
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    if len(given) < len(pairs):
        raise Unfit("A parameter is given twice.")
    parts = {name: decoded(given[name]) for name in ("variables", "extensions") if given.get(name)}
    return asked({"query": given.get("query"), "operationName": given.get("operationName"), **parts})


def _check_method(method: str, operation: Operation) -> None:
    if operation.type is OperationType.SUBSCRIPTION:
        raise Unfit("Subscriptions go over a WebSocket at this address, in the protocol graphql-transport-ws.")
    if method == "GET" and operation.type is not OperationType.QUERY:
        raise Unfit("GET is for queries; send a mutation by POST.", status=405, headers={"Allow": "POST"})


def _idempotency_key(request: Request) -> str | None:
    key = request.headers.get("idempotency-key", "").strip()
    if len(key) > LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise Unfit(f"`Idempotency-Key` takes at most {LONGEST_KEY} printable ASCII characters.")
    return key or None


def _cookies(request: Request, context: Context, *, stale: bool) -> dict[str, str]:
    host = request.headers.get("host", "")
    if context.opened is not None and context.in_cookie:
        return {"Set-Cookie": door.cookie(context.opened.token, context.opened.expires_at, host)}
    return {"Set-Cookie": door.no_cookie(host)} if context.ended or stale else {}
