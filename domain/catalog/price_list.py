"""What is asked of customers: lists of prices in a currency, for all or for those to whom a list is given."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, unique


class PriceList(Record):
    """A list holds for every customer if it is `general`, else for those that name it. No `company`: for all."""

    __tablename__ = "price_list"
    __table_args__ = (unique("code"),)

    code: Mapped[str]
    name: Mapped[str]
    currency: Mapped[str]
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    general: Mapped[bool] = mapped_column(default=False, server_default=false())
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]


class PriceListItem(Record):
    """What a product, or each product of a category, is sold for: a `price`, or a discount off its list price.

    `price` buys `price_base` of `unit`, in which `minimum` is too; without one, the product's stock unit is meant. An
    item for a `partner` holds for it whatever lists it was given. The company is that of the list. Items are records
    of their own, since a list may have ten thousand.
    """

    __tablename__ = "price_list_item"
    __table_args__ = (
        Index(None, "tenant_id", "price_list_id", "product_id"),
        Index(None, "tenant_id", "product_id"),
        Index(None, "tenant_id", "category_id"),
        Index(None, "tenant_id", "partner_id"),
        CheckConstraint("(product_id is null) <> (category_id is null)", name="one_thing"),
        CheckConstraint("(price is null) <> (discount_percent is null)", name="one_price"),
        CheckConstraint("price >= 0 and price_base > 0", name="price_not_negative"),
        CheckConstraint("discount_percent between 0 and 100", name="discount"),
    )

    price_list_id: Mapped[UUID] = ref("price_list", indexed=False)
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    product_id: Mapped[UUID | None] = ref("product", indexed=False)
    category_id: Mapped[UUID | None] = ref("category", indexed=False)
    partner_id: Mapped[UUID | None] = ref("partner", indexed=False)
    unit_id: Mapped[UUID | None] = ref("unit", indexed=False)
    minimum: Mapped[Decimal | None]
    price: Mapped[Decimal | None]
    price_base: Mapped[Decimal] = mapped_column(default=Decimal(1))
    discount_percent: Mapped[Decimal | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
