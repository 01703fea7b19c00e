"""How a new paper comes into the world."""

from __future__ import annotations

from typing import TypeVar

from domain.kernel.commands import Ref
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, NotFound
from domain.kernel.events import record_type
from domain.kernel.following import follow
from domain.kernel.numbering import Series
from domain.kernel.references import referred
from domain.kernel.work import Work

Paper = TypeVar("Paper", bound=Document)


def issue(work: Work, paper: Paper) -> Paper:
    """Give the paper the next number of its kind, company and year, write it, and tell that it was created.

    Whoever made it follows it. A paper that is only tried has no number.
    """
    kind = type(paper)
    series = Series(work.actor.tenant, paper.company_id, record_type(kind), paper.dated.year, kind.series)
    paper.number = work.number(series)
    work.add(paper)
    work.note(paper, "created")
    follow(work, paper, {work.actor.user: "created"})
    return paper


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
