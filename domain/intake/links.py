"""References of a batch are followed together, a few statements for all, and each record is read once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from domain.intake.transforms import Reference
from domain.kernel.base import Record
from domain.kernel.commands import Ref
from domain.kernel.errors import NotFound
from domain.kernel.events import record_class
from domain.kernel.references import referred
from domain.kernel.work import Work


class Links:
    """The records that references stand for. They are held, so that rules need not read them again."""

    def __init__(self, work: Work, source: str) -> None:
        self._work, self._source = work, source
        self._ids: dict[Reference, UUID] = {}
        self._held: dict[UUID, Record] = {}

    def follow(self, references: Iterable[Reference]) -> None:
        """Look all of them up."""
        wanted: defaultdict[tuple[str, str | None, str | None], set[str]] = defaultdict(set)
        for one in references:
            wanted[one.kind, one.source, one.by].add(one.key)
        for (kind, source, by), keys in wanted.items():
            found = self._by_column(kind, by, keys) if by else self._by_key(kind, source, keys)
            self._ids |= {Reference(kind, source, by, key): id for key, id in found.items()}
            self._hold(record_class(kind), found.values())

    def know(self, reference: Reference, record: Record) -> None:
        """What was made in this batch can be referred to in it."""
        self._ids[reference], self._held[record.id] = record.id, record

    def record(self, reference: Reference) -> Record | None:
        """The record itself, if there is one."""
        if reference not in self._ids and reference.by:
            self.follow([reference])
        return self._held.get(self._ids[reference]) if reference in self._ids else None

    def ref(self, reference: Reference) -> Ref:
        """What a command takes for the record; NotFound if there is none."""
        if self.record(reference) is None:
            known = f"{reference.by} {reference.key!r}" if reference.by else f"the key {reference.key!r}"
            where = "" if reference.by else f" from {reference.source or self._source!r}"
            raise NotFound(f"There is no {reference.kind} with {known}{where}; import it first, or correct the value.")
        return Ref(id=self._ids[reference], type=reference.kind)

    def _by_key(self, kind: str, source: str | None, keys: set[str]) -> dict[str, UUID]:
        return referred(self._work.session, kind, source or self._source, sorted(keys))

    def _by_column(self, kind: str, by: str, keys: set[str]) -> dict[str, UUID]:
        model = record_class(kind)
        column = getattr(model, by)
        statement = select(column, model.id).where(model.tenant_id == self._work.actor.tenant, column.in_(sorted(keys)))
        if (company := getattr(model, "company_id", None)) is not None:
            company = model.id if isinstance(company, property) else company  # a company is its own
            statement = statement.where(company.in_(self._work.actor.companies))
        return {row[0]: row[1] for row in self._work.session.execute(statement)}

    def _hold(self, model: type[Record], ids: Iterable[UUID]) -> None:
        new = set(ids) - self._held.keys()
        if new:
            statement = select(model).where(model.tenant_id == self._work.actor.tenant, model.id.in_(sorted(new)))
            self._held |= {row.id: row for row in self._work.session.scalars(statement) if self._work.sees(row)}
