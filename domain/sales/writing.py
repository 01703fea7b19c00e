"""How the papers of selling are written, edited and copied."""

from __future__ import annotations

from domain.drafts.lines import SELLING
from domain.drafts.writing import Draft, drafting
from domain.sales.order import SalesOrder
from domain.sales.quote import Quote

CreateQuote, UpdateQuote, CopyQuote = drafting(
    Draft(
        kind=Quote, right="sales.write", side=SELLING, partner="customer",
        head=("location", "payment_term", "expected_on", "valid_until", "customer_reference", "note"),
        manual="Write a draft quote to a customer. Lines without a price take it from the price lists.",
    )
)  # fmt: skip
CreateSalesOrder, UpdateSalesOrder, CopySalesOrder = drafting(
    Draft(
        kind=SalesOrder, right="sales.write", side=SELLING, partner="customer",
        head=(
            "location", "payment_term", "payment_method", "expected_on", "customer_reference", "buyer_reference",
            "invoice_address", "delivery_address", "note",
        ),
        manual="Write a draft order of a customer. Lines without a price take it from the price lists.",
    )
)  # fmt: skip
