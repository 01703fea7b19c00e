"""One operation, whichever way it came: read, measured, run, and answered without a word about our insides."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import orjson
from graphql import DocumentNode, GraphQLError, OperationDefinitionNode, OperationType, parse
from strawberry import Schema
from strawberry.types.execution import PreExecutionError

from domain.kernel.actor import Actor
from domain.kernel.errors import NotAuthenticated, Refused
from domain.kernel.work import Database
from resolvers.context import Context
from schema.answering import Answer as Read
from schema.answers import told as shown_as
from schema.build import House as Schemed
from transport.limits import TOKENS, measure
from transport.log import Trace, logger
from transport.request import Asked

KEPT = 512
KEPT_LENGTH = 16_384
_NUL = re.compile(r"\\u(0000|\{0+\})")

Shown = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered to an operation. `begun` tells whether anything was executed."""

    shown: Shown
    begun: bool
    read: Read | None = None

    @property
    def data(self) -> Any:
        """The data as Python has it."""
        return self.shown.get("data") if self.read is None else self.read.value

    @property
    def errors(self) -> list[Shown]:
        found: list[Shown] = self.shown.get("errors", [])
        return found

    @property
    def is_for_strangers(self) -> bool:
        """Whether nothing is wrong but that nobody signed in."""
        codes = {error.get("extensions", {}).get("code") for error in self.errors}
        return codes == {NotAuthenticated.code}

    @property
    def outcome(self) -> str:
        return "ok" if not self.errors else "errors" if self.begun else "refused"


@dataclass(frozen=True, slots=True)
class Operation:
    """What was asked, understood as far as one can without the schema."""

    asked: Asked
    type: OperationType
    name: str | None


class House:
    """Everything an operation is run against."""

    def __init__(self, schema: Schema, database: Database, hub: Any) -> None:
        self.schema, self.database, self.hub = schema, database, hub

    @asynccontextmanager
    async def context(self, trace: Trace, actor: Actor | None, key: str | None = None) -> AsyncIterator[Context]:
        """What the resolvers of one operation share; closed when it is over."""
        context = Context(self.database, self.hub, actor, trace.request_id, key)
        try:
            yield context
        finally:
            await context.end()

    @asynccontextmanager
    async def picture(self, trace: Trace, actor: Actor) -> AsyncIterator[Context]:
        """The same for several queries that see one moment."""
        async with self.database.picture(actor) as session:
            context = Context(self.database, self.hub, actor, trace.request_id, lent=session)
            try:
                yield context
            finally:
                await context.end()

    async def run(self, operation: Operation, context: Context) -> Answer:
        """Execute a query or a mutation."""
        asked = operation.asked
        try:
            _begin(asked, context)
        except Refused as refusal:
            return forbidden(refusal, context.request_id)
        if isinstance(self.schema, Schemed):
            found = await self.schema.answer(asked.query, asked.variables, context, asked.operation)
            return explained(answered(found, context.request_id), context)
        result = await self.schema.execute(
            asked.query, variable_values=asked.variables, context_value=context, operation_name=asked.operation
        )
        return explained(answered(result, context.request_id), context)

    async def follow(self, operation: Operation, context: Context) -> AsyncGenerator[Answer]:
        """Execute a subscription; one answer an event, or a single one that never began."""
        asked = operation.asked
        try:
            _begin(asked, context)
        except Refused as refusal:
            yield forbidden(refusal, context.request_id)
            return
        results: Any = (
            self.schema.follow(asked.query, asked.variables, context, asked.operation)
            if isinstance(self.schema, Schemed)
            else await self.schema.subscribe(
                asked.query, variable_values=asked.variables, context_value=context, operation_name=asked.operation
            )
        )
        async with aclosing(results):
            async for result in results:
                yield explained(answered(result, context.request_id), context)


def parsed(query: str) -> DocumentNode:
    """The document, once it is measured. Raises GraphQLError for wrong syntax, or if it is too large."""
    if _NUL.search(query):
        raise GraphQLError("A text holds the character NUL; remove it.")
    try:
        document = parse(query, max_tokens=TOKENS)
        measure(document)
    except RecursionError:
        raise GraphQLError("The document is nested too deeply.") from None
    return document


def understood(asked: Asked) -> Operation:
    """The operation meant. Raises GraphQLError for wrong syntax, too large a document, or an unclear choice."""
    found = _kept(asked.query) if len(asked.query) <= KEPT_LENGTH else _operations(asked.query)
    if asked.operation is not None:
        found = [(type_, name) for type_, name in found if name == asked.operation]
        if not found:
            raise GraphQLError(f"The document holds no operation {asked.operation!r}.")
    if len(found) != 1:
        raise GraphQLError("Say by `operationName` which operation is meant." if found else "There is no operation.")
    return Operation(asked, *found[0])


def answered(result: Any, request_id: str) -> Answer:
    """A result as it is shown. If nothing was executed there is no `data` at all, as for variables of a wrong type."""
    if isinstance(result, Read):
        shown: Shown = {} if result.data is None else {"data": orjson.Fragment(result.data)}
        if result.errors:
            shown["errors"] = [told(error, request_id) for error in result.errors]
        if result.extensions:
            shown["extensions"] = result.extensions
        return Answer(shown, result.data is not None, result)
    errors = result.errors or []
    never = isinstance(result, PreExecutionError) or not any(error.path for error in errors)
    begun = result.data is not None or not errors or not never
    shown = {"data": result.data} if begun else {}
    if errors:
        shown["errors"] = [told(error, request_id) for error in errors]
    if result.extensions:
        shown["extensions"] = result.extensions
    return Answer(shown, begun)


def refused(*errors: GraphQLError) -> Answer:
    """An answer to what was never executed."""
    shown = [{**error.formatted, "extensions": {"code": "BAD_REQUEST", **(error.extensions or {})}} for error in errors]
    return Answer({"errors": shown}, begun=False)


def forbidden(refusal: Refused, request_id: str) -> Answer:
    """An answer to what must not be executed as it was asked."""
    return refused(*shown_as(GraphQLError(refusal.message, original_error=refusal), request_id))


def explained(answer: Answer, context: Context) -> Answer:
    """The answer, with how its statements were carried out if that was asked."""
    if context.explaining is not None:
        answer.shown["extensions"] = {**answer.shown.get("extensions", {}), "plan": context.explaining.taken()}
    return answer


def told(error: GraphQLError, request_id: str) -> Shown:
    """An error as it is shown: the client's mistakes as they are; ours, should the schema let one pass, masked."""
    shown: Shown = dict(error.formatted)
    cause = error.original_error
    if cause is None or isinstance(cause, GraphQLError) or (error.nodes and not error.path):
        return shown
    logger().error("broken", request_id=request_id, path=error.path, exc_info=cause)
    return shown | broken(request_id)


def broken(request_id: str) -> Shown:
    """What is told when the fault is ours."""
    return {
        "message": f"Internal error; please report request {request_id}.",
        "extensions": {"code": "INTERNAL", "request": request_id},
    }


def _begin(asked: Asked, context: Context) -> None:
    if asked.explained:
        context.explain()


def _operations(query: str) -> list[tuple[OperationType, str | None]]:
    """The operations of a document, by type and name; the document itself would take much room to keep."""
    found = [one for one in parsed(query).definitions if isinstance(one, OperationDefinitionNode)]
    return [(one.operation, one.name.value if one.name else None) for one in found]


_kept = lru_cache(KEPT)(_operations)
