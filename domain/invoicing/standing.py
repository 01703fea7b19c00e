"""Which papers settle which: on either side, what is owed, and the credits that it is settled with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.invoicing.instalment import Instalment
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.events import record_type
from domain.kernel.work import Work

SIDES: dict[str, str] = {"payables": "What vendors are owed.", "receivables": "What customers owe."}
DIRECTIONS: dict[str, str] = {"in": "To the company's account.", "out": "From the company's account."}
DEBTS: Mapping[str, str] = {"vendor_bill": "payables", "customer_invoice": "receivables"}
CREDITS: Mapping[str, str] = {"vendor_credit_note": "payables", "credit_note": "receivables"}
OWN_WAY: Mapping[str, str] = {"payables": "out", "receivables": "in"}
"""By side: which way a payment goes that settles what is owed. One that goes the other way is a refund, and owed."""


@dataclass(frozen=True, slots=True)
class Stand:
    """On which side a paper stands, and whether it is a debt there or a credit."""

    side: str
    is_debt: bool


def stand(paper: Document) -> Stand | None:
    """Where a paper stands; None for one that settles nothing and cannot be settled."""
    word = record_type(type(paper))
    if word in DEBTS:
        return Stand(DEBTS[word], is_debt=True)
    if word in CREDITS:
        return Stand(CREDITS[word], is_debt=False)
    if paper.payment_side is None:
        return None
    return Stand(paper.payment_side, is_debt=paper.payment_direction != OWN_WAY[paper.payment_side])


def is_open(paper: Document) -> bool:
    """Whether it may settle or be settled: it took effect, and neither was taken back nor takes another back."""
    return paper.state == "posted" and paper.reverses_id is None


def instalments_of(work: Work, papers: Iterable[Document]) -> dict[UUID, list[Instalment]]:
    """By paper: its instalments as they are now, the first that is due first. The papers are locked."""
    rows: dict[UUID, list[Instalment]] = {paper.id: [] for paper in papers}
    statement = (
        select(Instalment)
        .where(Instalment.tenant_id == work.actor.tenant, Instalment.document_id.in_(list(rows)))
        .order_by(Instalment.due_on, Instalment.position)
        .execution_options(populate_existing=True)
    )
    work.session.flush()
    for row in work.session.scalars(statement):
        rows[row.document_id].append(row)
    return rows


def take(row: Instalment, amount: Decimal, home: str) -> Decimal:
    """Take so much off what is open of an instalment; answers with what that was worth. The last takes all of it."""
    value = row.open_value if amount == row.residual else share(row.open_value, amount, row.residual, home)
    row.residual -= amount
    row.open_value -= value
    return value


def share(value: Decimal, amount: Decimal, whole: Decimal, home: str) -> Decimal:
    """The part of a value that goes with an amount of a whole."""
    return money(ratio(product_of(value, amount), whole), home) if whole else ZERO


def conclude(paper: Document, rows: Sequence[Instalment]) -> None:
    """Write on a paper what follows from its instalments: what is open, since when it is due, how much is settled."""
    paper.residual = sum((row.residual for row in rows), ZERO)
    paper.due_on = min((row.due_on for row in rows if row.residual), default=None)
    unpaid = "unpaid" if paper.residual == paper.total else "partial"
    paper.payment_state = unpaid if paper.residual else "paid"
