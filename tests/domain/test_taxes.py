"""Taxes in prices or on top of them, rounded over the paper or line by line: nothing is made or lost by rounding."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from domain.catalog.tax import CreateTax, Tax, UpdateTax
from domain.drafts.lines import OrderCharge, OrderLine
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.decimals import apportioned
from domain.kernel.documents import Charge, Line, TaxAmount
from domain.kernel.errors import ApprovalRequired
from domain.kernel.taxed import levy, levy_as
from domain.kernel.totals import Bearer, reckon, shares_of, stated, unrecoverable_of
from domain.parties.setting_entry import SetSetting
from domain.purchase.order import PurchaseOrder
from tests.domain.test_catalog import do, refused, row
from tests.domain.test_purchase import act, lines_of, paper, ref, rows, written
from tests.domain.test_verification import differences
from tests.firm import Firm

CENT = Decimal("0.01")


def tax(rate: str | Decimal = "20", **said: Any) -> Tax:
    usual = {"category": "S", "included": False, "recoverable_percent": Decimal(100)}
    return Tax(**{"id": uuid7(), "rate": Decimal(rate), **usual, **said})


def line(price: str | Decimal, of: Tax | None, quantity: int = 1) -> Line:
    made = Line(
        quantity=Decimal(quantity), unit_price=Decimal(price), price_base=Decimal(1), discount_percent=Decimal(0)
    )
    levy(made, of)
    return made


def charge(amount: str | Decimal, of: Tax | None) -> Charge:
    made = Charge(amount=Decimal(amount))
    levy(made, of)
    return made


def reckoned(*parts: Bearer, rounding: str = "document", direction: str = "purchase") -> Any:
    made: Any = PurchaseOrder(currency="EUR", exchange_rate=Decimal(1), tax_rounding=rounding)
    made.lines = [part for part in parts if isinstance(part, Line)]
    made.charges = [part for part in parts if isinstance(part, Charge)]
    made.direction = direction
    reckon(made, company_currency="EUR")
    return made


def told(made: Any) -> list[str]:
    return [f"{one.base} {one.amount} {one.self_assessed} {one.unrecoverable}" for one in made.taxes]


def test_an_included_tax_is_taken_out_of_the_prices_and_the_total_stays() -> None:
    vat = tax(included=True)
    made = reckoned(line("1.00", vat), line("1.00", vat), line("1.00", vat), charge("2.00", vat))
    assert told(made) == ["4.17 0.83 0.00 0.00"]
    assert sorted(str(one.amount) for one in made.lines) == ["0.83", "0.83", "0.84"]
    assert (str(made.untaxed), str(made.total)) == ("4.17", "5.00")
    assert (str(made.charges[0].gross), str(stated(made.charges[0]))) == ("2.00", "2.00")


def test_of_a_gross_price_the_net_is_rounded_half_up() -> None:
    assert told(reckoned(line("0.03", tax("100", included=True)))) == ["0.02 0.01 0.00 0.00"]
    assert told(reckoned(charge("-0.03", tax("100", included=True)))) == ["-0.02 -0.01 0.00 0.00"]


def test_line_by_line_each_is_rounded_by_itself() -> None:
    parts = [("0.13", 1), ("0.13", 1), ("0.13", 1)]
    vat = tax()
    assert told(reckoned(*(line(price, vat, many) for price, many in parts))) == ["0.39 0.08 0.00 0.00"]
    assert told(reckoned(*(line(price, vat, many) for price, many in parts), rounding="line")) == [
        "0.39 0.09 0.00 0.00"
    ]


def test_taxes_of_one_rate_stand_apart_and_one_tax_at_two_rates_too() -> None:
    goods, services = tax("19"), tax("19")
    kept = tax("16")
    kept.id = goods.id
    made = reckoned(line("10", goods), line("20", services), line("30", kept), charge("5", goods))
    assert [(one.tax_id, str(one.base)) for one in made.taxes] == [
        (goods.id, "30.00"), *sorted([(goods.id, "15.00"), (services.id, "20.00")], key=lambda one: str(one[0])),
    ]  # fmt: skip


def test_what_the_buyer_reckons_for_the_seller_is_on_no_total() -> None:
    reverse = tax("0", category="AE", reverse_charge_rate=Decimal(19), exemption_code="VATEX-EU-AE")
    made = reckoned(line("100.50", reverse), charge("9.50", reverse))
    assert told(made) == ["110.00 0.00 20.90 0.00"]
    assert (str(made.total), made.taxes[0].category, made.taxes[0].exemption_code) == ("110.00", "AE", "VATEX-EU-AE")


def test_what_is_not_recovered_is_cost_and_is_handed_down_to_the_lines() -> None:
    half = tax("20", recoverable_percent=Decimal(50))
    made = reckoned(line("0.33", half), line("0.33", half), line("0.34", half), line("7", tax()))
    assert sorted(told(made)) == ["1.00 0.20 0.00 0.10", "7.00 1.40 0.00 0.00"]
    shares = [str(unrecoverable_of(one)) for one in made.lines]
    assert sorted(shares) == ["0.00", "0.03", "0.03", "0.04"]
    assert unrecoverable_of(charge_alone()) == 0


def charge_alone() -> Charge:
    return reckoned(charge("5", None)).charges[0]  # type: ignore[no-any-return]


def test_a_tax_that_is_reckoned_and_not_recovered_costs() -> None:
    reverse = tax("0", category="K", reverse_charge_rate=Decimal(20), recoverable_percent=Decimal(0))
    assert told(reckoned(line("100", reverse))) == ["100.00 0.00 20.00 20.00"]


def test_who_sells_neither_recovers_nor_reckons() -> None:
    assert told(reckoned(line("10", tax(recoverable_percent=Decimal(0))), direction="sale")) == ["10.00 2.00 0.00 0.00"]
    reverse = tax("0", category="AE", reverse_charge_rate=Decimal(19))
    assert told(reckoned(line("10", reverse), direction="sale")) == ["10.00 0.00 0.00 0.00"]


def test_a_part_takes_the_tax_of_another_at_the_rate_of_then() -> None:
    vat = tax("16", included=True)
    first, then = line("116", vat), charge("5", None)
    vat.rate = Decimal(19)
    levy_as(then, first)
    assert (then.tax_id, then.tax_rate, then.tax_included) == (vat.id, 16, True)


def test_a_charge_given_anew_forgets_what_was_stated_before() -> None:
    vat = tax(included=True)
    made = reckoned(charge("12", vat))
    made.charges[0].amount = Decimal(24)
    levy(made.charges[0], vat)
    reckon(made, company_currency="EUR")
    assert told(made) == ["20.00 4.00 0.00 0.00"]
    levy(made.charges[0], tax())
    reckon(made, company_currency="EUR")
    assert (made.charges[0].gross, told(made)) == (None, ["20.00 4.00 0.00 0.00"])


@drawn(st.lists(st.fractions(-100, 100), max_size=20), st.integers(-2, 2))
def test_parts_sum_to_the_whole_and_none_is_more_than_a_unit_off(exact: list[Any], off: int) -> None:
    parts = [Decimal(one.numerator) / Decimal(one.denominator) for one in exact]
    whole = (sum(parts, Decimal(0)) + off * CENT).quantize(CENT)
    found = apportioned(whole, parts, "EUR")
    assert sum(found, Decimal(0)) == (whole if parts else 0)
    assert all(abs(one - part) < CENT * (1 + 3) for one, part in zip(found, parts, strict=True))


TAXES = st.builds(
    tax,
    st.sampled_from(["0", "5.5", "7", "8", "19", "20", "25"]),
    included=st.booleans(),
    recoverable_percent=st.sampled_from([0, 33, 50, 100]).map(Decimal),
    reverse_charge_rate=st.sampled_from([None, None, Decimal(19)]),
)
PRICES = st.integers(0, 10**8).map(lambda units: Decimal(units).scaleb(-4))
CENTS = st.integers(-10_000, 10_000).map(lambda units: Decimal(units).scaleb(-2))
ROUNDINGS = st.sampled_from(["document", "line"])


@st.composite
def parts(draw: Any) -> list[Bearer]:
    """Lines and charges that bear one of three taxes, or none."""
    taxes = st.sampled_from([None, *draw(st.lists(TAXES, min_size=1, max_size=3))])
    lines = draw(st.lists(st.builds(line, PRICES, taxes, st.integers(1, 9)), max_size=9))
    return [*lines, *draw(st.lists(st.builds(charge, CENTS, taxes), max_size=3))]


@settings(max_examples=300)
@drawn(parts(), ROUNDINGS)
def test_net_and_tax_are_the_total_and_shares_sum_to_their_whole(found: list[Bearer], rounding: str) -> None:
    made = reckoned(*found, rounding=rounding)
    assert made.untaxed + made.tax == made.total
    assert made.untaxed == sum((one.amount for one in found), Decimal(0))
    shares = shares_of(made)
    assert shares.keys() == {one for one in found if one.tax_id}
    for of, amounts in (("tax", "amount"), ("self_assessed", "self_assessed"), ("unrecoverable", "unrecoverable")):
        parted = sum((getattr(one, of) for one in shares.values()), Decimal(0))
        assert parted == sum((getattr(one, amounts) for one in made.taxes), Decimal(0))
    for one in made.taxes:
        assert abs(one.unrecoverable) <= abs(one.amount + one.self_assessed)
        assert one.recoverable_percent != 0 or one.unrecoverable == one.amount + one.self_assessed


@drawn(parts(), ROUNDINGS)
def test_gross_prices_are_what_is_to_be_paid(found: list[Bearer], rounding: str) -> None:
    included = [one for one in found if one.tax_included]
    made = reckoned(*included, rounding=rounding)
    gross = [one.quantity * one.unit_price if isinstance(one, Line) else stated(one) for one in included]
    assert abs(made.total - sum(gross, Decimal(0))) <= CENT / 2 * len(included)
    again = [told(made), [str(one.amount) for one in included]]
    reckon(made, company_currency="EUR")
    assert [told(made), [str(one.amount) for one in included]] == again


@drawn(parts())
def test_included_and_excluded_agree_within_a_minor_unit_a_tax(found: list[Bearer]) -> None:
    made = reckoned(*found)
    for one in made.taxes:
        assert abs(one.amount - one.base * one.rate / 100) <= CENT


@drawn(parts(), st.randoms())
def test_over_the_paper_the_order_of_its_lines_does_not_matter(found: list[Bearer], chance: Any) -> None:
    def seen(made: Any) -> Any:
        return sorted(told(made)), Counter((one.tax_id, str(one.amount)) for one in found), made.total

    first = seen(reckoned(*found))
    for one in found:
        if isinstance(one, Charge) and one.gross is not None:
            one.amount, one.gross = one.gross, None
    mixed = list(found)
    chance.shuffle(mixed)
    assert seen(reckoned(*mixed)) == first


async def test_a_tax_says_why_it_charges_nothing(firm: Firm) -> None:
    nothing = CreateTax(code="X", name="X", rate=Decimal(0), category="E")
    assert await refused(firm, nothing) == [("BAD_INPUT", ("exemptionCode",))]
    assert await refused(firm, replace(nothing, exemption_code="132")) == [("BAD_INPUT", ("exemptionCode",))]
    assert await refused(firm, replace(nothing, exemption_code="VATEX-EU-G")) == [("BAD_INPUT", ("exemptionCode",))]
    assert await refused(firm, replace(nothing, category="Z", exemption_reason="so")) == [
        ("BAD_INPUT", ("exemptionCode",))
    ]
    reckons = replace(nothing, category="G", reverse_charge_rate=Decimal(19))
    assert await refused(firm, reckons) == [("BAD_INPUT", ("reverseChargeRate",))]
    ids = [
        await do(firm, replace(nothing, code=code, category=code, **more))
        for code, more in [
            ("E", {"exemption_code": "vatex-eu-132-1a"}), ("AE", {"reverse_charge_rate": Decimal(19)}),
            ("K", {}), ("G", {}), ("O", {"exemption_reason": "Outside the scope"}),
        ]
    ]  # fmt: skip
    assert [(await row(firm, Tax, id)).exemption_code for id in ids] == [
        "VATEX-EU-132-1A", "VATEX-EU-AE", "VATEX-EU-IC", "VATEX-EU-G", None,
    ]  # fmt: skip


async def some_tax(firm: Firm, code: str, rate: str, **said: Any) -> Ref:
    return Ref(id=await do(firm, CreateTax(code=code, name=code, rate=Decimal(rate), **said)))


async def test_an_order_bears_taxes_of_every_sort(firm: Firm) -> None:
    gross = await some_tax(firm, "G20", "20", included=True)
    reverse = await some_tax(firm, "RC", "0", category="AE", reverse_charge_rate=Decimal(19))
    sales = await some_tax(firm, "ST", "8", recoverable_percent=Decimal(0))
    order = await written(
        firm,
        lines=[
            OrderLine(product=ref(firm["bolt"]), quantity=Decimal(7), unit_price=Decimal("1.99"), tax=one)
            for one in (gross, reverse, sales)
        ],
        charges=[OrderCharge(text="Freight", amount=Decimal("5.00"), tax=gross)],
    )
    made = await paper(firm, order)
    assert [str(one) for one in (made.untaxed, made.tax, made.total)] == ["43.64", "4.26", "47.90"]
    kept = {one.tax_id: one for one in await rows(firm, TaxAmount, document_id=order)}
    assert str(kept[reverse.id].self_assessed) == "2.65"
    assert str(kept[sales.id].unrecoverable) == "1.11"
    assert await differences(firm) == []


async def test_a_company_may_round_line_by_line(firm: Firm) -> None:
    await firm.database.perform(firm.actor("administrator"), SetSetting(name="tax.rounding", value="line"))
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), unit_price=Decimal("0.06"))] * 3
    made = await paper(firm, await written(firm, lines=lines))
    assert (made.tax_rounding, str(made.tax)) == ("line", "0.00")
    await firm.database.perform(firm.actor("administrator"), SetSetting(name="tax.rounding", value="document"))
    made = await paper(firm, await written(firm, lines=lines))
    assert (made.tax_rounding, str(made.tax)) == ("document", "0.01")
    assert await differences(firm) == []


async def test_a_changed_tax_does_not_change_the_papers_that_bear_it(firm: Firm) -> None:
    order = await written(firm)
    raised = UpdateTax(id=ref(firm["tax8"]), expected_version=1, rate=Decimal(9), recoverable_percent=Decimal(0))
    await do(firm, raised)
    (kept,) = await lines_of(firm, order)
    assert (kept.tax_rate, kept.tax_recoverable_percent, kept.tax_category) == (8, 100, "S")
    assert (await lines_of(firm, await written(firm)))[0].tax_recoverable_percent == 0


async def test_an_approval_is_for_what_is_not_recovered_too(firm: Firm) -> None:
    order = await written(firm)
    await act(firm, "buyer", "Submit", order)

    def tamper(work: Any) -> None:
        kept = work.find(PurchaseOrder, order, options=PurchaseOrder.whole())
        kept.taxes[0].unrecoverable = kept.taxes[0].amount

    await firm.database.transact(firm.actor("buyer"), tamper)
    with pytest.raises(ApprovalRequired):
        await act(firm, "buyer", "Confirm", order)
