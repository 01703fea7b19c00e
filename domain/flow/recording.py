"""An order of the past is entered in one stroke, with the receipt of what came of it, as its source states it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from domain.approvals import policy
from domain.exceptions.exception import SourceRow
from domain.flow.arriving import put_away, receipt_of
from domain.flow.noticing import notice
from domain.kernel import text, totals
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.decimals import currency_digits, money
from domain.kernel.documents import Document, Provenance
from domain.kernel.errors import BadInput, NotUnique, Refusals, at
from domain.kernel.fields import camel, day
from domain.kernel.plugin import custom_values
from domain.kernel.recall import once, recall_one
from domain.kernel.references import TAKEN, ExternalKey, attach, attach_all
from domain.kernel.work import Work
from domain.parties.company import Company, company_of
from domain.parties.partner import Partner
from domain.parties.rate import rate_on
from domain.purchase.lines import OrderCharge
from domain.purchase.order import PurchaseOrder, conclude, missing
from domain.purchase.recorded import Copyist, RecordedLine, stated
from domain.stock import ledger

__all__ = ["RecordPurchaseOrder", "RecordedLine"]

STATES = ("submitted", "confirmed", "closed")
TOLERANCE = Decimal(5)
"""By how many minor units our total may differ from the source's, which does not round as we do."""
HALF = Decimal("0.5")
"""By how many minor units our amount of a line may differ: no more than rounding it once makes."""


@command(right="history.record", answers=PurchaseOrder, public=False)
class RecordPurchaseOrder(Command):
    """Enter an order of the past as its source states it, with one receipt of what came of it.

    This is the one stated exception to the rule that an order becomes binding by its approval: state and dates are
    the source's, no step is taken, and no submitter, approver or decision is made up. So nothing public leads here,
    only import does, and the paper keeps its provenance. What the source states must fit together, and the total may
    not differ from its own by more than five minor units of the currency.
    """

    number: str = said("Its number; the receipt takes it too.")
    vendor: Ref = said("The vendor, archived or not.")
    company: Ref | None = said("The buying company; needed only if you work for several.", default=None)
    dated: date = said("The order date.")
    currency: str | None = said("ISO 4217 code; the company's if not given.", default=None)
    state: str = said("submitted, confirmed or closed.")
    status: str | None = said("What the source calls its state.", default=None)
    reason: str | None = said("Why what did not come was given up.", default=None)
    expected_on: date | None = said("When all lines without a date of their own should have come.", default=None)
    received_on: date | None = said("The day on which what came did; needed if anything came.", default=None)
    received_on_inferred: bool = said("Whether that day is only the best the source has.", default=False)
    lines: Sequence[RecordedLine] = said("The positions, with what came of each.")
    charges: Sequence[OrderCharge] = said("Charges and allowances; rounded to the currency.", default=())
    source_lines_amount: Decimal | None = said("What the source makes of all lines.", default=None)
    source_charges_amount: Decimal | None = said("What it makes of all charges.", default=None)
    source_tax: Decimal | None = said("What it makes of the taxes.", default=None)
    source_total: Decimal | None = said("What it makes of the order.", default=None)
    external: ExternalKey = said("The source, and the key of the order there.")
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    at: SourceRow | None = said("Where the order stands in the source.", default=None)

    def act(self, work: Work) -> PurchaseOrder:
        company = _company(work, self.company)
        order = _copied(work, company, self)
        _agree(order, self)
        return _entered(work, company, order, self)


def _company(work: Work, ref: Ref | None) -> Company:
    if ref is not None:
        return recall_one(work, Company, ref, "company")
    return once(work, "the only company", lambda: company_of(work, None, "company"))


def _copied(work: Work, company: Company, told: RecordPurchaseOrder) -> PurchaseOrder:
    """The order as the source has it, all mistakes told at once; not yet written."""
    refusals = Refusals()
    order = PurchaseOrder(company_id=company.id, currency=company.currency, lines=[], charges=[], taxes=[])
    _head(work, refusals, order, told)
    _dates(work, refusals, company, order, told)
    Copyist(work, order, expected_on=told.expected_on).copy(refusals, told.lines, told.charges)
    refusals.settle()
    with at("currency"):
        pair = order.currency, company.currency, order.dated
        order.exchange_rate = once(work, ("rate", *pair), lambda: rate_on(work, *pair))
    totals.reckon(order, company_currency=company.currency)
    if order.state == "closed":
        _give_up(refusals, order)
    refusals.settle()
    return order


