"""Who wants to hear of a paper: those whom it concerns follow it by themselves, and each may leave or join."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import (
    ARRAY,
    TIMESTAMP,
    Integer,
    Text,
    Uuid,
    bindparam,
    column,
    exists,
    func,
    or_,
    select,
    table,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.orm import Mapped
from sqlalchemy.types import TypeEngine

from domain.kernel.base import Owned, ref, unique, uuid7

if TYPE_CHECKING:
    from domain.kernel.documents import Document
    from domain.kernel.work import Work

REASONS: dict[str, str] = {
    "asked": "They chose to.",
    "created": "They made the paper.",
    "submitted": "They asked for its approval.",
    "commented": "They wrote a comment on it.",
    "mentioned": "A comment names them.",
    "assigned": "It was given to them.",
}
CALLED = ("asked", "mentioned", "assigned")
"""Reasons that bring back whoever has left; by the others, leaving sticks."""
_PEOPLE = table("user_account", column("tenant_id"), column("id"))


class Follower(Owned):
    """That a person follows a paper and `because` of what or, once they have left, that they do not want to.

    Not a part of the paper: who follows it changes neither its version nor its history.
    """

    __tablename__ = "follower"
    __table_args__ = (unique("document_id", "user_id"),)

    document_id: Mapped[UUID] = ref("document", indexed=False)
    user_id: Mapped[UUID] = ref("user_account")
    because: Mapped[str]
    since: Mapped[datetime]
    left_at: Mapped[datetime | None]


def follow(work: Work, paper: Document, people: Mapping[UUID | None, str]) -> None:
    """Let these people follow the paper, each for a reason; whoever is no person of the tenant is passed over.

    Nothing is written, and so nobody waited for, where nothing changes. Two transactions that make the same person a
    follower at the same time do wait for each other: call this last.
    """
    joining = sorted(filter(None, people))
    if joining:
        work.session.flush()
        given = {"ids": [uuid7() for _ in joining], "users": joining, "reasons": [people[user] for user in joining]}
        work.session.execute(_JOINING, {"tenant": work.actor.tenant, "paper": paper.id, "now": work.now, **given})


def leave(work: Work, paper: Document, user: UUID) -> None:
    """Let a person follow no more, whether they did or not: what only concerns them does not bring them back."""
    row = {"tenant_id": work.actor.tenant, "document_id": paper.id, "user_id": user}
    statement = insert(Follower).values(id=uuid7(), **row, because="asked", since=work.now, left_at=work.now)
    work.session.execute(
        statement.on_conflict_do_update(
            index_elements=list(row), set_={"left_at": work.now}, where=Follower.left_at.is_(None)
        )
    )


def _joining() -> Insert:
    tenant, paper, now = (bindparam(name, type_=kind) for name, kind in _OF_ALL.items())
    lists = (bindparam(name, type_=ARRAY(kind)) for name, kind in _OF_EACH.items())
    each = (column("id", Uuid), column("user_id", Uuid), column("because", Text))
    given = func.unnest(*lists).table_valued(*each, name="given").render_derived()
    followers: Any = Follower.__table__
    follower = followers.c
    settled = or_(follower.left_at.is_(None), given.c.because.not_in(CALLED))
    wanted = (
        select(tenant, given.c.id, paper, given.c.user_id, given.c.because, now)
        .join_from(given, _PEOPLE, (_PEOPLE.c.tenant_id == tenant) & (_PEOPLE.c.id == given.c.user_id))
        .where(
            ~exists().where(
                follower.tenant_id == tenant,
                follower.document_id == paper,
                follower.user_id == given.c.user_id,
                settled,
            )
        )
        .order_by(given.c.user_id)
    )
    joining = insert(followers)
    return joining.from_select(
        ["tenant_id", "id", "document_id", "user_id", "because", "since"], wanted
    ).on_conflict_do_update(
        index_elements=["tenant_id", "document_id", "user_id"],
        set_={"left_at": None, "because": joining.excluded.because, "since": joining.excluded.since},
        where=follower.left_at.is_not(None) & joining.excluded.because.in_(CALLED),
    )


_OF_ALL: Mapping[str, TypeEngine[Any]] = {"tenant": Integer(), "paper": Uuid(), "now": TIMESTAMP(timezone=True)}
_OF_EACH: Mapping[str, TypeEngine[Any]] = {"ids": Uuid(), "users": Uuid(), "reasons": Text()}
_JOINING = _joining()
"""Made once: to make a statement of this size takes longer than to run it."""
