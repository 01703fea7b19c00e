"""Products and what they are measured, grouped, taxed and bought by."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.catalog import product, tax, tax_position, unit, vendor_price
from resolvers.sources import COST, PRICE
from resolvers.values import CountryCode, CurrencyCode
from schema.declare import Connection, column, connection, describes, many, one, word
from schema.record import Node, Record
from schema.words import TAX_PLACES, TRADE_DIRECTIONS

if TYPE_CHECKING:
    from schema.company import Company
    from schema.exception import ImportException
    from schema.partner import Partner
    from schema.price import PriceListItem
    from schema.stock import Move, Position


@describes(unit.Unit, right="master.read")
class Unit(Record):
    """A unit of measure."""

    code: str = column("A short code, such as PCE.")
    name: str = column("The name, such as piece.")
    digits: int = column("How many decimals quantities in it may have.")
    unece: str | None = column("The code by UN/ECE Recommendation 20, as electronic invoices need it.")


@describes(tax.Tax, right="master.read")
class Tax(Record):
    """A tax: its rate and category, whether prices include it, and what a buyer has of it."""

    code: str = column("A short code.")
    name: str = column("The name.")
    rate: Decimal = column("The rate in per cent.")
    category: str = column(
        "The UN/CEFACT 5305 code: S standard, Z zero, E exempt, AE reverse charge, K within the EU, G export, O none."
    )
    included: bool = column("Whether prices of lines and amounts of charges include it.")
    recoverable_percent: Decimal = column(
        "How much of it a buyer gets back, in per cent; the rest is cost.", guard="master.read"
    )
    reverse_charge_rate: Decimal | None = column(
        "The rate at which we, as the buyer, reckon it in the seller's place; null if we do not."
    )
    exemption_code: str | None = column("Why nothing is charged, by the list VATEX, such as VATEX-EU-G.")
    exemption_reason: str | None = column("Why nothing is charged, in words as they stand on papers.")


@describes(tax_position.TaxPosition, right="master.read", searched=("code", "name"))
class TaxPosition(Record):
    """Which taxes take the place of the usual ones in some trade: export, within the EU, reverse charge, exemption."""

    code: str = column("A short code.")
    name: str = column("The name.")
    company: Company | None = one("company_id", "The company it is for; all if null.")
    priority: int = column("Of several that apply, the highest goes first.")
    direction: str | None = word(TRADE_DIRECTIONS, "Whether it is for what is bought or for what is sold; null: both.")
    place: str = word(TAX_PLACES, "Where it applies.")
    countries: list[CountryCode] = column("The countries it lists, where it applies to some.", compared=False)
    vat_number: bool | None = column("Whether the partner must have a VAT number there, or none; null: all the same.")
    note: str | None = column("What papers must say.")
    taxes: list[TaxSubstitution] = many("position_id", "What becomes of which tax; those not listed stay.")


@describes(tax_position.TaxSubstitution, part_of=("position_id", "TaxPosition"))
class TaxSubstitution(Node):
    """In a position, a tax becomes another one, or none."""

    tax: Tax = one("tax_id", "The tax that is usual.")
    becomes: Tax | None = one("becomes_id", "The tax in its place; null if none.")


@describes(product.Category, right="master.read")
class Category(Record):
    """A group of products; one may order from it without knowing the product."""

    code: str = column("A short code.")
    name: str = column("The name.")
    parent: Category | None = one("parent_id", "The group it belongs to.")
    tax: Tax | None = one("tax_id", "The usual tax.")
    unit: Unit | None = one("unit_id", "The usual unit.")
    children: Connection[Category] = connection("parent_id", "The groups within it.")
    products: Connection[Product] = connection("category_id", "The products in it.")


@describes(product.Product, right="master.read", searched=("sku", "name", "barcode"))
class Product(Record):
    """What is bought, kept and sold: a good or a service."""

    sku: str = column("The firm's own number of the product.")
    name: str = column("The name.")
    barcode: str | None = column("The number a scanner reads, GTIN or other.")
    description: str | None = column("More about it.")
    category: Category | None = one("category_id", "The group it belongs to.")
    is_stocked: bool = column("Whether it is a good that is counted; services are not.")
    is_purchased: bool = column("Whether one buys it.")
    is_sold: bool = column("Whether one sells it.")
    unit: Unit = one("unit_id", "The unit that stock is counted in.")
    purchase_unit: Unit | None = one("purchase_unit_id", "The unit it is usually bought in; the stock unit if null.")
    sales_unit: Unit | None = one("sales_unit_id", "The unit it is usually sold in; the stock unit if null.")
    purchase_tax: Tax | None = one("purchase_tax_id", "The tax on buying it.")
    sales_tax: Tax | None = one("sales_tax_id", "The tax on selling it.")
    list_price: Decimal | None = column(
        "What it is sold for, in the currency of the company.", guard=("master.read", PRICE)
    )
    standard_cost: Decimal | None = column(
        "What it should cost, in the currency of the company.", guard=("master.read", COST)
    )
    over_receipt_percent: Decimal | None = column(
        "How much more than ordered may be received, in per cent.", guard="master.read"
    )
    units: list[ProductUnit] = many("product_id", "Further units, and how they convert.")
    vendor_prices: Connection[VendorPrice] = connection("product_id", "What vendors ask for it.")
    price_list_items: Connection[PriceListItem] = connection("product_id", "What price lists ask for it.")
    positions: Connection[Position] = connection("product_id", "What of it lies where, and what is on its way.")
    moves: Connection[Move] = connection("product_id", "How it came and went.")
    exceptions: Connection[ImportException] = connection("record_id", "What import flagged about it.")


@describes(product.ProductUnit, part_of=("product_id", "Product"))
class ProductUnit(Node):
    """A further unit of one product: `denominator` of it are `numerator` stock units."""

    unit: Unit = one("unit_id", "The further unit.")
    numerator: Decimal = column("How many stock units there are.")
    denominator: Decimal = column("To how many of this unit; 1 in most cases.")


@describes(vendor_price.VendorPrice, right="master.read")
class VendorPrice(Record):
    """What a vendor asks for a product: from which quantity, for how long, in which currency, and how soon it comes."""

    partner: Partner = one("partner_id", "The vendor.")
    product: Product = one("product_id", "The product.")
    company: Company | None = one("company_id", "The company it was agreed for; all if null.")
    item_number: str | None = column("The vendor's number of the product.")
    item_name: str | None = column("The vendor's name of the product.")
    unit: Unit = one("unit_id", "The unit that price and quantities are in.")
    minimum: Decimal | None = column("The least quantity it holds for.")
    maximum: Decimal | None = column("The greatest quantity it holds for.")
    multiple: Decimal | None = column("The quantity must be a multiple of this.")
    valid_from: date | None = column("The first day it holds.")
    valid_to: date | None = column("The last day it holds.")
    currency: CurrencyCode = column("The currency of the price.")
    price: Decimal = column("What `priceBase` units cost, before discount.", guard=COST)
    price_base: Decimal = column("How many units the price buys: 1, 100 and so on.")
    discount_percent: Decimal = column("What comes off, in per cent.", guard=COST)
    lead_days: int | None = column("How many days it takes to come; the vendor's if null.")
    over_receipt_percent: Decimal | None = column(
        "How much more than ordered may come, in per cent.", guard="master.read"
    )
    exceptions: Connection[ImportException] = connection("record_id", "What import flagged about it.")
