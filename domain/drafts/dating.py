"""When papers of today may be dated; what is entered of the past has rules of its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from domain.kernel.documents import Document
from domain.kernel.errors import BadInput
from domain.kernel.work import Work
from domain.parties.company import Company

FIRST = date(1990, 1, 1)
AHEAD = timedelta(days=366)


def dated(work: Work, company: Company, kind: type[Document], given: date | None) -> date:
    """The date of a paper, today if none is given. A mistyped year is refused.

    Papers of goods that moved, and of what is owed, say what has happened; they are not of the future.
    """
    today = company.today(work.now)
    found = given or today
    if not FIRST <= found <= today + AHEAD:
        raise BadInput(f"Check the year; papers are dated from {FIRST} to a year ahead.", path=("dated",))
    if found > today and (kind.route is not None or kind.numbered_at == "posting"):
        raise BadInput("This cannot have happened in the future.", path=("dated",))
    return found


def no_earlier(work: Work, company: Company, paper: Document, sources: Iterable[Document]) -> None:
    """Goods do not move before the day on which they were ordered, nor go back before they came."""
    for source in sources:
        agreed = company.today(source.confirmed_at or source.posted_at or work.now)
        earliest = min(source.dated, agreed)
        if paper.dated < earliest:
            raise BadInput(
                f"{source.number} is of {earliest}; what follows from it is of that day or later.", path=("dated",)
            )
