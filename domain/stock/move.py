"""Goods never appear or vanish: every move takes a quantity from one location and gives it to another."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from domain.catalog.product import COUNTED_IN
from domain.kernel.base import Owned, ref, unique
from domain.kernel.documents import ZERO


class Move(Owned):
    """A done move; never changed. In the product's stock unit; `line_id` or `count_id` is what is behind it."""

    __tablename__ = "move"
    __table_args__ = (
        CheckConstraint("quantity > 0", name="quantity_positive"),
        CheckConstraint("from_location_id <> to_location_id", name="two_places"),
        Index(None, "tenant_id", "product_id", "dated"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    product_id: Mapped[UUID] = ref("product", indexed=False)
    from_location_id: Mapped[UUID] = ref("location")
    to_location_id: Mapped[UUID] = ref("location")
    quantity: Mapped[Decimal]
    dated: Mapped[date]
    dated_inferred: Mapped[bool] = mapped_column(default=False, server_default=false())
    line_id: Mapped[UUID | None] = ref("line")
    count_id: Mapped[UUID | None] = ref("stock_count")
    reverses_id: Mapped[UUID | None] = ref("move")
    moved_at: Mapped[datetime]
    moved_by: Mapped[UUID | None]


COUNTED_IN.append(Move.product_id)


class Position(Owned):
    """What lies and what is on its way, per product and internal location: a projection of moves and open lines.

    `on_hand` follows from the moves, `incoming` from the open quantities of confirmed orders, in stock units.
    """

    __tablename__ = "position"
    __table_args__ = (
        unique("product_id", "location_id"),
        CheckConstraint("incoming >= 0", name="incoming_not_negative"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    product_id: Mapped[UUID] = ref("product", indexed=False)
    location_id: Mapped[UUID] = ref("location")
    on_hand: Mapped[Decimal] = mapped_column(default=ZERO)
    incoming: Mapped[Decimal] = mapped_column(default=ZERO)
    updated_at: Mapped[datetime]
