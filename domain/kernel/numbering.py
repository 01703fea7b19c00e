"""Numbers come from a series per company, kind of paper, establishment and fiscal year.

Where gaps do not matter (orders, receipts) a process takes numbers from blocks, each fetched in a short transaction of
its own, so that writers do not queue. Legal papers draw theirs under lock as the last statement before commit.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Connection, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, ref, unique
from domain.kernel.errors import BadInput

BLOCK = 20


class NumberSeries(Owned):
    """One series. `pattern` holds the words {year} and {number}; `next_number` is the first not yet given out."""

    __tablename__ = "number_series"
    __table_args__ = (unique("company_id", "kind", "establishment", "fiscal_year"),)

    company_id: Mapped[UUID] = ref("company")
    kind: Mapped[str]
    establishment: Mapped[str] = mapped_column(default="")
    fiscal_year: Mapped[int]
    pattern: Mapped[str]
    next_number: Mapped[int] = mapped_column(default=1)
    last_date: Mapped[date | None]


@dataclass(frozen=True, slots=True)
class Series:
    """What names a series."""

    tenant: int
    company: UUID
    kind: str
    fiscal_year: int
    pattern: str
    establishment: str = ""

    def written(self, pattern: str, number: int) -> str:
        return pattern.format(year=self.fiscal_year, number=number)


_DRAW = text("""
    insert into number_series as s
      (tenant_id, id, company_id, kind, establishment, fiscal_year, pattern, next_number, last_date)
    values (:tenant, gen_random_uuid(), :company, :kind, :establishment, :fiscal_year, :pattern, 1 + :count, :dated)
    on conflict (tenant_id, company_id, kind, establishment, fiscal_year)
    do update set next_number = s.next_number + :count, last_date = greatest(s.last_date, excluded.last_date)
    where excluded.last_date is null or s.last_date is null or excluded.last_date >= s.last_date
    returning next_number - :count, pattern
""")


def draw(connection: Connection, series: Series, *, count: int = 1, dated: date | None = None) -> list[str]:
    """The next `count` numbers. With a date (legal papers), it may not lie before that of the last number given."""
    row = connection.execute(
        _DRAW,
        {
            "tenant": series.tenant,
            "company": series.company,
            "kind": series.kind,
            "establishment": series.establishment,
            "fiscal_year": series.fiscal_year,
            "pattern": series.pattern,
            "count": count,
            "dated": dated,
        },
    ).one_or_none()
    if row is None:
        raise BadInput("The date lies before that of the last number given in this series; choose a later one.")
    return [series.written(row[1], row[0] + offset) for offset in range(count)]


class Blocks:
    """The numbers a process has in hand."""

    def __init__(self) -> None:
        self._hand: dict[Series, deque[str]] = {}

    def take(self, series: Series) -> str | None:
        hand = self._hand.get(series)
        return hand.popleft() if hand else None

    def refill(self, series: Series, numbers: list[str]) -> None:
        self._hand.setdefault(series, deque()).extend(numbers)
