"""Companies, and what currencies cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.kernel import numbering
from domain.parties import company, firm, rate
from resolvers.firms import codes
from resolvers.values import CountryCode, CurrencyCode
from schema.declare import column, computed, describes, many, one, word
from schema.record import Node, Record
from schema.words import ADDRESS_ROLES, KINDS, TAX_NUMBER_KINDS


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
    electronic_address: str | None = column("Where electronic papers to it go, such as a GLN.")
    electronic_scheme: str | None = column("The scheme of that by the code list EAS, such as 0088.")
    addresses: list[CompanyAddress] = many("company_id", "Where it is, and what for.")
    tax_numbers: list[CompanyTaxNumber] = many("company_id", "Its tax numbers.")
    bank_accounts: list[BankAccount] = many("company_id", "The accounts to which customers pay.")


@describes(company.CompanyAddress, part_of=("company_id", "Company"))
class CompanyAddress(Node):
    """Where a company of one's own is."""

    role: str = word(ADDRESS_ROLES, "What it is for.")
    street: str = column("Street and number, on one or several lines.")
    postal_code: str | None = column("The postal code.")
    city: str = column("The town.")
    region: str | None = column("State, province or canton.")
    country: CountryCode = column("The country.")


@describes(company.CompanyTaxNumber, part_of=("company_id", "Company"))
class CompanyTaxNumber(Node):
    """A tax number of a company of one's own, checked by the rule of its country."""

    country: CountryCode = column("Whose number it is.")
    kind: str = word(TAX_NUMBER_KINDS, "Which sort of number.")
    number: str = column("The number, without blanks.")


@describes(company.BankAccount, part_of=("company_id", "Company"))
class BankAccount(Node):
    """An account to which customers pay."""

    bank: str = column("What the bank is called.")
    number: str = column("The IBAN, or the number that the bank's country uses.")
    bic: str | None = column("The bank's code by ISO 9362.")
    currency: CurrencyCode | None = column("The currency it is kept in; any if null.")


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
