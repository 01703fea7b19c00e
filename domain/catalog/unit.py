"""A unit of measure: quantities in it are rounded to its digits."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique
from domain.kernel.decimals import checked
from domain.kernel.errors import NotReady


class Unit(Record):
    """A unit such as piece (0 digits) or kilogram (3). `unece` is its code by UN/ECE Recommendation 20."""

    __tablename__ = "unit"
    __table_args__ = (unique("code"), CheckConstraint("digits between 0 and 6", name="digits"))

    code: Mapped[str]
    name: Mapped[str]
    digits: Mapped[int] = mapped_column(default=0)
    unece: Mapped[str | None]


def quantity(value: Decimal, unit: Unit) -> Decimal:
    """`value` if it can be a quantity in `unit`: more than 0, below 10^15, no finer than its digits; else BadInput."""
    return checked(value, digits=unit.digits, above=Decimal(0))


def must_have_codes(units: Iterable[Unit]) -> None:
    """NotReady if one of the units has no code by UN/ECE Recommendation 20, which electronic papers need."""
    if bare := sorted(unit.code for unit in units if unit.unece is None):
        raise NotReady(f"Give {', '.join(bare)} a code by UN/ECE Recommendation 20, such as C62 for a piece.")
