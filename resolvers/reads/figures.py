"""Figures about a whole list: all that are asked of one connection, its count included, are one scan."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from sqlalchemy import ColumnElement, Text, cast, func

from domain.kernel.errors import Refused
from resolvers.aggregates import BOUNDED, figure
from resolvers.pages import Listing
from resolvers.reads.forms import PLAIN, QUOTED, TEXT, json_text, told
from resolvers.reads.levels import Level
from resolvers.reads.nodes import (
    Barred,
    Body,
    ByCurrency,
    Counted,
    Entity,
    Figures,
    Fixed,
    InCurrency,
    Leaf,
    Node,
    Only,
)
from resolvers.reads.planning import Planner, Spot
from resolvers.reads.selection import TYPENAME, Selected
from resolvers.scope import must_see
from resolvers.sources import Amount, Field, Grafted

COUNT = "count"


class About:
    """Plans the figures about one connection's list.

    Where they are by one currency, and beside that but a count, rows by currency are all that is read: their counts
    come to the whole.
    """

    def __init__(
        self,
        planner: Planner,
        spot: Spot,
        known: Listing,
        where: Sequence[ColumnElement[bool]],
        asked: Iterable[Selected],
    ) -> None:
        self._planner, self._noun = planner, known.noun
        currencies = {path for one in asked for path in self._currencies(one, known.noun.fields)}
        self._level = Level(known.table, where, of=None if known.column is None else spot.table)
        self._there = Spot(self._level, known.table, known.noun)
        self._level.apart = len(currencies) == 1 and None not in currencies
        self._count = self._level.value(COUNT, lambda: cast(func.count(), Text))
        self._place = spot.level.nest(self._level.array)

    def total_count(self, selected: Selected) -> Node:
        """How many rows there are, beside the figures."""
        return (
            Counted(selected=selected, rows=self._place, column=self._count)
            if self._level.apart
            else Only(selected=selected, place=self._place, item=self._counted(selected))
        )

    def figures(self, selected: Selected) -> Node:
        """The figures that are selected."""
        fields = self._fields(selected, self._noun.fields)
        return Figures(selected=selected, place=self._place, fields=fields)

    def _fields(self, selected: Selected, fields: Mapping[str, Field]) -> tuple[tuple[str, Node], ...]:
        return tuple((one.name, self._field(one, fields)) for one in self._selected(selected))

    def _selected(self, selected: Selected) -> list[Selected]:
        (of,) = self._planner.selection.possible(selected)
        return self._planner.selection.fields(selected.sets, of)

    def _field(self, one: Selected, fields: Mapping[str, Field]) -> Node:
        if one.word == TYPENAME:
            return _name(one)
        if one.word == COUNT:
            return self._counted(one)
        field = fields[one.word]
        try:
            must_see(field.source, self._planner.actor)
        except Refused as refusal:
            return Barred(selected=one, refusal=refusal)
        if isinstance(field.source, Grafted):
            return _object(one, self._fields(one, field.source.fields))
        if isinstance(field.source, Amount):
            return self._by_currency(field, field.source.currency, one)
        return _object(one, ((each.name, self._plain(field, each)) for each in self._selected(one)))

    def _currencies(self, selected: Selected, fields: Mapping[str, Field]) -> Iterator[str | None]:
        """The currencies that figures are by; None for one that is about the whole list."""
        for one in self._selected(selected):
            if one.word in {TYPENAME, COUNT}:
                continue
            source = fields[one.word].source
            if isinstance(source, Grafted):
                yield from self._currencies(one, source.fields)
            else:
                yield source.currency if isinstance(source, Amount) else None

    def _counted(self, one: Selected) -> Node:
        if self._level.apart:
            return Counted(selected=one, rows=None, column=self._count)
        return Leaf(selected=one, place=self._count, form=PLAIN, nullable=False)

    def _plain(self, field: Field, one: Selected) -> Node:
        if one.word == TYPENAME:
            return _name(one)
        form = PLAIN if field.kind is int and one.word in BOUNDED else QUOTED
        return Leaf(selected=one, place=self._figure(field, one.word), form=form, nullable=True)

    def _figure(self, field: Field, name: str) -> int:
        return self._level.value((field, name), lambda: told(figure(name, field, self._there.table)))

    def _by_currency(self, field: Field, path: str, one: Selected) -> Node:
        relation, _, column = path.rpartition(".")
        there = self._planner.behind(self._there, relation)
        currency = self._level.group(there.table.c[column])
        item = _object(one, ((each.name, self._in_currency(field, currency, each)) for each in self._selected(one)))
        return ByCurrency(selected=one, currency=currency, presence=self._figure(field, "sum"), item=item)

    def _in_currency(self, field: Field, currency: int, one: Selected) -> Node:
        if one.word == TYPENAME:
            return _name(one)
        if one.word == "currency":
            return Leaf(selected=one, place=currency, form=TEXT, nullable=False)
        amount = self._figure(field, one.word)
        return InCurrency(selected=one, amount=amount, currency=currency, average=one.word == "average")


def _name(one: Selected) -> Node:
    return Fixed(selected=one, json=json_text(one.of.name))


def _object(selected: Selected, fields: Iterable[tuple[str, Node]]) -> Entity:
    return Entity(selected=selected, bodies={"": Body(tuple(fields))})
