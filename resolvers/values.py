"""Values as clients send them: what cannot be used becomes a refusal that names its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from math import isfinite
from typing import Any, NewType
from uuid import UUID

from domain.kernel.errors import BadInput, at
from resolvers.ids import key_of

ID = NewType("ID", str)
CurrencyCode = NewType("CurrencyCode", str)
CountryCode = NewType("CountryCode", str)
JSON = NewType("JSON", object)

_HALF = re.compile("[\ud800-\udfff]")
_MOST_DIGITS = 40
_MOST_DEPTH = 40
_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Misgiven:
    """A value that a scalar could not read; whoever uses it refuses with `message` at its place."""

    message: str


def camel(name: str) -> str:
    """A Python name as the API writes it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def used(value: Any, *path: str | int) -> Any:
    """A plain value fit for rules and the database; BadInput at `path` otherwise."""
    with at(*path):
        return _fit(value)


def json_value(value: Any) -> Any:
    """A JSON value fit to be kept and gone through."""
    level = [value]
    for _ in range(_MOST_DEPTH):
        level = [inner for one in level for inner in _inner(one)]
        if not level:
            return used(value)
    raise BadInput(f"Nested too deeply; at most {_MOST_DEPTH} levels.")


def column_value(kind: Any, value: Any, words: tuple[str, ...] = ()) -> Any:
    """A value to compare a column of this kind with. An id of another type is nobody's."""
    value = _fit(value)
    if kind is not ID or value is None:
        return value
    word, key = key_of(value)
    return key if word in words else _NOBODY


def _fit(value: Any) -> Any:
    if isinstance(value, Misgiven):
        raise BadInput(value.message)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, float) and not isfinite(value):
        raise BadInput("Not a number; give a finite one.")
    if isinstance(value, Mapping):
        return {_text(name): used(one, name) for name, one in value.items()}
    if isinstance(value, list):
        return [used(one, index) for index, one in enumerate(value)]
    return value


def _inner(value: Any) -> Iterable[Any]:
    return value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()


def _text(value: str) -> str:
    if "\0" in value:
        raise BadInput("Text cannot hold the character U+0000; leave it out.")
    if not value.isascii() and _HALF.search(value):
        raise BadInput("Text cannot hold half of a surrogate pair; send valid Unicode.")
    return value


def _number(value: Decimal) -> Decimal:
    if not value.is_finite():
        raise BadInput("Not a number; give a finite decimal.")
    if value and not -_MOST_DIGITS < value.adjusted() < _MOST_DIGITS:
        raise BadInput("Too large or too small; give a number of ordinary size.")
    return value


def as_text(value: Any) -> str | None:
    """A column's value as a cursor keeps it, and as the database writes it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return moment(value)
    return format(value, "f") if isinstance(value, Decimal) else str(value)


def moment(value: datetime) -> str:
    """A moment in UTC with microseconds."""
    return value.astimezone(UTC).isoformat(timespec="microseconds")[: -len("+00:00")] + "Z"


def from_text(kind: Any, kept: Any) -> Any:
    """The value of a cursor; ValueError, TypeError or KeyError if it is none of this kind."""
    if kept is None:
        return None
    if not isinstance(kept, str):
        raise TypeError(kind)
    return _READ.get(kind, _text)(kept)


_READ: dict[Any, Callable[[str], Any]] = {
    Decimal: lambda kept: _number(Decimal(kept)),
    UUID: UUID,
    date: date.fromisoformat,
    datetime: lambda kept: datetime.fromisoformat(kept).astimezone(UTC),
    int: lambda kept: int.from_bytes(int(kept).to_bytes(4, signed=True), signed=True),
    bool: {"true": True, "false": False}.__getitem__,
}
