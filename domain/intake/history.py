"""What was is entered once and stays: a second run enters what is missing, and changes nothing that is there."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select

from domain.intake.composing import composed
from domain.intake.drafting import Draft, traced
from domain.intake.mapping import Place, Section
from domain.intake.raising import raise_on
from domain.intake.report import CREATED, UNCHANGED, Outcome
from domain.intake.writing import Scribe, written
from domain.kernel import text
from domain.kernel.base import Record
from domain.kernel.documents import Document, Line, Provenance
from domain.kernel.errors import BadInput, Refusals, Refused
from domain.kernel.events import record_type
from domain.kernel.references import referred
from domain.kernel.work import Work

STATED = {
    "status": "status",
    "source_lines_amount": "lines_amount",
    "source_charges_amount": "charges_amount",
    "source_tax": "tax",
    "source_total": "total",
}
"""What the source says of a paper: as its command calls it, and as its provenance keeps it."""

LINE = record_type(Line)


def write_history(work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Enter what is not known yet; what became of each draft, in their order."""
    return written(Entries, work, section, drafts)


class Entries(Scribe):
    """Enters papers, and counts.

    A paper that is known is compared with the provenance it was entered with, which nobody changes: what people did
    with the paper since is not the source's business. A known count is never compared: it was right on its day.
    """

    def __init__(self, work: Work, section: Section, drafts: Sequence[Draft]) -> None:
        super().__init__(work, section, drafts)
        self._said = self._provenances(drafts)
        self._lines = self._entered_lines(drafts)

    def all(self) -> list[Outcome]:
        """Enter all of them, by a few statements if their kind knows how."""
        if (together := self._section.kind.together) is None:
            return super().all()
        self._work.actor.must(self._section.kind.creating.right)
        outcomes, told = dict[int, Outcome](), dict[int, Any]()
        for place, draft in enumerate(self._drafts):
            try:
                told[place] = self._command(draft)
                outcomes[place] = UNCHANGED
            except Refused as refused:
                outcomes[place] = traced(self._section, draft, refused)
        fresh = {place: command for place, command in told.items() if command is not None}
        for place, record in zip(fresh, together(self._work, [*fresh.values()]), strict=True):
            outcomes[place] = self._entered(self._drafts[place], fresh[place], record)
        return [outcomes[place] for place in range(len(self._drafts))]

    def _write(self, draft: Draft) -> str:
        if (command := self._command(draft)) is None:
            return UNCHANGED
        self._enter(draft, command)
        return CREATED

    def _command(self, draft: Draft) -> Any:
        """What enters the record; None if it is known."""
        if (record := self._links.record(self._known(draft))) is not None:
            self._must_agree(record, draft)
            return None
        return self._creating(draft, composed(self._section, draft, self._links.ref))

    def _entered(self, draft: Draft, command: Any, record: Record | Refused) -> Outcome:
        if isinstance(record, Refused):
            return traced(self._section, draft, record)
        raise_on(self._work, self._section, draft, record, command)
        return CREATED

    def _provenances(self, drafts: Sequence[Draft]) -> Mapping[Any, Provenance]:
        records = [self._links.record(self._known(draft)) for draft in drafts]
        wanted = {record.provenance_id for record in records if isinstance(record, Document)}
        statement = select(Provenance).where(Provenance.tenant_id == self._work.actor.tenant, Provenance.id.in_(wanted))
        return {row.id: row for row in self._work.session.scalars(statement)} if wanted else {}

    def _entered_lines(self, drafts: Sequence[Draft]) -> Collection[str]:
        """The keys of all lines that ever stood on the papers of these drafts, whatever became of them since."""
        known = [draft for draft in drafts if self._links.record(self._known(draft)) is not None]
        keys = [text.line(draft.values[place]) for draft in known for place in _line_keys(draft)]
        return referred(self._work.session, LINE, self._section.source, keys).keys()

    def _must_agree(self, record: Record, draft: Draft) -> None:
        if not isinstance(record, Document) or record.provenance_id not in self._said:
            return
        said, refusals = self._said[record.provenance_id], Refusals()
        for name, column in STATED.items():
            known, now = getattr(said, column), draft.values.get((name,))
            if (name,) in draft.values and known != (now.strip() if isinstance(now, str) else now):
                with refusals.at(name):
                    raise BadInput(f"It was entered with {known}, which is for good; change the paper here by hand.")
        for place in _line_keys(draft):
            if text.line(draft.values[place]) not in self._lines:
                with refusals.at(*place):
                    raise BadInput("The paper was entered without this line, for good; change the paper here by hand.")
        refusals.settle()


def _line_keys(draft: Draft) -> Iterator[Place]:
    """Where the keys of a paper's lines stand, if they have any."""
    for place, value in draft.values.items():
        if place[0] == "lines" and place[-1] == "key" and value is not None:
            yield place
