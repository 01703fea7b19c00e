"""Which of a vendor's prices applies, what the vendor has against a quantity, and when the goods should come."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import event
from sqlalchemy.util import await_only

from domain.catalog.product_entry import ArchiveProduct
from domain.catalog.vendor_price import VendorPrice, chosen, expected_on, fits, prices_for
from domain.catalog.vendor_price_entry import (
    ArchiveVendorPrice,
    CreateVendorPrice,
    RestoreVendorPrice,
    UpdateVendorPrice,
)
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, Refused
from domain.kernel.work import Work
from domain.parties.partner import DeliveryDay, Partner
from domain.parties.partner_entry import ArchivePartner
from tests.firm import Firm

DAY = date(2026, 3, 2)
OURS, THEIRS = uuid7(), uuid7()
PIECE, BOX = uuid7(), uuid7()


async def do(firm: Firm, command: Any) -> UUID:
    return await firm.database.perform(firm.actor("buyer"), command)


async def refused(firm: Firm, command: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(Refused) as caught:
        await do(firm, command)
    return [(one.code, one.path) for one in caught.value.each]


async def price(firm: Firm, id: UUID) -> VendorPrice:
    return await firm.database.transact(firm.actor("buyer"), lambda work: work.find(VendorPrice, id))


def of(firm: Firm, word: str) -> Ref:
    return Ref(id=firm[word])


def offer(firm: Firm, **values: Any) -> CreateVendorPrice:
    usual = {"partner": "vendor", "product": "wire", "unit": "kilogram"}
    named = {name: of(firm, values.pop(name, word)) for name, word in usual.items()}
    return CreateVendorPrice(**{"currency": "USD", "price": Decimal("9.99"), **named, **values})


def row(**values: Any) -> VendorPrice:
    return VendorPrice(**{"unit_id": PIECE, "currency": "EUR", "price": Decimal(1), **values})


def ask(rows: list[VendorPrice], amount: int = 10) -> VendorPrice | None:
    return chosen(rows, quantity=Decimal(amount), unit_id=PIECE, currency="EUR", dated=DAY, company_id=OURS)


def test_prices_of_others_of_other_units_and_other_times_do_not_apply() -> None:
    strangers = [
        row(company_id=THEIRS), row(unit_id=BOX), row(currency="USD"),
        row(valid_from=DAY + timedelta(days=1)), row(valid_to=DAY - timedelta(days=1)),
    ]  # fmt: skip
    assert ask(strangers) is None
    fitting = row(valid_from=DAY, valid_to=DAY)
    assert ask([*strangers, fitting]) is fitting


def test_the_nearer_price_goes_before_the_more_general() -> None:
    ranks = [
        row(), row(), row(valid_from=DAY - timedelta(days=9)), row(valid_from=DAY), row(minimum=Decimal(5)),
        row(minimum=Decimal(10)), row(company_id=OURS),
    ]  # fmt: skip
    for more in range(1, len(ranks) + 1):
        assert ask(ranks[:more]) is ranks[more - 1]
        assert ask(ranks[:more][::-1]) is ranks[more - 1]


def test_where_every_minimum_is_higher_the_lowest_is_chosen_and_does_not_fit() -> None:
    rows = [row(minimum=Decimal(50)), row(minimum=Decimal(20)), row(minimum=Decimal(30))]
    assert ask(rows) is rows[1]
    assert fits(rows[1], Decimal(10)) is not None


SOME_DAY = st.none() | st.integers(-3, 3).map(lambda days: DAY + timedelta(days=days))
ROWS = st.lists(
    st.builds(
        row,
        company_id=st.sampled_from([None, None, OURS, THEIRS]),
        unit_id=st.sampled_from([PIECE, PIECE, BOX]),
        currency=st.sampled_from(["EUR", "EUR", "USD"]),
        minimum=st.none() | st.integers(1, 20).map(Decimal),
        valid_from=SOME_DAY,
        valid_to=SOME_DAY,
    ),
    max_size=12,
)


@settings(max_examples=300)
@drawn(ROWS, st.integers(1, 20))
def test_no_other_price_has_a_better_claim(rows: list[VendorPrice], amount: int) -> None:
    """Every pair is compared by the stated order, one criterion after the other."""
    found = ask(rows, amount)
    claims = [one for one in rows if _claims(one)]
    if found is None:
        assert claims == []
        return
    reaching = [one for one in claims if one.minimum is None or one.minimum <= amount]
    if not reaching:
        assert found.minimum == min(one.minimum for one in claims if one.minimum)
        return
    assert found in reaching
    assert not any(_goes_before(one, found) for one in reaching)


def _claims(one: VendorPrice) -> bool:
    if one.unit_id != PIECE or one.currency != "EUR" or one.company_id == THEIRS:
        return False
    begun = one.valid_from is None or one.valid_from <= DAY
    return begun and (one.valid_to is None or one.valid_to >= DAY)


def _goes_before(one: VendorPrice, other: VendorPrice) -> bool:
    if (one.company_id is None) != (other.company_id is None):
        return one.company_id is not None
    if (one.minimum or 0) != (other.minimum or 0):
        return (one.minimum or 0) > (other.minimum or 0)
    if one.valid_from != other.valid_from:
        return other.valid_from is None or (one.valid_from is not None and one.valid_from > other.valid_from)
    return one.id > other.id


@pytest.mark.parametrize(
    ("quantity", "word"),
    [
        ("9", "at least 10"),
        ("41", "at most 40"),
        ("15", "multiples of 6"),
        ("12", None),
        ("36", None),
        ("10.5", "multiples"),
    ],
)
def test_a_vendor_has_bounds(quantity: str, word: str | None) -> None:
    bound = row(minimum=Decimal(10), maximum=Decimal(40), multiple=Decimal(6))
    against = fits(bound, Decimal(quantity))
    assert against is None if word is None else word in getattr(against, "message", "")


@drawn(st.integers(1, 10**9), st.integers(1, 10**6))
def test_multiples_are_told_apart_exactly(thousandths: int, step: int) -> None:
    """Decimals with three digits, against whole thousandths."""
    against = fits(row(multiple=Decimal(step).scaleb(-3)), Decimal(thousandths).scaleb(-3))
    assert (against is None) == (thousandths % step == 0)


def test_without_bounds_everything_fits() -> None:
    assert fits(row(), Decimal("0.000001")) is None


def vendor(lead_days: int | None, *weekdays: int) -> Partner:
    one = Partner(number="V", name="V", lead_days=lead_days)
    one.delivery_days.extend(DeliveryDay(weekday=weekday) for weekday in weekdays)
    return one


@drawn(
    st.none() | st.integers(0, 400),
    st.none() | st.integers(0, 400),
    st.sets(st.integers(1, 7)),
    st.dates(max_value=date(2900, 1, 1)),
)
def test_goods_come_on_the_first_delivery_day_after_the_lead_time(
    of_price: int | None, of_vendor: int | None, weekdays: set[int], dated: date
) -> None:
    days = of_price if of_price is not None else of_vendor
    found = expected_on(row(lead_days=of_price), vendor(of_vendor, *weekdays), dated)
    if days is None:
        assert found is None
        return
    assert found is not None
    ready = dated + timedelta(days=days)
    waited = [ready + timedelta(days=more) for more in range((found - ready).days)]
    assert found >= ready
    assert not weekdays or found.isoweekday() in weekdays
    assert not any(day.isoweekday() in weekdays for day in waited)
    assert weekdays or not waited


def test_without_a_price_the_vendor_says_when_and_the_end_of_time_is_refused() -> None:
    assert expected_on(None, vendor(3), DAY) == DAY + timedelta(days=3)
    assert expected_on(None, vendor(None, 1), DAY) is None
    with pytest.raises(BadInput):
        expected_on(None, vendor(3), date.max)


async def test_a_price_is_entered_and_found_again(firm: Firm) -> None:
    id = await do(firm, offer(firm, item_number="W-1", minimum=Decimal("0.5"), multiple=Decimal("0.25"), lead_days=3))
    question: dict[str, Any] = {
        "unit_id": firm["kilogram"], "currency": "USD", "dated": DAY, "company_id": firm.company, "quantity": Decimal(2)
    }  # fmt: skip

    def find(work: Work) -> list[UUID | None]:
        (rows,) = prices_for(work, firm["vendor"], [firm["wire"]]).values()
        asked = [chosen(rows, **{**question, **other}) for other in ({}, {"currency": "EUR"})]
        return [one.id if one else None for one in asked]

    assert await firm.database.transact(firm.actor("buyer"), find) == [id, None]


async def test_the_prices_of_many_products_take_one_statement(firm: Firm) -> None:
    id = await do(firm, offer(firm))
    await do(firm, ArchiveVendorPrice(id=Ref(id=firm["bolt_price"])))
    statements: list[str] = []

    def find(work: Work) -> dict[UUID, list[UUID]]:
        connection = work.session.connection()
        event.listen(connection, "before_cursor_execute", lambda *args: statements.append(args[2]))
        wanted = [firm["wire"], firm["bolt"], firm["wire"], *(uuid7() for _ in range(10_000))]
        return {key: [one.id for one in rows] for key, rows in prices_for(work, firm["vendor"], wanted).items()}

    assert await firm.database.transact(firm.actor("buyer"), find) == {firm["wire"]: [id]}
    assert len(statements) == 1


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"partner": "customer"}, ("BAD_INPUT", ("partner",))),
        ({"product": "vendor"}, ("NOT_FOUND", ("product",))),
        ({"unit": "box"}, ("BAD_INPUT", ("unit",))),
        ({"price": Decimal("0.0000001")}, ("BAD_INPUT", ("price",))),
        ({"price": Decimal("1.00000000000000000001")}, ("BAD_INPUT", ("price",))),
        ({"price": Decimal(-1)}, ("BAD_INPUT", ("price",))),
        ({"price": Decimal("NaN")}, ("BAD_INPUT", ("price",))),
        ({"price": Decimal("1e30")}, ("BAD_INPUT", ("price",))),
        ({"price_base": Decimal(0)}, ("BAD_INPUT", ("priceBase",))),
        ({"discount_percent": Decimal(101)}, ("BAD_INPUT", ("discountPercent",))),
        ({"currency": "USX"}, ("BAD_INPUT", ("currency",))),
        ({"minimum": Decimal("0.0001")}, ("BAD_INPUT", ("minimum",))),
        ({"minimum": Decimal(0)}, ("BAD_INPUT", ("minimum",))),
        ({"minimum": Decimal(3), "maximum": Decimal(2)}, ("BAD_INPUT", ("maximum",))),
        ({"valid_from": DAY, "valid_to": DAY - timedelta(days=1)}, ("BAD_INPUT", ("validTo",))),
        ({"lead_days": 4000}, ("BAD_INPUT", ("leadDays",))),
        ({"company": Ref(id=uuid7())}, ("NOT_FOUND", ("company",))),
    ],
)
async def test_bad_prices_are_refused_at_the_field(firm: Firm, values: Any, refusal: Any) -> None:
    assert await refused(firm, offer(firm, **values)) == [refusal]


async def test_a_unit_of_the_product_will_do(firm: Firm) -> None:
    id = await do(firm, offer(firm, product="bolt", unit="box"))
    assert (await price(firm, id)).unit_id == firm["box"]


async def test_a_free_price_and_a_price_per_hundred_are_prices(firm: Firm) -> None:
    id = await do(firm, offer(firm, price=Decimal(0), price_base=Decimal(100)))
    assert ((await price(firm, id)).price, (await price(firm, id)).price_base) == (0, 100)


JANUARY, MAY, JUNE = date(2026, 1, 1), date(2026, 5, 31), date(2026, 6, 1)


async def test_two_prices_may_follow_each_other_but_not_overlap(firm: Firm) -> None:
    spring = offer(firm, valid_from=JANUARY, valid_to=MAY)
    first = await do(firm, spring)
    second = await do(firm, replace(spring, valid_from=JUNE, valid_to=None))
    taken = [("NOT_UNIQUE", ("validFrom",))]
    for rival in (
        {"valid_from": None},
        {"valid_from": MAY, "valid_to": MAY},
        {"valid_from": JUNE, "valid_to": None},
        {},
    ):
        assert await refused(firm, replace(spring, **rival)) == taken  # type: ignore[arg-type]
    for other in ({"minimum": Decimal(5)}, {"currency": "EUR"}, {"company": Ref(id=firm.company)}):
        await do(firm, replace(spring, **other))  # type: ignore[arg-type]
    late = UpdateVendorPrice(id=Ref(id=first), expected_version=1, valid_to=JUNE)
    assert await refused(firm, late) == taken
    await do(firm, ArchiveVendorPrice(id=Ref(id=second)))
    await do(firm, late)
    assert await refused(firm, RestoreVendorPrice(id=Ref(id=second))) == taken


async def test_a_price_keeps_out_of_its_own_way(firm: Firm) -> None:
    id = await do(firm, offer(firm))
    await do(firm, UpdateVendorPrice(id=Ref(id=id), expected_version=1, price=Decimal("1.5"), item_name="Draht"))
    after = await price(firm, id)
    assert (after.price, after.item_name, after.version) == (Decimal("1.5"), "Draht", 2)


async def test_of_two_who_enter_the_same_price_at_once_one_is_refused(firm: Firm) -> None:
    first, second = (offer(firm, valid_from=JANUARY + timedelta(days=shift), valid_to=MAY) for shift in (0, 1))

    def slowly(work: Work) -> UUID:
        id = first.act(work).id
        work.session.flush()
        await_only(asyncio.sleep(0.4))
        return id

    written = firm.database.transact(firm.actor("buyer"), slowly)
    outcomes = await asyncio.gather(written, do(firm, second), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["NotUnique", "UUID"]


async def test_an_archived_vendor_or_product_gets_no_new_price(firm: Firm) -> None:
    await do(firm, ArchiveProduct(id=of(firm, "wire")))
    assert await refused(firm, offer(firm)) == [("ARCHIVED", ("product",))]
    await do(firm, ArchivePartner(id=of(firm, "vendor")))
    assert await refused(firm, offer(firm, product="bolt")) == [("ARCHIVED", ("partner",))]
