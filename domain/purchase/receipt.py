"""A receipt proves that goods came in and were inspected: what was received, what of it was rejected and why."""

from __future__ import annotations

from domain.kernel.documents import Document
from domain.kernel.workflow import Workflow, step


class Receipt(Document):
    """Goods received from a vendor for one or several orders. A line's `quantity` includes what was `rejected`."""

    __mapper_args__ = {"polymorphic_identity": "receipt"}
    series = "GR{year}-{number:05d}"
    workflow = Workflow(
        "posted",
        {
            "posted": "The accepted goods are in stock.",
            "reversed": "Taken back by a paper of its own, which `reverses` this one.",
        },
        [
            step(
                "reverse", "posted", "reversed", event="reversed", right="stock.receive",
                description="Take the receipt back while its goods are still there; a reversing paper is made.",
            )
        ],
    )  # fmt: skip
