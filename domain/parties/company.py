"""A company is a legal entity within a tenant: it has a currency, a time zone, and limits of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.decimals import currency_digits
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, decimal
from domain.kernel.forms import Form
from domain.kernel.text import code, country, currency, line
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

    @property
    def company_id(self) -> UUID:
        """A company is seen by those who work for it."""
        return self.id

    def today(self, now: datetime) -> date:
        """The business date at an instant: the date in the company's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


FOUNDED: list[Callable[[Work, Company], None]] = []
"""What else is done when a company is founded; a room above that gives each something of its own adds its step."""


def company_of(work: Work, given: Ref | Absent | None, *path: str) -> Company:
    """The company a request names or, if it names none, the only one the actor works for."""
    if isinstance(given, Ref):
        return work.choose(Company, given, *path)
    if len(work.actor.companies) != 1:
        raise BadInput("You work for several companies; say which one this is for.", path=path)
    return work.find(Company, next(iter(work.actor.companies)), *path)


def time_zone(value: str) -> str:
    """A time zone by its name in the IANA database."""
    found = line(value)
    try:
        ZoneInfo(found)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise BadInput(f"{found!r} is no time zone; use a name such as Europe/Vienna.") from None
    return found


def _threshold_in_minor_units(_: Work, __: Any, after: Values) -> None:
    threshold: Decimal = after["approval_threshold"]
    digits = currency_digits(after["currency"])
    if threshold != round(threshold, digits):
        raise BadInput(f"Too many decimals; {after['currency']} has {digits}.", path=("approvalThreshold",))


FORM = Form(
    model=Company,
    fields={
        "code": code,
        "name": line,
        "country": country,
        "currency": currency,
        "time_zone": time_zone,
        "approval_threshold": decimal(digits=6, least=0),
    },
    unique=(("code",),),
    rules=(_threshold_in_minor_units,),
)


@command(right="company.write", answers=Company)
class UpdateCompany(Command):
    """Change a company. What is not given stays as it is. Its code, country and currency are for good."""

    id: Ref = said("The company.")
    expected_version: int = said("The version you saw; refused if it has changed since.")
    name: str | Absent = said("Its name as it stands on papers.", default=ABSENT)
    time_zone: str | Absent = said(
        "The IANA time zone in which its business dates are reckoned, such as Europe/Vienna.", default=ABSENT
    )
    approval_threshold: Decimal | Absent = said(
        "Orders of this untaxed total or more, in the company's currency, need approval. "
        "It holds for what is submitted from now on.",
        default=ABSENT,
    )
    custom: dict[str, Any] | Absent = said("Fields that plugins add; those not given stay.", default=ABSENT)

    def act(self, work: Work) -> Company:
        return FORM.update(work, self)
