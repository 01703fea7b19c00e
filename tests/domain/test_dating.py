"""Papers of today bear dates of today, give or take what is customary."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from domain.flow.receiving import CreateReceipt, ReceivedLine, ReceivePurchaseOrder
from domain.kernel.commands import Command
from domain.kernel.errors import Refused
from domain.purchase.writing import UpdatePurchaseOrder
from tests.domain.test_purchase import act, confirmed, lines_of, paper, ref, written
from tests.firm import TODAY, Firm

DAY = timedelta(days=1)
NOW = TODAY.date()


async def refusal(firm: Firm, command: Command) -> tuple[str, tuple[str | int, ...]]:
    """What is said of a command that is refused, and of which field."""
    actor = replace(firm.actor("buyer"), rights=frozenset({command.right}))
    try:
        await firm.database.perform(actor, command)
    except Refused as refused:
        return refused.message, refused.path
    return "done", ()


async def test_an_order_is_dated_from_1990_to_a_year_ahead(firm: Firm) -> None:
    first, last = date(1990, 1, 1), NOW + timedelta(days=366)
    for dated in (first, last):
        assert (await paper(firm, await written(firm, dated=dated))).dated == dated
    order = await written(firm)
    said = "Check the year; papers are dated from 1990-01-01 to a year ahead.", ("dated",)
    for dated in (date(26, 3, 2), first - DAY, last + DAY, date(2099, 1, 1), date.max):
        assert await refusal(firm, UpdatePurchaseOrder(id=ref(order), expected_version=1, dated=dated)) == said
    await firm.database.perform(
        firm.actor("buyer"), UpdatePurchaseOrder(id=ref(order), expected_version=1, dated=NOW - DAY)
    )
    assert (await paper(firm, order)).dated == NOW - DAY


async def test_goods_come_between_the_day_they_were_ordered_and_today(firm: Firm) -> None:
    """The paper may be written later than the goods were ordered, and dated later than it was written."""
    early, late = [await written(firm, dated=NOW + shift) for shift in (-3 * DAY, 30 * DAY)]
    for order in (early, late):
        await act(firm, "buyer", "Submit", order)
        await act(firm, "buyer", "Confirm", order)
    number = (await paper(firm, early)).number
    for dated, said in (
        (date(1999, 1, 1), f"{number} is of {NOW - 3 * DAY}; what follows from it is of that day or later."),
        (NOW - 4 * DAY, f"{number} is of {NOW - 3 * DAY}; what follows from it is of that day or later."),
        (NOW + DAY, "This cannot have happened in the future."),
    ):
        assert await refusal(firm, ReceivePurchaseOrder(id=ref(early), dated=dated)) == (said, ("dated",))
    assert await refusal(firm, ReceivePurchaseOrder(id=ref(early), dated=NOW - 3 * DAY)) == ("done", ())
    assert await refusal(firm, ReceivePurchaseOrder(id=ref(late))) == ("done", ())


async def test_a_receipt_of_several_orders_is_no_older_than_any_of_them(firm: Firm) -> None:
    old, new = await written(firm, dated=NOW - 3 * DAY), await confirmed(firm)
    await act(firm, "buyer", "Submit", old)
    await act(firm, "buyer", "Confirm", old)
    came = [
        ReceivedLine(line=ref(line.id), quantity=Decimal(1))
        for order in (old, new)
        for line in await lines_of(firm, order)
    ]
    number = (await paper(firm, new)).number
    said = f"{number} is of {NOW}; what follows from it is of that day or later.", ("dated",)
    assert await refusal(firm, CreateReceipt(lines=came, dated=NOW - DAY)) == said
    assert await refusal(firm, CreateReceipt(lines=came, dated=NOW)) == ("done", ())
