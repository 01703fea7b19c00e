"""The papers of selling: quotes, orders by customers, deliveries, returns."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from domain.sales import delivery, order, quote, returning
from resolvers.selections import own_papers
from schema.declare import column, describes, one, word
from schema.document import Document
from schema.order import SEARCHED
from schema.words import BILLING_STATES, DELIVERY_STATES, ORDERING_STATES

if TYPE_CHECKING:
    from schema.partner import Address

READ = "sales.read"


@describes(quote.Quote, right=READ, owned=own_papers, searched=SEARCHED)
class Quote(Document):
    """An offer to a customer, which holds until `validUntil`. It may be ordered, in whole or in part."""

    ordering_state: str = word(ORDERING_STATES, "How much of it has been ordered.")
    valid_until: date | None = column("The last day on which it holds.")


@describes(order.SalesOrder, right=READ, owned=own_papers, searched=SEARCHED)
class SalesOrder(Document):
    """An order by a customer, binding once confirmed."""

    delivery_state: str = word(DELIVERY_STATES, "How much of it has been delivered.")
    billing_state: str = word(BILLING_STATES, "How much of what was delivered has been invoiced.")
    confirmed_at: datetime | None = column("When it became binding.")
    buyer_reference: str | None = column("What the buyer wants to read on the invoice.")
    payment_method: str | None = column("How it is to be paid.")
    invoice_address: Address | None = one("invoice_address_id", "Where the invoice goes; the usual place if null.")
    delivery_address: Address | None = one("delivery_address_id", "Where the goods go; the usual place if null.")


@describes(delivery.Delivery, right=READ, owned=own_papers, searched=SEARCHED)
class Delivery(Document):
    """Goods that left for a customer, of one or several sales orders; its note accompanies the shipment."""

    billing_state: str = word(BILLING_STATES, "How much of it has been invoiced.")
    posted_at: datetime | None = column("When the goods left.")
    carrier: str | None = column("Who carries it.")
    tracking_number: str | None = column("By which the carrier knows it.")
    delivery_address: Address | None = one("delivery_address_id", "Where the goods go; the usual place if null.")


@describes(returning.SalesReturn, right=READ, owned=own_papers, searched=SEARCHED)
class SalesReturn(Document):
    """Goods that came back from a customer. Lines that are to be replaced are open again on their order."""

    posted_at: datetime | None = column("When the goods came back into stock.")
