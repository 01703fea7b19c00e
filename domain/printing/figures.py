"""Dates, numbers and amounts as they are written in a language and a country; digits are ours, signs are Babel's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from functools import lru_cache

from babel import Locale, UnknownLocaleError
from babel.dates import format_date
from babel.numbers import NumberPattern, get_decimal_symbol, parse_pattern

from domain.kernel.decimals import currency_digits

AT_HOME = {"pt": "pt-PT"}
"""Where our words of a language are from, if its figures are otherwise taken for those of another country."""
Number = tuple[str, str]
"""A number as it is written, and what it lacks to be as long behind the point as others of its column."""


@lru_cache(256)
def locale_of(tag: str, country: str | None) -> Locale:
    """How one writes in a language; a tag without a country takes the partner's, if the language is at home there."""
    language, _, country_of_tag = tag.replace("_", "-").partition("-")
    language = "nb" if language.lower() == "no" else language.lower()
    place = country_of_tag or country
    tries = [f"{language}-{place}"] if place else []
    for one in (*tries, AT_HOME.get(language, language), language):
        try:
            return Locale.parse(one, sep="-")
        except (UnknownLocaleError, ValueError):
            continue
    return Locale("en")


class Figures:
    """Writes figures for one page."""

    def __init__(self, locale: Locale, currency: str) -> None:
        self.locale, self.currency = locale, currency
        self.digits = currency_digits(currency)
        self._patterns: dict[int, NumberPattern] = {}

    def day(self, value: date) -> str:
        return format_date(value, "medium", self.locale)

    def number(self, value: Decimal, digits: int) -> str:
        """With exactly so many decimals."""
        if digits not in self._patterns:
            self._patterns[digits] = _pattern(self.locale.decimal_formats[None], digits)
        return str(self._patterns[digits].apply(value, self.locale))

    def amount(self, value: Decimal) -> str:
        """An amount without the sign of its currency, as it stands in columns."""
        return self.number(value, self.digits)

    def money(self, value: Decimal) -> str:
        """An amount with its currency."""
        pattern = _pattern(self.locale.currency_formats["standard"], self.digits)
        return str(pattern.apply(value, self.locale, currency=self.currency, currency_digits=False))

    def percent(self, value: Decimal) -> str:
        """A rate in per cent, without superfluous zeros."""
        pattern = _pattern(self.locale.percent_formats[None], places(value))
        return str(pattern.apply(value.scaleb(-2), self.locale))

    def column(self, values: Sequence[tuple[Decimal | None, int]]) -> list[Number]:
        """Numbers, each with its decimals, and what they lack to stand with their points in one line."""
        most = max((digits for value, digits in values if value is not None), default=0)
        return [
            ("", "") if value is None else (self.number(value, digits), self._lack(digits, most))
            for value, digits in values
        ]

    def country(self, code: str) -> str:
        return str(self.locale.territories.get(code, code))

    def _lack(self, digits: int, most: int) -> str:
        point = get_decimal_symbol(self.locale) if most and not digits else ""
        return point + "0" * (most - digits)


def _pattern(usual: NumberPattern, digits: int) -> NumberPattern:
    """What is usual in a language, with exactly so many decimals."""
    found = parse_pattern(usual.pattern)
    found.frac_prec = (digits, digits)
    return found


def places(value: Decimal) -> int:
    """The decimals that a number has, superfluous zeros left out."""
    return max(0, -int(value.normalize().as_tuple().exponent))
