"""What papers of the past come to in the books, by the status their source gave them, for the report of an import."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, literal, select

from domain.intake.figures import GREATEST, LEAST, Figures
from domain.kernel.documents import Document, Line, Provenance
from domain.kernel.work import Work
from domain.stock.count import StockCount

_STATUS = func.coalesce(literal("status ") + Provenance.status, "no status")


def orders(work: Work, ids: Sequence[UUID]) -> Figures:
    """Orders and their lines, by status and currency, beside what the source makes of them."""
    differs = Document.total - func.round(Provenance.total, func.scale(Document.total))
    papers = {
        "orders": func.count(),
        "lines amount": func.sum(Document.lines_amount),
        "charges": func.sum(Document.charges_amount),
        "tax": func.sum(Document.tax),
        "total": func.sum(Document.total),
        "total in the source": func.sum(Provenance.total),
        "orders that differ": func.count(case((differs != 0, 1))),
        f"{LEAST}difference": func.min(differs),
        f"{GREATEST}difference": func.max(differs),
    }
    lines = {
        "lines": func.count(),
        "ordered": func.sum(Line.quantity),
        "received": func.sum(Line.received),
        "rejected": func.sum(Line.rejected),
        "accepted": func.sum(Line.accepted),
        "open": func.sum(Line.open_quantity),
        "closed short": func.count(case((Line.closed > 0, 1))),
    }
    figures = Figures()
    _add(work, figures, papers, _of_papers(ids, papers))
    _add(work, figures, lines, _of_papers(ids, lines).join(Line, Line.document_id == Document.id))
    return figures


def counts(work: Work, ids: Sequence[UUID]) -> Figures:
    """What was counted, and what the books said before."""
    moved = StockCount.counted - StockCount.booked
    told: dict[str, Any] = {
        "counts": func.count(),
        "counted": func.sum(StockCount.counted),
        "booked before": func.sum(StockCount.booked),
        "found": func.sum(func.greatest(moved, 0)),
        "gone": func.sum(func.greatest(-moved, 0)),
    }
    figures = Figures()
    statement = select(*told.values()).where(StockCount.tenant_id == work.actor.tenant, StockCount.id.in_(ids))
    figures.add("", dict(zip(told, work.session.execute(statement).one(), strict=True)))
    return figures


def _of_papers(ids: Sequence[UUID], told: dict[str, Any]) -> Select[Any]:
    return (
        select(_STATUS, Document.currency, *told.values())
        .select_from(Document)
        .join(Provenance, Provenance.id == Document.provenance_id)
        .where(Document.id.in_(ids))
        .group_by(Provenance.status, Document.currency)
    )


def _add(work: Work, figures: Figures, told: dict[str, Any], statement: Select[Any]) -> None:
    for status, currency, *values in work.session.execute(statement):
        found = dict(zip(told, values, strict=True))
        for group in (f"{status}, {currency}", f"in all, {currency}"):
            figures.add(group, found)
