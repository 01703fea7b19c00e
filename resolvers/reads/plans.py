"""A plan: the statement with what its parameters are, the serialiser, and what Python is asked of its rows."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from uuid import UUID

from graphql import GraphQLObjectType
from sqlalchemy import Select, any_
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from domain.kernel.actor import Actor
from resolvers.asking import asking
from resolvers.reads.costing import cost
from resolvers.reads.levels import Level
from resolvers.reads.nodes import Body, Entity, Question
from resolvers.reads.planning import KEYS, Planner, Spot
from resolvers.reads.routes import Route
from resolvers.reads.selection import Selected, Selection
from resolvers.reads.values import PLANS
from resolvers.reads.writing import Write, writer
from resolvers.scope import visible
from resolvers.slots import Bind
from resolvers.sources import Noun

DIALECT: Any = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
BARE, LETTER, CODE = 6 << 10, 8, 14
"""About how many bytes a plan takes by itself, for each letter of its statement, and for each of its serialiser."""

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Statement:
    """SQL and, parameter by parameter, how its value is found."""

    sql: str
    arguments: tuple[Callable[[Values], Any], ...]
    names: frozenset[str]

    def of(self, values: Values) -> list[Any]:
        """The values of all parameters; raises Refused for one that was given and cannot be used."""
        return [argument(values) for argument in self.arguments]


@dataclass(eq=False, repr=False)
class Plan:
    """How one selection is answered: for the root, or for records of a type by their keys.

    The first column of a plan by keys is the key. Values that are `left_out` of the statement, since nothing of what is
    read depends on them, must be fit to be used all the same. `length` is that of the serialiser, in letters.
    """

    statement: Statement | None
    entity: Entity
    write: Write | None
    length: int
    questions: Sequence[tuple[Question, Route]]
    making: Making
    cost: int = 0
    left_out: Sequence[Bind] = ()
    lookups: dict[Hashable, Plan] = field(default_factory=dict)
    again: Callable[[], Plan] | None = None
    """The same with nothing composed, for what may be wrong in it; None if nothing is."""
    used: bool = False
    """Whether it has answered before."""

    @property
    def weight(self) -> int:
        """About how many bytes it takes, its document not counted."""
        sql = 0 if self.statement is None else len(self.statement.sql)
        others = [*self.lookups.values(), *([self.careful] if "careful" in vars(self) and self.again else [])]
        return BARE + sql * LETTER + self.length * CODE + sum(one.weight for one in others)

    def must_fit(self, given: Values) -> None:
        """Raises Refused for a value that was given, is left out of the statement, and could not be used in it."""
        for bind in self.left_out:
            bind.of(given)

    @cached_property
    def careful(self) -> Plan:
        """The plan that tells each value by itself."""
        return self if self.again is None else self.again()

    def lookup(self, selected: Selected, noun: Noun) -> Plan:
        """The plan for records that a field names by their keys."""
        key = selected.nodes, noun.name
        if key not in self.lookups:
            self.lookups[key] = self.making.by_keys(selected, noun)
        return self.lookups[key]


@dataclass(frozen=True)
class Making:
    """What the plans of one operation are made from."""

    selection: Selection
    actor: Actor
    nouns: Mapping[str, Noun]
    root: Noun
    binds: list[Bind]

    def of_root(self, roots: Sequence[Selected], of: GraphQLObjectType, *, composing: bool = True) -> Plan:
        """The plan of fields at the root."""
        planner, level, before = self._planner(composing), Level(None), len(self.binds)
        spot = Spot(level, self.root.table, self.root)
        body = Body(tuple((one.name, planner.value(spot, one)) for one in roots))
        entity = Entity(selected=Selected("data", of, ()), bodies={of.name: body})
        plan = self._plan(planner, entity, level.select() if level.columns else None, self.binds[before:])
        plan.again = (lambda: self.of_root(roots, of, composing=False)) if composing else None
        return plan

    def of_nothing(self, selected: Selected) -> Plan:
        """A plan without rows of its own, for what Python answered."""
        return Plan(None, Entity(selected=selected, bodies={}), None, 0, [], self)

    def by_keys(self, selected: Selected, noun: Noun, *, composing: bool = True) -> Plan:
        """The plan of records by their keys."""
        planner, table, before = self._planner(composing), noun.alias(f"{noun.word}0"), len(self.binds)
        level = Level(table, [table.c.id == any_(KEYS), *visible(noun, table, self.actor)])
        spot = Spot(level, table, noun)
        spot.place("id")
        entity = planner.entity(spot, selected, selected.sets)
        plan = self._plan(planner, entity, level.select(), self.binds[before:])
        plan.again = (lambda: self.by_keys(selected, noun, composing=False)) if composing else None
        return plan

    def _planner(self, composing: bool) -> Planner:  # noqa: FBT001 - the one thing there is to say
        return Planner(self.selection, self.actor, self.nouns, PLANS, composing=composing)

    def _plan(self, planner: Planner, entity: Entity, select: Select[Any] | None, binds: Sequence[Bind]) -> Plan:
        statement = None if select is None else stated(select, self.binds)
        read = frozenset[str]() if statement is None else statement.names
        left_out = [bind for bind in binds if bind.name not in read]
        return Plan(statement, entity, *writer(entity), planner.questions, self, cost(entity), left_out)


def stated(select: Select[Any], binds: Sequence[Bind]) -> Statement:
    """A statement as the driver takes it."""
    compiled: Any = select.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    known = {bind.name: bind for bind in binds}
    constants = compiled.construct_params(_check=False)
    found: list[Callable[[Values], Any]] = []
    for name in compiled.positiontup or ():
        process = compiled._bind_processors.get(name)  # noqa: SLF001 - there is no other way to the type's own
        found.append(_argument(name, known.get(name), constants.get(name), process))
    return Statement(str(compiled), tuple(found), frozenset(compiled.positiontup or ()))


def _argument(name: str, bind: Bind | None, constant: Any, process: Any) -> Callable[[Values], Any]:
    process = process or (lambda value: value)
    if bind is not None:
        return lambda values: process(bind.of(values))
    if name.startswith("asking_") or name == "keys":
        return lambda values: process(values[name])
    ready = process(constant)
    return lambda _: ready


def values_of(actor: Actor, given: Values, keys: Sequence[UUID] = ()) -> Values:
    """All that parameters follow from."""
    return {**given, **asking(actor), "keys": list(keys)}
