"""How much of a line is left for the papers that are made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from domain.drafts.pricing import OFFERED
from domain.invoicing.bill import DebitNote
from domain.kernel.base import again
from domain.kernel.documents import IDLE, ZERO, Document, Line, LineLink
from domain.kernel.errors import NothingLeft, Refused
from domain.kernel.papers import origins
from domain.kernel.recall import once
from domain.kernel.setting import Setting, one_word, setting
from domain.kernel.work import Work
from domain.purchase.past import was_agreed
from domain.purchase.tolerance import Tolerance
from domain.stock import fulfilling, ledger
from domain.warehouse import transfer

Measure = Callable[[Document, Line], Decimal]
BILLED_BY = setting(
    "bill.by",
    "What vendors may bill of goods: `received`, no more than was accepted and kept; `ordered`, all that was ordered. "
    "Services may always be billed as ordered.",
    one_word("received", "ordered"),
    default="received",
    scope="company",
)
INVOICED_BY = setting(
    "invoice.by",
    "What is invoiced of goods: `delivered`, no more than was delivered and kept; `ordered`, all that was ordered. "
    "Services may always be invoiced as ordered.",
    one_word("delivered", "ordered"),
    default="delivered",
    scope="company",
)


@dataclass(frozen=True, slots=True)
class Limit:
    """`left` of a line is what is taken if nobody says how much, `most` what may be taken at the most."""

    left: Measure
    most: Measure
    refusal: Callable[[Line, Decimal], Refused]


def _simple(left: Measure) -> Callable[[Work, Sequence[Document]], Limit]:
    def limit(_: Work, __: Sequence[Document]) -> Limit:
        return Limit(left, left, nothing_left)

    return limit


def nothing_left(line: Line, most: Decimal) -> Refused:
    """More was asked for than there is."""
    left = max(ZERO, most)
    return NothingLeft(f"Only {left} of line {line.position} is left; take no more than that.", left=left)


def _to_come(line: Line) -> Decimal:
    """What comes of an order in all, be it again for what was rejected or goes back."""
    return line.quantity + line.rejected + line.to_replace


unordered = _simple(lambda _, line: line.quantity - line.ordered - line.closed)
unannounced = _simple(lambda _, line: _to_come(line) - line.announced)
unarrived = _simple(lambda _, line: line.quantity - line.received)
kept_of_receipt = _simple(lambda _, line: line.accepted - line.returned)
kept_of_delivery = _simple(lambda _, line: line.quantity - line.returned)
unbilled = _simple(fulfilling.unbilled)
uncredited = _simple(lambda _, line: line.quantity - line.credited)
in_transit = _simple(lambda _, line: transfer.in_transit(line))
undelivered = _simple(lambda _, line: line.open_quantity)


def unclaimed(work: Work, bills: Sequence[Document]) -> Limit:
    """What was neither credited nor claimed; a claim that was credited counts once."""
    settled = _settled_claims(work, [line.id for bill in bills for line in bill.lines])

    def left(_: Document, line: Line) -> Decimal:
        return line.quantity - line.credited - line.claimed + settled.get(line.id, ZERO)

    return Limit(left, left, nothing_left)


def _settled_claims(work: Work, lines: Sequence[UUID]) -> dict[UUID, Decimal]:
    """What of lines of bills was credited by way of a claim."""
    mine, paper = again(Line, "mine"), again(Document, "paper")
    claim, claimed = again(LineLink, "claim"), again(Line, "claimed")
    by_claim = (
        select(claim.id)
        .join(claimed, (claimed.tenant_id == claim.tenant_id) & (claimed.id == claim.to_line_id))
        .join(DebitNote, (DebitNote.tenant_id == claimed.tenant_id) & (DebitNote.id == claimed.document_id))
        .where(claim.tenant_id == LineLink.tenant_id, claim.from_line_id == LineLink.from_line_id)
    )
    statement = (
        select(LineLink.to_line_id, func.sum(LineLink.quantity))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(paper, (paper.tenant_id == mine.tenant_id) & (paper.id == mine.document_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation == "credits", paper.state.not_in(IDLE))
        .where(LineLink.to_line_id.in_(lines), by_claim.exists())
        .group_by(LineLink.to_line_id)
    )
    return {line: quantity for line, quantity in work.session.execute(statement)}  # noqa: C416 - rows are no pairs


def offered(_: Work, __: Sequence[Document]) -> Limit:
    """Of a line for which the vendor gave no price, nothing can be ordered."""

    def left(_: Document, line: Line) -> Decimal:
        return line.quantity - line.ordered if line.price_source == OFFERED else ZERO

    return Limit(left, left, nothing_left)


def unreceived(work: Work, orders: Sequence[Document]) -> Limit:
    """What is open may come, and more within the tolerance."""
    tolerance = Tolerance(work, orders)

    def most(_: Document, line: Line) -> Decimal:
        return tolerance.most(line) - line.accepted + line.to_replace

    return Limit(lambda _, line: line.open_quantity, most, tolerance.refusal)


def unbilled_of_receipt(work: Work, receipts: Sequence[Document]) -> Limit:
    """What was kept; of goods that came in the past, if their order was ever agreed."""
    old = [one.id for one in receipts if one.provenance_id is not None]
    for order in work.find_all(Document, origins(work, old, {"receives"})).values() if old else ():
        was_agreed(work, order)
    return unbilled(work, receipts)


def unbilled_of_order(work: Work, orders: Sequence[Document]) -> Limit:
    """By the company's policy on bills."""
    for order in orders:
        was_agreed(work, order)
    return _by_policy(work, orders, BILLED_BY)


def uninvoiced_of_order(work: Work, orders: Sequence[Document]) -> Limit:
    """By the company's policy on invoices."""
    return _by_policy(work, orders, INVOICED_BY)


def _by_policy(work: Work, orders: Sequence[Document], policy: Setting[str]) -> Limit:
    company = orders[0].company_id
    as_ordered = once(work, (policy.name, company), lambda: policy.of(work, company)) == "ordered"
    goods = ledger.stocked(work, [line.product_id for order in orders for line in order.lines])

    def left(order: Document, line: Line) -> Decimal:
        kept = fulfilling.unbilled(order, line)
        if not as_ordered and line.product_id in goods:
            return kept
        return max(kept, line.quantity - line.closed - line.billed + line.credited)

    return Limit(left, left, nothing_left)
