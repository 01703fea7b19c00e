"""What import found wrong, or could not know: a row each, for somebody to resolve or to waive."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, unique
from domain.kernel.events import record_type
from domain.kernel.work import Work

KINDS: dict[str, str] = {
    "received_before_approval": "Goods were received on an order that was still waiting for approval.",
    "received_before_ordered": "Goods came before their order was written.",
    "over_received": "More was accepted than was ordered, beyond what is tolerated.",
    "due_before_ordered": "A line was due before its order was written.",
    "unknown_price": "The product has neither a list price nor a cost: unknown, not free.",
    "on_order_mismatch": "What the source says is on order is not what its open orders come to.",
    "missing_address": "The partner has no address.",
    "missing_tax_number": "The partner has no tax number.",
    "missing_unit": "The source names no unit for the product; one was assumed.",
}


class ImportException(Record):
    """One thing that is wrong with one record, and the row of the source that shows it.

    `record_type` and `record_id` name the record, `line_id` the line if it is about one. With a `company_id` it is for
    people of that company alone: the record's, or the one whose figures it tells. `state` is open, resolved (it was put
    right) or waived (it stays as it is), then with a `settlement`: the reason.
    """

    __tablename__ = "import_exception"
    __table_args__ = (
        unique("kind", "record_id", "line_id", "company_id", postgresql_nulls_not_distinct=True),
        Index(None, "tenant_id", "state", "kind"),
        Index(None, "tenant_id", "record_id"),
    )

    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    kind: Mapped[str]
    state: Mapped[str] = mapped_column(default="open")
    record_type: Mapped[str]
    record_id: Mapped[UUID]
    line_id: Mapped[UUID | None] = ref("line")
    message: Mapped[str]
    source: Mapped[str]
    file: Mapped[str]
    row: Mapped[int]
    settlement: Mapped[str | None]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[UUID | None]


@dataclass(frozen=True, slots=True)
class SourceRow:
    """Where something stands: the source, the file, and the first physical line of the row (1 is the headings)."""

    source: str
    file: str
    row: int


def flag(
    work: Work,
    kind: str,
    record: Record,
    at: SourceRow,
    message: str,
    *,
    line: UUID | None = None,
    company: UUID | None = None,
) -> bool:
    """Raise an exception of a kind once for a record (or its line); answers whether it is new.

    One that was raised before stays as it is, settled or not: a second import neither doubles nor reopens it. The
    `company` is the record's own if it has one.
    """
    company = getattr(record, "company_id", None) or company
    known = select(ImportException.id).where(
        ImportException.tenant_id == work.actor.tenant,
        ImportException.kind == kind,
        ImportException.record_id == record.id,
        ImportException.line_id.is_not_distinct_from(line),
        ImportException.company_id.is_not_distinct_from(company),
    )
    if work.session.scalars(known).first() is not None:
        return False
    flag_new(work, kind, record, at, message, line=line, company=company)
    return True


def flag_new(
    work: Work,
    kind: str,
    record: Record,
    at: SourceRow,
    message: str,
    *,
    line: UUID | None = None,
    company: UUID | None = None,
) -> None:
    """Raise an exception for a record that was made in this very transaction: nobody can have raised it before."""
    work.add(
        ImportException(
            company_id=getattr(record, "company_id", None) or company, kind=kind, record_type=record_type(type(record)),
            record_id=record.id, line_id=line, message=message, source=at.source, file=at.file, row=at.row,
        )
    )  # fmt: skip
