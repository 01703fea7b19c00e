"""Every mapped class, imported once, so that the metadata is whole."""

from domain.access import user
from domain.accounting import account, entry, periods
from domain.approvals import approval
from domain.catalog import product, tax, tax_position, unit, vendor_price
from domain.comments import comment
from domain.desks import view
from domain.exceptions import exception
from domain.intake import job
from domain.kernel import documents, events, following, idempotency, numbering, references, setting, tenancy
from domain.parties import company, firm, partner, payment_term, rate
from domain.purchase import order, receipt
from domain.stock import count, location, move, reservation

__all__ = [
    "account", "approval", "comment", "company", "count", "documents", "entry", "events", "exception", "firm",
    "following", "idempotency", "job", "location", "move", "numbering", "order", "partner", "payment_term", "periods",
    "product", "rate", "receipt", "references", "reservation", "setting", "tax", "tax_position", "tenancy", "unit",
    "user", "vendor_price", "view",
]  # fmt: skip
