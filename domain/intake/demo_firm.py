"""The demo firm as it stands before it trades: a small maker of bicycles, its people, vendors, products and prices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from stdnum import ean

from domain.access.people import CreateUser
from domain.catalog.category_entry import CreateCategory
from domain.catalog.product_entry import CreateProduct, ProductUnitEntry
from domain.catalog.tax import CreateTax
from domain.catalog.tax_position_entry import CreateTaxPosition, TaxSubstitutionEntry
from domain.catalog.unit_entry import CreateUnit
from domain.catalog.vendor_price_entry import CreateVendorPrice
from domain.kernel.commands import Command, Ref
from domain.kernel.references import ExternalKey
from domain.parties.letterhead import AddressEntry, BankAccountEntry, TaxNumberEntry
from domain.parties.partner_entry import (
    ContactEntry,
    ContractTermEntry,
    CreatePartner,
    DeliveryDayEntry,
)
from domain.parties.payment_term import CreatePaymentTerm, InstalmentEntry
from domain.parties.rate import RateEntry, SetRates
from domain.stock.founding import CreateCompany
from domain.stock.location_entry import CreateLocation

SOURCE = "demo"
PASSWORD = "demo-demo-demo"  # noqa: S105 - known to all, and good for the demo alone
RATED_DAYS = 45

COMPANY = CreateCompany(
    code="HCW", name="Harbor Cycle Works Inc.", country="US", currency="USD", time_zone="America/New_York",
    approval_threshold=Decimal(5000),
    addresses=[
        AddressEntry(role=role, street=street, postal_code="04101", city="Portland", region="ME", country="US")
        for role, street in [("legal", "210 Commercial Street"), ("delivery", "Pier 4, Gate 2")]
    ],
    tax_numbers=[TaxNumberEntry(country="US", kind="other", number="00-1234567")],
    bank_accounts=[BankAccountEntry(bank="Harbor Savings Bank, routing number 000000000", number="4000 1234 5678")],
)  # fmt: skip
"""Its numbers are of a form that is given to nobody."""
PEOPLE = {
    "buyer": "Bea Novak",
    "approver": "Adam Okafor",
    "storekeeper": "Sofia Lind",
    "seller": "Tomasz Nowak",
    "accountant": "Carl Meyer",
    "viewer": "Vera Silva",
    "administrator": "Ada Brandt",
    "partner": "Paul Reyes",
}
"""Who plays which role; everybody's account is called as the role."""


def masters(today: date) -> Iterator[Command]:
    """Everything the firm knows before it buys, in an order in which it can be entered."""
    yield from UNITS
    yield from TAXES
    yield from POSITIONS
    yield from CATEGORIES
    yield from TERMS
    yield from PLACES
    yield SetRates(rates=list(_rates(today)))
    yield from VENDORS
    yield from CUSTOMERS
    yield from PRODUCTS
    yield from PRICES


def people(company: Ref) -> Iterator[CreateUser]:
    """One person for each role; the partner is of a vendor's house."""
    for role, name in PEOPLE.items():
        yield CreateUser(
            account=role, name=name, password=PASSWORD, roles=[role], companies=[company],
            email=f"{role}@harbor-cycle-works.example", partner=known("prairie") if role == "partner" else None,
        )  # fmt: skip


def known(key: str) -> Ref:
    """A record by its key in the demo."""
    return Ref(source=SOURCE, key=key)


def _as(key: str) -> ExternalKey:
    return ExternalKey(source=SOURCE, key=key)


UNITS = [
    CreateUnit(code=code, name=name, digits=digits, unece=unece, external=_as(code))
    for code, name, digits, unece in [
        ("PCE", "Piece", 0, "C62"),
        ("BOX", "Box", 0, "BX"),
        ("MTR", "Metre", 2, "MTR"),
        ("KGM", "Kilogram", 3, "KGM"),
    ]
]
TAXES = [
    CreateTax(code="ST8", name="Sales tax 8 %", rate=Decimal(8), recoverable_percent=Decimal(0), external=_as("ST8")),
    CreateTax(
        code="EXPORT",
        name="Export, free of tax",
        rate=Decimal(0),
        category="G",
        exemption_code="VATEX-EU-G",
        exemption_reason="Goods that leave the country.",
        external=_as("EXPORT"),
    ),
    CreateTax(
        code="RESALE",
        name="For resale, exempt",
        rate=Decimal(0),
        category="E",
        exemption_reason="Sold for resale; the certificate is on file.",
        external=_as("RESALE"),
    ),
]
POSITIONS = [
    CreateTaxPosition(
        code="EXPORT", name="Sold abroad", direction="sale", place="abroad", external=_as("EXPORT position"),
        taxes=[TaxSubstitutionEntry(tax=known("ST8"), becomes=known("EXPORT"))],
    )
]  # fmt: skip
CATEGORIES = [
    CreateCategory(code=code, name=name, tax=known("ST8"), unit=known("PCE"), external=_as(code))
    for code, name in [("PARTS", "Parts of bicycles"), ("PACKING", "Packing"), ("WORKSHOP", "Tools and workshop")]
]
TERMS = [
    CreatePaymentTerm(name="30 days net", instalments=[InstalmentEntry(days=30)], external=_as("30 days")),
    CreatePaymentTerm(
        name="Half in 14 days, half by the end of the next month", external=_as("halves"),
        instalments=[InstalmentEntry(percent=Decimal(50), days=14), InstalmentEntry(days=30, end_of_month=True)],
        discount_percent=Decimal(2), discount_days=10,
    ),
]  # fmt: skip
PLACES = [
    CreateLocation(code="A1", name="Shelf A1", external=_as("A1")),
    CreateLocation(code="YARD", name="Yard, long goods", external=_as("YARD")),
]


