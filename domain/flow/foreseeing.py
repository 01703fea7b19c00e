"""What papers were made from and what rests on them, looked up for many at once where it is asked what may be done.

Guards ask paper by paper; a list that tells what can be done with each of its papers foresees it for all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from domain.flow.table import AHEAD, FEEDS
from domain.kernel.base import again
from domain.kernel.documents import IDLE, Document, Line, LineLink
from domain.kernel.recall import once
from domain.kernel.work import Work
from domain.purchase.tolerance import Tolerance
from domain.stock import ledger

Found = TypeVar("Found")


def foresee(work: Work, papers: Iterable[Document]) -> None:
    """Look up all that guards will ask of these papers, which are whole, in a few statements for any number."""
    known = list(papers)
    lines = [line for paper in known for line in paper.lines]
    ledger.stocked(work, [line.product_id for line in lines])
    Tolerance.know(work, lines)
    for find in (_sources, _resting):
        found = find(work, known)
        for paper in known:
            _kept(work, paper, find, found)


def seen_sources(work: Work, paper: Document) -> list[Document]:
    """The papers that a paper was made from, in the order of their ids; they need not be locked."""
    if not any(line.links for line in paper.lines):
        return []
    return _kept(work, paper, _sources) or []


def resting(work: Work, paper: Document) -> str | None:
    """The number of the first paper in force that was made from this one."""
    return _kept(work, paper, _resting)


Find = Callable[[Work, list[Document]], Mapping[UUID, Found]]


def _kept(work: Work, paper: Document, find: Find[Found], found: Mapping[UUID, Found] | None = None) -> Found | None:
    """What was found for a paper in the state and version it has, or is found now."""
    key = find, paper.id, paper.version
    return once(work, key, lambda: (find(work, [paper]) if found is None else found).get(paper.id))


def _sources(work: Work, papers: list[Document]) -> Mapping[UUID, list[Document]]:
    made = [paper.id for paper in papers if any(line.links for line in paper.lines)]
    if not made:
        return {}
    mine, theirs = again(Line, "mine"), again(Line, "theirs")
    ends = (
        select(mine.document_id, theirs.document_id)
        .distinct()
        .join(LineLink, (LineLink.tenant_id == mine.tenant_id) & (LineLink.from_line_id == mine.id))
        .join(theirs, (theirs.tenant_id == LineLink.tenant_id) & (theirs.id == LineLink.to_line_id))
        .where(mine.tenant_id == work.actor.tenant, mine.document_id.in_(made), LineLink.relation.in_(FEEDS))
    )
    pairs = sorted(tuple(row) for row in work.session.execute(ends))
    statement = select(Document).where(
        Document.tenant_id == work.actor.tenant, Document.id.in_({source for _, source in pairs})
    )
    known = {one.id: one for one in work.session.scalars(statement.options(*Document.whole()))}
    found: dict[UUID, list[Document]] = {}
    for id, source in pairs:
        found.setdefault(id, []).append(known[source])
    return found


def _resting(work: Work, papers: list[Document]) -> Mapping[UUID, str]:
    mine, theirs, other = again(Line, "mine"), again(Line, "theirs"), again(Document, "other")
    statement = (
        select(mine.document_id, other.id, other.number)
        .join(LineLink, (LineLink.tenant_id == mine.tenant_id) & (LineLink.to_line_id == mine.id))
        .join(theirs, (theirs.tenant_id == LineLink.tenant_id) & (theirs.id == LineLink.from_line_id))
        .join(other, (other.tenant_id == theirs.tenant_id) & (other.id == theirs.document_id))
        .where(mine.tenant_id == work.actor.tenant, mine.document_id.in_([paper.id for paper in papers]))
        .where(other.state.not_in(IDLE), LineLink.relation.in_(FEEDS.keys() - {AHEAD}))
        .distinct()
        .order_by(other.id.desc())
    )
    return {id: str(number) for id, _, number in work.session.execute(statement)}
