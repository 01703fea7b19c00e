"""A receipt begets its reversal: a paper of its own that takes everything back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain.accounting import entering as accounting
from domain.flow.settling import REVERSES, link, lock_stock, orders_of, settle
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.documents import Document
from domain.kernel.errors import at
from domain.kernel.papers import issue
from domain.kernel.work import Work
from domain.kernel.workflow import barred, take
from domain.parties.company import Company
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.stock import ledger

FINISHED = {"closed": "reopen it first.", "cancelled": "its receipts stay as they are."}
"""States of an order in which its receipts are not taken back, with what to do instead."""


@command(right="stock.receive", answers=Receipt)
class ReverseReceipt(Command):
    """Take a receipt back by a paper of its own, while the goods are still there; answers with that paper."""

    id: Ref = said("The receipt.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    reason: str = said("Why, in a sentence; it stays in the history.")

    def act(self, work: Work) -> Receipt:
        with at("id"):
            seen = work.find(Receipt, self.id)
        orders = orders_of(work, seen.id)
        locked = work.lock(Document, {seen.id, *orders}, *Document.whole())
        version = None if self.expected_version is ABSENT else self.expected_version
        receipt = work.locked(Receipt, seen.id, version, *Receipt.whole())
        with at("reason"):
            receipt.reason = text.paragraph(self.reason)
        return _reverse(work, receipt, [one for one in locked.values() if isinstance(one, PurchaseOrder)])


def _reverse(work: Work, receipt: Receipt, orders: Sequence[PurchaseOrder]) -> Receipt:
    if receipt.reverses_id is not None:
        raise barred(receipt, "This paper is itself a reversal; receive the goods anew instead.", action="reverse")
    for order in orders:
        if order.state in FINISHED:
            raise barred(order, f"Order {order.number} is {order.state}; {FINISHED[order.state]}")
    take(work, receipt, "reverse")
    paper = _mirror(work, receipt)
    for mine, line in zip(paper.lines, receipt.lines, strict=True):
        link(work, mine, line, REVERSES, quantity=line.quantity, rejected=line.rejected)
    lock_stock(work, receipt, orders)
    for order in orders:
        settle(work, order)
        work.note(order, "unreceived")
    ledger.post(work, receipt.company_id, _back(work, receipt, paper), dated=paper.dated)
    accounting.undo(work, receipt, paper)
    return paper


def _mirror(work: Work, receipt: Receipt) -> Receipt:
    company = work.find(Company, receipt.company_id)
    paper = Receipt(
        company_id=receipt.company_id, partner_id=receipt.partner_id, state="posted", reverses_id=receipt.id,
        dated=company.today(work.now), currency=receipt.currency, exchange_rate=receipt.exchange_rate,
        location_id=receipt.location_id, reason=receipt.reason, edited_by=work.actor.signature,
    )  # fmt: skip
    for line in receipt.lines:
        paper.count(line, quantity=line.quantity, rejected=line.rejected)
    return issue(work, paper)


def _back(work: Work, receipt: Receipt, paper: Receipt) -> list[ledger.Leg]:
    there = {line.id: mine.id for line, mine in zip(receipt.lines, paper.lines, strict=True)}
    return [replace(leg, line=there[leg.line]) for leg in ledger.reversed_legs(work, there) if leg.line]
