"""People of the house who may be mentioned in comments, or be given a paper."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ARRAY, FromClause, Text, any_, cast, false, or_, select

from domain.access.role import ROLES
from domain.access.user import User
from domain.comments.readers import READ
from domain.kernel.actor import Actor
from domain.kernel.documents import Document
from domain.kernel.errors import at
from domain.kernel.tenancy import view
from resolvers.asking import COMPANIES
from resolvers.ids import key_of

_PEOPLE = view(User)
COLLEAGUES = (
    select(_PEOPLE.c.id, _PEOPLE.c.account, _PEOPLE.c.name, _PEOPLE.c.roles, _PEOPLE.c.companies)
    .where(_PEOPLE.c.archived_at.is_(None), _PEOPLE.c.partner_id.is_(None))
    .subquery("colleague")
)
"""Who is there and of the house."""
READERS = sorted(role for role, rights in ROLES.items() if READ in rights)


def readers(table: FromClause, actor: Actor, *, document: str | None = None) -> list[Any]:
    """Those who see papers of a company that the actor works for; given a paper of one, those who may read it."""
    reads = or_(*(table.c.roles.contains([role]) for role in READERS))
    if document is None:
        return [reads, table.c.companies.op("?|")(cast(COMPANIES, ARRAY(Text)))]
    if not actor.may(READ):
        return [false()]
    paper = view(Document).alias()
    with at("document"):
        theirs = select(paper.c.id).where(
            paper.c.id == key_of(document)[1],
            paper.c.company_id == any_(COMPANIES),
            table.c.companies.has_key(cast(paper.c.company_id, Text)),
        )
    return [reads, theirs.exists()]
