"""A count is booked: what lies at a place otherwise than the books say is moved to or from a place outside."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, case, func, or_, select

from domain.catalog.product import Product
from domain.catalog.unit import Unit
from domain.kernel import text
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.decimals import checked
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import BadInput, at
from domain.kernel.fields import day
from domain.kernel.recall import once, recall_one
from domain.kernel.references import ExternalKey, attach
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.stock import ledger
from domain.stock.count import StockCount
from domain.stock.location import Location
from domain.stock.move import Move


@command(right="history.record", answers=StockCount, public=False)
class RecordStockCount(Command):
    """Enter what lay at a place on a day of the past, as the source counted it.

    What the books say otherwise came or went without a paper here: it is moved from or to a place outside the
    records, never to the losses. A count that the books agree with is kept, and moves nothing.
    """

    product: Ref = said("What was counted, archived or not.")
    location: Ref = said("Where; an internal location.")
    quantity: Decimal = said("How much lay there, in the product's stock unit.")
    dated: date = said("The day of the count; not before what else is recorded of the product there.")
    against: Ref | None = said(
        "The place outside the records that the difference comes from or goes to; the company's if not given.",
        default=None,
    )
    reason: str | None = said("What the difference is, as far as anybody knows.", default=None)
    external: ExternalKey = said("The source, and the key of the count there; each key counts once.")

    def act(self, work: Work) -> StockCount:
        with at("product"):
            product = recall_one(work, Product, self.product)
            if not product.is_stocked:
                raise BadInput(f"{product.sku} is not kept in stock; there is nothing to count.")
        with at("location"):
            place = _place(work, self.location, kind="internal")
        count = StockCount(
            company_id=place.company_id, product_id=product.id, location_id=place.id,
            against_id=_against(work, place, self.against), counted=_counted(work, product, self.quantity),
        )  # fmt: skip
        with at("dated"):
            count.dated = _past(work, place, self.dated)
        with at("reason"):
            count.reason = text.paragraph(self.reason) if self.reason else None
        book(work, count, action="recorded")
        attach(work, count, self.external)
        return count


def book(work: Work, count: StockCount, *, action: str) -> StockCount:
    """Write a count, tell of it by an event of that name, and move what the books say otherwise.

    What moved there since by living work came after the count, and stays. BadInput if a later day of the past is
    recorded there: a count that closes the books of a source comes last.
    """
    place = count.product_id, count.location_id
    position = ledger.positions(work, count.company_id, [place])[place]
    last, since = _moved(work, *place, count.dated)
    if last is not None and count.dated < last and _is_of_the_past(work, *place, count.dated):
        raise BadInput(f"Goods moved here on {last}; a count cannot be dated before.", path=("dated",))
    count.booked = position.on_hand - since
    work.add(count)
    work.note(count, action)
    ledger.post(work, count.company_id, _difference(count), dated=count.dated)
    return count


def _difference(count: StockCount) -> list[ledger.Leg]:
    more = count.counted - count.booked
    if not more:
        return []
    ends = (count.against_id, count.location_id) if more > 0 else (count.location_id, count.against_id)
    return [ledger.Leg(product=count.product_id, origin=ends[0], target=ends[1], quantity=abs(more), count=count.id)]


def _moved(work: Work, product: UUID, location: UUID, day: date) -> tuple[date | None, Decimal]:
    """The last day on which anything moved at a place, and by how much it holds more since `day`."""
    came = case((Move.to_location_id == location, Move.quantity), else_=-Move.quantity)
    since = func.coalesce(func.sum(came).filter(Move.dated > day), ZERO)
    last, more = work.session.execute(_there(work, select(func.max(Move.dated), since), product, location)).one()
    return last, more


def _is_of_the_past(work: Work, product: UUID, location: UUID, day: date) -> bool:
    """Whether anything that moved at a place after `day` was recorded, not done by living work."""
    recorded = or_(Move.count_id.is_not(None), Document.provenance_id.is_not(None))
    statement = (
        select(Move.id)
        .outerjoin(Line, (Line.tenant_id == Move.tenant_id) & (Line.id == Move.line_id))
        .outerjoin(Document, (Document.tenant_id == Line.tenant_id) & (Document.id == Line.document_id))
        .where(Move.dated > day, Move.reverses_id.is_(None), recorded)
        .limit(1)
    )
    return work.session.execute(_there(work, statement, product, location)).first() is not None


def _there(work: Work, statement: Select[Any], product: UUID, location: UUID) -> Select[Any]:
    return statement.where(
        Move.tenant_id == work.actor.tenant,
        Move.product_id == product,
        or_(Move.from_location_id == location, Move.to_location_id == location),
    )


def _place(work: Work, ref: Ref, *, kind: str) -> Location:
    place = recall_one(work, Location, ref)
    if place.kind != kind:
        raise BadInput(f"{place.code} is a location of the kind {place.kind}; choose one of the kind {kind}.")
    return place


def _against(work: Work, place: Location, ref: Ref | None) -> UUID:
    company = place.company_id
    with at("against"):
        if ref is None:
            return once(work, ("unrecorded", company), lambda: ledger.virtual_location(work, company, "unrecorded"))
        other = _place(work, ref, kind="unrecorded")
        if other.company_id != company:
            raise BadInput("Choose a place of the company that owns the location.")
        return other.id


def _counted(work: Work, product: Product, quantity: Decimal) -> Decimal:
    with at("quantity"):
        return checked(quantity, digits=recall_one(work, Unit, product.unit_id).digits, least=ZERO)


def _past(work: Work, place: Location, dated: date) -> date:
    if day(dated) > recall_one(work, Company, place.company_id).today(work.now):
        raise BadInput("A count cannot be dated in the future.")
    return dated
