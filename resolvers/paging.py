"""Pages by key: a cursor is the place of a row in an order, so it holds while other rows come and go.

Nulls are last in either direction, and the id decides between equals.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zlib import crc32

import orjson
from sqlalchemy import ColumnElement, FromClause, and_, false, literal, or_

from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput
from resolvers.conditions import expression
from resolvers.scope import must_see
from resolvers.sources import Amount, Column, Custom, Field, Found, Grafted, Noun
from resolvers.values import as_text, from_text

DEFAULT = 50
MOST = 250
MOST_KEYS = 8


@dataclass(frozen=True, slots=True)
class Key:
    """One key of an order."""

    name: str
    field: Field
    descending: bool = False

    def of(self, row: Found) -> Any:
        """The row's value, as a cursor keeps it."""
        source = self.field.source
        if isinstance(source, Custom):
            value = row["custom"].get(source.name)
            return as_text(value)
        return as_text(row[source.column]) if isinstance(source, Column | Amount) else None

    def sorted(self, table: FromClause, *, backward: bool) -> ColumnElement[Any]:
        column = expression(self.field, table)
        directed = column.desc() if self.descending != backward else column.asc()
        if not getattr(column, "nullable", True):
            return directed
        return directed.nulls_first() if backward else directed.nulls_last()

    def beyond(self, table: FromClause, value: Any, *, backward: bool) -> ColumnElement[bool]:
        """Rows that come after (backward: before) a value of this key alone."""
        column = expression(self.field, table)
        if value is None:
            return column.is_not(None) if backward else false()
        place = literal(value, column.type)
        further = column < place if self.descending != backward else column > place
        return further if backward else or_(further, column.is_(None))

    def same(self, table: FromClause, value: Any) -> ColumnElement[bool]:
        column = expression(self.field, table)
        return column.is_(None) if value is None else column == literal(value, column.type)


@dataclass(frozen=True, slots=True)
class Order:
    """The keys of an order, the id last."""

    keys: tuple[Key, ...]

    def sorted(self, table: FromClause, *, backward: bool = False) -> list[ColumnElement[Any]]:
        return [key.sorted(table, backward=backward) for key in self.keys]

    def cursor(self, row: Found) -> str:
        """The place of a row in this order."""
        place = orjson.dumps([self._sign, *(key.of(row) for key in self.keys)])
        return urlsafe_b64encode(place).decode().rstrip("=")

    def place(self, cursor: str) -> list[Any]:
        """The values of a cursor; BadInput if it is none of this order's."""
        try:
            sign, *kept = orjson.loads(urlsafe_b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4)))
            if sign == self._sign and len(kept) == len(self.keys):
                return [from_text(_kind(key.field), value) for key, value in zip(self.keys, kept, strict=True)]
        except (Error, ValueError, TypeError, ArithmeticError):
            pass
        raise BadInput("This is not a cursor of this list in this order; take one from the same query.")

    def beyond(self, table: FromClause, place: Sequence[Any], *, backward: bool) -> ColumnElement[bool]:
        """Rows that come after (backward: before) a place."""
        found: list[ColumnElement[bool]] = []
        same: list[ColumnElement[bool]] = []
        for key, value in zip(self.keys, place, strict=True):
            found.append(and_(*same, key.beyond(table, value, backward=backward)))
            same.append(key.same(table, value))
        return or_(*found)

    @property
    def _sign(self) -> int:
        return crc32("|".join(f"{key.name}{'-' if key.descending else '+'}" for key in self.keys).encode())


@dataclass(frozen=True, slots=True)
class Window:
    """Which part of a list is asked for."""

    size: int
    backward: bool
    after: str | None
    before: str | None


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


def window_of(first: int | None, last: int | None, after: str | None, before: str | None) -> Window:
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
