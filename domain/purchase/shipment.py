"""A shipment notice tells what a vendor has sent, before it arrives."""

from __future__ import annotations

from domain.drafts.lives import Reason, has_lines, issued, keep_reason, nothing_done
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress
from domain.kernel.workflow import Workflow, step


class ShipmentNotice(Document):
    """What a vendor says is on its way: of which orders, by which carrier, when it should arrive."""

    __mapper_args__ = {"polymorphic_identity": "shipment_notice"}
    series = "SN{year}-{number:05d}"
    progress = Progress(done="received", column="receipt_state", complete="received", awaits=frozenset({"announced"}))
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written.",
            "announced": "The goods are on their way; they may be received.",
            "cancelled": "The goods were not sent after all.",
        },
        [
            step(
                "post", "draft", "announced", event="announced", right="vendor.answer",
                description="Announce, as the vendor or for them, that the goods are on their way.",
                guards=[has_lines], effects=[issued],
            ),
            step(
                "cancel", "draft|announced", "cancelled", event="cancelled", right="vendor.answer",
                description="Say that the goods were not sent after all.",
                guards=[nothing_done], effects=[keep_reason], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(ShipmentNotice)
