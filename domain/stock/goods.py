"""Lines of stock papers: so much of a product at a place, in the product's stock unit."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy.orm import selectinload

from domain.catalog.product import Product, conversion
from domain.catalog.unit import Unit
from domain.kernel.commands import Ref
from domain.kernel.decimals import checked, product_of, ratio, rounded
from domain.kernel.documents import Line
from domain.kernel.errors import Archived, BadInput, NotFound, at
from domain.kernel.work import Row, Work
from domain.stock.location import Location

MOST_LINES = 1000


class Goods:
    """Everything that the lines of a stock paper name, looked up at once, whatever their number."""

    def __init__(self, work: Work, company: UUID, lines: Sequence[Any], *places: Ref | None) -> None:
        if len(lines) > MOST_LINES:
            raise BadInput(f"Give at most {MOST_LINES} lines; write several papers.", path=("lines",))
        self._company = company
        self._products = work.find_all(Product, [one.product for one in lines], selectinload(Product.units))
        stock_units = [product.unit_id for product in self._products.values()]
        self._units = work.find_all(Unit, [*(one.unit for one in lines), *stock_units])
        self._places = work.find_all(Location, [*places, *(one.location for one in lines)])

    def line(self, one: Any, *, place: UUID | None) -> Line:
        """A line of the product that `one` names, at its location or else at `place`; without a quantity.

        The product must be kept in stock, the location one of the company's own.
        """
        product = _in_use(self._products.get(one.product), "product")
        if not product.is_stocked:
            raise BadInput(f"{product.sku} is not kept in stock.", path=("product",))
        return Line(
            product_id=product.id, text=product.name, location_id=self.place(one.location, "location") or place,
            unit_id=product.unit_id, stock_digits=self._units[product.unit_id].digits,
        )  # fmt: skip

    def place(self, named: Ref | None, *path: str) -> UUID | None:
        """An internal location of the company; None if none is named."""
        if named is None:
            return None
        place = _in_use(self._places.get(named), *path)
        if place.company_id != self._company or place.kind != "internal":
            raise BadInput("Choose an internal location of the company.", path=path)
        return place.id

    def in_stock_units(self, one: Any, name: str, **bounds: Decimal) -> Decimal:
        """The quantity `name` of `one`, in the unit that it names or else the stock unit, as one in the stock unit.

        BadInput for what is out of `bounds`, be it before or after.
        """
        product, quantity = _in_use(self._products.get(one.product), "product"), getattr(one, name)
        digits = self._units[product.unit_id].digits
        if one.unit is None:
            with at(name):
                return checked(quantity, digits=digits, **bounds)
        other = _in_use(self._units.get(one.unit), "unit")
        with at("unit"):
            numerator, denominator = conversion(product, other.id)
        with at(name):
            found = ratio(product_of(checked(quantity, digits=other.digits, **bounds), numerator), denominator)
            return checked(rounded(found, digits), digits=digits, **bounds)


def taken(goods: Goods, one: Any, *, place: UUID | None) -> Line:
    """A line of more than nothing of a product, to be moved from its place or kept there."""
    line = goods.line(one, place=place)
    line.quantity = goods.in_stock_units(one, "quantity", above=Decimal(0))
    return line


def _in_use(row: Row | None, *path: str) -> Row:
    if row is None:
        raise NotFound(path=path)
    if getattr(row, "archived_at", None) is not None:
        raise Archived(path=path)
    return row
