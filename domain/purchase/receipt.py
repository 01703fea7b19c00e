"""A receipt proves that goods came in and were inspected: what was received, what of it was rejected and why."""

from __future__ import annotations

from decimal import Decimal

from domain.kernel.documents import Document, Line
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

    def count(self, line: Line, *, quantity: Decimal, rejected: Decimal, reason: str | None = None) -> Line:
        """Add what came (or goes back) of another paper's line, in that line's unit."""
        mine = Line(
            position=len(self.lines) + 1, product_id=line.product_id, category_id=line.category_id, text=line.text,
            partner_item_number=line.partner_item_number, quantity=quantity, unit_id=line.unit_id,
            stock_numerator=line.stock_numerator, stock_denominator=line.stock_denominator,
            stock_digits=line.stock_digits, received=quantity, rejected=rejected, accepted=quantity - rejected,
            reason=reason,
        )  # fmt: skip
        self.lines.append(mine)
        return mine
