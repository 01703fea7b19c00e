"""How a new paper comes into the world."""

from __future__ import annotations

from typing import TypeVar

from domain.kernel.documents import Document
from domain.kernel.events import record_type
from domain.kernel.numbering import Series
from domain.kernel.work import Work

Paper = TypeVar("Paper", bound=Document)


def issue(work: Work, paper: Paper) -> Paper:
    """Give the paper the next number of its kind, company and year, write it, and tell that it was created."""
    kind = type(paper)
    series = Series(work.actor.tenant, paper.company_id, record_type(kind), paper.dated.year, kind.series)
    paper.number = work.number(series)
    work.add(paper)
    work.note(paper, "created")
    return paper
