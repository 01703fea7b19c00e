"""Plans at work: the statement is sent, Python is asked what it has to add, and the answer is written."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
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
    """One operation under way: its plans share the values, the context, and what it may cost.

    `spent` is what its plans were reckoned to cost so far; TooMuch is raised before a plan is run that costs too much
    with all before it.
    """

    def __init__(self, context: Context, given: Values) -> None:
        self.context, self._given = context, given
        self.spent, self._room = 0, Room()

    async def root(self, plan: Plan) -> Piece:
        """The answer of a plan for the root."""
        self._spend(plan.cost)
        _, (piece,) = await self._answered(plan)
        return piece

    async def field(self, plan: Plan) -> Piece:
        """The answer of a plan for one field at the root, which composes nothing."""
        self._spend(plan.cost)
        rows = await self._rows(plan)
        ((_, node),) = next(iter(plan.entity.bodies.values())).fields
        return self._completing(await self._later(plan, rows)).of(node, rows[0])

    async def records(self, plan: Plan, keys: Sequence[UUID]) -> dict[str, Piece]:
        """The answers of a plan by keys; what may not be seen is not there."""
        asked = sorted(set(keys))
        self._spend(plan.cost * len(asked))
        rows, pieces = await self._answered(plan, asked)
        return {row[0]: piece for row, piece in zip(rows, pieces, strict=True)}

    async def _rows(self, plan: Plan, keys: Sequence[UUID] = ()) -> Sequence[Row]:
        plan.must_fit(self._given)
        if plan.statement is None:
            return [EMPTY]
        arguments = plan.statement.of(values_of(self.context.asking, self._given, keys))
        rows = await self._sent(plan, plan.statement.sql, arguments)
        plan.used = True
        return rows

    async def _sent(self, plan: Plan, sql: str, arguments: Sequence[Any]) -> Sequence[Row]:
        reading, explaining = self.context.reading, self.context.explaining
        if explaining is not None:
            return await explaining.rows(reading, plan, sql, arguments)
        return await reading.fetch(sql, arguments)

    def _spend(self, cost: int) -> None:
        self.spent += cost
        must_be_affordable(self.spent)

    async def _answered(self, plan: Plan, keys: Sequence[UUID] = ()) -> tuple[Sequence[Row], list[Piece]]:
        """The rows of a plan, and what is answered of each."""
        rows = await self._rows(plan, keys)
        later, left = await self._later(plan, rows), self._room.left
        try:
            return rows, self._written(plan, rows, later)
        except Unwritable:
            self._room.left = left
            if plan.again is None:
                return rows, self._completed(plan, rows, later)
            return await self._answered(plan.careful, keys)

    def _written(self, plan: Plan, rows: Sequence[Row], later: Sequence[Sequence[Piece]]) -> list[Piece]:
        if plan.write is None or any(piece.flaws for pieces in later for piece in pieces):
            return self._completed(plan, rows, later)
        texts = [map(_json, pieces) for pieces in later]
        return [Piece(text) for text in plan.write(rows, texts, self._room.take)]

    def _completed(self, plan: Plan, rows: Sequence[Row], later: Sequence[Sequence[Piece]]) -> list[Piece]:
        completing = self._completing(later)
        return [completing.of(plan.entity, row) for row in rows]

    def _completing(self, later: Sequence[Sequence[Piece]]) -> Completing:
        return Completing([iter(pieces) for pieces in later], self._room)

    async def _later(self, plan: Plan, rows: Sequence[Row]) -> list[list[Piece]]:
        """What Python says of the rows of each question, as it is written."""
        groups = defaultdict[Hashable, list[_Posed]](list)
        for number, (question, route) in enumerate(plan.questions):
            posed = _Posed(number, question, [_found(question, row) for row in reached(route, rows)])
            groups[question.same or number].append(posed)
        asked = (self._asked(plan, group) for group in groups.values())
        pieces: list[list[Piece]] = [[] for _ in plan.questions]
        for answered in await asyncio.gather(*asked, return_exceptions=True):  # none is left to itself
            if isinstance(answered, BaseException):
                raise answered
            for number, told in answered:
                pieces[number] = told
        return pieces

    async def _asked(self, plan: Plan, group: Sequence[_Posed]) -> list[tuple[int, list[Piece]]]:
        """The answers to questions that are the same: each record is asked about once, however often it is there."""
        once = {key: row for posed in group for key, row in zip(posed.keys, posed.rows, strict=True)}
        question = group[0].question
        said: Sequence[Any] = ()
        try:
            if once:
                said = await question.ask(self.context, list(once.values()), filled(question.given, self._given))
        except Exception as error:  # noqa: BLE001 - told at the place of each value, and logged with the answer
            said = [error] * len(once)
        known, shaping = dict(zip(once, said, strict=True)), Shaping(self, plan, self.context)
        answered = []
        for posed in group:
            keys = list(dict.fromkeys(posed.keys))
            selected = posed.question.selected
            shaped = await shaping.values([known[key] for key in keys], selected, selected.type)
            written = dict(zip(keys, shaped, strict=True))
            answered.append((posed.number, [written[key] for key in posed.keys]))
        return answered


@dataclass(frozen=True, slots=True)
class _Posed:
    """A question about the rows of an answer."""

    number: int
    question: Question
    rows: Sequence[Found]

    @property
    def keys(self) -> list[Hashable]:
        """What tells each record from others."""
        return [row.get("id", (self.number, place)) for place, row in enumerate(self.rows)]


def _found(question: Question, row: Row) -> Found:
    needs = {name: value_of(row[place], kind) for name, (place, kind) in question.needs.items()}
    return Found(needs, question.kinds.get(needs.get("kind", ""), question.noun))


def _json(piece: Piece) -> str:
    return piece.json
