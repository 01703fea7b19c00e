"""A tax by its rate and category."""

from __future__ import annotations

from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique


class Tax(Record):
    """`category` is the UN/CEFACT 5305 code (S standard, Z zero, E exempt, AE reverse charge, G export, O none)."""

    __tablename__ = "tax"
    __table_args__ = (unique("code"), CheckConstraint("rate >= 0", name="rate_not_negative"))

    code: Mapped[str]
    name: Mapped[str]
    rate: Mapped[Decimal]
    category: Mapped[str] = mapped_column(default="S")
