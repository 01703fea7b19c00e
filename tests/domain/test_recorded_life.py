"""What was imported goes on as live work: approved, confirmed, received, taken back, closed, edited within bounds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.approvals.approval import ApprovalRequest
from domain.drafts.lines import OrderLine
from domain.exceptions.exception import ImportException
from domain.exceptions.settling import ResolveException
from domain.flow.reversing import ReverseReceipt
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.documents import Document
from domain.kernel.errors import Archived, InsufficientStock, NotReady, OverReceipt, Refused, WrongState
from domain.parties.partner_entry import ArchivePartner
from domain.purchase.writing import UpdatePurchaseOrder
from tests.domain.books import balances, told
from tests.domain.test_counting import counted
from tests.domain.test_purchase import act, lines_of, paper, position, received, ref, rows, written
from tests.domain.test_recording import PAST, line, recorded, types_of, whole
from tests.firm import Firm


async def approved(firm: Firm, order: UUID) -> None:
    await act(firm, "approver", "Approve", order, expected_version=(await paper(firm, order)).version)


async def taken_back(firm: Firm, receipt: UUID) -> None:
    await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="miscounted"))


async def receipt_of(firm: Firm, number: str = "4001") -> UUID:
    (found,) = [one for one in await rows(firm, Document, kind="receipt") if one.number == number]
    return found.id  # type: ignore[no-any-return]


async def states(firm: Firm, order: UUID) -> tuple[str, str, str]:
    row = await paper(firm, order)
    return row.state, row.receipt_state, row.billing_state


async def test_a_pending_order_of_the_past_is_approved_confirmed_received_taken_back_and_closed(firm: Firm) -> None:
    order = await recorded(firm, state="submitted", lines=[line(firm, "4", "1"), line(firm, quantity=Decimal(2))])
    assert await states(firm, order) == ("submitted", "partial", "unknown")
    await approved(firm, order)
    (request,) = await rows(firm, ApprovalRequest)
    assert request.state == "approved"
    await act(firm, "buyer", "Confirm", order)
    assert await states(firm, order) == ("confirmed", "partial", "unknown")
    assert [one.open_quantity for one in await lines_of(firm, order)] == [7, 2]
    assert await position(firm) == (3, 9)
    with pytest.raises(OverReceipt):
        await received(firm, order, "8")
    rest = await received(firm, order, "7")
    assert await position(firm) == (10, 2)
    await taken_back(firm, rest)
    await taken_back(firm, await receipt_of(firm))
    assert await states(firm, order) == ("confirmed", "pending", "unknown")
    assert await position(firm) == (0, 12)
    await received(firm, order, "10")
    await act(firm, "buyer", "Close", order, reason="no more of it")
    assert [(one.open_quantity, one.closed) for one in await lines_of(firm, order)] == [(0, 0), (0, 2)]
    assert await states(firm, order) == ("closed", "partial", "unknown")
    steps = ["recorded", "approved", "confirmed", "received", "unreceived", "unreceived", "received", "closed"]
    assert await types_of(firm, order) == [f"purchase_order.{step}" for step in steps]
    await whole(firm)


async def test_a_closed_order_of_the_past_is_reopened_and_received(firm: Firm) -> None:
    order = await recorded(firm, lines=[line(firm, "4")], reason="short")
    with pytest.raises(WrongState, match="reopen it first"):
        await taken_back(firm, await receipt_of(firm))
    await act(firm, "buyer", "Reopen", order)
    assert await position(firm) == (4, 6)
    await whole(firm)
    await received(firm, order, "6")
    assert await states(firm, order) == ("confirmed", "received", "unknown")
    await act(firm, "buyer", "Close", order)
    await whole(firm)


async def test_what_came_of_a_pending_order_is_taken_back_before_it_is_called_off(firm: Firm) -> None:
    order = await recorded(firm, state="submitted", lines=[line(firm, "4")])
    with pytest.raises(WrongState, match="Something of it was done"):
        await act(firm, "buyer", "Cancel", order, reason="not wanted")
    await taken_back(firm, await receipt_of(firm))
    assert (await states(firm, order), await position(firm)) == (("submitted", "none", "unknown"), (0, 0))
    await act(firm, "buyer", "Cancel", order, reason="not wanted")
    await whole(firm)


async def test_refused_goods_of_a_cancelled_order_stay_on_their_receipt(firm: Firm) -> None:
    order = await recorded(firm, state="submitted", lines=[line(firm, "4", "4")])
    await act(firm, "buyer", "Cancel", order, reason="all bad")
    with pytest.raises(WrongState, match="what came of it stays"):
        await taken_back(firm, await receipt_of(firm))
    await whole(firm)


@pytest.mark.parametrize("state", ["draft", "submitted", "approved"])
async def test_what_nobody_will_confirm_ends_with_a_reason_and_keeps_what_came(firm: Firm, state: str) -> None:
    if state == "draft":
        order = await drafted(firm, line(firm, "7", "3"))
    else:
        order = await recorded(firm, state="submitted", lines=[line(firm, "7", "3")])
    if state == "approved":
        await approved(firm, order)
    await counted(firm, 0, reason="used up")
    with pytest.raises(InsufficientStock):
        await taken_back(firm, await receipt_of(firm))
    with pytest.raises(WrongState, match="or close the purchase order instead"):
        await act(firm, "buyer", "Cancel", order, reason="not wanted")
    with pytest.raises(NotReady, match="Say why"):
        await act(firm, "buyer", "Close", order)
    await act(firm, "buyer", "Close", order, reason="nobody will approve it any more")
    row = await paper(firm, order)
    assert (row.state, row.receipt_state, row.approval_state) == ("closed", "partial", "none")
    assert row.reason == "nobody will approve it any more"
    (one,) = await lines_of(firm, order)
    assert (one.quantity, one.accepted, one.open_quantity, one.closed) == (10, 4, 0, 6)
    with pytest.raises(WrongState, match="without ever being confirmed"):
        await act(firm, "buyer", "Reopen", order)
    await whole(firm)


async def test_an_order_of_an_archived_vendor_says_how_it_ends(firm: Firm) -> None:
    order = await drafted(firm, line(firm, "4"))
    await firm.database.perform(firm.actor("administrator"), ArchivePartner(id=ref(firm["vendor"])))
    with pytest.raises(Archived, match="Or close the order"):
        await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Close", order, reason="the vendor is gone")
    await whole(firm)


async def test_an_order_of_ones_own_is_not_closed_before_it_is_confirmed(firm: Firm) -> None:
    order = await written(firm)
    with pytest.raises(WrongState, match="cancel it instead") as refused:
        await act(firm, "buyer", "Close", order, reason="not wanted")
    assert "close" not in refused.value.details["possible"]


async def test_refused_goods_alone_let_an_order_of_the_past_be_cancelled_not_closed(firm: Firm) -> None:
    order = await recorded(firm, state="submitted", lines=[line(firm, "4", "4")])
    with pytest.raises(WrongState, match="cancel it instead"):
        await act(firm, "buyer", "Close", order, reason="all bad")


async def drafted(firm: Firm, *lines: Any) -> UUID:
    order = await recorded(firm, state="submitted", lines=lines)
    version = (await paper(firm, order)).version
    await act(firm, "approver", "Reject", order, expected_version=version, reason="look again")
    return order


async def edited(firm: Firm, order: UUID, *lines: OrderLine, **changed: Any) -> None:
    version = (await paper(firm, order)).version
    asked = {"lines": lines} if lines else {}
    await firm.database.perform(
        firm.actor("buyer"), UpdatePurchaseOrder(id=ref(order), expected_version=version, **asked, **changed)
    )


async def given(firm: Firm, order: UUID) -> list[OrderLine]:
    """The lines of an order, to be given again."""
    return [
        OrderLine(
            id=Ref(id=one.id), product=Ref(id=one.product_id), quantity=one.quantity, unit=Ref(id=one.unit_id),
            unit_price=one.unit_price,
        )
        for one in await lines_of(firm, order)
    ]  # fmt: skip


async def test_a_draft_is_edited_only_as_far_as_what_came_of_it_allows(firm: Firm) -> None:
    order = await drafted(firm, line(firm, "4", "1"), line(firm))
    came, other = await given(firm, order)
    wire = {"product": ref(firm["wire"]), "unit": None}
    for lines, path, says in (
        ((other,), ("lines",), "Goods of line 1 were received; keep the line"),
        ((replace(came, **wire), other), ("lines", 0, "product"), "its product stays"),
        ((replace(came, unit=ref(firm["box"])), other), ("lines", 0, "unit"), "its unit stays"),
        ((replace(came, quantity=Decimal(2)), other), ("lines", 0, "quantity"), "3 were accepted already"),
    ):
        with pytest.raises(Refused, match=says) as refused:
            await edited(firm, order, *lines)
        assert refused.value.path == path
    with pytest.raises(Refused, match="who stays"):
        await edited(firm, order, vendor=ref(firm["other_vendor"]))
    await edited(firm, order, replace(came, quantity=Decimal(3)))
    assert [one.quantity for one in await lines_of(firm, order)] == [3]
    assert await states(firm, order) == ("draft", "received", "unknown")
    await whole(firm)
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    assert await states(firm, order) == ("confirmed", "received", "unknown")
    await whole(firm)


async def test_a_line_that_import_flagged_stays(firm: Firm) -> None:
    order = await drafted(firm, line(firm), line(firm, expected_on=PAST.replace(year=2013)))
    assert [one.kind for one in await rows(firm, ImportException)] == ["due_before_ordered"]
    keep, _ = await given(firm, order)
    with pytest.raises(WrongState, match="Import flagged something about line 2"):
        await edited(firm, order, keep)


async def test_a_line_whose_receipt_was_taken_back_stays_all_the_same(firm: Firm) -> None:
    order = await recorded(firm, state="submitted", lines=[line(firm, "4"), line(firm)])
    await taken_back(firm, await receipt_of(firm))
    await act(firm, "buyer", "Revise", order)
    _, other = await given(firm, order)
    with pytest.raises(WrongState, match="keep the line"):
        await edited(firm, order, other)


async def test_a_line_says_where_its_price_is_from(firm: Firm) -> None:
    bolt = ref(firm["bolt"])
    live = await written(
        firm,
        lines=[
            OrderLine(product=bolt, quantity=Decimal(1)),
            OrderLine(product=bolt, quantity=Decimal(1), unit_price=Decimal(1)),
        ],
    )
    assert [one.price_source for one in await lines_of(firm, live)] == ["vendor_price", "given"]
    order = await drafted(firm, line(firm), line(firm))
    same, dearer = await given(firm, order)
    await edited(firm, order, same, replace(dearer, unit_price=Decimal(2)), replace(same, id=None, unit_price=None))
    assert [one.price_source for one in await lines_of(firm, order)] == ["imported", "given", "vendor_price"]
    await edited(firm, order, note="again")
    assert [one.price_source for one in await lines_of(firm, order)] == ["imported", "given", "vendor_price"]


async def test_what_was_accepted_is_to_be_billed_until_it_is_taken_back(firm: Firm) -> None:
    order = await written(firm)
    for step in ("Submit", "Confirm"):
        await act(firm, "buyer", step, order)
    refused = await received(firm, order, "2", rejected="2")
    assert (await paper(firm, order)).billing_state == "none"
    receipt = await received(firm, order, "4", rejected="1")
    assert (await paper(firm, order)).billing_state == "pending"
    for one in (receipt, refused):
        await taken_back(firm, one)
    assert (await paper(firm, order)).billing_state == "none"
    await whole(firm)


async def test_what_came_early_or_beyond_measure_is_put_right_when_it_is_taken_back(firm: Firm) -> None:
    before = PAST - timedelta(days=1)
    order = await recorded(firm, state="submitted", received_on=before, lines=[line(firm, "12")])

    async def left() -> list[str]:
        matters = [one for one in await rows(firm, ImportException) if one.kind != "received_before_approval"]
        still = []
        for one in matters:
            try:
                resolve = ResolveException(id=ref(one.id), reason="put right")
                await firm.database.perform(firm.actor("accountant"), resolve)
            except NotReady:
                still.append(one.kind)
        return sorted(still)

    assert await left() == ["over_received", "received_before_ordered"]
    await taken_back(firm, await receipt_of(firm))
    assert await left() == []
    assert await states(firm, order) == ("submitted", "none", "unknown")


async def test_what_came_early_is_put_right_by_the_date_of_the_order(firm: Firm) -> None:
    before = PAST - timedelta(days=1)
    order = await recorded(firm, state="submitted", received_on=before, lines=[line(firm, "10")])
    found = [one for one in await rows(firm, ImportException) if one.kind == "received_before_ordered"]
    resolve = ResolveException(id=ref(found[0].id), reason="The paper itself bears an earlier date.")
    with pytest.raises(NotReady, match="correct the order's date"):
        await firm.database.perform(firm.actor("accountant"), resolve)
    version = (await paper(firm, order)).version
    await act(firm, "approver", "Reject", order, expected_version=version, reason="look at the date")
    await edited(firm, order, dated=before)
    await firm.database.perform(firm.actor("accountant"), resolve)


async def test_what_was_closed_without_a_yes_is_not_billed_by_a_price_that_nobody_approved(firm: Firm) -> None:
    order = await drafted(firm, line(firm, "4"))
    (came,) = await given(firm, order)
    await edited(firm, order, replace(came, unit_price=Decimal(9999)))
    await act(firm, "buyer", "Close", order, reason="nobody will approve it any more")
    for verb, id in (("BillPurchaseOrder", order), ("BillReceipt", await receipt_of(firm))):
        asked = COMMANDS[verb](id=ref(id), vendor_reference="1")
        with pytest.raises(WrongState, match="without ever being confirmed; enter the vendor's bill by itself"):
            await firm.database.perform(firm.actor("accountant"), asked)
    await whole(firm)


@pytest.mark.parametrize("state", ["closed", "confirmed", "submitted"])
async def test_what_bound_in_its_source_or_was_approved_here_is_billed(firm: Firm, state: str) -> None:
    order = await recorded(firm, state=state, lines=[line(firm, "4")], reason="short" if state == "closed" else None)
    if state == "submitted":
        await approved(firm, order)
        await act(firm, "buyer", "Confirm", order)
    for number, verb, id in (("1", "BillPurchaseOrder", order), ("2", "BillReceipt", await receipt_of(firm))):
        bill = await firm.database.perform(
            firm.actor("accountant"), COMMANDS[verb](id=ref(id), vendor_reference=number)
        )
        posted = await firm.database.perform(firm.actor("accountant"), COMMANDS["PostVendorBill"](id=ref(bill)))
        await firm.database.perform(firm.actor("accountant"), COMMANDS["ReverseVendorBill"](id=ref(posted), reason="x"))
    await whole(firm)


async def test_goods_that_other_books_received_are_an_expense_here_and_those_received_here_are_not(firm: Firm) -> None:
    order = await recorded(firm, state="confirmed", lines=[line(firm, "4", unit_price=Decimal("1.25"))])
    price = (await lines_of(firm, order))[0].unit_price
    bills = []
    for number in ("1", "2"):
        bill = await firm.database.perform(
            firm.actor("accountant"), COMMANDS["BillPurchaseOrder"](id=ref(order), vendor_reference=number)
        )
        bills.append(await firm.database.perform(firm.actor("accountant"), COMMANDS["PostVendorBill"](id=ref(bill))))
        if number == "1":
            await received(firm, order, "6")
    there, here = [await told(firm, bill) for bill in bills]
    assert (Decimal(there["expense"]), there.get("received_not_billed")) == (4 * price, None)
    assert (Decimal(here["received_not_billed"]), here.get("expense")) == (6 * price, None)
    assert (await balances(firm)).get("2150", 0) == 0
    await whole(firm)


async def test_a_bill_of_both_is_split(firm: Firm) -> None:
    order = await recorded(firm, state="confirmed", lines=[line(firm, "4")])
    await received(firm, order, "6")
    bill = await firm.database.perform(
        firm.actor("accountant"), COMMANDS["BillPurchaseOrder"](id=ref(order), vendor_reference="1")
    )
    await firm.database.perform(firm.actor("accountant"), COMMANDS["PostVendorBill"](id=ref(bill)))
    assert await told(firm, bill) == {
        "received_not_billed": "7.50", "expense": "5.00", "payables": "-12.50",
    }  # fmt: skip
    await whole(firm)
