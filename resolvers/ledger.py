"""Reports over the books, each a statement made from its arguments: `(**arguments) -> rows`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, FromClause, and_, func, literal, or_, select

from domain.accounting.account import Account
from domain.accounting.entry import Entry, Posting
from domain.kernel.documents import Document, Line
from domain.kernel.errors import BadInput, at
from domain.kernel.tenancy import view
from domain.parties.company import Company
from resolvers.ids import key_of

NOBODY = UUID(int=0)


def trial_balance(
    *, company: str | None = None, since: date | None = None, until: date | None = None, journal: str | None = None
) -> FromClause:
    """By account: what it stood at before `since`, what came to either side up to `until`, what it stands at then."""
    posting, account = view(Posting).alias(), view(Account).alias()
    within = since is None or posting.c.accounting_date >= since
    amount = posting.c.debit - posting.c.credit
    before = literal(Decimal(0)) if since is None else _sum(amount, posting.c.accounting_date < since)
    conditions = _within(posting, company, until, journal)
    return (
        select(
            account.c.id, account.c.id.label("account_id"), account.c.company_id, account.c.code,
            before.label("opening"), _sum(posting.c.debit, within).label("debit"),
            _sum(posting.c.credit, within).label("credit"), func.sum(amount).label("closing"),
        )
        .select_from(account.join(posting, posting.c.account_id == account.c.id))
        .where(*conditions)
        .group_by(account.c.id, account.c.company_id, account.c.code)
        .subquery("trial_balance")
    )  # fmt: skip


def received_not_billed(*, company: str | None = None, until: date | None = None) -> FromClause:
    """By line of a receipt: what of it stands on the account of goods that came before their bill."""
    posting, line, paper = view(Posting).alias(), view(Line).alias(), view(Document).alias()
    of = func.coalesce(posting.c.settles_id, posting.c.line_id)
    conditions = [*_within(posting, company, until, None), posting.c.role == "received_not_billed"]
    open_ = (
        select(
            of.label("id"), func.sum(posting.c.credit - posting.c.debit).label("value"),
            (-func.coalesce(func.sum(posting.c.quantity), 0)).label("quantity"),
        )
        .where(*conditions).group_by(of)
        .having(or_(func.sum(posting.c.credit - posting.c.debit) != 0, func.sum(posting.c.quantity) != 0))
        .subquery("unbilled")
    )  # fmt: skip
    return (
        select(
            open_.c.id, open_.c.id.label("line_id"), paper.c.company_id, paper.c.partner_id, paper.c.dated,
            paper.c.number, line.c.document_id, line.c.product_id, open_.c.value, open_.c.quantity,
        )
        .select_from(open_.join(line, line.c.id == open_.c.id).join(paper, paper.c.id == line.c.document_id))
        .subquery("received_not_billed")
    )  # fmt: skip


def _within(posting: FromClause, company: str | None, until: date | None, journal: str | None) -> list[Any]:
    found = [posting.c.company_id == _company(company)]
    if until is not None:
        found.append(posting.c.accounting_date <= until)
    if journal is not None:
        entry = view(Entry).alias()
        found.append(select(entry.c.id).where(entry.c.id == posting.c.entry_id, entry.c.journal == journal).exists())
    return found


def _company(given: str | None) -> UUID:
    if given is None:
        return NOBODY
    with at("company"):
        word, key = key_of(given)
        if word != Company.__tablename__:
            raise BadInput("This is not the id of a company.")
        return key


def _sum(amount: ColumnElement[Any], condition: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(amount).filter(and_(condition)), 0)
