"""The types of figures about a whole list: they follow from its columns, one type for each noun that is listed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from resolvers.aggregates import aggregated, counted, fetched
from resolvers.sources import Amount, Field, Grafted, Noun
from resolvers.values import CurrencyCode
from schema.declare import shape, value
from schema.pieces import ApiField, Type, define, give, optional

if TYPE_CHECKING:
    from schema.types import Types

SUM = "All of them added up; null if there is none."
AVERAGE = "The mean of those there are, rounded half-up to 6 decimals; null if there is none."
FIRST, LAST = "The earliest; null if there is none.", "The latest; null if there is none."


@shape
class DecimalAggregate:
    """Figures about numbers; where a row has no value, it does not count."""

    sum: Decimal | None = value(SUM)
    average: Decimal | None = value(AVERAGE)
    minimum: Decimal | None = value("The smallest; null if there is none.")
    maximum: Decimal | None = value("The largest; null if there is none.")


@shape
class IntAggregate:
    """Figures about whole numbers; where a row has no value, it does not count."""

    sum: Decimal | None = value(f"{SUM} It may be larger than an `Int` can be.")
    average: Decimal | None = value(AVERAGE)
    minimum: int | None = value("The smallest; null if there is none.")
    maximum: int | None = value("The largest; null if there is none.")


@shape
class DateAggregate:
    """Figures about days; where a row has no value, it does not count."""

    minimum: date | None = value(FIRST)
    maximum: date | None = value(LAST)


@shape
class DateTimeAggregate:
    """Figures about moments; where a row has no value, it does not count."""

    minimum: datetime | None = value(FIRST)
    maximum: datetime | None = value(LAST)


@shape
class MoneyAggregate:
    """Figures about all amounts in one currency; those of several are never added."""

    currency: CurrencyCode = value("The currency of these amounts.")
    sum: Decimal = value("All of them added up, with the decimals of the currency.")
    average: Decimal = value("The mean, rounded half-up to the decimals of the currency.")
    minimum: Decimal = value("The smallest.")
    maximum: Decimal = value("The largest.")


BY_KIND: Mapping[Any, tuple[type, str]] = {
    Decimal: (DecimalAggregate, "Over all rows: sum, average, smallest and largest."),
    int: (IntAggregate, "Over all rows: sum, average, smallest and largest."),
    date: (DateAggregate, "Over all rows: the earliest and the latest."),
    datetime: (DateTimeAggregate, "Over all rows: the earliest and the latest."),
}
IN_CURRENCY = (
    list[MoneyAggregate],
    "Over all rows, for each currency in the order of its code: sum, average, smallest and largest.",
)


def aggregates(types: Types, noun: Noun) -> Type:
    """The figures about a list of a noun."""
    name = f"{noun.name}Aggregates"
    if name not in types.known:
        types.known[name] = define(name, f"Figures about all {noun.name} rows of a list that meet its filter.")
        count = ApiField("count", int, "How many rows there are; the same as `totalCount`.", fetched=counted)
        give(types.known[name], [count, *_fields(types, noun, noun.fields)])
    return types.known[name]


def _fields(types: Types, noun: Noun, fields: Mapping[str, Field]) -> list[ApiField]:
    return [_field(types, noun, field) for field in aggregated(fields).values()]


def _field(types: Types, noun: Noun, field: Field) -> ApiField:
    source = field.source
    if isinstance(source, Grafted):
        name = f"{noun.name}CustomAggregates"
        made = define(name, f"Figures about the fields that plugins add to {noun.name}.")
        within = give(made, _fields(types, noun, source.fields))
        return ApiField(field.name, within, "Of fields that plugins add.", plain=lambda connected: connected)
    shape, said = IN_CURRENCY if isinstance(source, Amount) else BY_KIND[field.kind]
    type_ = types.of(shape)
    return ApiField(
        field.name,
        optional(type_) if source.guard else type_,
        f"{source.description} {said}",
        fetched=fetched(field),
        declared=field,
    )
