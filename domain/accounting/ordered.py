"""What lines of orders cost, as they were agreed: what their goods are worth when they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.kernel.decimals import product_of, ratio
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.totals import shares_of
from domain.kernel.work import Work


@dataclass(frozen=True, slots=True)
class Cost:
    """What so much of a line of an order costs, in the order's currency, and the order's rate."""

    amount: Decimal
    quantity: Decimal
    rate: Decimal


def ordered(work: Work, lines: Iterable[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """By line of a receipt: what its accepted goods cost by their orders, and the rate of these."""
    statement = select(LineLink).where(
        LineLink.tenant_id == work.actor.tenant, LineLink.from_line_id.in_([*lines]), LineLink.relation == "receives"
    )
    links = work.session.scalars(statement).all()
    costs = costs_of(work, {link.to_line_id for link in links})
    nets: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    rates: dict[UUID, Decimal] = {}
    for link in links:
        if (one := costs.get(link.to_line_id)) is not None:
            nets[link.from_line_id] += ratio(product_of(one.amount, link.quantity - link.rejected), one.quantity)
            rates[link.from_line_id] = one.rate
    return {line: (net, rates[line]) for line, net in nets.items()}


def costs_of(work: Work, lines: set[UUID]) -> dict[UUID, Cost]:
    """What those of the lines cost that are of orders: their amounts, and the tax on them that is not recovered."""
    ids = select(Line.document_id).where(Line.tenant_id == work.actor.tenant, Line.id.in_(lines)).distinct()
    found: dict[UUID, Cost] = {}
    for order in _orders(work, work.session.scalars(ids).all()):
        shares = shares_of(order)
        for line in order.lines:
            lost = shares[line].unrecoverable if line in shares else ZERO
            found[line.id] = Cost(line.amount + lost, line.quantity, order.exchange_rate)
    return found


def _orders(work: Work, ids: Iterable[UUID]) -> list[Document]:
    """Orders with all that belongs to them; whoever posts what came of them mostly has them at hand."""
    papers = [work.session.get_one(Document, (work.actor.tenant, id), options=Document.whole()) for id in sorted(ids)]
    return [paper for paper in papers if paper.kind == "purchase_order"]
