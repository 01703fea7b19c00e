"""Reports over the books, each a statement made from its arguments: `(**arguments) -> rows`."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    DateTime,
    FromClause,
    Text,
    Uuid,
    and_,
    case,
    cast,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
)  # fmt: skip

from domain.accounting.account import Account
from domain.accounting.entry import Entry, Posting
from domain.kernel.documents import Document, Line
from domain.kernel.errors import BadInput, at
from domain.kernel.fields import in_order
from domain.kernel.tenancy import NOW, view
from domain.parties.company import Company
from domain.parties.partner import Partner
from resolvers.ids import key_of

NOBODY = UUID(int=0)


def trial_balance(
    *, company: str | None = None, since: date | None = None, until: date | None = None, journal: str | None = None
) -> FromClause:
    """By account: what it stood at before `since`, what came to either side up to `until`, what it stands at then."""
    in_order(since, until, path="to")
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


def open_items(
    *,
    company: str | None = None,
    side: str | None = None,
    partner: str | None = None,
    until: date | None = None,
    overdue: bool | None = None,
) -> FromClause:
    """By paper and day on which it is due: what of it is to be paid, above nothing where it is owed as usual."""
    found, paper = _owed(company, side, until), view(Document).alias()
    conditions = [found.c.amount != 0]
    if overdue is not None:
        late = found.c.due_on < _day(until)
        conditions.append(late if overdue else not_(late))
    if partner is not None:
        conditions.append(found.c.partner_id == _key(partner, Partner, "partner"))
    return (
        select(found, paper.c.number, paper.c.dated)
        .select_from(found.join(paper, paper.c.id == found.c.document_id))
        .where(*conditions)
        .subquery("open_items")
    )


def ageing(*, company: str | None = None, side: str | None = None, until: date | None = None) -> FromClause:
    """By partner: what is to be paid, by how long it has been due on the day `until`, or else today."""
    found, day = _owed(company, side, until), _day(until)
    late = day - func.coalesce(found.c.due_on, day)
    columns = [_sum(found.c.value, _between(late, *bounds)).label(name) for name, bounds in BUCKETS.items()]
    return (
        select(
            cast(func.min(cast(found.c.id, Text)), Uuid).label("id"), found.c.company_id, found.c.role,
            found.c.partner_id, *columns, func.sum(found.c.value).label("total"),
        )
        .group_by(found.c.company_id, found.c.role, found.c.partner_id)
        .having(or_(*(_sum(found.c.value, _between(late, *bounds)) != 0 for bounds in BUCKETS.values())))
        .subquery("ageing")
    )  # fmt: skip


def tax_report(*, company: str | None = None, since: date | None = None, until: date | None = None) -> FromClause:
    """By month, side, category and rate: what taxes were taken of, and what they came to."""
    in_order(since, until, path="to")
    posting = view(Posting).alias()
    sign = _sign(posting, "output_tax")
    month = cast(func.date_trunc("month", cast(posting.c.accounting_date, DateTime)), Date)
    conditions = [*_within(posting, company, until, None), posting.c.role.in_(["input_tax", "output_tax"])]
    if since is not None:
        conditions.append(posting.c.accounting_date >= since)
    keys = [month, posting.c.company_id, posting.c.role, posting.c.tax_category, posting.c.tax_rate]
    return (
        select(
            cast(func.min(cast(posting.c.id, Text)), Uuid).label("id"), month.label("month"), *keys[1:],
            func.sum(posting.c.tax_base * sign).label("base"),
            func.sum((posting.c.debit - posting.c.credit) * sign).label("tax"),
        )
        .where(*conditions)
        .group_by(*keys)
        .subquery("tax_report")
    )  # fmt: skip


BUCKETS: dict[str, tuple[int | None, int | None]] = {
    "current": (None, 0),
    "days30": (0, 30),
    "days60": (30, 60),
    "days90": (60, 90),
    "older": (90, None),
}
"""By name: more than so many days late, and at most so many."""


LAST = date(9999, 12, 30)
"""The last day that can be reckoned with: the database driver takes the one after for infinity."""


def _day(until: date | None) -> ColumnElement[date]:
    return cast(literal_column(NOW), Date) if until is None else literal(min(until, LAST), Date)


def _between(late: Any, above: int | None, most: int | None) -> ColumnElement[bool]:
    return and_(*([] if above is None else [late > above]), *([] if most is None else [late <= most]))


def _owed(company: str | None, side: str | None, until: date | None) -> Any:
    posting = view(Posting).alias()
    sign = _sign(posting, "payables")
    conditions = [*_within(posting, company, until, None), posting.c.role.in_([side] if side else SIDES)]
    keys = [
        posting.c.company_id, posting.c.role, posting.c.partner_id, posting.c.item_id.label("document_id"),
        posting.c.due_on, posting.c.currency,
    ]  # fmt: skip
    return (
        select(
            cast(func.min(cast(posting.c.id, Text)), Uuid).label("id"), *keys,
            func.sum(posting.c.amount * sign).label("amount"),
            func.sum((posting.c.debit - posting.c.credit) * sign).label("value"),
        )
        .where(*conditions)
        .group_by(*(posting.c[name] for name in ("company_id", "role", "partner_id", "item_id", "due_on", "currency")))
        .subquery("owed")
    )  # fmt: skip


SIDES = ("payables", "receivables")


def _sign(posting: FromClause, credit: str) -> ColumnElement[int]:
    """-1 for the role whose usual side is credit."""
    return case((posting.c.role == credit, -1), else_=1)


def _within(posting: FromClause, company: str | None, until: date | None, journal: str | None) -> list[Any]:
    found = [posting.c.company_id == _key(company, Company, "company")]
    if until is not None:
        found.append(posting.c.accounting_date <= until)
    if journal is not None:
        entry = view(Entry).alias()
        found.append(select(entry.c.id).where(entry.c.id == posting.c.entry_id, entry.c.journal == journal).exists())
    return found


def _key(given: str | None, model: type[Company | Partner], name: str) -> UUID:
    if given is None:
        return NOBODY
    with at(name):
        word, key = key_of(given)
        if word != model.__tablename__:
            raise BadInput(f"This is not the id of a {name}.")
        return key


def _sum(amount: ColumnElement[Any], condition: Any) -> ColumnElement[Any]:
    return func.coalesce(func.sum(amount).filter(and_(condition)), 0)
