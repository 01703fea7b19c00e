"""Companies, and what currencies cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel import numbering
from domain.parties import company, firm, rate
from resolvers.firms import codes
from resolvers.values import CountryCode, CurrencyCode
from schema.declare import column, computed, describes, one, word
from schema.record import Node, Record
from schema.words import KINDS


@describes(firm.Firm, right="master.read")
class Tenant(Record):
    """All that is yours in this installation: its companies, people, papers. It never sees another."""

    code: str = computed("The code with which people sign in, where several tenants share the installation.", codes)
    name: str = column("What it is called.")


@describes(company.Company, right="master.read", company="id")
class Company(Record):
    """A legal entity of the firm."""

    code: str = column("A short code.")
    name: str = column("The name.")
    country: CountryCode = column("The country it is registered in.")
    currency: CurrencyCode = column("The currency of its books.")
    time_zone: str = column("The zone that decides which day it is, such as Europe/Berlin.")
    approval_threshold: Decimal = column(
        "Orders of this much or more, untaxed and in its currency, need approval.", guard="purchase.read"
    )


@describes(numbering.NumberSeries, right="master.read")
class NumberSeries(Record):
    """How the papers of a kind are numbered, in a company and a year."""

    company: Company = one("company_id", "The company.")
    kind: str = word(KINDS, "The kind of paper.")
    year: int = column("The year; 0 if one series runs through all years.", of="fiscal_year")
    pattern: str = column("What a number looks like: {year} for the year, {number} where it counts.")
    next_number: int = column("The count of the next number that is given out, be it ahead to a process at work.")
    last_date: date | None = column("The date of the last paper, where numbers and dates rise together.")


@describes(rate.Rate, right="master.read")
class Rate(Node):
    """What one unit of a currency cost in another on a day."""

    base: CurrencyCode = column("The currency of which there is one unit.")
    quote: CurrencyCode = column("The currency it is priced in.")
    dated: date = column("The day.")
    rate: Decimal = column("The price at the close of the day.")
    average: Decimal | None = column("The average price of the day.")
