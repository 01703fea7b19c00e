"""The scalars, each with the one format it is written in.

Input that a scalar cannot read becomes a Misgiven instead of an error of the document, so that whoever uses the value
refuses it in his own words, at its place.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import FloatValueNode, IntValueNode, StringValueNode, value_from_ast_untyped
from strawberry.schema.types.scalar import DEFAULT_SCALAR_REGISTRY
from strawberry.types.scalar import ScalarDefinition

from resolvers.values import ID, JSON, CountryCode, CurrencyCode, Misgiven, moment

LONGEST = 100
_WRITTEN = re.compile(r"[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|infinity)", re.IGNORECASE)
"""What Python reads besides, such as 1_000 and digits of other scripts, is more likely a slip than a number."""
_NOT_DECIMAL = 'Not a decimal; give one as a string such as "12.50".'


def _decimal(value: Any) -> Any:
    if isinstance(value, float):
        return Misgiven('A JSON number with a point has lost its exact value; send it as a string such as "12.50".')
    if isinstance(value, bool) or not isinstance(value, str | int | Decimal) or len(str(value)) > LONGEST:
        return Misgiven(_NOT_DECIMAL)
    if isinstance(value, str) and not _WRITTEN.fullmatch(value):
        return Misgiven(_NOT_DECIMAL)
    return Decimal(value)


def _decimal_literal(node: Any, _variables: Any = None) -> Any:
    exact = isinstance(node, StringValueNode | IntValueNode | FloatValueNode)
    return _decimal(node.value if exact else value_from_ast_untyped(node))


def _decimal_out(value: Any) -> str:
    return value if isinstance(value, str) else format(Decimal(value), "f")


def _date(value: Any) -> Any:
    try:
        return date.fromisoformat(value)
    except (TypeError, ValueError):
        return Misgiven("Not a date; write it as 2026-03-02.")


def _moment(value: Any) -> Any:
    try:
        found = datetime.fromisoformat(value)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        pass
    return Misgiven("Not a moment; write it with its zone, as 2026-03-02T09:00:00Z.")


def _moment_out(value: Any) -> str:
    return moment(datetime.fromisoformat(value) if isinstance(value, str) else value)


def _date_out(value: Any) -> str:
    return value if isinstance(value, str) else str(value.isoformat())


def _code(value: Any) -> Any:
    return value if isinstance(value, str) else Misgiven("Not a code; give a string.")


def _literal(parse: Callable[[Any], Any]) -> Callable[..., Any]:
    return lambda node, variables=None: parse(value_from_ast_untyped(node, variables))


def _same(value: Any) -> Any:
    return value


def _scalar(
    name: str,
    description: str,
    parse: Callable[[Any], Any],
    write: Callable[[Any], Any],
    *,
    literal: Callable[..., Any] | None = None,
    url: str | None = None,
) -> ScalarDefinition:
    return strawberry.scalar(
        name=name,
        description=description,
        specified_by_url=url,
        serialize=write,
        parse_value=parse,
        parse_literal=literal or _literal(parse),
    )


SCALARS: dict[Any, ScalarDefinition] = {
    Decimal: _scalar(
        "Decimal",
        'An exact decimal number, written as a string such as "12.50". Strings and numbers are read, by their text.',
        _decimal,
        _decimal_out,
        literal=_decimal_literal,
    ),
    date: _scalar(
        "Date", "A day of the calendar, as 2026-03-02.", _date, _date_out, url="https://www.rfc-editor.org/rfc/rfc3339"
    ),
    datetime: _scalar(
        "DateTime",
        "A moment, written in UTC with microseconds as 2026-03-02T09:00:00.000000Z. Any zone is read, none is refused.",
        _moment,
        _moment_out,
        url="https://www.rfc-editor.org/rfc/rfc3339",
    ),
    JSON: _scalar("JSON", "Any JSON value.", _same, _same, url="https://www.rfc-editor.org/rfc/rfc8259"),
    CurrencyCode: _scalar("CurrencyCode", "A currency by ISO 4217, such as EUR.", _code, str),
    CountryCode: _scalar("CountryCode", "A country by ISO 3166-1 alpha-2, such as DE.", _code, str),
    ID: DEFAULT_SCALAR_REGISTRY[strawberry.ID],
}
"""By the Python type that stands for each."""
