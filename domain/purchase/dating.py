"""When the papers of living orders may be dated; what is entered of the past has rules of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from domain.kernel.errors import BadInput
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.purchase.order import PurchaseOrder

FIRST = date(1990, 1, 1)
AHEAD = timedelta(days=366)


def order_date(work: Work, company: Company, given: date | None) -> date:
    """The date of an order, today if none is given; a mistyped year is refused."""
    today = company.today(work.now)
    dated = given or today
    if not FIRST <= dated <= today + AHEAD:
        raise BadInput(f"Check the year; orders are dated from {FIRST} to a year ahead.", path=("dated",))
    return dated


def arrival_date(work: Work, company: Company, orders: Iterable[PurchaseOrder], given: date | None) -> date:
    """The day goods came, today if none is given. Nothing comes in the future, nor before it was ordered."""
    today = company.today(work.now)
    dated = given or today
    if dated > today:
        raise BadInput("Goods cannot have come in the future.", path=("dated",))
    for order in orders:
        ordered = min(order.dated, company.today(order.confirmed_at or work.now))
        if dated < ordered:
            raise BadInput(
                f"Order {order.number} is of {ordered}; goods of it came that day or later.", path=("dated",)
            )
    return dated
