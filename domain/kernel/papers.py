"""How a new paper comes into the world."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from domain.kernel.base import again
from domain.kernel.commands import Ref
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.errors import BadInput, NotFound, at
from domain.kernel.events import record_type
from domain.kernel.following import follow
from domain.kernel.numbering import Series
from domain.kernel.references import referred
from domain.kernel.work import Work

Paper = TypeVar("Paper", bound=Document)


def issue(work: Work, paper: Paper) -> Paper:
    """Give the paper the next number of its kind, company and year, write it, and tell that it was created.

    Whoever made it follows it. A paper that is only tried has no number, nor has one that takes it at posting.
    """
    if paper.numbered_at == "start":
        paper.number = work.number(_series(work, paper))
    work.add(paper)
    work.note(paper, "created")
    follow(work, paper, {work.actor.user: "created"})
    return paper


def number(work: Work, paper: Document) -> None:
    """Give a legal paper its number, in a series without gaps, as the last thing that is done with it."""
    if paper.numbered_at == "posting" and paper.number is None:
        with at("dated"):
            paper.number = work.legal_number(_series(work, paper), paper.dated if paper.numbered_by_date else None)


def hold(work: Work, ids: Iterable[UUID]) -> list[Document]:
    """Lock papers and all papers that they were made from, in the order of their ids; answers with the first.

    All are loaded whole, and found by `Work.locked` as they are held.
    """
    wanted = set(ids)
    papers = work.hold(Document, {*wanted, *origins(work, wanted)}, *Document.whole())
    return [paper for id, paper in papers.items() if id in wanted and work.sees(paper)]


def origins(work: Work, ids: Iterable[UUID], relations: Iterable[str] | None = None) -> set[UUID]:
    """The papers whose lines those of these papers are linked to, by whichever relation or one of these."""
    mine, theirs = again(Line, "mine"), again(Line, "theirs")
    statement = (
        select(theirs.document_id)
        .distinct()
        .join(LineLink, (LineLink.tenant_id == theirs.tenant_id) & (LineLink.to_line_id == theirs.id))
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .where(theirs.tenant_id == work.actor.tenant, mine.document_id.in_(list(ids)))
    )
    if relations is not None:
        statement = statement.where(LineLink.relation.in_(list(relations)))
    return set(work.session.scalars(statement))


def _series(work: Work, paper: Document) -> Series:
    kind = type(paper)
    return Series(work.actor.tenant, paper.company_id, record_type(kind), paper.dated.year, kind.series)


def kind_of(work: Work, named: Ref) -> type[Document]:
    """The kind of the paper that a request names, where it may name any; NotFound if there is none like it."""
    if named.type is not None:
        if named.type not in kinds():
            raise NotFound
        return kinds()[named.type]
    if named.id is not None:
        return Document
    key = named.source or "", [named.key or ""]
    found = [kind for word, kind in kinds().items() if referred(work.session, word, *key)]
    if len(found) > 1:
        raise BadInput("Papers of several kinds are known by this key; name the paper by its id.")
    return found[0] if found else Document


def kinds() -> dict[str, type[Document]]:
    """Every kind of paper by its word."""
    mappers = Document.__mapper__.self_and_descendants
    return {record_type(one.class_): one.class_ for one in mappers if one.class_ is not Document}


def numbered(word: str) -> type[Document]:
    """The kind of paper that a word names."""
    known = kinds()
    if word not in known:
        raise BadInput(f"{word!r} is no kind of paper; known are {', '.join(sorted(known))}.")
    return known[word]
