"""What a line asks of a customer: found for all lines of a paper in a few statements, whatever their number."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Uuid, and_, any_, false, literal, or_, select

from domain.catalog.price_list import PriceList, PriceListItem
from domain.catalog.product import Category, Product, conversion
from domain.kernel.base import again
from domain.kernel.decimals import PRICE_DIGITS, rounded
from domain.kernel.decimals import ratio as ratio_of
from domain.kernel.errors import PriceMissing
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner

ZERO = Decimal(0)
PRICE_LIST, LIST_PRICE = "price_list", "list_price"
"""Where a price is from: an item of a list, or the product itself."""
OWN, GIVEN, GENERAL = 2, 1, 0
"""How much an item is for the partner: for it alone, of the list it was given, of a list for all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A product, with its `units` loaded, and how much of it in which unit."""

    product: Product
    quantity: Decimal
    unit_id: UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class Price:
    """`unit_price` less `discount_percent` buys `price_base` of the unit that was asked for."""

    unit_price: Decimal
    price_base: Decimal
    discount_percent: Decimal
    source: str
    item: UUID | None


@dataclass(frozen=True, slots=True)
class Offer:
    """An item as it stands for the partner: how much it is for it, how far its category is, whose list it is on."""

    item: PriceListItem
    whose: int
    begins: date
    of_the_company: bool


def price_for(
    work: Work, *, company: Company, partner: Partner | None, wanted: Sequence[Wanted], currency: str, dated: date
) -> list[Price | PriceMissing]:
    """The price of each that is wanted, in their order, or why there is none."""
    products = [one.product for one in wanted]
    book = PriceBook(work, company=company, partner=partner, products=products, currency=currency, dated=dated)
    return [_found(book, one) for one in wanted]


class PriceBook:
    """All that may be asked for some products, of one partner, on one day and in one currency.

    Of the items that apply to a line, the most special for the partner goes first; then product before category, and
    the nearer category before the one above; then the higher break; then the later beginning, of the item or else of
    its list; then the company's own list; then the item entered later. Where none applies, the product's own list
    price does, if it is in the currency.
    """

    def __init__(
        self, work: Work, *, company: Company, partner: Partner | None, products: Iterable[Product], currency: str,
        dated: date,
    ) -> None:  # fmt: skip
        self._company, self._partner, self._currency, self._dated = company, partner, currency, dated
        self._at_home = currency == company.currency
        known = {product.id: product for product in products}
        self._above = _above(work, {one.category_id for one in known.values() if one.category_id})
        self._offers: defaultdict[UUID, list[Offer]] = defaultdict(list)
        for offer in self._read(work, known):
            self._offers[offer.item.product_id or offer.item.category_id or offer.item.id].append(offer)

    def price(self, product: Product, *, quantity: Decimal, unit_id: UUID) -> Price:
        """The price of so much; PriceMissing if there is none. BadInput if the product does not know the unit."""
        unit = _factor(product, unit_id)
        claims = [
            (rank, offer.item, factor)
            for distance, offer in self._near(product)
            if (factor := self._stock_units(offer.item, product)) is not None
            and (least := Fraction(offer.item.minimum or ZERO) * factor) <= Fraction(quantity) * unit
            for rank in [(offer.whose, -distance, least, offer.begins, offer.of_the_company, offer.item.id)]
        ]
        if claims:
            _, item, factor = max(claims, key=lambda claim: claim[0])
            return _of_item(item, product, unit, factor)
        if self._at_home and product.list_price is not None:
            return _of_product(product, unit)
        raise self._missing(product)

    def _near(self, product: Product) -> Iterable[tuple[int, Offer]]:
        yield from ((0, offer) for offer in self._offers.get(product.id, ()))
        for distance, category in enumerate(self._above.get(product.category_id, ()), start=1):
            yield from ((distance, offer) for offer in self._offers.get(category, ()))

    def _stock_units(self, item: PriceListItem, product: Product) -> Fraction | None:
        """How many stock units one unit of the item is; None if the item says nothing of this product."""
        if item.price is None and (product.list_price is None or not self._at_home):
            return None
        if item.unit_id is None or item.unit_id == product.unit_id:
            return Fraction(1)
        if item.unit_id not in {known.unit_id for known in product.units}:
            return None
        return _factor(product, item.unit_id)

    def _read(self, work: Work, products: Iterable[UUID]) -> Iterable[Offer]:
        given = self._partner.price_list_id if self._partner else None
        categories = {above for some in self._above.values() for above in some}
        begun = [_holds(one, self._dated) for one in (PriceList, PriceListItem)]
        mine = PriceListItem.partner_id == self._partner.id if self._partner else false()
        for_all = and_(PriceListItem.partner_id.is_(None), or_(PriceList.general, PriceList.id == given))
        of_what = or_(
            PriceListItem.product_id == any_(_ids(products)), PriceListItem.category_id == any_(_ids(categories))
        )
        statement = (
            select(PriceListItem, PriceList.valid_from, PriceList.company_id)
            .join(PriceList, PriceList.id == PriceListItem.price_list_id)
            .where(PriceList.tenant_id == work.actor.tenant, PriceListItem.tenant_id == work.actor.tenant)
            .where(PriceList.currency == self._currency, *begun)
            .where(or_(PriceList.company_id.is_(None), PriceList.company_id == self._company.id))
            .where(or_(mine, for_all), of_what)
        )
        for item, begins, whose in work.session.execute(statement):
            rank = OWN if item.partner_id else GIVEN if item.price_list_id == given else GENERAL
            yield Offer(item, rank, item.valid_from or begins or date.min, whose is not None)

    def _missing(self, product: Product) -> PriceMissing:
        instead = ", or give the product a list price" if self._at_home else ""
        return PriceMissing(
            f"No price list in {self._currency} has a price of {product.sku} for this customer, quantity and day; "
            f"add one to a list{instead}, or give the unit price.",
            path=("unitPrice",), product=product.id, currency=self._currency,
        )  # fmt: skip


def _found(book: PriceBook, one: Wanted) -> Price | PriceMissing:
    try:
        return book.price(one.product, quantity=one.quantity, unit_id=one.unit_id)
    except PriceMissing as missing:
        return missing


def _above(work: Work, categories: set[UUID]) -> dict[UUID | None, list[UUID]]:
    """Each category with those above it, the nearest first."""
    if not categories:
        return {}
    first = select(Category.id.label("of"), Category.id, Category.parent_id, literal(0).label("distance")).where(
        Category.tenant_id == work.actor.tenant, Category.id == any_(_ids(categories))
    )
    tree, higher = first.cte("above", recursive=True), again(Category, "higher")
    tree = tree.union_all(
        select(tree.c.of, higher.id, higher.parent_id, tree.c.distance + 1).where(
            higher.tenant_id == work.actor.tenant, higher.id == tree.c.parent_id
        )
    )
    found: defaultdict[UUID | None, list[UUID]] = defaultdict(list)
    for row in work.session.execute(select(tree.c.of, tree.c.id).order_by(tree.c.of, tree.c.distance)):
        found[row.of].append(row.id)
    return dict(found)


def _holds(one: Any, dated: date) -> Any:
    return and_(
        one.archived_at.is_(None),
        or_(one.valid_from.is_(None), one.valid_from <= dated),
        or_(one.valid_to.is_(None), one.valid_to >= dated),
    )


def _ids(ids: Iterable[UUID]) -> Any:
    return literal(sorted(ids), ARRAY(Uuid))


def _factor(product: Product, unit_id: UUID) -> Fraction:
    numerator, denominator = conversion(product, unit_id)
    return Fraction(numerator) / Fraction(denominator)


def _of_item(item: PriceListItem, product: Product, unit: Fraction, factor: Fraction) -> Price:
    if item.price is None:
        price, base = _in_unit(product.list_price or ZERO, Decimal(1), unit)
    else:
        price, base = _in_unit(item.price, item.price_base, unit / factor)
    off = item.discount_percent or ZERO
    return Price(unit_price=price, price_base=base, discount_percent=off, source=PRICE_LIST, item=item.id)


def _of_product(product: Product, unit: Fraction) -> Price:
    price, base = _in_unit(product.list_price or ZERO, Decimal(1), unit)
    return Price(unit_price=price, price_base=base, discount_percent=ZERO, source=LIST_PRICE, item=None)


def _in_unit(price: Decimal, base: Decimal, ratio: Fraction) -> tuple[Decimal, Decimal]:
    """Price and base of a unit that is so many of the one they are in: exact by either, rounded only if by neither."""
    if ratio == 1:
        return price, base
    exact = _exact(Fraction(price) * ratio, least=-int(price.as_tuple().exponent))
    if exact is not None:
        return exact, base
    other = _exact(Fraction(base) / ratio, least=0)
    if other is not None:
        return price, other
    found = Fraction(price) * ratio
    return rounded(ratio_of(Decimal(found.numerator), Decimal(found.denominator)), PRICE_DIGITS), base


def _exact(value: Fraction, *, least: int) -> Decimal | None:
    """The value with as few decimals as it needs; None if it needs more than prices have."""
    for digits in range(max(0, least), PRICE_DIGITS + 1):
        scaled = value * 10**digits
        if scaled.denominator == 1:
            return Decimal(scaled.numerator).scaleb(-digits)
    return None
