"""Figures about all rows of a list: which fields have some, and how the database works them out.

Amounts are told by currency, since those of several must not be added. Whoever lacks the right to a field for any row
that a list could have is told no figure of it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Numeric,
    Select,
    Uuid,
    any_,
    func,
    literal,
    literal_column,
    select,
)

from domain.kernel.actor import Actor
from domain.kernel.decimals import PRICE_DIGITS, money, shown
from resolvers.conditions import expression
from resolvers.reading import Reading
from resolvers.scope import must_see, visible
from resolvers.sources import Amount, Column, Custom, Field, Grafted, Noun, One

if TYPE_CHECKING:
    from resolvers.context import Context
    from resolvers.pages import Connection, Listing

SUMMED = ("sum", "average", "minimum", "maximum")
BOUNDED = ("minimum", "maximum")
BY_KIND: Mapping[Any, tuple[str, ...]] = {Decimal: SUMMED, int: SUMMED, date: BOUNDED, datetime: BOUNDED}
"""The figures that the values of a kind have."""
EXACT = 30
"""Decimals of an average that is still to be rounded: enough to tell on which side of a half it is."""

Figures = dict[Any, Any]
"""What was worked out about some rows: by field and figure, and their `count` and `currency`."""


def figures_of(field: Field) -> tuple[str, ...]:
    """The figures of a plain field; none if it is not to be compared, or of no kind that has some."""
    source = field.source
    if isinstance(source, Column) and not (source.shown and source.compared):
        return ()
    return BY_KIND.get(field.kind, ()) if isinstance(source, Column | Amount | Custom) else ()


def aggregated(fields: Mapping[str, Field]) -> dict[str, Field]:
    """Those of some fields that have figures, be it of what is within them."""
    return {
        name: field
        for name, field in fields.items()
        if (aggregated(field.source.fields) if isinstance(field.source, Grafted) else figures_of(field))
    }


def figure(name: str, field: Field, table: FromClause) -> ColumnElement[Any]:
    """What works out a figure of a field. Averages of amounts are still to be rounded."""
    return _WORKED_OUT[name](expression(field, table), EXACT if isinstance(field.source, Amount) else PRICE_DIGITS)


def _average(column: ColumnElement[Any], digits: int) -> ColumnElement[Any]:
    """A quotient has as many decimals as the dividend; rounded but once from so many it is rounded right."""
    total = func.round(func.sum(column), literal_column(str(EXACT)), type_=Numeric())
    return func.round(total / func.count(column), literal_column(str(digits)), type_=Numeric())


_WORKED_OUT: Mapping[str, Callable[[ColumnElement[Any], int], ColumnElement[Any]]] = {
    "sum": lambda column, _: func.sum(column),
    "average": _average,
    "minimum": lambda column, _: func.min(column),
    "maximum": lambda column, _: func.max(column),
}


async def counted(connected: Connection, _context: Context, _given: Mapping[str, Any]) -> int:
    """How many rows there are."""
    return await connected.count()


def fetched(field: Field) -> Callable[[Connection, Context, Mapping[str, Any]], Any]:
    """How the figures of a field are found: one set of them or, of amounts, one for each currency."""
    source = field.source

    async def plain(connected: Connection, context: Context, _given: Mapping[str, Any]) -> Mapping[str, Any]:
        must_see(source, context.asking)
        (found,) = await connected.figures()
        return {name: found.get((field, name)) for name in figures_of(field)}

    async def by_currency(
        connected: Connection, context: Context, _given: Mapping[str, Any]
    ) -> list[Mapping[str, Any]]:
        must_see(source, context.asking)
        found = await connected.figures(source.currency if isinstance(source, Amount) else "")
        return [_in_currency(field, one) for one in found if one["currency"] and one[field, "sum"] is not None]

    return by_currency if isinstance(source, Amount) else plain


def _in_currency(field: Field, found: Figures) -> dict[str, Any]:
    currency = found["currency"]
    written = {name: shown(found[field, name], currency) for name in SUMMED}
    return {**written, "average": money(found[field, "average"], currency), "currency": currency}


async def worked_out(
    reading: Reading, listing: Listing, parents: Sequence[UUID | None], currency: str
) -> list[list[Figures]]:
    """All figures of each parent's rows but those of amounts or, by `currency`, those of amounts in it."""
    fields = [field for field in _plain(listing.noun) if currency == getattr(field.source, "currency", "")]
    names = [(field, name) for field in fields for name in figures_of(field)]
    grouped: defaultdict[UUID | None, list[Figures]] = defaultdict(list)
    for row in await reading.rows(_statement(listing, reading.actor, parents, currency, names)):
        parent, code, *values = row.values()
        grouped[parent].append({"currency": code, **dict(zip(names, values, strict=True))})
    return [grouped[parent] or ([] if currency else [{}]) for parent in parents]


def _plain(noun: Noun) -> list[Field]:
    found = aggregated(noun.fields)
    custom = found.pop("custom", None)
    within = custom.source.fields if custom is not None and isinstance(custom.source, Grafted) else {}
    return [*found.values(), *aggregated(within).values()]


def _statement(
    listing: Listing, actor: Actor, parents: Sequence[UUID | None], currency: str, names: Sequence[tuple[Field, str]]
) -> Select[Any]:
    table, noun, key = listing.table, listing.noun, listing.column
    limits = [] if key is None else [table.c[key] == any_(literal(list(parents), ARRAY(Uuid())))]
    parent = literal_column("null::uuid") if key is None else table.c[key]
    code = _currency(noun, table, currency, actor) if currency else literal_column("null::text")
    rows = select(table, parent.label("parent__"), code.label("code__")).where(*listing.conditions, *limits).subquery()
    keys = [rows.c.parent__, rows.c.code__]
    worked = [figure(name, field, rows).label(f"figure_{place}") for place, (field, name) in enumerate(names)]
    return select(*keys, *worked).group_by(*keys).order_by(rows.c.code__)


def _currency(noun: Noun, table: FromClause, path: str, actor: Actor) -> ColumnElement[Any]:
    """The currency at the end of a path, as far as the rows on the way may be seen."""
    first, _, rest = path.partition(".")
    if not rest:
        return table.c[first]
    through = noun.fields[first]
    if not isinstance(through.source, One):
        raise TypeError(f"{noun.name}.{first} leads to no single row")
    target, other = through.leads_to, through.leads_to.table.alias()
    there = other.c.id == table.c[through.source.column], *visible(target, other, actor)
    return select(_currency(target, other, rest, actor)).where(*there).scalar_subquery()
