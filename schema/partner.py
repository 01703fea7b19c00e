"""Partners, with all there is to say of them, and when they want to be paid."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.parties import partner, payment_term
from resolvers.selections import own_firm
from resolvers.values import JSON, CountryCode, CurrencyCode
from schema.declare import Connection, column, connection, describes, many, one, word
from schema.record import Node, Record
from schema.words import ADDRESS_ROLES, TAX_NUMBER_KINDS

if TYPE_CHECKING:
    from schema.document import Document
    from schema.exception import ImportException
    from schema.order import PurchaseOrder
    from schema.price import PriceList
    from schema.product import TaxPosition, VendorPrice


@describes(partner.Partner, right="master.read", owned=own_firm, searched=("number", "name"))
class Partner(Record):
    """A firm or person one trades with: vendor, customer or both."""

    number: str = column("The firm's own number of the partner.")
    name: str = column("The name.")
    is_vendor: bool = column("Whether one buys from it.")
    is_customer: bool = column("Whether one sells to it.")
    language: str | None = column("The language to write to it in, such as en or de-AT.")
    country: CountryCode | None = column("The country it is in.")
    website: str | None = column("Its site.")
    currency: CurrencyCode | None = column("The currency its papers are in; the company's if null.")
    preferred: bool = column("Whether it is preferred where several vendors would do.", guard="master.read")
    rating: int | None = column("How good a vendor it is, 1 (best) to 5.", guard="master.read")
    payment_term: PaymentTerm | None = one("payment_term_id", "When it is paid, or pays.")
    over_receipt_percent: Decimal | None = column(
        "How much more than ordered it may deliver, in per cent.", guard="master.read"
    )
    lead_days: int | None = column("How many days it usually takes to deliver.")
    note: str | None = column("What colleagues should know.", guard="master.read")
    electronic_address: str | None = column("Where electronic papers go to, such as a GLN.")
    electronic_scheme: str | None = column("The scheme of that by the code list EAS, such as 0088.")
    buyer_reference: str | None = column("What it wants to read on invoices.")
    price_list: PriceList | None = one("price_list_id", "The list it was given as a customer.")
    tax_position: TaxPosition | None = one("tax_position_id", "The tax position of its papers; found if null.")
    hold_reason: str | None = column("Why there is no new business with them for now.", guard="master.read")
    addresses: list[Address] = many("partner_id", "Where it is, and what for.")
    contacts: list[Contact] = many("partner_id", "Whom to reach there.")
    tax_numbers: list[TaxNumber] = many("partner_id", "Its tax numbers.")
    contracts: list[ContractTerm] = many("partner_id", "What was agreed with it.", order="valid_from")
    delivery_days: list[DeliveryDay] = many("partner_id", "When it delivers; on all days if none.", order="weekday")
    vendor_prices: Connection[VendorPrice] = connection("partner_id", "What it asks for its goods.")
    purchase_orders: Connection[PurchaseOrder] = connection("partner_id", "What was ordered from it.")
    documents: Connection[Document] = connection("partner_id", "All papers exchanged with it.")
    exceptions: Connection[ImportException] = connection("record_id", "What import flagged about it.")


@describes(partner.Address, part_of=("partner_id", "Partner"))
class Address(Node):
    """Where a partner is."""

    role: str = word(ADDRESS_ROLES, "What it is for.")
    street: str = column("Street and number, on one or several lines.")
    postal_code: str | None = column("The postal code.")
    city: str = column("The town.")
    region: str | None = column("State, province or canton.")
    country: CountryCode = column("The country.")


@describes(partner.Contact, part_of=("partner_id", "Partner"))
class Contact(Node):
    """A person or a desk at a partner."""

    name: str = column("Who it is.")
    job: str | None = column("What to reach them for: orders, billing, delivery, sales and so on.")
    email: str | None = column("Their address for mail.")
    phone: str | None = column("Their number.")


@describes(partner.TaxNumber, part_of=("partner_id", "Partner"))
class TaxNumber(Node):
    """A tax number of a partner, checked by the rule of its country."""

    country: CountryCode = column("Whose number it is.")
    kind: str = word(TAX_NUMBER_KINDS, "Which sort of number.")
    number: str = column("The number, without blanks.")


@describes(partner.ContractTerm, part_of=("partner_id", "Partner"))
class ContractTerm(Node):
    """What was agreed with a partner, in words, for a time."""

    title: str = column("What it is about: warranty, liability, minimum volume and so on.")
    text: str = column("What was agreed.")
    valid_from: date = column("The first day it holds.")
    valid_to: date | None = column("The last day it holds; null if it has no end.")


@describes(partner.DeliveryDay, part_of=("partner_id", "Partner"))
class DeliveryDay(Node):
    """A weekday on which a vendor delivers."""

    weekday: int = column("1 is Monday, 7 is Sunday.")


@describes(payment_term.PaymentTerm, right="master.read", searched=("name",))
class PaymentTerm(Record):
    """When a bill is due."""

    name: str = column("What people call it, such as 30 days net.")
    instalments: JSON = column("Rows of percent, days and endOfMonth; the last takes what is left.", compared=False)
    discount_percent: Decimal | None = column("What may be taken off for paying early, in per cent.")
    discount_days: int | None = column("Within how many days that holds.")
