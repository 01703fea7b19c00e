"""A rate is the latest on or before the day, at most a week old, or the inverse of one."""

import asyncio
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from domain.kernel.errors import Forbidden, RateMissing, Refused
from domain.kernel.work import Work
from domain.parties.rate import Rate, RateEntry, SetRates, rate_on
from tests.firm import Firm

MONDAY = date(2026, 3, 2)


def entry(base: str = "EUR", quote: str = "CHF", dated: date = MONDAY, rate: str = "0.95", **more: Any) -> RateEntry:
    return RateEntry(base=base, quote=quote, dated=dated, rate=Decimal(rate), **more)


async def enter(firm: Firm, *rates: RateEntry) -> Any:
    return await firm.database.perform(firm.actor("buyer"), SetRates(rates=list(rates)))


async def ask(firm: Firm, base: str, quote: str, dated: date) -> Decimal:
    return await firm.database.transact(firm.actor("buyer"), lambda work: rate_on(work, base, quote, dated))


async def refused(firm: Firm, *rates: RateEntry) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(Refused) as caught:
        await enter(firm, *rates)
    return [(one.code, one.path) for one in caught.value.each]


async def test_a_currency_is_worth_itself(firm: Firm) -> None:
    assert await ask(firm, "JPY", "JPY", MONDAY) == 1


async def test_the_latest_rate_up_to_a_week_old_serves(firm: Firm) -> None:
    await enter(firm, entry(rate="0.95"), entry(dated=MONDAY - timedelta(days=3), rate="0.90"))
    assert await ask(firm, "EUR", "CHF", MONDAY - timedelta(days=1)) == Decimal("0.90")
    assert await ask(firm, "EUR", "CHF", MONDAY) == Decimal("0.95")
    assert await ask(firm, "EUR", "CHF", MONDAY + timedelta(days=7)) == Decimal("0.95")
    for dated in (MONDAY + timedelta(days=8), MONDAY - timedelta(days=4)):
        with pytest.raises(RateMissing) as caught:
            await ask(firm, "EUR", "CHF", dated)
        assert all(word in caught.value.message for word in ("EUR", "CHF", str(dated)))
        assert caught.value.details == {"base": "EUR", "quote": "CHF", "dated": dated}


async def test_the_first_and_the_last_day_of_the_calendar_have_no_rate(firm: Firm) -> None:
    for dated in (date.min, date.max):
        with pytest.raises(RateMissing):
            await ask(firm, "EUR", "CHF", dated)


async def test_a_rate_the_other_way_serves_only_where_there_is_none_this_way(firm: Firm) -> None:
    await enter(firm, entry("EUR", "CHF", rate="0.96"))
    assert await ask(firm, "CHF", "EUR", MONDAY) == Decimal("1.041666666667")
    await enter(firm, entry("CHF", "EUR", MONDAY - timedelta(days=2), "1.04"))
    assert await ask(firm, "CHF", "EUR", MONDAY) == Decimal("1.04")
    assert await ask(firm, "EUR", "CHF", MONDAY) == Decimal("0.96")


async def test_a_known_rate_is_corrected_and_the_log_says_so(firm: Firm) -> None:
    first = await enter(firm, entry(rate="0.95", average=Decimal("0.94")))
    second = await enter(firm, entry(dated=MONDAY + timedelta(days=1)), entry("eur", " chf ", rate="0.97"))
    assert first == second
    assert await ask(firm, "EUR", "CHF", MONDAY) == Decimal("0.97")
    async with firm.database.session(firm.actor("buyer")) as session:
        question = text("select type, changes from event where record_id = :id order by xid")
        told = (await session.execute(question, {"id": first})).all()
    assert [row.type for row in told] == ["rate.created", "rate.updated"]
    assert told[1].changes == {"rate": ["0.95", "0.97"], "average": ["0.94", None]}


async def test_the_same_rates_again_change_nothing(firm: Firm) -> None:
    await enter(firm, entry())
    await enter(firm, entry(rate="0.950"))
    async with firm.database.session(firm.actor("buyer")) as session:
        assert (await session.execute(select(Rate.version).where(Rate.quote == "CHF"))).scalars().all() == [1]


