"""A bill that is made on an order pays for what came of it, and the receipts know."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from domain.flow.taking import TakenLine
from domain.kernel.errors import NothingLeft, WrongState
from domain.parties.setting_entry import SetSetting
from tests.domain.books import sound
from tests.domain.test_owing import billed, part
from tests.domain.test_papers import do, is_whole, line, sold, state
from tests.domain.test_purchase import confirmed, received, ref
from tests.domain.test_reservations import stocked
from tests.firm import Firm

D = Decimal


async def by_order(firm: Firm) -> None:
    asked = SetSetting(name="bill.by", value="ordered", company=ref(firm.company))
    await firm.database.perform(firm.actor("administrator"), asked)


async def bill_of(firm: Firm, order: UUID, number: str, quantity: str | None = None) -> UUID:
    lines = await part(firm, order, quantity) if quantity else None
    id = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference=number, lines=lines)
    return await do(firm, "accountant", "PostVendorBill", id=ref(id))


async def billing(firm: Firm, *ids: UUID) -> list[tuple[Decimal, Decimal, str]]:
    """Of the first line of each: billed, credited; and what the paper says."""
    found = []
    for id in ids:
        one = await line(firm, id)
        found.append((one.billed, one.credited, (await state(firm, id, "billing_state"))[1]))
    return found


async def credited(firm: Firm, bill: UUID, number: str, quantity: str) -> UUID:
    lines = await part(firm, bill, quantity)
    id = await do(firm, "accountant", "CreditVendorBill", id=ref(bill), vendor_reference=number, lines=lines)
    return await do(firm, "accountant", "PostVendorCreditNote", id=ref(id))


async def test_a_bill_on_an_order_takes_its_receipts_the_oldest_first(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    first, second = await received(firm, order, "4"), await received(firm, order, "6")
    bill = await bill_of(firm, order, "1", "7")
    assert await billing(firm, order, first, second) == [(7, 0, "partial"), (4, 0, "billed"), (3, 0, "partial")]
    with pytest.raises(NothingLeft):
        await billed(firm, second, "2", lines=await part(firm, second, "4"))
    with pytest.raises(WrongState):
        await do(firm, "storekeeper", "ReverseReceipt", id=ref(second), reason="x")
    rest = await bill_of(firm, order, "3")
    assert await billing(firm, order, first, second) == [(10, 0, "billed"), (4, 0, "billed"), (6, 0, "billed")]
    await sound(firm)
    for id in (rest, bill):
        await do(firm, "accountant", "ReverseVendorBill", id=ref(id), reason="x")
    assert await billing(firm, order, first, second) == [(0, 0, "pending"), (0, 0, "pending"), (0, 0, "pending")]
    await sound(firm)


async def test_what_a_receipt_was_billed_for_by_itself_is_left_out(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    first, second = await received(firm, order, "4"), await received(firm, order, "6")
    await billed(firm, first, "1", lines=await part(firm, first, "3"))
    await bill_of(firm, order, "2", "2")
    assert await billing(firm, order, first, second) == [(5, 0, "partial"), (4, 0, "billed"), (1, 0, "partial")]
    await sound(firm)


async def test_what_was_billed_before_it_came_is_billed_when_it_comes(firm: Firm) -> None:
    await by_order(firm)
    order = await confirmed(firm, "10")
    first = await received(firm, order, "4")
    bill = await bill_of(firm, order, "1")
    assert await billing(firm, order, first) == [(10, 0, "billed"), (4, 0, "billed")]
    second = await received(firm, order, "5")
    assert await billing(firm, order, second) == [(10, 0, "billed"), (5, 0, "billed")]
    await sound(firm)
    await do(firm, "storekeeper", "ReverseReceipt", id=ref(second), reason="counted wrongly")
    assert await billing(firm, order, first) == [(10, 0, "billed"), (4, 0, "billed")]
    third = await received(firm, order, "6")
    assert await billing(firm, third) == [(6, 0, "billed")]
    await sound(firm)
    await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="x")
    assert await billing(firm, order, first, third) == [(0, 0, "pending"), (0, 0, "pending"), (0, 0, "pending")]
    await sound(firm)


async def test_a_credit_note_gives_back_what_was_billed_last(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    first, second = await received(firm, order, "4"), await received(firm, order, "6")
    bill = await bill_of(firm, order, "1", "7")
    credit = await credited(firm, bill, "c", "2")
    assert await billing(firm, order, first, second) == [(7, 2, "partial"), (4, 0, "billed"), (3, 2, "partial")]
    more = await credited(firm, bill, "d", "3")
    assert await billing(firm, order, first, second) == [(7, 5, "partial"), (4, 2, "partial"), (3, 3, "pending")]
    await sound(firm)
    for id in (more, credit):
        await do(firm, "accountant", "ReverseVendorCreditNote", id=ref(id), reason="x")
    assert await billing(firm, order, first, second) == [(7, 0, "partial"), (4, 0, "billed"), (3, 0, "partial")]
    await sound(firm)


async def test_what_was_billed_and_credited_before_it_came_is_to_be_billed_when_it_comes(firm: Firm) -> None:
    await by_order(firm)
    order = await confirmed(firm, "10")
    first = await received(firm, order, "4")
    bill = await bill_of(firm, order, "1")
    await credited(firm, bill, "c", "5")
    assert await billing(firm, order, first) == [(10, 5, "billed"), (4, 0, "billed")]
    second = await received(firm, order, "6")
    assert await billing(firm, order, second) == [(10, 5, "partial"), (1, 0, "partial")]
    await sound(firm)


async def test_a_claim_and_the_credit_note_that_settles_it_reach_the_receipts(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    first, second = await received(firm, order, "4"), await received(firm, order, "6")
    bill = await bill_of(firm, order, "1", "7")
    claim = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=await part(firm, bill, "4"))
    await do(firm, "accountant", "PostDebitNote", id=ref(claim))
    assert [(await line(firm, id)).claimed for id in (order, first, second)] == [4, 1, 3]
    credit = await do(firm, "accountant", "CreditDebitNote", id=ref(claim), vendor_reference="c")
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(credit))
    assert await billing(firm, order, first, second) == [(7, 4, "partial"), (4, 1, "partial"), (3, 3, "pending")]
    await is_whole(firm)


async def test_an_invoice_of_an_order_takes_its_deliveries_likewise(firm: Firm) -> None:
    await stocked(firm)
    order = await sold(firm, "6")
    mine = ref((await line(firm, order)).id)
    deliveries = [
        await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order), lines=[TakenLine(line=mine, quantity=D(2))])
        for _ in range(2)
    ]
    lines = await part(firm, order, "3")
    id = await do(firm, "accountant", "InvoiceSalesOrder", id=ref(order), lines=lines)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(id))
    assert await billing(firm, *deliveries) == [(2, 0, "billed"), (1, 0, "partial")]
    await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(id), reason="x")
    assert await billing(firm, *deliveries) == [(0, 0, "pending"), (0, 0, "pending")]
    await sound(firm)
