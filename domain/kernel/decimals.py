"""Money and quantities are exact, and rounded by stated rules.

Rounding is half-up, away from zero: money to the ISO 4217 digits of its currency, quantities to the digits of their
unit, unit prices and costs to 6 decimals. Nothing here knows binary floating point.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Context, Decimal, localcontext

from iso4217 import Currency

from domain.kernel.errors import BadInput

PRICE_DIGITS = 6
LIMIT = Decimal(10) ** 15
_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)


def rounded(value: Decimal, digits: int) -> Decimal:
    """`value` rounded half-up, away from zero, to `digits` decimals; the result always shows them."""
    with localcontext(_EXACT):
        result = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
        return result or abs(result)


DIGITS: Mapping[str, int] = {str(one.code): int(one.exponent or 0) for one in Currency}
"""Decimals of each currency by ISO 4217 (JPY 0, USD 2, BHD 3)."""


def currency_digits(currency: str) -> int:
    """Decimals of a currency; raises BadInput for a code that is none."""
    try:
        return DIGITS[currency]
    except KeyError:
        raise BadInput(f"{currency!r} is not an ISO 4217 currency; use a code such as EUR.") from None


def money(value: Decimal, currency: str) -> Decimal:
    """An amount in whole minor units of `currency`."""
    return rounded(value, currency_digits(currency))


def shown(value: Decimal, currency: str) -> Decimal:
    """The same value with the decimals of its currency, 0 too; with more only where a price has more."""
    with localcontext(_EXACT):
        written = -int(value.normalize().as_tuple().exponent)
    return rounded(value, max(written, currency_digits(currency)))


def total_of(amounts: Iterable[Decimal], currency: str) -> Decimal:
    """The sum of amounts, which are whole minor units of `currency`; nothing comes to 0 with its decimals."""
    return sum(amounts, rounded(Decimal(0), currency_digits(currency)))


def apportioned(whole: Decimal, exact: Sequence[Decimal], currency: str) -> list[Decimal]:
    """Whole minor units near the `exact` parts that sum to the `whole`, which is about their sum.

    Each is rounded down; what is left goes, a unit each, to those that lost most, of these to the larger, of these to
    the earlier. So the order of unequal parts does not matter.
    """
    unit = Decimal(1).scaleb(-currency_digits(currency))
    with localcontext(_EXACT):
        parts = [one.quantize(unit, ROUND_FLOOR) for one in exact]
        lost = [one - part for one, part in zip(exact, parts, strict=True)]
        left = int((whole - sum(parts, Decimal(0))) / unit) if parts else 0
        order = sorted(range(len(parts)), key=lambda place: (-lost[place], -abs(exact[place]), place))
        for turn in range(abs(left)):
            place = order[turn % len(order)] if left > 0 else order[-1 - turn % len(order)]
            parts[place] += unit if left > 0 else -unit
        return [part or abs(part) for part in parts]


def percentage(value: Decimal, percent: Decimal) -> Decimal:
    """`percent` per cent of `value`, unrounded."""
    with localcontext(_EXACT):
        return value * percent / 100


def product_of(*factors: Decimal) -> Decimal:
    """The product of all factors, exact to 60 digits."""
    with localcontext(_EXACT):
        result = Decimal(1)
        for factor in factors:
            result *= factor
        return result


def ratio(numerator: Decimal, denominator: Decimal) -> Decimal:
    """Numerator / denominator, exact to 60 digits."""
    with localcontext(_EXACT):
        return numerator / denominator


def checked(value: Decimal, *, digits: int, least: Decimal | None = None, above: Decimal | None = None) -> Decimal:
    """`value` if it is finite, below 10^15, in range, and has at most `digits` decimals; else BadInput.

    Superfluous zeros are no decimals: 1.500 passes for two digits.
    """
    if not value.is_finite():
        raise BadInput("Not a number; give a finite decimal.")
    if abs(value) >= LIMIT:
        raise BadInput("Too large; give a number below 1,000,000,000,000,000.")
    if value != rounded(value, digits):
        raise BadInput(f"Too many decimals; give {f'at most {digits}' if digits else 'a whole number'}.")
    if least is not None and value < least:
        raise BadInput(f"Too small; give at least {least}.")
    if above is not None and value <= above:
        raise BadInput(f"Too small; give more than {above}.")
    return rounded(value, digits)
