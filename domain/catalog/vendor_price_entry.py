"""How a vendor's price is entered and changed; no two of them say different things about the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select

from domain.catalog.product import Product, conversion
from domain.catalog.unit import Unit, quantity
from domain.catalog.vendor_price import VendorPrice
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.decimals import PRICE_DIGITS
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, NotUnique, Refusals, at
from domain.kernel.fields import Values, day, decimal, in_order, whole
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, currency, line
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner

BOUNDS = ("minimum", "maximum", "multiple")


def _is_of_a_vendor(work: Work, _: Any, after: Values) -> None:
    partner = work.find(Partner, after["partner_id"])
    if not partner.is_vendor:
        raise BadInput(f"{partner.name} is no vendor; give it that role first.", path=("partner",))


def _unit_is_known(work: Work, _: Any, after: Values) -> None:
    product = work.find(Product, after["product_id"])
    if after["unit_id"] != product.unit_id:
        work.session.refresh(product, ["units"])
    with at("unit"):
        conversion(product, after["unit_id"])


def _bounds_are_quantities(work: Work, _: Any, after: Values) -> None:
    unit, refusals = work.find(Unit, after["unit_id"]), Refusals()
    for name in BOUNDS:
        with refusals.at(name):
            if after.get(name) is not None:
                quantity(after[name], unit)
    refusals.settle()
    in_order(after.get("minimum"), after.get("maximum"), path="maximum")


def _lasts(_: Work, __: Any, after: Values) -> None:
    in_order(after.get("valid_from"), after.get("valid_to"), path="validTo")


def _stands_alone(work: Work, price: VendorPrice | None, after: Values) -> None:
    """Writers of one vendor's prices take turns here, since the rival may just be being written."""
    take_turn(work, "vendor price", after["partner_id"])
    same = ("partner_id", "product_id", "company_id", "unit_id", "currency", "minimum")
    rivals = select(VendorPrice.id).where(
        VendorPrice.tenant_id == work.actor.tenant,
        VendorPrice.archived_at.is_(None),
        *(getattr(VendorPrice, name).is_not_distinct_from(after.get(name)) for name in same),
        func.coalesce(VendorPrice.valid_from, date.min) <= (after.get("valid_to") or date.max),
        func.coalesce(VendorPrice.valid_to, date.max) >= (after.get("valid_from") or date.min),
    )
    if set(work.session.scalars(rivals)) - {price.id if price is not None else None}:
        raise NotUnique(
            "The vendor has a price for this product, unit, currency, minimum and time already; "
            "change that one, or end it first.",
            path=("validFrom",),
        )


def _stands_alone_again(work: Work, price: VendorPrice) -> None:
    _stands_alone(work, price, {column.key: getattr(price, column.key) for column in VendorPrice.__table__.columns})


_QUANTITY = decimal(digits=6, above=0)
FORM = Form(
    model=VendorPrice,
    fields={
        "partner": Partner,
        "product": Product,
        "company": Company,
        "item_number": code,
        "item_name": line,
        "unit": Unit,
        **dict.fromkeys(BOUNDS, _QUANTITY),
        "valid_from": day,
        "valid_to": day,
        "currency": currency,
        "price": decimal(digits=PRICE_DIGITS, least=0),
        "price_base": _QUANTITY,
        "discount_percent": decimal(digits=4, least=0, most=100),
        "lead_days": whole(0, 3650),
        "over_receipt_percent": decimal(digits=4, least=0, most=100),
    },
    rules=(_is_of_a_vendor, _unit_is_known, _bounds_are_quantities, _lasts, _stands_alone),
)


@command(right="master.write", answers=VendorPrice)
class CreateVendorPrice(Command):
    """Enter what a vendor asks for a product. Order lines without a price of their own take theirs from here.

    Of several that apply to a line, the company's own goes before the general one, then the one with the higher
    minimum, then the one that began later, then the one entered later.
    """

    partner: Ref = said("The vendor.")
    product: Ref = said("The product.")
    company: Ref | None = said("The company the price is for; all companies if not given.", default=None)
    item_number: str | None = said("The vendor's number for the product; it is put on orders.", default=None)
    item_name: str | None = said("The vendor's name for the product.", default=None)
    unit: Ref = said("The unit that the price and the quantities are in; the product must know it.")
    minimum: Decimal | None = said("From which quantity the price holds.", default=None)
    maximum: Decimal | None = said("Up to which quantity the vendor gives it.", default=None)
    multiple: Decimal | None = said("Orders must be a multiple of this.", default=None)
    valid_from: date | None = said("The first order date it holds for; open if not given.", default=None)
    valid_to: date | None = said("The last order date it holds for; open if not given.", default=None)
    currency: str = said("The currency of the price, by ISO 4217; it holds for orders in this currency.")
    price: Decimal = said("The net price of `priceBase` units, 0 or more, with at most 6 decimals.")
    price_base: Decimal = said("The quantity that the price buys, such as 100.", default=Decimal(1))
    discount_percent: Decimal = said("Off the price, in per cent.", default=Decimal(0))
    lead_days: int | None = said("Days from order to delivery; as with the vendor if not given.", default=None)
    over_receipt_percent: Decimal | None = said(
        "How much more than ordered may come, in per cent; as with the product, else the vendor, if not given.",
        default=None,
    )
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> VendorPrice:
        return FORM.create(work, self)


UpdateVendorPrice = editable(CreateVendorPrice, FORM, fixed=frozenset({"partner", "product", "company"}))
ArchiveVendorPrice, RestoreVendorPrice = archivable(VendorPrice, before_restoring=_stands_alone_again)
