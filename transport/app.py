"""The application and its server: routes, layers, and an orderly end."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route, WebSocketRoute
from starlette.types import Lifespan
from strawberry import Schema

from domain.intake.shelf import Shelf
from domain.kernel.work import Database
from resolvers.hub import Hub
from schema.build import nouns_of
from transport.door import Door
from transport.exporting.endpoint import PATH as EXPORT
from transport.exporting.endpoint import Exports
from transport.front import Front
from transport.health import Alive, Readiness, checks, lives
from transport.http import JSON, GraphQL, reply
from transport.imports import Imports
from transport.metrics import Metrics
from transport.operation import House
from transport.page import page
from transport.patient import Patient
from transport.printing import PATH as PAGE
from transport.printing import Prints
from transport.running import Hall
from transport.settings import Settings, WrongSettingError
from transport.socket import Sockets

PATH = "/graphql"
GRACE = 10
"""Seconds for running requests to end when the server goes down."""
RARELY = 50_000
"""Objects that come into being before the collector looks at them again: a paper of 10,000 lines makes a million, and
hardly any are in circles."""
HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "X-Request-Id")
BACKLOG = 2048


def application(
    settings: Settings,
    database: Database,
    schema: Schema,
    hub: Hub | None = None,
    *,
    heads: Collection[str] = (),
    sealing: Alive | None = None,
    importing: Alive | None = None,
    lifespan: Lifespan[Starlette] | None = None,
) -> Starlette:
    """The whole service as an ASGI application. `heads` are the revisions the database should be at."""
    watches = {"events": hub, "sealer": sealing, "imports": importing}
    beside = {name: one for name, one in watches.items() if one is not None}
    metrics, house = Metrics(database), House(schema, database, hub)
    door = Door(database, settings.origins)
    imports = Imports(database, door, shelf(settings), settings.upload_limit)
    sockets = Sockets(Hall(house, door, metrics, settings))

    async def figures(_: Request) -> Response:
        return Response(await metrics.page(), media_type=metrics.media_type)

    made = Starlette(
        routes=[
            Route("/", page),
            Route(PATH, GraphQL(house, door, metrics, settings)),
            WebSocketRoute(PATH, sockets.serve),
            Route(EXPORT, Exports(house, door, metrics, settings)),
            Route(PAGE, Prints(house, door, metrics, nouns_of(schema)).serve, methods=["GET"]),
            *imports.routes,
            Route("/healthz", lives),
            Route("/readyz", Readiness(checks(database, heads, beside)).tell),
            Route("/metrics", figures),
        ],
        middleware=[Middleware(Front), _cors(settings)],
        exception_handlers={HTTPException: _elsewhere},
        lifespan=lifespan,
    )
    made.state.sockets = sockets
    return made


def shelf(settings: Settings) -> Shelf:
    """Where uploaded files lie."""
    return Shelf(settings.var / "imports")


def listen(settings: Settings) -> socket.socket:
    """The socket to serve on; WrongSettingError in one line if it cannot be had."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        listener = socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except (OSError, OverflowError) as error:
        reason = getattr(error, "strerror", None) or error
        raise WrongSettingError(
            f"HOST, PORT: cannot serve on {settings.host}:{settings.port}: {reason}; choose others"
        ) from None
    # Inherited by every connection: an answer is written in two pieces, and the second must not wait for an ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


class Server(uvicorn.Server):
    """Serves an application until it is told to stop; `started_up` is called once it answers."""

    def __init__(self, app: Starlette, settings: Settings, started_up: Callable[[], None] | None = None) -> None:
        super().__init__(
            uvicorn.Config(
                app,
                http=Patient,
                ws="websockets-sansio",
                ws_max_size=settings.body_limit,
                ws_per_message_deflate=False,
                lifespan="on",
                log_config=None,
                access_log=False,
                server_header=False,
                timeout_graceful_shutdown=GRACE,
            )
        )
        self._app, self._started_up = app, started_up

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """A signal ends the serving and not the process, whose owner has more to close."""
        with super().capture_signals():
            yield
            self._captured_signals.clear()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        gc.freeze()
        gc.set_threshold(RARELY)
        if self.started and self._started_up is not None:
            self._started_up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        await self._app.state.sockets.close()
        await super().shutdown(sockets)


def _cors(settings: Settings) -> Middleware:
    return Middleware(
        CORSMiddleware,
        allow_origins=settings.origins,
        allow_methods=("GET", "POST", "PUT", "DELETE"),
        allow_headers=HEADERS,
        allow_credentials=True,
        expose_headers=("X-Request-Id", "Content-Disposition"),
    )


async def _elsewhere(_: Request, error: Exception) -> Response:
    found = error if isinstance(error, HTTPException) else HTTPException(500)
    message = f"There is nothing here; the API is at {PATH}." if found.status_code == 404 else found.detail  # noqa: PLR2004
    shown = {"errors": [{"message": message, "extensions": {"code": "BAD_REQUEST"}}]}
    return reply(shown, JSON, status=found.status_code, headers=found.headers)
