"""Money and quantities are exact: every rounding is compared with arithmetic on whole numbers."""

from decimal import Decimal
from fractions import Fraction
from math import prod

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from iso4217 import Currency

from domain.kernel.decimals import (
    LIMIT,
    checked,
    currency_digits,
    money,
    percentage,
    product_of,
    ratio,
    rounded,
    shown,
)
from domain.kernel.errors import BadInput
from domain.kernel.fields import decimal

WHOLE = st.integers(-(10**30), 10**30)
SCALE = st.integers(0, 12)


def exact(number: int, scale: int) -> Decimal:
    """`number` tenths, hundredths, … written out; arithmetic on decimals would round it."""
    return Decimal((int(number < 0), tuple(map(int, str(abs(number)))), -scale))


def units(value: Decimal, digits: int) -> Fraction:
    return Fraction(value) * 10**digits


def half_up(numerator: int, denominator: int) -> int:
    """The whole number nearest to a fraction; of two, the one farther from zero."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


@drawn(WHOLE, SCALE, SCALE)
def test_rounding_goes_half_up_away_from_zero(number: int, scale: int, digits: int) -> None:
    found = rounded(exact(number, scale), digits)
    assert found.as_tuple().exponent == -digits
    assert units(found, digits) == half_up(number * 10**digits, 10**scale)


@pytest.mark.parametrize(
    ("value", "digits", "result"),
    [
        ("0.125", 2, "0.13"), ("-0.125", 2, "-0.13"), ("2.675", 2, "2.68"), ("0.5", 0, "1"), ("-0.5", 0, "-1"),
        ("1.005", 2, "1.01"), ("0.4999999999999999999999999999999999999", 0, "0"), ("-0.004", 2, "0.00"),
        ("7", 3, "7.000"),
    ],
)  # fmt: skip
def test_known_halves(value: str, digits: int, result: str) -> None:
    assert str(rounded(Decimal(value), digits)) == result


@drawn(WHOLE, SCALE, st.integers(0, 6))
def test_what_is_rounded_stays_as_it_is(number: int, scale: int, digits: int) -> None:
    once = rounded(exact(number, scale), digits)
    assert str(rounded(once, digits)) == str(once)


def test_every_currency_has_the_digits_of_iso_4217() -> None:
    assert {code: currency_digits(code) for code in ("JPY", "USD", "BHD", "CLF", "ISK", "HUF", "XAU")} == {
        "JPY": 0, "USD": 2, "BHD": 3, "CLF": 4, "ISK": 0, "HUF": 2, "XAU": 0}  # fmt: skip
    assert all(0 <= currency_digits(one.code) <= 4 for one in Currency)


@pytest.mark.parametrize("code", ["", "usd", "EURO", "DEM", "€"])
def test_what_is_no_currency_is_refused(code: str) -> None:
    with pytest.raises(BadInput):
        currency_digits(code)


@drawn(WHOLE, SCALE, st.sampled_from(["JPY", "USD", "BHD", "CLF"]))
def test_money_is_in_whole_minor_units(number: int, scale: int, currency: str) -> None:
    digits = currency_digits(currency)
    assert units(money(exact(number, scale), currency), digits) == half_up(number * 10**digits, 10**scale)


@drawn(st.integers(-(10**20), 10**20), st.integers(0, 10**6))
def test_per_cent_of_a_value_is_not_rounded(cents: int, ten_thousandths: int) -> None:
    assert units(percentage(exact(cents, 2), exact(ten_thousandths, 4)), 8) == cents * ten_thousandths


@drawn(st.lists(st.integers(-(10**12), 10**12), max_size=4))
def test_products_lose_nothing(numbers: list[int]) -> None:
    found = product_of(*(exact(number, 6) for number in numbers))
    assert units(found, 6 * len(numbers)) == prod(numbers)


@drawn(st.integers(-(10**21), 10**21), st.integers(1, 10**21), st.integers(0, 12))
def test_a_rounded_ratio_is_as_if_it_had_been_rounded_once(numerator: int, denominator: int, digits: int) -> None:
    found = rounded(ratio(Decimal(numerator), Decimal(denominator)), digits)
    assert units(found, digits) == half_up(numerator * 10**digits, denominator)


@drawn(st.integers(1, 10**18), st.integers(0, 6))
def test_no_ratio_just_beside_a_half_is_taken_for_one(denominator: int, digits: int) -> None:
    """(d ± 1) / 2d lies as near to a half as fractions come."""
    for numerator in (denominator - 1, denominator, denominator + 1):
        found = rounded(ratio(Decimal(numerator), Decimal(2 * denominator * 10**digits)), digits)
        assert units(found, digits) == half_up(numerator, 2 * denominator)


BAD = [
    "NaN",
    "-NaN",
    "sNaN",
    "Infinity",
    "-Infinity",
    "1e15",
    "-1e15",
    "1e30",
    "1e999999",
    "0.001",
    "1e-20",
    "1e-999999",
]


@pytest.mark.parametrize("value", BAD)
def test_what_is_no_amount_is_refused(value: str) -> None:
    with pytest.raises(BadInput):
        checked(Decimal(value), digits=2)


@pytest.mark.parametrize(
    ("value", "word"), [("1.5", "whole number"), ("-1", "at least 0"), ("1e15", "1,000,000"), ("NaN", "finite")]
)
def test_a_refusal_says_what_to_do(value: str, word: str) -> None:
    with pytest.raises(BadInput, match=word):
        checked(Decimal(value), digits=0, least=Decimal(0))


@drawn(st.integers(-(10**17) + 1, 10**17 - 1))
def test_whatever_fits_comes_back_unchanged(cents: int) -> None:
    value = exact(cents, 2)
    assert checked(value, digits=2) == value
    assert checked(value, digits=2, least=-LIMIT, above=-LIMIT) == value


def test_bounds_are_kept_to_the_digit() -> None:
    assert checked(Decimal("0.00"), digits=2, least=Decimal(0)) == 0
    with pytest.raises(BadInput):
        checked(Decimal("0.00"), digits=2, above=Decimal(0))
    assert str(checked(Decimal("-0.0"), digits=1)) == "0.0"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("12.50", "12.50"),
        ("12", "12"),
        ("1E+3", "1000"),
        ("0.1000000000", "0.100000"),
        ("-0", "0"),
        ("0E-9", "0.000000"),
    ],
)
def test_a_field_keeps_a_number_as_it_was_written(written: str, kept: str) -> None:
    assert str(decimal(digits=6)(Decimal(written))) == kept


@pytest.mark.parametrize("value", [1.5, 2, "3", True, None])
def test_a_field_takes_nothing_for_a_decimal_that_is_none(value: object) -> None:
    with pytest.raises(BadInput):
        decimal(digits=6)(value)


def test_a_field_has_an_upper_bound_too() -> None:
    assert decimal(digits=2, most=100)(Decimal(100)) == 100
    with pytest.raises(BadInput, match="at most 100"):
        decimal(digits=2, most=100)(Decimal("100.01"))


@pytest.mark.parametrize(
    ("value", "currency", "written"),
    [
        ("0", "EUR", "0.00"), ("0E+3", "EUR", "0.00"), ("-0", "USD", "0.00"), ("0", "JPY", "0"), ("0", "BHD", "0.000"),
        ("7", "EUR", "7.00"), ("129.000000", "EUR", "129.00"), ("1.234500", "EUR", "1.2345"), ("1E+2", "JPY", "100"),
    ],
)  # fmt: skip
def test_an_amount_is_written_with_the_decimals_of_its_currency(value: str, currency: str, written: str) -> None:
    assert str(shown(Decimal(value), currency)) == written
