"""Reports over the books; every one is a list that can be exported."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from resolvers import ledger
from resolvers.values import ID
from schema.accounting import COMPANYS, READ
from schema.declare import argument, column, money, one, selects, word
from schema.record import Money
from schema.words import JOURNALS, OWED_SIDES, TAX_SIDES

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
LATE = {"overdue": argument(bool | None, "What should have been paid before that day alone, or only what should not.")}
JOURNAL = {"journal": argument(str | None, "Of this journal alone.", words=JOURNALS)}

SIDE = {"side": argument(str | None, "Payables or receivables alone.", words=OWED_SIDES)}


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


@selects(ledger.open_items(), word="open_item", right=READ, company="company_id")
class OpenItem:
    """What of a paper is to be paid on one day; less than nothing where it is the other side that owes."""

    id: ID = column("Of the first posting.", shown=False)
    company: Company = one("company_id", "Whose books.")
    side: str = word(OWED_SIDES, "Who owes.", of="role")
    partner: Partner | None = one("partner_id", "The vendor or customer.")
    document: Document = one("document_id", "The bill, invoice or credit note.")
    number: str | None = column("Its number.")
    dated: date = column("Its date.")
    due_on: date | None = column("When it is to be paid.")
    amount: Money = money("What is open, in the currency of the paper.")
    value: Money = money("The same as it stands in the books.", currency=COMPANYS)


@selects(ledger.ageing(), word="ageing", right=READ, company="company_id")
class AgeingRow:
    """What a partner has to pay, or is to be paid, by how long it has been due."""

    id: ID = column("Of the first posting.", shown=False)
    company: Company = one("company_id", "Whose books.")
    side: str = word(OWED_SIDES, "Who owes.", of="role")
    partner: Partner | None = one("partner_id", "The vendor or customer.")
    current: Money = money("Not due yet, or due on that day.", currency=COMPANYS)
    days30: Money = money("Due for 1 to 30 days.", currency=COMPANYS)
    days60: Money = money("Due for 31 to 60 days.", currency=COMPANYS)
    days90: Money = money("Due for 61 to 90 days.", currency=COMPANYS)
    older: Money = money("Due for more than 90 days.", currency=COMPANYS)
    total: Money = money("All of it.", currency=COMPANYS)


@selects(ledger.tax_report(), word="tax_report", right=READ, company="company_id")
class TaxReportRow:
    """The taxes of one rate and category in one month, on purchases or on sales."""

    id: ID = column("Of the first posting.", shown=False)
    company: Company = one("company_id", "Whose books.")
    month: date = column("The first day of the month that it counts for.")
    side: str = word(TAX_SIDES, "Whether it is recovered or owed.", of="role")
    category: str | None = column("The category by UN/CEFACT 5305.", of="tax_category")
    rate: Decimal | None = column("The rate in per cent.", of="tax_rate")
    base: Money = money("What it was taken of.", currency=COMPANYS)
    tax: Money = money("What it came to.", currency=COMPANYS)
