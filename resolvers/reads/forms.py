"""How a value is written: as which text the database tells it, and how that text becomes JSON.

All values come as text. The database writes numbers, days and truths as they stand in an answer, and to read text costs
least.
"""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from json.encoder import encode_basestring
from typing import Any, Final
from uuid import UUID

import orjson
from sqlalchemy import ColumnElement, LargeBinary, Numeric, Text, case, cast, func, literal_column

from domain.kernel.decimals import DIGITS, currency_digits, money
from resolvers.sources import Column, Custom, Field, Noun
from resolvers.values import ID, JSON

NULL: Final = "null"


@dataclass(frozen=True, slots=True)
class Form:
    """How a text that is not null becomes JSON: `code` with the text for `{}`, between two pieces that never change.

    `names` are what the code refers to; in the database `sql` makes of a column what stands between the pieces.
    """

    sql: Callable[[ColumnElement[Any]], ColumnElement[str]]
    code: str = "{}"
    before: str = ""
    after: str = ""
    names: Mapping[str, Any] = field(default_factory=dict)

    def written(self, text: str | None) -> str:
        """The JSON of a text."""
        if text is None:
            return NULL
        made = eval(self.code.format("text"), {**self.names, "text": text})  # noqa: S307 - the code is our own
        return f"{self.before}{made}{self.after}"


def moments(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A moment in UTC, with microseconds."""
    return func.to_char(func.timezone("UTC", column), 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')


def texts(column: ColumnElement[Any]) -> ColumnElement[str]:
    """A value as the database writes it."""
    return cast(column, Text)


def told(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """A column as text, by its type."""
    kind = column.type.python_type
    return column if kind is str else moments(column) if kind is datetime else texts(column)


def escaped(column: ColumnElement[Any]) -> ColumnElement[str]:
    """Any text, as JSON."""
    return cast(func.to_json(told(column)), Text)


TEXT = Form(escaped, "string({})", names={"string": encode_basestring})
PLAIN = Form(told)
QUOTED = Form(told, before='"', after='"')


def form_of(field: Field, noun: Noun, *, listed: bool = False) -> Form:
    """How the values of a field are written; `listed` if they are lists in JSON."""
    source = field.source
    words = source.words if isinstance(source, Column | Custom) else None
    if words is not None:
        return enum(words.values)
    if listed or field.kind in {int, bool, JSON}:
        return PLAIN
    if isinstance(source, Column) and field.kind is ID:
        return identifier(source.names or noun.word)
    return QUOTED if field.kind in {Decimal, date, datetime} else TEXT


def enum(words: Mapping[str, str]) -> Form:
    """Words of the domain, as the API shows them."""
    name = f"words_{abs(hash(tuple(words)))}"
    strange = "".join(sorted({letter for word in words for letter in word if upper(letter) == "_"} - {"_"}))

    def shown(column: ColumnElement[Any]) -> ColumnElement[str]:
        plain = func.translate(column, strange, "_" * len(strange)) if strange else column
        return func.upper(plain, type_=Text)

    return Form(shown, f"{name}[{{}}]", '"', '"', {name: {word: upper(word) for word in words}})


def identifier(word: str) -> Form:
    """Keys, as global ids of records of a type."""
    tail = word.encode()

    def global_id(key: str) -> str:
        return urlsafe_b64encode(bytes.fromhex(key.replace("-", "")) + tail).decode().rstrip("=")

    def encoded(key: ColumnElement[Any]) -> ColumnElement[str]:
        whole = func.uuid_send(key, type_=LargeBinary).concat(literal_column(f"'{word}'::bytea"))
        code = func.encode(whole, literal_column("'base64'"))
        return func.translate(code, _BASE64, literal_column("'-_'"), type_=Text)

    name = f"id_of_{word}"
    return Form(encoded, f"{name}({{}})", '"', '"', {name: global_id})


def upper(word: str) -> str:
    """A word of the domain as the API writes it."""
    return "".join(letter if letter.isalnum() and letter.isascii() else "_" for letter in word).upper()


def amount(text: str, currency: str) -> str:
    """An amount with the decimals of its currency, with more only where a price has more."""
    whole, _, decimals = text.partition(".")
    return f"{whole}.{padded}" if (padded := decimals.rstrip("0").ljust(currency_digits(currency), "0")) else whole


def amounts(value: ColumnElement[Decimal], currency: ColumnElement[str]) -> ColumnElement[Decimal]:
    """The same in the database, as a number of so many decimals."""
    fewest = case(*((currency.in_(some), literal_column(str(digits))) for digits, some in _ODD.items()), else_=_TWO)
    return func.round(value, func.greatest(func.min_scale(value), fewest), type_=Numeric)


def average(text: str, currency: str) -> str:
    """The mean of amounts, rounded to the decimals of their currency."""
    return format(money(Decimal(text), currency), "f")


def json_text(value: Any) -> str:
    """Any JSON value."""
    return orjson.dumps(value, default=str).decode()


_TWO: ColumnElement[int] = literal_column("2")
_ODD: Mapping[int, list[ColumnElement[str]]] = {
    digits: [literal_column(f"'{code}'") for code, its in DIGITS.items() if its == digits]
    for digits in sorted({*DIGITS.values()} - {2})
}
"""The currencies that have not two decimals, by how many they have."""
_BASE64: ColumnElement[str] = literal_column("E'+/=\\n'")
"""What base64 has and a global id has in another way or not at all."""

READ: Mapping[type, Callable[[str], Any]] = {
    UUID: UUID,
    Decimal: Decimal,
    date: date.fromisoformat,
    datetime: datetime.fromisoformat,
    int: int,
    bool: lambda text: text == "true",
    object: orjson.loads,
}
"""How Python reads what the database told as text, by the type of the column."""


def value_of(text: str | None, kind: type) -> Any:
    """The value behind a text."""
    return None if text is None else READ.get(kind, str)(text)
