"""When a bill is due: instalments of n days, from the date or the end of its month, with a discount for haste."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique


class PaymentTerm(Record):
    """`instalments` are rows of {percent, days, end_of_month}, the last taking the remainder."""

    __tablename__ = "payment_term"
    __table_args__ = (unique("name"),)

    name: Mapped[str]
    instalments: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    discount_percent: Mapped[Decimal | None]
    discount_days: Mapped[int | None]