def _rates(today: date) -> Iterator[RateEntry]:
    """Of every working day: the euro around 1.08 dollars, the pound around 1.27, each wandering a little."""
    for back in range(RATED_DAYS):
        dated = today - timedelta(days=back)
        if dated.isoweekday() <= 5:  # noqa: PLR2004 - Friday
            swing = Decimal(dated.toordinal() * 7 % 41 - 20) / 2000
            yield RateEntry(base="EUR", quote="USD", dated=dated, rate=Decimal("1.0800") + swing)
            yield RateEntry(base="GBP", quote="USD", dated=dated, rate=Decimal("1.2700") + swing)


def _legal(street: str, postal_code: str, city: str, country: str, *, region: str | None = None) -> AddressEntry:
    return AddressEntry(
        role="legal", street=street, postal_code=postal_code, city=city, region=region, country=country
    )  # fmt: skip


VENDORS = [
    CreatePartner(
        number="V-100", name="Prairie Tube & Steel Co.", is_vendor=True, country="US", language="en", preferred=True,
        rating=1, payment_term=known("30 days"), lead_days=7, over_receipt_percent=Decimal(2), external=_as("prairie"),
        addresses=[_legal("400 Foundry Road", "60608", "Chicago", "US", region="IL")],
        contacts=[ContactEntry(name="Paul Reyes", job="orders", email="orders@prairie-tube.example")],
        delivery_days=[DeliveryDayEntry(weekday=2), DeliveryDayEntry(weekday=4)],
    ),
    CreatePartner(
        number="V-200", name="Alpine Bearings GmbH", is_vendor=True, country="DE", language="de", currency="EUR",
        rating=2, payment_term=known("halves"), lead_days=14, external=_as("alpine"),
        addresses=[_legal("Lagerweg 12", "87435", "Kempten", "DE")],
        contacts=[ContactEntry(name="Lena Huber", job="sales", email="lena.huber@alpine-bearings.example")],
        tax_numbers=[TaxNumberEntry(country="DE", number="DE 100 000 008")],
        contracts=[
            ContractTermEntry(title="Warranty", text="24 months, freight included.", valid_from=date(2024, 1, 1)),
        ],
    ),
    CreatePartner(
        number="V-300", name="Thames Tyre & Rubber Ltd", is_vendor=True, country="GB", language="en", currency="GBP",
        rating=3, payment_term=known("30 days"), lead_days=10, external=_as("thames"),
        addresses=[_legal("8 Wharf Lane", "SE1 9AA", "London", "GB")],
    ),
    CreatePartner(
        number="V-400", name="Cascade Packaging LLC", is_vendor=True, country="US", language="en", rating=2,
        payment_term=known("30 days"), lead_days=5, external=_as("cascade"),
        addresses=[_legal("77 Mill Street", "97201", "Portland", "US", region="OR")],
    ),
]  # fmt: skip


CUSTOMERS = [
    CreatePartner(
        number="C-100", name="Fjord Sykler AS", is_customer=True, country="NO", language="no", currency="USD",
        payment_term=known("30 days"), external=_as("fjord"),
        addresses=[_legal("Bryggen 14", "5003", "Bergen", "NO")],
        contacts=[ContactEntry(name="Ingrid Dahl", job="orders", email="ingrid.dahl@fjord-sykler.example")],
    ),
    CreatePartner(
        number="C-200", name="Harbor Street Bicycles", is_customer=True, country="US", language="en",
        payment_term=known("30 days"), external=_as("harbor-shop"),
        addresses=[_legal("12 Harbor Street", "04101", "Portland", "US", region="ME")],
    ),
]  # fmt: skip


