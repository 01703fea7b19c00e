"""The generic resolver of every kind of source: from a row, or from nothing at the root, to the field's value."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from inspect import isawaitable
from typing import Any

from domain.kernel.decimals import shown
from resolvers.context import Context
from resolvers.ids import global_id
from resolvers.nodes import by_id
from resolvers.relations import among, computed, connection, many, one
from resolvers.scope import is_oneself, may_enter, may_see, must_see
from resolvers.sources import (
    Among,
    Amount,
    ById,
    Column,
    Computed,
    Custom,
    Field,
    Found,
    Grafted,
    Many,
    Named,
    Noun,
    One,
    OneOf,
    Pages,
    Source,
    Value,
)
from resolvers.values import ID

Plain = Callable[[Any], Any]
Fetched = Callable[[Any, Context, Mapping[str, Any]], Any]


def plain(field: Field) -> Plain | None:
    """How the value follows from the row alone, if it does and nothing guards it."""
    source = field.source
    return None if source.guard else _plain(field, source)


def fetched(field: Field) -> Fetched:
    """How the value is found with the help of the operation's context; guards are looked at first."""
    source = field.source
    fetch = _fetch(field, source)
    if not source.guard:
        return fetch

    def guarded(row: Any, context: Context, given: Mapping[str, Any]) -> Any:
        if source.bought and row.of.part_of is not None and not may_see(source, context.asking):
            return _of_part(row.of.part_of, source, fetch)(row, context, given)
        if not is_oneself(row, context.asking):
            must_see(source, context.asking, sold=bool(source.bought) and row.of.is_sold(row))
        return fetch(row, context, given)

    return guarded


def _of_part(part_of: tuple[str, Noun], source: Source, fetch: Fetched) -> Fetched:
    """What is part of a paper may be seen as that is one of selling or not, which only the paper tells."""
    column, whole = part_of

    async def look(row: Any, context: Context, given: Mapping[str, Any]) -> Any:
        paper = await one(context.reading, whole, row[column])
        must_see(source, context.asking, sold=paper is not None and paper.of.is_sold(paper))
        found = fetch(row, context, given)
        return await found if isawaitable(found) else found

    return look


def _plain(field: Field, source: Source) -> Plain | None:
    if isinstance(source, Column):
        column = source.column
        if field.kind is ID:
            return lambda row: global_id(source.names or row.of.word, row[column])
        return lambda row: row[column]
    if isinstance(source, Value):
        return _entry(source.key)
    if isinstance(source, Custom):
        name = source.name
        return lambda row: row["custom"].get(name)
    if isinstance(source, Grafted):
        return lambda row: row
    return _money(source) if isinstance(source, Amount) and "." not in source.currency else None


def _entry(key: str) -> Plain:
    return lambda row: row[key] if isinstance(row, Mapping) else getattr(row, key)


def _money(source: Amount) -> Plain:
    amount, currency = source.column, source.currency
    return lambda row: None if row[amount] is None else _written(row[amount], row[currency])


def _written(amount: Decimal, currency: str) -> dict[str, Any]:
    return {"amount": shown(amount, currency), "currency": currency}


def _fetch(field: Field, source: Source) -> Fetched:
    if (simple := _plain(field, source)) is not None:
        return lambda row, _context, _given: simple(row)
    return _FETCHERS[type(source)](field, source)


def _one(field: Field, source: One) -> Fetched:
    target, column = field.leads_to, source.column
    return lambda row, context, _: None if row[column] is None else one(context.reading, target, row[column])


def _one_of(field: Field, source: OneOf) -> Fetched:
    kinds = field.leads_to.kinds

    def fetch(row: Found, context: Context, _: Mapping[str, Any]) -> Awaitable[Found | None] | None:
        noun = kinds.get(row[source.word])
        if noun is None or not may_enter(noun, context.asking):
            return None
        return one(context.reading, noun, row[source.column])

    return fetch


def _many(field: Field, source: Many) -> Fetched:
    return lambda row, context, _: many(context.reading, field, source, row)


def _among(field: Field, source: Among) -> Fetched:
    target = field.leads_to
    return lambda row, context, _: among(context.reading, target, source, row)


def _pages(field: Field, source: Pages) -> Fetched:
    return lambda row, context, given: connection(context.reading, field, source, row if source.column else None, given)


def _by_id(field: Field, _source: ById) -> Fetched:
    target = field.leads_to
    return lambda _, context, given: by_id(context, target, given["id"])


def _computed(field: Field, source: Computed) -> Fetched:
    async def fetch(row: Any, context: Context, _: Mapping[str, Any]) -> Any:
        return await looked_up(context, field, await computed(context.reading, field, source, row))

    return fetch


async def looked_up(context: Context, field: Field, said: Any) -> Any:
    """What Python said, with the records in place of their names."""
    if isinstance(said, list):
        return [await looked_up(context, field, one) for one in said]
    if not isinstance(said, Named):
        return said
    noun = field.leads_to.kinds.get(said.word, field.leads_to)
    return await one(context.reading, noun, said.key)


def _amount(_field: Field, source: Amount) -> Fetched:
    *way, currency = source.currency.split(".")

    async def fetch(row: Found, context: Context, _: Mapping[str, Any]) -> dict[str, Any] | None:
        if row[source.column] is None:
            return None
        other = await _along(way, row, context)
        return None if other is None else _written(row[source.column], other[currency])

    return fetch


async def _along(way: Sequence[str], row: Found, context: Context) -> Found | None:
    """The row to which relations lead one after the other; None where one leads nowhere."""
    found: Found | None = row
    for relation in way:
        through = found.of.fields[relation] if found is not None else None
        if found is None or through is None or not isinstance(through.source, One):
            return None
        found = await one(context.reading, through.leads_to, found[through.source.column])
    return found


_FETCHERS: dict[type[Source], Callable[[Field, Any], Fetched]] = {
    One: _one,
    OneOf: _one_of,
    Many: _many,
    Among: _among,
    Pages: _pages,
    ById: _by_id,
    Computed: _computed,
    Amount: _amount,
}
