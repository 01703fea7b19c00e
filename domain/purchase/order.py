"""A purchase order asks a vendor for goods or services: its rows, and its life as a table."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from domain.approvals import policy
from domain.drafts.lives import (
    Reason,
    Short,
    binding,
    has_lines,
    keep_reason,
    nothing_billed,
    nothing_done,
    own_lines,
    partner_in_use,
    under_approval,
)
from domain.kernel import text
from domain.kernel.actions import verbs
from domain.kernel.commands import Ref, given, said
from domain.kernel.documents import Document, Progress
from domain.kernel.errors import BadInput, NotReady, Refusals, at
from domain.kernel.fields import day
from domain.kernel.work import Work
from domain.kernel.workflow import Workflow, step
from domain.purchase.past import of_the_past, was_binding, why_unconfirmed
from domain.stock.fulfilling import end


@given
class ProposedDate:
    """When the vendor can deliver a line."""

    line: Ref = said("The line of the order.")
    proposed_on: date = said("The day on which the vendor can deliver.")


@given
class Acknowledgement:
    """What the vendor says to an order."""

    vendor_reference: str | None = said("The vendor's own number for the order.", default=None)
    dates: Sequence[ProposedDate] = said(
        "For lines that cannot come when expected, the day on which they can. The buyer accepts them, or not.",
        default=(),
    )


def acknowledge(work: Work, order: Document, answer: Any) -> None:
    """Effect: the vendor has seen the order, and may have proposed other dates."""
    order.acknowledged_at = work.now
    with at("vendorReference"):
        if answer.vendor_reference:
            order.partner_reference = text.line(answer.vendor_reference)
    refusals, lines = Refusals(), own_lines(work, order, [one.line for one in answer.dates])
    for index, one in enumerate(answer.dates):
        with refusals.at("dates", index):
            line = lines(one.line)
            with at("proposedOn"):
                proposed = day(one.proposed_on)
                if proposed < order.dated:
                    raise BadInput(f"The order is of {order.dated}; propose that day or a later one.")
            line.proposed_on = proposed
    refusals.settle()


def dates_proposed(_: Work, order: Document) -> None:
    """Guard."""
    if not any(line.proposed_on for line in order.lines):
        raise NotReady("The vendor has proposed no other dates.")


def accept_dates(_: Work, order: Document, __: Any) -> None:
    """Effect: what the vendor proposed is expected from now on."""
    for line in order.lines:
        line.expected_on, line.proposed_on = line.proposed_on or line.expected_on, None
    open_dates = [line.expected_on for line in order.lines if line.expected_on and line.open_quantity]
    order.expected_on = min(open_dates, default=order.expected_on)


class PurchaseOrder(Document):
    """A request to a vendor, binding once confirmed."""

    __mapper_args__ = {"polymorphic_identity": "purchase_order"}
    series = "PO{year}-{number:05d}"
    progress = Progress(
        done="accepted", column="receipt_state", complete="received", awaits=frozenset({"confirmed", "closed"}),
        way="incoming", billed=True,
    )  # fmt: skip
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; may be edited.",
            "submitted": "Pending review: waits for approval.",
            "approved": "Approved, or no approval needed; may be confirmed to the vendor.",
            "confirmed": "Binding; goods are expected or have come.",
            "closed": "Finished: everything came, or what did not was given up.",
            "cancelled": "Never took effect.",
        },
        [
            *under_approval("order", "purchase.write", guards=[has_lines, partner_in_use]),
            *binding(
                "approved", "purchase.write", confirming="Make the order binding; its goods count as incoming.",
                guards=[has_lines, partner_in_use, policy.approved_as_it_stands], reopening=[was_binding],
            ),
            step(
                "close", "draft|submitted|approved", "closed", event="closed", right="purchase.write",
                description="Finish an imported order of which goods came, and which nobody will confirm any more.",
                guards=[of_the_past], effects=[keep_reason, why_unconfirmed, policy.void, end], shape=Short,
            ),
            step(
                "acknowledge", "confirmed", "confirmed", event="acknowledged", right="vendor.answer",
                description="Say, as the vendor or for them, that the order was seen; propose other dates.",
                effects=[acknowledge], shape=Acknowledgement,
            ),
            step(
                "accept_dates", "confirmed", "confirmed", event="dates_accepted", right="purchase.write",
                description="Expect the goods on the days that the vendor proposed.",
                guards=[dates_proposed], effects=[accept_dates],
            ),
            step(
                "cancel", "draft|submitted|approved|confirmed", "cancelled", event="cancelled", right="purchase.write",
                description="Call the order off; possible until goods have been accepted.",
                guards=[nothing_done, nothing_billed], effects=[keep_reason, policy.void, end], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(PurchaseOrder)
