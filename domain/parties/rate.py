"""What one unit of a currency cost in another on a date."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy import ARRAY, CheckConstraint, Date, Text, func, literal, select, tuple_
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, unique
from domain.kernel.commands import Command, command, given, said
from domain.kernel.decimals import ratio, rounded
from domain.kernel.errors import BadInput, RateMissing, Refusals
from domain.kernel.fields import Fields, Values, day, decimal, entered
from domain.kernel.text import currency_of_any_time
from domain.kernel.turns import take_turn
from domain.kernel.work import Work

FRESH = timedelta(days=7)
"""How old a rate may be: it bridges a week of holidays, no more."""
DIGITS = 12
MOST_AT_ONCE = 10_000
Key = tuple[str, str, date]


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
    return found.rate if found.base == base else rounded(ratio(Decimal(1), found.rate), DIGITS)


@given
class RateEntry:
    """The rate between two currencies on a day."""

    base: str = said("The currency of which one unit is priced, by ISO 4217; withdrawn ones, such as DEM, too.")
    quote: str = said("The currency in which it is priced, likewise.")
    dated: date = said("The day at whose close the rate holds.")
    rate: Decimal = said("Units of `quote` for one `base`; more than 0, with at most 12 decimals.")
    average: Decimal | None = said("The day's average, if it is known.", default=None)


@command(right="master.write", answers=Rate)
class SetRates(Command):
    """Enter exchange rates, up to 10,000 at once. A rate known for its currencies and day is corrected.

    Answers with the last of them.
    """

    rates: Sequence[RateEntry] = said("The rates, each pair of currencies and day once.")

    def act(self, work: Work) -> Rate:
        wanted = _entered(work, self.rates)
        take_turn(work, "rate")
        known = rates_of(work, list(wanted))
        for key, values in wanted.items():
            if key not in known:
                known[key] = work.add(Rate(**values))
                continue
            known[key].rate, known[key].average = values["rate"], values["average"]
        return known[next(reversed(wanted))]


_FIELDS: Fields = {
    "base": currency_of_any_time,
    "quote": currency_of_any_time,
    "dated": day,
    "rate": decimal(digits=DIGITS, above=0),
    "average": decimal(digits=DIGITS, above=0),
}


def _entered(work: Work, rates: Sequence[RateEntry]) -> dict[Key, Values]:
    if not 1 <= len(rates) <= MOST_AT_ONCE:
        raise BadInput(f"Give 1 to {MOST_AT_ONCE} rates at once.", path=("rates",))
    found: dict[Key, Values] = {}
    refusals = Refusals()
    for index, one in enumerate(rates):
        with refusals.at("rates", index):
            values = _checked(work, one)
            key = values["base"], values["quote"], values["dated"]
            if key in found:
                raise BadInput("Given twice; leave one out.")
            found[key] = values
    refusals.settle()
    return found


def _checked(work: Work, one: RateEntry) -> Values:
    refusals = Refusals()
    values = entered(work, Rate, _FIELDS, one, refusals=refusals)
    refusals.settle()
    if values["base"] == values["quote"]:
        raise BadInput("A currency has no rate to itself; give another.", path=("quote",))
    return values


def rates_of(work: Work, keys: Sequence[Key]) -> dict[Key, Rate]:
    """The rates there are for these currencies and days, in one statement."""
    base, quote, dated = zip(*keys, strict=True)
    columns = literal([*base], ARRAY(Text)), literal([*quote], ARRAY(Text)), literal([*dated], ARRAY(Date))
    wanted = select(func.unnest(*columns).table_valued("base", "quote", "dated", name="wanted").render_derived())
    statement = select(Rate).where(
        Rate.tenant_id == work.actor.tenant, tuple_(Rate.base, Rate.quote, Rate.dated).in_(wanted)
    )
    return {(row.base, row.quote, row.dated): row for row in work.session.scalars(statement)}
