"""What one unit of a currency cost in another on a date."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, unique


class Rate(Owned):
    """One unit of `base` is `rate` units of `quote` at the close of `dated`; `average` is that of the day."""

    __tablename__ = "rate"
    __table_args__ = (
        unique("base", "quote", "dated"),
        CheckConstraint("rate > 0", name="rate_positive"),
        CheckConstraint("base <> quote", name="two_currencies"),
    )

    base: Mapped[str]
    quote: Mapped[str]
    dated: Mapped[date]
    rate: Mapped[Decimal]
    average: Mapped[Decimal | None] = mapped_column()
