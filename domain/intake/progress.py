"""How far an import has come, and how long it will go on: by what rows of each kind cost, as measured on the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from domain.intake.planning import Planned
from domain.intake.report import Progress, Tally
from domain.kernel.references import ExternalReference

NONE = timedelta(0)
Known = Mapping[tuple[str, str], int]
"""How many records of a kind, of a source, are there already."""


async def known(session: AsyncSession, planned: Iterable[Planned]) -> Known:
    """How much of what is planned is there already, so that an import which is taken up again can say how long."""
    reference, sources = ExternalReference, {one.section.source for one in planned}
    statement = select(reference.type, reference.source, func.count()).group_by(reference.type, reference.source)
    rows = await session.execute(statement.where(reference.source.in_(sources)))
    return {(kind, source): count for kind, source, count in rows}


class Course:
    """Tells the progress of all sections. What one of them costs is guessed by its kind until it has been measured."""

    def __init__(
        self, clock: Callable[[], datetime], planned: list[Planned], known: Known, progress: Callable[[Progress], None]
    ) -> None:
        self._clock, self._progress, self._since = clock, progress, clock()
        self._new = _new(planned, known)
        self._old = {one.section.name: one.all_rows - self._new[one.section.name] for one in planned}
        self._kinds = {one.section.name: one.section.kind for one in planned}
        self._took: defaultdict[str, timedelta] = defaultdict(timedelta)
        self._effort: defaultdict[str, timedelta] = defaultdict(timedelta)
        self._counted: Counter[tuple[str, bool]] = Counter()

    def tell(self, one: Planned, tally: Tally, *, new: int, old: int) -> None:
        """So many rows of a section's files have been done by now, new ones and others."""
        name, now = one.section.name, self._clock()
        took, self._since = now - self._since, now
        ahead = self._ahead(name)
        self._counted[name, True], self._counted[name, False] = new, old
        word = self._kinds[name].word
        self._took[word] += took
        self._effort[word] += ahead - self._ahead(name)
        self._progress(Progress(name, tally.rows, one.rows, self._left()))

    def _left(self) -> timedelta | None:
        effort, took = sum(self._effort.values(), NONE), sum(self._took.values(), NONE)
        if effort <= NONE:
            return None
        left = NONE
        for name, kind in self._kinds.items():
            measured = self._effort[kind.word]
            pace = self._took[kind.word] / measured if measured > NONE else took / effort
            left += self._ahead(name) * pace
        return left

    def _ahead(self, name: str) -> timedelta:
        """The effort for the rest of a section. What there is more of one sort, there is less of the other."""
        fresh, stale = self._kinds[name].effort
        new, old = self._new[name] - self._counted[name, True], self._old[name] - self._counted[name, False]
        rest = max(new + old, 0)
        new = min(max(new, 0), rest)
        return timedelta(microseconds=new * fresh + (rest - new) * stale)


def _new(planned: list[Planned], known: Known) -> dict[str, int]:
    """How many rows of each section are about something new: all but those that earlier runs, in order, have done."""
    there, found = dict(known), dict[str, int]()
    for one in planned:
        kind = one.section.kind.word, one.section.source
        old = min(there.get(kind, 0), one.rows) if one.section.creates else one.rows
        there[kind] = there.get(kind, 0) - (old if one.section.creates else 0)
        found[one.section.name] = round(one.all_rows * (1 - old / one.rows)) if one.rows else 0
    return found
