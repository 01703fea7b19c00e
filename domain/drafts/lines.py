"""The positions of an order: prices, units and dates come from the vendor prices and the products, and say so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import selectinload

from domain.catalog import vendor_price as prices
from domain.catalog.product import Category, Product, conversion
from domain.catalog.taxation import Taxation
from domain.catalog.unit import Unit, quantity
from domain.catalog.vendor_price import VendorPrice
from domain.drafts.bound import Bound, what
from domain.kernel import text, totals
from domain.kernel.base import Record
from domain.kernel.commands import Ref, given, said
from domain.kernel.decimals import PRICE_DIGITS, checked, currency_digits
from domain.kernel.documents import ZERO, Charge, Document, Line
from domain.kernel.errors import Archived, BadInput, NotFound, Refusals, at
from domain.kernel.fields import decimal
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.rate import rate_on

MOST_LINES = 10_000
UNIT_PRICE = decimal(digits=PRICE_DIGITS, least=0)
PRICE_BASE = decimal(digits=6, above=0)
DISCOUNT = decimal(digits=4, least=0, most=100)
GIVEN, VENDOR_PRICE, IMPORTED = "given", "vendor_price", "imported"
"""Where a price is from. An imported line that is written again at its price keeps the mark."""
Row = TypeVar("Row", bound=Record)


@given
class OrderLine:
    """One position of an order: a product, or a category with text."""

    id: Ref | None = said("When editing: an existing line of this order to keep and change.", default=None)
    product: Ref | None = said("What to buy. Give this or `category`.", default=None)
    category: Ref | None = said("What sort of thing to buy, if no product is known; then give `text`.", default=None)
    text: str | None = said("What stands on the paper, never empty; the product's name if not given.", default=None)
    quantity: Decimal = said("How much, in `unit`; more than 0, with no more decimals than the unit has.")
    unit: Ref | None = said("The unit of the quantity; the product's purchase unit if not given.", default=None)
    unit_price: Decimal | None = said(
        "The agreed price of `priceBase` units, without tax unless the tax is an included one; at most 6 decimals. "
        "Taken from the vendor prices if not given.",
        default=None,
    )
    price_base: Decimal | None = said("The quantity that the price buys, such as 100; 1 if not given.", default=None)
    discount_percent: Decimal | None = said("Off the price, 0 to 100.", default=None)
    tax: Ref | None = said("The tax; the product's purchase tax if not given.", default=None)
    expected_on: date | None = said("When it should come; reckoned from the lead time if not given.", default=None)


@given
class OrderCharge:
    """A charge on the whole order, such as freight; if negative, an allowance."""

    text: str = said("What it is for.")
    amount: Decimal = said(
        "In the order's currency, without tax unless the tax is an included one; negative for an allowance."
    )
    tax: Ref | None = said("The tax on it; none if not given.", default=None)


class Pen:
    """Writes the lines and charges of one order; everything they name is looked up at once, whatever their number."""

    def __init__(
        self, work: Work, order: Document, company: Company, vendor: Partner, *, expected_on: date | None = None
    ) -> None:
        self._work, self._order, self._company, self._vendor = work, order, company, vendor
        self._expected_on = expected_on

    def write(self, lines: Sequence[OrderLine], charges: Sequence[OrderCharge] | None) -> None:
        """Set the order's lines and (unless None: as they are) charges, then its rate and all amounts.

        Raises Refusals with the path of every mistake, up to a hundred.
        """
        self._prepare(lines, charges or ())
        refusals = Refusals()
        kept = {line.id: line for line in self._order.lines}
        self._order.lines = [self._line(refusals, index, one, kept) for index, one in enumerate(lines)]
        with refusals.at():
            self._bound.may_go(kept.values())
        if charges is not None:
            self._charges(refusals, charges)
        else:
            self._taxation.levy_again(self._order.charges)
        refusals.settle()
        self._number()
        dates = [line.expected_on for line in self._order.lines if line.expected_on]
        self._order.expected_on = min(dates, default=self._expected_on)
        totals.reckon(self._order, company_currency=self._company.currency)
        if any(one.base < 0 for one in self._order.taxes) or self._order.untaxed < 0:
            raise BadInput("The allowances come to more than what they are taken off; lower them.", path=("charges",))

    def _prepare(self, lines: Sequence[OrderLine], charges: Sequence[OrderCharge]) -> None:
        if len(lines) > MOST_LINES:
            raise BadInput(f"An order has at most {MOST_LINES} lines; write several orders.", path=("lines",))
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
        units = [getattr(one, "purchase_unit_id", None) or one.unit_id for one in defaults]
        stock_units = [one.unit_id for one in defaults]
        self._units = find(Unit, [*(one.unit for one in lines), *units, *stock_units])
        self._taxation = Taxation(self._work, self._order, company=self._company, partner=self._vendor)
        taxes = [getattr(one, "purchase_tax_id", None) or getattr(one, "tax_id", None) for one in defaults]
        kept = [charge.tax_id for charge in self._order.charges]
        self._taxation.know([*(one.tax for one in lines), *(one.tax for one in charges), *taxes, *kept])
        self._prices = prices.prices_for(
            self._work, self._vendor.id, {product.id for product in self._products.values()}
        )

    def _line(self, refusals: Refusals, index: int, one: OrderLine, kept: dict[UUID, Line]) -> Line:
        line = Line()
        with refusals.at("lines", index):
            if one.id is not None:
                line = self._kept(one.id, kept)
            before = what(line)
            self._what(line, one)
            self._how_much(line, one)
            self._bound.may_be(line, before)
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
        usual = getattr(source, "purchase_unit_id", None) or source.unit_id
        unit_ref = one.unit or usual
        if unit_ref is None:
            raise BadInput("The category has no usual unit; give one.", path=("unit",))
        unit = _in_use(self._units.get(unit_ref), "unit")
        measure(line, one.quantity, unit, source, self._units)

    def _for_how_much(self, line: Line, one: OrderLine) -> None:
        price = self._agreed(line) if one.unit_price is None else None
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
            line.price_source = VENDOR_PRICE if price else GIVEN
        line.vendor_price_id = price.id if price else None
        line.partner_item_number = price.item_number if price else None
        self._taxation.levy(line, one.tax, usual=self._usual_tax(one))
        self._date(line, one, price)

    def _agreed(self, line: Line) -> VendorPrice:
        rows = self._prices.get(line.product_id, []) if line.product_id else []
        row = prices.chosen(
            rows, quantity=line.quantity, unit_id=line.unit_id, currency=self._order.currency,
            dated=self._order.dated, company_id=self._order.company_id,
        )  # fmt: skip
        if row is None:
            raise BadInput(
                f"No price of this vendor applies to that quantity, unit and date in {self._order.currency}; "
                "give the unit price, or add a vendor price.",
                path=("unitPrice",),
            )
        if refused := prices.fits(row, line.quantity):
            refused.path = ("quantity",)
            raise refused
        return row

    def _usual_tax(self, one: OrderLine) -> UUID | None:
        if one.product is not None:
            return self._products[one.product].purchase_tax_id
        return self._categories[one.category or Ref()].tax_id

    def _date(self, line: Line, one: OrderLine, price: VendorPrice | None) -> None:
        led = prices.expected_on(price, self._vendor, self._order.dated)
        line.expected_on = one.expected_on or self._expected_on or led

    def _charges(self, refusals: Refusals, charges: Sequence[OrderCharge]) -> None:
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


def measure(
    line: Line, amount: Decimal, unit: Unit, source: Product | Category, units: Mapping[Ref | UUID, Unit]
) -> None:
    """Set the line's quantity and unit, and what one of that unit is in stock; `units` holds the product's own."""
    with at("quantity"):
        line.quantity = quantity(amount, unit)
    line.unit_id = unit.id
    line.stock_numerator, line.stock_denominator, line.stock_digits = Decimal(1), Decimal(1), unit.digits
    if isinstance(source, Product):
        with at("unit"):
            line.stock_numerator, line.stock_denominator = conversion(source, unit.id)
        line.stock_digits = units[source.unit_id].digits


def unchanged(order: Document) -> list[OrderLine]:
    """The lines of an order as if they were given again; prices that came from a vendor price are open to change."""
    return [_given(line, id=Ref(id=line.id, type="line"), price=line.vendor_price_id is None) for line in order.lines]


def copied(order: Document) -> tuple[list[OrderLine], list[OrderCharge]]:
    """The lines and charges of an order for a new one, without dates."""
    lines = [_given(line, id=None, price=line.vendor_price_id is None) for line in order.lines]
    return lines, [OrderCharge(text=one.text, amount=totals.stated(one), tax=_ref(one.tax_id)) for one in order.charges]


def _given(line: Line, *, id: Ref | None, price: bool) -> OrderLine:
    return OrderLine(
        id=id, product=_ref(line.product_id), category=_ref(line.category_id), text=line.text, quantity=line.quantity,
        unit=_ref(line.unit_id), tax=_ref(line.tax_id), unit_price=line.unit_price if price else None,
        price_base=line.price_base if price else None, discount_percent=line.discount_percent if price else None,
        expected_on=line.expected_on if id else None,
    )  # fmt: skip


def _ref(id: UUID | None) -> Ref | None:
    return Ref(id=id) if id else None


def _in_use(row: Row | None, field: str) -> Row:
    if row is None:
        raise NotFound(path=(field,))
    if row.archived_at is not None:
        raise Archived(path=(field,))
    return row
