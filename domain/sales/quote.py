"""A quote offers goods or services to a customer."""

from __future__ import annotations

from domain.drafts.lives import Reason, has_lines, issued, keep_reason, nothing_done, partner_in_use, taken_back
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress
from domain.kernel.workflow import Workflow, step


class Quote(Document):
    """An offer to a customer, which holds until `validUntil`. It may be ordered, in whole or in part."""

    __mapper_args__ = {"polymorphic_identity": "quote"}
    series = "QU{year}-{number:05d}"
    direction = "sale"
    progress = Progress(
        done="ordered", column="ordering_state", complete="ordered", awaits=frozenset({"sent", "accepted"})
    )
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; may be edited.",
            "sent": "The customer has it.",
            "accepted": "The customer has said yes; it may be ordered.",
            "declined": "The customer has said no.",
            "cancelled": "Never sent, or called off.",
        },
        [
            step(
                "send", "draft", "sent", event="sent", right="sales.write",
                description="Offer it to the customer.", guards=[has_lines, partner_in_use], effects=[issued],
            ),
            step(
                "accept", "sent", "accepted", event="accepted", right="sales.write",
                description="Note that the customer has said yes.",
            ),
            step(
                "decline", "sent|accepted", "declined", event="declined", right="sales.write",
                description="Note that the customer has said no.",
                guards=[nothing_done], effects=[keep_reason], shape=Reason,
            ),
            step(
                "revise", "sent", "draft", event="revised", right="sales.write",
                description="Take the quote back for editing.", guards=[nothing_done], effects=[taken_back],
            ),
            step(
                "cancel", "draft|sent", "cancelled", event="cancelled", right="sales.write",
                description="Call the quote off.", guards=[nothing_done], effects=[keep_reason], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(Quote)
