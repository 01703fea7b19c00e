"""Lists that answer a question of the trade, as conditions on rows: `(table, actor, **arguments) -> conditions`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import FromClause, and_, false, func, or_, select

from domain.comments.comment import Comment
from domain.kernel.actor import Actor
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, at
from domain.kernel.events import Event
from domain.kernel.tenancy import view
from domain.parties.partner import Partner
from resolvers.asking import PARTNER, SIGNATURE, USER
from resolvers.ids import key_of

INTERNAL = ".assigned"
"""How the type of an event ends that is nobody's business but the house's."""


def expected(
    table: FromClause,
    _actor: Actor,
    *,
    since: date | None = None,
    until: date | None = None,
    vendor: str | None = None,
) -> list[Any]:
    """Confirmed orders of which something is still to come, by the day it should."""
    conditions = [table.c.state == "confirmed", table.c.receipt_state.in_(["pending", "partial"])]
    if since is not None:
        conditions.append(table.c.expected_on >= since)
    if until is not None:
        conditions.append(table.c.expected_on <= until)
    if vendor is not None:
        conditions.append(_by(table, vendor))
    return conditions


def awaiting(table: FromClause, actor: Actor) -> list[Any]:
    """Open questions that the actor may answer: a person with the right, neither requester nor last editor."""
    if actor.user is None or not actor.may("purchase.approve"):
        return [false()]
    paper = view(Document).alias()
    mine = select(paper.c.id).where(
        paper.c.id == table.c.document_id,
        paper.c.submitted_by.is_distinct_from(USER),
        paper.c.edited_by.is_distinct_from(USER),
    )
    return [table.c.state == "open", mine.exists()]


def own_events(table: FromClause, actor: Actor) -> list[Any]:
    """Events of the papers of the actor's own firm, from when they were issued to it."""
    paper, issue = view(Document).alias(), Event.__table__.alias()
    told = table.c.type != paper.c.kind + INTERNAL
    issued = (
        select(func.max(issue.c.sequence))
        .where(issue.c.record_id == table.c.record_id, issue.c.changes.has_key("issued_at"))
        .correlate(table)
        .scalar_subquery()
    )
    since = and_(table.c.at >= paper.c.issued_at, table.c.sequence >= func.coalesce(issued, 0))
    return [select(paper.c.id).where(paper.c.id == table.c.record_id, *own_papers(paper, actor), since, told).exists()]


def own_papers(table: FromClause, _actor: Actor) -> list[Any]:
    """The papers of the actor's own firm, from when they were issued to it: not while the house still thinks."""
    return [table.c.partner_id == PARTNER, table.c.issued_at.is_not(None)]


def own_firm(table: FromClause, _actor: Actor) -> list[Any]:
    """The record of the actor's own firm."""
    return [table.c.id == PARTNER]


def unless_archived(table: FromClause, _actor: Actor, *, archived: bool | None = None) -> list[Any]:
    """Rows in use or, if asked for, also those put away."""
    return [] if archived else [table.c.archived_at.is_(None)]


def not_left(table: FromClause, _actor: Actor) -> list[Any]:
    """Followers that are still there."""
    return [table.c.left_at.is_(None)]


def my_mentions(table: FromClause, actor: Actor) -> list[Any]:
    """Mentions of the actor, a person, in comments that were not put away."""
    comment = view(Comment).alias()
    there = select(comment.c.id).where(comment.c.id == table.c.comment_id, comment.c.archived_at.is_(None))
    return [table.c.user_id == USER if actor.user else false(), there.exists()]


def seen_views(table: FromClause, actor: Actor) -> list[Any]:
    """Views of the actor's own, and those that are shared within the firm."""
    mine = false() if actor.signature is None else table.c.owned_by == SIGNATURE
    return [mine if actor.partner is not None else or_(mine, table.c.shared)]


def selected_events(table: FromClause, _actor: Actor, *, filter: Mapping[str, Any] | None = None) -> list[Any]:
    """Events of these kinds of records, of these records, of these types; what is not given limits nothing."""
    chosen = chosen_events(filter)
    columns = {"kind": table.c.record_type, "id": table.c.record_id, "type": table.c.type}
    return [columns[name].in_(values) for name, values in chosen.items()]


def chosen_events(filter: Mapping[str, Any] | None) -> dict[str, list[Any]]:
    """What a filter of events limits, with ids as keys; BadInput for what is no id."""
    given = {name: values for name, values in (filter or {}).items() if values is not None}
    with at("filter"):
        return {name: _keys(values) if name == "id" else values for name, values in given.items()}


def _keys(ids: list[str]) -> list[UUID]:
    found = []
    for index, one in enumerate(ids):
        with at("id", index):
            found.append(key_of(one)[1])
    return found


def _by(table: FromClause, vendor: str) -> Any:
    with at("vendor"):
        word, key = key_of(vendor)
        if word != Partner.__tablename__:
            raise BadInput("This is not the id of a partner.")
        return table.c.partner_id == key
