"""What may stand on the head of a paper: one table of fields, of which each kind takes those that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import inspect

from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Ref, said
from domain.kernel.decimals import PRICE_DIGITS, checked
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.fields import camel, day
from domain.kernel.work import Work
from domain.parties.company import BankAccount
from domain.parties.partner import Address
from domain.parties.payment_term import PaymentTerm
from domain.stock.location import Location

Put = Callable[[Work, Document, Any], None]
"""Checks a value that is not null, and puts it on the paper."""


@dataclass(frozen=True, slots=True)
class HeadField:
    """One field: the kind of its value, the column it fills, how, and what it says to people."""

    kind: Any
    column: str
    put: Put
    description: str


def _text(column: str, check: Callable[[str], str] = text.line) -> Put:
    def put(_: Work, paper: Document, value: str) -> None:
        setattr(paper, column, check(value))

    return put


def _day(column: str) -> Put:
    def put(_: Work, paper: Document, value: date) -> None:
        setattr(paper, column, day(value))

    return put


def _location(column: str) -> Put:
    def put(work: Work, paper: Document, ref: Ref) -> None:
        location = work.choose(Location, ref)
        if location.company_id != paper.company_id or location.kind != "internal":
            raise BadInput("Choose an internal location of the company.")
        setattr(paper, column, location.id)

    return put


def _payment_term(work: Work, paper: Document, ref: Ref) -> None:
    paper.payment_term_id = work.choose(PaymentTerm, ref).id


def _address(column: str) -> Put:
    def put(work: Work, paper: Document, ref: Ref) -> None:
        address = work.find(Address, ref)
        if address.partner_id != paper.partner_id:
            raise BadInput("This is another partner's address; choose one of this partner's.")
        setattr(paper, column, address.id)

    return put


def _amount(_: Work, paper: Document, value: Decimal) -> None:
    paper.total = checked(value, digits=PRICE_DIGITS, above=ZERO)


def _bank_account(work: Work, paper: Document, ref: Ref) -> None:
    account = work.find(BankAccount, ref)
    if account.company_id != paper.company_id:
        raise BadInput("Choose an account of the same company.")
    paper.bank_account_id = account.id


REFERENCE = "partner_reference"
HEAD: Mapping[str, HeadField] = {
    "vendor_reference": HeadField(str, REFERENCE, _text(REFERENCE), "The vendor's own number for it."),
    "customer_reference": HeadField(str, REFERENCE, _text(REFERENCE), "The customer's own number for it."),
    "delivery_note": HeadField(str, REFERENCE, _text(REFERENCE), "The number on the vendor's delivery note."),
    "buyer_reference": HeadField(
        str, "buyer_reference", _text("buyer_reference"),
        "What the buyer wants to read on the invoice, such as a cost centre (EN 16931, BT-10).",
    ),
    "reference": HeadField(str, REFERENCE, _text(REFERENCE), "What stands on the bank statement, or the cheque."),
    "amount": HeadField(Decimal, "total", _amount, "How much, in `currency`; more than 0."),
    "direction": HeadField(
        str, "payment_direction", _text("payment_direction", text.one_of("in", "out")),
        "Whether the money comes in or goes out.",
    ),
    "side": HeadField(
        str, "payment_side", _text("payment_side", text.one_of("payables", "receivables")),
        "Whether it settles what a vendor is owed or what a customer owes. Needed only for refunds of a "
        "partner who is both.",
    ),
    "bank_account": HeadField(
        Ref, "bank_account_id", _bank_account, "The account of the company that it comes to, or goes out from."
    ),
    "note": HeadField(str, "note", _text("note", text.paragraph), "A remark; it is printed on the paper."),
    "valid_until": HeadField(date, "valid_until", _day("valid_until"), "The last day on which it holds."),
    "expected_on": HeadField(
        date, "expected_on", _day("expected_on"), "When all lines without a date of their own should come."
    ),
    "location": HeadField(Ref, "location_id", _location("location_id"), "Where the goods come in or go out."),
    "destination": HeadField(Ref, "destination_id", _location("destination_id"), "Where the goods go."),
    "payment_term": HeadField(Ref, "payment_term_id", _payment_term, "When it is to be paid."),
    "payment_method": HeadField(
        str, "payment_method", _text("payment_method"), "How it is to be paid, such as bank transfer."
    ),
    "invoice_address": HeadField(
        Ref, "invoice_address_id", _address("invoice_address_id"), "The partner's address to which invoices go."
    ),
    "delivery_address": HeadField(
        Ref, "delivery_address_id", _address("delivery_address_id"), "The partner's address to which goods go."
    ),
    "carrier": HeadField(str, "carrier", _text("carrier"), "Who carries the goods."),
    "tracking_number": HeadField(
        str, "tracking_number", _text("tracking_number"), "By which the carrier knows the shipment."
    ),
}  # fmt: skip


def asked(names: Iterable[str], needed: Iterable[str] = ()) -> dict[str, tuple[Any, Any]]:
    """These fields, by name, as fields of a command that begins a paper: annotation and default."""
    return {name: (HEAD[name].kind, said(HEAD[name].description)) for name in needed} | {
        name: (HEAD[name].kind | None, said(HEAD[name].description, default=None)) for name in names
    }


def asked_again(names: Iterable[str], needed: Iterable[str] = ()) -> dict[str, tuple[Any, Any]]:
    """The same of a command that edits one."""
    return {name: (HEAD[name].kind | Absent, said(HEAD[name].description, default=ABSENT)) for name in needed} | {
        name: (HEAD[name].kind | Absent | None, said(HEAD[name].description, default=ABSENT)) for name in names
    }


def put(work: Work, paper: Document, names: Iterable[str], given: Any) -> None:
    """Put what was given of these fields on the paper; null empties a field. All mistakes are told at once."""
    refusals = Refusals()
    for name in names:
        value = getattr(given, name, ABSENT)
        if value is ABSENT:
            continue
        with refusals.at(camel(name)):
            if value is None or value == "":
                _empty(paper, name)
            else:
                HEAD[name].put(work, paper, value)
    refusals.settle()


def _empty(paper: Document, name: str) -> None:
    """When a paper is edited, null empties a field; when it is begun, the default stays, or what its source says."""
    if inspect(paper).persistent:
        setattr(paper, HEAD[name].column, None)
