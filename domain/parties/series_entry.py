"""How the papers of a company are numbered is for its administrators to say."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.errors import BadInput, at
from domain.kernel.fields import whole
from domain.kernel.numbering import ALL_YEARS, NumberSeries, pattern
from domain.kernel.papers import numbered
from domain.kernel.work import Work
from domain.parties.company import Company, company_of

HIGHEST = 1_000_000_000


@command(right="company.write", answers=NumberSeries)
class SetNumberSeries(Command):
    """Say how papers of a kind are numbered from now on, in one company. Papers keep the numbers they have.

    A pattern without {year} makes one series through all years; with it, each year begins with 1.
    """

    kind: str = said("The kind of paper.")
    company: Ref | None = said("The company; needed only if you work for several.", default=None)
    pattern: str | Absent = said(
        "What a number looks like: {number} where it counts, {number:05d} for at least five digits, {year} for the "
        "year; at most 40 characters in all.",
        default=ABSENT,
    )
    next_number: int | Absent = said(
        "The count of the next number. It can be raised; what was given once is never given again.", default=ABSENT
    )

    def act(self, work: Work) -> NumberSeries:
        company = company_of(work, self.company, "company")
        with at("kind"):
            begins = numbered(self.kind).series
        year, rows = company.today(work.now).year, _rows(work, company, self.kind)
        wanted = begins if (present := _present(rows, year)) is None else present.pattern
        if self.pattern is not ABSENT:
            with at("pattern"):
                wanted = pattern(self.pattern)
        fiscal_year = year if "{year}" in wanted else ALL_YEARS
        series = rows.get(fiscal_year) or work.add(
            NumberSeries(company_id=company.id, kind=self.kind, fiscal_year=fiscal_year, next_number=1)
        )
        series.pattern, series.archived_at = wanted, None
        self._raise(series)
        _follow(work, series, rows)
        return series

    def _raise(self, series: NumberSeries) -> None:
        if self.next_number is ABSENT:
            return
        with at("nextNumber"):
            wanted = whole(1, HIGHEST)(self.next_number)
            if wanted < series.next_number:
                raise BadInput(f"Up to {series.next_number - 1} they are given out; give {series.next_number} or more.")
            series.next_number = wanted


def _rows(work: Work, company: Company, kind: str) -> dict[int, NumberSeries]:
    known = select(NumberSeries.id).where(
        NumberSeries.tenant_id == work.actor.tenant,
        NumberSeries.company_id == company.id,
        NumberSeries.kind == kind,
        NumberSeries.establishment == "",
    )
    return {row.fiscal_year: row for row in work.lock(NumberSeries, work.session.scalars(known).all()).values()}


def _present(rows: dict[int, NumberSeries], year: int) -> NumberSeries | None:
    """The series in force: the one through all years or the newest, of which those to come take the pattern."""
    through = rows.get(ALL_YEARS)
    if through is not None and through.archived_at is None:
        return through
    return rows.get(year) or rows.get(max(rows.keys() - {ALL_YEARS}, default=ALL_YEARS))


def _follow(work: Work, series: NumberSeries, rows: dict[int, NumberSeries]) -> None:
    """Years to come have the same pattern; a series through all years and those of single years end each other."""
    for year, other in rows.items():
        if ALL_YEARS in {year, series.fiscal_year} and other is not series:
            other.archived_at = other.archived_at or work.now
        elif year > series.fiscal_year:
            other.pattern = series.pattern
