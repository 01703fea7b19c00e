"""What is given back: no more of a line in all than it came to, be it for goods or of their price alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.flow.table import REPRICES, begetting
from domain.kernel.decimals import currency_digits
from domain.kernel.documents import IDLE, Document, Line, LineLink
from domain.kernel.errors import NothingLeft, Refusals
from domain.kernel.work import Work

Given = dict[UUID, list[tuple[str, Decimal]]]
"""By line of a bill: relation and amount of each line that gives something of it back."""


def must_be_worth(work: Work, paper: Document, sources: Iterable[Document]) -> None:
    """Refuse a credit note or claim that, with those before it, gives back more of a line than its amount.

    Each part of the quantity may be a minor unit off, as rounding makes it.
    """
    billed = {
        line.id: line for source in sources if begetting(type(source), type(paper)) is not None for line in source.lines
    }
    links = [(index, line, link) for index, line in enumerate(paper.lines) for link in line.links]
    touched = {link.to_line_id for *_, link in links if link.to_line_id in billed and link.relation in _GIVING}
    given = _given(work, paper, touched) if touched else {}
    unit, refusals = Decimal(1).scaleb(-currency_digits(paper.currency)), Refusals()
    for index, line, link in links:
        if link.to_line_id not in touched:
            continue
        before, bill = given[link.to_line_id], billed[link.to_line_id]
        before.append((link.relation, line.amount))
        left = bill.amount - sum(amount for _, amount in before) + line.amount
        parts = sum(1 for relation, _ in before if relation != REPRICES)
        with refusals.at("lines", index, "unitPrice"):
            if line.amount > left + unit * parts:
                raise NothingLeft(
                    f"Only {left} of the amount of line {bill.position} is left to give back; lower the price.",
                    left=left,
                )
    refusals.settle()


_GIVING = frozenset({"credits", "claims", REPRICES})


def _given(work: Work, paper: Document, lines: Iterable[UUID]) -> Given:
    kind = type(paper)
    statement = (
        select(LineLink.to_line_id, LineLink.relation, Line.amount)
        .join(Line, (Line.tenant_id == LineLink.tenant_id) & (Line.id == LineLink.from_line_id))
        .join(kind, (kind.tenant_id == Line.tenant_id) & (kind.id == Line.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.to_line_id.in_(list(lines)))
        .where(LineLink.relation.in_(_GIVING), kind.state.not_in(IDLE), kind.reverses_id.is_(None), kind.id != paper.id)
    )
    found: Given = defaultdict(list)
    for line, relation, amount in work.session.execute(statement):
        found[line].append((relation, amount))
    return found
