"""A purchase order asks a vendor for goods or services."""

from __future__ import annotations

from domain.kernel.documents import Document
from domain.kernel.workflow import Workflow, step


class PurchaseOrder(Document):
    """A firm request to a vendor, binding once confirmed."""

    __mapper_args__ = {"polymorphic_identity": "purchase_order"}
    series = "PO{year}-{number:05d}"
    workflow = Workflow(
        "draft",
        {"draft": "Being written; can be edited.", "submitted": "Waits for approval.", "approved": "May be confirmed."},
        [
            step("submit", "draft", "submitted", right="purchase.write", description="Ask for approval."),
            step("approve", "submitted", "approved", right="purchase.approve", description="Say yes."),
        ],
    )
