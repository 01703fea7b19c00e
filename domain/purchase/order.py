"""A purchase order asks a vendor for goods or services: its rows, and its life as a table."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import Any

from domain.accounting import commitment
from domain.approvals import policy
from domain.kernel import text
from domain.kernel.actions import verbs
from domain.kernel.commands import given, said
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import Archived, NotReady, at
from domain.kernel.work import Work
from domain.kernel.workflow import BY_RULE, Workflow, barred, step
from domain.purchase.past import came_in_the_past, give_up, of_the_past, was_binding
from domain.stock import ledger


@given
class Reason:
    """Why."""

    reason: str = said("Why, in a sentence; it stays in the history.")


@given
class Yes:
    """A yes."""

    expected_version: int = said("The version you saw; a yes to anything else is refused.")
    reason: str | None = said("A remark for the history.", default=None)


@given
class No:
    """A no."""

    expected_version: int = said("The version you saw.")
    reason: str = said("Why not, in a sentence the requester can act on.")


@given
class Short:
    """Closing, with what is still open."""

    reason: str | None = said(
        "Why what is open will not come. Required if anything is open, or if the order was not confirmed.",
        default=None,
    )


def has_lines(_: Work, order: Document) -> None:
    """Guard."""
    if not order.lines:
        raise NotReady("The order has no lines; add at least one.", path=("lines",))


def vendor_in_use(_: Work, order: Document) -> None:
    """Guard."""
    if order.partner is None or order.partner.archived_at is not None:
        close = " Or close the order: goods of it came." if came_in_the_past(order) else ""
        raise Archived(f"The vendor is archived; restore it or choose another.{close}", path=("vendor",))


def nothing_accepted(_: Work, order: Document) -> None:
    """Guard: goods that came must be returned, or the order closed, not cancelled."""
    if any(line.accepted > 0 for line in order.lines):
        told = "Goods were received; reverse the receipts, or close the order instead."
        raise barred(order, told, action="cancel")


def keep_reason(_: Work, order: Document, answer: Any) -> None:
    """Effect: the reason stays on the paper."""
    with at("reason"):
        order.reason = text.paragraph(answer.reason) if answer.reason else None
    if order.reason is None and (order.state == "cancelled" or any(line.open_quantity for line in order.lines)):
        raise NotReady("Say why; what is open will not come.", path=("reason",))


def begin(work: Work, order: Document, _: Any) -> None:
    """Effect of confirmation: what was ordered and has not come yet is open and on its way."""
    order.confirmed_at = work.now
    conclude(work, order)


def close_open(work: Work, order: Document, _: Any) -> None:
    """Effect of closing: what is open is given up, and no longer on its way."""
    for line in order.lines:
        line.closed += line.open_quantity
    conclude(work, order)


def reopen_closed(work: Work, order: Document, _: Any) -> None:
    """Effect of reopening: what was given up is open again."""
    for line in order.lines:
        line.closed = ZERO
    order.reason = None
    conclude(work, order)


def drop_open(work: Work, order: Document, _: Any) -> None:
    """Effect of cancellation: nothing is open any more."""
    conclude(work, order)


def pledge(work: Work, order: Document, _: Any) -> None:
    """Effect: what the order commits the company to follows."""
    commitment.pledge(work, order)


def conclude(work: Work, order: Document) -> None:
    """Write what follows from the order's state and what came: open, receipt and billing state, what is on its way."""
    expect(work, order, -1)
    for line in order.lines:
        line.open_quantity = max(ZERO, missing(line) - line.closed) if order.state == "confirmed" else ZERO
    expect(work, order, +1)
    order.receipt_state = receipt_state(order)
    order.billing_state = billing_state(order)
    dates = [line.expected_on for line in order.lines if line.expected_on and line.open_quantity]
    order.expected_on = min(dates, default=order.expected_on)


def missing(line: Line) -> Decimal:
    """What was ordered and is not there."""
    return max(ZERO, line.quantity - line.accepted + line.returned)


def receipt_state(order: Document) -> str:
    """By definition: received when nothing is missing, partial when something was accepted, else pending or none.

    Nothing is pending before confirmation; yet goods may have come, if the order was imported.
    """
    if any(line.accepted for line in order.lines):
        return "partial" if any(missing(line) for line in order.lines) else "received"
    return "pending" if order.state in {"confirmed", "closed"} else "none"


