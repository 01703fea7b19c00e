"""What of a paper follows from the moment at which it is read."""

from __future__ import annotations

from collections.abc import Sequence

from resolvers.reading import Reading
from resolvers.sources import Found


async def expired(reading: Reading, rows: Sequence[Found]) -> list[bool]:
    """Whether the time of a reservation is over though it is active."""
    now = reading.actor.clock()
    return [row["state"] == "active" and row["held_until"] <= now for row in rows]
