"""How much of a line is left for the papers that are made from it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import NothingLeft, Refused
from domain.kernel.setting import one_word, setting
from domain.kernel.work import Work
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


unordered = _simple(lambda _, line: line.quantity - line.ordered - line.closed)
unannounced = _simple(lambda _, line: max(ZERO, line.quantity - line.closed - line.announced))
unarrived = _simple(lambda _, line: line.quantity - line.received)
kept_of_receipt = _simple(lambda _, line: line.accepted - line.returned)
kept_of_delivery = _simple(lambda _, line: line.quantity - line.returned)
unbilled = _simple(fulfilling.unbilled)
uncredited = _simple(lambda _, line: line.quantity - line.credited)
unclaimed = _simple(lambda _, line: line.quantity - line.credited - line.claimed)
in_transit = _simple(lambda _, line: transfer.in_transit(line))
undelivered = _simple(lambda _, line: line.open_quantity)


def offered(_: Work, __: Sequence[Document]) -> Limit:
    """Of a line for which the vendor gave no price, nothing can be ordered."""

    def left(_: Document, line: Line) -> Decimal:
        return line.quantity - line.ordered if line.price_source == "offered" else ZERO

    return Limit(left, left, nothing_left)


def unreceived(work: Work, orders: Sequence[Document]) -> Limit:
    """What is open may come, and more within the tolerance."""
    tolerance = Tolerance(work, orders)

    def most(_: Document, line: Line) -> Decimal:
        return tolerance.most(line) - line.accepted + line.to_replace - fulfilling.given_up(line)

    return Limit(lambda _, line: line.open_quantity, most, tolerance.refusal)


def unbilled_of_order(work: Work, orders: Sequence[Document]) -> Limit:
    """By the company's policy on bills."""
    return _by_policy(work, orders, as_ordered=BILLED_BY.of(work, orders[0].company_id) == "ordered")


def uninvoiced_of_order(work: Work, orders: Sequence[Document]) -> Limit:
    """By the company's policy on invoices."""
    return _by_policy(work, orders, as_ordered=INVOICED_BY.of(work, orders[0].company_id) == "ordered")


def _by_policy(work: Work, orders: Sequence[Document], *, as_ordered: bool) -> Limit:
    goods = ledger.stocked(work, [line.product_id for order in orders for line in order.lines])

    def left(order: Document, line: Line) -> Decimal:
        kept = fulfilling.unbilled(order, line)
        if not as_ordered and line.product_id in goods:
            return kept
        return max(kept, line.quantity - line.closed - line.billed + line.credited)

    return Limit(left, left, nothing_left)
