"""Companies, and what currencies cost."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from domain.parties import company, rate
from resolvers.values import CountryCode, CurrencyCode
from schema.declare import column, describes
from schema.record import Node, Record


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


@describes(rate.Rate, right="master.read")
class Rate(Node):
    """What one unit of a currency cost in another on a day."""

    base: CurrencyCode = column("The currency of which there is one unit.")
    quote: CurrencyCode = column("The currency it is priced in.")
    dated: date = column("The day.")
    rate: Decimal = column("The price at the close of the day.")
    average: Decimal | None = column("The average price of the day.")