def _head(work: Work, refusals: Refusals, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    with refusals.at("number"):
        order.number = text.line(told.number)
    with refusals.at("vendor"):
        vendor = recall_one(work, Partner, told.vendor)
        if not vendor.is_vendor:
            raise BadInput(f"{vendor.name} is not a vendor; give the partner that role first.")
        order.partner_id = vendor.id
    with refusals.at("state"):
        order.state = text.one_of(*STATES)(told.state)
    with refusals.at("currency"):
        order.currency = text.currency(told.currency) if told.currency else order.currency
    with refusals.at("reason"):
        order.reason = text.paragraph(told.reason) if told.reason else None
    for name in ("lines_amount", "charges_amount", "tax", "total"):
        with refusals.at(camel(f"source_{name}")):
            stated(getattr(told, f"source_{name}"))
    with refusals.at("custom"):
        order.custom = custom_values("purchase_order", told.custom or {})
    with refusals.at("location"):
        order.location_id = once(
            work, ("receiving", order.company_id), lambda: ledger.receiving_location(work, order.company_id)
        )


def _dates(work: Work, refusals: Refusals, company: Company, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    today = company.today(work.now)
    with refusals.at("dated"):
        order.dated = day(told.dated)
        if order.dated > today:
            raise BadInput("An order of the past cannot be dated in the future.")
    with refusals.at("receivedOn"):
        if told.received_on is None and any(one.received for one in told.lines):
            raise BadInput("Goods came; say on which day.")
        if told.received_on is not None and day(told.received_on) > today:
            raise BadInput("Goods cannot have come in the future.")
    expected = [on for one in told.lines if (on := one.expected_on or told.expected_on)]
    order.expected_on = min(expected, default=told.expected_on)


def _give_up(refusals: Refusals, order: PurchaseOrder) -> None:
    """What did not come of a closed order will not come; the reason stays with the line."""
    for index, line in enumerate(order.lines):
        line.closed = missing(line)
        if line.closed:
            line.reason = line.reason or order.reason
        if line.closed and line.reason is None:
            with refusals.at("lines", index, "reason"):
                raise BadInput(f"Say why {line.closed} of {line.quantity} did not come.")


def _agree(order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    """Refuse amounts that are not what the source makes of them."""
    unit, refusals = Decimal(1).scaleb(-currency_digits(order.currency)), Refusals()
    for index, line in enumerate(order.lines):
        if line.source_amount is not None and abs(line.amount - line.source_amount) > HALF * unit:
            with refusals.at("lines", index, "sourceAmount"):
                raise BadInput(f"The source makes {line.source_amount} of this line, we make {line.amount}.")
    with refusals.at("sourceTotal"):
        total = told.source_total
        if total is not None and abs(order.total - money(total, order.currency)) > TOLERANCE * unit:
            raise BadInput(
                f"The source makes {total} of the order, we make {order.total}: "
                f"that differs by more than {TOLERANCE * unit}; see its lines, charges and taxes."
            )
    refusals.settle()


def _entered(work: Work, company: Company, order: PurchaseOrder, told: RecordPurchaseOrder) -> PurchaseOrder:
    """Write the order and all that follows from it, and tell of it by one event a paper."""
    _unused(work, order)
    receipt = receipt_of(order, told.received_on, inferred=told.received_on_inferred)
    order.billing_state = "unknown" if any(line.accepted for line in order.lines) else "none"
    conclude(work, order)
    _source(work, [order, receipt], told)
    work.add(order)
    if order.state == "submitted":
        _wait(work, company, order, told)
    work.note(order, "recorded")
    if receipt is not None:
        work.add(receipt)
        work.note(receipt, "recorded")
        put_away(work, order, receipt)
    _known_as(work, order, told)
    notice(work, order, told)
    return order


def _source(work: Work, papers: Sequence[Document | None], told: RecordPurchaseOrder) -> None:
    """What the source says is kept beside what we make of it."""
    with at("status"):
        status = text.line(told.status) if told.status else None
    provenance = work.add(
        Provenance(
            source=told.external.source, key=told.external.key, status=status, lines_amount=told.source_lines_amount,
            charges_amount=told.source_charges_amount, tax=told.source_tax, total=told.source_total,
            recorded_at=work.now,
        )
    )  # fmt: skip
    work.session.flush()
    for paper in papers:
        if paper is not None:
            paper.provenance_id = provenance.id


def _wait(work: Work, company: Company, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    """It was pending in the source, so it is pending here; nobody here asked for it."""
    order.approval_state = "requested"
    work.session.flush()
    word = f" ({told.status})" if told.status else ""
    why = f"The order was waiting for approval{word} in {told.external.source}, where it was imported from."
    work.add(policy.question(work, order, company, why))


def _known_as(work: Work, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    attach(work, order, told.external)
    source = told.external.source
    keyed = [
        (index, line, ExternalKey(source=source, key=one.key))
        for index, (line, one) in enumerate(zip(order.lines, told.lines, strict=True))
        if one.key is not None
    ]
    for place in attach_all(work, [(line, key) for _, line, key in keyed]):
        raise NotUnique(TAKEN, path=("lines", keyed[place][0], "key"))


def _unused(work: Work, order: PurchaseOrder) -> None:
    taken = select(Document.id).where(
        Document.tenant_id == work.actor.tenant, Document.company_id == order.company_id,
        Document.number == order.number, Document.kind.in_(["purchase_order", "receipt"]),
    )  # fmt: skip
    if work.session.scalars(taken.limit(1)).first() is not None:
        raise NotUnique("The company has a paper with this number.", path=("number",))
