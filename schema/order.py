"""The papers of buying: requisitions, requests for quotation, orders, shipment notices, receipts, returns."""

from __future__ import annotations

from datetime import date, datetime

from domain.purchase import order, quotation, receipt, requisition, returning, shipment
from resolvers.selections import own_papers
from schema.declare import column, describes, one, word
from schema.document import Document
from schema.words import BILLING_STATES, ORDERING_STATES, RECEIPT_STATES

READ = "purchase.read"
SEARCHED = ("number", "partner_reference")


@describes(requisition.PurchaseRequisition, right=READ, searched=SEARCHED)
class PurchaseRequisition(Document):
    """What somebody in the firm needs, to be bought of a vendor who may not be known yet. Prices are estimates."""

    ordering_state: str = word(ORDERING_STATES, "How much of it has been ordered.")


@describes(quotation.RequestForQuotation, right=READ, owned=own_papers, searched=SEARCHED)
class RequestForQuotation(Document):
    """A request to one vendor for an offer. It has no prices but those of the offer, which may be ordered."""

    ordering_state: str = word(ORDERING_STATES, "How much of it has been ordered.")
    valid_until: date | None = column("The last day on which the offer holds.")


@describes(order.PurchaseOrder, right=READ, owned=own_papers, searched=SEARCHED)
class PurchaseOrder(Document):
    """A request to a vendor, binding once confirmed."""

    receipt_state: str = word(RECEIPT_STATES, "How much of it has come.")
    billing_state: str = word(BILLING_STATES, "How much of what was accepted has been billed.")
    confirmed_at: datetime | None = column("When it became binding.")
    acknowledged_at: datetime | None = column("When the vendor said that they have seen it.")
    copied_from: PurchaseOrder | None = one("copied_from_id", "The order it was copied from.")


@describes(shipment.ShipmentNotice, right=READ, owned=own_papers, searched=SEARCHED)
class ShipmentNotice(Document):
    """What a vendor says is on its way: of which orders, by which carrier, when it should arrive."""

    receipt_state: str = word(RECEIPT_STATES, "How much of it has come.")
    carrier: str | None = column("Who carries it.")
    tracking_number: str | None = column("By which the carrier knows it.")


@describes(receipt.Receipt, right=READ, owned=own_papers, searched=SEARCHED)
class Receipt(Document):
    """Proof that goods came in and were inspected: what was received, what of it was rejected, and why."""

    billing_state: str = word(BILLING_STATES, "How much of what was accepted has been billed.")
    posted_at: datetime | None = column("When the goods came into stock.")


@describes(returning.PurchaseReturn, right=READ, owned=own_papers, searched=SEARCHED)
class PurchaseReturn(Document):
    """Goods that went back to the vendor. Lines for which a replacement is asked for are open again on their order."""

    posted_at: datetime | None = column("When the goods left.")
