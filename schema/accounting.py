"""The books: accounts, entries, and when they are open."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.accounting import account, entry, periods
from schema.declare import Connection, column, connection, describes, many, money, one, word
from schema.record import Money, Node, Record
from schema.words import ACCOUNT_ROLES, ACCOUNT_TYPES, JOURNALS, PERIOD_STATES

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company
    from schema.document import Document, Line
    from schema.partner import Partner
    from schema.product import Category, Product, Tax
    from schema.stock import Move

READ = "accounting.read"
COMPANYS = "company.currency"


@describes(account.Account, right=READ)
class Account(Record):
    """An account in the chart of a company."""

    company: Company = one("company_id", "Whose account it is.")
    code: str = column("Its number in the chart.")
    name: str = column("The name.")
    type: str = word(ACCOUNT_TYPES, "What it holds.")
    reconcile: bool = column("Whether its postings settle each other.")
    roles: list[AccountRole] = many("account_id", "The roles it plays.", order="role")
    postings: Connection[Posting] = connection("account_id", "What was posted to it.", order=("accountingDate",))


@describes(account.AccountRole, right=READ)
class AccountRole(Record):
    """Which account plays a role: that of the nearest category of the product, then that of the tax, then any."""

    company: Company = one("company_id", "The company.")
    role: str = word(ACCOUNT_ROLES, "The role.")
    category: Category | None = one("category_id", "Only for products of this category; null for all.")
    tax: Tax | None = one("tax_id", "Only for this tax; null for all.")
    account: Account = one("account_id", "The account.")


@describes(entry.Entry, right=READ)
class Entry(Node):
    """What a paper did to the books. It balances, and is never changed: another entry takes it back."""

    company: Company = one("company_id", "Whose books.")
    journal: str = word(JOURNALS, "Which sort of entry it is.")
    dated: date = column("The day of the paper.")
    accounting_date: date = column(
        "The day it counts for: that of the paper, or the first one on which books are open."
    )
    postponed: str | None = column("Why it does not count for the day of its paper; null if it does.")
    memo: str | None = column("Why it was taken back, where it takes another back.")
    document: Document | None = one("document_id", "The paper.")
    reverses: Entry | None = one("reverses_id", "The entry that this one takes back.")
    reversals: Connection[Entry] = connection("reverses_id", "The entries that take this one back.")
    entered_at: datetime = column("When it was made.")
    entered_by: User | None = one("entered_by", "Who made it; null if a program did.")
    postings: Connection[Posting] = connection("entry_id", "Its lines.", order=("position",))


@describes(entry.Posting, right=READ)
class Posting(Node):
    """One line of an entry: so much on one account, on one side."""

    entry: Entry = one("entry_id", "The entry.")
    company: Company = one("company_id", "Whose books.")
    accounting_date: date = column("The day it counts for.")
    position: int = column("Its place in the entry, from 1.")
    account: Account = one("account_id", "The account.")
    role: str = word(ACCOUNT_ROLES, "Why it came to this account.")
    partner: Partner | None = one("partner_id", "The firm it was done with.")
    debit: Money = money("On the debit side.", currency=COMPANYS)
    credit: Money = money("On the credit side.", currency=COMPANYS)
    amount: Money = money("The same in the currency of the paper: positive in debit, negative in credit.")
    product: Product | None = one("product_id", "The product.")
    quantity: Decimal | None = column("How much of it, in its stock unit: positive in debit, negative in credit.")
    tax: Tax | None = one("tax_id", "The tax.")
    tax_rate: Decimal | None = column("Its rate in per cent, as it was on the paper.")
    tax_category: str | None = column("Its category by UN/CEFACT 5305, as it was.")
    tax_base: Money | None = money("What it was taken of.", currency=COMPANYS)
    line: Line | None = one("line_id", "The line of the paper.")
    settles: Line | None = one("settles_id", "The line of another paper whose balance on this account it takes down.")
    move: Move | None = one("move_id", "The move of goods.")
    item: Document | None = one("item_id", "The paper that is to be paid, or was with this.")
    due_on: date | None = column("When it is to be paid.")


@describes(periods.Books, right=READ)
class Books(Record):
    """The books of a company, and up to which days they are locked; null where they are not."""

    company: Company = one("company_id", "The company.")
    locked_until: date | None = column("All journals are locked up to this day.")
    tax_locked_until: date | None = column("Purchase and sales are, whose taxes were declared.")
    stock_locked_until: date | None = column("Moves of goods are.")


@describes(periods.FiscalYear, right=READ)
class FiscalYear(Record):
    """A year of the books."""

    company: Company = one("company_id", "Whose year.")
    name: str = column("What it is called.")
    starts_on: date = column("Its first day.")
    ends_on: date = column("Its last day.")
    periods: list[Period] = many("fiscal_year_id", "Its periods.", order="starts_on")


@describes(periods.Period, right=READ)
class Period(Record):
    """A part of a fiscal year."""

    company: Company = one("company_id", "Whose period.")
    fiscal_year: FiscalYear = one("fiscal_year_id", "The year it is a part of.")
    name: str = column("What it is called.")
    starts_on: date = column("Its first day.")
    ends_on: date = column("Its last day.")
    state: str = word(PERIOD_STATES, "Whether entries can be made in it.")
    closed_at: datetime | None = column("When it was closed.")
