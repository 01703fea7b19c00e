"""The positions of a paper: what is not given comes from products, vendor prices and price lists, and says so."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import selectinload

from domain.catalog.product import Category, Product
from domain.catalog.taxation import Taxation
from domain.catalog.unit import Unit
from domain.drafts.allowing import must_be_borne
from domain.drafts.bound import Bound, what
from domain.drafts.measuring import measure
from domain.drafts.pricing import GIVEN, IMPORTED, Estimate, ListPricing, Priced, Pricing, Products, VendorPricing
from domain.kernel import text, totals
from domain.kernel.base import Record
from domain.kernel.commands import Ref, given, said
from domain.kernel.decimals import PRICE_DIGITS, checked, currency_digits
from domain.kernel.documents import ZERO, Charge, Document, Line
from domain.kernel.errors import Archived, BadInput, NotFound, Refusals, at
from domain.kernel.fields import camel, decimal
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.rate import rate_on

MOST_LINES = 10_000
UNIT_PRICE = decimal(digits=PRICE_DIGITS, least=0)
PRICE_BASE = decimal(digits=6, above=0)
DISCOUNT = decimal(digits=4, least=0, most=100)
ASKED = "The vendor reads this and is asked what it costs; leave prices and charges out, and wait for the offer."
Row = TypeVar("Row", bound=Record)


@given
class OrderLine:
    """One position of a paper: a product, or a category with text."""

    id: Ref | None = said("When editing: an existing line of this paper to keep and change.", default=None)
    product: Ref | None = said("What it is about. Give this or `category`.", default=None)
    category: Ref | None = said("What sort of thing, if no product is known; then give `text`.", default=None)
    text: str | None = said("What stands on the paper, never empty; the product's name if not given.", default=None)
    quantity: Decimal = said("How much, in `unit`; more than 0, with no more decimals than the unit has.")
    unit: Ref | None = said(
        "The unit of the quantity; if not given, that in which the product is bought or sold.", default=None
    )
    unit_price: Decimal | None = said(
        "The agreed price of `priceBase` units, without tax unless the tax is an included one; at most 6 decimals. "
        "Taken from the vendor prices, or when selling from the price lists, if not given.",
        default=None,
    )
    price_base: Decimal | None = said("The quantity that the price buys, such as 100; 1 if not given.", default=None)
    discount_percent: Decimal | None = said("Off the price, 0 to 100.", default=None)
    tax: Ref | None = said("The tax; if not given, that of the product for buying or selling.", default=None)
    expected_on: date | None = said("When it should come; reckoned from the lead time if not given.", default=None)


@given
class OrderCharge:
    """A charge on the whole paper, such as freight; if negative, an allowance."""

    text: str = said("What it is for.")
    amount: Decimal = said(
        "In the paper's currency, without tax unless the tax is an included one; negative for an allowance."
    )
    tax: Ref | None = said(
        "The tax on it; none if not given. An allowance has a tax that lines bear, or none.", default=None
    )


@dataclass(frozen=True, slots=True)
class Side:
    """Buying or selling: which unit, tax and price of a product are meant."""

    unit: str
    tax: str
    pricing: Callable[[Work, Document, Company, Partner | None, Products], Pricing]


BUYING = Side("purchase_unit_id", "purchase_tax_id", VendorPricing)
REQUESTING = Side("purchase_unit_id", "purchase_tax_id", Estimate)
SELLING = Side("sales_unit_id", "sales_tax_id", ListPricing)


class Pen:
    """Writes the lines and charges of one paper; everything they name is looked up at once, whatever their number."""

    def __init__(
        self,
        work: Work,
        order: Document,
        company: Company,
        partner: Partner | None,
        *,
        side: Side = BUYING,
        expected_on: date | None = None,
    ) -> None:
        self._work, self._order, self._company, self._partner = work, order, company, partner
        self._side, self._expected_on = side, expected_on

    def write(self, lines: Sequence[OrderLine], charges: Sequence[OrderCharge] | None) -> None:
        """Set the order's lines and (unless None: as they are) charges, then its rate and all amounts.

        Raises Refusals with the path of every mistake, up to a hundred.
        """
        self._prepare(lines, charges or ())
        refusals = Refusals()
        kept = {line.id: line for line in self._order.lines}
        written = [self._line(refusals, index, one, kept) for index, one in enumerate(lines)]
        with refusals.at():
            self._bound.may_go(kept.values())
        if charges is not None:
            self._charges(refusals, charges)
        elif not self._inherits:
            self._taxation.levy_again(self._order.charges)
        refusals.settle()
        if kept:  # they go first, since a new line may get the number of one that goes
            self._order.lines = [line for line in self._order.lines if line.id not in kept]
            self._work.session.flush()
        self._order.lines = written
        self._number()
        dates = [line.expected_on for line in self._order.lines if line.expected_on]
        self._order.expected_on = min(dates, default=self._expected_on)
        totals.reckon(self._order, company_currency=self._company.currency)
        must_be_borne(self._work, self._order)

    def _prepare(self, lines: Sequence[OrderLine], charges: Sequence[OrderCharge]) -> None:
        if len(lines) > MOST_LINES:
            raise BadInput(f"A paper has at most {MOST_LINES} lines; write several.", path=("lines",))
        with at("currency"):
            currency_digits(self._order.currency)
            self._order.exchange_rate = rate_on(
                self._work, self._order.currency, self._company.currency, self._order.dated
            )
        self._bound = Bound(self._work, self._order)
        find = self._work.find_all
        self._products = find(Product, [one.product for one in lines], selectinload(Product.units))
        self._categories = find(Category, [one.category for one in lines])
        defaults: list[Product | Category] = [*self._products.values(), *self._categories.values()]
        units = [getattr(one, self._side.unit, None) or one.unit_id for one in defaults]
        stock_units = [one.unit_id for one in defaults]
        self._units = find(Unit, [*(one.unit for one in lines), *units, *stock_units])
        before = self._order.tax_position_id, self._order.tax_rounding
        self._taxation = Taxation(self._work, self._order, company=self._company, partner=self._partner)
        self._inherits = any(line.links for line in self._order.lines)
        if self._inherits:
            self._order.tax_position_id, self._order.tax_rounding = before
        taxes = [getattr(one, self._side.tax, None) or getattr(one, "tax_id", None) for one in defaults]
        kept = [charge.tax_id for charge in self._order.charges]
        self._taxation.know([*(one.tax for one in lines), *(one.tax for one in charges), *taxes, *kept])
        known = {product.id: product for product in self._products.values()}
        self._pricing = self._side.pricing(self._work, self._order, self._company, self._partner, known)

    def _line(self, refusals: Refusals, index: int, one: OrderLine, kept: dict[UUID, Line]) -> Line:
        line = Line(links=[])
        with refusals.at("lines", index):
            if one.id is not None:
                line = self._kept(one.id, kept)
            before = what(line)
            self._what(line, one)
            self._how_much(line, one)
            self._bound.may_be(line, before)
            for link in line.links:
                link.quantity = line.quantity
            if self._order.asks:
                self._leave_open(line, one)
            else:
                self._for_how_much(line, one)
        return line

    def _kept(self, ref: Ref, kept: dict[UUID, Line]) -> Line:
        if ref.id is None or ref.id not in kept:
            raise NotFound("This order has no such line.", path=("id",))
        return kept.pop(ref.id)

    def _what(self, line: Line, one: OrderLine) -> None:
        if (one.product is None) == (one.category is None):
            raise BadInput("Give either a product or a category.", path=("product",))
        if one.product is not None:
            product = _in_use(self._products.get(one.product), "product")
            line.product_id, line.category_id = product.id, None
            with at("text"):
                line.text = text.line(product.name if one.text is None else one.text)
            return
        line.product_id, line.category_id = None, _in_use(self._categories.get(one.category or Ref()), "category").id
        if one.text is None:
            raise BadInput("Say in words what is wanted of this category.", path=("text",))
        with at("text"):
            line.text = text.line(one.text)

    def _how_much(self, line: Line, one: OrderLine) -> None:
        product = self._products.get(one.product) if one.product else None
        source = product or self._categories[one.category or Ref()]
        usual = getattr(source, self._side.unit, None) or source.unit_id
        unit_ref = one.unit or usual
        if unit_ref is None:
            raise BadInput("The category has no usual unit; give one.", path=("unit",))
        unit = _in_use(self._units.get(unit_ref), "unit")
        measure(line, one.quantity, unit, source, self._units)

    def _for_how_much(self, line: Line, one: OrderLine) -> None:
        price = self._found(line) if one.unit_price is None else None
        before = _price(line)
        with at("unitPrice"):
            line.unit_price = UNIT_PRICE(price.price if price else one.unit_price or ZERO)
        with at("priceBase"):
            usual = price.price_base if price else Decimal(1)
            base = usual if one.price_base is None else one.price_base
            line.price_base = PRICE_BASE(base)
        with at("discountPercent"):
            percent = price.discount_percent if price and one.discount_percent is None else one.discount_percent
            line.discount_percent = DISCOUNT(percent or ZERO)
        if line.price_source != IMPORTED or _price(line) != before:
            line.price_source = price.source if price else GIVEN
        line.vendor_price_id = price.vendor_price if price else None
        line.price_list_item_id = price.price_list_item if price else None
        line.partner_item_number = price.item_number if price else None
        self._levy(line, one)
        if price is not None and price.holds is not None and one.tax is None:
            line.unit_price = self._taxation.restated(line.unit_price, line, holding=price.holds)
        line.expected_on = one.expected_on or self._expected_on or (price and price.expected_on) or self._pricing.led()

    def _leave_open(self, line: Line, one: OrderLine) -> None:
        for name in ("unit_price", "price_base", "discount_percent"):
            if getattr(one, name) is not None:
                raise BadInput(ASKED, path=(camel(name),))
        line.leave_price_open()
        self._levy(line, one)
        line.expected_on = one.expected_on or self._expected_on or (line.expected_on if line.links else None)

    def _levy(self, line: Line, one: OrderLine) -> None:
        if not (line.links and (one.tax is None or one.tax.id == line.tax_id)):
            self._taxation.levy(line, one.tax, usual=self._usual_tax(one))

    def _found(self, line: Line) -> Priced:
        """The price if none is given: as agreed in what the line was made from, else as it is looked up."""
        if not line.links:
            return self._pricing.price(line)
        return Priced(
            price=line.unit_price, source=line.price_source or GIVEN, price_base=line.price_base,
            discount_percent=line.discount_percent, vendor_price=line.vendor_price_id,
            price_list_item=line.price_list_item_id, item_number=line.partner_item_number, expected_on=line.expected_on,
        )  # fmt: skip

    def _usual_tax(self, one: OrderLine) -> UUID | None:
        if one.product is not None:
            found: UUID | None = getattr(self._products[one.product], self._side.tax)
            return found
        return self._categories[one.category or Ref()].tax_id

    def _charges(self, refusals: Refusals, charges: Sequence[OrderCharge]) -> None:
        if charges and self._order.asks:
            with refusals.at("charges", 0, "amount"):
                raise BadInput(ASKED)
        rows = [*self._order.charges, *(Charge() for _ in charges)][: len(charges)]
        for index, (row, one) in enumerate(zip(rows, charges, strict=True)):
            with refusals.at("charges", index):
                row.position = index + 1
                with at("text"):
                    row.text = text.line(one.text)
                with at("amount"):
                    row.amount = checked(one.amount, digits=currency_digits(self._order.currency))
                self._taxation.levy(row, one.tax)
        self._order.charges = rows

    def _number(self) -> None:
        last = max((line.position for line in self._order.lines if line.position), default=0)
        for line in self._order.lines:
            if line.position is None:
                last += 1
                line.position = last


def _price(line: Line) -> tuple[Decimal, Decimal, Decimal]:
    return line.unit_price, line.price_base, line.discount_percent


def _in_use(row: Row | None, field: str) -> Row:
    if row is None:
        raise NotFound(path=(field,))
    if row.archived_at is not None:
        raise Archived(path=(field,))
    return row
