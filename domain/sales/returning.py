"""A sales return brings goods back from the customer they went to."""

from __future__ import annotations

from domain.drafts.lives import posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document


class SalesReturn(Document):
    """Goods that came back from a customer. Lines that are to be replaced are open again on their order."""

    __mapper_args__ = {"polymorphic_identity": "sales_return"}
    series = "SX{year}-{number:05d}"
    direction = "sale"
    route = ("customer", HERE)
    workflow = posting("return", "stock.receive", means="The goods are back in stock.")


verbs(SalesReturn, besides=frozenset({"reverse"}))
