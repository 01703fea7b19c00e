"""The last look at an answer: refusals get their code, what is unknown is logged and told as no more than its request.

Here too the operation gives its connection back, after every result of a subscription as well.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any

from graphql import GraphQLError
from strawberry.extensions import SchemaExtension

from domain.kernel.errors import Refused
from resolvers.context import Context
from resolvers.told import path_of

log = logging.getLogger("tradegraph")


class Answers(SchemaExtension):
    """Runs around every operation."""

    async def on_operation(self) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await self._finish(self.execution_context.result)

    async def on_stream_result(self, result: Any) -> AsyncIterator[None]:
        await self._finish(result)
        yield

    async def _finish(self, result: Any) -> None:
        context: Context | None = self.execution_context.context
        if context is not None:
            await context.close()
        if getattr(result, "errors", None):
            request = context.request_id if context is not None else ""
            result.errors = [one for error in result.errors for one in told(error, request)]


def told(error: GraphQLError, request: str) -> Iterator[GraphQLError]:
    """An error as it is shown: with its code, and no word about our insides."""
    original = _original(error)
    if isinstance(original, Refused):
        for refused in original.each:
            yield _as(error, refused.message, {"code": refused.code, "path": list(path_of(refused))})
    elif original is None or isinstance(original, GraphQLError):
        yield _with_code(error)
    else:
        log.error("a resolver failed in request %s", request, exc_info=original)
        yield _as(error, f"Internal error; please report request {request}.", {"code": "INTERNAL", "request": request})


def _original(error: GraphQLError) -> BaseException | None:
    original = error.original_error
    return _original(original) if isinstance(original, GraphQLError) and original.original_error else original


def _with_code(error: GraphQLError) -> GraphQLError:
    if not (error.extensions or {}).get("code"):
        error.extensions = {**(error.extensions or {}), "code": "BAD_REQUEST"}
    return error


def _as(error: GraphQLError, message: str, extensions: dict[str, Any]) -> GraphQLError:
    return GraphQLError(
        message,
        nodes=error.nodes,
        source=error.source,
        positions=error.positions,
        path=error.path,
        extensions=extensions,
    )
