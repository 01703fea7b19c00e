"""Numbers of papers: what they look like, that none comes twice, and that none is in the way of another."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.util import await_only

from domain.drafts.lines import OrderLine
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, Forbidden
from domain.kernel.numbering import LONGEST, NumberSeries, Series, pattern, written
from domain.kernel.work import Database, Work
from domain.parties.series_entry import SetNumberSeries
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder
from tests.firm import TODAY, Firm
from tests.queries.api import statements

UP_TO_4012 = text("""
    insert into document select (jsonb_populate_record(d, jsonb_build_object('id', gen_random_uuid(), 'number', n))).*
    from document d, generate_series(2, 4012) n where d.number = '1'
""")
LATER = datetime(2027, 1, 4, 9, tzinfo=TODAY.tzinfo)


async def ordered(firm: Firm, *, at: datetime = TODAY, database: Database | None = None) -> str:
    """The number of another order."""
    database = database or firm.database
    buyer = replace(firm.actor("buyer"), clock=lambda: at)
    line = OrderLine(product=Ref(id=firm["bolt"]), quantity=Decimal(1))
    id = await database.perform(buyer, CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]), lines=[line]))
    return await database.transact(buyer, lambda work: str(work.find(PurchaseOrder, id).number))


async def numbered(firm: Firm, *, role: str = "administrator", **how: Any) -> UUID:
    return await firm.database.perform(firm.actor(role), SetNumberSeries(**{"kind": "purchase_order", **how}))


async def bring(firm: Firm, *numbers: str) -> None:
    """Papers with numbers of their own, as import brings them."""
    await firm.database.transact(
        firm.actor("administrator"), lambda work: [work.add(brought(firm, one)) for one in numbers]
    )


def brought(firm: Firm, number: str) -> PurchaseOrder:
    return PurchaseOrder(
        company_id=firm.company, number=number, state="closed", dated=date(2014, 1, 1), currency="USD",
        exchange_rate=Decimal(1),
    )  # fmt: skip


async def all_series(firm: Firm) -> list[tuple[int, str, int, bool]]:
    def read(work: Work) -> list[tuple[int, str, int, bool]]:
        rows = work.session.scalars(select(NumberSeries).order_by(NumberSeries.fiscal_year))
        return [(row.fiscal_year, row.pattern, row.next_number, row.archived_at is None) for row in rows]

    return await firm.database.transact(firm.actor("viewer"), read)


@given(
    st.text(st.sampled_from("{}numberyea:05d-P _.!r"), max_size=30),
    st.integers(1, 2**31 - 1),
    st.integers(1, 2**31 - 1),
)
def test_a_pattern_is_refused_or_tells_all_numbers_apart(words: str, one: int, other: int) -> None:
    try:
        known = pattern(words)
    except BadInput:
        return
    assert (written(known, 2026, one) == written(known, 2026, other)) == (one == other)
    assert len(written(known, 2026, one)) <= LONGEST


@pytest.mark.parametrize(
    "words",
    [
        "", "PO", "PO-{year}", "{number}{number}", "{number:05d}-{number}", "{year.__class__}-{number}", "{number:d}",
        "{number.real}", "{number!r}", "{0}{number}", "{}{number}", "{{{number}}}", "{number:09999999d}", "{number:>9}",
        "{year:%Y}{number}", "{number[0]}", "P" * 31 + "{number}", "{number:041d}", "{year}" * 8 + "{number}",
        "P\x00{number}",
    ],
)  # fmt: skip
def test_what_is_no_pattern_is_refused(words: str) -> None:
    with pytest.raises(BadInput):
        pattern(words)


def test_a_pattern_says_where_the_count_and_the_year_stand() -> None:
    assert written("PO/{year}/{number:04d}", 2026, 7) == "PO/2026/0007"
    assert written("{number}-{year}", 2026, 12345) == "12345-2026"
    assert written("{number:03d}", 2026, 12345) == "12345"


async def test_numbers_follow_each_other_and_begin_anew_each_year(firm: Firm) -> None:
    assert [await ordered(firm) for _ in range(3)] == ["PO2026-00001", "PO2026-00002", "PO2026-00003"]
    assert await ordered(firm, at=LATER) == "PO2027-00001"
    assert await ordered(firm) == "PO2026-00004"


async def test_another_pattern_holds_at_once_in_every_process(firm: Firm) -> None:
    beside = Database(firm.database.url)
    assert await ordered(firm) == "PO2026-00001"
    assert await ordered(firm, database=beside) == "PO2026-00021"
    await numbered(firm, pattern="B-{year}-{number:03d}")
    assert await ordered(firm, database=beside) == "B-2026-041"
    assert await ordered(firm) == "B-2026-061"
    assert await ordered(firm, at=LATER) == "B-2027-001"
    await beside.close()


async def test_the_next_number_can_be_raised_and_never_lowered(firm: Firm) -> None:
    await numbered(firm, next_number=500)
    assert await ordered(firm) == "PO2026-00500"
    await numbered(firm, next_number=1000)
    assert [await ordered(firm), await ordered(firm)] == ["PO2026-01000", "PO2026-01001"]
    for lower in (0, 1001, 1019):
        with pytest.raises(BadInput) as caught:
            await numbered(firm, next_number=lower)
        assert caught.value.path == ("nextNumber",)


async def test_without_the_year_in_it_a_series_runs_through_all_years(firm: Firm) -> None:
    assert await ordered(firm) == "PO2026-00001"
    await numbered(firm, pattern="PO-{number}")
    numbers = [await ordered(firm), await ordered(firm, at=LATER), await ordered(firm)]
    assert numbers == ["PO-1", "PO-2", "PO-3"]
    assert await all_series(firm) == [(0, "PO-{number}", 21, True), (2026, "PO{year}-{number:05d}", 21, False)]
    await numbered(firm, pattern="{year}.{number}")
    assert [await ordered(firm), await ordered(firm, at=LATER)] == ["2026.21", "2027.1"]
    await numbered(firm, pattern="PO-{number}")
    assert await ordered(firm, at=LATER) == "PO-21"


async def test_years_to_come_take_the_newest_pattern(firm: Firm) -> None:
    assert await ordered(firm, at=LATER) == "PO2027-00001"
    await numbered(firm, pattern="X{year}-{number}")
    assert [await ordered(firm), await ordered(firm, at=LATER)] == ["X2026-1", "X2027-21"]


async def test_numbers_that_came_in_from_elsewhere_are_passed_over(firm: Firm) -> None:
    await numbered(firm, pattern="{number}")
    await bring(firm, "1")
    await firm.database.transact(firm.actor("administrator"), lambda work: work.session.execute(UP_TO_4012))
    with statements(firm.database) as sent:
        assert [await ordered(firm), await ordered(firm)] == ["4013", "4014"]
    assert len(sent) < 100
    await bring(firm, *map(str, range(4015, 4025)), "4026")
    assert [await ordered(firm), await ordered(firm)] == ["4025", "4027"]


async def test_a_number_that_is_brought_in_at_the_same_moment_is_passed_over(firm: Firm) -> None:
    """The order waits for the import that has written its number and is not done yet, and takes the next."""
    await numbered(firm, pattern="{number}")
    assert await ordered(firm) == "1"
    written, go_on = asyncio.Event(), asyncio.Event()

    def bringing(work: Work) -> None:
        work.add(brought(firm, "2"))
        work.session.flush()
        written.set()
        await_only(go_on.wait())

    importing = asyncio.create_task(firm.database.transact(firm.actor("administrator"), bringing))
    await written.wait()
    ordering = asyncio.create_task(ordered(firm))
    assert not (await asyncio.wait([ordering], timeout=0.3))[0]
    go_on.set()
    await importing
    assert await ordering == "3"


async def test_many_orders_and_imports_at_once_all_have_numbers_of_their_own(firm: Firm) -> None:
    await numbered(firm, pattern="{number}")
    numbers = await asyncio.gather(
        *(ordered(firm) for _ in range(12)), *(bring(firm, str(number)) for number in range(1, 30, 3))
    )
    drawn = [number for number in numbers if number]
    assert len(set(drawn)) == 12
    assert not set(drawn) & set(map(str, range(1, 30, 3)))


async def test_orders_written_while_the_pattern_changes_all_have_numbers_of_their_own(firm: Firm) -> None:
    beside = Database(firm.database.url)
    patterns = ["{number}", "{year}-{number}", "P{number:03d}", "{year}-{number}"]
    numbers = await asyncio.gather(
        *(ordered(firm, database=database) for database in (firm.database, beside) * 8),
        *(numbered(firm, pattern=one) for one in patterns),
    )
    assert len(set(numbers[:16])) == 16
    await beside.close()


async def test_legal_numbers_have_no_gap_and_pass_over_what_is_taken(firm: Firm) -> None:
    series = Series(firm.tenant, firm.company, "purchase_order", 2026, "{year}/{number}")
    await bring(firm, "2026/2", "2026/3")

    async def legal(dated: date) -> str:
        return await firm.database.transact(firm.actor("buyer"), lambda work: work.legal_number(series, dated))

    with pytest.raises(ZeroDivisionError):
        await firm.database.transact(
            firm.actor("buyer"), lambda work: (work.legal_number(series, date(2026, 3, 9)), 1 / 0)
        )
    assert [await legal(date(2026, 3, day)) for day in (2, 2, 5)] == ["2026/1", "2026/4", "2026/5"]
    with pytest.raises(BadInput, match="date"):
        await legal(date(2026, 3, 4))


async def test_how_papers_are_numbered_is_for_administrators(firm: Firm) -> None:
    with pytest.raises(Forbidden):
        await numbered(firm, role="buyer", next_number=9)
    with pytest.raises(BadInput) as caught:
        await numbered(firm, kind="partner", next_number=9)
    assert caught.value.path == ("kind",)
