"""How a partner is entered and changed: everything there is to say of it, from one place."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from domain.catalog.price_list import PriceList
from domain.catalog.tax_position import TaxPosition
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.editing import editable
from domain.kernel.fields import Values, as_given, day, decimal, in_order, whole
from domain.kernel.forms import Form
from domain.kernel.parts import Parts
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, country, currency, email, language, line, paragraph, website
from domain.kernel.work import Work
from domain.parties.letterhead import (
    ELECTRONIC,
    SCHEME,
    AddressEntry,
    TaxNumberEntry,
    addresses,
    has_scheme_and_address,
    scheme,
    tax_numbers,
)  # fmt: skip
from domain.parties.partner import Address, Contact, ContractTerm, DeliveryDay, Partner, TaxNumber
from domain.parties.payment_term import PaymentTerm

__all__ = ["AddressEntry", "TaxNumberEntry"]

MOST_LEAD_DAYS = 3650
_ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@given
class ContactEntry:
    """A person (or a desk) at a partner."""

    name: str = said("The name.")
    job: str | None = said("What to reach them for, such as orders, billing, delivery or sales.", default=None)
    email: str | None = said("Their e-mail address.", default=None)
    phone: str | None = said("Their telephone number, with the country's prefix.", default=None)


@given
class ContractTermEntry:
    """Something agreed with a partner for a time."""

    title: str = said("What it is about, such as warranty, liability or minimum volume.")
    text: str = said("What was agreed.")
    valid_from: date = said("The first day on which it holds.")
    valid_to: date | None = said("The last day on which it holds; open if not given.", default=None)


@given
class DeliveryDayEntry:
    """A weekday on which a vendor delivers."""

    weekday: int = said("From 1, Monday, to 7, Sunday.")


def _lasting(values: Values) -> Values:
    in_order(values["valid_from"], values["valid_to"], path="validTo")
    return values


FORM = Form(
    model=Partner,
    fields={
        "number": code,
        "name": line,
        "is_vendor": as_given,
        "is_customer": as_given,
        "language": language,
        "country": country,
        "website": website,
        "currency": currency,
        "preferred": as_given,
        "rating": whole(1, 5),
        "payment_term": PaymentTerm,
        "over_receipt_percent": decimal(digits=4, least=0, most=100),
        "lead_days": whole(0, MOST_LEAD_DAYS),
        "note": paragraph,
        "electronic_address": code,
        "electronic_scheme": scheme,
        "buyer_reference": line,
        "price_list": PriceList,
        "tax_position": TaxPosition,
        "hold_reason": line,
    },
    parts={
        "addresses": addresses(Address),
        "contacts": Parts(
            model=Contact, fields={"name": line, "job": line, "email": email, "phone": code}, key=("name",)
        ),
        "tax_numbers": tax_numbers(TaxNumber),
        "contracts": Parts(
            model=ContractTerm,
            fields={"title": line, "text": paragraph, "valid_from": day, "valid_to": day},
            key=("title", "valid_from"),
            tidy=_lasting,
        ),
        "delivery_days": Parts(model=DeliveryDay, fields={"weekday": whole(1, 7)}, key=("weekday",), distinct=True),
    },
    unique=(("number",),),
    rules=(has_scheme_and_address,),
)


@command(right="master.write", answers=Partner)
class CreatePartner(Command):
    """Enter a vendor, a customer, or one that is both: known once, with everything that belongs to it."""

    number: str | None = said(
        "What people call it by on papers; unique. A new partner without one gets one.", default=None
    )
    name: str = said("Its name as it stands on papers.")
    is_vendor: bool = said("Whether one may buy from it.", default=False)
    is_customer: bool = said("Whether one may sell to it.", default=False)
    language: str | None = said("The language to write to it in, such as en or de-CH.", default=None)
    country: str | None = said("Where it is at home, by ISO 3166-1, such as US.", default=None)
    website: str | None = said("Its address on the web.", default=None)
    currency: str | None = said(
        "The currency one deals with it in, by ISO 4217; the company's own if not given.", default=None
    )
    preferred: bool = said("Whether it is to be preferred among vendors.", default=False)
    rating: int | None = said("How good a vendor it is: from 1, the best, to 5.", default=None)
    payment_term: Ref | None = said("When bills are due, unless an order says otherwise.", default=None)
    over_receipt_percent: Decimal | None = said(
        "How much more than ordered it may deliver, in per cent, unless price or product say otherwise; "
        "nothing if not given.",
        default=None,
    )
    lead_days: int | None = said(
        "Days from order to delivery, unless the vendor price says otherwise; unknown if not given.", default=None
    )
    note: str | None = said("For one's own people; never printed.", default=None)
    electronic_address: str | None = said(ELECTRONIC, default=None)
    electronic_scheme: str | None = said(SCHEME, default=None)
    buyer_reference: str | None = said(
        "What it wants to read on invoices to be able to route them, such as a Leitweg-ID or a cost centre.",
        default=None,
    )
    price_list: Ref | None = said(
        "The price list that it was given as a customer, beside those that are for all.", default=None
    )
    tax_position: Ref | None = said(
        "The tax position of papers with it, whatever their conditions say; found by them if not given.", default=None
    )
    hold_reason: str | None = said(
        "Why there shall be no new business with the partner for now: nothing is ordered, sold or delivered until this "
        "is empty again.",
        default=None,
    )
    addresses: Sequence[AddressEntry] = said("Where it is, and what each place is for.", default=())
    contacts: Sequence[ContactEntry] = said("Whom to reach there.", default=())
    tax_numbers: Sequence[TaxNumberEntry] = said("Its tax numbers, each given once.", default=())
    contracts: Sequence[ContractTermEntry] = said("What was agreed with it.", default=())
    delivery_days: Sequence[DeliveryDayEntry] = said("The weekdays on which it delivers; all if none.", default=())
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Partner:
        return FORM.create(work, replace(self, number=self.number or drawn_number()))


UpdatePartner = editable(CreatePartner, FORM)
ArchivePartner, RestorePartner = archivable(Partner)


def drawn_number() -> str:
    """A number for a partner that came without one: partners belong to no company, and so to no company's series."""
    return "P-" + "".join(secrets.choice(_ALPHABET) for _ in range(8))
