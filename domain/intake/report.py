"""What came of an import: how many rows of each section, and every row that was refused, with the reason."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta

KEPT = 1000
"""So many refusals stay in the report; all of them are told as they come."""
BAD_ROW = "BAD_ROW"
CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED = "created", "updated", "unchanged", "skipped", "refused"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row did not go in. `line` is the physical line on which it begins, `value` what stands in the file."""

    file: str
    line: int
    column: str
    value: str
    code: str
    reason: str

    def __str__(self) -> str:
        place = f"{self.file}, line {self.line}"
        culprit = f", {self.column} {self.value!r}" if self.column else f", {self.value!r}" if self.value else ""
        return f"{place}{culprit}: {self.reason} ({self.code})"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section has come; `left` is how long the whole import will take from here, if that can be said."""

    section: str
    done: int
    total: int
    left: timedelta | None


@dataclass(slots=True)
class Tally:
    """The rows of one section, each counted once."""

    section: str
    kind: str
    file: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0

    def count(self, outcome: str) -> None:
        setattr(self, outcome, getattr(self, outcome) + 1)

    @property
    def rows(self) -> int:
        return self.created + self.updated + self.unchanged + self.skipped + self.refused

    def __str__(self) -> str:
        told = f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        more = "".join(f", {number} {word}" for word in (SKIPPED, REFUSED) if (number := getattr(self, word)))
        return f"{self.section} ({self.file}): {told}{more}"


@dataclass(slots=True)
class Report:
    """The whole import. `refusals` holds the first thousand."""

    dry_run: bool
    tallies: list[Tally] = field(default_factory=list)
    refusals: list[Refusal] = field(default_factory=list)
    told: Callable[[Refusal], None] = lambda _: None

    def refuse(self, refusal: Refusal) -> None:
        """Tell of a row that did not go in."""
        self.told(refusal)
        if len(self.refusals) < KEPT:
            self.refusals.append(refusal)

    def total(self, outcome: str) -> int:
        """How many rows of all sections were created, updated, unchanged, skipped or refused."""
        return sum(getattr(tally, outcome) for tally in self.tallies)

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        yield from map(str, self.tallies)
        words = (CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED)
        verdict = "Nothing was written: this was a dry run. It would be" if self.dry_run else "In all:"
        yield f"{verdict} {', '.join(f'{self.total(word)} {word}' for word in words)}."
