"""A delivery takes goods to a customer; its note accompanies the shipment."""

from __future__ import annotations

from domain.drafts.lives import partner_in_use, posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document, Progress


class Delivery(Document):
    """Goods that left for a customer, of one or several sales orders."""

    __mapper_args__ = {"polymorphic_identity": "delivery"}
    series = "DN{year}-{number:05d}"
    direction = "sale"
    route = (HERE, "customer")
    progress = Progress(done="quantity", billed=True)
    workflow = posting("delivery", "stock.ship", means="The goods have left.", guards=[partner_in_use])


verbs(Delivery, besides=frozenset({"reverse"}))
