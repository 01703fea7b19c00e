"""A company is a legal entity within a tenant: it has a currency, a time zone, and limits of its own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique
from domain.kernel.commands import Absent, Ref
from domain.kernel.errors import BadInput, NotFound, at

if TYPE_CHECKING:
    from domain.kernel.work import Work


class Company(Record):
    """A legal entity. Orders of `approval_threshold` or more, untaxed and in its currency, need approval."""

    __tablename__ = "company"
    __table_args__ = (unique("code"),)

    code: Mapped[str]
    name: Mapped[str]
    country: Mapped[str]
    currency: Mapped[str]
    time_zone: Mapped[str] = mapped_column(default="UTC")
    approval_threshold: Mapped[Decimal] = mapped_column(default=Decimal(0))

    def today(self, now: datetime) -> date:
        """The business date at an instant: the date in the company's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


def company_of(work: Work, given: Ref | None | Absent, *path: str) -> Company:
    """The company a request names or, if it names none, the only one the actor works for."""
    if isinstance(given, Ref):
        with at(*path):
            company = work.choose(Company, given)
            if company.id not in work.actor.companies:
                raise NotFound
            return company
    if len(work.actor.companies) != 1:
        raise BadInput("You work for several companies; say which one this is for.", path=path)
    return work.find(Company, next(iter(work.actor.companies)), *path)
