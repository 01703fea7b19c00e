"""Purchase orders and receipts."""

from __future__ import annotations

from datetime import datetime

from domain.purchase import order, receipt
from resolvers.selections import own_papers
from schema.declare import column, describes, one, word
from schema.document import Document
from schema.words import BILLING_STATES, RECEIPT_STATES


@describes(order.PurchaseOrder, right="purchase.read", owned=own_papers, searched=("number", "partner_reference"))
class PurchaseOrder(Document):
    """A request to a vendor, binding once confirmed."""

    receipt_state: str = word(RECEIPT_STATES, "How much of it has come.")
    billing_state: str = word(BILLING_STATES, "How much of what was accepted has been billed.")
    confirmed_at: datetime | None = column("When it became binding.")
    copied_from: PurchaseOrder | None = one("copied_from_id", "The order it was copied from.")


@describes(receipt.Receipt, right="purchase.read", owned=own_papers, searched=("number", "partner_reference"))
class Receipt(Document):
    """Proof that goods came in and were inspected: what was received, what of it was rejected, and why."""
