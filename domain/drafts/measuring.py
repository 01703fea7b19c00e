"""How much a line is about: in its own unit, and in that in which stock is counted."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

from domain.catalog.product import Category, Product, conversion
from domain.catalog.unit import Unit, quantity
from domain.kernel.commands import Ref
from domain.kernel.documents import Line
from domain.kernel.errors import at


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
