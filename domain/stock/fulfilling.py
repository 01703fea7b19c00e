"""How much of a paper is done, open and given up; what an order lets one expect to come or to go."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from domain.kernel.documents import ZERO, Document, Line, Progress
from domain.kernel.work import Work
from domain.stock import ledger


def conclude(work: Work, paper: Document) -> None:
    """Write what follows from the state of a paper and what its lines have: what is open, closed, to be expected."""
    if paper.progress is None:
        return
    if paper.progress.way is not None:
        _expect_anew(work, paper, paper.progress.way)
    if paper.progress.column is not None:
        setattr(paper, paper.progress.column, progress(paper, paper.progress))
    if paper.progress.billed:
        paper.billing_state = billing_state(paper)


def _expect_anew(work: Work, order: Document, way: str) -> None:
    deltas: defaultdict[ledger.Place, Decimal] = defaultdict(Decimal)
    goods = ledger.stocked(work, [line.product_id for line in order.lines])
    for line in order.lines:
        before, left = line.open_quantity, missing(order, line)
        line.open_quantity = left if order.state == "confirmed" else ZERO
        line.closed = (left if order.state == "closed" else ZERO) + line.returned - line.to_replace
        if order.location_id is not None and line.product_id is not None and line.product_id in goods:
            change = line.in_stock_units(line.open_quantity) - line.in_stock_units(before)
            deltas[line.product_id, order.location_id] += change
    ledger.expect(work, order.company_id, deltas, way=way)
    dates = [line.expected_on for line in order.lines if line.expected_on and line.open_quantity]
    order.expected_on = min(dates, default=order.expected_on)


def begin(work: Work, order: Document, _: Any) -> None:
    """Effect of confirmation: what was ordered and is not there yet is open and on its way."""
    order.confirmed_at = order.issued_at = work.now
    conclude(work, order)


def end(work: Work, order: Document, _: Any) -> None:
    """Effect of closing and of cancellation: nothing is open or on its way any more; of a closed one it is given up."""
    conclude(work, order)


def begin_again(work: Work, order: Document, _: Any) -> None:
    """Effect of reopening: what was given up is open again."""
    order.reason = None
    conclude(work, order)


def expects(paper: Document) -> bool:
    """Whether it is an order, of which goods come or go."""
    return paper.progress is not None and paper.progress.way is not None


def done(paper: Document, line: Line) -> Decimal:
    """What serves the line: accepted of an order to a vendor, delivered of one by a customer, ordered of a quote."""
    found: Decimal = getattr(line, paper.progress.done) if paper.progress else ZERO
    return found


def missing(order: Document, line: Line) -> Decimal:
    """What was ordered and is not there, or went back and is to come again."""
    return max(ZERO, line.quantity - done(order, line) + line.to_replace)


def kept(order: Document, line: Line) -> Decimal:
    """What is there for good: done less returned."""
    return done(order, line) - line.returned


def unbilled(order: Document, line: Line) -> Decimal:
    """What is kept and not billed; less than nothing where more was billed than is kept."""
    return kept(order, line) - line.billed + line.credited


def progress(paper: Document, how: Progress) -> str:
    """By definition: complete when nothing is missing, partial when something is done, else pending or none.

    Nothing is pending before an order is confirmed; yet goods may have come, if it was imported.
    """
    if any(done(paper, line) for line in paper.lines):
        return "partial" if any(missing(paper, line) for line in paper.lines) else how.complete
    return "pending" if paper.state in how.awaits else "none"


def billing_state(order: Document) -> str:
    """By definition: none where nothing is kept or billed, billed when all that is kept was, partial when some was.

    Else it is pending. Unknown it stays where the past of an imported order does not say.
    """
    if order.route is not None and not order.in_force:
        return "none"
    if order.billing_state == "unknown":
        return "unknown"
    if not any(kept(order, line) or line.billed - line.credited for line in order.lines):
        return "none"
    if not any(line.billed - line.credited for line in order.lines):
        return "pending"
    return "partial" if any(unbilled(order, line) > 0 for line in order.lines) else "billed"
