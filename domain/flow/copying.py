"""An order of the past as it will stand here: copied from what the source states, and compared with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.catalog.tax import ROUNDING
from domain.flow.arriving import receipt_of
from domain.kernel import text, totals
from domain.kernel.base import Owned
from domain.kernel.commands import Ref
from domain.kernel.decimals import currency_digits, money
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, Path, Refusals, at
from domain.kernel.fields import camel, day
from domain.kernel.plugin import custom_values
from domain.kernel.recall import once, recall_one
from domain.kernel.references import ExternalKey
from domain.kernel.work import Work
from domain.parties.company import Company, company_of
from domain.parties.partner import Partner
from domain.parties.rate import rate_on
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.purchase.recorded import Copyist, stated
from domain.stock import ledger
from domain.stock.fulfilling import missing

if TYPE_CHECKING:
    from domain.flow.recording import RecordPurchaseOrder

STATES = ("submitted", "confirmed", "closed")
TOLERANCE = Decimal(5)
"""By how many minor units each of our sums may differ from the source's, which does not round as we do."""
SUMS = {
    "lines_amount": ("all lines", "; see the lines"),
    "charges_amount": ("all charges", "; see the charges"),
    "tax": ("the taxes", "; see the taxes of lines and charges"),
    "total": ("the order", "; see its lines, charges and taxes"),
}
"""What a source may say of the whole, as the order calls it; and how we speak of it."""
HALF = Decimal("0.5")
"""By how many minor units our amount of a line may differ: no more than rounding it once makes."""


Keyed = tuple[Path, Owned, ExternalKey]
"""Where a key was given, of what, and the key."""


@dataclass(frozen=True, slots=True)
class Copy:
    """An order that is not written yet, the receipt of what came of it, and what was told of both."""

    company: Company
    order: PurchaseOrder
    receipt: Receipt | None
    told: RecordPurchaseOrder
    keyed: Sequence[Keyed]

    @property
    def papers(self) -> list[Document]:
        return [self.order] if self.receipt is None else [self.order, self.receipt]


def copied(work: Work, told: RecordPurchaseOrder) -> Copy:
    """The order as the source has it; nothing is written. Raises Refused for all that does not fit together."""
    company = _company(work, told.company)
    order = _order(work, company, told)
    _agree(order, told)
    receipt = receipt_of(order, told.received_on, inferred=told.received_on_inferred)
    return Copy(company, order, receipt, told, _keyed(order, told))


def _company(work: Work, ref: Ref | None) -> Company:
    if ref is not None:
        return recall_one(work, Company, ref, "company")
    return once(work, "the only company", lambda: company_of(work, None, "company"))


def _order(work: Work, company: Company, told: RecordPurchaseOrder) -> PurchaseOrder:
    refusals = Refusals()
    order = PurchaseOrder(company_id=company.id, currency=company.currency, lines=[], charges=[], taxes=[])
    _head(work, refusals, order, told)
    _dates(work, refusals, company, order, told)
    Copyist(work, order, expected_on=told.expected_on).copy(refusals, told.lines, told.charges)
    refusals.settle()
    with at("currency"):
        pair = order.currency, company.currency, order.dated
        order.exchange_rate = once(work, ("rate", *pair), lambda: rate_on(work, *pair))
    order.tax_rounding = once(work, ("tax rounding", company.id), lambda: ROUNDING.of(work, company.id))
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
    with refusals.at("status"):
        text.line(told.status or "none")
    with refusals.at("reason"):
        order.reason = text.paragraph(told.reason) if told.reason else None
    for name in SUMS:
        with refusals.at(camel(f"source_{name}")):
            stated(getattr(told, f"source_{name}"))
    with refusals.at():
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
    """What did not come of a closed order will not come; the reason stays with the line, if there is such a one."""
    for index, line in enumerate(order.lines):
        if left := missing(order, line):
            line.reason = line.reason or order.reason
        if left and line.reason is None:
            with refusals.at("lines", index, "reason"):
                raise BadInput(f"Say why {left} of {line.quantity} did not come.")
    if not any(missing(order, line) for line in order.lines):
        order.reason = None


def _agree(order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    """Refuse amounts that are not what the source makes of them."""
    unit, refusals = Decimal(1).scaleb(-currency_digits(order.currency)), Refusals()
    for index, line in enumerate(order.lines):
        if line.source_amount is not None and abs(line.amount - line.source_amount) > HALF * unit:
            with refusals.at("lines", index, "sourceAmount"):
                raise BadInput(f"The source makes {line.source_amount} of this line, we make {line.amount}.")
    for name, (noun, further) in SUMS.items():
        theirs, ours = getattr(told, f"source_{name}"), getattr(order, name)
        if theirs is not None and abs(ours - money(theirs, order.currency)) > TOLERANCE * unit:
            with refusals.at(camel(f"source_{name}")):
                raise BadInput(
                    f"The source makes {theirs} of {noun}, we make {ours}: "
                    f"that differs by more than {TOLERANCE * unit}{further}."
                )
    refusals.settle()


def _keyed(order: PurchaseOrder, told: RecordPurchaseOrder) -> list[Keyed]:
    """The keys of the order and its lines, as they are kept."""
    with at("external", "source"):
        source = text.line(told.external.source)
    with at("external", "key"):
        key = text.line(told.external.key)
    found: list[Keyed] = [(("external", "key"), order, ExternalKey(source=source, key=key))]
    refusals = Refusals()
    for index, (line, one) in enumerate(zip(order.lines, told.lines, strict=True)):
        with refusals.at("lines", index, "key"):
            if one.key is not None:
                kept = ExternalKey(source=source, key=text.line(one.key))
                found.append((("lines", index, "key"), line, kept))
    refusals.settle()
    return found
