"""The log as readers see it: sealed events only, each at its place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain.kernel.events import Event, Seal
from resolvers.paging import Key, Order
from resolvers.reading import Reading
from resolvers.sources import Found, Noun

SEALED = (
    select(Event.__table__, Seal.position)
    .join_from(Event, Seal, (Seal.tenant_id == Event.tenant_id) & (Seal.event_id == Event.id))
    .subquery("sealed")
)
"""Events with their positions."""


def order_of_log(noun: Noun) -> Order:
    """The order of the log, in which every event has its cursor."""
    return Order((Key("position", noun.fields["position"]), Key("id", noun.fields["id"])))


async def cursors(_reading: Reading, rows: Sequence[Found]) -> list[str]:
    """The places of events in the log."""
    return [order_of_log(row.of).cursor(row) for row in rows]


def position_of(noun: Noun, cursor: str) -> int:
    """The position behind a cursor; BadInput if it is none of the log's."""
    place: list[Any] = order_of_log(noun).place(cursor)
    return int(place[0])
