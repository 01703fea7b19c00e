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
        if not 1 <= len(lines) <= MOST_LINES:
            raise BadInput(f"Give 1 to {MOST_LINES} lines.", path=("lines",))
        self._company = company
        self._products = work.find_all(Product, [one.product for one in lines], selectinload(Product.units))
        stock_units = [product.unit_id for product in self._products.values()]
        self._units = work.find_all(Unit, [*(one.unit for one in lines), *stock_units])
        self._places = work.find_all(Location, [*places, *(getattr(one, "location", None) for one in lines)])

    def line(self, one: Any, quantity: Decimal, *, position: int, place: UUID | None = None) -> Line:
        """A line of so much (in the unit that `one` names, if it does) of its product, at its place or else at `place`.

        The product must be kept in stock, the place one of the company's own.
        """
        product = _in_use(self._products.get(one.product), "product")
        if not product.is_stocked:
            raise BadInput(f"{product.sku} is not kept in stock.", path=("product",))
        here = self.place(getattr(one, "location", None), "location") or place
        return Line(
            position=position, product_id=product.id, text=product.name, location_id=here, unit_id=product.unit_id,
            quantity=self._counted(product, quantity, one.unit), stock_digits=self._units[product.unit_id].digits,
        )  # fmt: skip

    def place(self, named: Ref | None, *path: str) -> UUID | None:
        """An internal location of the company; None if none is named."""
        if named is None:
            return None
        place = _in_use(self._places.get(named), *path)
        if place.company_id != self._company or place.kind != "internal":
            raise BadInput("Choose an internal location of the company.", path=path)
        return place.id

    def _counted(self, product: Product, quantity: Decimal, unit: Ref | None) -> Decimal:
        """In stock units; BadInput for what does not come to a quantity of them."""
        digits = self._units[product.unit_id].digits
        if unit is None:
            with at("quantity"):
                return checked(quantity, digits=digits, above=Decimal(0))
        other = _in_use(self._units.get(unit), "unit")
        with at("unit"):
            numerator, denominator = conversion(product, other.id)
        with at("quantity"):
            found = checked(quantity, digits=other.digits, above=Decimal(0))
            return checked(
                rounded(ratio(product_of(found, numerator), denominator), digits), digits=digits, above=Decimal(0)
            )


def _in_use(row: Row | None, *path: str) -> Row:
    if row is None:
        raise NotFound(path=path)
    if getattr(row, "archived_at", None) is not None:
        raise Archived(path=path)
    return row
