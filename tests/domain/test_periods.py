"""What is late goes to the first open day, and says so."""

from __future__ import annotations

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest

from domain.accounting.entry import Entry
from domain.accounting.period_entry import ClosePeriod, CreateFiscalYear, LockBooks, PeriodEntry, ReopenPeriod
from domain.accounting.periods import FiscalYear, Period
from domain.flow.reversing import ReverseReceipt
from domain.kernel.errors import BadInput, Forbidden, NotReady
from tests.domain.books import entered, sound
from tests.domain.test_papers import do
from tests.domain.test_purchase import confirmed, paper, received, ref, rows
from tests.firm import Firm


async def laid_out(firm: Firm, **given: Any) -> UUID:
    return await firm.database.perform(
        firm.actor("accountant"), CreateFiscalYear(**{"starts_on": date(2026, 1, 1), **given})
    )


async def periods(firm: Firm) -> dict[str, Any]:
    return {one.name: one for one in sorted(await rows(firm, Period), key=lambda one: one.starts_on)}


async def close(firm: Firm, *names: str) -> None:
    for name in names:
        period = (await periods(firm))[name].id
        await firm.database.perform(firm.actor("accountant"), ClosePeriod(id=ref(period)))


async def lock(firm: Firm, **until: date | None) -> None:
    await firm.database.perform(firm.actor("accountant"), LockBooks(**until))


async def test_a_year_is_laid_out_by_months(firm: Firm) -> None:
    await laid_out(firm, starts_on=date(2026, 4, 1))
    found = await periods(firm)
    assert [*found] == [f"2026-{month:02d}" for month in range(4, 13)] + ["2027-01", "2027-02", "2027-03"]
    assert (str(found["2027-02"].starts_on), str(found["2027-02"].ends_on)) == ("2027-02-01", "2027-02-28")
    assert [(one.name, str(one.ends_on)) for one in await rows(firm, FiscalYear)] == [("2027", "2027-03-31")]


async def test_a_year_may_have_other_periods(firm: Firm) -> None:
    halves = [PeriodEntry(name="H1", starts_on=date(2026, 1, 1)), PeriodEntry(name="H2", starts_on=date(2026, 7, 1))]
    await laid_out(firm, periods=halves)
    assert [(name, str(one.ends_on)) for name, one in (await periods(firm)).items()] == [
        ("H1", "2026-06-30"), ("H2", "2026-12-31"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("given", "what"),
    [
        ({"ends_on": date(2025, 12, 31)}, "lies before"),
        ({"ends_on": date(2029, 12, 31)}, "at most two years"),
        ({"periods": []}, "Give 1 to 60"),
        ({"periods": [PeriodEntry(name="x", starts_on=date(2026, 1, 2))]}, "first from the first day"),
        ({"starts_on": date(2026, 12, 31), "name": "late"}, "overlaps"),
    ],
)
async def test_a_year_that_cannot_be_is_refused(firm: Firm, given: Any, what: str) -> None:
    if "name" in given:
        await laid_out(firm)
    with pytest.raises(BadInput, match=what):
        await laid_out(firm, **given)


async def test_without_locks_and_years_every_day_is_open(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm), "1")
    assert {(str(one.accounting_date), one.postponed) for one in await entered(firm, document_id=receipt)} == {
        ("2026-03-02", None)
    }


async def test_what_is_late_goes_to_the_day_after_the_lock_and_says_so(firm: Firm) -> None:
    order = await confirmed(firm)
    await lock(firm, stock_locked_until=date(2026, 3, 2))
    receipt = await received(firm, order, "1")
    assert {
        (str(one.dated), str(one.accounting_date), one.postponed) for one in await entered(firm, journal="stock")
    } == {("2026-03-02", "2026-03-03", "The books are locked up to 2026-03-02.")}
    back = await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="x"))
    assert {str(one.accounting_date) for one in await entered(firm, document_id=back)} == {"2026-03-03"}
    await lock(firm, stock_locked_until=None)
    await received(firm, order, "1")
    await sound(firm)


async def test_a_lock_of_taxes_does_not_hold_goods_up(firm: Firm) -> None:
    await lock(firm, tax_locked_until=date(2026, 3, 31))
    receipt = await received(firm, await confirmed(firm), "1")
    assert {str(one.accounting_date) for one in await entered(firm, document_id=receipt)} == {"2026-03-02"}


async def test_what_is_dated_in_a_closed_period_goes_to_the_next_open_one(firm: Firm) -> None:
    order = await confirmed(firm)
    parts = {"winter": (1, 1), "early": (3, 1), "late": (3, 16), "spring": (4, 1)}
    await laid_out(firm, periods=[PeriodEntry(name=name, starts_on=date(2026, *day)) for name, day in parts.items()])
    await close(firm, "winter", "early", "late")
    await received(firm, order, "1")
    assert {(str(one.accounting_date), one.postponed) for one in await entered(firm, journal="stock")} == {
        ("2026-04-01", "late is closed.")
    }


async def test_periods_are_closed_in_order_and_opened_again_the_last_first(firm: Firm) -> None:
    await laid_out(firm)
    with pytest.raises(NotReady, match="2026-01 before it is open"):
        await close(firm, "2026-02")
    await close(firm, "2026-01", "2026-02")
    for name, allowed in (("2026-01", False), ("2026-02", True), ("2026-01", True)):
        command = ReopenPeriod(id=ref((await periods(firm))[name].id))
        if allowed:
            await firm.database.perform(firm.actor("accountant"), command)
        else:
            with pytest.raises(NotReady, match="2026-02 after it is closed"):
                await firm.database.perform(firm.actor("accountant"), command)
    assert {one.state for one in (await periods(firm)).values()} == {"open"}


async def test_a_period_is_not_closed_while_papers_that_it_would_hold_are_drafts(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm), "4")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    await laid_out(firm)
    await close(firm, "2026-01", "2026-02")
    with pytest.raises(NotReady, match=f"1, the first a vendor bill of 2026-03-02, {bill}"):
        await close(firm, "2026-03")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    await close(firm, "2026-03")


async def test_what_takes_back_a_late_paper_says_on_which_day_it_counts(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm), "4")
    await lock(firm, stock_locked_until=date(2026, 3, 10))
    back = await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="wrong")
    assert [str((await paper(firm, one)).accounting_date) for one in (receipt, back)] == ["2026-03-02", "2026-03-11"]


async def test_who_may_not_keep_the_books_does_not_close_them(firm: Firm) -> None:
    for role in ("administrator", "buyer"):
        with pytest.raises(Forbidden):
            await firm.database.perform(firm.actor(role), LockBooks(locked_until=date(2026, 3, 2)))


async def test_no_entry_slips_into_a_period_while_it_is_closed(firm: Firm) -> None:
    order = await confirmed(firm, "50")
    await laid_out(firm)
    await close(firm, "2026-01", "2026-02")
    await asyncio.gather(*(received(firm, order, "1") for _ in range(8)), close(firm, "2026-03"))
    closed = (await periods(firm))["2026-03"].closed_at
    late = [one for one in await rows(firm, Entry) if one.entered_at > closed and one.accounting_date.month == 3]
    assert late == []
    await sound(firm)


async def test_nobody_locks_or_closes_what_is_far_ahead(firm: Firm) -> None:
    with pytest.raises(BadInput, match="lock what is over") as refused:
        await lock(firm, locked_until=date(2999, 1, 1))
    assert refused.value.path == ("lockedUntil",)
    await laid_out(firm)
    await close(firm, "2026-01", "2026-02", "2026-03")
    with pytest.raises(BadInput, match="lock what is over"):
        await close(firm, "2026-04")
