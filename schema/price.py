"""What is asked of customers: price lists, and what a product comes to by them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from domain.catalog import price_list
from resolvers.values import CurrencyCode
from schema.declare import Connection, column, connection, describes, money, one, shape, value
from schema.record import Money, Record
from schema.words import PRICE_SOURCES

if TYPE_CHECKING:
    from schema.company import Company
    from schema.exception import ImportException
    from schema.partner import Partner
    from schema.product import Category, Product, Unit

PRICE = "purchase.price"


@describes(price_list.PriceList, right="master.read", searched=("code", "name"))
class PriceList(Record):
    """What is asked of customers in a currency: of all, or of those to whom the list is given."""

    code: str = column("A short code.")
    name: str = column("The name.")
    currency: CurrencyCode = column("The currency of its prices.")
    company: Company | None = one("company_id", "The company it is for; all if null.")
    general: bool = column("Whether it holds for every customer; if not, for those whose `priceList` it is.")
    valid_from: date | None = column("The first day it holds.")
    valid_to: date | None = column("The last day it holds.")
    items: Connection[PriceListItem] = connection("price_list_id", "Its prices.")
    partners: Connection[Partner] = connection("price_list_id", "To whom it is given.")


@describes(price_list.PriceListItem, right="master.read")
class PriceListItem(Record):
    """What a product, or each product of a category, is sold for by a list."""

    price_list: PriceList = one("price_list_id", "The list.")
    product: Product | None = one("product_id", "The product; null if it is for a category.")
    category: Category | None = one("category_id", "For all products of this and the categories below it.")
    partner: Partner | None = one("partner_id", "The only customer it is for; null if the list says for whom.")
    unit: Unit | None = one("unit_id", "The unit that price and minimum are in; the product's stock unit if null.")
    minimum: Decimal | None = column("The least quantity of a line it holds for.")
    price: Decimal | None = column(
        "What `priceBase` units are sold for, in the currency of the list; null if a discount stands here.", guard=PRICE
    )
    price_base: Decimal = column("How many units the price buys: 1, 100 and so on.")
    discount_percent: Decimal | None = column(
        "What comes off the product's own list price, in per cent; null if a price stands here.", guard=PRICE
    )
    valid_from: date | None = column("The first day it holds.")
    valid_to: date | None = column("The last day it holds.")
    exceptions: Connection[ImportException] = connection("record_id", "What import flagged about it.")


@shape
class SalesPrice:
    """What is asked of a customer for a quantity of a product, on a day."""

    unit_price: Money = money("What `priceBase` units cost, before discount.")
    price_base: Decimal = value("How many units the price buys.")
    discount_percent: Decimal = value("What comes off, in per cent.")
    unit: Unit = one("unit_id", "The unit that it is in: the one that was asked for.")
    source: str = value("Where it is from: a price list, or the product itself.", words=PRICE_SOURCES)
    price_list_item: PriceListItem | None = one("price_list_item_id", "The item of a price list; null if from none.")