def _product(number: int, sku: str, name: str, unit: str = "PCE", **more: Any) -> CreateProduct:
    """Barcodes begin with 2: GTINs that a house gives to goods of its own."""
    body = f"2000000{number:05d}"
    box = more.pop("box", None)
    units = [ProductUnitEntry(unit=known("BOX"), numerator=Decimal(box))] if box else []
    return CreateProduct(
        sku=sku, name=name, unit=known(unit), units=units, barcode=body + ean.calc_check_digit(body),
        **{"category": known("PARTS"), "purchase_tax": known("RESALE"), "external": _as(sku), **more},
    )  # fmt: skip


PRODUCTS = [
    _product(1, "FRAME-M", "Frame, chromoly, size M", standard_cost=Decimal("178.00"), list_price=Decimal("329.00")),
    _product(2, "TUBE-25", "Steel tube, 25 mm", "MTR", standard_cost=Decimal("7.20")),
    _product(3, "BEARING-608", "Ball bearing 608", box=50, purchase_unit=known("BOX"), standard_cost=Decimal("0.92")),
    _product(4, "HUB-8", "Rear hub, 8-speed", standard_cost=Decimal("80.00"), list_price=Decimal("139.00")),
    _product(5, "CHAIN-8", "Chain, 8-speed", box=25, standard_cost=Decimal("12.10"), list_price=Decimal("24.90")),
    _product(6, "TYRE-700", "Tyre 700 x 35C", box=10, standard_cost=Decimal("18.70"), list_price=Decimal("39.90")),
    _product(7, "TUBE-700", "Inner tube 700C", box=50, over_receipt_percent=Decimal(5), list_price=Decimal("7.50")),
    _product(8, "SADDLE", "Saddle, comfort", standard_cost=Decimal("27.20"), list_price=Decimal("59.00")),
    _product(
        9, "CARTON", "Bicycle carton", box=25, is_sold=False, category=known("PACKING"), purchase_tax=known("ST8")
    ),
    _product(10, "WRAP", "Stretch wrap, 500 mm", is_sold=False, category=known("PACKING"), purchase_tax=known("ST8")),
    _product(
        11, "GREASE", "Bearing grease", "KGM", is_sold=False, category=known("WORKSHOP"), purchase_tax=known("ST8")
    ),
    _product(
        13,
        "COMPUTER",
        "Bicycle computer",
        standard_cost=Decimal("64.00"),
        list_price=Decimal("129.00"),
        sales_tax=known("ST8"),
    ),
    _product(12, "COATING", "Powder coating of a frame", is_stocked=False, is_sold=False, purchase_tax=known("ST8")),
]


def _prices(vendor: str, currency: str, sku: str, unit: str, *steps: tuple[str, str], **more: Any) -> Sequence[Command]:
    """A vendor's prices for a product, each from a minimum quantity on."""
    return [
        CreateVendorPrice(
            partner=known(vendor), product=known(sku), unit=known(unit), currency=currency,
            minimum=Decimal(least) if least != "0" else None, price=Decimal(price), **more,
        )
        for least, price in steps
    ]  # fmt: skip


PRICES = [
    *_prices("prairie", "USD", "FRAME-M", "PCE", ("0", "189.00"), ("20", "175.50"), item_number="FM-4130"),
    *_prices("prairie", "USD", "TUBE-25", "MTR", ("0", "7.85"), ("100", "6.95"), item_number="T25", lead_days=4),
    *_prices("prairie", "USD", "COATING", "PCE", ("0", "38.00")),
    *_prices("alpine", "EUR", "BEARING-608", "PCE", ("0", "89.00"), ("500", "79.00"), price_base=Decimal(100)),
    *_prices(
        "alpine", "EUR", "BEARING-608", "BOX", ("0", "43.50"), item_number="608-50", item_name="Rillenkugellager 608"
    ),
    *_prices("alpine", "EUR", "HUB-8", "PCE", ("0", "74.50"), ("50", "71.20"), item_number="HN-8R"),
    *_prices("alpine", "EUR", "CHAIN-8", "PCE", ("0", "11.20"), multiple=Decimal(5)),
    *_prices("alpine", "EUR", "GREASE", "KGM", ("0", "12.60")),
    *_prices("thames", "GBP", "TYRE-700", "PCE", ("10", "14.75"), ("100", "13.90"), multiple=Decimal(10)),
    *_prices("thames", "GBP", "TUBE-700", "PCE", ("0", "2.35"), discount_percent=Decimal(5)),
    *_prices("thames", "GBP", "SADDLE", "PCE", ("0", "21.40"), lead_days=21),
    *_prices("cascade", "USD", "CARTON", "PCE", ("0", "3.10"), ("250", "2.70"), over_receipt_percent=Decimal(10)),
    *_prices("cascade", "USD", "WRAP", "PCE", ("0", "6.40")),
]
