"""A paper's amounts follow from its lines and charges: lines rounded once each, tax once for every rate."""

from decimal import Decimal

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st

from domain.kernel.base import uuid7
from domain.kernel.documents import Charge, Line
from domain.kernel.errors import BadInput
from domain.kernel.totals import line_amount, reckon
from domain.purchase.order import PurchaseOrder

TAX = uuid7()
ZERO, ONE = Decimal(0), Decimal(1)


def line(
    quantity: str | int, price: str | Decimal, *, rate: str | None = None, base: str | int = 1, off: str | int = 0
) -> Line:
    return Line(
        quantity=Decimal(quantity), unit_price=Decimal(price), price_base=Decimal(base), discount_percent=Decimal(off),
        tax_id=TAX if rate is not None else None, tax_rate=Decimal(rate or 0), amount=ZERO,
    )  # fmt: skip


def charge(amount: str, rate: str | None = None) -> Charge:
    return Charge(amount=Decimal(amount), tax_id=TAX if rate is not None else None, tax_rate=Decimal(rate or 0))


def reckoned(*parts: Line | Charge, currency: str = "USD", rate: str = "1", home: str = "USD") -> PurchaseOrder:
    paper = PurchaseOrder(currency=currency, exchange_rate=Decimal(rate))
    paper.lines = [part for part in parts if isinstance(part, Line)]
    paper.charges = [part for part in parts if isinstance(part, Charge)]
    reckon(paper, company_currency=home)
    return paper


def amounts(paper: PurchaseOrder) -> list[str]:
    names = ("lines_amount", "charges_amount", "untaxed", "tax", "total", "company_untaxed")
    return [str(getattr(paper, name)) for name in names]


def taxes(paper: PurchaseOrder) -> list[tuple[str, str, str]]:
    return [(str(one.rate), str(one.base), str(one.amount)) for one in paper.taxes]


def test_a_paper_without_lines_comes_to_nothing() -> None:
    assert amounts(reckoned()) == ["0.00"] * 6
    assert amounts(reckoned(currency="JPY", home="BHD")) == ["0", "0", "0", "0", "0", "0.000"]


def test_half_a_cent_goes_up_once_a_line() -> None:
    paper = reckoned(line(1, "0.125"), line(3, "0.005"), line(1, "0.0049"))
    assert [str(one.amount) for one in paper.lines] == ["0.13", "0.02", "0.00"]
    assert str(paper.total) == "0.15"


@pytest.mark.parametrize(
    ("one", "amount"),
    [
        (line(250, "4.35", base=100), "10.88"),
        (line(3, "10", base=7), "4.29"),
        (line(1, "100", off="33.3333"), "66.67"),
        (line(7, "19.99", off=100), "0.00"),
        (line("0.333", "1.5015", base="0.1", off="12.5"), "4.37"),
        (line(999_999_999_999, "999.99"), "999989999999000.01"),
    ],
)
def test_price_base_and_discount_enter_before_the_rounding(one: Line, amount: str) -> None:
    assert str(line_amount(one, "USD")) == amount


def test_tax_is_rounded_once_for_every_rate_over_lines_charges_and_allowances() -> None:
    paper = reckoned(
        line(1, "10.05", rate="8"), line(1, "10.05", rate="8.00"), line(1, "99.99", rate="20"), line(1, "5"),
        charge("12.34", "20"), charge("-1.11", "8"), charge("3"),
    )  # fmt: skip
    assert taxes(paper) == [("8", "18.99", "1.52"), ("20", "112.33", "22.47")]
    assert amounts(paper) == ["125.09", "14.23", "139.32", "23.99", "163.31", "139.32"]


def test_a_rate_of_nought_is_a_rate_and_no_tax_is_none() -> None:
    assert taxes(reckoned(line(1, "5", rate="0"), line(1, "7"))) == [("0", "5.00", "0.00")]
    assert taxes(reckoned(line(1, "7"))) == []


def test_tax_on_an_allowance_goes_down_away_from_zero() -> None:
    assert taxes(reckoned(charge("-0.25", "10"))) == [("10", "-0.25", "-0.03")]


def test_reckoning_again_after_a_change_leaves_nothing_of_before() -> None:
    paper = reckoned(line(1, "10", rate="8"), line(1, "10", rate="20"))
    kept = paper.taxes[1]
    paper.lines = [line(1, "50", rate="20")]
    reckon(paper, company_currency="USD")
    assert taxes(paper) == [("20", "50.00", "10.00")]
    assert paper.taxes == [kept]
    reckon(paper, company_currency="USD")
    assert taxes(paper) == [("20", "50.00", "10.00")]


def test_the_company_sees_the_untaxed_total_in_its_own_currency() -> None:
    paper = reckoned(line(3, "333.335", rate="8"), charge("0.50"), currency="EUR", rate="160.255", home="JPY")
    assert (str(paper.untaxed), str(paper.company_untaxed)) == ("1000.51", "160337")


def test_amounts_too_large_to_be_summed_exactly_are_refused_at_their_line() -> None:
    with pytest.raises(BadInput) as caught:
        reckoned(line(1, "1"), line(999_999_999_999_999, "999999999999999"))
    assert caught.value.path == ("lines", 1, "quantity")


CENTS = st.integers(-100_000, 1_000_000)
RATES = st.sampled_from([None, 0, 700, 800, 1900, 2050])
LINES = st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 10**9), RATES), max_size=12)
CHARGES = st.lists(st.tuples(CENTS, RATES), max_size=4)


def half_up(numerator: int, denominator: int) -> int:
    sign = -1 if numerator < 0 else 1
    return sign * ((2 * abs(numerator) + denominator) // (2 * denominator))


def written(rate: int | None) -> str | None:
    return None if rate is None else str(Decimal(rate) / 100)


@drawn(LINES, CHARGES)
def test_amounts_agree_with_arithmetic_on_whole_cents(
    lines: list[tuple[int, int, int | None]], charges: list[tuple[int, int | None]]
) -> None:
    """Quantities are whole, prices in millionths, rates in hundredths of a per cent."""
    paper = reckoned(
        *(line(quantity, Decimal(price).scaleb(-6), rate=written(rate)) for quantity, price, rate in lines),
        *(charge(str(Decimal(cents) / 100), written(rate)) for cents, rate in charges),
    )
    parts = [(half_up(quantity * price, 10_000), rate) for quantity, price, rate in lines] + charges
    untaxed = sum(cents for cents, _ in parts)
    rates = {rate for _, rate in parts if rate is not None}
    tax = sum(half_up(rate * sum(cents for cents, other in parts if other == rate), 10_000) for rate in rates)
    assert [int(one.scaleb(2)) for one in (paper.untaxed, paper.tax, paper.total)] == [untaxed, tax, untaxed + tax]
    assert len(paper.taxes) == len(rates)


def test_ten_thousand_lines_are_reckoned_exactly() -> None:
    """Lines of 1.005, 2.010, 3.015 … : every other one ends in half a cent."""
    lines = [line(number, "1.005", rate="8" if number % 3 else "20") for number in range(1, 10_001)]
    paper = reckoned(*lines)
    cents = {number: half_up(number * 1005, 10) for number in range(1, 10_001)}
    reduced = sum(amount for number, amount in cents.items() if number % 3)
    full = sum(amount for number, amount in cents.items() if not number % 3)
    assert int(paper.untaxed.scaleb(2)) == reduced + full
    assert int(paper.tax.scaleb(2)) == half_up(8 * reduced, 100) + half_up(20 * full, 100)
