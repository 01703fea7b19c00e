"""Every mapped class, imported once, so that the metadata is whole."""

from domain.access import user
from domain.accounting import account, entry, periods
from domain.approvals import approval
from domain.catalog import price_list, product, tax, tax_position, unit, vendor_price
from domain.comments import comment
from domain.desks import view
from domain.exceptions import exception
from domain.flow import begetting, reversing, transit
from domain.intake import job
from domain.invoicing import allocation, bill, instalment, invoice, payment
from domain.kernel import documents, events, following, idempotency, numbering, references, setting, tenancy
from domain.parties import company, firm, partner, payment_term, rate
from domain.purchase import order, quotation, receipt, requisition, returning, shipment
from domain.sales import delivery, quote
from domain.sales import order as sales_order
from domain.sales import returning as sales_returning
from domain.stock import count, location, move, reservation
from domain.warehouse import adjustment, transfer

__all__ = [
    "account", "adjustment", "allocation", "approval", "begetting", "bill", "comment", "company", "count", "delivery",
    "documents", "entry", "events", "exception", "firm", "following", "idempotency", "instalment", "invoice", "job",
    "location", "move", "numbering", "order", "partner", "payment", "payment_term", "periods", "price_list",
    "product", "quotation", "quote", "rate", "receipt", "references", "requisition", "reservation", "returning",
    "reversing", "sales_order", "sales_returning", "setting", "shipment", "tax", "tax_position", "tenancy",
    "transfer", "transit", "unit", "user", "vendor_price", "view",
]  # fmt: skip
