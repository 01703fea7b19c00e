"""What begets what: the only place that names two kinds of paper at once, and that writes what follows from links."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.errors import BadInput, NotFound, NotReady, Refusals, WrongState, at
from domain.kernel.numbering import Series
from domain.kernel.work import Work
from domain.kernel.workflow import take
from domain.parties.company import Company
from domain.purchase.order import PurchaseOrder, expect
from domain.purchase.receipt import Receipt
from domain.purchase.tolerance import Tolerance
from domain.stock import ledger
from domain.stock.location import Location

RECEIVES = "receives"
REVERSES = "reverses"


@given
class ReceivedLine:
    """What came of one order line."""

    line: Ref = said("The order line.")
    quantity: Decimal = said("What came, in the order line's unit, rejected goods included.")
    rejected: Decimal = said("What of it was refused at inspection; it does not enter stock.", default=ZERO)
    reason: str | None = said("Why it was refused. Required if anything was.", default=None)


@command(right="stock.receive", answers=Receipt)
class ReceivePurchaseOrder(Command):
    """Receive goods of one order, in whole or in part; answers with the receipt. Accepted goods are in stock at once."""

    id: Ref = said("The order.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    lines: Sequence[ReceivedLine] | None = said("What came; everything open, if not given.", default=None)
    location: Ref | None = said("Where it was put; the order's location if not given.", default=None)
    dated: date | None = said("The day it came; today if not given.", default=None)
    delivery_note: str | None = said("The number on the vendor's delivery note.", default=None)
    note: str | None = said("A remark.", default=None)

    def act(self, work: Work) -> Receipt:
        version = None if self.expected_version is ABSENT else self.expected_version
        order = work.locked(PurchaseOrder, self.id, version, *PurchaseOrder.whole())
        lines = _all_open(order) if self.lines is None else self.lines
        return receive(work, [order], lines, self)


@command(right="stock.receive", answers=Receipt)
class CreateReceipt(Command):
    """Receive goods of several orders of one vendor on one receipt."""

    lines: Sequence[ReceivedLine] = said("What came, of any confirmed orders of one vendor and company.")
    location: Ref | None = said("Where it was put; the orders' location if not given.", default=None)
    dated: date | None = said("The day it came; today if not given.", default=None)
    delivery_note: str | None = said("The number on the vendor's delivery note.", default=None)
    note: str | None = said("A remark.", default=None)

    def act(self, work: Work) -> Receipt:
        named = work.find_all(Line, [one.line for one in self.lines])
        ids = {line.document_id for line in named.values()}
        orders = work.lock(PurchaseOrder, ids, *PurchaseOrder.whole())
        return receive(work, [one for one in orders.values() if work.sees(one)], self.lines, self)


@command(right="stock.receive", answers=Receipt)
class ReverseReceipt(Command):
    """Take a receipt back by a paper of its own, while the goods are still there; answers with that paper."""

    id: Ref = said("The receipt.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    reason: str = said("Why, in a sentence; it stays in the history.")

    def act(self, work: Work) -> Receipt:
        with at("id"):
            seen = work.find(Receipt, self.id)
        work.lock(Document, {seen.id, *_orders_of(work, seen.id)}, *Document.whole())
        version = None if self.expected_version is ABSENT else self.expected_version
        return _reverse(work, work.locked(Receipt, seen.id, version, *Receipt.whole()), self.reason)


def receive(work: Work, orders: Sequence[PurchaseOrder], lines: Sequence[ReceivedLine], answer: Any) -> Receipt:
    """Make the receipt of these lines; the orders are locked and loaded whole."""
    _one_vendor(orders, lines)
    first = orders[0]
    company = work.find(Company, first.company_id)
    dated = answer.dated or company.today(work.now)
    if dated > company.today(work.now):
        raise BadInput("Goods cannot have come in the future.", path=("dated",))
    receipt = Receipt(
        company_id=company.id, partner_id=first.partner_id, state="posted", dated=dated, currency=first.currency,
        exchange_rate=first.exchange_rate, location_id=_location(work, first, answer.location),
        partner_reference=answer.delivery_note, note=answer.note, edited_by=work.actor.signature,
    )  # fmt: skip
    counted = _counted(work, orders, lines)
    for position, (one, line) in enumerate(counted, start=1):
        receipt.lines.append(_received(one, line, position))
    receipt.number = work.number(Series(work.actor.tenant, company.id, "receipt", dated.year, Receipt.series))
    work.add(receipt)
    work.note(receipt, "created")
    before = {line.id: line.accepted for _, line in counted}
    _lock_stock(work, receipt, orders)
    for mine, (one, line) in zip(receipt.lines, counted, strict=True):
        work.add(
            LineLink(
                from_line_id=mine.id,
                to_line_id=line.id,
                relation=RECEIVES,
                quantity=one.quantity,
                rejected=one.rejected,
            )
        )
    for order in orders:
        settle(work, order)
        take(work, order, "receive")
    ledger.post(work, company.id, _into_stock(work, receipt, counted, before), dated=dated)
    return receipt


def settle(work: Work, order: PurchaseOrder) -> None:
    """Write what follows from the links of an order's lines: quantities, receipt state, goods on their way."""
    sums = received_sums(work, [line.id for line in order.lines])
    expect(work, order, -1)
    for line in order.lines:
        line.received, line.rejected = sums.get(line.id, (ZERO, ZERO))
        line.accepted = line.received - line.rejected
        line.open_quantity = max(ZERO, line.quantity - line.accepted + line.returned - line.closed)
    expect(work, order, +1)
    order.receipt_state = receipt_state(order)
    dates = [line.expected_on for line in order.lines if line.expected_on and line.open_quantity]
    order.expected_on = min(dates, default=order.expected_on)


