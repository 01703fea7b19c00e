"""An adjustment brings the books to what was found: goods come from the losses, or go there."""

from __future__ import annotations

from domain.drafts.lives import posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document, End, Line


class StockAdjustment(Document):
    """What was found to be more or less than the books say, line by line, each with the reason.

    A line's `difference` is what comes to its place or, if negative, goes from there, and follows from
    `counted` and `booked` if somebody counted. A line without one was lost in transit.
    """

    __mapper_args__ = {"polymorphic_identity": "stock_adjustment"}
    series = "SA{year}-{number:05d}"
    route = (HERE, "loss")
    workflow = posting("adjustment", "stock.adjust", means="The books say what was found.")

    def ends(self, line: Line) -> tuple[End, End]:
        if line.difference is None:
            return "transit", "loss"
        return (HERE, "loss") if line.difference < 0 else ("loss", HERE)


verbs(StockAdjustment, besides=frozenset({"reverse"}))
