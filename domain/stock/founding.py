"""A company is founded with the places that moves of goods need, and a series of numbers for each kind of paper."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from domain.kernel.numbering import NumberSeries
from domain.kernel.papers import kinds
from domain.kernel.work import Work
from domain.parties.company import FORM, Company
from domain.stock.location import Location

PLACES = (
    ("RECEIVING", "Receiving", "internal"),
    ("VENDOR", "Vendors", "vendor"),
    ("CUSTOMER", "Customers", "customer"),
    ("LOSS", "Losses", "loss"),
    ("TRANSIT", "In transit", "transit"),
    ("PRODUCTION", "Production", "production"),
    ("UNRECORDED", "Outside the records", "unrecorded"),
)


@dataclass(frozen=True, kw_only=True)
class CompanyEntry:
    """What there is to say of a new company."""

    code: str
    name: str
    country: str
    currency: str
    time_zone: str = "UTC"
    approval_threshold: Decimal = Decimal(0)


def found_company(work: Work, entry: CompanyEntry, *, id: UUID | None = None) -> Company:
    """A new company with a receiving location and one virtual location of every kind, and with its series of numbers.

    Name its `id` beforehand if the actor shall work for it in the same transaction.
    """
    company = FORM.create(work, entry)
    company.id = id or company.id
    work.session.flush()
    for place, title, kind in PLACES:
        work.add(Location(company_id=company.id, code=place, name=title, kind=kind, receives=kind == "internal"))
    year = company.today(work.now).year
    for word, paper in kinds().items():
        work.add(NumberSeries(company_id=company.id, kind=word, fiscal_year=year, pattern=paper.series, next_number=1))
    return company