def receipt_state(order: PurchaseOrder) -> str:
    """By definition: received when nothing is open, partial when something was accepted, else pending."""
    if not any(line.open_quantity for line in order.lines):
        return "received"
    return "partial" if any(line.accepted for line in order.lines) else "pending"


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


def _all_open(order: PurchaseOrder) -> list[ReceivedLine]:
    lines = [ReceivedLine(line=Ref(id=one.id), quantity=one.open_quantity) for one in order.lines if one.open_quantity]
    if not lines and order.state == "confirmed":
        raise NotReady("Nothing is open on this order.", path=("lines",))
    return lines


def _one_vendor(orders: Sequence[PurchaseOrder], lines: Sequence[ReceivedLine]) -> None:
    for order in orders:
        order.workflow.step("receive", order.state)
    if not lines:
        raise BadInput("Say what came; give at least one line.", path=("lines",))
    if not orders:
        raise NotFound("There is no such order line; check the id.", path=("lines", 0, "line"))
    if len({(order.partner_id, order.company_id, order.currency) for order in orders}) > 1:
        raise BadInput("One receipt is for orders of one vendor, company and currency.", path=("lines",))


def _location(work: Work, order: PurchaseOrder, ref: Ref | None) -> UUID:
    if ref is None:
        return order.location_id or ledger.receiving_location(work, order.company_id)
    location = work.choose(Location, ref, "location")
    if location.company_id != order.company_id or location.kind != "internal":
        raise BadInput("Choose an internal location of the buying company.", path=("location",))
    return location.id


Counted = list[tuple[ReceivedLine, Line]]


def _counted(work: Work, orders: Sequence[PurchaseOrder], lines: Sequence[ReceivedLine]) -> Counted:
    known = {line.id: line for order in orders for line in order.lines}
    named = work.find_all(Line, [one.line for one in lines])
    tolerance = Tolerance(work, orders)
    refusals, counted, seen = Refusals(), [], set[UUID]()
    for index, one in enumerate(lines):
        with refusals.at("lines", index):
            line = known.get(named[one.line].id) if one.line in named else None
            if line is None:
                raise NotFound("There is no such line on the order; check the id.", path=("line",))
            if line.id in seen:
                raise BadInput("This order line is named twice; add the quantities up.", path=("line",))
            seen.add(line.id)
            if one.rejected and not (one.reason or "").strip():
                raise BadInput("Say why goods were rejected.", path=("reason",))
            tolerance.check(line, quantity=one.quantity, rejected=one.rejected)
            counted.append((one, line))
    refusals.settle()
    return counted


