"""A confirmed order commits the company to what of it is not billed: beside the books, so that budgets can count it."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import func, select

from domain.accounting.entering import pair, write
from domain.accounting.entry import Entry, Posting
from domain.accounting.portions import Portion, Seen
from domain.accounting.rules import COMMITMENT
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.events import record_type
from domain.kernel.work import Work


def pledge(work: Work, order: Document) -> Entry | None:
    """Bring up to date what an order commits the company to: it was confirmed, billed, closed, reopened or cancelled.

    An order of the past commits another ledger, and only orders to vendors commit.
    """
    if order.provenance_id is not None or record_type(type(order)) != COMMITMENT.kind:
        return None
    work.session.flush()
    seen = Seen(work, order)
    amount = open_amount(order)
    value, before = _committed(work, order)
    change = Portion(value=seen.worth(amount) - value, amount=amount - before, currency=order.currency)
    legs = pair(COMMITMENT, change, order)
    return write(work, order, COMMITMENT.journal, legs, dated=seen.company.today(work.now))


def open_amount(order: Document) -> Decimal:
    """What of a confirmed order is neither billed nor given up, untaxed, charges by the same share; else nothing."""
    if order.state != "confirmed":
        return ZERO
    left = [ratio(product_of(one.amount, _left(one)), one.quantity) for one in order.lines]
    share = ratio(sum(left, ZERO), order.lines_amount) if order.lines_amount else Decimal(1)
    return money(product_of(order.untaxed, share), order.currency)


def _left(line: object) -> Decimal:
    return max(ZERO, line.quantity - line.closed - line.billed + line.credited)  # type: ignore[attr-defined, no-any-return]


def _committed(work: Work, order: Document) -> tuple[Decimal, Decimal]:
    """What is entered so far, in the company's currency and in the order's."""
    statement = (
        select(func.coalesce(func.sum(Posting.debit - Posting.credit), 0), func.coalesce(func.sum(Posting.amount), 0))
        .join(Entry, (Entry.tenant_id == Posting.tenant_id) & (Entry.id == Posting.entry_id))
        .where(Entry.tenant_id == work.actor.tenant, Entry.document_id == order.id, Posting.role == COMMITMENT.debit)
    )
    value, amount = work.session.execute(statement).one()
    return value, amount
