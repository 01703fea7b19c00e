"""A company is a legal entity within a tenant: it has a currency, a time zone, and what stands at its papers' head."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, Record, ref, to_many, to_one, unique
from domain.kernel.commands import Absent, Ref
from domain.kernel.errors import BadInput
from domain.kernel.events import Part
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
    electronic_address: Mapped[str | None]
    electronic_scheme: Mapped[str | None]

    addresses: Mapped[list[CompanyAddress]] = to_many(
        "CompanyAddress.company_id", "Company", order="CompanyAddress.id", back_populates="company"
    )
    tax_numbers: Mapped[list[CompanyTaxNumber]] = to_many(
        "CompanyTaxNumber.company_id", "Company", order="CompanyTaxNumber.id", back_populates="company"
    )
    bank_accounts: Mapped[list[BankAccount]] = to_many(
        "BankAccount.company_id", "Company", order="BankAccount.id", back_populates="company"
    )

    @property
    def company_id(self) -> UUID:
        """A company is seen by those who work for it."""
        return self.id

    def today(self, now: datetime) -> date:
        """The business date at an instant: the date in the company's zone."""
        return now.astimezone(ZoneInfo(self.time_zone)).date()


FOUNDED: list[Callable[[Work, Company], None]] = []
"""What else is done when a company is founded; a room above that gives each something of its own adds its step."""


class CompanyAddress(Owned, Part):
    """Where a company of one's own is, and what for: `role` is legal, invoice, delivery or other."""

    __tablename__ = "company_address"
    whole = "company"
    company_id: Mapped[UUID] = ref("company")
    role: Mapped[str]
    street: Mapped[str]
    postal_code: Mapped[str | None]
    city: Mapped[str]
    region: Mapped[str | None]
    country: Mapped[str]
    company: Mapped[Company] = to_one("CompanyAddress.company_id", "Company", back_populates="addresses")


class CompanyTaxNumber(Owned, Part):
    """A tax number of a company of one's own, checked as those of partners are."""

    __tablename__ = "company_tax_number"
    __table_args__ = (unique("company_id", "country", "number"),)
    whole = "company"
    company_id: Mapped[UUID] = ref("company")
    country: Mapped[str]
    kind: Mapped[str]
    number: Mapped[str]
    company: Mapped[Company] = to_one("CompanyTaxNumber.company_id", "Company", back_populates="tax_numbers")


class BankAccount(Owned, Part):
    """An account to which customers pay. `number` is an IBAN, or what the bank's country has in its place."""

    __tablename__ = "bank_account"
    __table_args__ = (unique("company_id", "number"),)
    whole = "company"
    company_id: Mapped[UUID] = ref("company")
    bank: Mapped[str]
    number: Mapped[str]
    bic: Mapped[str | None]
    currency: Mapped[str | None]
    company: Mapped[Company] = to_one("BankAccount.company_id", "Company", back_populates="bank_accounts")


def company_of(work: Work, given: Ref | Absent | None, *path: str) -> Company:
    """The company a request names or, if it names none, the only one the actor works for."""
    if isinstance(given, Ref):
        return work.choose(Company, given, *path)
    if len(work.actor.companies) != 1:
        raise BadInput("You work for several companies; say which one this is for.", path=path)
    return work.find(Company, next(iter(work.actor.companies)), *path)
