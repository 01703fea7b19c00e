"""A company is founded with the places that moves of goods need, and a series of numbers for each kind of paper."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.access.granting import join
from domain.kernel.commands import ABSENT, Absent, Command, command, said
from domain.kernel.numbering import NumberSeries
from domain.kernel.papers import kinds
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.work import Work
from domain.parties.company import FOUNDED, Company
from domain.parties.company_entry import FORM
from domain.parties.letterhead import ELECTRONIC, SCHEME, AddressEntry, BankAccountEntry, TaxNumberEntry
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


@command(right="company.write", answers=Company)
class CreateCompany(Command):
    """Found a company, with the places that goods need and a series of numbers for each kind of paper.

    Whoever founds it works for it from then on; others are let in with `updateUser`.
    """

    code: str = said("A short code, unique in the firm; it is for good.")
    name: str = said("Its name as it stands on papers.")
    country: str = said("The country it is registered in, by ISO 3166-1 alpha-2; for good.")
    currency: str = said("The currency of its books, by ISO 4217; for good.")
    time_zone: str = said("The IANA time zone in which its business dates are reckoned.", default="UTC")
    approval_threshold: Decimal = said(
        "Orders of this untaxed total or more, in its currency, need approval.", default=Decimal(0)
    )
    electronic_address: str | None = said(ELECTRONIC, default=None)
    electronic_scheme: str | None = said(SCHEME, default=None)
    addresses: Sequence[AddressEntry] = said("Where it is, and what each place is for.", default=())
    tax_numbers: Sequence[TaxNumberEntry] = said("Its tax numbers, each given once.", default=())
    bank_accounts: Sequence[BankAccountEntry] = said("The accounts to which customers pay.", default=())
    external: ExternalKey | None = said(EXTERNAL, default=None)
    custom: dict[str, Any] | Absent = said("Fields that plugins add.", default=ABSENT)

    def act(self, work: Work) -> Company:
        company = found_company(work, self)
        join(work, company.id)
        return company


def found_company(work: Work, entry: CreateCompany, *, id: UUID | None = None) -> Company:
    """A new company with a receiving location and one virtual location of every kind, its series of numbers, its books.

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
    for begin in FOUNDED:
        begin(work, company)
    return company
