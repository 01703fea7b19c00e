"""When the books are open: fiscal years, their periods, and the days up to which they are locked."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, to_many, to_one, unique

PERIOD_STATES: dict[str, str] = {
    "open": "Entries can be made in it.",
    "closed": "No entry is made in it; what is late goes to the next open day.",
}


class Books(Record):
    """The books of a company, which have a chart from the start. Nothing is entered up to the days they are locked.

    `tax_locked_until` is for bills, invoices and credit notes, `stock_locked_until` for moves of goods.
    """

    __tablename__ = "books"
    __table_args__ = (unique("company_id"),)

    company_id: Mapped[UUID] = ref("company", indexed=False)
    locked_until: Mapped[date | None]
    tax_locked_until: Mapped[date | None]
    stock_locked_until: Mapped[date | None]


class FiscalYear(Record):
    """A year of the books, from `starts_on` to `ends_on`; no day of a company is in two."""

    __tablename__ = "fiscal_year"
    __table_args__ = (
        unique("company_id", "name"),
        CheckConstraint("ends_on >= starts_on", name="in_order"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]

    periods: Mapped[list[Period]] = to_many(
        "Period.fiscal_year_id", "FiscalYear", order="Period.starts_on", back_populates="fiscal_year"
    )


class Period(Record):
    """A part of a fiscal year, open or closed."""

    __tablename__ = "period"
    __table_args__ = (
        unique("company_id", "starts_on"),
        CheckConstraint("ends_on >= starts_on", name="in_order"),
        CheckConstraint(f"state in {tuple(PERIOD_STATES)}", name="state"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    fiscal_year_id: Mapped[UUID] = ref("fiscal_year")
    name: Mapped[str]
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    state: Mapped[str] = mapped_column(default="open")
    closed_at: Mapped[datetime | None]

    fiscal_year: Mapped[FiscalYear] = to_one("Period.fiscal_year_id", "FiscalYear", back_populates="periods")
