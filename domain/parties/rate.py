"""What one unit of a currency cost in another on a date."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import CheckConstraint, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique
from domain.kernel.decimals import ratio, rounded
from domain.kernel.errors import RateMissing
from domain.kernel.work import Work

FRESH = timedelta(days=7)
"""How old a rate may be: it bridges a week of holidays, no more."""
INVERSE_DIGITS = 12


class Rate(Record):
    """One unit of `base` is `rate` units of `quote` at the close of `dated`; `average` is that of the day."""

    __tablename__ = "rate"
    __table_args__ = (
        unique("base", "quote", "dated"),
        CheckConstraint("rate > 0 and average > 0", name="rate_positive"),
        CheckConstraint("base <> quote", name="two_currencies"),
    )

    base: Mapped[str]
    quote: Mapped[str]
    dated: Mapped[date]
    rate: Mapped[Decimal]
    average: Mapped[Decimal | None] = mapped_column()


def rate_on(work: Work, base: str, quote: str, dated: date) -> Decimal:
    """Units of `quote` for one `base`: the latest rate on or before the date, at most seven days old.

    A rate the other way round serves, inverted to twelve decimals, only where there is none this way. RateMissing if
    there is neither.
    """
    if base == quote:
        return Decimal(1)
    pair = tuple_(Rate.base, Rate.quote)
    statement = (
        select(Rate.base, Rate.rate)
        .where(Rate.tenant_id == work.actor.tenant, pair.in_([(base, quote), (quote, base)]))
        .where(Rate.dated <= dated, Rate.dated >= max(dated, date.min + FRESH) - FRESH)
        .order_by((Rate.base == base).desc(), Rate.dated.desc())
        .limit(1)
    )
    found = work.session.execute(statement).one_or_none()
    if found is None:
        raise RateMissing(
            f"There is no rate between {base} and {quote} for {dated} or the seven days before; add one.",
            base=base, quote=quote, dated=dated,
        )  # fmt: skip
    return found.rate if found.base == base else rounded(ratio(Decimal(1), found.rate), INVERSE_DIGITS)
