"""What goods cost on their way in and out."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.accounting.portions import Portion, Seen, portions
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.totals import shares_of
from domain.kernel.work import Work
from domain.stock.move import Move

RECEIVES = "receives"


@dataclass(frozen=True, slots=True)
class Moved:
    """What of a line was moved, in stock units, and by which move (the first, if there are several)."""

    move: UUID
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Cost:
    """What so much of a line of an order costs, in the order's currency, and the order's rate."""

    amount: Decimal
    quantity: Decimal
    rate: Decimal


@portions("goods_received")
def goods_received(seen: Seen) -> Iterator[Portion]:
    """What came into stock, at its order's net price and rate, with the tax that is not recovered."""
    moves, prices = moved(seen), _ordered(seen.work, [line.id for line in seen.paper.lines])
    for line in seen.paper.lines:
        if line.id in moves:
            net, rate = prices.get(line.id, (ZERO, seen.paper.exchange_rate))
            amount = money(net, seen.paper.currency)
            yield Portion(
                value=seen.worth(net, rate), amount=amount, currency=seen.paper.currency, line=line.id,
                move=moves[line.id].move, product=line.product_id, quantity=moves[line.id].quantity,
            )  # fmt: skip


def moved(seen: Seen) -> Mapping[UUID, Moved]:
    """What was moved for the lines of a paper."""
    statement = select(Move.line_id, Move.id, Move.quantity).where(
        Move.tenant_id == seen.work.actor.tenant, Move.line_id.in_([line.id for line in seen.paper.lines])
    )
    found: dict[UUID, Moved] = {}
    for line, move, quantity in seen.work.session.execute(statement.order_by(Move.id)):
        if line is not None:
            earlier = found.get(line)
            found[line] = Moved(earlier.move, earlier.quantity + quantity) if earlier else Moved(move, quantity)
    return found


def _ordered(work: Work, lines: Iterable[UUID]) -> dict[UUID, tuple[Decimal, Decimal]]:
    """By line of a receipt: what its accepted goods cost by their orders, and the rate of these."""
    statement = select(LineLink).where(
        LineLink.tenant_id == work.actor.tenant, LineLink.from_line_id.in_(list(lines)), LineLink.relation == RECEIVES
    )
    links = work.session.scalars(statement).all()
    costs = costs_of(work, {link.to_line_id for link in links})
    nets: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    rates: dict[UUID, Decimal] = {}
    for link in links:
        one = costs[link.to_line_id]
        nets[link.from_line_id] += ratio(product_of(one.amount, link.quantity - link.rejected), one.quantity)
        rates[link.from_line_id] = one.rate
    return {line: (net, rates[line]) for line, net in nets.items()}


def costs_of(work: Work, lines: set[UUID]) -> dict[UUID, Cost]:
    """What lines of orders cost: their amounts, and the tax on them that is not recovered."""
    ids = select(Line.document_id).where(Line.tenant_id == work.actor.tenant, Line.id.in_(lines)).distinct()
    found: dict[UUID, Cost] = {}
    for order in _whole(work, work.session.scalars(ids).all()):
        shares = shares_of(order)
        for line in order.lines:
            lost = shares[line].unrecoverable if line in shares else ZERO
            found[line.id] = Cost(line.amount + lost, line.quantity, order.exchange_rate)
    return found


def _whole(work: Work, ids: Iterable[UUID]) -> list[Document]:
    """Papers with all that belongs to them; whoever posts them mostly has them at hand."""
    return [work.session.get_one(Document, (work.actor.tenant, id), options=Document.whole()) for id in ids]
