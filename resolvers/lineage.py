"""What papers were made from, and what was made from them: by their lines, of all papers of an operation at once.

A paper that the reader may not see is left out, with all that was taken of it: that it is there is nobody's business.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, any_, literal, select

from domain.kernel.documents import Line, LineLink
from domain.kernel.tenancy import view
from resolvers.reading import Reading
from resolvers.scope import visible
from resolvers.sources import Found, Noun

Lineage = Callable[[Reading, Sequence[Found]], Awaitable[list[list[dict[str, Any]]]]]
FROM, TO = "from_line_id", "to_line_id"


def papers(mine: str, theirs: str) -> Lineage:
    """By paper: the papers at the other end of the links of its lines, each with the relation, once."""

    async def act(reading: Reading, rows: Sequence[Found]) -> list[list[dict[str, Any]]]:
        link, here, there = view(LineLink), view(Line).alias(), view(Line).alias()
        paper = _papers(rows).table.alias()
        statement = (
            select(here.c.document_id.label("of"), there.c.document_id, link.c.relation)
            .join(link, link.c[mine] == here.c.id)
            .join(there, there.c.id == link.c[theirs])
            .join(paper, paper.c.id == there.c.document_id)
            .where(here.c.document_id == _any(rows), *visible(_papers(rows), paper, reading.actor))
            .group_by(here.c.document_id, there.c.document_id, link.c.relation)
            .order_by(there.c.document_id, link.c.relation)
        )
        return _by_parent(rows, await reading.rows(statement))

    return act


def lines(mine: str, theirs: str) -> Lineage:
    """By line: the lines at the other end of its links, each with the relation and how much."""

    async def act(reading: Reading, rows: Sequence[Found]) -> list[list[dict[str, Any]]]:
        link, there = view(LineLink), view(Line).alias()
        paper = _papers(rows).table.alias()
        statement = (
            select(link.c[mine].label("of"), link.c[theirs].label("line_id"), link.c.relation, link.c.quantity)
            .join(there, there.c.id == link.c[theirs])
            .join(paper, paper.c.id == there.c.document_id)
            .where(link.c[mine] == _any(rows), *visible(_papers(rows), paper, reading.actor))
            .order_by(link.c.id)
        )
        return _by_parent(rows, await reading.rows(statement))

    return act


def _papers(rows: Sequence[Found]) -> Noun:
    """The noun of papers of any kind, which those of lines and of single kinds lead to."""
    return rows[0].of.fields["reverses" if "reverses" in rows[0].of.fields else "document"].leads_to


def _by_parent(rows: Sequence[Found], found: Sequence[Any]) -> list[list[dict[str, Any]]]:
    grouped: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for row in found:
        grouped[row["of"]].append(dict(row))
    return [grouped[row["id"]] for row in rows]


def _any(rows: Sequence[Found]) -> Any:
    return any_(literal([row["id"] for row in rows], ARRAY(Uuid())))


origins, begotten = papers(FROM, TO), papers(TO, FROM)
line_origins, line_begotten = lines(FROM, TO), lines(TO, FROM)
