"""Which goods that moved a bill pays for that was made on their order, and which of them a credit note gives back.

A bill made on an order takes what came of it and was not billed, the oldest first. What it bills beyond that it takes
of goods that come later, as they come; so do goods that replace what went back after it was billed. Credit notes and
claims begin with what was billed and never came, and go on with what was taken last. Invoices and deliveries likewise.
The orders are locked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import InstrumentedAttribute

from domain.flow.settling import link
from domain.flow.table import AHEAD, FLOW, MOVED
from domain.kernel.base import again
from domain.kernel.documents import IDLE, ZERO, Document, Line, LineLink
from domain.kernel.events import record_type
from domain.kernel.work import Work
from domain.stock.fulfilling import unbilled

BILLS = "bills"
DONE = {"credits": "credited", "claims": "claimed"}
"""By relation: what of a line of a bill was given back, or claimed, before."""
GOODS = {"receives", "delivers"}
End = InstrumentedAttribute[UUID]
MOVING = [record_type(kind) for kind in MOVED]
BILLING = [record_type(row.target) for row in FLOW if row.relation == BILLS]


def attribute(work: Work, paper: Document) -> None:
    """Link the lines of a paper that has come into force to goods that moved; or lines of bills to its own goods."""
    word = record_type(type(paper))
    relation = next((row.relation for row in FLOW if row.target is type(paper)), None)
    if word in MOVING:
        _meet(work, paper)
    elif relation == BILLS:
        _take(work, paper)
    elif relation in DONE:
        _give_back(work, paper, relation)


def _take(work: Work, paper: Document) -> None:
    """A bill takes what moved of the lines of orders that it was made on."""
    taken = _attributed(work, [line.id for line in paper.lines])
    made_on_orders = [line for line in paper.lines if line.id not in taken]
    moved = _goods_of(work, [one.to_line_id for line in made_on_orders for one in line.links])
    left = _left(work, [one for some in moved.values() for one in some])
    for one in (one for some in taken.values() for one in some):
        if one.to_line_id in left:
            left[one.to_line_id] -= one.quantity
    for line in made_on_orders:
        for one in [one for one in line.links if one.relation == BILLS]:
            _spread(line, one.quantity, moved[one.to_line_id], left)


def _meet(work: Work, paper: Document) -> None:
    """Goods that have come meet the bills that were ahead of them."""
    orders = {one.to_line_id for line in paper.lines for one in line.links if one.relation in GOODS}
    billed = _links(work, {BILLS}, LineLink.to_line_id.in_(orders), LineLink.from_line_id, BILLING)
    bills = work.find_all(Line, [one.from_line_id for one in billed])
    taken = _attributed(work, [one.from_line_id for one in billed])
    back = _to_replace(work, [one.to_line_id for some in taken.values() for one in some])
    ahead = {
        one.from_line_id: one.quantity - _sum(taken[one.from_line_id]) - bills[one.from_line_id].credited
        + sum((back.pop(other.to_line_id, ZERO) for other in taken[one.from_line_id]), ZERO)
        for one in billed
    }  # fmt: skip
    for line in paper.lines:
        left = unbilled(paper, line)
        mine = {one.to_line_id for one in line.links if one.relation in GOODS}
        for one in billed:
            if one.to_line_id in mine and (some := min(left, ahead[one.from_line_id])) > 0:
                link(work, bills[one.from_line_id], line, AHEAD, quantity=some, rejected=ZERO)
                left, ahead[one.from_line_id] = left - some, ahead[one.from_line_id] - some


def _to_replace(work: Work, lines: Iterable[UUID]) -> dict[UUID, Decimal]:
    """By line of goods that moved: what was billed of it and went back to be replaced, and is billed no more."""
    return {
        line.id: min(line.to_replace, line.billed - line.credited - (line.accepted or line.quantity) + line.returned)
        for line in work.find_all(Line, list(lines)).values()
    }


def _give_back(work: Work, paper: Document, relation: str) -> None:
    """A credit note or claim gives back the last of what the lines of its bill took."""
    ids = [one.to_line_id for line in paper.lines for one in line.links if one.relation == relation]
    taken, lines = _attributed(work, ids), work.find_all(Line, ids)
    _left(work, [one.to_line_id for some in taken.values() for one in some])
    before = {id: getattr(lines[id], DONE[relation]) for id in taken}
    for line in paper.lines:
        known = {one.to_line_id for one in line.links}
        for id in known & taken.keys():
            start, before[id] = before[id], before[id] + line.quantity
            for one, some in _last(lines[id], taken[id], start, before[id]):
                if one.to_line_id not in known:
                    line.links.append(LineLink(to_line_id=one.to_line_id, relation=relation, quantity=some))


def _last(bill: Line, taken: Iterable[LineLink], start: Decimal, end: Decimal) -> Iterable[tuple[LineLink, Decimal]]:
    """What lies between two distances from the end of what a line of a bill took; the end is what never came."""
    edge = bill.quantity - _sum(taken)
    for one in reversed([*taken]):
        some = min(end, edge + one.quantity) - max(start, edge)
        edge += one.quantity
        if some > 0:
            yield one, some


def _spread(line: Line, wanted: Decimal, over: Iterable[UUID], left: dict[UUID, Decimal]) -> None:
    for id in over:
        if (some := min(wanted, left[id])) > 0:
            line.links.append(LineLink(to_line_id=id, relation=BILLS, quantity=some))
            wanted, left[id] = wanted - some, left[id] - some


def _left(work: Work, lines: Iterable[UUID]) -> dict[UUID, Decimal]:
    """By line of goods that moved: what of it was not billed. Their papers are held from now on."""
    ids = list(lines)
    of = select(Line.document_id).where(Line.tenant_id == work.actor.tenant, Line.id.in_(ids)).distinct()
    papers = [id for id in work.session.scalars(of) if id not in work.held] if ids else []
    if papers:
        work.hold(Document, papers, *Document.whole())
    known = [one for one in work.held.values() if isinstance(one, Document) and record_type(type(one)) in MOVING]
    return {line.id: unbilled(one, line) for one in known for line in one.lines}


def _goods_of(work: Work, orders: Iterable[UUID]) -> Mapping[UUID, list[UUID]]:
    """By line of an order: the lines of goods that moved of it, the oldest first."""
    found: defaultdict[UUID, list[UUID]] = defaultdict(list)
    for one in _links(work, GOODS, LineLink.to_line_id.in_(list(orders)), LineLink.from_line_id, MOVING):
        found[one.to_line_id].append(one.from_line_id)
    return found


def _attributed(work: Work, bills: Iterable[UUID]) -> Mapping[UUID, list[LineLink]]:
    """By line of a bill: its links to goods that moved, in the order in which they were made."""
    found: defaultdict[UUID, list[LineLink]] = defaultdict(list)
    for one in _links(work, {BILLS, AHEAD}, LineLink.from_line_id.in_(list(bills)), LineLink.to_line_id, MOVING):
        found[one.from_line_id].append(one)
    return found


def _links(
    work: Work, relations: set[str], near: ColumnElement[bool], far: End, kinds: Sequence[str]
) -> list[LineLink]:
    """The links that fit at one end, and at the other are of papers of these kinds that are in force."""
    line, paper = again(Line, "line"), again(Document, "paper")
    statement = (
        select(LineLink)
        .join(line, (line.tenant_id == LineLink.tenant_id) & (line.id == far))
        .join(paper, (paper.tenant_id == line.tenant_id) & (paper.id == line.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation.in_(relations), near)
        .where(paper.kind.in_(kinds), paper.state.not_in(IDLE), paper.reverses_id.is_(None))
        .order_by(LineLink.id)
    )
    return [*work.session.scalars(statement)]


def _sum(links: Iterable[LineLink]) -> Decimal:
    return sum((one.quantity for one in links), ZERO)
