"""Goods and orders: what somebody might try to get more out of papers than is in them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.product import Product, ProductUnit
from domain.catalog.unit import Unit
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.taking import OrderedLine, ReceivedLine, ReturnedLine, TakenLine
from domain.kernel.bulk import Answers
from domain.kernel.errors import (
    BadInput,
    InsufficientStock,
    NothingLeft,
    PartnerOnHold,
    Refused,
    WrongState,
)
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner_entry import UpdatePartner
from domain.parties.setting_entry import SetSetting
from domain.purchase.deciding import DecidePurchaseOrder
from domain.purchase.quotation import QuotedLine
from tests.domain.test_papers import do, is_whole, line, on_hand, sold
from tests.domain.test_purchase import confirmed, lines_of, paper, received, ref, written
from tests.firm import Firm

D = Decimal


def bolts(firm: Firm, quantity: str, **asked: Any) -> OrderLine:
    return OrderLine(product=ref(firm["bolt"]), quantity=D(quantity), unit_price=D("2.50"), **asked)


async def revised(firm: Firm, order: UUID) -> UUID:
    return await do(firm, "buyer", "RevisePurchaseOrder", id=ref(order))


async def test_a_paper_that_takes_another_back_begets_nothing(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    mirror = await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="wrong")
    with pytest.raises(WrongState, match="itself a reversal"):
        await do(firm, "storekeeper", "ReverseReceipt", id=ref(mirror), reason="not so wrong")
    with pytest.raises(WrongState, match="itself a reversal"):
        await do(firm, "accountant", "BillReceipt", id=ref(mirror), vendor_reference="1")
    await received(firm, await confirmed(firm, "10"), "10")
    with pytest.raises(WrongState, match="itself a reversal"):
        await do(firm, "storekeeper", "ReturnReceipt", id=ref(mirror))
    taken = [ReturnedLine(line=ref((await line(firm, mirror)).id), quantity=D(1), reason="dull")]
    with pytest.raises(WrongState, match="itself a reversal"):
        await do(firm, "storekeeper", "CreatePurchaseReturn", lines=taken)


async def test_a_closed_order_gets_no_replacement_until_it_is_reopened(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "10")
    await do(firm, "buyer", "ClosePurchaseOrder", id=ref(order))
    there = (await line(firm, receipt)).id
    back = [ReturnedLine(line=ref(there), quantity=D(3), reason="dull", replace=True)]
    with pytest.raises(WrongState, match="reopen it first"):
        await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    back = [ReturnedLine(line=ref(there), quantity=D(3), reason="dull")]
    await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    await is_whole(firm)


async def test_a_return_to_be_replaced_is_taken_back_after_the_order_was_closed(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "10")
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(3), reason="dull", replace=True)]
    gone = await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    await do(firm, "buyer", "ClosePurchaseOrder", id=ref(order), reason="they will not send them")
    await is_whole(firm)
    await do(firm, "storekeeper", "ReversePurchaseReturn", id=ref(gone), reason="mistake")
    found = await line(firm, order)
    assert (found.returned, found.closed, found.open_quantity) == (0, 0, 0)
    await is_whole(firm)


async def test_a_receipt_that_was_drafted_is_not_posted_once_its_order_is_closed(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await do(firm, "storekeeper", "ReceivePurchaseOrder", id=ref(order), draft=True)
    await do(firm, "buyer", "ClosePurchaseOrder", id=ref(order), reason="late")
    with pytest.raises(WrongState, match="closed"):
        await do(firm, "storekeeper", "PostReceipt", id=ref(receipt))
    await do(firm, "buyer", "ReopenPurchaseOrder", id=ref(order))
    await received(firm, order, "4")
    with pytest.raises(Refused) as refused:
        await do(firm, "storekeeper", "PostReceipt", id=ref(receipt))
    assert (refused.value.code, refused.value.path) == ("OVER_RECEIPT", ("lines", 0, "quantity"))


async def test_what_came_of_a_notice_keeps_it(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    notice = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order))
    receipt = await do(firm, "storekeeper", "ReceiveShipmentNotice", id=ref(notice))
    with pytest.raises(WrongState):
        await do(firm, "buyer", "CancelShipmentNotice", id=ref(notice), reason="x")
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(3), reason="dull", replace=True)]
    await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    again = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order))
    assert (await line(firm, again)).quantity == 3
    await do(firm, "storekeeper", "ReceiveShipmentNotice", id=ref(again))
    assert (await line(firm, order)).open_quantity == 0
    await is_whole(firm)


async def test_what_was_refused_is_announced_again_and_does_not_go_back(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    notice = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order))

    async def inspected(notice: UUID, rejected: int) -> UUID:
        mine = await line(firm, notice)
        came = [ReceivedLine(line=ref(mine.id), quantity=mine.quantity, rejected=D(rejected), reason="bent")]
        return await do(firm, "storekeeper", "ReceiveShipmentNotice", id=ref(notice), lines=came)

    receipt = await inspected(notice, 4)
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(7), reason="dull")]
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    assert refused.value.details["left"] == 6
    again = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order))
    assert (await line(firm, again)).quantity == 4
    await inspected(again, 4)
    assert (await line(firm, order)).open_quantity == 4
    await is_whole(firm)


async def test_what_several_lines_take_of_one_is_added_up(firm: Firm) -> None:
    """Neither of two notices is too much for the order, but both are after goods came without one."""
    order = await confirmed(firm, "10")
    there = ref((await line(firm, order)).id)
    came = []
    for quantity in (D(6), D(4)):
        sent = [TakenLine(line=there, quantity=quantity)]
        notice = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order), lines=sent)
        came.append(ReceivedLine(line=ref((await line(firm, notice)).id), quantity=quantity))
    await received(firm, order, "4")
    with pytest.raises(Refused) as refused:
        await do(firm, "storekeeper", "CreateReceipt", lines=came)
    assert (refused.value.code, refused.value.path) == ("OVER_RECEIPT", ("lines", 1, "quantity"))


async def test_more_than_was_ordered_is_billed_once_it_came(firm: Firm) -> None:
    for name, value in {"receipt.over_percent": "10", "bill.by": "ordered"}.items():
        await firm.database.perform(firm.actor("administrator"), SetSetting(name=name, value=value))
    order = await confirmed(firm, "10")
    await received(firm, order, "11")
    bill = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="1")
    assert (await line(firm, bill)).quantity == 11


async def test_what_went_back_for_good_may_not_be_announced_but_the_rest_may(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    sent = [TakenLine(line=ref((await line(firm, order)).id), quantity=D(5))]
    notice = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order), lines=sent)
    receipt = await do(firm, "storekeeper", "ReceiveShipmentNotice", id=ref(notice))
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(3), reason="dull")]
    await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    again = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order))
    assert (await line(firm, again)).quantity == 5


async def cuts_ordered(firm: Firm, quantity: str, price: str = "1") -> UUID:
    """A confirmed order for so many cuts, three of which are one rod."""

    def furnish(work: Work) -> None:
        work.find(Company, firm.company).approval_threshold = D(1000000)
        cut = work.add(Unit(code="CUT", name="Cut", digits=0, unece="NMP"))
        work.session.flush()
        rod = Product(sku="ROD", name="Rod", unit_id=firm["piece"])
        rod.units.append(ProductUnit(unit_id=cut.id, numerator=D(1), denominator=D(3)))
        work.add(rod)
        work.session.flush()
        firm.ids |= {"cut": cut.id, "rod": rod.id}

    await firm.database.transact(firm.actor("administrator"), furnish)
    lines = [OrderLine(product=ref(firm["rod"]), unit=ref(firm["cut"]), quantity=D(quantity), unit_price=D(price))]
    order = await written(firm, lines=lines)
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    return await do(firm, "buyer", "ConfirmPurchaseOrder", id=ref(order))


async def test_parts_of_a_line_come_and_go_as_the_whole_does(firm: Firm) -> None:
    """Whatever of the parts is taken back meanwhile, all that came and went back leaves nothing."""
    order = await cuts_ordered(firm, "6")
    receipts = [await received(firm, order, "1") for _ in range(6)]
    assert await on_hand(firm, "rod") == 2
    for receipt in (receipts.pop(4), receipts.pop(1)):
        await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="miscounted")
    await is_whole(firm)
    receipts.append(await received(firm, order, "2"))
    assert await on_hand(firm, "rod") == 2
    for receipt in receipts:
        await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt))
    assert await on_hand(firm, "rod") == 0
    await is_whole(firm)


async def test_what_is_no_longer_there_cannot_go_back(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "10")
    order = await sold(firm, "8")
    await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    with pytest.raises(InsufficientStock):
        await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt))
    with pytest.raises(InsufficientStock):
        await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="x")
    assert (await line(firm, receipt)).returned == 0
    await is_whole(firm)


async def test_a_delivery_that_was_drafted_waits_while_the_customer_is_on_hold(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    draft = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, "2")), draft=True)
    hold = UpdatePartner(id=ref(firm["customer"]), expected_version=1, hold_reason="They do not pay.")
    await firm.database.perform(firm.actor("administrator"), hold)
    with pytest.raises(PartnerOnHold):
        await do(firm, "storekeeper", "PostDelivery", id=ref(draft))


async def test_an_order_that_came_of_a_requisition_is_rejected_among_many(firm: Firm) -> None:
    wanted = [OrderLine(product=ref(firm["bolt"]), quantity=D(2000), unit_price=D(2))]
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=wanted)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    await do(
        firm, "approver", "ApprovePurchaseRequisition", id=ref(need), expected_version=(await paper(firm, need)).version
    )
    order = await do(firm, "buyer", "OrderPurchaseRequisition", id=ref(need), vendor=ref(firm["vendor"]))
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert (await line(firm, need)).ordered == 2000
    version = (await paper(firm, order)).version
    said = DecidePurchaseOrder(id=ref(order), expected_version=version, approve=False, reason="too dear")
    answers: Any = await do(firm, "approver", "DecidePurchaseOrders", decisions=[said])
    assert isinstance(answers, Answers)
    assert answers.done
    assert (await line(firm, need)).ordered == 0
    await is_whole(firm)


async def test_lines_of_a_request_are_not_ordered_of_another_vendor(firm: Firm) -> None:
    wanted = [OrderLine(product=ref(firm["bolt"]), quantity=D(5))]
    asked = await do(firm, "buyer", "CreateRequestForQuotation", vendor=ref(firm["vendor"]), lines=wanted)
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(asked))
    there = (await line(firm, asked)).id
    await do(
        firm, "buyer", "OfferRequestForQuotation", id=ref(asked), lines=[QuotedLine(line=ref(there), unit_price=D(1))]
    )
    taken = [OrderedLine(line=ref(there), quantity=D(5))]
    with pytest.raises(BadInput) as refused:
        await do(firm, "buyer", "ConsolidatePurchaseOrder", lines=taken, vendor=ref(firm["other_vendor"]))
    assert refused.value.path == ("vendor",)


async def test_lines_of_requisitions_are_ordered_of_somebody(firm: Firm) -> None:
    freight = [OrderCharge(text="freight", amount=D(11))]
    lines = [bolts(firm, "5", expected_on=date(2026, 3, 20))]
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=lines, charges=freight)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    taken = [OrderedLine(line=ref((await line(firm, need)).id), quantity=D(5))]
    with pytest.raises(Refused) as refused:
        await do(firm, "buyer", "ConsolidatePurchaseOrder", lines=taken)
    assert refused.value.path == ("vendor",)
    order = await do(firm, "buyer", "OrderPurchaseRequisition", id=ref(need), vendor=ref(firm["other_vendor"]))
    found = await paper(firm, order)
    assert (found.currency, found.exchange_rate, found.charges_amount) == ("EUR", D("1.10"), 10)
    (mine,) = await lines_of(firm, order)
    assert (mine.unit_price, mine.expected_on) == (D("2.272727"), date(2026, 3, 20))


async def test_an_order_that_was_edited_after_it_was_revised_counts_as_it_stands(firm: Firm) -> None:
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=[bolts(firm, "5"), bolts(firm, "7")])
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    order = await do(firm, "buyer", "OrderPurchaseRequisition", id=ref(need), vendor=ref(firm["vendor"]))
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert [one.ordered for one in await lines_of(firm, need)] == [5, 7]
    await do(firm, "buyer", "RevisePurchaseOrder", id=ref(order))
    assert [one.ordered for one in await lines_of(firm, need)] == [0, 0]
    mine = (await lines_of(firm, order))[0]
    fewer = [OrderLine(id=ref(mine.id), product=ref(firm["bolt"]), quantity=D(3), unit_price=D("2.50"))]
    version = (await paper(firm, order)).version
    await do(firm, "buyer", "UpdatePurchaseOrder", id=ref(order), expected_version=version, lines=fewer)
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert [one.ordered for one in await lines_of(firm, need)] == [3, 0]
    with pytest.raises(BadInput):
        await do(
            firm, "buyer", "UpdatePurchaseOrder", id=ref(order), vendor=ref(firm["other_vendor"]),
            expected_version=(await paper(firm, await revised(firm, order))).version,
        )  # fmt: skip
    await is_whole(firm)
