"""Pages by key: a cursor is the place of a row in an order, so it holds while other rows come and go.

Nulls are last in either direction, and the id decides between equals.
"""

from __future__ import annotations

import operator
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy import ColumnElement, FromClause, and_, or_, true

from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput, Refused
from resolvers.conditions import expression
from resolvers.scope import must_see
from resolvers.slots import operand
from resolvers.sources import Amount, Column, Custom, Field, Found, Grafted, Noun
from resolvers.values import as_text, from_text, used

DEFAULT = 50
MOST = 250
MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order."""

    name: str
    field: Field
    descending: bool = False

    def of(self, row: Found) -> str | None:
        """The row's value, as a cursor keeps it."""
        source = self.field.source
        if isinstance(source, Custom):
            return as_text(row["custom"].get(source.name))
        return as_text(row[source.column]) if isinstance(source, Column | Amount) else None

    def sorted(self, table: FromClause, *, backward: bool) -> ColumnElement[Any]:
        column = expression(self.field, table)
        directed = column.desc() if self.descending != backward else column.asc()
        if not self.nullable(table):
            return directed
        return directed.nulls_first() if backward else directed.nulls_last()

    def beyond(self, table: FromClause, place: Any, *, backward: bool, or_there: bool = False) -> ColumnElement[bool]:
        """Rows that come after (backward: before) a value of this key alone, or with it."""
        column = expression(self.field, table)
        ahead = (operator.le, operator.lt) if self.descending != backward else (operator.ge, operator.gt)
        further = ahead[0 if or_there else 1](column, place)
        if not self.nullable(table):
            return cast("ColumnElement[bool]", further)
        if backward:
            return or_(further, and_(place.is_(None), true() if or_there else column.is_not(None)))
        return or_(further, and_(column.is_(None), true() if or_there else place.is_not(None)))

    def same(self, table: FromClause, place: Any) -> ColumnElement[bool]:
        column = expression(self.field, table)
        return column.is_not_distinct_from(place) if self.nullable(table) else column == place

    def nullable(self, table: FromClause) -> bool:
        return bool(getattr(expression(self.field, table), "nullable", True))


@dataclass(frozen=True, slots=True)
class Order:
    """The keys of an order, the id last."""

    keys: tuple[Key, ...]

    def sorted(self, table: FromClause, *, backward: bool = False) -> list[ColumnElement[Any]]:
        return [key.sorted(table, backward=backward) for key in self.keys]

    def cursor(self, row: Found) -> str:
        """The place of a row in this order."""
        return written(self.sign, *(key.of(row) for key in self.keys))

    def place(self, cursor: str) -> list[Any]:
        """The values of a cursor; BadInput if it is none of this order's."""
        try:
            sign, *kept = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
            if sign == self.sign and len(kept) == len(self.keys):
                return [from_text(_kind(key.field), value) for key, value in zip(self.keys, kept, strict=True)]
        except (Error, ValueError, TypeError, KeyError, ArithmeticError, Refused):
            pass
        raise BadInput("This is not a cursor of this list in this order; take one from the same query.")

    def beyond(self, table: FromClause, cursor: Any, *, backward: bool) -> ColumnElement[bool]:
        """Rows that come after (backward: before) the place of a cursor.

        What must hold of the first key in any case is said as well: by that an index finds the place.
        """
        places = [
            operand(cursor, expression(key.field, table).type, partial(self._value, index))
            for index, key in enumerate(self.keys)
        ]
        found: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for key, place in zip(self.keys, places, strict=True):
            found.append(and_(*same, key.beyond(table, place, backward=backward)))
            same.append(key.same(table, place))
        return and_(self.keys[0].beyond(table, places[0], backward=backward, or_there=True), or_(*found))

    def _value(self, index: int, cursor: Any) -> Any:
        return self.place(used(cursor))[index]

    @property
    def sign(self) -> int:
        """What tells the cursors of this order from those of others."""
        return crc32("|".join(f"{key.name}{'-' if key.descending else '+'}" for key in self.keys).encode())


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for; the cursors may be slots."""

    size: int
    backward: bool
    after: Any
    before: Any


def written(sign: int, *place: str | None) -> str:
    """The cursor of a place, which is told as text."""
    return urlsafe_b64encode(orjson.dumps([sign, *place])).decode().rstrip("=")


def order_of(noun: Noun, given: Sequence[Mapping[str, Any]], actor: Actor, default: Sequence[str] = ()) -> Order:
    """The order that is asked for; Forbidden where it would tell what the actor may not see.

    A name in `default` that begins with - comes last to first.
    """
    if len(given) > MOST_KEYS:
        raise BadInput(f"Too many keys; give at most {MOST_KEYS}.", path=("orderBy",))
    keys = [_usual(noun, name) for name in default] if not given else []
    for index, one in enumerate(given):
        name = one["field"].value
        field = _field(noun, name)
        must_see(field.source, actor, "orderBy", str(index), "field")
        keys.append(Key(name, field, one["direction"].value == "desc"))
    return Order((*keys, Key("id", noun.fields["id"])))


def _usual(noun: Noun, name: str) -> Key:
    plain = name.removeprefix("-")
    return Key(plain, _field(noun, plain), descending=plain != name)


def window_of(first: int | None, last: int | None, after: Any, before: Any) -> Window:
    """The part asked for; BadInput for what cannot be."""
    if first is not None and last is not None:
        raise BadInput("Give first or last, not both.", path=("last",))
    name, size = ("last", last) if last is not None else ("first", DEFAULT if first is None else first)
    if not 0 <= size <= MOST:
        raise BadInput(f"Give a number from 0 to {MOST}.", path=(name,))
    return Window(size, last is not None, after, before)


def _field(noun: Noun, name: str) -> Field:
    outer, _, inner = name.partition(".")
    source = noun.fields[outer].source
    return source.fields[inner] if isinstance(source, Grafted) else noun.fields[outer]


def _kind(field: Field) -> Any:
    return UUID if field.name == "id" else field.kind
