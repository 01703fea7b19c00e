"""A stock count says what lies at a place on a day; what the books said otherwise is moved to or from elsewhere."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from domain.kernel.base import Record, ref


class StockCount(Record):
    """What was counted of one product at one location, and what the books said before, both in its stock unit."""

    __tablename__ = "stock_count"
    __table_args__ = (
        CheckConstraint("counted >= 0", name="counted_not_negative"),
        Index(None, "tenant_id", "product_id", "location_id"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    product_id: Mapped[UUID] = ref("product", indexed=False)
    location_id: Mapped[UUID] = ref("location")
    against_id: Mapped[UUID] = ref("location", indexed=False)
    dated: Mapped[date]
    counted: Mapped[Decimal]
    booked: Mapped[Decimal]
    reason: Mapped[str | None]
