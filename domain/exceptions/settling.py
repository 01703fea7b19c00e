"""What import flagged is settled with a reason: resolved once it no longer stands, or waived and left as it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import exists, or_, select

from domain.catalog.product import Product
from domain.catalog.vendor_price import VendorPrice
from domain.exceptions.exception import ImportException
from domain.kernel import text
from domain.kernel.base import again
from domain.kernel.bulk import bulk
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.errors import NotReady, WrongState, at
from domain.kernel.events import Event
from domain.kernel.work import Work
from domain.parties.partner import Address, TaxNumber

RIGHT = "exception.write"
WHICH = "The exception."
SEEN = "The version you saw; refused if it has changed since."
Stands = Callable[[Work, ImportException], str | None]
"""Why a matter still stands, as a sentence that says what to do; None if it stands no longer."""


@command(right=RIGHT, answers=ImportException, public=False)
class SettleException(Command):
    """One exception, and how it is settled."""

    id: Ref = said(WHICH)
    expected_version: int | Absent = said(SEEN, default=ABSENT)
    waive: bool = said("Whether it is left as it is; if not, it counts as put right, and is refused while it stands.")
    reason: str = said("What was done about it, or why nothing is, in a sentence; it stays with the exception.")

    def act(self, work: Work) -> ImportException:
        version = None if self.expected_version is ABSENT else self.expected_version
        matter = work.locked(ImportException, self.id, version)
        if matter.state != "open":
            said_already = f"This is {matter.state} already; there is nothing left to settle."
            raise WrongState(said_already, state=None, possible=())
        with at("reason"):
            matter.settlement = text.paragraph(self.reason)
        if not self.waive:
            _must_be_put_right(work, matter)
        matter.state = "waived" if self.waive else "resolved"
        matter.settled_at, matter.settled_by = work.now, work.actor.signature
        work.note(matter, matter.state)
        return matter


@command(right=RIGHT, answers=ImportException)
class ResolveException(Command):
    """Say that what import flagged has been put right. Refused while the matter still stands."""

    id: Ref = said(WHICH)
    expected_version: int | Absent = said(SEEN, default=ABSENT)
    reason: str = said("What was done about it, in a sentence; it stays with the exception.")

    def act(self, work: Work) -> ImportException:
        return SettleException(**vars(self), waive=False).act(work)


@command(right=RIGHT, answers=ImportException)
class WaiveException(Command):
    """Leave what import flagged as it is."""

    id: Ref = said(WHICH)
    expected_version: int | Absent = said(SEEN, default=ABSENT)
    reason: str = said("Why it may stay so, in a sentence; it stays with the exception.")

    def act(self, work: Work) -> ImportException:
        return SettleException(**vars(self), waive=True).act(work)


SettleExceptions = bulk(
    SettleException, "SettleExceptions", items="settlements", manual="Resolve or waive many exceptions at once."
)


def _must_be_put_right(work: Work, matter: ImportException) -> None:
    stands = STANDS.get(matter.kind)
    if stands is not None and (why := stands(work, matter)) is not None:
        raise NotReady(why, path=("id",))


def _unless(condition: object, why: str, work: Work) -> str | None:
    return None if work.session.scalar(select(condition)) else why  # type: ignore[call-overload]


def _unapproved(work: Work, matter: ImportException) -> str | None:
    approved = exists().where(Document.tenant_id == work.actor.tenant, Document.id == matter.record_id)
    approved = approved.where(Document.state.in_(["approved", "confirmed", "closed"]))
    return _unless(approved, "The order is not approved yet; have it approved or close it first, or waive this.", work)


def _came_early(work: Work, matter: ImportException) -> str | None:
    mine, receipt, order = again(Line, "mine"), again(Document, "receipt"), again(Document, "order")
    early = (
        select(LineLink.id)
        .join(mine, (mine.tenant_id == LineLink.tenant_id) & (mine.id == LineLink.from_line_id))
        .join(receipt, (receipt.tenant_id == mine.tenant_id) & (receipt.id == mine.document_id))
        .join(order, (order.tenant_id == mine.tenant_id) & (order.id == matter.record_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.to_line_id == matter.line_id)
        .where(receipt.kind == "receipt", receipt.state == "posted", receipt.dated < order.dated)
    )
    why = "The goods still came before the order was written; take the receipt back or correct the order's date"
    return _unless(~early.exists(), f"{why}, or waive this.", work)


def _over(work: Work, matter: ImportException) -> str | None:
    kept = exists().where(Line.tenant_id == work.actor.tenant, Line.id == matter.line_id)
    kept = kept.where(Line.accepted - Line.returned > Line.quantity)
    return _unless(~kept, "More is kept than was ordered; send it back, or waive this.", work)


def _due_early(work: Work, matter: ImportException) -> str | None:
    paper = select(Document.dated).where(Document.tenant_id == work.actor.tenant, Document.id == matter.record_id)
    line = exists().where(Line.tenant_id == work.actor.tenant, Line.id == matter.line_id)
    line = line.where(or_(Line.expected_on.is_(None), Line.expected_on >= paper.scalar_subquery()))
    return _unless(line, "The line is still due before the order was written; correct a date, or waive this.", work)


def _unpriced(work: Work, matter: ImportException) -> str | None:
    priced = exists().where(Product.tenant_id == work.actor.tenant, Product.id == matter.record_id)
    priced = priced.where(or_(Product.list_price > 0, Product.standard_cost > 0))
    return _unless(priced, "The product has neither list price nor cost; enter one, or waive this.", work)


def _unaddressed(work: Work, matter: ImportException) -> str | None:
    known = exists().where(Address.tenant_id == work.actor.tenant, Address.partner_id == matter.record_id)
    return _unless(known, "The partner has no address; enter one, or waive this.", work)


def _without_tax_number(work: Work, matter: ImportException) -> str | None:
    known = exists().where(TaxNumber.tenant_id == work.actor.tenant, TaxNumber.partner_id == matter.record_id)
    return _unless(known, "The partner has no tax number; enter one, or waive this.", work)


def _unit_assumed(work: Work, matter: ImportException) -> str | None:
    priced = exists().where(VendorPrice.tenant_id == work.actor.tenant, VendorPrice.product_id == matter.record_id)
    changed = exists().where(Event.tenant_id == work.actor.tenant, Event.record_id == matter.record_id)
    changed = changed.where(Event.at > matter.created_at, Event.changes.has_key("unit_id"))
    named = or_(priced.where(VendorPrice.archived_at.is_(None)), changed)
    return _unless(named, "No vendor price names a unit, and it was not changed; do either, or waive this.", work)


def _of_the_source(_: Work, __: ImportException) -> str:
    return "What the source said of its orders cannot be put right here; waive this."


STANDS: Mapping[str, Stands] = {
    "received_before_approval": _unapproved,
    "received_before_ordered": _came_early,
    "over_received": _over,
    "due_before_ordered": _due_early,
    "unknown_price": _unpriced,
    "on_order_mismatch": _of_the_source,
    "missing_address": _unaddressed,
    "missing_tax_number": _without_tax_number,
    "missing_unit": _unit_assumed,
}
"""By kind, how one sees whether the matter still stands. A kind that is not here is put right when somebody says so."""
