"""The log as readers see it: sealed events only, each at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.comments.comment import Comment
from domain.kernel.events import Event, Seal, record_type
from domain.kernel.tenancy import view
from resolvers.paging import Key, Order
from resolvers.reading import Reading
from resolvers.scope import may_enter
from resolvers.sources import Found, Named, Noun

SEALED = (
    select(Event.__table__, Seal.position)
    .join_from(Event, Seal, (Seal.tenant_id == Event.tenant_id) & (Seal.event_id == Event.id))
    .subquery("sealed")
)
"""Events with their positions."""
COMMENT = record_type(Comment)


def order_of_log(noun: Noun) -> Order:
    """The order of the log, in which every event has its cursor."""
    return Order((Key("position", noun.fields["position"]), Key("id", noun.fields["id"])))


async def cursors(_reading: Reading, rows: Sequence[Found]) -> list[str]:
    """The places of events in the log."""
    return [order_of_log(row.of).cursor(row) for row in rows]


async def papers(reading: Reading, rows: Sequence[Found]) -> list[Named | None]:
    """The papers that events tell of: the record itself, or what a comment was said about."""
    noun = rows[0].of.fields["document"].leads_to
    if not may_enter(noun, reading.actor):
        return [None for _ in rows]
    said = await _commented(reading, [row["record_id"] for row in rows if row["record_type"] == COMMENT])
    keys = [row["record_id"] if row["record_type"] in noun.kinds else said.get(row["record_id"]) for row in rows]
    return [None if key is None else Named(noun.word, key) for key in keys]


def position_of(noun: Noun, cursor: str) -> int:
    """The position behind a cursor; BadInput if it is none of the log's."""
    place: list[Any] = order_of_log(noun).place(cursor)
    return int(place[0])


async def _commented(reading: Reading, comments: Sequence[UUID]) -> Mapping[UUID, UUID]:
    table = view(Comment)
    if not comments:
        return {}
    found = await reading.rows(select(table.c.id, table.c.document_id).where(table.c.id.in_(comments)))
    return {row["id"]: row["document_id"] for row in found}
