"""A receipt proves that goods came in and were inspected: what was received, what of it was rejected and why."""

from __future__ import annotations

from decimal import Decimal

from domain.drafts.lives import posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document, Line, Progress


class Receipt(Document):
    """Goods received from a vendor for one or several orders. A line's `quantity` includes what was `rejected`."""

    __mapper_args__ = {"polymorphic_identity": "receipt"}
    series = "GR{year}-{number:05d}"
    route = ("vendor", HERE)
    progress = Progress(done="accepted", billed=True)
    workflow = posting("receipt", "stock.receive", means="The accepted goods are in stock.")

    def count(self, line: Line, *, quantity: Decimal, rejected: Decimal, reason: str | None = None) -> Line:
        """Add what came (or goes back) of another paper's line, in that line's unit."""
        mine = line.again(position=len(self.lines) + 1, quantity=quantity, reason=reason)
        mine.received, mine.rejected, mine.accepted = quantity, rejected, quantity - rejected
        self.lines.append(mine)
        return mine


verbs(Receipt, besides=frozenset({"reverse"}))
