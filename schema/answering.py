"""How an operation is answered: by the read engine or, where that declines, by the executor, with the same words."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    parse,
    validate,
)

from resolvers.context import Context
from resolvers.keeping import Kept
from resolvers.reads.costing import MOST
from resolvers.reads.engine import Declined, Engine, Prepared
from resolvers.reads.pieces import Flaw, Piece, located
from schema.answers import told

log = logging.getLogger("tradegraph")
KEPT = 16 << 20
"""So many bytes of documents are kept ready."""

BARE = 1 << 10
"""About how many bytes it takes to keep one, whatever it holds."""
Asked = tuple[str, str | None]
"""The text of a document, and which operation of it is meant."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: `data` as JSON, None if nothing was executed, what went wrong, and what is told beside."""

    data: bytes | None
    errors: list[GraphQLError] = field(default_factory=list)
    extensions: Mapping[str, Any] = field(default_factory=dict)

    @property
    def value(self) -> Any:
        """The data as Python has it."""
        return None if self.data is None else orjson.loads(self.data)


class Answering:
    """Answers the operations of one schema."""

    def __init__(self, schema: GraphQLSchema, engine: Engine) -> None:
        self._schema, self._engine = schema, engine
        self.kept: Kept[Asked, Prepared | Declined] = Kept(KEPT, _weight)

    async def answer(
        self, query: str, variables: Mapping[str, Any], context: Context, operation: str | None = None
    ) -> Answer:
        """The answer to a query or a mutation; Declined for what the engine leaves to the executor."""
        prepared = self._prepared(query, operation)
        known = self._engine.values(prepared, variables)
        act = self._engine.query if prepared.operation.operation is OperationType.QUERY else self._engine.mutation
        try:
            answered = await act(prepared, known, context)
            return _answer(answered.piece, context, {"requested": answered.cost, "limit": MOST})
        finally:
            await context.close()

    async def follow(
        self, query: str, variables: Mapping[str, Any], context: Context, operation: str | None = None
    ) -> AsyncGenerator[Answer]:
        """The answers of a subscription, or a single one that never began."""
        prepared = self._prepared(query, operation)
        known = self._engine.values(prepared, variables)
        try:
            pieces = await self._engine.subscription(prepared, known, context)
            await context.close()
            async for piece in pieces:
                yield _answer(piece, context)
        except Exception as error:  # noqa: BLE001 - told as the last answer
            (one,) = self._engine.roots(prepared, known)
            yield Answer(None, _told([Flaw((one.name,), error, one)], context))
        finally:
            await context.close()

    def _prepared(self, query: str, operation: str | None) -> Prepared:
        found = self.kept.get((query, operation), lambda: self._ready(query, operation))
        if isinstance(found, Declined):
            raise found
        return found

    def _ready(self, query: str, name: str | None) -> Prepared | Declined:
        try:
            document = parse(query)
        except GraphQLError:
            return Declined("it cannot be read")
        if validate(self._schema, document, max_errors=1):
            return Declined("it does not fit the schema")
        found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
        chosen = [one for one in found if name is None or (one.name is not None and one.name.value == name)]
        if len(chosen) != 1:
            return Declined("it does not say which operation is meant")
        return self._engine.prepared(document, chosen[0])


def _weight(asked: Asked, found: Prepared | Declined) -> int:
    """About how many bytes a document takes."""
    return BARE + len(asked[0]) + (found.weight if isinstance(found, Prepared) else 0)


def _answer(piece: Piece, context: Context, cost: Mapping[str, int] | None = None) -> Answer:
    extensions = {} if cost is None else {"cost": cost}
    return Answer(piece.json.encode(), _told(piece.flaws, context), extensions)


def _told(flaws: Iterable[Flaw], context: Context) -> list[GraphQLError]:
    return [error for flaw in flaws for error in told(located(flaw), context.request_id)]
