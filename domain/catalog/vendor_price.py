"""What a vendor asks for a product: from which quantity, for how long, in which currency, and how soon it comes."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref


class VendorPrice(Record):
    """`price` buys `price_base` of `unit`; quantities are in `unit` too. No `company`: for all companies."""

    __tablename__ = "vendor_price"
    __table_args__ = (
        Index(None, "tenant_id", "partner_id", "product_id"),
        CheckConstraint("price >= 0 and price_base > 0", name="price_not_negative"),
        CheckConstraint("discount_percent between 0 and 100", name="discount"),
    )

    partner_id: Mapped[UUID] = ref("partner", indexed=False)
    product_id: Mapped[UUID] = ref("product")
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    item_number: Mapped[str | None]
    item_name: Mapped[str | None]
    unit_id: Mapped[UUID] = ref("unit", indexed=False)
    minimum: Mapped[Decimal | None]
    maximum: Mapped[Decimal | None]
    multiple: Mapped[Decimal | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    currency: Mapped[str]
    price: Mapped[Decimal]
    price_base: Mapped[Decimal] = mapped_column(default=Decimal(1))
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    lead_days: Mapped[int | None]
    over_receipt_percent: Mapped[Decimal | None]
