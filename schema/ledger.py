"""Reports over the books; every one is a list that can be exported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from resolvers import ledger
from resolvers.values import ID
from schema.accounting import COMPANYS, READ
from schema.declare import argument, column, money, one, selects
from schema.record import Money
from schema.words import JOURNALS

if TYPE_CHECKING:
    from schema.accounting import Account
    from schema.company import Company
    from schema.document import Document, Line
    from schema.partner import Partner
    from schema.product import Product

COMPANY = {"company": argument(ID, "Whose books.")}
SPAN = {
    "since": argument(date | None, "From this day on; from the beginning if not given.", api="from"),
    "until": argument(date | None, "Up to this day; up to now and beyond if not given.", api="to"),
}
AS_OF = {"until": argument(date | None, "As it was at the end of this day; as it is if not given.", api="asOf")}
JOURNAL = {"journal": argument(str | None, "Of this journal alone.", words=JOURNALS)}


@selects(ledger.trial_balance(), word="trial_balance", right=READ, company="company_id")
class TrialBalanceRow:
    """One account in a trial balance, in the company's currency; debit is positive, credit negative."""

    id: ID = column("The account's.", shown=False)
    company: Company = one("company_id", "Whose books.")
    account: Account = one("account_id", "The account.")
    code: str = column("Its number in the chart.")
    opening: Money = money("What it stood at before the first day.", currency=COMPANYS)
    debit: Money = money("What came to the debit side from then on.", currency=COMPANYS)
    credit: Money = money("What came to the credit side.", currency=COMPANYS)
    closing: Money = money("What it stands at on the last day.", currency=COMPANYS)


@selects(ledger.received_not_billed(), word="received_not_billed", right=READ, company="company_id")
class ReceivedNotBilled:
    """A line of a receipt whose goods are in stock and were not billed, or not all of them."""

    id: ID = column("The line's.", shown=False)
    company: Company = one("company_id", "Whose books.")
    document: Document = one("document_id", "The receipt.")
    line: Line = one("line_id", "Its line.")
    partner: Partner | None = one("partner_id", "The vendor.")
    product: Product | None = one("product_id", "The product.")
    dated: date = column("The day of the receipt.")
    number: str | None = column("The number of the receipt.")
    quantity: Decimal = column("How much was not billed, in the product's stock unit.")
    value: Money = money("What it is worth at the price of its order.", currency=COMPANYS)
