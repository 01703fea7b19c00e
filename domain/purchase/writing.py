"""How a purchase order is written, edited and copied."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.drafts.lines import OrderCharge, OrderLine, Pen, copied, unchanged
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.errors import BadInput, at
from domain.kernel.papers import issue
from domain.kernel.plugin import custom_values
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company, company_of
from domain.parties.partner import Partner
from domain.parties.payment_term import PaymentTerm
from domain.purchase.dating import order_date
from domain.purchase.order import PurchaseOrder, conclude
from domain.stock import ledger
from domain.stock.location import Location


@command(right="purchase.write", answers=PurchaseOrder)
class CreatePurchaseOrder(Command):
    """Write a draft order to a vendor. Lines without a price take price and expected date from the vendor prices."""

    vendor: Ref = said("The vendor; must be a partner with that role.")
    company: Ref | None = said("The buying company; needed only if you work for several.", default=None)
    dated: date | None = said(
        "The order date, at most a year ahead; today in the company's time zone if not given.", default=None
    )
    currency: str | None = said("ISO 4217 code; the vendor's currency, else the company's.", default=None)
    location: Ref | None = said(
        "Where the goods shall come; the company's receiving location if not given.", default=None
    )
    payment_term: Ref | None = said("When it is to be paid; the vendor's term if not given.", default=None)
    expected_on: date | None = said("When all lines without a date of their own should come.", default=None)
    vendor_reference: str | None = said("The vendor's number for this order or quote.", default=None)
    note: str | None = said("Printed on the order.", default=None)
    lines: Sequence[OrderLine] = said("The positions, up to 10,000.", default=())
    charges: Sequence[OrderCharge] = said("Charges and allowances on the whole order.", default=())
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)

    def act(self, work: Work) -> PurchaseOrder:
        company = company_of(work, self.company, "company")
        with at("vendor"):
            vendor = _vendor(work, self.vendor)
        order = PurchaseOrder(
            company_id=company.id, partner_id=vendor.id, state="draft",
            dated=order_date(work, company, self.dated), currency=self.currency or vendor.currency or company.currency,
        )  # fmt: skip
        order.payment_term_id = vendor.payment_term_id
        order.location_id = None if self.location else ledger.receiving_location(work, company.id)
        _head(work, order, self)
        order.custom = custom_values("purchase_order", self.custom or {})
        Pen(work, order, company, vendor, expected_on=self.expected_on).write(self.lines, self.charges)
        return issue(work, order)


@command(right="purchase.write", answers=PurchaseOrder)
class UpdatePurchaseOrder(Command):
    """Edit a draft order. What is not given stays; `lines` and `charges`, where given, replace all there were."""

    id: Ref = said("The order.")
    expected_version: int = said("The version you saw; refused if it has changed since.")
    vendor: Ref | Absent = said("Another vendor; lines without a price of their own are priced anew.", default=ABSENT)
    dated: date | Absent = said("The order date, at most a year ahead.", default=ABSENT)
    currency: str | Absent = said("ISO 4217 code.", default=ABSENT)
    location: Ref | Absent = said("Where the goods shall come.", default=ABSENT)
    payment_term: Ref | Absent | None = said("When it is to be paid.", default=ABSENT)
    expected_on: date | Absent | None = said("When all lines without a date of their own should come.", default=ABSENT)
    vendor_reference: str | Absent | None = said("The vendor's number for this order.", default=ABSENT)
    note: str | Absent | None = said("Printed on the order.", default=ABSENT)
    lines: Sequence[OrderLine] | Absent = said("All positions; those with `id` keep their place.", default=ABSENT)
    charges: Sequence[OrderCharge] | Absent = said("All charges and allowances.", default=ABSENT)
    custom: dict[str, Any] | Absent = said("Fields that plugins add; those not given stay.", default=ABSENT)

    def act(self, work: Work) -> PurchaseOrder:
        order = work.locked(PurchaseOrder, self.id, self.expected_version, *PurchaseOrder.whole())
        if order.state != "draft":
            raise barred(order, f"An order that is {order.state} cannot be edited; revise it first.")
        with at("vendor"):
            vendor = _vendor(work, order.partner_id if self.vendor is ABSENT else self.vendor)
            if vendor.id != order.partner_id and any(line.received for line in order.lines):
                raise BadInput("Goods of this order were received from its vendor, who stays.")
        order.partner_id = vendor.id
        company = work.find(Company, order.company_id)
        order.dated = order_date(work, company, self.dated) if self.dated else order.dated
        order.currency = self.currency or order.currency
        _head(work, order, self)
        if self.custom is not ABSENT:
            order.custom = {**order.custom, **custom_values("purchase_order", self.custom)}
        lines = unchanged(order) if self.lines is ABSENT else self.lines
        charges = None if self.charges is ABSENT else self.charges
        Pen(work, order, company, vendor, expected_on=self.expected_on or None).write(lines, charges)
        work.session.flush()
        conclude(work, order)
        return order


@command(right="purchase.write", answers=PurchaseOrder)
class CopyPurchaseOrder(Command):
    """Write a new draft with the lines of an order, dated today; prices taken from vendor prices are taken anew."""

    id: Ref = said("The order to copy.")

    def act(self, work: Work) -> PurchaseOrder:
        with at("id"):
            source = work.find(PurchaseOrder, self.id, options=PurchaseOrder.whole())
            vendor = _vendor(work, source.partner_id)
        company = work.find(Company, source.company_id)
        order = PurchaseOrder(
            company_id=source.company_id, partner_id=source.partner_id, state="draft", copied_from_id=source.id,
            dated=company.today(work.now), currency=source.currency, payment_term_id=source.payment_term_id,
            location_id=source.location_id, note=source.note, custom=dict(source.custom),
            edited_by=work.actor.signature,
        )  # fmt: skip
        Pen(work, order, company, vendor).write(*copied(source))
        return issue(work, order)


def _vendor(work: Work, ref: Any) -> Partner:
    vendor = work.choose(Partner, ref)
    work.session.refresh(vendor, ["delivery_days"])
    if not vendor.is_vendor:
        raise BadInput(f"{vendor.name} is not a vendor; give the partner that role first.")
    return vendor


def _head(work: Work, order: PurchaseOrder, answer: CreatePurchaseOrder | UpdatePurchaseOrder) -> None:
    order.edited_by = work.actor.signature
    if answer.vendor_reference is not ABSENT:
        with at("vendorReference"):
            order.partner_reference = text.line(answer.vendor_reference) if answer.vendor_reference else None
    if answer.note is not ABSENT:
        with at("note"):
            order.note = text.paragraph(answer.note) if answer.note else None
    if isinstance(answer.payment_term, Ref):
        order.payment_term_id = work.choose(PaymentTerm, answer.payment_term, "paymentTerm").id
    elif answer.payment_term is None and isinstance(answer, UpdatePurchaseOrder):
        order.payment_term_id = None
    if isinstance(answer.location, Ref):
        order.location_id = _own_location(work, order, answer.location)


def _own_location(work: Work, order: PurchaseOrder, ref: Ref) -> Any:
    location = work.choose(Location, ref, "location")
    if location.company_id != order.company_id or location.kind != "internal":
        raise BadInput("Choose an internal location of the buying company.", path=("location",))
    return location.id
