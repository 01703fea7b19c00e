"""How a location is entered and changed; one of a company's receives, and its kind is for good once it was used."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import exists, or_, select

from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.documents import Document
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, NotReady
from domain.kernel.fields import Values, as_given
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line, one_of
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import Company, company_of
from domain.stock.location import KINDS, Location
from domain.stock.move import Move, Position


def _keeps_its_kind(work: Work, place: Location | None, after: Values) -> None:
    if place is None or after["kind"] == place.kind:
        return
    used = or_(
        exists().where(Move.from_location_id == place.id),
        exists().where(Move.to_location_id == place.id),
        exists().where(Position.location_id == place.id),
    )
    if work.session.scalar(select(used)):
        raise BadInput("Goods have been here; enter a new location for another kind.", path=("kind",))


def _receives_at_home(_: Work, __: Any, after: Values) -> None:
    if after["receives"] and after["kind"] != "internal":
        raise BadInput("Goods can only be received at an internal location.", path=("receives",))


def _receives_alone(work: Work, place: Location | None, after: Values) -> None:
    """Setting the mark takes it from the location that had it."""
    if not after["receives"] or (place is not None and place.receives):
        return
    take_turn(work, "receiving location", after["company_id"])
    others = select(Location).where(
        Location.tenant_id == work.actor.tenant, Location.company_id == after["company_id"], Location.receives
    )
    for other in work.session.scalars(others.with_for_update()):
        other.receives = False
    work.session.flush()


FORM = Form(
    model=Location,
    fields={"company": Company, "code": code, "name": line, "kind": one_of(*KINDS), "receives": as_given},
    unique=(("company_id", "code"),),
    rules=(_keeps_its_kind, _receives_at_home, _receives_alone),
)


@command(right="master.write", answers=Location)
class CreateLocation(Command):
    """Enter a place where goods are, or a virtual one for what is outside the house."""

    company: Ref | None = said("Whose it is; needed only if you work for several companies.", default=None)
    code: str = said("What people and labels call it; unique in the company.")
    name: str = said("Its name.")
    kind: str = said(
        "internal: a real place, whose goods are the company's; vendor, customer, loss, transit, production, "
        "unrecorded: where goods come from or go to. For good, once goods have been there.",
        default="internal",
    )
    receives: bool = said(
        "Whether goods come in here unless a paper says otherwise. One location of a company does; setting this takes "
        "it from the other.",
        default=False,
    )
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Location:
        return FORM.create(work, replace(self, company=Ref(id=company_of(work, self.company, "company").id)))


UpdateLocation = editable(CreateLocation, FORM, fixed=frozenset({"company"}))


def _must_be_empty(work: Work, place: Location) -> None:
    if place.receives:
        raise NotReady("Goods come in here unless a paper says otherwise; let another location receive first.")
    full = select(Position.id).where(
        Position.tenant_id == work.actor.tenant,
        Position.location_id == place.id,
        or_(Position.on_hand != 0, Position.incoming != 0),
    )
    if work.session.scalars(full.limit(1)).first() is not None:
        raise NotReady("Goods lie here or are on their way; move them, or receive or close the orders, first.")
    coming = select(Document.id).where(
        Document.tenant_id == work.actor.tenant, Document.destination_id == place.id, Document.state == "shipped"
    )
    if work.session.scalars(coming.limit(1)).first() is not None:
        raise NotReady("A transfer is on its way here; receive it, or take it back, first.")


ArchiveLocation, RestoreLocation = archivable(Location, before_archiving=_must_be_empty)
