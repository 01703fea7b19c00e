"""How price lists and their items are entered and changed; no two items say different things from the same day on."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.catalog.price_list import PriceList, PriceListItem
from domain.catalog.product import Category, Product, conversion
from domain.catalog.unit import Unit, quantity
from domain.kernel.archiving import archivable
from domain.kernel.bulk import bulk
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.decimals import PRICE_DIGITS
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, NotUnique, Refusals, at
from domain.kernel.fields import Values, as_given, day, decimal, in_order
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, currency, line
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner

_SAME = ("price_list_id", "product_id", "category_id", "partner_id", "unit_id", "minimum", "valid_from")


def _lasts(_: Work, __: Any, after: Values) -> None:
    in_order(after.get("valid_from"), after.get("valid_to"), path="validTo")


def _is_for_one_thing_at_one_price(_: Work, __: Any, after: Values) -> None:
    refusals = Refusals()
    with refusals.at("product"):
        if (after.get("product_id") is None) == (after.get("category_id") is None):
            raise BadInput("Give either a product or a category.")
    with refusals.at("price"):
        if (after.get("price") is None) == (after.get("discount_percent") is None):
            raise BadInput("Give either a price or a discount off the list price.")
    refusals.settle()


def _is_of_a_customer(work: Work, _: Any, after: Values) -> None:
    if after.get("partner_id") is not None and not (partner := work.find(Partner, after["partner_id"])).is_customer:
        raise BadInput(f"{partner.name} is no customer; give it that role first.", path=("partner",))


def _unit_is_known(work: Work, _: Any, after: Values) -> None:
    unit = after.get("unit_id")
    if after.get("product_id") is not None:
        product = work.find(Product, after["product_id"], options=[selectinload(Product.units)])
        with at("unit"):
            conversion(product, unit or product.unit_id)
        unit = unit or product.unit_id
    if unit is not None and after.get("minimum") is not None:
        with at("minimum"):
            quantity(after["minimum"], work.find(Unit, unit))


def _has_a_price_to_take_off(work: Work, _: Any, after: Values) -> None:
    """List prices of products are in the currency of a company."""
    given = work.find(PriceList, after["price_list_id"])
    if after.get("discount_percent") is None or given.company_id is None:
        return
    if (home := work.find(Company, given.company_id).currency) != given.currency:
        raise BadInput(
            f"List prices are in {home}, this list is in {given.currency}; give a price.", path=("discountPercent",)
        )


def _stands_alone(work: Work, item: PriceListItem | None, after: Values) -> None:
    """Writers of one list take turns here, since the rival may just be being written."""
    take_turn(work, "price list", after["price_list_id"])
    rivals = select(PriceListItem.id).where(
        PriceListItem.tenant_id == work.actor.tenant,
        PriceListItem.archived_at.is_(None),
        *(getattr(PriceListItem, name).is_not_distinct_from(after.get(name)) for name in _SAME),
    )
    if set(work.session.scalars(rivals)) - {item.id if item is not None else None}:
        raise NotUnique(
            "The list has a price for this, from the same quantity and the same day on; change that one.",
            path=("validFrom",),
        )


def _stands_alone_again(work: Work, item: PriceListItem) -> None:
    _stands_alone(work, item, {column.key: getattr(item, column.key) for column in PriceListItem.__table__.columns})


FORM = Form(
    model=PriceList,
    fields={
        "code": code,
        "name": line,
        "currency": currency,
        "company": Company,
        "general": as_given,
        "valid_from": day,
        "valid_to": day,
    },
    unique=(("code",),),
    rules=(_lasts,),
)
_QUANTITY = decimal(digits=6, above=0)
ITEM = Form(
    model=PriceListItem,
    fields={
        "price_list": PriceList,
        "product": Product,
        "category": Category,
        "partner": Partner,
        "unit": Unit,
        "minimum": _QUANTITY,
        "price": decimal(digits=PRICE_DIGITS, least=0),
        "price_base": _QUANTITY,
        "discount_percent": decimal(digits=4, least=0, most=100),
        "valid_from": day,
        "valid_to": day,
    },
    rules=(
        _lasts, _is_for_one_thing_at_one_price, _is_of_a_customer, _unit_is_known, _has_a_price_to_take_off,
        _stands_alone,
    ),
)  # fmt: skip


@command(right="master.write", answers=PriceList)
class CreatePriceList(Command):
    """Begin a list of what is asked of customers in a currency; its prices are items, each entered by itself."""

    code: str = said("What people call it, such as WHOLESALE; unique.")
    name: str = said("Its name.")
    currency: str = said("The currency of its prices, by ISO 4217; it holds for papers in this currency. For good.")
    company: Ref | None = said("The company it is for; all companies if not given. For good.", default=None)
    general: bool = said(
        "Whether it holds for every customer; if not, for those whose `priceList` it is.", default=False
    )
    valid_from: date | None = said("The first day of papers it holds for; open if not given.", default=None)
    valid_to: date | None = said("The last day of papers it holds for; open if not given.", default=None)
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> PriceList:
        return FORM.create(work, self)


UpdatePriceList = editable(CreatePriceList, FORM, fixed=frozenset({"currency", "company"}))
ArchivePriceList, RestorePriceList = archivable(PriceList)


@command(right="master.write", answers=PriceListItem)
class CreatePriceListItem(Command):
    """Enter what a product, or each product of a category, is sold for by a list.

    Of several that apply to a line, the one for the partner alone goes first, then one of the list that the partner
    was given, then one of a general list; then product before category, and the nearer category before the one above
    it; then the higher minimum; then the later beginning; then the company's own list; then the one entered later.
    """

    price_list: Ref = said("The list. For good.")
    product: Ref | None = said("The product. Give this or `category`.", default=None)
    category: Ref | None = said("For all products of this category and those below it.", default=None)
    partner: Ref | None = said("Only for this customer, whatever lists it was given.", default=None)
    unit: Ref | None = said(
        "The unit that price and minimum are in; the product's stock unit if not given. Where a product of the "
        "category does not know it, the item does not apply.",
        default=None,
    )
    minimum: Decimal | None = said("From which quantity of a line it holds; from any if not given.", default=None)
    price: Decimal | None = said(
        "The price of `priceBase` units, 0 or more, with at most 6 decimals. Give this or `discountPercent`.",
        default=None,
    )
    price_base: Decimal = said("The quantity that the price buys, such as 100.", default=Decimal(1))
    discount_percent: Decimal | None = said(
        "What comes off the product's own list price, in per cent; where the list is in another currency than the "
        "company, or the product has no list price, the item does not apply.",
        default=None,
    )
    valid_from: date | None = said("The first day of papers it holds for; open if not given.", default=None)
    valid_to: date | None = said("The last day of papers it holds for; open if not given.", default=None)
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> PriceListItem:
        item = ITEM.create(work, self)
        item.company_id = work.find(PriceList, item.price_list_id).company_id
        return item


UpdatePriceListItem = editable(
    CreatePriceListItem, ITEM, fixed=frozenset({"price_list", "product", "category", "partner"})
)
ArchivePriceListItem, RestorePriceListItem = archivable(PriceListItem, before_restoring=_stands_alone_again)
CreatePriceListItems = bulk(
    CreatePriceListItem,
    "CreatePriceListItems",
    items="items",
    manual="Enter many items of price lists at once.",
)
