"""How much more than ordered may come."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_DOWN, Decimal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.catalog.product import Product
from domain.catalog.unit import Unit
from domain.catalog.vendor_price import VendorPrice
from domain.kernel.commands import Ref
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import OverReceipt
from domain.kernel.recall import once, recall
from domain.kernel.setting import decimal_number, setting
from domain.kernel.work import Work
from domain.parties.partner import Partner

OVER_RECEIPT = setting(
    "receipt.over_percent",
    "How many per cent more than ordered may come, where vendor price, product and vendor say nothing.",
    decimal_number(0, 100, digits=4),
    default=ZERO,
    scope="company",
)


class Tolerance:
    """How much more than ordered may come: by vendor price, else by product, vendor, company."""

    def __init__(self, work: Work, orders: Sequence[Document]) -> None:
        self._units, self._products = self.know(work, [line for order in orders for line in order.lines])
        vendor, company = orders[0].partner_id, orders[0].company_id
        self._vendor = work.find(Partner, vendor).over_receipt_percent if vendor else None
        self._prices = once(work, (Tolerance, vendor), lambda: _of_prices(work, vendor))
        self._else = once(work, (OVER_RECEIPT.name, company), lambda: OVER_RECEIPT.of(work, company))

    @staticmethod
    def know(work: Work, lines: Sequence[Line]) -> tuple[dict[Ref | UUID, Unit], dict[Ref | UUID, Product]]:
        """The units and products of lines; asked for many papers at once, it spares asking for each."""
        products = recall(work, Product, [line.product_id for line in lines], selectinload(Product.units))
        return recall(work, Unit, [line.unit_id for line in lines]), products

    def most(self, line: Line) -> Decimal:
        """What may come in all, rounded down to the unit."""
        limit = line.quantity * (100 + self.percent(line)) / 100
        return limit.quantize(Decimal(1).scaleb(-self._units[line.unit_id].digits), ROUND_DOWN)

    def refusal(self, line: Line, allowed: Decimal) -> OverReceipt:
        """What is said of too much."""
        return OverReceipt(
            f"At most {allowed} more may come: {line.quantity} ordered, {line.accepted} accepted, "
            f"{self.percent(line)} % tolerated.",
            allowed=allowed,
        )

    def percent(self, line: Line) -> Decimal:
        """The first tolerance stated: vendor price, product, vendor, and what is set for the company."""
        product = self._products.get(line.product_id) if line.product_id else None
        stated = [
            self._prices.get(line.product_id) if line.product_id else None,
            product.over_receipt_percent if product else None,
            self._vendor,
        ]
        return next((percent for percent in stated if percent is not None), self._else)


def _of_prices(work: Work, vendor: UUID | None) -> dict[UUID, Decimal | None]:
    rows = work.session.scalars(
        select(VendorPrice)
        .where(VendorPrice.tenant_id == work.actor.tenant, VendorPrice.partner_id == vendor)
        .where(VendorPrice.over_receipt_percent.is_not(None), VendorPrice.archived_at.is_(None))
        .order_by(VendorPrice.id)
    )
    return {row.product_id: row.over_receipt_percent for row in rows}
