"""A sales order is a customer's request for goods or services: its rows, and its life as a table."""

from __future__ import annotations

from domain.drafts.lives import (
    Reason,
    binding,
    has_lines,
    keep_reason,
    nothing_billed,
    nothing_done,
    partner_in_use,
)
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress
from domain.kernel.workflow import Workflow, step
from domain.stock.fulfilling import end
from domain.stock.holding import let_go


class SalesOrder(Document):
    """An order by a customer, binding once confirmed."""

    __mapper_args__ = {"polymorphic_identity": "sales_order"}
    series = "SO{year}-{number:05d}"
    direction = "sale"
    progress = Progress(
        done="delivered", column="delivery_state", complete="delivered", awaits=frozenset({"confirmed", "closed"}),
        way="outgoing", billed=True,
    )  # fmt: skip
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; may be edited.",
            "confirmed": "Binding; goods are to be delivered, or have been.",
            "closed": "Finished: everything was delivered, or what was not was given up.",
            "cancelled": "Never took effect.",
        },
        [
            *binding(
                "draft", "sales.write", confirming="Make the order binding; its goods count as outgoing.",
                guards=[has_lines, partner_in_use], closing=[let_go],
            ),
            step(
                "cancel", "draft|confirmed", "cancelled", event="cancelled", right="sales.write",
                description="Call the order off; possible until something was delivered or invoiced.",
                guards=[nothing_done, nothing_billed], effects=[keep_reason, let_go, end], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(SalesOrder)
