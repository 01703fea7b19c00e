"""Pages of papers, for whoever may see the paper; what they may not see on it is not on the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING
from uuid import UUID

from domain.kernel.documents import Document
from domain.kernel.errors import NotFound, Refused
from resolvers.context import Context
from resolvers.ids import global_id, key_of
from resolvers.nodes import Nouns
from resolvers.reading import Reading
from resolvers.relations import one
from resolvers.scope import may_see, must_enter
from resolvers.sources import Found

if TYPE_CHECKING:
    from domain.printing.page import Page

ADDRESS = "/documents/{id}.pdf"
"""Where the page of a paper is."""
PRICES = "total"
"""The field whose rights are those of all prices on a page."""


async def links(_: Reading, rows: Sequence[Found]) -> list[str]:
    """For each paper, the path of its page."""
    return [ADDRESS.format(id=global_id(row.of.word, row["id"])) for row in rows]


async def page_of(context: Context, nouns: Nouns, given: str, language: str | None) -> Callable[[], Page]:
    """What makes the page of the paper with an id: it takes a moment, and needs the database no more.

    NotFound for what is no paper, not there or not to be seen; Forbidden if the actor may see none of that kind.
    """
    from domain.printing.gathering import gather
    from domain.printing.page import page
    from domain.printing.words import chosen

    chosen(language, None)
    word, key = _named(given)
    papers = nouns.get(Document.__tablename__)
    noun = papers.kinds.get(word) if papers else None
    if noun is None:
        raise NotFound
    must_enter(noun, context.asking)
    paper = await one(context.reading, noun, key)
    if paper is None:
        raise NotFound
    known = await context.reading.work(lambda work: gather(work, word, key))
    return partial(page, known, language=language, priced=_may_see_prices(paper, context))


def _may_see_prices(paper: Found, context: Context) -> bool:
    return may_see(paper.of.fields[PRICES].source, context.asking, sold=paper.of.is_sold(paper))


def _named(given: str) -> tuple[str, UUID]:
    try:
        return key_of(given)
    except Refused:
        raise NotFound from None
