"""The tax that a part of a paper bears: a copy of what the tax says, so that a paper stays as it was written.

`levy(line, tax)` copies a tax onto a line or charge; `levy_as(mine, theirs)` gives it what another paper's part bears,
as a credit note takes the rates of the original. What the parts come to is reckoned in `totals`.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any, Protocol
from uuid import UUID

from sqlalchemy import false
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import ref

if TYPE_CHECKING:
    from domain.kernel.documents import Charge, Line

ZERO, HUNDRED = Decimal(0), Decimal(100)


class Taxing(Protocol):
    """What a tax says of itself; `included`: prices hold the tax; the rest is told with the class of taxes."""

    id: Any
    rate: Any
    category: Any
    included: Any
    recoverable_percent: Any
    reverse_charge_rate: Any
    exemption_code: Any
    exemption_reason: Any


class Taxed:
    """Mixed into lines and charges. Without `tax_id` no tax is on it.

    `tax_recoverable_percent` is the share of input tax that is recovered; at `reverse_charge_rate` the buyer reckons
    the tax that the seller does not.
    """

    tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    tax_rate: Mapped[Decimal] = mapped_column(default=ZERO)
    tax_category: Mapped[str | None]
    tax_included: Mapped[bool] = mapped_column(default=False, server_default=false())
    tax_recoverable_percent: Mapped[Decimal] = mapped_column(default=HUNDRED, server_default="100")
    reverse_charge_rate: Mapped[Decimal | None]
    exemption_code: Mapped[str | None]
    exemption_reason: Mapped[str | None]


COPIED = {
    "tax_id": "id", "tax_rate": "rate", "tax_category": "category", "tax_included": "included",
    "tax_recoverable_percent": "recoverable_percent", "reverse_charge_rate": "reverse_charge_rate",
    "exemption_code": "exemption_code", "exemption_reason": "exemption_reason",
}  # fmt: skip
"""Columns of a part by what they are a copy of."""
_UNTAXED = dict.fromkeys(COPIED) | {"tax_rate": ZERO, "tax_included": False, "tax_recoverable_percent": HUNDRED}


def levy(part: Line | Charge, tax: Taxing | None) -> None:
    """Put a tax, or none, on a part. Set the amount of a charge before: with an included tax it is taken as gross."""
    for mine, theirs in COPIED.items():
        setattr(part, mine, _UNTAXED[mine] if tax is None else getattr(tax, theirs))
    if hasattr(part, "gross"):
        part.gross = None


def levy_as(part: Line | Charge, other: Line | Charge) -> None:
    """Put the same tax on a part as another one bears, at the same rate, whatever has become of the tax since."""
    for name in COPIED:
        setattr(part, name, getattr(other, name))
    if hasattr(part, "gross"):
        part.gross = None