def _received(one: ReceivedLine, line: Line, position: int) -> Line:
    return Line(
        position=position, product_id=line.product_id, category_id=line.category_id, text=line.text,
        partner_item_number=line.partner_item_number, quantity=one.quantity, unit_id=line.unit_id,
        stock_numerator=line.stock_numerator, stock_denominator=line.stock_denominator, stock_digits=line.stock_digits,
        received=one.quantity, rejected=one.rejected, accepted=one.quantity - one.rejected, reason=one.reason,
    )  # fmt: skip


def _lock_stock(work: Work, receipt: Receipt, orders: Sequence[PurchaseOrder]) -> None:
    """Every stock row that receiving may touch, at once and in order."""
    lines = [(line.product_id, order.location_id) for order in orders for line in order.lines]
    lines += [(line.product_id, receipt.location_id) for line in receipt.lines]
    kept = ledger.stocked(work, [product for product, _ in lines])
    ledger.positions(
        work, receipt.company_id, {(what, where) for what, where in lines if what and what in kept and where}
    )


def _into_stock(work: Work, receipt: Receipt, counted: Counted, before: dict[UUID, Decimal]) -> list[ledger.Leg]:
    kept = ledger.stocked(work, [line.product_id for _, line in counted])
    origin = ledger.virtual_location(work, receipt.company_id, "vendor")
    legs = []
    for mine, (_, line) in zip(receipt.lines, counted, strict=True):
        quantity = line.in_stock_units(line.accepted) - line.in_stock_units(before[line.id])
        if line.product_id and line.product_id in kept and receipt.location_id and quantity > 0:
            place = {"origin": origin, "target": receipt.location_id}
            legs.append(ledger.Leg(product=line.product_id, quantity=quantity, line=mine.id, **place))
    return legs


def _orders_of(work: Work, receipt: UUID) -> set[UUID]:
    mine, theirs = aliased(Line), aliased(Line)
    statement = (
        select(theirs.document_id)
        .join(LineLink, (LineLink.tenant_id == theirs.tenant_id) & (LineLink.to_line_id == theirs.id))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .where(theirs.tenant_id == work.actor.tenant, mine.document_id == receipt, LineLink.relation == RECEIVES)
    )
    return set(work.session.scalars(statement))


def _reverse(work: Work, receipt: Receipt, reason: str) -> Receipt:
    if not reason.strip():
        raise BadInput("Say why.", path=("reason",))
    if receipt.reverses_id is not None:
        raise WrongState("This paper is itself a reversal; receive the goods anew instead.")
    orders = [
        work.find(PurchaseOrder, id, options=PurchaseOrder.whole()) for id in sorted(_orders_of(work, receipt.id))
    ]
    for order in orders:
        if order.state != "confirmed":
            raise WrongState(f"Order {order.number} is {order.state}; reopen it first.", state=order.state)
    company = work.find(Company, receipt.company_id)
    paper = Receipt(
        company_id=receipt.company_id, partner_id=receipt.partner_id, state="posted", reverses_id=receipt.id,
        dated=company.today(work.now), currency=receipt.currency, exchange_rate=receipt.exchange_rate,
        location_id=receipt.location_id, reason=reason.strip(), edited_by=work.actor.signature,
    )  # fmt: skip
    for line in receipt.lines:
        paper.lines.append(
            _received(ReceivedLine(line=Ref(), quantity=line.quantity, rejected=line.rejected), line, line.position)
        )
    paper.number = work.number(Series(work.actor.tenant, company.id, "receipt", paper.dated.year, Receipt.series))
    work.add(paper)
    work.note(paper, "created")
    for mine, line in zip(paper.lines, receipt.lines, strict=True):
        work.add(
            LineLink(
                from_line_id=mine.id,
                to_line_id=line.id,
                relation=REVERSES,
                quantity=line.quantity,
                rejected=line.rejected,
            )
        )
    receipt.reason = reason.strip()
    _lock_stock(work, receipt, orders)
    take(work, receipt, "reverse")
    for order in orders:
        settle(work, order)
    ledger.post(work, company.id, _back(work, receipt, paper), dated=paper.dated)
    return paper


def _back(work: Work, receipt: Receipt, paper: Receipt) -> list[ledger.Leg]:
    there = {line.id: mine.id for line, mine in zip(receipt.lines, paper.lines, strict=True)}
    return [replace(leg, line=there[leg.line]) for leg in ledger.reversed_legs(work, there) if leg.line]
