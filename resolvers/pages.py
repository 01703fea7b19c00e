"""A connection: a part of a list, fetched for all parents at once and only as far as it is selected."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Select, Uuid, any_, column, func, literal, select, true

from domain.kernel.errors import at
from resolvers.aggregates import Figures, worked_out
from resolvers.paging import Order, Window
from resolvers.reading import Reading
from resolvers.sources import Found, Noun

PARENT = "parent__"


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one parent within the window."""

    rows: list[Found] = field(default_factory=list)
    more_after: bool = False
    more_before: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What a connection lists: rows of a noun (those that refer to a parent, if there is one) in an order."""

    noun: Noun
    table: FromClause
    conditions: tuple[ColumnElement[bool], ...]
    order: Order
    window: Window
    column: str | None = None

    async def parts(self, reading: Reading, parents: Sequence[UUID | None]) -> list[Part]:
        """The part of each parent, in one statement."""
        statement = self._page() if self.column is None else self._page_of_each(parents)
        grouped: defaultdict[UUID | None, list[Found]] = defaultdict(list)
        for row in await reading.found(statement, self.noun):
            grouped[row.pop(PARENT, None)].append(row)
        return [self._part(grouped[parent]) for parent in parents]

    async def counts(self, reading: Reading, parents: Sequence[UUID | None]) -> list[int]:
        """How many rows there are for each parent, in one statement."""
        if self.column is None:
            return [row["count"] for row in await reading.rows(self.total())]
        key = self.table.c[self.column]
        statement = select(key.label(PARENT), func.count().label("count")).where(*self.conditions, key == _any(parents))
        found = {row[PARENT]: row["count"] for row in await reading.rows(statement.group_by(key))}
        return [found.get(parent, 0) for parent in parents]

    def total(self) -> Select[int]:
        """How many rows there are in all."""
        return select(func.count().label("count")).select_from(self.table).where(*self.conditions)

    def _page(self) -> Select[Any]:
        backward = self.window.backward
        return (
            select(self.table)
            .where(*self.conditions, *self.limits())
            .order_by(*self.order.sorted(self.table, backward=backward))
            .limit(self.window.size + 1)
        )

    def _page_of_each(self, parents: Sequence[UUID | None]) -> Select[Any]:
        given = func.unnest(literal(list(parents), ARRAY(Uuid()))).table_valued(column("id", Uuid())).render_derived()
        page = self._page().where(self.table.c[self.column or ""] == given.c.id).lateral("page")
        return (
            select(given.c.id.label(PARENT), page)
            .select_from(given.join(page, true()))
            .order_by(given.c.id, *self.order.sorted(page, backward=self.window.backward))
        )

    def limits(self) -> list[ColumnElement[bool]]:
        found = []
        for name, cursor, backward in (("after", self.window.after, False), ("before", self.window.before, True)):
            if cursor is not None:
                with at(name):
                    found.append(self.order.beyond(self.table, cursor, backward=backward))
        return found

    def _part(self, rows: list[Found]) -> Part:
        window, kept = self.window, rows[: self.window.size]
        more = len(rows) > window.size
        if window.backward:
            return Part(kept[::-1], more_after=window.before is not None, more_before=more)
        return Part(kept, more_after=more, more_before=window.after is not None)


class Connection:
    """One parent's connection; its rows, its count and its figures are read when they are selected."""

    def __init__(self, reading: Reading, listing: Listing, key: object, parent: UUID | None = None) -> None:
        self.order = listing.order
        self._reading, self._listing, self._key = reading, listing, key
        self._parent = parent
        self._parts = reading.loader(("parts", key), lambda parents: listing.parts(reading, parents))
        self._counts = reading.loader(("counts", key), lambda parents: listing.counts(reading, parents))

    async def part(self) -> Part:
        part: Part = await self._parts.load(self._parent)
        return part

    async def count(self) -> int:
        count: int = await self._counts.load(self._parent)
        return count

    async def figures(self, currency: str = "") -> list[Figures]:
        """Figures about all rows of the list; of amounts in the `currency` that stands there, for each of them."""
        loader = self._reading.loader(
            ("figures", self._key, currency),
            lambda parents: worked_out(self._reading, self._listing, parents, currency),
        )
        figures: list[Figures] = await loader.load(self._parent)
        return figures


def _any(ids: Sequence[UUID | None]) -> Any:
    return any_(literal(list(ids), ARRAY(Uuid())))
