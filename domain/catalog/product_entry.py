"""How a product is entered and changed."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from stdnum import ean
from stdnum.exceptions import ValidationError

from domain.catalog.product import COUNTED_IN, Category, Product, ProductUnit
from domain.catalog.tax import Tax
from domain.catalog.unit import Unit
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.decimals import PRICE_DIGITS
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput
from domain.kernel.fields import Values, as_given, decimal
from domain.kernel.forms import Form
from domain.kernel.parts import Parts
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line, paragraph
from domain.kernel.work import Work

GTIN_LENGTHS = frozenset({8, 12, 13, 14})


@given
class ProductUnitEntry:
    """A further unit of a product: `denominator` of it are `numerator` stock units."""

    unit: Ref = said("The unit.")
    numerator: Decimal = said("A box of 12 pieces, where pieces are kept: 12. A third of a metre: 1.")
    denominator: Decimal = said(
        "A box of 12 pieces, where pieces are kept: 1. A third of a metre: 3.", default=Decimal(1)
    )


def barcode(value: str) -> str:
    """What a scanner reads: a GTIN with its check digit, or a code of one's own without blanks."""
    found = code(value)
    if any(letter.isspace() for letter in found):
        raise BadInput("A barcode has no blanks; remove them.")
    if found.isdecimal() and len(found) in GTIN_LENGTHS:
        try:
            return str(ean.validate(found))
        except ValidationError:
            raise BadInput(f"{found} is not a GTIN: its check digit is wrong. Read the code again.") from None
    return found


def _knows_its_units(work: Work, product: Product | None, after: Values) -> None:
    further = _further_units(work, product, after)
    if after["unit_id"] in further:
        raise BadInput("The stock unit is known anyway; leave it out here.", path=("units",))
    for name, field in (("purchase_unit_id", "purchaseUnit"), ("sales_unit_id", "salesUnit")):
        if after.get(name) not in {None, after["unit_id"], *further}:
            raise BadInput("The product does not know this unit; add it to `units`.", path=(field,))


def _further_units(work: Work, product: Product | None, after: Values) -> set[UUID]:
    if "units" in after or product is None:
        return {values["unit_id"] for values in after.get("units", ())}
    statement = select(ProductUnit.unit_id).where(
        ProductUnit.tenant_id == product.tenant_id, ProductUnit.product_id == product.id
    )
    return set(work.session.scalars(statement))


def _stays_what_it_is(work: Work, product: Product | None, after: Values) -> None:
    if product is not None and after["is_stocked"] != product.is_stocked and _is_counted(work, product):
        raise BadInput(
            "Papers or stock hold the product as what it is; enter a new one for the service or the good.",
            path=("isStocked",),
        )


def _keeps_its_stock_unit(work: Work, product: Product | None, after: Values) -> None:
    if product is None or after["unit_id"] == product.unit_id:
        return
    if _is_counted(work, product):
        raise BadInput(
            "Papers or stock count the product in its stock unit; enter a new product for another one.", path=("unit",)
        )
    if "units" not in after and _further_units(work, product, after):
        raise BadInput("With another stock unit the conversions change; give `units` too.", path=("units",))


def _is_counted(work: Work, product: Product) -> bool:
    found = (work.session.scalars(select(one).where(one == product.id).limit(1)).first() for one in COUNTED_IN)
    return any(id is not None for id in found)


_PRICE = decimal(digits=PRICE_DIGITS, least=0)
_FRACTION = decimal(digits=6, above=0)
FORM = Form(
    model=Product,
    fields={
        "sku": code,
        "name": line,
        "barcode": barcode,
        "description": paragraph,
        "category": Category,
        "is_stocked": as_given,
        "is_purchased": as_given,
        "is_sold": as_given,
        "unit": Unit,
        "purchase_unit": Unit,
        "sales_unit": Unit,
        "purchase_tax": Tax,
        "sales_tax": Tax,
        "list_price": _PRICE,
        "standard_cost": _PRICE,
        "over_receipt_percent": decimal(digits=4, least=0, most=100),
    },
    parts={
        "units": Parts(
            model=ProductUnit,
            fields={"unit": Unit, "numerator": _FRACTION, "denominator": _FRACTION},
            key=("unit_id",),
            distinct=True,
        )
    },
    unique=(("sku",), ("barcode",)),
    rules=(_stays_what_it_is, _keeps_its_stock_unit, _knows_its_units),
)


@command(right="master.write", answers=Product)
class CreateProduct(Command):
    """Enter a good or a service that is bought, kept or sold."""

    sku: str = said("The number by which people and papers name it; unique.")
    name: str = said("Its name.")
    barcode: str | None = said(
        "What a scanner reads; unique. Codes of 8, 12, 13 or 14 digits must be GTINs with a right check digit.",
        default=None,
    )
    description: str | None = said("What else there is to say of it.", default=None)
    category: Ref | None = said("The group it belongs to.", default=None)
    is_stocked: bool = said("Whether it is a good kept in stock; a service is not.", default=True)
    is_purchased: bool = said("Whether it may be put on purchase orders.", default=True)
    is_sold: bool = said("Whether it may be put on sales papers.", default=True)
    unit: Ref = said("The stock unit, in which it is counted; for good, once anything has been.")
    units: Sequence[ProductUnitEntry] = said("Further units it is bought or sold in, and what they hold.", default=())
    purchase_unit: Ref | None = said(
        "The unit to order it in unless a line says otherwise; the stock unit if not given.", default=None
    )
    sales_unit: Ref | None = said(
        "The unit to sell it in unless a line says otherwise; the stock unit if not given.", default=None
    )
    purchase_tax: Ref | None = said("The tax on it when it is bought.", default=None)
    sales_tax: Ref | None = said("The tax on it when it is sold.", default=None)
    list_price: Decimal | None = said(
        "The price of one stock unit in the company's currency, at most 6 decimals; unknown if not given.", default=None
    )
    standard_cost: Decimal | None = said(
        "What one stock unit is reckoned to cost, in the company's currency, at most 6 decimals; unknown if not given.",
        default=None,
    )
    over_receipt_percent: Decimal | None = said(
        "How much more than ordered may come, in per cent, unless the vendor price says otherwise; "
        "as with the vendor if not given.",
        default=None,
    )
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Product:
        return FORM.create(work, self)


UpdateProduct = editable(CreateProduct, FORM)
ArchiveProduct, RestoreProduct = archivable(Product)
