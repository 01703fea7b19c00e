"""Numbers come from a series per company, kind of paper, establishment and fiscal year.

Where gaps do not matter (orders, receipts) a process takes numbers from blocks, each fetched in a short transaction of
its own, so that writers do not queue. Legal papers draw theirs under lock as the last statement before commit. A block
knows which version of its series it is from: once that has changed, its numbers are given to nobody.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, func, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, unique
from domain.kernel.errors import BadInput
from domain.kernel.text import line

BLOCK = 20
ALL_YEARS = 0
"""The fiscal year of a series whose pattern names no year: its numbers run on, or they would come again each year."""
LONGEST = 40
_LATEST, _LAST = 9999, 2**31 - 1
_WORDS = re.compile(r"\{year\}|\{number(?::0([1-9]\d?)d)?\}")


class NumberSeries(Record):
    """One series. `pattern` holds the words {year} and {number}; `next_number` is the first not yet given out.

    The first paper of a year makes the series of that year, without an event: it is version 0 until it is set.
    """

    __tablename__ = "number_series"
    __table_args__ = (unique("company_id", "kind", "establishment", "fiscal_year"),)

    company_id: Mapped[UUID] = ref("company")
    kind: Mapped[str]
    establishment: Mapped[str] = mapped_column(default="")
    fiscal_year: Mapped[int]
    pattern: Mapped[str]
    next_number: Mapped[int] = mapped_column(default=1)
    last_date: Mapped[date | None]
    version: Mapped[int] = mapped_column(default=1, server_default="0", sort_order=80)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=81)
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now(), sort_order=83)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=text("'{}'"), sort_order=86)


@dataclass(frozen=True, slots=True)
class Series:
    """What names a series, and the pattern it begins with. `edition` is its version, if there is one yet."""

    tenant: int
    company: UUID
    kind: str
    fiscal_year: int
    pattern: str = field(compare=False)
    establishment: str = ""
    edition: int | None = field(default=None, compare=False)

    def named(self, **more: Any) -> dict[str, Any]:
        """What names it, and more, for a statement."""
        return {
            "tenant": self.tenant, "company": self.company, "kind": self.kind, "establishment": self.establishment,
            "fiscal_year": self.fiscal_year, **more,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Drawn:
    """Numbers, and the version of the series they are from."""

    edition: int
    numbers: deque[str]


def written(pattern: str, year: int, number: int) -> str:
    """A number as it stands on the paper: {year}, {number} and {number:05d} are replaced, and nothing else."""
    return _WORDS.sub(
        lambda found: str(year) if found[0] == "{year}" else str(number).zfill(int(found[1] or 0)), pattern
    )


def pattern(value: str) -> str:
    """A pattern under which no two numbers of a series are alike."""
    found = line(value)
    if {"{", "}"} & set(_WORDS.sub("", found)):
        raise BadInput("In braces write {year}, {number}, or {number:05d} for at least five digits, and nothing else.")
    if found.count("{number") != 1:
        raise BadInput("Write {number} where the number shall stand, once.")
    if len(written(found, _LATEST, _LAST)) > LONGEST:
        raise BadInput(f"Too long; numbers have at most {LONGEST} characters, of which the count may take ten.")
    return found


def in_force(connection: Connection, series: Series) -> Series:
    """The series from which the numbers come: that of the year, unless one runs through all years."""
    row = connection.execute(_IN_FORCE, series.named(all_years=ALL_YEARS)).one_or_none()
    return series if row is None else replace(series, fiscal_year=row.fiscal_year, edition=row.version)


def is_taken(connection: Connection, series: Series, number: str) -> bool:
    """Whether a paper of this kind has the number already, as papers brought in from elsewhere may."""
    return bool(_taken(connection, series, [number]))


def draw(connection: Connection, series: Series, *, count: int = 1, dated: date | None = None) -> Drawn:
    """The next `count` numbers that no paper has. With a date (legal papers), it may not lie before that of the last.

    The series is locked until the transaction ends.
    """
    row = connection.execute(_LOCK, series.named(pattern=series.pattern, dated=dated)).one_or_none()
    if row is None:
        raise BadInput("The date lies before that of the last number given in this series; choose a later one.")
    numbers, following = _free(connection, replace(series, pattern=row.pattern), row.next_number, count)
    connection.execute(_ADVANCE, series.named(next_number=following))
    return Drawn(row.version, numbers)


class Blocks:
    """The numbers a process has in hand."""

    def __init__(self) -> None:
        self._hand: dict[Series, Drawn] = {}

    def take(self, series: Series) -> str | None:
        """A number of this version of the series or a newer one, if one is in hand."""
        hand = self._hand.get(series)
        if hand is None or not hand.numbers or hand.edition < (series.edition or 0):
            return None
        return hand.numbers.popleft()

    def refill(self, series: Series, drawn: Drawn) -> None:
        self._hand[series] = drawn


def _free(connection: Connection, series: Series, first: int, count: int) -> tuple[deque[str], int]:
    """The first `count` free numbers from `first` on, and what follows the last of them."""
    free: dict[str, int] = {}
    look = count
    while len(free) < count:
        run = {written(series.pattern, series.fiscal_year, number): number for number in range(first, first + look)}
        taken = _taken(connection, series, list(run))
        free |= {name: number for name, number in run.items() if name not in taken}
        first, look = first + look, min(look * 2, 5000)
    kept = list(free)[:count]
    return deque(kept), free[kept[-1]] + 1


def _taken(connection: Connection, series: Series, numbers: Sequence[str]) -> set[str]:
    return set(connection.scalars(_TAKEN, series.named(numbers=numbers)))


_NAMED = "tenant_id = :tenant and company_id = :company and kind = :kind"
_THIS = f"{_NAMED} and establishment = :establishment and fiscal_year = :fiscal_year"
_IN_FORCE = text(f"""
    select fiscal_year, version from number_series
    where {_NAMED} and establishment = :establishment
      and (fiscal_year = :fiscal_year or fiscal_year = :all_years and archived_at is null)
    order by fiscal_year limit 1
""")  # noqa: S608 - our own words
_LOCK = text(f"""
    insert into number_series as s
      (tenant_id, id, company_id, kind, establishment, fiscal_year, pattern, next_number, last_date)
    values (:tenant, gen_random_uuid(), :company, :kind, :establishment, :fiscal_year, coalesce((
      select pattern from number_series where {_NAMED} and establishment = :establishment and fiscal_year > 0
      order by fiscal_year desc limit 1), :pattern), 1, :dated)
    on conflict (tenant_id, company_id, kind, establishment, fiscal_year)
    do update set last_date = greatest(s.last_date, excluded.last_date)
    where excluded.last_date is null or s.last_date is null or excluded.last_date >= s.last_date
    returning next_number, pattern, version
""")  # noqa: S608 - our own words
_ADVANCE = text(f"update number_series set next_number = :next_number where {_THIS}")  # noqa: S608 - our own words
_TAKEN = text(f"select number from document where {_NAMED} and number = any(:numbers)")  # noqa: S608 - our own words
