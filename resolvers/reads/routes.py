"""The ways from the root of a plan to the rows of one place in it, as its serialiser goes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Row = Sequence[Any]


@dataclass(slots=True)
class Step:
    """From a row to those at the next place: the rows of a list, or the row itself if it is there and of a kind."""

    place: int
    list: bool = False
    size: int | None = None
    backward: bool = False
    words: set[str] = field(default_factory=set)

    def rows(self, row: Row) -> Iterable[Row]:
        """Where it leads from a row."""
        found = row[self.place]
        if self.list:
            return part(found, self.size, backward=self.backward)
        return [row] if found is not None and (not self.words or found in self.words) else []


Route = tuple[Step, ...]


def part(rows: Sequence[Row], size: int | None, *, backward: bool = False) -> Sequence[Row]:
    """Of the rows that were read, those that are shown, in their order."""
    shown = rows if size is None else rows[:size]
    return shown[::-1] if backward else shown


def reached(route: Route, rows: Iterable[Row]) -> Iterable[Row]:
    """All rows at the end of a route."""
    for step in route:
        rows = [found for row in rows for found in step.rows(row)]
    return rows


@contextmanager
def step_to(route: list[Step], step: Step) -> Iterator[Step]:
    """Within: a step further."""
    route.append(step)
    try:
        yield step
    finally:
        route.pop()
