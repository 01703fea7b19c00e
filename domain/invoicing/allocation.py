"""An allocation says that a credit settles a debt: a payment a bill, a credit note an invoice. Several to several."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, ref
from domain.kernel.documents import ZERO


class Allocation(Owned):
    """So much of a credit (payment, credit note) settles so much of one instalment of a debt (bill, invoice, refund).

    `amount`, `discount` and `written_off` are in the currency of the debt, and together what is settled of it; `used`
    and `credit_written_off` in that of the credit. The values are in the company's: what all of that stood in the books
    at, and `exchange_gain`, what the rates of the two days made of it. One that was released counts no more.
    """

    __tablename__ = "allocation"
    __table_args__ = (
        CheckConstraint("amount >= 0 and used >= 0 and amount + discount + written_off > 0", name="settles_something"),
        CheckConstraint("discount >= 0 and written_off >= 0 and credit_written_off >= 0", name="nothing_negative"),
        CheckConstraint("(released_on is null) = (released_at is null)", name="released_at_once"),
        Index(None, "tenant_id", "debt_instalment_id", postgresql_where=text("released_on is null")),
        Index(None, "tenant_id", "credit_instalment_id", postgresql_where=text("released_on is null")),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    credit_id: Mapped[UUID] = ref("document")
    debt_id: Mapped[UUID] = ref("document")
    credit_instalment_id: Mapped[UUID] = ref("instalment", indexed=False)
    debt_instalment_id: Mapped[UUID] = ref("instalment", indexed=False)
    dated: Mapped[date]
    amount: Mapped[Decimal]
    used: Mapped[Decimal]
    discount: Mapped[Decimal] = mapped_column(default=ZERO)
    written_off: Mapped[Decimal] = mapped_column(default=ZERO)
    credit_written_off: Mapped[Decimal] = mapped_column(default=ZERO)
    debt_value: Mapped[Decimal]
    credit_value: Mapped[Decimal]
    discount_value: Mapped[Decimal] = mapped_column(default=ZERO)
    written_off_value: Mapped[Decimal] = mapped_column(default=ZERO)
    credit_written_off_value: Mapped[Decimal] = mapped_column(default=ZERO)
    exchange_gain: Mapped[Decimal] = mapped_column(default=ZERO)
    entry_id: Mapped[UUID | None] = ref("entry", indexed=False)
    allocated_at: Mapped[datetime]
    allocated_by: Mapped[UUID | None]
    released_on: Mapped[date | None]
    released_at: Mapped[datetime | None]
    released_by: Mapped[UUID | None]

    @property
    def settled(self) -> Decimal:
        """What is settled of the debt, in its currency."""
        return self.amount + self.discount + self.written_off

    @property
    def spent(self) -> Decimal:
        """What is used up of the credit, in its currency."""
        return self.used + self.credit_written_off
