"""A customer invoice says what a customer owes; a credit note what of it they do not, after all."""

from __future__ import annotations

from domain.drafts.lives import posting
from domain.invoicing.freezing import fit_for_an_invoice
from domain.invoicing.posting import charge, discharge, unsettled
from domain.kernel.actions import verbs
from domain.kernel.documents import Document, Progress


class CustomerInvoice(Document):
    """What a customer owes for goods or services. Once posted it is never edited, only credited or reversed."""

    __mapper_args__ = {"polymorphic_identity": "customer_invoice"}
    series = "IN{year}-{number:05d}"
    direction = "sale"
    numbered_at = "posting"
    progress = Progress(done="credited", column="credit_state", complete="credited")
    workflow = posting(
        "invoice", "invoice.post", writing="invoice.write", means="The customer owes it.",
        guards=[fit_for_an_invoice], effects=[charge], undoing=[unsettled], undone=[discharge],
    )  # fmt: skip


class CreditNote(Document):
    """What a customer is given back of an invoice, at the rates of tax that the invoice had."""

    __mapper_args__ = {"polymorphic_identity": "credit_note"}
    series = "CN{year}-{number:05d}"
    direction = "sale"
    numbered_at = "posting"
    workflow = posting(
        "credit note", "invoice.post", writing="invoice.write", means="It is owed to the customer.",
        effects=[charge], undoing=[unsettled], undone=[discharge],
    )  # fmt: skip


verbs(CustomerInvoice, besides=frozenset({"reverse"}))
verbs(CreditNote, besides=frozenset({"reverse"}))
