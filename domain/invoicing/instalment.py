"""What of a paper is to be settled when: instalments by the terms of payment, and how much of each is still open."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, ref, to_one, unique
from domain.kernel.decimals import money, percentage, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.events import Part
from domain.kernel.work import Work
from domain.parties.payment_term import PaymentTerm


class Instalment(Owned, Part):
    """A part of a posted bill or invoice that is due on one day. A credit note or a payment is one as a whole.

    `residual` of `amount` is still open; it stands in the books at `open_value` of `value`, in the company's currency.
    Until `discount_until`, `discount` may be taken off what is paid.
    """

    __tablename__ = "instalment"
    __table_args__ = (
        unique("document_id", "position"),
        CheckConstraint("residual >= 0 and residual <= amount", name="residual_within_amount"),
        CheckConstraint("open_value >= 0 and open_value <= value", name="open_value_within_value"),
        CheckConstraint("residual > 0 or open_value = 0", name="settled_in_both"),
    )
    whole = "document"

    document_id: Mapped[UUID] = ref("document")
    position: Mapped[int]
    due_on: Mapped[date]
    amount: Mapped[Decimal]
    residual: Mapped[Decimal]
    value: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    open_value: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    discount_until: Mapped[date | None]
    discount: Mapped[Decimal] = mapped_column(default=ZERO)

    document: Mapped[Document] = to_one("Instalment.document_id", "Document")

    @property
    def place(self) -> str:
        return str(self.position)


@dataclass(frozen=True, slots=True)
class Due:
    """One row of a plan."""

    on: date
    amount: Decimal


def plan(terms: Sequence[dict[str, Any]], total: Decimal, currency: str, dated: date) -> list[Due]:
    """The instalments of a total by terms as `PaymentTerm.instalments` keeps them; the last takes the remainder.

    Days are counted from the date or, where the row says so, from the end of its month. Without terms all is due on
    the date.
    """
    if not terms:
        return [Due(dated, total)]
    parts = [money(percentage(total, Decimal(row["percent"] or 0)), currency) for row in terms[:-1]]
    return [
        Due(_due(dated, row), amount)
        for row, amount in zip(terms, [*parts, total - sum(parts, ZERO)], strict=True)
        if amount or len(terms) == 1
    ]


def instalments(paper: Document, term: PaymentTerm | None, home: str) -> list[Instalment]:
    """The instalments of a paper that is being posted, each with its share of the discount for haste.

    What they are worth in the currency `home` sums to what the paper is.
    """
    planned = plan(term.instalments if term else (), paper.total, paper.currency, paper.dated)
    until = paper.dated + timedelta(days=term.discount_days or 0) if term and term.discount_percent else None
    percent = term.discount_percent if term and term.discount_percent else ZERO
    worth = money(product_of(paper.total, paper.exchange_rate), home)
    found, running = list[Instalment](), ZERO
    for index, due in enumerate(planned):
        value = _part(worth, running + due.amount, paper.total, home) - _part(worth, running, paper.total, home)
        running += due.amount
        row = Instalment(
            document_id=paper.id, position=index + 1, due_on=due.on, amount=due.amount, residual=due.amount,
            value=value, open_value=value, discount_until=until,
            discount=money(percentage(due.amount, percent), paper.currency),
        )  # fmt: skip
        found.append(row)
    return found


def _part(worth: Decimal, amount: Decimal, total: Decimal, home: str) -> Decimal:
    return money(ratio(product_of(worth, amount), total), home) if total else ZERO


def dues(work: Work, paper: Document) -> list[tuple[date, Decimal]]:
    """The days on which a posted paper is to be paid, and how much on each; none for papers that are not."""
    statement = select(Instalment.due_on, Instalment.amount).where(
        Instalment.tenant_id == work.actor.tenant, Instalment.document_id == paper.id
    )
    return [(day, amount) for day, amount in work.session.execute(statement.order_by(Instalment.position))]


def _due(dated: date, row: dict[str, Any]) -> date:
    last = calendar.monthrange(dated.year, dated.month)[1]
    start = dated.replace(day=last) if row["endOfMonth"] else dated
    return start + timedelta(days=row["days"])
