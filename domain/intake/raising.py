"""What new records lack is flagged as they come in; nothing is flagged that the file gives, and nothing twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Session

from domain.exceptions.exception import KINDS, ImportException, SourceRow, flag_new
from domain.intake.drafting import Draft
from domain.intake.mapping import Section
from domain.kernel.base import Record
from domain.kernel.work import Work

LACKS: dict[str, dict[str, Callable[[Any], bool]]] = {
    "product": {"unknown_price": lambda given: given.list_price is None and given.standard_cost is None},
    "partner": {
        "missing_address": lambda given: not given.addresses,
        "missing_tax_number": lambda given: not given.tax_numbers,
    },
}
"""By kind of record: the exceptions that a new one raises, and when it does, by the command that enters it."""


def raise_on(work: Work, section: Section, draft: Draft, record: Record, given: Any) -> None:
    """Flag what a record lacks that was made just now by the command `given`."""
    where = SourceRow(section.source, section.file, draft.row.line)
    lacking = [kind for kind, lacks in LACKS.get(section.kind.word, {}).items() if lacks(given)]
    for kind, message in [*((kind, KINDS[kind]) for kind in lacking), *draft.assumed]:
        flag_new(work, kind, record, where, message)


@contextmanager
def counted(session: Session) -> Iterator[Counter[str]]:
    """How many exceptions of each kind are raised meanwhile; those that a savepoint takes back are not."""
    raised: Counter[str] = Counter()

    def made(_: Session, row: Any) -> None:
        if isinstance(row, ImportException):
            raised[row.kind] += 1

    def unmade(_: Session, row: Any) -> None:
        if isinstance(row, ImportException):
            raised[row.kind] -= 1

    listeners = {"pending_to_persistent": made, "persistent_to_transient": unmade}
    for name, listener in listeners.items():
        event.listen(session, name, listener)
    try:
        yield raised
        session.flush()
    finally:
        for name, listener in listeners.items():
            event.remove(session, name, listener)
