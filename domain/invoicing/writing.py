"""How bills and invoices that no order is behind are written, and how drafts of either are edited."""

from __future__ import annotations

from domain.drafts.lines import BUYING, SELLING
from domain.drafts.writing import Draft, drafting
from domain.invoicing.bill import DebitNote, VendorBill, VendorCreditNote
from domain.invoicing.invoice import CreditNote, CustomerInvoice

OWED_TO = ("payment_term", "vendor_reference", "note")
OWED_BY = ("payment_term", "payment_method", "customer_reference", "buyer_reference", "invoice_address", "note")

CreateVendorBill, UpdateVendorBill, CopyVendorBill = drafting(
    Draft(
        kind=VendorBill, right="invoice.write", side=BUYING, partner="vendor", head=OWED_TO,
        manual="Write a draft bill of a vendor that no order is behind; where one is, use its own verb, such as "
        "`billPurchaseOrder`.",
    )
)  # fmt: skip
CreateVendorCreditNote, UpdateVendorCreditNote, CopyVendorCreditNote = drafting(
    Draft(
        kind=VendorCreditNote, right="invoice.write", side=BUYING, partner="vendor", head=OWED_TO,
        manual="Write a draft credit note of a vendor that belongs to no bill; where it does, use `creditVendorBill`.",
    )
)  # fmt: skip
CreateDebitNote, UpdateDebitNote, CopyDebitNote = drafting(
    Draft(
        kind=DebitNote, right="invoice.write", side=BUYING, partner="vendor", head=("note",),
        manual="Write a draft claim on a vendor that belongs to no bill; where it does, use `claimVendorBill`.",
    )
)  # fmt: skip
CreateCustomerInvoice, UpdateCustomerInvoice, CopyCustomerInvoice = drafting(
    Draft(
        kind=CustomerInvoice, right="invoice.write", side=SELLING, partner="customer", head=OWED_BY,
        manual="Write a draft invoice that no order is behind; where one is, use its own verb, such as "
        "`invoiceSalesOrder`.",
    )
)  # fmt: skip
CreateCreditNote, UpdateCreditNote, CopyCreditNote = drafting(
    Draft(
        kind=CreditNote, right="invoice.write", side=SELLING, partner="customer", head=OWED_BY,
        manual="Write a draft credit note that belongs to no invoice; where it does, use `creditCustomerInvoice`.",
    )
)  # fmt: skip
