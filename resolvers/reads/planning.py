"""From a selection to a plan: every kind of source says how its value is read, and rights are part of it."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar, cast

from graphql import GraphQLError, GraphQLObjectType
from sqlalchemy import ARRAY, ColumnElement, FromClause, Uuid, and_, bindparam, false, or_

from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput, Refused
from resolvers.asking import USER
from resolvers.reads import composing
from resolvers.reads.forms import json_text, texts
from resolvers.reads.levels import Level
from resolvers.reads.nodes import Barred, Body, Composed, Entity, Fixed, Guarded, Later, Node, Question
from resolvers.reads.routes import Route, Step, step_to
from resolvers.reads.selection import TYPENAME, Selected, Selection, Sets
from resolvers.scope import may_see, must_see, visible
from resolvers.slots import Unplanned
from resolvers.sources import Field, Noun, One, Source

KEYS: Any = bindparam("keys", type_=ARRAY(Uuid()), required=False)


@dataclass(frozen=True, slots=True)
class Spot:
    """Where fields are read from: a row of a level, as `table` names it, seen as an instance of a noun."""

    level: Level
    table: FromClause
    noun: Noun
    step: Step | None = None
    kinds: Mapping[str, Noun] = field(default_factory=dict)
    """What it may be, and the step from a row of any kind to one of this."""
    above: tuple[str, Spot] | None = None
    """The row that these rows belong to, and the column that says so."""
    shared: dict[Hashable, tuple[Any, Step | None]] | None = None
    """What the kinds that it may be have in common, where there are several."""

    def place(self, column: str) -> int:
        """Where the text of a column stands in each row."""
        return self.level.column(self.table.c[column])


Made = TypeVar("Made", bound=Node)
Plan = Callable[["Planner", Spot, Field, Selected], Node]
"""How the value of a field is read, by the kind of its source."""


class Planner:
    """Makes one plan; raises Unplanned where a slot stands for what must be known."""

    def __init__(
        self,
        selection: Selection,
        actor: Actor,
        nouns: Mapping[str, Noun],
        plans: Mapping[type[Source], Plan],
        *,
        composing: bool,
    ) -> None:
        self.selection, self.actor, self.nouns, self._plans = selection, actor, nouns, plans
        self._composing = composing
        self.questions: list[tuple[Question, Route]] = []
        self.route: list[Step] = []
        self._aliases = 0

    def alias(self, word: str) -> str:
        """A name for the next table in the statement, unlike those that SQLAlchemy gives by itself."""
        self._aliases += 1
        return f"{word}{self._aliases}"

    def entity(self, spot: Spot, selected: Selected, sets: Sets, presence: int | None = None) -> Entity:
        """What is selected of a row that is of the spot's noun or, for an interface, of one of its kinds."""
        noun = spot.noun
        if not noun.kinds:
            body = self.body(spot, sets, self.selection.type(noun.name))
            return Entity(selected=selected, bodies={noun.word: body}, presence=presence)
        kind, shared = spot.place("kind"), dict[Hashable, Any]()
        bodies = {}
        for word, one in noun.kinds.items():
            with step_to(self.route, Step(kind, words={word})) as step:
                there = replace(spot, noun=one, step=step, kinds=noun.kinds, shared=shared)
                bodies[word] = self.body(there, sets, self.selection.type(one.name))
        return Entity(selected=selected, bodies=bodies, kind=kind, presence=presence)

    def body(self, spot: Spot, sets: Sets, of: GraphQLObjectType) -> Body:
        """The fields that are selected of an instance of a type; of a row of several kinds, each is read by itself."""
        asked = self.selection.fields(sets, of)
        if self._composing and not spot.kinds:
            return Body(tuple(composing.fields(self, spot, asked)))
        return Body(tuple((one.name, self.value(spot, one)) for one in asked))

    def item(self, spot: Spot, selected: Selected) -> Entity | Composed:
        """What is selected of each row of a list, which has nothing else in it if that can be composed."""
        whole = composing.whole(self, spot, selected) if self._composing else None
        return whole or self.entity(spot, selected, selected.sets)

    def value(self, spot: Spot, selected: Selected) -> Node:
        """How the value of a field is read; barred where it is refused already."""
        if selected.word == TYPENAME:
            return Fixed(selected=selected, json=json_text(selected.of.name))
        field = spot.noun.fields[selected.word]
        try:
            return self._guarded(spot, field, selected)
        except (Refused, GraphQLError) as refusal:
            if self.selection.slotted and isinstance(refusal, BadInput):
                raise Unplanned from None  # of several mistakes the first is told, and a slot may hold it
            return Barred(selected=selected, refusal=refusal)

    def once(self, spot: Spot, selected: Selected, make: Callable[[], Made]) -> Made:
        """What `make` plans, planned once for all kinds of a row that have the same field."""
        if spot.shared is None:
            return make()
        key = selected.nodes, spot.noun.fields[selected.word].source.description
        if key not in spot.shared:
            spot.shared[key] = make(), spot.step
        made, step = cast("tuple[Made, Step | None]", spot.shared[key])
        if step is not None and spot.step is not None:
            step.words |= spot.step.words
        return made

    def ask(self, question: Question) -> Later:
        """Join in what Python works out of all rows at this place."""
        self.questions.append((question, tuple(self.route)))
        return Later(selected=question.selected, number=len(self.questions) - 1)

    def other(self, spot: Spot, target: Noun, column: str) -> FromClause:
        """The row of a noun whose id stands in a column, as far as it may be seen."""
        if spot.above is not None and self.is_above(spot, target, column):
            return spot.above[1].table

        def make() -> tuple[FromClause, ColumnElement[bool]]:
            other = target.alias(self.alias(target.word))
            return other, and_(other.c.id == spot.table.c[column], *visible(target, other, self.actor))

        return spot.level.join((spot.table, column, target.name), make)

    def is_above(self, spot: Spot, target: Noun, column: str) -> bool:
        """Whether the row whose id stands in a column is the one that these rows belong to."""
        if spot.above is None or spot.above[0] != column:
            return False
        noun = spot.above[1].noun
        return noun is target or target.kinds.get(noun.word) is noun

    def behind(self, spot: Spot, relation: str) -> Spot:
        """The row behind a relation, or a chain of them; the same if there is none."""
        if not relation:
            return spot
        first, _, rest = relation.partition(".")
        through = spot.noun.fields[first]
        if not isinstance(through.source, One):
            raise TypeError(f"{first} leads to no single row")
        other = self.other(spot, through.leads_to, through.source.column)
        return self.behind(Spot(spot.level, other, through.leads_to), rest)

    def _guarded(self, spot: Spot, field: Field, selected: Selected) -> Node:
        source, plan = field.source, self._plans[type(field.source)]
        if may_see(source, self.actor):
            return plan(self, spot, field, selected)
        refusal = _refusal(source, self.actor)
        allowed = self._allowed(spot, source)
        if allowed is True:
            return plan(self, spot, field, selected)
        if allowed is None:
            return Barred(selected=selected, refusal=refusal)
        place = spot.level.value((spot.table, "may see", *source.guard, *source.bought), lambda: texts(allowed))
        with step_to(self.route, Step(place, words={"true"})):
            return Guarded(selected=selected, place=place, refusal=refusal, node=plan(self, spot, field, selected))

    def _allowed(self, spot: Spot, source: Source) -> Any:
        """Of which rows the field may be seen after all: of oneself, and of papers of selling."""
        found: list[ColumnElement[bool]] = []
        if spot.noun.oneself is not None and self.actor.user is not None:
            found.append(spot.table.c[spot.noun.oneself] == USER)
        if source.bought and may_see(source, self.actor, sold=True):
            sold = self._sold(spot)
            if sold is True:
                return True
            found += [] if sold is None else [sold]
        return or_(*found) if found else None

    def _sold(self, spot: Spot) -> Any:
        """Whether a row is a paper of selling, or part of one: True, a condition, or None for never."""
        noun, table = spot.noun, spot.table
        if noun.part_of is not None:
            column, noun = noun.part_of
            table = self.other(spot, noun, column)
        if noun.sold:
            return True
        kinds = noun.kinds or {}
        whole = [word for word, kind in kinds.items() if kind.sold]
        partly = [
            and_(table.c.kind == word, *(table.c[name] == said for name, said in kind.sells.items()))
            for word, kind in (kinds or {noun.word: noun}).items()
            if kind.sells
        ]
        found = [*([table.c.kind.in_(whole)] if whole else []), *partly]
        return or_(false(), *found) if found else None


def _refusal(source: Source, actor: Actor) -> Refused:
    try:
        must_see(source, actor)
    except Refused as refused:
        return refused
    raise TypeError("nothing is refused here")
