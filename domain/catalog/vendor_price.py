"""What a vendor asks for a product: from which quantity, for how long, in which currency, and how soon it comes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import ARRAY, CheckConstraint, Index, Uuid, any_, literal, select
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref
from domain.kernel.errors import BadInput, Refused
from domain.kernel.work import Work
from domain.parties.partner import Partner

ZERO = Decimal(0)


class VendorPrice(Record):
    """`price` buys `price_base` of `unit`; quantities are in `unit` too. No `company`: for all companies."""

    __tablename__ = "vendor_price"
    __table_args__ = (
        Index(None, "tenant_id", "partner_id", "product_id"),
        CheckConstraint("price >= 0 and price_base > 0", name="price_not_negative"),
        CheckConstraint("discount_percent between 0 and 100", name="discount"),
    )

    partner_id: Mapped[UUID] = ref("partner", indexed=False)
    product_id: Mapped[UUID] = ref("product")
    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    item_number: Mapped[str | None]
    item_name: Mapped[str | None]
    unit_id: Mapped[UUID] = ref("unit", indexed=False)
    minimum: Mapped[Decimal | None]
    maximum: Mapped[Decimal | None]
    multiple: Mapped[Decimal | None]
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    currency: Mapped[str]
    price: Mapped[Decimal]
    price_base: Mapped[Decimal] = mapped_column(default=Decimal(1))
    discount_percent: Mapped[Decimal] = mapped_column(default=Decimal(0))
    lead_days: Mapped[int | None]
    over_receipt_percent: Mapped[Decimal | None]


def prices_for(work: Work, partner_id: UUID, product_ids: Iterable[UUID]) -> dict[UUID, list[VendorPrice]]:
    """All prices in use of a vendor for these products, in one statement; a product without any has no key."""
    wanted = literal(sorted(set(product_ids)), ARRAY(Uuid))
    statement = select(VendorPrice).where(
        VendorPrice.tenant_id == work.actor.tenant,
        VendorPrice.partner_id == partner_id,
        VendorPrice.product_id == any_(wanted),
        VendorPrice.archived_at.is_(None),
    )
    found: defaultdict[UUID, list[VendorPrice]] = defaultdict(list)
    for price in work.session.scalars(statement):
        found[price.product_id].append(price)
    return dict(found)


def chosen(
    rows: Iterable[VendorPrice], *, quantity: Decimal, unit_id: UUID, currency: str, dated: date, company_id: UUID
) -> VendorPrice | None:
    """The price that applies, of one vendor's for one product: same unit and currency, valid, minimum reached.

    Of several, the company's own goes before the general one, then the higher minimum, the later beginning and the
    newer row. Where every minimum is higher than the quantity, the lowest of them is chosen, and `fits` says so.
    """
    valid = [one for one in rows if _applies(one, unit_id, currency, dated, company_id)]
    reached = [one for one in valid if (one.minimum or ZERO) <= quantity]
    if reached:
        return max(reached, key=_precedence)
    return min(valid, key=lambda one: one.minimum or ZERO, default=None)


def fits(price: VendorPrice, quantity: Decimal) -> Refused | None:
    """What the vendor has against a quantity: below the minimum, above the maximum, no multiple; None if nothing."""
    if price.minimum is not None and quantity < price.minimum:
        return BadInput(f"The vendor asks for at least {price.minimum}; order more.", minimum=price.minimum)
    if price.maximum is not None and quantity > price.maximum:
        return BadInput(f"The vendor gives at most {price.maximum}; order less.", maximum=price.maximum)
    if price.multiple is not None and quantity % price.multiple:
        return BadInput(
            f"The vendor sells multiples of {price.multiple}; change the quantity.", multiple=price.multiple
        )
    return None


def expected_on(price: VendorPrice | None, partner: Partner, dated: date) -> date | None:
    """When goods ordered on a date should come: after the lead days, on the vendor's next delivery day.

    The price's lead days go before the vendor's; None if neither has any. `delivery_days` must be loaded.
    """
    days = partner.lead_days if price is None or price.lead_days is None else price.lead_days
    if days is None:
        return None
    if days + 6 > (date.max - dated).days:
        raise BadInput("The date is too far ahead; choose an earlier one.", path=("dated",))
    weekdays = {day.weekday for day in partner.delivery_days} or set(range(1, 8))
    week = (dated + timedelta(days=days + more) for more in range(7))
    return next(day for day in week if day.isoweekday() in weekdays)


def _applies(price: VendorPrice, unit_id: UUID, currency: str, dated: date, company_id: UUID) -> bool:
    return (
        price.unit_id == unit_id
        and price.currency == currency
        and price.company_id in {None, company_id}
        and (price.valid_from or date.min) <= dated <= (price.valid_to or date.max)
    )


def _precedence(price: VendorPrice) -> tuple[bool, Decimal, date, UUID]:
    return price.company_id is not None, price.minimum or ZERO, price.valid_from or date.min, price.id
