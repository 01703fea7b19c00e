"""A purchase return sends goods back to the vendor they came from."""

from __future__ import annotations

from domain.drafts.lives import posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document


class PurchaseReturn(Document):
    """Goods that went back to the vendor. Lines for which a replacement is asked for are open again on their order."""

    __mapper_args__ = {"polymorphic_identity": "purchase_return"}
    series = "PX{year}-{number:05d}"
    route = (HERE, "vendor")
    workflow = posting("return", "stock.ship", means="The goods have left.")


verbs(PurchaseReturn, besides=frozenset({"reverse"}))
