"""Which lines of other papers the lines of a paper are linked to, by what they have to do with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.kernel.base import again
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Link:
    """A line of a paper of this kind, and how much of it is concerned, in its own unit and in stock units."""

    line: UUID
    kind: str
    quantity: Decimal
    stock: Decimal


def linked(work: Work, relation: str, lines: Iterable[UUID]) -> dict[UUID, list[Link]]:
    """By line: what it is linked to, oldest first."""
    return _found(work, relation, LineLink.from_line_id.in_([*lines]), LineLink.from_line_id, LineLink.to_line_id)


def linking(work: Work, relation: str, lines: Iterable[UUID]) -> dict[UUID, list[Link]]:
    """By line: what of papers in force is linked to it, oldest first."""
    return _found(work, relation, LineLink.to_line_id.in_([*lines]), LineLink.to_line_id, LineLink.from_line_id)


def _found(work: Work, relation: str, condition: object, mine: object, theirs: object) -> dict[UUID, list[Link]]:
    line, paper = again(Line, "line"), again(Document, "paper")
    statement = (
        select(mine, theirs, paper.kind, LineLink.quantity - LineLink.rejected)  # type: ignore[call-overload]
        .add_columns(line.stock_numerator, line.stock_denominator)
        .join(line, (line.tenant_id == LineLink.tenant_id) & (line.id == theirs))
        .join(paper, (paper.tenant_id == line.tenant_id) & (paper.id == line.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation == relation, condition)
        .where(paper.state.not_in(("draft", "cancelled", "reversed")), paper.reverses_id.is_(None))
        .order_by(theirs)
    )
    found: defaultdict[UUID, list[Link]] = defaultdict(list)
    for one, other, kind, quantity, numerator, denominator in work.session.execute(statement):
        found[one].append(Link(other, kind, quantity, quantity * numerator / denominator))
    return found
