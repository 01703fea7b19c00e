"""Orders beget receipts: what came is counted against what is open, linked, and put into stock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.accounting import entering as accounting
from domain.flow.settling import RECEIVES, link, lock_stock, settle
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.documents import ZERO, Line
from domain.kernel.errors import BadInput, NotFound, NotReady, Refusals, at
from domain.kernel.papers import issue
from domain.kernel.work import Work
from domain.kernel.workflow import take
from domain.parties.company import Company
from domain.purchase.dating import arrival_date
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.purchase.tolerance import Tolerance
from domain.stock import ledger
from domain.stock.location import Location


@given
class ReceivedLine:
    """What came of one order line."""

    line: Ref = said("The order line.")
    quantity: Decimal = said("What came, in the order line's unit, rejected goods included.")
    rejected: Decimal = said("What of it was refused at inspection; it does not enter stock.", default=ZERO)
    reason: str | None = said("Why it was refused. Required if anything was.", default=None)


@command(right="stock.receive", answers=Receipt)
class ReceivePurchaseOrder(Command):
    """Receive goods of one order, in whole or in part. Answers with the receipt; what was accepted is in stock."""

    id: Ref = said("The order.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    lines: Sequence[ReceivedLine] | None = said("What came; everything open, if not given.", default=None)
    location: Ref | None = said("Where it was put; the order's location if not given.", default=None)
    dated: date | None = said("The day it came, not before it was ordered; today if not given.", default=None)
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
    dated: date | None = said("The day it came, not before it was ordered; today if not given.", default=None)
    delivery_note: str | None = said("The number on the vendor's delivery note.", default=None)
    note: str | None = said("A remark.", default=None)

    def act(self, work: Work) -> Receipt:
        named = work.find_all(Line, [one.line for one in self.lines])
        ids = {line.document_id for line in named.values()}
        orders = work.lock(PurchaseOrder, ids, *PurchaseOrder.whole())
        return receive(work, [one for one in orders.values() if work.sees(one)], self.lines, self)


def receive(work: Work, orders: Sequence[PurchaseOrder], lines: Sequence[ReceivedLine], answer: Any) -> Receipt:
    """Make the receipt of these lines; the orders are locked and loaded whole."""
    _one_vendor(orders, lines)
    first = orders[0]
    company = work.find(Company, first.company_id)
    dated = arrival_date(work, company, orders, answer.dated)
    receipt = Receipt(
        company_id=company.id, partner_id=first.partner_id, state="posted", dated=dated, currency=first.currency,
        exchange_rate=first.exchange_rate, location_id=_location(work, first, answer.location),
        edited_by=work.actor.signature,
    )  # fmt: skip
    with at("deliveryNote"):
        receipt.partner_reference = text.line(answer.delivery_note) if answer.delivery_note else None
    with at("note"):
        receipt.note = text.paragraph(answer.note) if answer.note else None
    counted = _counted(work, orders, lines)
    for one, line in counted:
        receipt.count(line, quantity=one.quantity, rejected=one.rejected, reason=one.reason)
    issue(work, receipt)
    before = {line.id: line.accepted for _, line in counted}
    for mine, (one, line) in zip(receipt.lines, counted, strict=True):
        link(work, mine, line, RECEIVES, quantity=one.quantity, rejected=one.rejected)
    lock_stock(work, receipt, orders)
    for order in orders:
        settle(work, order)
        take(work, order, "receive")
    ledger.post(work, company.id, _into_stock(work, receipt, counted, before), dated=dated)
    accounting.enter(work, receipt)
    return receipt


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
            with at("reason"):
                reason = text.line(one.reason) if one.reason else None
            if one.rejected and reason is None:
                raise BadInput("Say why goods were rejected.", path=("reason",))
            tolerance.check(line, quantity=one.quantity, rejected=one.rejected)
            counted.append((one, line))
    refusals.settle()
    return counted


def _into_stock(work: Work, receipt: Receipt, counted: Counted, before: dict[UUID, Decimal]) -> list[ledger.Leg]:
    kept = ledger.stocked(work, [line.product_id for _, line in counted])
    origin = ledger.virtual_location(work, receipt.company_id, "vendor")
    legs = []
    for mine, (_, line) in zip(receipt.lines, counted, strict=True):
        quantity = line.in_stock_units(line.accepted) - line.in_stock_units(before[line.id])
        if line.product_id and line.product_id in kept and receipt.location_id and quantity > 0:
            place = receipt.location_id
            legs.append(
                ledger.Leg(product=line.product_id, origin=origin, target=place, quantity=quantity, line=mine.id)
            )
    return legs