def billing_state(order: Document) -> str:
    """By definition: none where nothing was accepted, billed when all of it was, partial when some; else pending.

    Unknown it stays where the past of an imported order does not say.
    """
    if order.billing_state == "unknown":
        return "unknown"
    if not any(line.accepted - line.returned or line.billed for line in order.lines):
        return "none"
    if not any(line.billed for line in order.lines):
        return "pending"
    owed = any(line.accepted - line.returned > line.billed for line in order.lines)
    return "partial" if owed else "billed"


def expect(work: Work, order: Document, sign: int) -> None:
    """Add (or, with -1, take away) the order's open quantities to what is on its way."""
    deltas: defaultdict[ledger.Place, Decimal] = defaultdict(Decimal)
    for place, quantity in incoming(work, order):
        deltas[place] += sign * quantity
    ledger.expect(work, order.company_id, deltas)


def incoming(work: Work, order: Document) -> list[tuple[ledger.Place, Decimal]]:
    """The open quantities of stocked products in stock units, by place."""
    known = ledger.stocked(work, [line.product_id for line in order.lines if line.open_quantity])
    if order.location_id is None:
        return []
    return [
        ((line.product_id, order.location_id), line.in_stock_units(line.open_quantity))
        for line in order.lines
        if line.product_id in known and line.product_id and line.open_quantity
    ]


class PurchaseOrder(Document):
    """A request to a vendor, binding once confirmed."""

    __mapper_args__ = {"polymorphic_identity": "purchase_order"}
    series = "PO{year}-{number:05d}"
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
            step(
                "submit", "draft", "submitted", event="submitted", right="purchase.write",
                description="Ask for approval. Approved at once if no rule asks for a yes.",
                guards=[has_lines, vendor_in_use], effects=[policy.ask, policy.accompany],
            ),
            step(
                "clear", "submitted", "approved", event="cleared", right=BY_RULE,
                description="No rule asks for a yes.",
            ),
            step(
                "approve", "submitted", "approved", event="approved", right="purchase.approve",
                description="Say yes to the order as it stands.",
                guards=[policy.independent], effects=[policy.approve], shape=Yes,
            ),
            step(
                "reject", "submitted", "draft", event="rejected", right="purchase.approve",
                description="Say no; the order goes back to its writer with the reason.",
                guards=[policy.independent], effects=[policy.reject], shape=No,
            ),
            step(
                "revise", "submitted|approved", "draft", event="revised", right="purchase.write",
                description="Take the order back for editing; an approval no longer holds.",
                effects=[policy.void],
            ),
            step(
                "confirm", "approved", "confirmed", event="confirmed", right="purchase.write",
                description="Make the order binding; its goods count as incoming.",
                guards=[has_lines, vendor_in_use, policy.approved_as_it_stands], effects=[begin, pledge],
            ),
            step(
                "receive", "confirmed", "confirmed", event="received", right="stock.receive",
                description="Receive goods, in whole or in part; a receipt is made.",
            ),
            step(
                "close", "draft|submitted|approved", "closed", event="closed", right="purchase.write",
                description="Finish an imported order of which goods came, and which nobody will confirm any more.",
                guards=[of_the_past], effects=[keep_reason, give_up, policy.void, drop_open], shape=Short,
            ),
            step(
                "close", "confirmed", "closed", event="closed", right="purchase.write",
                description="Finish the order; what is still open is given up, with a reason.",
                effects=[keep_reason, close_open, pledge], shape=Short,
            ),
            step(
                "reopen", "closed", "confirmed", event="reopened", right="purchase.write",
                description="Expect again what was given up on closing.",
                guards=[was_binding], effects=[reopen_closed, pledge],
            ),
            step(
                "cancel", "draft|submitted|approved|confirmed", "cancelled", event="cancelled", right="purchase.write",
                description="Call the order off; possible until goods have been accepted.",
                guards=[nothing_accepted], effects=[keep_reason, policy.void, drop_open, pledge], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(PurchaseOrder, besides=frozenset({"receive"}))
