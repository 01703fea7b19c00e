"""How the papers of buying are written, edited and copied."""

from __future__ import annotations

from domain.drafts.lines import BUYING, REQUESTING
from domain.drafts.writing import Draft, drafting
from domain.purchase.order import PurchaseOrder
from domain.purchase.quotation import RequestForQuotation
from domain.purchase.requisition import PurchaseRequisition

CreatePurchaseOrder, UpdatePurchaseOrder, CopyPurchaseOrder = drafting(
    Draft(
        kind=PurchaseOrder, right="purchase.write", side=BUYING, partner="vendor",
        head=("location", "payment_term", "expected_on", "vendor_reference", "note"),
        manual="Write a draft order to a vendor. Lines without a price take price and expected date from the vendor "
        "prices.",
    )
)  # fmt: skip
CreateRequestForQuotation, UpdateRequestForQuotation, CopyRequestForQuotation = drafting(
    Draft(
        kind=RequestForQuotation, right="purchase.write", side=REQUESTING, partner="vendor",
        head=("location", "payment_term", "expected_on", "valid_until", "note"),
        manual="Write a draft request to a vendor for an offer. It has no prices until the vendor has answered: leave "
        "prices and charges out.",
    )
)  # fmt: skip
CreatePurchaseRequisition, UpdatePurchaseRequisition, CopyPurchaseRequisition = drafting(
    Draft(
        kind=PurchaseRequisition, right="purchase.request", side=REQUESTING, partner=None,
        head=("location", "expected_on", "note"),
        manual="Write a draft requisition: what is needed, of whichever vendor. Lines without a price take the "
        "product's standard cost for an estimate.",
    )
)  # fmt: skip
