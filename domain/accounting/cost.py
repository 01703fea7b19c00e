"""What a unit of a product costs until goods are valued one by one: the one function that valuation will replace."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from domain.accounting.ordered import costs_of
from domain.catalog.product import Product
from domain.kernel.base import again
from domain.kernel.decimals import PRICE_DIGITS, product_of, ratio, rounded
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.work import Work


@dataclass(frozen=True, slots=True)
class UnitCost:
    """What a stock unit costs in the company's currency, and how one knows."""

    cost: Decimal
    because: str


def cost_of(work: Work, company: UUID, product: UUID, dated: date) -> UnitCost:
    """What the latest receipt on or before the day cost, else the standard cost, else nothing, which is said."""
    if (line := _latest(work, company, product, dated)) is not None:
        mine, order, number = line
        one = costs_of(work, {order})[order]
        units = ratio(product_of(one.quantity, mine.stock_numerator), mine.stock_denominator)
        return UnitCost(rounded(ratio(product_of(one.amount, one.rate), units), PRICE_DIGITS), f"receipt {number}")
    standard = work.session.scalar(
        select(Product.standard_cost).where(Product.tenant_id == work.actor.tenant, Product.id == product)
    )
    return UnitCost(ZERO, "no cost is known") if standard is None else UnitCost(standard, "standard cost")


def _latest(work: Work, company: UUID, product: UUID, dated: date) -> tuple[Line, UUID, str | None] | None:
    paper, order = again(Document, "paper"), again(Document, "order")
    mine, theirs = again(Line, "mine"), again(Line, "theirs")
    statement = (
        select(mine, theirs.id, paper.number)
        .join(paper, (paper.tenant_id == mine.tenant_id) & (paper.id == mine.document_id))
        .join(LineLink, (LineLink.tenant_id == mine.tenant_id) & (LineLink.from_line_id == mine.id))
        .join(theirs, (theirs.tenant_id == LineLink.tenant_id) & (theirs.id == LineLink.to_line_id))
        .join(order, (order.tenant_id == theirs.tenant_id) & (order.id == theirs.document_id))
        .where(mine.tenant_id == work.actor.tenant, mine.product_id == product, mine.accepted > 0)
        .where(paper.company_id == company, paper.kind == "receipt", paper.state == "posted", paper.dated <= dated)
        .where(LineLink.relation == "receives", order.kind == "purchase_order", paper.reverses_id.is_(None))
        .order_by(paper.dated.desc(), paper.id.desc(), mine.position.desc())
        .limit(1)
    )
    found = work.session.execute(statement).first()
    return None if found is None else (found[0], found[1], found[2])