async def test_thousands_of_rates_come_in_at_once(firm: Firm) -> None:
    days = [entry(dated=date(2011, 1, 1) + timedelta(days=number)) for number in range(3000)]
    await enter(firm, *days)
    await enter(firm, *days)
    async with firm.database.session(firm.actor("buyer")) as session:
        assert (await session.execute(select(func.count()).where(Rate.quote == "CHF"))).scalar() == 3000


async def test_two_who_enter_the_same_rates_at_once_do_not_collide(firm: Firm) -> None:
    days = [entry(dated=MONDAY - timedelta(days=number)) for number in range(50)]
    await asyncio.gather(*(enter(firm, *(days if turn % 2 else reversed(days))) for turn in range(6)))
    async with firm.database.session(firm.actor("buyer")) as session:
        assert (await session.execute(select(func.count()).where(Rate.quote == "CHF"))).scalar() == 50


async def test_bad_rates_are_refused_each_at_its_place(firm: Firm) -> None:
    assert await refused(
        firm,
        entry(rate="0"), entry(rate="-1"), entry(rate="NaN"), entry(rate="1e30"), entry(rate="1e-13"),
        entry("EUR", "EUX"), entry("XXX", "EUR"), entry("EUR", "EUR"), entry(dated=date(206, 1, 1)),
        entry(average=Decimal(0)), RateEntry(base="EUR", quote="CHF", dated=MONDAY, rate=0.95),  # type: ignore[arg-type]
        entry(), entry(rate="2"),
    ) == [
        *(("BAD_INPUT", ("rates", index, "rate")) for index in range(5)),
        ("BAD_INPUT", ("rates", 5, "quote")), ("BAD_INPUT", ("rates", 6, "base")), ("BAD_INPUT", ("rates", 7, "quote")),
        ("BAD_INPUT", ("rates", 8, "dated")), ("BAD_INPUT", ("rates", 9, "average")),
        ("BAD_INPUT", ("rates", 10, "rate")), ("BAD_INPUT", ("rates", 12)),
    ]  # fmt: skip
    with pytest.raises(RateMissing):
        await ask(firm, "EUR", "CHF", MONDAY)
    assert await refused(firm) == [("BAD_INPUT", ("rates",))]


async def test_rates_are_not_for_everybody(firm: Firm) -> None:
    with pytest.raises(Forbidden):
        await firm.database.perform(firm.actor("approver"), SetRates(rates=[entry()]))


async def test_rates_are_found_as_a_plain_search_finds_them(firm: Firm) -> None:
    """Every question about a month of scattered rates, against a search of the list by hand."""
    offsets = st.integers(0, 27)
    pairs = st.sampled_from([("EUR", "CHF"), ("CHF", "EUR")])
    cases: list[tuple[dict[Any, Decimal], list[tuple[str, str, date]]]] = []

    @settings(max_examples=25, database=None)
    @drawn(
        st.dictionaries(st.tuples(pairs, offsets), st.decimals("0.01", "99", places=4), max_size=8),
        st.lists(st.tuples(pairs, offsets), min_size=5, max_size=12),
    )
    def draw(rates: Any, questions: Any) -> None:
        kept = {(*pair, MONDAY + timedelta(days=day)): rate for (pair, day), rate in rates.items()}
        cases.append((kept, [(*pair, MONDAY + timedelta(days=day)) for pair, day in questions]))

    draw()

    def compare(work: Work) -> int:
        compared = 0
        for rates, questions in cases:
            with work.session.begin_nested() as trial:
                for (base, quote, dated), rate in rates.items():
                    work.add(Rate(base=base, quote=quote, dated=dated, rate=rate))
                work.session.flush()
                for question in questions:
                    assert _answer(work, *question) == _searched(rates, *question)
                    compared += 1
                trial.rollback()
        return compared

    assert await firm.database.transact(firm.actor("buyer"), compare) >= 100


def _answer(work: Work, base: str, quote: str, dated: date) -> Decimal | None:
    try:
        return rate_on(work, base, quote, dated)
    except RateMissing:
        return None


def _searched(rates: dict[Any, Decimal], base: str, quote: str, dated: date) -> Decimal | None:
    for back in range(8):
        if found := rates.get((base, quote, dated - timedelta(days=back))):
            return found
    for back in range(8):
        if found := rates.get((quote, base, dated - timedelta(days=back))):
            with localcontext(prec=50):
                return (1 / found).quantize(Decimal("1e-12"), ROUND_HALF_UP)
    return None
