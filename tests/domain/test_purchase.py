"""Buying goods, from draft to stock, by the rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain import verbs  # noqa: F401 - all commands must be known
from domain.catalog.product import Product
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.receiving import CreateReceipt, ReceivedLine, ReceivePurchaseOrder
from domain.flow.reversing import ReverseReceipt
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.documents import Document, Line
from domain.kernel.errors import (
    ApprovalRequired,
    BadInput,
    Forbidden,
    InsufficientStock,
    NotFound,
    Refused,
    VersionConflict,
    WrongState,
)
from domain.kernel.tenancy import view
from domain.kernel.work import Work
from domain.parties.rate import Rate
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CopyPurchaseOrder, CreatePurchaseOrder, UpdatePurchaseOrder
from domain.stock.move import Position
from tests.firm import TODAY, Firm


def ref(id: UUID) -> Ref:
    return Ref(id=id)


async def act(firm: Firm, role: str, verb: str, order: UUID, **asked: Any) -> UUID:
    return await firm.database.perform(firm.actor(role), COMMANDS[f"{verb}PurchaseOrder"](id=ref(order), **asked))


async def written(firm: Firm, quantity: str = "10", **asked: Any) -> UUID:
    lines = asked.pop("lines", None) or [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(quantity))]
    command = CreatePurchaseOrder(vendor=ref(firm["vendor"]), lines=lines, **asked)
    return await firm.database.perform(firm.actor("buyer"), command)


async def confirmed(firm: Firm, quantity: str = "10") -> UUID:
    order = await written(firm, quantity)
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    return order


async def paper(firm: Firm, id: UUID) -> Any:
    return (await rows(firm, Document, id=id))[0]


async def rows(firm: Firm, model: Any, **match: Any) -> list[Any]:
    table = view(model)
    statement = select(table).where(*(table.c[name] == value for name, value in match.items()))
    async with firm.database.session(firm.actor("viewer")) as session:
        return list((await session.execute(statement)).all())


async def lines_of(firm: Firm, order: UUID) -> list[Any]:
    return sorted(await rows(firm, Line, document_id=order), key=lambda line: line.position)


async def received(firm: Firm, order: UUID, quantity: str, rejected: str = "0", **asked: Any) -> UUID:
    line = (await lines_of(firm, order))[0].id
    reason = "scratched" if Decimal(rejected) else None
    came = ReceivedLine(line=ref(line), quantity=Decimal(quantity), rejected=Decimal(rejected), reason=reason)
    return await firm.database.perform(
        firm.actor("storekeeper"), ReceivePurchaseOrder(id=ref(order), lines=[came], **asked)
    )


async def position(firm: Firm, product: str = "bolt", place: str = "receiving") -> tuple[Decimal, Decimal]:
    found = await rows(firm, Position, product_id=firm[product], location_id=firm[place])
    return (found[0].on_hand, found[0].incoming) if found else (Decimal(0), Decimal(0))


async def test_an_order_takes_price_date_and_tax_from_the_vendor_price_and_the_product(firm: Firm) -> None:
    order = await paper(firm, await written(firm, charges=[OrderCharge(text="Freight", amount=Decimal("2.50"))]))
    line = (await lines_of(firm, order.id))[0]
    assert (line.unit_price, line.vendor_price_id, line.partner_item_number) == (
        Decimal("1.25"),
        firm["bolt_price"],
        "B-8",
    )
    assert str(line.expected_on) == "2026-03-09"
    assert (str(order.lines_amount), str(order.charges_amount), str(order.tax), str(order.total)) == (
        "12.50", "2.50", "1.00", "16.00",
    )  # fmt: skip
    assert order.number == "PO2026-00001"


async def test_goods_flow_from_draft_to_stock(firm: Firm) -> None:
    order = await confirmed(firm)
    assert await position(firm) == (0, 10)
    await received(firm, order, "4", rejected="1")
    assert await position(firm) == (3, 7)
    assert (await paper(firm, order)).receipt_state == "partial"
    await received(firm, order, "7")
    assert await position(firm) == (10, 0)
    assert (await paper(firm, order)).receipt_state == "received"
    line = (await lines_of(firm, order))[0]
    assert (line.received, line.rejected, line.accepted, line.open_quantity) == (11, 1, 10, 0)


async def test_below_the_threshold_nobody_is_asked(firm: Firm) -> None:
    order = await written(firm)
    await act(firm, "buyer", "Submit", order)
    assert ((await paper(firm, order)).state, (await paper(firm, order)).approval_state) == ("approved", "not_needed")


@pytest.mark.parametrize(("quantity", "state"), [("799", "approved"), ("800", "submitted"), ("801", "submitted")])
async def test_an_order_equal_to_the_threshold_needs_approval(firm: Firm, quantity: str, state: str) -> None:
    order = await written(firm, quantity)
    await act(firm, "buyer", "Submit", order)
    assert (await paper(firm, order)).state == state


async def test_charges_count_towards_the_threshold(firm: Firm) -> None:
    order = await written(firm, "799", charges=[OrderCharge(text="Freight", amount=Decimal("1.25"))])
    await act(firm, "buyer", "Submit", order)
    assert (await paper(firm, order)).state == "submitted"


async def test_the_threshold_is_measured_in_company_currency(firm: Firm) -> None:
    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), unit_price=Decimal("909.09"))
    order = await written(firm, lines=[line], currency="EUR")
    row = await paper(firm, order)
    assert (row.currency, row.exchange_rate, row.company_untaxed) == ("EUR", Decimal("1.10"), Decimal("1000.00"))
    await act(firm, "buyer", "Submit", order)
    assert (await paper(firm, order)).state == "submitted"


async def test_neither_requester_nor_last_editor_may_approve(firm: Firm) -> None:
    order = await written(firm, "900")
    await act(firm, "buyer", "Submit", order)
    version = (await paper(firm, order)).version
    buyer = firm.actors["buyer"]
    firm.actors["greedy"] = type(buyer)(**{**vars(buyer), "rights": buyer.rights | {"purchase.approve"}})
    with pytest.raises(Forbidden, match="asked for this approval yourself"):
        await act(firm, "greedy", "Approve", order, expected_version=version)
    await act(firm, "approver", "Approve", order, expected_version=version)
    assert (await paper(firm, order)).state == "approved"


async def test_a_rejected_order_goes_back_with_the_reason(firm: Firm) -> None:
    order = await written(firm, "900")
    await act(firm, "buyer", "Submit", order)
    version = (await paper(firm, order)).version
    await act(firm, "approver", "Reject", order, expected_version=version, reason="too dear")
    row = await paper(firm, order)
    assert (row.state, row.approval_state, row.reason) == ("draft", "rejected", "too dear")


async def test_an_approved_order_cannot_be_edited_and_revising_voids_the_approval(firm: Firm) -> None:
    order = await written(firm, "900")
    await act(firm, "buyer", "Submit", order)
    await act(firm, "approver", "Approve", order, expected_version=(await paper(firm, order)).version)
    version = (await paper(firm, order)).version
    edit = UpdatePurchaseOrder(id=ref(order), expected_version=version, note="more")
    with pytest.raises(WrongState, match="revise it first"):
        await firm.database.perform(firm.actor("buyer"), edit)
    await act(firm, "buyer", "Revise", order)
    row = await paper(firm, order)
    assert (row.state, row.approval_state, row.approved_digest) == ("draft", "none", None)


async def test_a_row_changed_behind_the_workflow_is_not_what_was_approved(firm: Firm) -> None:
    order = await written(firm, "900")
    await act(firm, "buyer", "Submit", order)
    await act(firm, "approver", "Approve", order, expected_version=(await paper(firm, order)).version)

    def tamper(work: Any) -> None:
        row = work.find(PurchaseOrder, order, options=PurchaseOrder.whole())
        row.lines[0].unit_price = Decimal("9.99")

    await firm.database.transact(firm.actor("buyer"), tamper)
    with pytest.raises(ApprovalRequired):
        await act(firm, "buyer", "Confirm", order)


async def test_two_approvers_at_once_decide_once(firm: Firm) -> None:
    order = await written(firm, "900")
    await act(firm, "buyer", "Submit", order)
    version = (await paper(firm, order)).version
    approver = firm.actors["approver"]
    second = type(approver)(**{**vars(approver), "user": firm["user:administrator"], "name": "second"})
    firm.actors["second"] = second
    decided = await asyncio.gather(
        act(firm, "approver", "Approve", order, expected_version=version),
        act(firm, "second", "Approve", order, expected_version=version),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in decided) in (["UUID", "VersionConflict"], ["UUID", "WrongState"])


async def test_a_stale_version_is_refused_with_the_current_one(firm: Firm) -> None:
    order = await written(firm)
    await firm.database.perform(firm.actor("buyer"), UpdatePurchaseOrder(id=ref(order), expected_version=1, note="a"))
    with pytest.raises(VersionConflict) as refused:
        await firm.database.perform(
            firm.actor("buyer"), UpdatePurchaseOrder(id=ref(order), expected_version=1, note="b")
        )
    assert refused.value.details["current"] == 2


async def test_thirty_parallel_receipts_of_one_on_a_line_of_ten_let_ten_through(firm: Firm) -> None:
    order = await confirmed(firm)
    done = await asyncio.gather(*(received(firm, order, "1") for _ in range(30)), return_exceptions=True)
    assert Counter(type(one).__name__ for one in done) == {"UUID": 10, "OverReceipt": 20}
    assert await position(firm) == (10, 0)


async def test_a_reversal_restores_every_quantity(firm: Firm) -> None:
    order = await confirmed(firm)
    before = (await lines_of(firm, order))[0]
    receipt = await received(firm, order, "6", rejected="2")
    await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="wrong order"))
    after = (await lines_of(firm, order))[0]
    assert [(after.received, after.rejected, after.accepted, after.open_quantity)] == [
        (before.received, before.rejected, before.accepted, before.open_quantity)
    ]
    assert await position(firm) == (0, 10)
    assert (await paper(firm, receipt)).state == "reversed"
    with pytest.raises(WrongState):
        await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="again"))


async def test_a_receipt_whose_goods_are_gone_cannot_be_reversed(firm: Firm) -> None:
    from domain.stock import ledger

    order = await confirmed(firm)
    receipt = await received(firm, order, "6")

    def move_away(work: Any) -> None:
        leg = ledger.Leg(product=firm["bolt"], origin=firm["receiving"], target=firm["shelf"], quantity=Decimal(1))
        ledger.post(work, firm.company, [leg], dated=work.now.date())

    await firm.database.transact(firm.actor("storekeeper"), move_away)
    with pytest.raises(InsufficientStock) as refused:
        await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="x"))
    assert refused.value.details["available"] == 5
    assert (await paper(firm, receipt)).state == "posted"


async def test_closing_short_needs_a_reason_and_gives_up_what_is_open(firm: Firm) -> None:
    order = await confirmed(firm)
    await received(firm, order, "4")
    with pytest.raises(Refused, match="Say why"):
        await act(firm, "buyer", "Close", order)
    await act(firm, "buyer", "Close", order, reason="vendor is out of bolts")
    line = (await lines_of(firm, order))[0]
    assert (line.open_quantity, line.closed) == (0, 6)
    assert await position(firm) == (4, 0)
    await act(firm, "buyer", "Reopen", order)
    assert await position(firm) == (4, 6)


async def test_what_is_open_says_when_an_order_is_expected(firm: Firm) -> None:
    days = [date(2026, 3, 10), date(2026, 3, 20)]
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(2), expected_on=day) for day in days]
    order = await written(firm, lines=lines)
    for step in ("Submit", "Confirm"):
        await act(firm, "buyer", step, order)
    assert (await paper(firm, order)).expected_on == days[0]
    await received(firm, order, "2")
    assert (await paper(firm, order)).expected_on == days[1]


async def test_an_order_with_accepted_goods_cannot_be_cancelled(firm: Firm) -> None:
    order = await confirmed(firm)
    await received(firm, order, "4")
    with pytest.raises(WrongState, match="close the purchase order"):
        await act(firm, "buyer", "Cancel", order, reason="changed our mind")


async def test_a_cancelled_order_expects_nothing(firm: Firm) -> None:
    order = await confirmed(firm)
    await act(firm, "buyer", "Cancel", order, reason="changed our mind")
    assert await position(firm) == (0, 0)


async def test_boxes_become_pieces_in_stock(firm: Firm) -> None:
    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(3), unit=ref(firm["box"]), unit_price=Decimal(15))
    order = await written(firm, lines=[line])
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    assert await position(firm) == (0, 36)
    await received(firm, order, "1")
    assert await position(firm) == (12, 24)


async def test_one_receipt_may_serve_two_orders(firm: Firm) -> None:
    first, second = await confirmed(firm), await confirmed(firm)
    came = [
        ReceivedLine(line=ref((await lines_of(firm, order))[0].id), quantity=Decimal(10)) for order in (first, second)
    ]
    await firm.database.perform(firm.actor("storekeeper"), CreateReceipt(lines=came))
    assert await position(firm) == (20, 0)


async def test_a_copy_is_a_draft_that_knows_its_source(firm: Firm) -> None:
    order = await confirmed(firm)
    copy = await paper(firm, await firm.database.perform(firm.actor("buyer"), CopyPurchaseOrder(id=ref(order))))
    assert (copy.state, copy.approval_state, copy.copied_from_id, copy.total) == (
        "draft",
        "none",
        order,
        Decimal("13.50"),
    )


@pytest.mark.parametrize("quantity", ["0", "-1", "1e30", "NaN", "1.5", "Infinity"])
async def test_a_quantity_that_makes_no_sense_is_refused_at_its_path(firm: Firm, quantity: str) -> None:
    with pytest.raises(Refused) as refused:
        await written(firm, quantity)
    assert [one.path for one in refused.value.each] == [("lines", 0, "quantity")]
    assert refused.value.each[0].code == "BAD_INPUT"


async def test_every_mistake_in_an_order_is_told_at_once(firm: Firm) -> None:
    lines = [
        OrderLine(product=ref(firm["bolt"]), quantity=Decimal(0)),
        OrderLine(product=ref(firm["box"]), quantity=Decimal(1)),
        OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), unit_price=Decimal("0.12345678901234567890")),
        OrderLine(quantity=Decimal(1)),
    ]
    with pytest.raises(Refused) as refused:
        await written(firm, lines=lines)
    assert [(one.path, one.code) for one in refused.value.each] == [
        (("lines", 0, "quantity"), "BAD_INPUT"),
        (("lines", 1, "product"), "NOT_FOUND"),
        (("lines", 2, "unitPrice"), "BAD_INPUT"),
        (("lines", 3, "product"), "BAD_INPUT"),
    ]


async def test_a_currency_without_a_rate_is_refused(firm: Firm) -> None:
    with pytest.raises(Refused) as refused:
        await written(firm, currency="CHF")
    assert (refused.value.code, refused.value.path) == ("RATE_MISSING", ("currency",))


async def test_an_unknown_vendor_is_not_found(firm: Firm) -> None:
    command = CreatePurchaseOrder(vendor=ref(firm["bolt"]), lines=[])
    with pytest.raises(NotFound) as refused:
        await firm.database.perform(firm.actor("buyer"), command)
    assert refused.value.path == ("vendor",)


async def test_a_customer_is_no_vendor(firm: Firm) -> None:
    with pytest.raises(BadInput, match="not a vendor"):
        await firm.database.perform(firm.actor("buyer"), CreatePurchaseOrder(vendor=ref(firm["customer"]), lines=[]))


async def test_a_line_taken_out_by_an_edit_is_told_in_the_log(firm: Firm) -> None:
    line = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1))
    order = await written(firm, lines=[line, line])
    first, second = await lines_of(firm, order)
    keep = OrderLine(id=ref(second.id), product=ref(firm["bolt"]), quantity=Decimal(5))
    edit = UpdatePurchaseOrder(id=ref(order), expected_version=1, lines=[keep])
    await firm.database.perform(firm.actor("buyer"), edit)
    left = await lines_of(firm, order)
    assert [(one.position, one.quantity) for one in left] == [(2, 5)]
    assert first.id != left[0].id


async def test_allowances_cannot_come_to_more_than_what_they_are_taken_off(firm: Firm) -> None:
    with pytest.raises(BadInput, match="allowances") as refused:
        await written(firm, charges=[OrderCharge(text="Rebate", amount=Decimal("-12.51"))])
    assert refused.value.path == ("charges", 0, "amount")
    order = await paper(firm, await written(firm, charges=[OrderCharge(text="Rebate", amount=Decimal("-12.50"))]))
    assert order.untaxed == 0


async def test_an_allowance_with_a_tax_that_no_line_bears_is_told_which_to_take(firm: Firm) -> None:
    freight = OrderCharge(text="Freight", amount=Decimal(5))
    taxed = OrderCharge(text="Rebate", amount=Decimal("-1.00"), tax=ref(firm["tax20"]))
    with pytest.raises(BadInput, match=r"No line bears the tax S20, so 'Rebate'.*; give it the tax S8") as refused:
        await written(firm, charges=[freight, taxed])
    assert refused.value.path == ("charges", 1, "tax")
    borne = OrderCharge(text="Rebate", amount=Decimal("-1.00"), tax=ref(firm["tax8"]))
    assert (await paper(firm, await written(firm, charges=[freight, borne]))).untaxed == Decimal("16.50")
    advice = await firm.database.transact(firm.actor("buyer"), lambda work: _without_tax(firm, work))
    untaxed = OrderLine(product=ref(advice), quantity=Decimal(1), unit_price=Decimal(5))
    with pytest.raises(BadInput, match="leave its tax out"):
        await written(firm, lines=[untaxed], charges=[taxed])


def _without_tax(firm: Firm, work: Work) -> UUID:
    product = work.add(Product(sku="ADVICE", name="Advice", unit_id=firm["piece"], is_stocked=False))
    work.session.flush()
    return product.id


async def test_lines_that_are_given_anew_take_the_numbers_of_those_they_replace(firm: Firm) -> None:
    wire, bolt = (
        OrderLine(product=ref(firm[word]), quantity=Decimal(2), unit_price=Decimal(1)) for word in ("wire", "bolt")
    )
    order = await written(firm, lines=[bolt, wire, bolt])
    second = (await lines_of(firm, order))[1]
    edit = UpdatePurchaseOrder(id=ref(order), expected_version=1, lines=[bolt, replace(wire, id=ref(second.id)), bolt])
    await firm.database.perform(firm.actor("buyer"), edit)
    assert [(line.position, line.product_id) for line in await lines_of(firm, order)] == [
        (2, firm["wire"]), (3, firm["bolt"]), (4, firm["bolt"]),
    ]  # fmt: skip
    await firm.database.perform(
        firm.actor("buyer"), UpdatePurchaseOrder(id=ref(order), expected_version=2, lines=[wire])
    )
    assert [(line.position, line.product_id) for line in await lines_of(firm, order)] == [(1, firm["wire"])]


async def test_a_line_made_from_another_paper_keeps_its_price_when_it_is_edited(firm: Firm) -> None:
    dear = OrderLine(product=ref(firm["bolt"]), quantity=Decimal(4), unit_price=Decimal("3.25"))
    order = await written(firm, lines=[dear])
    for verb in ("Submit", "Confirm"):
        await act(firm, "buyer", verb, order)
    receipt = await received(firm, order, "4")
    bill = await firm.database.perform(firm.actor("accountant"), COMMANDS["BillReceipt"](id=ref(receipt)))
    line = (await lines_of(firm, bill))[0]
    fewer = OrderLine(id=ref(line.id), product=ref(firm["bolt"]), quantity=Decimal(3))
    edit = COMMANDS["UpdateVendorBill"](id=ref(bill), expected_version=1, lines=[fewer])
    await firm.database.perform(firm.actor("accountant"), edit)
    assert [(one.quantity, one.unit_price) for one in await lines_of(firm, bill)] == [(3, Decimal("3.25"))]


async def test_what_things_usually_cost_is_estimated_in_the_currency_of_the_paper(firm: Firm) -> None:
    def know(work: Work) -> None:
        work.add(Rate(base="JPY", quote="USD", dated=TODAY.date(), rate=Decimal("0.01")))
        work.find(Product, firm["bolt"]).standard_cost = Decimal(2)

    await firm.database.transact(firm.actor("administrator"), know)
    need = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(5))]
    for currency, price in (("USD", 2), ("JPY", 200)):
        make = COMMANDS["CreatePurchaseRequisition"](lines=need, currency=currency)
        made = await firm.database.perform(firm.actor("storekeeper"), make)
        assert ((await lines_of(firm, made))[0].unit_price, (await paper(firm, made)).company_untaxed) == (price, 10)
