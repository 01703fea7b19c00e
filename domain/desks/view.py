"""A view is a worklist that somebody keeps: their own, or shared with everybody in the firm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Index, false
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from domain.desks.worklist import Worklist, spoken
from domain.kernel.actor import Actor
from domain.kernel.archiving import archivable
from domain.kernel.base import Record
from domain.kernel.commands import Command, command, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, as_given
from domain.kernel.forms import Form
from domain.kernel.text import line, paragraph
from domain.kernel.work import Work

KEEP, SHARE = "desk.keep", "desk.share"
MOST = 20_000
_WORDS = {"personal": True}


class View(Record):
    """What `owned_by`, a person or a key, wants to see again. What it says goes into no event: it is theirs."""

    __tablename__ = "saved_view"
    __table_args__ = (Index(None, "tenant_id", "owned_by"),)

    name: Mapped[str] = mapped_column(info=_WORDS)
    description: Mapped[str | None] = mapped_column(info=_WORDS)
    on: Mapped[str] = mapped_column("connection", key="on")
    filter: Mapped[dict[str, Any]] = mapped_column(info=_WORDS)
    order_by: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    search: Mapped[str | None] = mapped_column(info=_WORDS)
    shared: Mapped[bool] = mapped_column(default=False, server_default=false())
    owned_by: Mapped[UUID | None]

    def seen_by(self, actor: Actor) -> bool:
        """One's own, and what is shared within the firm."""
        mine = self.owned_by is not None and self.owned_by == actor.signature
        return mine or (self.shared and actor.partner is None)


def conditions(given: Any) -> dict[str, Any]:
    """A filter as it is kept, its decimals as exact texts; whether the list can be asked with it, the API tells."""
    if not isinstance(given, Mapping):
        raise BadInput("Give the filter as an object, as you would give it to the list itself.")
    text = json.dumps(given, default=str)
    if len(text) > MOST:
        raise BadInput(f"Too long; at most {MOST} characters of JSON.")
    kept: dict[str, Any] = json.loads(text)
    return kept


def keys(given: Sequence[Any]) -> list[Any]:
    """The keys of an order as they are kept."""
    return conditions({"keys": list(given)})["keys"]  # type: ignore[no-any-return]


def _may_tend(work: Work, view: View | None, after: Values) -> None:
    if after["shared"] or (view is not None and view.shared):
        work.actor.must(SHARE)


def _can_be_asked(work: Work, _: View | None, after: Values) -> None:
    asked: dict[str, Any] = {name: after.get(name) for name in ("on", "name", "filter", "order_by", "search")}
    spoken().check(work.actor, Worklist(**asked))


FORM = Form(
    model=View,
    fields={
        "name": line,
        "description": paragraph,
        "on": line,
        "filter": conditions,
        "order_by": keys,
        "search": line,
        "shared": as_given,
    },
    rules=(_may_tend, _can_be_asked),
)


@command(right=KEEP, answers=View)
class CreateView(Command):
    """Keep a list with its filter, order and search under a name, to see it again and to count it."""

    name: str = said("What to call it.")
    description: str | None = said("What it shows, and what to do about it.", default=None)
    on: str = said("Which list it shows, by its name at the root of the API, such as purchaseOrders.")
    filter: dict[str, Any] = said(
        "The list's filter, as one gives it to the list itself. In place of a value, the text `$today` stands for the "
        "day, `$now` for the moment and `$me` for the id of whoever reads; `$today+7` and `$now-30` are so many days "
        "later or earlier.",
        default_factory=dict,
    )
    order_by: Sequence[dict[str, Any]] = said("The list's order, as one gives it to the list itself.", default=())
    search: str | None = said("A text to search for, if the list can be searched.", default=None)
    shared: bool = said("Whether everybody in the firm sees it. That needs the right desk.share.", default=False)

    def act(self, work: Work) -> View:
        view = FORM.create(work, self)
        view.owned_by = work.actor.signature
        return view


UpdateView = editable(CreateView, FORM)


def _unless_shared(work: Work, view: View) -> None:
    _may_tend(work, view, {"shared": False})


ArchiveView, RestoreView = archivable(
    View, right=KEEP, before_archiving=_unless_shared, before_restoring=_unless_shared
)
