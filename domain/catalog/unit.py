"""A unit of measure: quantities in it are rounded to its digits."""

from __future__ import annotations

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique


class Unit(Record):
    """A unit such as piece (0 digits) or kilogram (3). `unece` is its code by UN/ECE Recommendation 20."""

    __tablename__ = "unit"
    __table_args__ = (unique("code"), CheckConstraint("digits between 0 and 6", name="digits"))

    code: Mapped[str]
    name: Mapped[str]
    digits: Mapped[int] = mapped_column(default=0)
    unece: Mapped[str | None]
