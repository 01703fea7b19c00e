"""The condition language of the API, a typed filter, as a condition of the database.

Every comparison is true or not true: `not` and `every` count unknown as untrue, so a filter and its `not` part the rows
in two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    Boolean,
    ColumnElement,
    Date,
    FromClause,
    Numeric,
    Text,
    all_,
    and_,
    any_,
    cast,
    false,
    func,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import JSONB

from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput, at
from domain.kernel.events import plain
from resolvers.scope import must_enter, must_see, visible
from resolvers.slots import operand
from resolvers.sources import Amount, Column, Custom, Field, Grafted, Many, Noun, One, Pages
from resolvers.values import column_value, used

MOST_CONDITIONS = 200
MOST_DEPTH = 12
MOST_LISTED = 1000

_CUSTOM_TYPES = {"decimal": Numeric, "date": Date, "boolean": Boolean}

_COMPARISONS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "eq": lambda column, value: column == value,
    "ne": lambda column, value: column.is_distinct_from(value),
    "in": lambda column, values: column == any_(values),
    "notIn": lambda column, values: or_(column.is_(None), column != all_(values)),
    "lt": lambda column, value: column < value,
    "lte": lambda column, value: column <= value,
    "gt": lambda column, value: column > value,
    "gte": lambda column, value: column >= value,
}
_LISTED = ("in", "notIn")
_PATTERNS = {"contains": "%{}%", "startsWith": "{}%"}
"""Comparisons of text, whatever its case, by the patterns of LIKE that they are."""


def meets(noun: Noun, table: FromClause, given: Mapping[str, Any], actor: Actor) -> ColumnElement[bool]:
    """The condition that a filter states. Forbidden where it looks at what the actor may not see."""
    measure(given)
    return _Reader(actor).all_of(noun, table, given)


def expression(field: Field, table: FromClause) -> ColumnElement[Any]:
    """What stands for a plain field in filters and orders."""
    source = field.source
    if isinstance(source, Custom):
        text = table.c.custom.op("->>", return_type=Text)(source.name)
        return cast(text, _CUSTOM_TYPES[source.kind]) if source.kind in _CUSTOM_TYPES else text
    if isinstance(source, Column | Amount):
        return table.c[source.column]
    raise TypeError(f"{field.name} is no plain field")


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads a filter on behalf of one actor; `sold` while it is about what is part of papers of selling."""

    actor: Actor
    sold: bool = False

    def all_of(self, noun: Noun, table: FromClause, given: Mapping[str, Any]) -> ColumnElement[bool]:
        return and_(true(), *(self._one(noun, table, name, value) for name, value in given.items()))

    def _one(self, noun: Noun, table: FromClause, name: str, value: Any) -> ColumnElement[bool]:
        with at(name):
            if value is None:
                raise BadInput("Leave the condition out, or give it a value; to ask for nothing, use isNull.")
            if name in _COMBINED:
                return _COMBINED[name](self, noun, table, value)
            return self._field(noun.fields[name], noun, table, value)

    def _field(self, field: Field, noun: Noun, table: FromClause, value: Mapping[str, Any]) -> ColumnElement[bool]:
        must_see(field.source, self.actor, sold=self.sold)
        if isinstance(field.source, Grafted):
            return and_(true(), *(self._custom(field.source, table, name, one) for name, one in value.items()))
        if isinstance(field.source, One):
            return self._to_one(field.source, field.leads_to, table, value)
        if isinstance(field.source, Many | Pages):
            inner = _Reader(self.actor, sold=noun.sold and field.leads_to.part_of is not None)
            return self._to_many(field.source, field.leads_to, table, value, inner)
        return _compared(field, table, value, words_of(noun))

    def _custom(self, source: Grafted, table: FromClause, name: str, value: Any) -> ColumnElement[bool]:
        with at(name):
            return _compared(source.fields[name], table, _given(value), ())

    def _to_one(self, source: One, target: Noun, table: FromClause, value: Mapping[str, Any]) -> ColumnElement[bool]:
        other = target.table.alias()
        return self._exists(
            target, other, other.c.id == table.c[source.column], _Reader(self.actor).all_of(target, other, value)
        )

    def _to_many(
        self, source: Many | Pages, target: Noun, table: FromClause, value: Mapping[str, Any], inner: _Reader
    ) -> ColumnElement[bool]:
        must_enter(target, self.actor)
        conditions: list[ColumnElement[bool]] = [true()]
        for quantifier, given in value.items():
            other = target.table.alias()
            with at(quantifier):
                inside = inner.all_of(target, other, _given(given))
            wanted = inside.is_not(true()) if quantifier == "every" else inside
            listed = source.where(other, self.actor) if isinstance(source, Pages) and source.where else []
            found = self._exists(target, other, other.c[source.column or ""] == table.c.id, *listed, wanted)
            conditions.append(found if quantifier == "some" else ~found)
        return and_(*conditions)

    def _exists(self, noun: Noun, table: FromClause, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
        return select(table.c.id).where(*conditions, *visible(noun, table, self.actor)).exists()

    def all_listed(self, noun: Noun, table: FromClause, value: list[Mapping[str, Any]]) -> ColumnElement[bool]:
        return and_(true(), *(self._indexed(noun, table, index, one) for index, one in enumerate(value)))

    def any_listed(self, noun: Noun, table: FromClause, value: list[Mapping[str, Any]]) -> ColumnElement[bool]:
        return or_(false(), *(self._indexed(noun, table, index, one) for index, one in enumerate(value)))

    def opposite(self, noun: Noun, table: FromClause, value: Mapping[str, Any]) -> ColumnElement[bool]:
        return self.all_of(noun, table, value).is_not(true())

    def _indexed(self, noun: Noun, table: FromClause, index: int, one: Mapping[str, Any]) -> ColumnElement[bool]:
        with at(index):
            return self.all_of(noun, table, one)


_COMBINED: dict[str, Callable[..., ColumnElement[bool]]] = {
    "and": _Reader.all_listed,
    "or": _Reader.any_listed,
    "not": _Reader.opposite,
}


def words_of(noun: Noun) -> tuple[str, ...]:
    """The type words that ids of this noun carry."""
    return tuple(noun.kinds) or (noun.word,)


def _given(value: Any) -> Any:
    if value is None:
        raise BadInput("Leave the condition out, or give it a value.")
    return value


def _compared(
    field: Field, table: FromClause, comparisons: Mapping[str, Any], words: tuple[str, ...]
) -> ColumnElement[bool]:
    conditions: list[ColumnElement[bool]] = [true()]
    for name, given in comparisons.items():
        with at(name):
            conditions.append(_comparison(field, table, name, _given(given), words))
    return and_(*conditions)


def _comparison(field: Field, table: FromClause, name: str, given: Any, words: tuple[str, ...]) -> ColumnElement[bool]:
    column = expression(field, table)
    if name == "isNull":
        return column.is_(None) if used(given) else column.is_not(None)
    if name in _PATTERNS:
        return matches(column, given, _PATTERNS[name])
    if name == "eq" and isinstance(field.source, Custom) and field.source.kind != "decimal":
        return _holds(field.source, table, given)

    def prepare(value: Any) -> Any:
        return _operand(field.kind, value, words)

    type_ = ARRAY(column.type) if name in _LISTED else column.type
    return _COMPARISONS[name](column, operand(given, type_, prepare))


def matches(column: ColumnElement[Any], given: Any, pattern: str = "%{}%") -> ColumnElement[bool]:
    """Whether a text is like a pattern with what was given in it, which is meant letter by letter."""

    def prepare(value: Any) -> str:
        return pattern.format(re.sub("([/%_])", r"/\1", used(value).lower()))

    return func.lower(column).like(operand(given, Text(), prepare), escape="/")


def _holds(source: Custom, table: FromClause, given: Any) -> ColumnElement[bool]:
    """Equality with a value that a plugin's field keeps as it is, in a form that the index on `custom` serves."""

    def prepare(value: Any) -> dict[str, Any]:
        return {source.name: plain(used(value))}

    return table.c.custom.contains(operand(given, JSONB(), prepare))


def _operand(kind: Any, given: Any, words: tuple[str, ...]) -> Any:
    if not isinstance(given, list):
        return column_value(kind, given, words)
    if len(given) > MOST_LISTED:
        raise BadInput(f"Too many values; list at most {MOST_LISTED}.")
    return [column_value(kind, _given(one), words) for one in given]


def measure(given: Any) -> None:
    """BadInput for a filter that is too large to read."""
    count, level = 0, [given]
    for _ in range(MOST_DEPTH):
        level = [one for value in level for one in _inner(value)]
        count += len(level)
        if not level or count > MOST_CONDITIONS:
            break
    if level:
        raise BadInput(f"Too large a filter; at most {MOST_CONDITIONS} conditions, {MOST_DEPTH} deep.")


def _inner(value: Any) -> list[Any]:
    found = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return [one for one in found if isinstance(one, Mapping) or _holds_filters(one)]


def _holds_filters(value: Any) -> bool:
    return isinstance(value, list) and any(isinstance(one, Mapping) for one in value)
