"""What came of an import: how many rows of each section, what they come to, what was refused and what was flagged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
from typing import Any

from domain.intake.figures import Figures

KEPT = 1000
"""So many refusals stay in the report; all of them are told as they come."""
SHOWN = 200
"""So many characters of what stands in the file are told with each."""
LONGEST = 1000
"""So many characters may a reason have."""
BAD_ROW = "BAD_ROW"
CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED = "created", "updated", "unchanged", "skipped", "refused"
OUTCOMES = (CREATED, UPDATED, UNCHANGED, SKIPPED, REFUSED)
MEBIBYTE = 1 << 20


def brief(text: str, most: int = SHOWN) -> str:
    """The beginning of a text that is too long to be told."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


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


Outcome = str | list[Refusal]
"""What became of a row: one of OUTCOMES, or why it was refused."""
WAITS: Outcome = []
"""It is refused for a reason that is told once for all of its section."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a section has come; `left` is how long the whole import will take from here, if that can be said."""

    section: str
    done: int
    total: int
    left: timedelta | None


@dataclass(slots=True)
class Tally:
    """The rows of one file of a section, each counted once."""

    section: str
    kind: str
    file: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0
    refused: int = 0

    def count(self, outcome: str, times: int = 1) -> None:
        """Count a row, or several."""
        setattr(self, outcome, getattr(self, outcome) + times)

    @property
    def rows(self) -> int:
        return sum(getattr(self, outcome) for outcome in OUTCOMES)

    def __str__(self) -> str:
        told = f"{self.created} created, {self.updated} updated, {self.unchanged} unchanged"
        more = "".join(f", {number} {word}" for word in (SKIPPED, REFUSED) if (number := getattr(self, word)))
        return f"{self.section} ({self.file}): {told}{more}"


@dataclass(slots=True)
class Report:
    """The whole import. `refusals` holds the first thousand.

    `figures` say, by section, what its records come to in the books; `exceptions` how many of each kind were raised.
    `memory` is the most that the process has held, in bytes.
    """

    dry_run: bool
    tallies: list[Tally] = field(default_factory=list)
    figures: dict[str, Figures] = field(default_factory=dict)
    exceptions: Counter[str] = field(default_factory=Counter)
    refusals: list[Refusal] = field(default_factory=list)
    took: timedelta = timedelta(0)
    memory: int = 0
    told: Callable[[Refusal], None] = lambda _: None

    def refuse(self, refusal: Refusal) -> None:
        """Tell of a row that did not go in."""
        value, reason = brief(refusal.value), refusal.reason
        if value != refusal.value:
            reason = reason.replace(repr(refusal.value), repr(value))
        refusal = replace(refusal, value=value, reason=brief(reason, LONGEST))
        self.told(refusal)
        if len(self.refusals) < KEPT:
            self.refusals.append(refusal)

    def total(self, outcome: str) -> int:
        """How many rows of all sections were created, updated, unchanged, skipped or refused."""
        return sum(getattr(tally, outcome) for tally in self.tallies)

    @property
    def speed(self) -> int:
        """How many rows a second were read."""
        return round(sum(map(self.total, OUTCOMES)) / max(self.took.total_seconds(), 0.001))

    def lines(self) -> Iterator[str]:
        """The report as people read it."""
        for tally in self.tallies:
            yield str(tally)
            yield from (f"  {told}" for told in self.figures.get(tally.section, Figures()).lines())
        if self.exceptions:
            raised = (f"{count} {kind}" for kind, count in sorted(self.exceptions.items()))
            yield f"Exceptions raised: {', '.join(raised)}"
        yield (
            f"It took {self.took.total_seconds():.1f} s, {self.speed} rows a second, "
            f"with at most {self.memory / MEBIBYTE:.0f} MiB of memory."
        )
        verdict = "Nothing was written: this was a dry run. It would be" if self.dry_run else "In all:"
        yield f"{verdict} {', '.join(f'{self.total(word)} {word}' for word in OUTCOMES)}."

    def content(self) -> dict[str, Any]:
        """The report as JSON has it; figures are texts, so that none is rounded."""
        return {
            "dryRun": self.dry_run,
            "totals": {outcome: self.total(outcome) for outcome in OUTCOMES},
            "sections": [
                {**asdict(tally), "figures": self.figures.get(tally.section, Figures()).content()}
                for tally in self.tallies
            ],
            "exceptions": dict(sorted(self.exceptions.items())),
            "seconds": round(self.took.total_seconds(), 3),
            "rowsPerSecond": self.speed,
            "peakMemory": self.memory,
            "refusals": [asdict(refusal) for refusal in self.refusals],
        }
