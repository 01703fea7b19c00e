"""A section on its way: its rows become drafts, batch by batch, and what becomes of every row is counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from domain.intake.drafting import Draft, Drafter
from domain.intake.memory import Memory
from domain.intake.planning import Planned
from domain.intake.report import REFUSED, SKIPPED, WAITS, Outcome, Refusal, Report, Tally
from domain.kernel.errors import NotFound, NotReady


class Passage:
    """One section. Its tallies, one for each of its files, are part of the report from the beginning."""

    def __init__(self, planned: Planned, memory: Memory, report: Report) -> None:
        self.planned, self.section = planned, planned.section
        self._memory, self._report = memory, report
        self.tally = Tally(self.section.name, self.section.kind.word, self.section.file)
        self._details = {
            name: Tally(f"{self.section.name}: {name}", f"{self.section.kind.word}.{name}", details.file)
            for name, details in self.section.details.items()
        }
        report.tallies += [self.tally, *self._details.values()]
        self.barred, self._waiting = "", False

    def may(self, unfit: set[str]) -> bool:
        """Whether it can be brought in at all; if not, all of it is refused, with one reason.

        Where it is `barred`, what is for good and went in earlier is looked at all the same; only what is new waits.
        """
        if self.section.name in unfit:
            files = ", ".join(details.file for details in self.section.details.values())
            self._refuse_all(f"Not all rows of {files} can be read; correct them, so that every record is whole.")
            return False
        broken = [name for name in self.section.after if name in unfit]
        if broken:
            self.barred = f"Not all of {broken[0]!r} went in; correct what was refused there, and run it again."
        if broken and not self.section.kind.final:
            self._refuse_all(self.barred)
            return False
        return True

    def batches(self, size: int) -> Iterator[list[Draft]]:
        """The drafts of about so many rows of all files at a time. What is no draft is counted by the way."""
        drafter, batch, rows = Drafter(self.section, self._memory), list[Draft](), 0
        for row in self.planned.read():
            draft = drafter.draft(row)
            if isinstance(draft, Draft):
                batch.append(draft)
            else:
                self._count(draft.refusals if draft else SKIPPED, draft.parts if draft else {})
            rows += 1 + (len(draft.parts) if draft else 0)
            if rows >= size:
                yield batch
                batch, rows = [], 0
        yield batch

    def count(self, drafts: Sequence[Draft], outcomes: Sequence[Outcome]) -> None:
        """Count what became of drafts, and of the rows of other files that are parts of them."""
        for draft, outcome in zip(drafts, outcomes, strict=True):
            self._count(outcome, draft.parts)
        self._waiting = self._waiting or WAITS in outcomes

    def finish(self) -> bool:
        """Refuse the rows of other files that belong to no record; whether anything was refused at all."""
        if self._waiting:
            self._refuse_with(self.barred)
        for name, tally in self._details.items():
            self._refuse_orphans(name, tally)
            tally.skipped += self.planned.details[name][1] - tally.rows
        return any(tally.refused for tally in (self.tally, *self._details.values()))

    @property
    def progress(self) -> dict[str, int]:
        """How many rows of all files have been done that brought something new, and how many others."""
        tallies = (self.tally, *self._details.values())
        new = sum(tally.created for tally in tallies)
        return {"new": new, "old": sum(tally.rows for tally in tallies) - new}

    def _count(self, outcome: Outcome, parts: Mapping[Any, Any]) -> None:
        word = outcome if isinstance(outcome, str) else REFUSED
        self.tally.count(word)
        for name, _ in parts:
            self._details[name].count(word)
        for refusal in outcome if isinstance(outcome, list) else ():
            self._report.refuse(refusal)

    def _refuse_orphans(self, name: str, tally: Tally) -> None:
        details = self.section.details[name]
        columns, theirs = " | ".join(details.by), " | ".join(details.by.values())
        reason = f"No row of {self.section.file} has this {theirs}; add it there, or leave this row out."
        for line, owner in self._memory.orphans(details):
            tally.count(REFUSED)
            self._report.refuse(Refusal(details.file, line, columns, " | ".join(owner), NotFound.code, reason))

    def _refuse_all(self, reason: str) -> None:
        self.tally.refused = self.planned.rows
        for name, tally in self._details.items():
            tally.refused = self.planned.details[name][1]
        self._refuse_with(reason)

    def _refuse_with(self, reason: str) -> None:
        self._report.refuse(Refusal(self.section.file, 1, "", "", NotReady.code, reason))
