"""What a client may have come to know of a firm: rows of every type, their ids, and their places in lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from graphql import Undefined
from graphql.utilities import coerce_input_value
from sqlalchemy import select

from domain.kernel.actor import Actor
from resolvers.context import Context
from resolvers.ids import global_id
from resolvers.paging import MOST_KEYS, order_of
from resolvers.sources import Amount, Column, Custom, Field, Found, Noun, Pages
from schema.build import House
from tests.firm import Firm

MOST = 12
"""So many rows of each type are known."""


class Known:
    """Of each noun, by its name, some rows; and ids that another firm was given."""

    def __init__(self, house: House, actor: Actor, rows: Mapping[str, Sequence[Found]], foreign: Sequence[str]) -> None:
        self.house, self.actor, self.rows, self.foreign = house, actor, rows, foreign

    def ids(self, noun: Noun | None = None) -> list[str]:
        """The ids of rows of a noun, or of some of everything that has one."""
        if noun is None:
            return self._all_ids
        return [global_id(_word(row), row["id"]) for row in self.rows[noun.name]]

    @cached_property
    def _all_ids(self) -> list[str]:
        nouns = [one for one in self.house.nouns.values() if "id" in one.fields]
        return [id for one in nouns for id in self.ids(one)[:3]]

    def values(self, noun: Noun, field: Field) -> list[Any]:
        """What stands in a field of a noun, as JSON."""
        source = field.source
        if isinstance(source, Custom):
            found = [row["custom"].get(source.name) for row in self.rows[noun.name]]
        else:
            found = [row[source.column] for row in self.rows[noun.name]] if isinstance(source, Column | Amount) else []
        return list({str(one): _as_json(one) for one in found if one is not None}.values())

    def cursors(self, field: Field, order: Any, type_: Any) -> list[str]:
        """The places of rows in the list that a field is, in the order that JSON asks for; none if it is no order."""
        keys = coerce_input_value(order, type_) if order else []
        if keys is Undefined or len(keys) > MOST_KEYS or not isinstance(field.source, Pages):
            return []
        found = order_of(field.leads_to, keys, self.actor, field.source.order)
        return [found.cursor(row) for row in self.rows[field.leads_to.name]]


async def known(firm: Firm, house: House) -> Known:
    """What one who may see everything knows."""
    actor, strange = firm.actor("one with all rights"), firm.actor("a stranger")
    rows = await _rows(firm, actor, house.nouns.values())
    theirs = await _rows(firm, strange, [house.nouns[word] for word in ("partner", "product", "company")])
    foreign = [global_id(_word(row), row["id"]) for some in theirs.values() for row in some]
    return Known(house, actor, rows, foreign)


async def _rows(firm: Firm, actor: Actor, nouns: Iterable[Noun]) -> dict[str, list[Found]]:
    context = Context(firm.database, None, actor, "known")
    found = {}
    for noun in nouns:
        statement = select(noun.table).order_by(noun.table.c.id).limit(MOST)
        found[noun.name] = await context.reading.found(statement, noun)
    await context.end()
    return found


def _word(row: Found) -> str:
    """The word in a row's id, which may be that of another type."""
    source = row.of.fields["id"].source if "id" in row.of.fields else None
    return (isinstance(source, Column) and source.names) or row.of.word


def _as_json(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, date):
        return value.isoformat()
    return value if isinstance(value, bool | int) else str(value)
