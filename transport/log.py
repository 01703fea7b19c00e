"""One line for every request and operation, as JSON or for the eye; never a token, a password or a variable."""

from __future__ import annotations

import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import orjson
import structlog

from domain.kernel.actor import Actor

PLAIN = structlog.dev.plain_traceback
"""The default for the console shows local variables, passwords among them, and takes seconds."""
TALKATIVE = ("uvicorn.error", "httpx", "alembic.runtime.migration")
"""What they say short of a warning, we say better."""


@dataclass
class Trace:
    """What is learnt of a request on its way, to be told at its end."""

    request_id: str
    operation: str | None = None
    type: str | None = None
    outcome: str | None = None
    actor: Actor | None = None


def configure(form: str) -> None:
    """Send everything that is logged, by us or by libraries, to standard error in one form.

    What we say here goes there by itself: the standard library would take half as long again for a request's line.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    last: Any = structlog.processors.JSONRenderer(_json)
    if form == "console":
        last = structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty(), exception_formatter=PLAIN)
    tail = [*_exceptions(form), last]
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared, processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail]
        )
    )
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.INFO)
    for name in TALKATIVE:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, *tail],
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=False,
    )


@contextmanager
def told(event: str, trace: Trace, **facts: Any) -> Iterator[dict[str, Any]]:
    """Tell of something when it is over, however it ends; the mapping takes what is learnt meanwhile."""
    began = perf_counter()
    try:
        yield facts
    finally:
        found = {
            "request_id": trace.request_id,
            "operation": trace.operation,
            "type": trace.type,
            "outcome": trace.outcome,
            "actor": trace.actor.name if trace.actor else None,
            "tenant": trace.actor.tenant if trace.actor else None,
            "ms": round((perf_counter() - began) * 1000, 1),
        }
        logger().info(event, **facts, **{name: value for name, value in found.items() if value is not None})


def logger() -> Any:
    return structlog.get_logger("tradegraph")


def _json(line: Any, **_: Any) -> str:
    return orjson.dumps(line, default=str).decode()


def _exceptions(form: str) -> list[Any]:
    return [structlog.processors.format_exc_info] if form == "json" else []
