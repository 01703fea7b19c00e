"""A receipt proves that goods came in and were inspected: what was received, what of it was rejected and why."""

from __future__ import annotations

from domain.kernel.documents import Document
from domain.kernel.workflow import Workflow, step


class Receipt(Document):
    """Goods received from a vendor against one or several orders."""

    __mapper_args__ = {"polymorphic_identity": "receipt"}
    series = "GR{year}-{number:05d}"
    workflow = Workflow(
        "posted",
        {"posted": "Goods are in stock.", "reversed": "Taken back by its own paper."},
        [step("reverse", "posted", "reversed", right="stock.receive", description="Take the receipt back.")],
    )
