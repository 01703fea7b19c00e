"""On which day an entry can be made: that of its paper or, where the books are locked or closed, the next open one."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select

from domain.accounting.chart import complete
from domain.accounting.periods import Books, Period
from domain.kernel.work import Work

LOCKS: dict[str, tuple[str, ...]] = {
    "purchase": ("locked_until", "tax_locked_until"),
    "sales": ("locked_until", "tax_locked_until"),
    "stock": ("locked_until", "stock_locked_until"),
}
"""What locks a journal; the others are locked by `locked_until` alone."""
NEXT = timedelta(days=1)


def first_open(work: Work, company: UUID, journal: str, dated: date) -> tuple[date, str | None]:
    """The first open day from `dated` on, and why it is another. Nobody locks or closes it until this is committed."""
    lock = max((day for day in _locks(work, company, journal) if day), default=None)
    day, why = dated, None
    if lock is not None and lock >= day:
        day, why = lock + NEXT, f"The books are locked up to {lock}."
    for period in _closed(work, company, day):
        if period.starts_on <= day <= period.ends_on:
            day, why = period.ends_on + NEXT, f"{period.name} is closed."
    return day, why


def _locks(work: Work, company: UUID, journal: str) -> list[date | None]:
    names = LOCKS.get(journal, ("locked_until",))
    statement = (
        select(Books).where(Books.tenant_id == work.actor.tenant, Books.company_id == company)
        .with_for_update(read=True).execution_options(populate_existing=True)
    )  # fmt: skip
    books = work.session.scalars(statement).one_or_none()
    if books is None:
        complete(work, company)
        return []
    return [getattr(books, name) for name in names]


def _closed(work: Work, company: UUID, since: date) -> list[Period]:
    statement = select(Period).where(
        Period.tenant_id == work.actor.tenant, Period.company_id == company, Period.state == "closed",
        Period.ends_on >= since,
    )  # fmt: skip
    return list(work.session.scalars(statement.order_by(Period.starts_on)))
