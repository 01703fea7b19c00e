"""A product is what is bought, kept and sold; a category is what one may ask for without knowing which product."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from domain.catalog.unit import Unit
from domain.kernel.base import Owned, Record, prefixed, ref, to_many, to_one, unique
from domain.kernel.documents import Line
from domain.kernel.errors import BadInput
from domain.kernel.events import Part


class Category(Record):
    """A group of products; groups form a tree."""

    __tablename__ = "category"

    code: Mapped[str]
    name: Mapped[str]
    parent_id: Mapped[UUID | None] = ref("category")
    tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    unit_id: Mapped[UUID | None] = ref("unit", indexed=False)

    __table_args__ = (unique("code"),)


class Product(Record):
    """A good (`is_stocked`) or a service. Stock is counted in `unit`; buying and selling units convert by `units`."""

    __tablename__ = "product"
    __table_args__ = (
        unique("sku"),
        unique("barcode"),
        Index(None, "tenant_id", "name"),
        prefixed("product", "name"),
        CheckConstraint("over_receipt_percent >= 0", name="tolerance_not_negative"),
    )

    sku: Mapped[str]
    name: Mapped[str]
    barcode: Mapped[str | None]
    description: Mapped[str | None]
    category_id: Mapped[UUID | None] = ref("category")
    is_stocked: Mapped[bool] = mapped_column(default=True)
    is_purchased: Mapped[bool] = mapped_column(default=True)
    is_sold: Mapped[bool] = mapped_column(default=True)
    unit_id: Mapped[UUID] = ref("unit", indexed=False)
    purchase_unit_id: Mapped[UUID | None] = ref("unit", indexed=False)
    sales_unit_id: Mapped[UUID | None] = ref("unit", indexed=False)
    purchase_tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    sales_tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    list_price: Mapped[Decimal | None]
    standard_cost: Mapped[Decimal | None]
    over_receipt_percent: Mapped[Decimal | None]

    units: Mapped[list[ProductUnit]] = to_many(
        "ProductUnit.product_id", "Product", order="ProductUnit.id", back_populates="product"
    )


class ProductUnit(Owned, Part):
    """A further unit of one product: `denominator` of it are `numerator` stock units (1 box = 12 pieces: 12/1)."""

    __tablename__ = "product_unit"
    __table_args__ = (
        unique("product_id", "unit_id"),
        CheckConstraint("numerator > 0 and denominator > 0", name="fraction_positive"),
    )
    whole = "product"

    product_id: Mapped[UUID] = ref("product")
    unit_id: Mapped[UUID] = ref("unit", indexed=False)
    numerator: Mapped[Decimal]
    denominator: Mapped[Decimal] = mapped_column(default=Decimal(1))

    product: Mapped[Product] = to_one("ProductUnit.product_id", "Product", back_populates="units")
    unit: Mapped[Unit] = relationship(
        primaryjoin="foreign(ProductUnit.unit_id) == Unit.id", lazy="joined", innerjoin=True, viewonly=True
    )


COUNTED_IN: list[Any] = [Line.product_id]
"""Columns of ids of products whose stock unit can change no more; a room that counts products adds its own."""


def conversion(product: Product, unit_id: UUID) -> tuple[Decimal, Decimal]:
    """One `unit_id` of the product is numerator / denominator stock units. BadInput if it does not know the unit.

    The product's `units` must be loaded.
    """
    if unit_id == product.unit_id:
        return Decimal(1), Decimal(1)
    for known in product.units:
        if known.unit_id == unit_id:
            return known.numerator, known.denominator
    codes = "".join(f" and {known.unit.code}" for known in product.units)
    raise BadInput(f"{product.sku} knows its stock unit{codes} only; choose one of these, or add the unit to it.")
