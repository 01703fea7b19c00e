"""Following relations from rows to rows: each relation is one statement for all parents of an operation."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, FromClause, Uuid, any_, literal, or_, select

from domain.kernel.actor import Actor
from domain.kernel.errors import at
from resolvers.conditions import matches, meets
from resolvers.pages import Connection, Listing
from resolvers.paging import order_of, window_of
from resolvers.reading import Reading
from resolvers.scope import must_enter, visible
from resolvers.slots import known
from resolvers.sources import Among, Computed, Field, Found, Many, Noun, Pages
from resolvers.values import used

PARTED = ("first", "last", "after", "before")


async def one(reading: Reading, noun: Noun, key: UUID | None) -> Found | None:
    """The row of a noun with this id, as far as it may be seen by somebody who came upon it."""
    if key is None:
        return None
    found: Found | None = await reading.loader(("one", noun), lambda keys: _ones(reading, noun, keys)).load(key)
    return found


async def many(reading: Reading, field: Field, source: Many, row: Found) -> list[Found]:
    """All rows of the field's noun that refer to `row`."""
    noun = field.leads_to
    if noun.right is not None:
        must_enter(noun, reading.actor)
    load = reading.loader(("many", field), lambda keys: _manys(reading, noun, source, keys)).load
    found: list[Found] = await load(row["id"])
    return found


async def among(reading: Reading, noun: Noun, source: Among, row: Found) -> list[Found]:
    """The rows whose ids are listed in `row`, those among them that may be seen."""
    load = reading.loader(("one", noun), lambda keys: _ones(reading, noun, keys)).load_many
    found = await load([UUID(key) for key in row[source.column] or ()])
    return [one for one in found if one is not None]


async def computed(reading: Reading, field: Field, source: Computed, row: Found) -> Any:
    """What a Python function makes of `row`, together with all its sisters."""
    return await reading.loader(("computed", field), lambda rows: source.act(reading, rows)).load(row)


def connection(
    reading: Reading, field: Field, source: Pages, row: Found | None, given: Mapping[str, Any]
) -> Connection:
    """The connection a field stands for: at the root, or from a row. Refused input raises before anything is read."""
    noun = field.leads_to
    must_enter(noun, reading.actor)
    key = field, json.dumps(given, default=str, sort_keys=True)
    known = reading.kept(("listing", *key), lambda: listing(reading.actor, noun, source, given))
    known.limits()
    return Connection(reading, known, key, None if row is None else row["id"])


def listing(actor: Actor, noun: Noun, source: Pages, given: Mapping[str, Any], *, alias: str | None = None) -> Listing:
    """What a connection with these arguments lists, as far as the actor may see it; under an alias, if one is given."""
    table = noun.table if source.rows is None else source.rows(**_arguments(source, given))
    if alias is not None:
        table = noun.alias(alias) if table is noun.table else table.alias(alias)
    return Listing(
        noun=noun,
        table=table,
        conditions=(*visible(noun, table, actor), *_asked(actor, noun, table, source, given)),
        order=order_of(noun, given.get("orderBy") or (), actor, source.order),
        window=window_of(*(given.get(name) for name in PARTED)),
        column=source.column,
    )


def _asked(
    actor: Actor, noun: Noun, table: FromClause, source: Pages, given: Mapping[str, Any]
) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    asked = given.get("filter") or {} if "filter" not in source.arguments else {}
    if asked:
        with at("filter"):
            found.append(meets(noun, table, asked, actor))
    if (word := given.get("search")) is not None:
        with at("search"):
            found.append(or_(*(matches(table.c[name], word) for name in noun.searched)))
    if source.where is not None:
        found += source.where(table, actor, **_arguments(source, given))
    if source.column is None and "archived_at" in table.c and not (given.get("archived") or _asks_archived(asked)):
        found.append(table.c.archived_at.is_(None))
    return found


def _arguments(source: Pages, given: Mapping[str, Any]) -> dict[str, Any]:
    return {name: used(known(given.get(name)), name) for name in source.arguments}


def _asks_archived(given: Any) -> bool:
    if isinstance(given, Mapping):
        return "archivedAt" in given or any(_asks_archived(given.get(name)) for name in ("and", "or", "not"))
    return isinstance(given, list) and any(_asks_archived(one) for one in given)


async def _ones(reading: Reading, noun: Noun, keys: Sequence[UUID]) -> list[Found | None]:
    table = noun.table
    statement = select(table).where(table.c.id == _any(keys), *visible(noun, table, reading.actor))
    rows = {row["id"]: row for row in await reading.found(statement, noun)}
    return [rows.get(key) for key in keys]


async def _manys(reading: Reading, noun: Noun, source: Many, keys: Sequence[UUID]) -> list[list[Found]]:
    table = noun.table
    limits = [] if noun.part_of and noun.part_of[0] == source.column else visible(noun, table, reading.actor)
    statement = (
        select(table)
        .where(table.c[source.column] == _any(keys), *limits)
        .order_by(table.c[source.column], table.c[source.order], table.c.id)
    )
    grouped: defaultdict[UUID, list[Found]] = defaultdict(list)
    for row in await reading.found(statement, noun):
        grouped[row[source.column]].append(row)
    return [grouped[key] for key in keys]


def _any(ids: Sequence[UUID]) -> Any:
    return any_(literal(list(ids), ARRAY(Uuid())))
