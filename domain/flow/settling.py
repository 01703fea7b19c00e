"""What follows from the links of an order's lines: quantities, states, goods on their way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.work import Work
from domain.purchase.order import PurchaseOrder, conclude
from domain.purchase.receipt import Receipt
from domain.stock import ledger

RECEIVES = "receives"
REVERSES = "reverses"


def link(work: Work, mine: Line, theirs: Line, relation: str, *, quantity: Decimal, rejected: Decimal) -> None:
    """Say what one line has to do with another."""
    both = {"from_line_id": mine.id, "to_line_id": theirs.id}
    work.add(LineLink(**both, relation=relation, quantity=quantity, rejected=rejected))


def settle(work: Work, order: PurchaseOrder) -> None:
    """Write what follows from the links of an order's lines: quantities, states, goods on their way."""
    sums = received_sums(work, [line.id for line in order.lines])
    for line in order.lines:
        line.received, line.rejected = sums.get(line.id, (ZERO, ZERO))
        line.accepted = line.received - line.rejected
    conclude(work, order)


def received_sums(work: Work, lines: Iterable[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """By order line: the sums of received and rejected over the posted receipts that link to it."""
    mine, paper = aliased(Line), aliased(Document)
    statement = (
        select(LineLink.to_line_id, func.sum(LineLink.quantity), func.sum(LineLink.rejected))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(paper, (paper.tenant_id == mine.tenant_id) & (paper.id == mine.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.to_line_id.in_(list(lines)))
        .where(LineLink.relation == RECEIVES, paper.state == "posted")
        .group_by(LineLink.to_line_id)
    )
    return {line: (received, rejected) for line, received, rejected in work.session.execute(statement)}


def orders_of(work: Work, receipt: UUID) -> set[UUID]:
    """The orders whose lines a receipt's lines receive."""
    mine, theirs = aliased(Line), aliased(Line)
    statement = (
        select(theirs.document_id)
        .join(LineLink, (LineLink.tenant_id == theirs.tenant_id) & (LineLink.to_line_id == theirs.id))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .where(theirs.tenant_id == work.actor.tenant, mine.document_id == receipt, LineLink.relation == RECEIVES)
    )
    return set(work.session.scalars(statement))


def lock_stock(work: Work, receipt: Receipt, orders: Sequence[PurchaseOrder]) -> None:
    """Every stock row that receiving may touch, at once and in order."""
    lines = [(line.product_id, order.location_id) for order in orders for line in order.lines]
    lines += [(line.product_id, receipt.location_id) for line in receipt.lines]
    kept = ledger.stocked(work, [product for product, _ in lines])
    ledger.positions(
        work, receipt.company_id, {(what, where) for what, where in lines if what and what in kept and where}
    )
