"""Where the price of a line comes from if nobody gives one: a vendor's prices, an estimate, or what is asked for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Protocol
from uuid import UUID

from domain.catalog import vendor_price as prices
from domain.catalog.pricing import LIST_PRICE, PRICE_LIST, PriceBook
from domain.catalog.product import Product, conversion
from domain.kernel.decimals import PRICE_DIGITS, product_of, ratio, rounded
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import BadInput
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner

GIVEN, OFFERED, VENDOR_PRICE, IMPORTED, ESTIMATED = "given", "offered", "vendor_price", "imported", "estimated"
"""Where a price is from, beside the lists. An imported line that is written again at its price keeps the mark."""
LOOKED_UP = frozenset({VENDOR_PRICE, ESTIMATED, PRICE_LIST, LIST_PRICE})
"""Prices that are looked up again where the line is written again."""
Products = Mapping[UUID, Product]


@dataclass(frozen=True, slots=True, kw_only=True)
class Priced:
    """A price found for a line, in the line's unit, and what goes with it.

    `holds` is the tax that it was meant for: if that is an included one, it is in it.
    """

    price: Decimal
    source: str
    price_base: Decimal = Decimal(1)
    discount_percent: Decimal = ZERO
    vendor_price: UUID | None = None
    price_list_item: UUID | None = None
    holds: UUID | None = None
    item_number: str | None = None
    expected_on: date | None = None


class Pricing(Protocol):
    """Finds prices for the lines of one paper; everything needed is looked up at once, whatever their number."""

    def price(self, line: Line) -> Priced:
        """The price of a line that has a product or category, a quantity and a unit. BadInput if there is none."""

    def led(self) -> date | None:
        """When a line without a price of its own should come."""


class VendorPricing:
    """What the vendor asks, by the vendor prices."""

    def __init__(self, work: Work, paper: Document, company: Company, partner: Partner | None, known: Products) -> None:
        del company
        self._paper, self._vendor = paper, partner
        self._rows = prices.prices_for(work, partner.id, known) if partner is not None else {}

    def price(self, line: Line) -> Priced:
        rows = self._rows.get(line.product_id, []) if line.product_id else []
        row = prices.chosen(
            rows, quantity=line.quantity, unit_id=line.unit_id, currency=self._paper.currency,
            dated=self._paper.dated, company_id=self._paper.company_id,
        )  # fmt: skip
        if row is None:
            raise BadInput(
                f"No price of this vendor applies to that quantity, unit and date in {self._paper.currency}; "
                "give the unit price, or add a vendor price.",
                path=("unitPrice",),
            )
        if refused := prices.fits(row, line.quantity):
            refused.path = ("quantity",)
            raise refused
        return Priced(
            price=row.price, source=VENDOR_PRICE, price_base=row.price_base, discount_percent=row.discount_percent,
            vendor_price=row.id, item_number=row.item_number,
            expected_on=prices.expected_on(row, self._vendor, self._paper.dated) if self._vendor else None,
        )  # fmt: skip

    def led(self) -> date | None:
        return prices.expected_on(None, self._vendor, self._paper.dated) if self._vendor else None


class Estimate:
    """What things usually cost, in the paper's currency at its rate: an estimate, 0 where nothing is known."""

    def __init__(self, work: Work, paper: Document, company: Company, partner: Partner | None, known: Products) -> None:
        del work, company, partner
        self._known, self._rate = known, paper.exchange_rate

    def price(self, line: Line) -> Priced:
        product = self._known.get(line.product_id) if line.product_id else None
        cost = product.standard_cost if product is not None else None
        if product is None or cost is None:
            return Priced(price=ZERO, source=ESTIMATED)
        return Priced(
            price=rounded(ratio(_per_unit(cost, product, line.unit_id), self._rate), PRICE_DIGITS), source=ESTIMATED
        )

    def led(self) -> date | None:
        return None


class ListPricing:
    """What is asked of customers: by the price lists, else the product's own list price."""

    def __init__(self, work: Work, paper: Document, company: Company, partner: Partner | None, known: Products) -> None:
        self._paper, self._known = paper, known
        self._book = PriceBook(
            work, company=company, partner=partner, products=known.values(), currency=paper.currency, dated=paper.dated
        )

    def price(self, line: Line) -> Priced:
        product = self._known.get(line.product_id) if line.product_id else None
        if product is None:
            raise BadInput("Price lists are for products; give the unit price.", path=("unitPrice",))
        found = self._book.price(product, quantity=line.quantity, unit_id=line.unit_id)
        return Priced(
            price=found.unit_price, source=found.source, price_base=found.price_base,
            discount_percent=found.discount_percent, price_list_item=found.item, holds=product.sales_tax_id,
        )  # fmt: skip

    def led(self) -> date | None:
        return None


def _per_unit(price: Decimal, product: Product, unit: UUID) -> Decimal:
    """A price of one stock unit, of another of the product's units."""
    numerator, denominator = conversion(product, unit)
    return rounded(ratio(product_of(price, numerator), denominator), PRICE_DIGITS)
