"""What the page of each kind of paper shows is a table: a row for a kind, with its blocks and columns by their words.

A new kind of paper gets a row here and its name, under its own word, in every file of `words/`; one that can be taken
back, also what its reversal is called.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DRAFT = frozenset({"draft"})
ORDERED = frozenset({"draft", "submitted", "approved"})
ASKED = frozenset({"draft", "submitted"})
PRICED = frozenset({"unit_price", "discount", "tax_rate", "let_off", "amount"})
"""Columns that nobody sees without the right to see prices."""


@dataclass(frozen=True, kw_only=True)
class Form:
    """What the page of one kind shows.

    `partner` is the word for whom it is exchanged with, unless the way that money went has a better one, and `address`
    the role of the address that is written to. `goods_to` shows the delivery address of the `partner` or the `company`
    beside. `origins` are kinds of papers that it may name as those it was made from, `facts` what stands beside the
    address. A form with `totals` shows charges, taxes and sums; `exemptions` say why there is no tax, `accounts` where
    to pay. Of one that `settles` others, these take the place of lines. In the states `unissued` it is stamped a draft.
    """

    partner: str | None = None
    address: str = "legal"
    goods_to: str | None = None
    facts: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    columns: tuple[str, ...] = ("position", "item", "quantity")
    totals: bool = False
    terms: bool = False
    accounts: bool = False
    exemptions: bool = False
    settles: bool = False
    signature: str | None = None
    unissued: frozenset[str] = DRAFT


_OFFER = ("position", "item", "quantity", "unit_price", "discount", "tax_rate", "amount")
_INSPECTED = ("position", "item", "received", "rejected", "accepted")
_COUNTED = ("position", "item", "booked", "counted", "difference")

FORMS: Mapping[str, Form] = {
    "purchase_requisition": Form(facts=("expected_on", "place"), columns=_OFFER, totals=True, unissued=ASKED),
    "request_for_quotation": Form(
        partner="vendor", goods_to="company", facts=("vendor_number", "expected_on", "valid_until"), unissued=ASKED,
    ),
    "purchase_order": Form(
        partner="vendor", goods_to="company", facts=("vendor_number", "their_reference", "expected_on"),
        origins=("request_for_quotation",), columns=_OFFER, totals=True, terms=True, unissued=ORDERED,
    ),
    "shipment_notice": Form(
        partner="vendor", facts=("vendor_number", "vendor_paper", "expected_on", "carrier", "tracking_number", "place"),
        origins=("purchase_order",),
    ),
    "receipt": Form(
        partner="vendor", facts=("vendor_number", "vendor_paper", "place"), origins=("purchase_order",),
        columns=_INSPECTED, signature="inspected",
    ),
    "purchase_return": Form(
        partner="vendor", address="delivery", facts=("vendor_number", "their_reference", "carrier", "tracking_number"),
        origins=("receipt", "purchase_order"), signature="in_good_order",
    ),
    "vendor_bill": Form(
        partner="vendor", facts=("vendor_number", "vendor_paper", "due_on"), origins=("purchase_order", "receipt"),
        columns=_OFFER, totals=True, terms=True,
    ),
    "debit_note": Form(
        partner="vendor", address="invoice", facts=("vendor_number", "their_reference"),
        origins=("vendor_bill", "purchase_return"), columns=_OFFER, totals=True,
    ),
    "vendor_credit_note": Form(
        partner="vendor", facts=("vendor_number", "vendor_paper"), origins=("debit_note", "vendor_bill"),
        columns=_OFFER, totals=True,
    ),
    "quote": Form(
        partner="customer", facts=("customer_number", "their_reference", "valid_until", "expected_on"), columns=_OFFER,
        totals=True, terms=True, unissued=ORDERED,
    ),
    "sales_order": Form(
        partner="customer", goods_to="partner", facts=("customer_number", "their_reference", "expected_on"),
        origins=("quote",), columns=_OFFER, totals=True, terms=True, unissued=ORDERED,
    ),
    "delivery": Form(
        partner="customer", address="delivery",
        facts=("customer_number", "their_reference", "carrier", "tracking_number"), origins=("sales_order",),
        signature="in_good_order",
    ),
    "sales_return": Form(
        partner="customer", facts=("customer_number", "customer_paper", "place"), origins=("delivery", "sales_order"),
        signature="inspected",
    ),
    "customer_invoice": Form(
        partner="customer", address="invoice", goods_to="partner",
        facts=("customer_number", "their_reference", "buyer_reference", "their_tax_number", "due_on"),
        origins=("sales_order", "delivery"), columns=_OFFER, totals=True, terms=True, accounts=True, exemptions=True,
    ),
    "credit_note": Form(
        partner="customer", address="invoice",
        facts=("customer_number", "their_reference", "buyer_reference", "their_tax_number"),
        origins=("customer_invoice", "sales_return"), columns=_OFFER, totals=True, exemptions=True,
    ),
    "payment": Form(
        partner="partner", address="invoice", facts=("reference",),
        columns=("position", "item", "dated", "let_off", "amount"), totals=True, settles=True,
    ),
    "stock_adjustment": Form(facts=("place",), columns=_COUNTED),
    "stock_transfer": Form(facts=("place", "destination", "expected_on"), signature="in_good_order"),
    "reservation": Form(partner="customer", facts=("customer_number", "held_until", "place")),
}  # fmt: skip


class Formless(LookupError):
    """A kind of paper has no page."""

    def __init__(self, kind: str) -> None:
        super().__init__(
            f"{kind} has no page: give it a row in domain/printing/form.py, "
            f"and its name as {kind!r} in every file of domain/printing/words/."
        )


def form_of(kind: str) -> Form:
    """The form of a kind of paper; Formless if the table has none."""
    if kind not in FORMS:
        raise Formless(kind)
    return FORMS[kind]
