"""The roles that accounts play, and the small chart that a company begins with: one account for each role."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.accounting.account import Account, AccountRole
from domain.accounting.periods import Books
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import FOUNDED, Company


@dataclass(frozen=True, slots=True)
class Role:
    """Why something comes to an account, and the account that a new company has for it.

    `by` says how finely it is posted: a paper as a `whole` (per due date), or each `line` of it.
    """

    word: str
    description: str
    code: str
    name: str
    type: str
    by: str = "line"
    reconcile: bool = False


ROLES: dict[str, Role] = {
    role.word: role
    for role in (
        Role("bank", "Where payments come in and go out.", "1000", "Bank", "asset", "whole"),
        Role("receivables", "What customers owe.", "1200", "Receivables", "asset", "whole", True),
        Role("input_tax", "Tax on purchases that the state gives back.", "1300", "Input tax", "asset"),
        Role("stock", "What goods in stock cost.", "1400", "Stock", "asset"),
        Role("billed_not_received", "Goods billed before they came.", "1450", "Billed, not received", "asset"),
        Role("payables", "What vendors are owed.", "2100", "Payables", "liability", "whole", True),
        Role("received_not_billed", "Goods that came before their bill.", "2150", "Received, not billed", "liability"),
        Role("output_tax", "Tax on sales, and tax that a purchase makes us owe.", "2300", "Output tax", "liability"),
        Role("income", "What was sold.", "4000", "Sales", "income"),
        Role("stock_gain", "Goods that were found.", "4800", "Stock found", "income"),
        Role("discount_received", "What vendors let off for paying early.", "4900", "Discounts received", "income",
             "whole"),
        Role("cost_of_goods", "What sold goods had cost.", "5000", "Cost of goods sold", "expense"),
        Role("price_difference", "What a bill asks beyond the receipt.", "5100", "Price differences", "expense"),
        Role("stock_loss", "Goods that were lost.", "5200", "Stock lost", "expense"),
        Role("expense", "What is bought and is no stock.", "6000", "Purchased services", "expense"),
        Role("exchange_difference", "What rates did between bill and payment.", "7100", "Exchange differences",
             "expense", "whole"),
        Role("small_difference", "What was left unpaid and is not worth asking for.", "7200", "Small differences",
             "expense", "whole"),
        Role("discount_granted", "What customers were let off for paying early.", "7300", "Discounts granted",
             "expense", "whole"),
        Role("commitments", "What confirmed orders will cost.", "9000", "Committed orders", "memo"),
        Role("commitments_contra", "The other side of it.", "9010", "Commitments, contra", "memo"),
    )
}  # fmt: skip


def complete(work: Work, company: UUID) -> None:
    """Give a company what its books lack: the books, an account for each role, and the word which plays which."""
    take_turn(work, "chart", company)
    books = select(Books.id).where(Books.tenant_id == work.actor.tenant, Books.company_id == company)
    if work.session.scalar(books) is None:
        work.add(Books(company_id=company))
    played = _played(work, company)
    lacking = [role for word, role in ROLES.items() if word not in played]
    accounts = _accounts(work, company, lacking)
    work.session.flush()
    for role in lacking:
        work.add(AccountRole(company_id=company, role=role.word, account_id=accounts[role.code].id))
    work.session.flush()


def _accounts(work: Work, company: UUID, roles: Iterable[Role]) -> dict[str, Account]:
    codes = [role.code for role in roles]
    statement = select(Account).where(Account.tenant_id == work.actor.tenant, Account.company_id == company)
    known = {account.code: account for account in work.session.scalars(statement.where(Account.code.in_(codes)))}
    for role in roles:
        if role.code not in known:
            known[role.code] = work.add(
                Account(
                    company_id=company, code=role.code, name=role.name, type=role.type, reconcile=role.reconcile
                )
            )  # fmt: skip
    return known


def _played(work: Work, company: UUID) -> set[str]:
    """The roles that an account plays for all products and taxes."""
    statement = select(AccountRole.role).where(
        AccountRole.tenant_id == work.actor.tenant, AccountRole.company_id == company,
        AccountRole.category_id.is_(None), AccountRole.tax_id.is_(None),
    )  # fmt: skip
    return set(work.session.scalars(statement))


def _begin(work: Work, company: Company) -> None:
    complete(work, company.id)


FOUNDED.append(_begin)
