"""A purchase requisition asks, within the firm, that something be bought."""

from __future__ import annotations

from typing import Any

from domain.approvals import policy
from domain.drafts.lives import Reason, has_lines, keep_reason, nothing_done, under_approval
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress
from domain.kernel.work import Work
from domain.kernel.workflow import Workflow, step
from domain.stock.fulfilling import conclude


def give_up(work: Work, paper: Document, __: Any) -> None:
    """Effect: what was not ordered will not be."""
    for line in paper.lines:
        line.closed = line.quantity - line.ordered
    conclude(work, paper)


class PurchaseRequisition(Document):
    """What somebody in the firm needs, to be bought of a vendor who may not be known yet. Prices are estimates."""

    __mapper_args__ = {"polymorphic_identity": "purchase_requisition"}
    series = "PR{year}-{number:05d}"
    progress = Progress(
        done="ordered", column="ordering_state", complete="ordered", awaits=frozenset({"approved", "closed"})
    )
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; may be edited.",
            "submitted": "Waits for approval.",
            "approved": "Approved, or no approval needed; vendors may be asked, and it may be ordered.",
            "closed": "Finished: it was ordered, or what was not was given up.",
            "cancelled": "Never took effect.",
        },
        [
            *under_approval("requisition", "purchase.request", guards=[has_lines]),
            step(
                "close", "approved", "closed", event="closed", right="purchase.request",
                description="Finish the requisition; what was not ordered will not be.",
                effects=[keep_reason, give_up], shape=Reason,
            ),
            step(
                "cancel", "draft|submitted|approved", "cancelled", event="cancelled", right="purchase.request",
                description="Call the requisition off; possible until something of it was ordered.",
                guards=[nothing_done], effects=[keep_reason, policy.void], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(PurchaseRequisition)
