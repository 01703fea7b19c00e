"""How fiscal years are laid out, periods closed and opened again, and the books locked."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from sqlalchemy import Select, func, select

from domain.accounting.chart import complete
from domain.accounting.periods import Books, FiscalYear, Period
from domain.accounting.rules import KINDS
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, NotReady, at
from domain.kernel.fields import camel, day, in_order
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import company_of

DAY = timedelta(days=1)
LONGEST, MOST = 731, 60
AHEAD = timedelta(days=31)
"""How far ahead books may be locked: nobody locks more than the month at hand."""


@given
class PeriodEntry:
    """A period of a fiscal year; it ends where the next begins."""

    name: str = said("What it is called, such as 2026-Q1.")
    starts_on: date = said("Its first day.")


@command(right="accounting.write", answers=FiscalYear)
class CreateFiscalYear(Command):
    """Lay out a fiscal year, by months unless other periods are given; all of them open."""

    company: Ref | None = said("Whose year it is; needed only if you work for several companies.", default=None)
    name: str | None = said("What it is called; the year in which it ends if not given.", default=None)
    starts_on: date = said("Its first day.")
    ends_on: date | None = said("Its last day; twelve months after the first if not given.", default=None)
    periods: Sequence[PeriodEntry] | None = said(
        "Its periods in order, the first from the first day on; months if not given.", default=None
    )

    def act(self, work: Work) -> FiscalYear:
        company = company_of(work, self.company, "company")
        with at("startsOn"):
            starts = day(self.starts_on)
        ends = self.ends_on or _months_later(starts, 12) - DAY
        with at("endsOn"):
            day(ends)
        in_order(starts, ends, path="endsOn")
        if (ends - starts).days > LONGEST:
            raise BadInput("A fiscal year has at most two years.", path=("endsOn",))
        with at("name"):
            name = text.line(self.name) if self.name else str(ends.year)
        take_turn(work, "fiscal years", company.id)
        _must_be_free(work, company.id, starts, ends)
        parts = [*_months(starts, ends)] if self.periods is None else _given(self.periods, starts, ends)
        year = FiscalYear(company_id=company.id, name=name, starts_on=starts, ends_on=ends)
        for (title, first), (_, following) in pairwise([*parts, ("", ends + DAY)]):
            year.periods.append(
                Period(company_id=company.id, name=title, starts_on=first, ends_on=following - DAY, state="open")
            )
        return work.add(year)


@command(right="accounting.write", answers=Period)
class ClosePeriod(Command):
    """Close a period: what is entered late goes to the next open day. Periods are closed in their order.

    Refused while papers that would be entered are dated in it and still drafts.
    """

    id: Ref = said("The period.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> Period:
        period = _locked(work, self)
        if period.state == "open":
            with at("id"):
                _soon(work, period.ends_on)
            _must_follow(work, period)
            _must_be_posted(work, period)
            period.state, period.closed_at = "closed", work.now
            work.note(period, "closed")
        return period


@command(right="accounting.write", answers=Period)
class ReopenPeriod(Command):
    """Open a period again, the last closed one first."""

    id: Ref = said("The period.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> Period:
        period = _locked(work, self)
        if period.state == "closed":
            later = _others(work, period).where(Period.starts_on > period.starts_on, Period.state == "closed")
            if (name := work.session.scalars(later.limit(1)).first()) is not None:
                raise NotReady(f"{name} after it is closed; open that first.", path=("id",))
            period.state, period.closed_at = "open", None
            work.note(period, "reopened")
        return period


@command(right="accounting.write", answers=Books)
class LockBooks(Command):
    """Say up to which day nothing is entered any more; what is late goes to the day after. Null unlocks."""

    company: Ref | None = said("Whose books; needed only if you work for several companies.", default=None)
    locked_until: date | Absent | None = said("For all journals.", default=ABSENT)
    tax_locked_until: date | Absent | None = said(
        "For bills, invoices and credit notes, whose taxes were declared.", default=ABSENT
    )
    stock_locked_until: date | Absent | None = said("For moves of goods.", default=ABSENT)

    def act(self, work: Work) -> Books:
        company = company_of(work, self.company, "company")
        books = _books(work, company.id)
        for name in ("locked_until", "tax_locked_until", "stock_locked_until"):
            if (value := getattr(self, name)) is not ABSENT:
                with at(camel(name)):
                    setattr(books, name, None if value is None else _soon(work, day(value)))
        work.note(books, "locked")
        return books


def _soon(work: Work, found: date) -> date:
    """A lock far ahead is a slip of the pen, and would send what is posted meanwhile to that day for good."""
    if found > work.now.date() + AHEAD:
        raise BadInput(f"{found} is more than {AHEAD.days} days ahead; lock what is over.")
    return found


def _locked(work: Work, given: ClosePeriod | ReopenPeriod) -> Period:
    """The period; whoever enters something holds the books, so they are locked before it."""
    with at("id"):
        company = work.find(Period, given.id).company_id
    _books(work, company)
    version = None if given.expected_version is ABSENT else given.expected_version
    return work.locked(Period, given.id, version)


def _books(work: Work, company: UUID) -> Books:
    statement = select(Books).where(Books.tenant_id == work.actor.tenant, Books.company_id == company)
    if work.session.scalars(statement).one_or_none() is None:
        complete(work, company)
    return work.session.scalars(statement.with_for_update().execution_options(populate_existing=True)).one()


def _others(work: Work, period: Period) -> Select[str]:
    return select(Period.name).where(Period.tenant_id == work.actor.tenant, Period.company_id == period.company_id)


def _must_follow(work: Work, period: Period) -> None:
    earlier = _others(work, period).where(Period.starts_on < period.starts_on, Period.state == "open")
    if (name := work.session.scalars(earlier.order_by(Period.starts_on).limit(1)).first()) is not None:
        raise NotReady(f"{name} before it is open; close that first.", path=("id",))


def _must_be_posted(work: Work, period: Period) -> None:
    drafts = select(Document.kind, Document.id, Document.dated, func.count().over()).where(
        Document.tenant_id == work.actor.tenant, Document.company_id == period.company_id,
        Document.kind.in_(KINDS), Document.state == "draft",
        Document.dated.between(period.starts_on, period.ends_on),
    )  # fmt: skip
    first = work.session.execute(drafts.order_by(Document.dated, Document.id).limit(1)).one_or_none()
    if first is not None:
        kind, id, dated, count = first
        raise NotReady(
            f"Still drafts and dated in it: {count}, the first a {kind.replace('_', ' ')} of {dated}, {id}. "
            "Post or cancel them, or date them later.",
            path=("id",), draft=id,
        )  # fmt: skip


def _must_be_free(work: Work, company: UUID, starts: date, ends: date) -> None:
    same = select(FiscalYear.name).where(
        FiscalYear.tenant_id == work.actor.tenant, FiscalYear.company_id == company,
        FiscalYear.starts_on <= ends, FiscalYear.ends_on >= starts,
    )  # fmt: skip
    if (name := work.session.scalars(same.limit(1)).first()) is not None:
        raise BadInput(f"It overlaps with the fiscal year {name}.", path=("startsOn",))


def _given(periods: Sequence[PeriodEntry], starts: date, ends: date) -> list[tuple[str, date]]:
    if not 1 <= len(periods) <= MOST:
        raise BadInput(f"Give 1 to {MOST} periods.", path=("periods",))
    found: list[tuple[str, date]] = []
    for index, one in enumerate(periods):
        with at("periods", index):
            least = starts if index == 0 else found[-1][1] + DAY
            if not least <= one.starts_on <= ends or (index == 0 and one.starts_on != starts):
                raise BadInput("Periods come in order, the first from the first day on.", path=("startsOn",))
            with at("name"):
                found.append((text.line(one.name), one.starts_on))
    return found


def _months(starts: date, ends: date) -> Iterator[tuple[str, date]]:
    here = starts
    while here <= ends:
        yield f"{here.year}-{here.month:02d}", here
        here = _months_later(here.replace(day=1), 1)


def _months_later(start: date, months: int) -> date:
    index = start.year * 12 + start.month - 1 + months
    year, month = index // 12, index % 12 + 1
    return date(year, month, min(start.day, monthrange(year, month)[1]))
