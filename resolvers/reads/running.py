"""Plans at work: the statement is sent, Python is asked what it has to add, and the answer is written."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from resolvers.reads.completing import Completing
from resolvers.reads.costing import Room, must_be_affordable
from resolvers.reads.forms import value_of
from resolvers.reads.nodes import Question
from resolvers.reads.pieces import Piece, Unwritable
from resolvers.reads.plans import Plan, Values, values_of
from resolvers.reads.routes import Row, reached
from resolvers.reads.shaping import Shaping
from resolvers.slots import filled
from resolvers.sources import Found

if TYPE_CHECKING:
    from resolvers.context import Context

EMPTY: Row = ()


class Running:
    """One operation under way: its plans share the values and the context."""

    def __init__(self, context: Context, given: Values) -> None:
        self._context, self._given = context, given

    async def root(self, plan: Plan) -> Piece:
        """The answer of a plan for the root; TooMuch for one that costs too much."""
        must_be_affordable(plan.cost)
        _, (piece,) = await self._answered(plan)
        return piece

    async def field(self, plan: Plan) -> Piece:
        """The answer of a plan for one field at the root, which composes nothing."""
        rows = await self._rows(plan)
        ((_, node),) = next(iter(plan.entity.bodies.values())).fields
        later = await self._later(plan, rows)
        return Completing([iter(pieces) for pieces in later], Room()).of(node, rows[0])

    async def records(self, plan: Plan, keys: Sequence[UUID]) -> dict[str, Piece]:
        """The answers of a plan by keys; what may not be seen is not there."""
        asked = sorted(set(keys))
        must_be_affordable(plan.cost * len(asked))
        rows, pieces = await self._answered(plan, asked)
        return {row[0]: piece for row, piece in zip(rows, pieces, strict=True)}

    async def _rows(self, plan: Plan, keys: Sequence[UUID] = ()) -> Sequence[Row]:
        plan.must_fit(self._given)
        if plan.statement is None:
            return [EMPTY]
        arguments = plan.statement.of(values_of(self._context.asking, self._given, keys))
        rows = await self._sent(plan, plan.statement.sql, arguments)
        plan.used = True
        return rows

    async def _sent(self, plan: Plan, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        reading, explaining = self._context.reading, self._context.explaining
        if explaining is not None:
            return await explaining.rows(reading, plan, sql, arguments)
        return await reading.fetch(sql, arguments)

    async def _answered(self, plan: Plan, keys: Sequence[UUID] = ()) -> tuple[Sequence[Row], list[Piece]]:
        """The rows of a plan, and what is answered of each."""
        rows = await self._rows(plan, keys)
        later = await self._later(plan, rows)
        try:
            return rows, _written(plan, rows, later)
        except Unwritable:
            if plan.again is None:
                return rows, _completed(plan, rows, later)
            return await self._answered(plan.careful, keys)

    async def _later(self, plan: Plan, rows: Sequence[Row]) -> list[list[Piece]]:
        asked = (self._asked(plan, question, reached(route, rows)) for question, route in plan.questions)
        return list(await asyncio.gather(*asked))

    async def _asked(self, plan: Plan, question: Question, rows: Iterable[Row]) -> list[Piece]:
        """What Python says of each row, as it is written; it is asked of each record once."""
        found = [_found(question, row) for row in rows]
        once = {row.get("id", place): row for place, row in enumerate(found)}
        try:
            said = (
                await question.ask(self._context, list(once.values()), filled(question.given, self._given))
                if once
                else []
            )
        except Exception as error:  # noqa: BLE001 - told at the place of each value, and logged with the answer
            said = [error] * len(once)
        pieces = await Shaping(self, plan, self._context).values(said, question.selected, question.selected.type)
        known = dict(zip(once, pieces, strict=True))
        return [known[row.get("id", place)] for place, row in enumerate(found)]


def _written(plan: Plan, rows: Sequence[Row], later: Sequence[Sequence[Piece]]) -> list[Piece]:
    if plan.write is None or any(piece.flaws for pieces in later for piece in pieces):
        return _completed(plan, rows, later)
    texts = [map(_json, pieces) for pieces in later]
    return [Piece(text) for text in plan.write(rows, texts, Room().take)]


def _completed(plan: Plan, rows: Sequence[Row], later: Sequence[Sequence[Piece]]) -> list[Piece]:
    completing = Completing([iter(pieces) for pieces in later], Room())
    return [completing.of(plan.entity, row) for row in rows]


def _found(question: Question, row: Row) -> Found:
    needs = {name: value_of(row[place], kind) for name, (place, kind) in question.needs.items()}
    return Found(needs, question.kinds.get(needs.get("kind", ""), question.noun))


def _json(piece: Piece) -> str:
    return piece.json
