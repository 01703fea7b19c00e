"""Worklists are asked with the same conditions as the lists they are on, and counted together: one statement for many.

What was kept as JSON becomes the arguments of a list by the schema, which hands in how.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select

from domain.access.user import User
from domain.desks.desk import DESKS, Desk
from domain.desks.worklist import Reading as Reader
from domain.desks.worklist import Worklist, spoken
from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput, Refused, at
from domain.kernel.tenancy import view
from domain.kernel.work import batched
from domain.parties.company import Company
from resolvers.conditions import measure
from resolvers.context import Context
from resolvers.ids import global_id
from resolvers.nodes import Nouns
from resolvers.pages import Listing
from resolvers.people import roles_of
from resolvers.reading import Reading
from resolvers.relations import listing
from resolvers.scope import must_enter
from resolvers.sources import Field, Found, Pages

AT_ONCE = 50
NOBODY = UUID(int=0)
Given = Mapping[str, Any]
Row = Found | Worklist


@dataclass(frozen=True, slots=True)
class Lists:
    """Every list at the root by its name, and how JSON becomes its arguments; raises BadInput where it cannot."""

    fields: Mapping[str, Field]
    read: Callable[[str, Given], Given]

    def check(self, actor: Actor, worklist: Worklist) -> None:
        """Raises Refused if the actor cannot ask for this."""
        now = actor.clock()
        self.listing(actor, worklist, Reader(_me(actor), now.date(), now))

    def listing(self, actor: Actor, worklist: Worklist, reader: Reader) -> Listing:
        """What the list would list if it were asked so by this reader."""
        if worklist.on not in self.fields:
            raise BadInput(f"There is no such list; known are {', '.join(sorted(self.fields))}.", path=("on",))
        field = self.fields[worklist.on]
        must_enter(field.leads_to, actor)
        with at("filter"):
            measure(worklist.filter)
        given = {"filter": reader.of(worklist.filter), "orderBy": worklist.order_by, "search": worklist.search}
        asked = self.read(worklist.on, {name: value for name, value in given.items() if value})
        if not isinstance(field.source, Pages):
            raise TypeError(f"{worklist.on} is no list")
        return listing(actor, field.leads_to, field.source, asked)


async def desks(context: Context, _nouns: Nouns) -> list[Desk]:
    """The desks of the reader's roles."""
    roles = await roles_of(context)
    return [desk for role, desk in DESKS.items() if role in roles]


async def desk(_context: Context, _nouns: Nouns, *, role: str) -> Desk | None:
    """The desk of a role, if it has one."""
    return DESKS.get(role)


async def resolved(reading: Reading, rows: Sequence[Row]) -> list[Any]:
    """The filters of worklists, as one gives them to the lists now."""
    reader = await _reader(reading)
    return [reader.of(_worklist(row).filter) for row in rows]


async def counted(reading: Reading, rows: Sequence[Row]) -> list[int | Exception]:
    """How many rows each worklist has for the reader, or why it cannot be told; all of an operation together."""
    counts: list[int | Exception] = await asyncio.gather(
        *map(reading.loader("worklists", lambda rows: _counts(reading, rows)).load, rows), return_exceptions=True
    )
    return counts


async def _counts(reading: Reading, rows: Sequence[Row]) -> list[int | Refused]:
    reader, lists = await _reader(reading), cast("Lists", spoken())
    found: list[Listing | Refused] = []
    for row in rows:
        try:
            found.append(lists.listing(reading.actor, _worklist(row), reader))
        except Refused as refused:
            found.append(refused)
    totals = await _totals(reading, [one for one in found if isinstance(one, Listing)])
    return [next(totals) if isinstance(one, Listing) else one for one in found]


async def _totals(reading: Reading, listings: Sequence[Listing]) -> Iterator[int]:
    found: list[int] = []
    for some in batched(listings, AT_ONCE):
        columns = [one.total().scalar_subquery().label(f"count_{index}") for index, one in enumerate(some)]
        (row,) = await reading.rows(select(*columns))
        found += row.values()
    return iter(found)


async def _reader(reading: Reading) -> Reader:
    """The reader, and the day it is in the zone of their company; of several, of the one that was there first."""
    reader: Reader = await reading.loader("reader", lambda keys: _readers(reading, keys)).load(reading.actor)
    return reader


async def _readers(reading: Reading, actors: Sequence[Actor]) -> list[Reader]:
    company, now = view(Company), reading.actor.clock()
    mine = select(company.c.time_zone).where(company.c.id.in_(sorted(reading.actor.companies)))
    zones = await reading.rows(mine.order_by(company.c.id).limit(1))
    today = now.astimezone(ZoneInfo(zones[0]["time_zone"] if zones else "UTC")).date()
    return [Reader(_me(actor), today, now) for actor in actors]


def _worklist(row: Row) -> Worklist:
    if isinstance(row, Worklist):
        return row
    return Worklist(
        on=row["connection"], name=row["name"], filter=row["filter"], order_by=row["order_by"], search=row["search"]
    )


def _me(actor: Actor) -> str:
    return global_id(User.__tablename__, actor.user or NOBODY)
