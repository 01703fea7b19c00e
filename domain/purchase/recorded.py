"""The lines and charges of an order of the past: as its source states them, with what came of each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import selectinload

from domain.catalog.product import Category, Product
from domain.catalog.tax import Tax
from domain.catalog.unit import Unit
from domain.drafts.lines import DISCOUNT, MOST_LINES, PRICE_BASE, UNIT_PRICE, OrderCharge
from domain.drafts.measuring import measure
from domain.drafts.pricing import IMPORTED
from domain.exceptions.exception import SourceRow
from domain.kernel import text
from domain.kernel.base import Owned
from domain.kernel.commands import Ref, given, said
from domain.kernel.decimals import LIMIT, checked, money
from domain.kernel.documents import ZERO, Charge, Document, Line
from domain.kernel.errors import BadInput, NotFound, Refusals, at
from domain.kernel.fields import day
from domain.kernel.recall import recall
from domain.kernel.taxed import levy
from domain.kernel.work import Work

Row = TypeVar("Row", bound=Owned)


@given
class RecordedLine:
    """One position of an order of the past, with what came of it. Quantities are in `unit`."""

    key: str | None = said("The key of the line in the source; it may be named by it from now on.", default=None)
    product: Ref | None = said("What was ordered. Give this or `category`.", default=None)
    category: Ref | None = said("What sort of thing was ordered, if no product is known.", default=None)
    text: str | None = said("What stood on the paper; the product's name if not given.", default=None)
    quantity: Decimal = said("How much was ordered.")
    unit: Ref | None = said("The unit of the quantities; the product's purchase unit if not given.", default=None)
    unit_price: Decimal = said("The net price of `priceBase` units.")
    price_base: Decimal | None = said("The quantity that the price buys; 1 if not given.", default=None)
    discount_percent: Decimal | None = said("Off the price, 0 to 100.", default=None)
    tax: Ref | None = said("The tax on it; none if not given.", default=None)
    expected_on: date | None = said("When it should have come; the order's date for that if not given.", default=None)
    received: Decimal = said("What came, rejected goods included.", default=ZERO)
    rejected: Decimal = said("What of it was refused at inspection.", default=ZERO)
    source_amount: Decimal | None = said("What the source makes of the line, with all its decimals.", default=None)
    reason: str | None = said("Why something of it was rejected or given up.", default=None)
    at: SourceRow | None = said("Where the line stands in the source.", default=None)


class Copyist:
    """Copies lines and charges onto one order. What they name is looked up once a transaction, archived or not."""

    def __init__(self, work: Work, order: Document, *, expected_on: date | None = None) -> None:
        self._work, self._order, self._expected_on = work, order, expected_on

    def copy(self, refusals: Refusals, lines: Sequence[RecordedLine], charges: Sequence[OrderCharge]) -> None:
        """Add them all; what is refused is collected."""
        if not 1 <= len(lines) <= MOST_LINES:
            raise BadInput(f"An order has 1 to {MOST_LINES} lines.", path=("lines",))
        self._look_up(lines, charges)
        for index, one in enumerate(lines):
            with refusals.at("lines", index):
                self._order.lines.append(self._line(index + 1, one))
        for index, charge in enumerate(charges):
            with refusals.at("charges", index):
                self._order.charges.append(self._charge(index + 1, charge))

    def _look_up(self, lines: Sequence[RecordedLine], charges: Sequence[OrderCharge]) -> None:
        self._products = products(self._work, [one.product for one in lines])
        self._categories = recall(self._work, Category, [one.category for one in lines])
        known: list[Product | Category] = [*self._products.values(), *self._categories.values()]
        usual = [unit for one in known for unit in (one.unit_id, getattr(one, "purchase_unit_id", None))]
        self._units = recall(self._work, Unit, [*usual, *(one.unit for one in lines)])
        self._taxes = recall(self._work, Tax, [*(one.tax for one in lines), *(one.tax for one in charges)])

    def _line(self, position: int, one: RecordedLine) -> Line:
        line = Line(position=position, price_source=IMPORTED)
        source = self._what(line, one)
        self._how_much(line, one, source)
        self._for_how_much(line, one)
        with at("expectedOn"):
            expected = one.expected_on or self._expected_on
            line.expected_on = day(expected) if expected else None
        with at("reason"):
            line.reason = text.line(one.reason) if one.reason else None
        return line

    def _what(self, line: Line, one: RecordedLine) -> Product | Category:
        if (one.product is None) == (one.category is None):
            raise BadInput("Give either a product or a category.", path=("product",))
        source: Product | Category
        if one.product is not None:
            source = _known(self._products.get(one.product), "product")
            line.product_id = source.id
        else:
            source = _known(self._categories.get(one.category or Ref()), "category")
            line.category_id = source.id
        with at("text"):
            line.text = text.line(one.text or source.name)
        return source

    def _how_much(self, line: Line, one: RecordedLine, source: Product | Category) -> None:
        named = one.unit or getattr(source, "purchase_unit_id", None) or source.unit_id
        if named is None:
            raise BadInput("The category has no usual unit; give one.", path=("unit",))
        unit = _known(self._units.get(named), "unit")
        measure(line, one.quantity, unit, source, self._units)
        with at("received"):
            line.received = checked(one.received, digits=unit.digits, least=ZERO)
        with at("rejected"):
            line.rejected = checked(one.rejected, digits=unit.digits, least=ZERO)
            if line.rejected > line.received:
                raise BadInput(f"More cannot be rejected ({line.rejected}) than came ({line.received}).")
        line.accepted, line.returned, line.billed = line.received - line.rejected, ZERO, ZERO
        line.closed, line.open_quantity, line.to_replace, line.credited = ZERO, ZERO, ZERO, ZERO

    def _for_how_much(self, line: Line, one: RecordedLine) -> None:
        with at("unitPrice"):
            line.unit_price = UNIT_PRICE(one.unit_price)
        with at("priceBase"):
            line.price_base = PRICE_BASE(Decimal(1) if one.price_base is None else one.price_base)
        with at("discountPercent"):
            line.discount_percent = DISCOUNT(one.discount_percent or ZERO)
        with at("sourceAmount"):
            line.source_amount = stated(one.source_amount)
        self._tax(line, one.tax)

    def _charge(self, position: int, one: OrderCharge) -> Charge:
        charge = Charge(position=position)
        with at("text"):
            charge.text = text.line(one.text)
        with at("amount"):
            charge.amount = money(stated(one.amount) or ZERO, self._order.currency)
        self._tax(charge, one.tax)
        return charge

    def _tax(self, part: Line | Charge, ref: Ref | None) -> None:
        levy(part, _known(self._taxes.get(ref), "tax") if ref else None)


def products(work: Work, refs: Iterable[Ref | UUID | None]) -> dict[Ref | UUID, Product]:
    """The products named, with their units, looked up once a transaction."""
    return recall(work, Product, refs, selectinload(Product.units))


def stated(value: Decimal | None) -> Decimal | None:
    """A figure of the source, kept with all its decimals; BadInput if it is no amount at all."""
    if value is not None and not (value.is_finite() and abs(value) < LIMIT):
        raise BadInput("Not an amount; give a finite decimal below 1,000,000,000,000,000.")
    return value


def _known(row: Row | None, field: str) -> Row:
    if row is None:
        raise NotFound(path=(field,))
    return row
