"""What can be imported: a table of all kinds, each with the command from which its fields follow, and its writer."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from domain.catalog.category_entry import CreateCategory
from domain.catalog.price_list_entry import CreatePriceList, CreatePriceListItem
from domain.catalog.product_entry import CreateProduct
from domain.catalog.tax import CreateTax
from domain.catalog.tax_position_entry import CreateTaxPosition
from domain.catalog.unit_entry import CreateUnit
from domain.catalog.vendor_price_entry import CreateVendorPrice
from domain.flow.recording import RecordPurchaseOrder, record_all
from domain.intake.checking import ON_ORDER, OnOrder, check_on_order
from domain.intake.history import write_history
from domain.intake.mistakes import Mistake
from domain.intake.notation import BOOLEAN
from domain.intake.rates import write_rates
from domain.intake.reckoning import counts, orders
from domain.intake.shapes import ARCHIVED, Field, Kind, fields_of
from domain.intake.writing import write
from domain.kernel.commands import COMMANDS, Command
from domain.kernel.events import record_type
from domain.parties.partner_entry import CreatePartner
from domain.parties.payment_term import CreatePaymentTerm
from domain.parties.rate import RateEntry
from domain.stock.counting import RecordStockCount
from domain.stock.location_entry import CreateLocation

_NATURAL: dict[type[Command], tuple[str, ...]] = {
    CreateUnit: ("code",),
    CreateTax: ("code",),
    CreatePaymentTerm: ("name",),
    CreateCategory: ("code",),
    CreatePartner: ("number",),
    CreateProduct: ("sku", "barcode"),
    CreateVendorPrice: (),
    CreateLocation: ("code",),
    CreateTaxPosition: ("code",),
    CreatePriceList: ("code",),
    CreatePriceListItem: (),
}


@cache
def kinds() -> Mapping[str, Kind]:
    """Every kind by its word."""
    masters = [_master(create, natural) for create, natural in _NATURAL.items()]
    rates = Kind(
        word="rate", fields=fields_of(RateEntry), write=write_rates, key=("base", "quote", "dated"), effort=(300, 100)
    )
    history = [
        _history(RecordPurchaseOrder, together=record_all, reckon=orders, effort=(2200, 250)),
        _history(RecordStockCount, reckon=counts, effort=(6000, 250)),
    ]
    checks = [Kind(word=ON_ORDER, fields=fields_of(OnOrder), write=check_on_order, final=True, effort=(1000, 200))]
    return {kind.word: kind for kind in [*masters, rates, *history, *checks]}


def kind_called(word: str) -> Kind:
    """The kind of this name; Mistake if there is none."""
    if word not in kinds():
        raise Mistake(f"{word!r} is no kind of record; known: {', '.join(kinds())}")
    return kinds()[word]


def natural_keys(word: str) -> tuple[str, ...]:
    """By which of their columns records of a kind can be referred to; Mistake if they cannot be."""
    if word == "company":
        return ("code",)
    if (kind := kind_called(word)).creating is object:
        raise Mistake(f"{word!r} is nothing that can be referred to")
    return kind.natural


def _master(create: type[Command], natural: tuple[str, ...]) -> Kind:
    """Records that a second run brings up to date."""
    fields = fields_of(create)
    if f"Archive{create.answers.__name__}" in COMMANDS:
        fields[ARCHIVED] = Field(kind=BOOLEAN)
    return Kind(word=record_type(create.answers), fields=fields, write=write, creating=create, natural=natural)


def _history(record: type[Command], **more: Any) -> Kind:
    """Records of what was: entered once, and for good."""
    return Kind(
        word=record_type(record.answers), fields=fields_of(record), write=write_history, creating=record, final=True,
        **more,
    )  # fmt: skip
