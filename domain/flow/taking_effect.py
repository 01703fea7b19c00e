"""What follows when a paper comes into force, or is so no longer: for those it was made from, in stock, in numbers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.accounting import commitment
from domain.accounting import entering as accounting
from domain.flow.attributing import attribute
from domain.flow.charging import GIVING_BACK, must_be_left_of_charges
from domain.flow.foreseeing import seen_sources
from domain.flow.repricing import must_be_worth
from domain.flow.settling import MOVES, ends_of, lock_stock, moved_sums, settle
from domain.flow.table import FEEDS, FLOW, MOVED, REPRICES, Begets, begetting
from domain.invoicing.instalment import dues
from domain.kernel.documents import IDLE, ZERO, Document, Line
from domain.kernel.errors import InsufficientStock, Refusals, Refused
from domain.kernel.papers import number, origins
from domain.kernel.work import Work
from domain.kernel.workflow import BARS, CONSEQUENCES, Step, barred
from domain.purchase.order import PurchaseOrder
from domain.stock import ledger
from domain.stock.fulfilling import conclude, expects, kept
from domain.stock.holding import Claim, Claimed, lock_claimed


@dataclass(slots=True)
class There:
    """Of a line of an order: what is `kept` for good, in its unit, and what has `moved` for that, in stock units."""

    order: Line
    kept: Decimal
    moved: Decimal

    def moves(self, quantity: Decimal, sign: int) -> Decimal:
        """What must move once so much more is kept, or less; what papers taken back left uneven is made even."""
        self.kept += sign * quantity
        found = max(ZERO, sign * (self.order.in_stock_units(self.kept) - self.moved))
        self.moved += sign * found
        return found


Before = dict[UUID, There]
"""By line of an order."""


def may_take_effect(work: Work, paper: object, step: Step) -> None:
    """What is to come into force takes no more than is left."""
    if isinstance(paper, Document) and paper.state in IDLE and step.target not in IDLE:
        sources = seen_sources(work, paper)
        must_be_left(work, paper, sources)
        must_be_worth(work, paper, sources)
        if sources and _row_of(paper).relation in GIVING_BACK:
            must_be_left_of_charges(work, paper)


def follow_through(work: Work, paper: object, step: Step, before: str) -> None:
    """A paper has come into force, or is so no longer."""
    del step
    if not isinstance(paper, Document):
        return
    if paper.progress is not None and paper.progress.way is None:
        conclude(work, paper)
    if (before not in IDLE) == paper.in_force:
        return
    if paper.in_force:
        attribute(work, paper)
        lock_claimed(work, claimed(work, paper))
    sources = sources_of(work, paper)
    lock_stock(work, paper, sources)
    before_it = _there(work, sources)
    settle(work, [*sources, *([paper] if type(paper) in MOVED else ())])
    for source in sources:
        word = _event(source, paper)
        work.note(source, word if paper.in_force else f"un{word}")
    if paper.in_force:
        with _at_its_line(paper):
            ledger.post(work, paper.company_id, legs(work, paper, before_it), dated=paper.dated)
        if (entry := accounting.enter(work, paper, dues(work, paper))) is not None:
            paper.accounting_date = entry.accounting_date
    for source in sources:
        _commit(work, source)
    if paper.in_force:
        number(work, paper)


@contextmanager
def _at_its_line(paper: Document) -> Iterator[None]:
    """Goods that are not there are refused at the first line that asks for them."""
    try:
        yield
    except InsufficientStock as refused:
        short = refused.details["product"]
        index = next(index for index, line in enumerate(paper.lines) if line.product_id == short)
        refused.path = ("lines", index, "quantity")
        raise


def sources_of(work: Work, paper: Document) -> list[Document]:
    """The papers that a paper was made from, as they were locked with it, in the order of their ids."""
    found = []
    for id in sorted(origins(work, [paper.id], FEEDS)):
        source = work.held.get(id)
        if not isinstance(source, Document):
            raise TypeError(f"{id} was not locked with {paper.id}, which was made from it")
        found.append(source)
    return found


def must_be_left(work: Work, paper: Document, sources: Sequence[Document]) -> None:
    """Refuse a paper that takes more than is left, at the line that does; it does not count yet."""
    wanted: defaultdict[UUID, Decimal] = defaultdict(Decimal)
    at: dict[UUID, int] = {}
    for index, line in enumerate(paper.lines):
        for link in (one for one in line.links if one.relation != REPRICES):
            wanted[link.to_line_id] += link.quantity
            at[link.to_line_id] = index
    found: dict[int, Refused] = {}
    for source in sources:
        row = begetting(type(source), type(paper))
        if row is None:
            _may_be_replaced(paper, source)
            continue
        if source.state not in {*row.states.split("|"), row.finished}:
            told = f"{source.number} is {source.state}; nothing can be made from it any more."
            raise barred(source, told, action=row.verb)
        limit = row.limit(work, [source])
        for line in source.lines:
            if line.id in wanted and wanted[line.id] > (most := limit.most(source, line)):
                found.setdefault(at[line.id], limit.refusal(line, most))
    refusals = Refusals()
    for index, refused in sorted(found.items()):
        with refusals.at("lines", index, "quantity"):
            raise refused
    refusals.settle()


def _may_be_replaced(paper: Document, order: Document) -> None:
    """What goes back is to be replaced only on an order that still expects something."""
    mine = {line.id for line in order.lines}
    asked = any(link.replaced and link.to_line_id in mine for line in paper.lines for link in line.links)
    if asked and expects(order) and order.state == "closed":
        raise barred(order, f"{order.number} is closed; reopen it first, or ask for no replacement.")


def _event(source: Document, paper: Document) -> str:
    row = begetting(type(source), type(paper))
    return row.event if row is not None else _row_of(paper).event


def _row_of(paper: Document) -> Begets:
    return next(row for row in FLOW if row.target is type(paper))


def legs(work: Work, paper: Document, before: Before) -> list[ledger.Leg]:
    """The moves that a paper's goods make along its route.

    Of an order line it moves the difference that it makes to what is there for good, in stock units, so that the parts
    of a line sum to the whole.
    """
    if paper.route is None:
        return []
    goods = ledger.stocked(work, [line.product_id for line in paper.lines])
    found = []
    for line in paper.lines:
        if line.product_id is not None and line.product_id in goods:
            quantity = _moved(line, before)
            if quantity > 0:
                origin, target = ends_of(work, paper, line)
                leg = ledger.Leg(
                    product=line.product_id, origin=origin, target=target, quantity=quantity, line=line.id,
                    claim=_claim(paper, line),
                )  # fmt: skip
                found.append(leg)
    return found


def claimed(work: Work, paper: Document) -> set[Claimed]:
    """The goods that a paper may take of what was reserved for its partner."""
    return {
        (paper.partner_id, line.product_id, ends_of(work, paper, line)[0])
        for line in paper.lines
        if paper.partner_id is not None and line.product_id is not None and _claim(paper, line)
    }


def _claim(paper: Document, line: Line) -> Claim | None:
    """Goods that leave for a customer may be those that were reserved for them."""
    if paper.route is None or paper.route[1] != "customer" or paper.partner_id is None:
        return None
    asked = next((link.to_line_id for link in line.links if link.relation == "delivers"), None)
    return Claim(paper.partner_id, asked)


def _there(work: Work, sources: Sequence[Document]) -> Before:
    """What the moves say, where rounding may have made it another; of an order of the past they do not say all."""
    lines = {line.id: (one, line) for one in sources if expects(one) for line in one.lines}
    uneven = [
        line.id for one, line in lines.values()
        if line.stock_numerator != line.stock_denominator and one.provenance_id is None
    ]  # fmt: skip
    moved = moved_sums(work, uneven)
    return {
        id: There(line, kept(one, line), moved.get(id, line.in_stock_units(kept(one, line))))
        for id, (one, line) in lines.items()
    }


def _moved(line: Line, before: Before) -> Decimal:
    """In stock units; what of its order line is there counts on from line to line."""
    for one in line.links:
        if one.relation in MOVES and (there := before.get(one.to_line_id)) is not None:
            return there.moves(one.quantity - one.rejected, MOVES[one.relation])
    return line.in_stock_units(line.accepted or line.quantity)


def commit(work: Work, paper: object, step: Step, before: str) -> None:
    """What an order commits the company to follows each step of it that binds it, or does so no longer."""
    del step
    if isinstance(paper, PurchaseOrder) and "confirmed" in {before, paper.state}:
        commitment.pledge(work, paper)


def _commit(work: Work, source: Document) -> None:
    if isinstance(source, PurchaseOrder) and source.confirmed_at is not None:
        commitment.pledge(work, source)


CONSEQUENCES += [follow_through, commit]
BARS.append(may_take_effect)
