"""An order of the past is entered in one stroke, with the receipt of what came of it, as its source states it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.drafts.lines import OrderCharge
from domain.exceptions.exception import SourceRow
from domain.flow.copying import Copy, copied
from domain.flow.entering import enter, taken
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.errors import Refused
from domain.kernel.recall import recall
from domain.kernel.references import ExternalKey
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.purchase.order import PurchaseOrder
from domain.purchase.recorded import RecordedLine, products

__all__ = ["RecordPurchaseOrder", "RecordedLine", "record_all"]


@command(right="history.record", answers=PurchaseOrder, public=False)
class RecordPurchaseOrder(Command):
    """Enter an order of the past as its source states it, with one receipt of what came of it.

    This is the one stated exception to the rule that an order becomes binding by its approval: state and dates are
    the source's, no step is taken, and no submitter, approver or decision is made up. So nothing public leads here,
    only import does, and the paper keeps its provenance. What the source states must fit together, and no sum that it
    states, of lines, charges, taxes or all, may differ from ours by more than five minor units of the currency.
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
        (order,) = record_all(work, [self])
        if isinstance(order, Refused):
            raise order
        return order


def record_all(work: Work, told: Sequence[RecordPurchaseOrder]) -> list[PurchaseOrder | Refused]:
    """Enter many orders by a few statements; what became of each, in their order.

    One that is refused costs no other. That the actor may is for the caller to see to.
    """
    products(work, [line.product for one in told for line in one.lines])
    recall(work, Partner, [one.vendor for one in told])
    outcomes = [_copied(work, one) for one in told]
    copies = {place: one for place, one in enumerate(outcomes) if isinstance(one, Copy)}
    refused = taken(work, copies)
    enter(work, [one for place, one in copies.items() if place not in refused])
    return [refused.get(place) or (one.order if isinstance(one, Copy) else one) for place, one in enumerate(outcomes)]


def _copied(work: Work, told: RecordPurchaseOrder) -> Copy | Refused:
    try:
        return copied(work, told)
    except Refused as refused:
        return refused
