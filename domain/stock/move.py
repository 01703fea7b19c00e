"""Goods never appear or vanish: every move takes a quantity from one location and gives it to another."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Numeric, false
from sqlalchemy.orm import Mapped, mapped_column

from domain.catalog.product import COUNTED_IN
from domain.kernel.base import Owned, Reckoned, ref, unique
from domain.kernel.documents import ZERO
from domain.kernel.tenancy import NOW


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

LIVE = f"d.kind = 'reservation' and d.state = 'active' and d.held_until > {NOW}"
"""Which reservations hold goods: an expiry is counted when it is read."""
_HELD = f"""
  left join lateral (
    select coalesce(sum(l.open_quantity), 0) as reserved
    from line l join document d on (d.tenant_id, d.id) = (l.tenant_id, l.document_id)
    where l.tenant_id = position.tenant_id and l.product_id = position.product_id
      and l.location_id = position.location_id and l.open_quantity > 0 and {LIVE}) held on true"""  # noqa: S608 - our own words


class Position(Owned):
    """What lies and what is on its way, per product and internal location: a projection of moves and open lines.

    `on_hand` follows from the moves, `incoming` and `outgoing` from the open quantities of confirmed orders to vendors
    and by customers, in stock units. What is `reserved`, and so what is `available`, is not kept: it ends by the hour,
    and is reckoned where a row is read.
    """

    __tablename__ = "position"
    __table_args__ = (
        unique("product_id", "location_id"),
        CheckConstraint("incoming >= 0", name="incoming_not_negative"),
        CheckConstraint("outgoing >= 0", name="outgoing_not_negative"),
    )
    reckoned = Reckoned(
        joined=_HELD,
        columns={
            "reserved": (Numeric(), "held.reserved"),
            "available": (Numeric(), "position.on_hand - held.reserved"),
        },
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    product_id: Mapped[UUID] = ref("product", indexed=False)
    location_id: Mapped[UUID] = ref("location")
    on_hand: Mapped[Decimal] = mapped_column(default=ZERO)
    incoming: Mapped[Decimal] = mapped_column(default=ZERO)
    outgoing: Mapped[Decimal] = mapped_column(default=ZERO, server_default="0")
    updated_at: Mapped[datetime]
