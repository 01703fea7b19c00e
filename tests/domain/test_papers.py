"""Every paper of trade, by one mechanism: what begets what, and what follows from it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from domain import verbs  # noqa: F401 - all commands must be known
from domain.catalog.tax import CreateTax
from domain.drafts.lines import OrderLine
from domain.flow import definitions
from domain.flow.taking import BilledLine, LostLine, ReturnedLine, TakenLine
from domain.kernel.commands import COMMANDS
from domain.kernel.errors import (
    BadInput,
    InsufficientStock,
    NothingLeft,
    NotReady,
    NotUnique,
    PartnerOnHold,
    WrongState,
)
from domain.kernel.papers import kinds
from domain.kernel.work import Database
from domain.parties.letterhead import AddressEntry, TaxNumberEntry
from domain.parties.partner_entry import UpdatePartner
from domain.purchase.quotation import QuotedLine
from domain.stock.move import Position
from domain.stock.reserving import ReservedLine
from domain.verification import verify
from domain.warehouse.writing import MovedLine
from tests.domain.test_purchase import confirmed, lines_of, paper, received, ref, rows
from tests.firm import TODAY, Firm

D = Decimal


async def do(firm: Firm, role: str, verb: str, **asked: Any) -> UUID:
    """Carry out a command by its name; answers with the id of the paper that it answers with."""
    done: UUID = await firm.database.perform(firm.actor(role), COMMANDS[verb](**asked))
    return done


async def line(firm: Firm, id: UUID) -> Any:
    return (await lines_of(firm, id))[0]


async def state(firm: Firm, id: UUID, *names: str) -> tuple[Any, ...]:
    found = await paper(firm, id)
    return tuple(getattr(found, name) for name in ("state", *names))


async def on_hand(firm: Firm, product: str = "bolt") -> Decimal:
    return sum((row.on_hand for row in await rows(firm, Position, product_id=firm[product])), D(0))


async def is_whole(firm: Firm) -> None:
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def sold(firm: Firm, quantity: str = "4", **asked: Any) -> UUID:
    """A confirmed sales order for so many bolts at 2.50."""
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(quantity), unit_price=D("2.50"))]
    order = await do(firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]), lines=lines, **asked)
    return await do(firm, "seller", "ConfirmSalesOrder", id=ref(order))


async def test_what_somebody_needs_is_offered_ordered_received_and_billed(firm: Firm) -> None:
    needed = [OrderLine(product=ref(firm["bolt"]), quantity=D(10))]
    requisition = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=needed)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(requisition))
    assert await state(firm, requisition, "ordering_state") == ("approved", "pending")

    request = await do(
        firm, "buyer", "SourcePurchaseRequisition", id=ref(requisition), vendor=ref(firm["vendor"])
    )  # fmt: skip
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(request))
    offer = [QuotedLine(line=ref((await line(firm, request)).id), unit_price=D("1.10"))]
    await do(firm, "buyer", "OfferRequestForQuotation", id=ref(request), lines=offer)
    order = await do(firm, "buyer", "OrderRequestForQuotation", id=ref(request))
    assert (await line(firm, order)).unit_price == D("1.10")
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert [(await line(firm, id)).ordered for id in (requisition, request)] == [10, 10]
    assert await state(firm, requisition, "ordering_state") == ("approved", "ordered")
    await do(firm, "buyer", "ConfirmPurchaseOrder", id=ref(order))

    receipt = await received(firm, order, "8")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="4711")
    assert await state(firm, bill, "number", "untaxed", "tax") == ("draft", None, D("8.80"), D("0.70"))
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    assert await state(firm, bill, "number", "residual", "payment_state") == (
        "posted", "VB2026-00001", D("9.50"), "unpaid",
    )  # fmt: skip
    assert (await line(firm, receipt)).billed == (await line(firm, order)).billed == 8
    assert await state(firm, order, "receipt_state", "billing_state") == ("confirmed", "partial", "billed")
    await is_whole(firm)


async def test_a_customer_orders_is_delivered_invoiced_and_given_back_what_returned(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(4), unit_price=D("2.50"), tax=ref(firm["tax20"]))]
    quote = await do(firm, "seller", "CreateQuote", customer=ref(firm["customer"]), lines=lines)
    await do(firm, "seller", "SendQuote", id=ref(quote))
    order = await do(firm, "seller", "OrderQuote", id=ref(quote))
    await do(firm, "seller", "ConfirmSalesOrder", id=ref(order))
    assert await state(firm, quote, "ordering_state") == ("sent", "ordered")
    assert await state(firm, order, "delivery_state", "billing_state") == ("confirmed", "pending", "none")

    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    assert await on_hand(firm) == 6
    assert await state(firm, order, "delivery_state", "billing_state") == ("confirmed", "delivered", "pending")
    invoice = await do(firm, "accountant", "InvoiceDelivery", id=ref(delivery))
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    assert await state(firm, invoice, "total", "residual") == ("posted", D("12.00"), D("12.00"))
    assert await state(firm, order, "billing_state") == ("confirmed", "billed")

    back = [ReturnedLine(line=ref((await line(firm, delivery)).id), quantity=D(1), reason="bent")]
    await do(firm, "storekeeper", "ReturnDelivery", id=ref(delivery), lines=back)
    found = await line(firm, order)
    assert (await on_hand(firm), found.returned, found.open_quantity, found.closed) == (7, 1, 0, 1)
    given = [BilledLine(line=ref((await line(firm, invoice)).id), quantity=D(1))]
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=given)
    await do(firm, "accountant", "PostCreditNote", id=ref(note))
    assert await state(firm, note, "total") == ("posted", D("3.00"))
    assert await state(firm, invoice, "credit_state") == ("posted", "partial")
    await is_whole(firm)


async def test_a_return_reopens_what_is_open_only_if_a_replacement_is_asked_for(firm: Firm) -> None:
    for again, still_open, closed in ((False, 0, 3), (True, 3, 0)):
        order = await confirmed(firm, "10")
        receipt = await received(firm, order, "10")
        back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(3), reason="dull", replace=again)]
        gone = await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
        found = await line(firm, order)
        assert (found.returned, found.open_quantity, found.closed) == (3, still_open, closed)
        await do(firm, "storekeeper", "ReversePurchaseReturn", id=ref(gone), reason="mistake")
        found = await line(firm, order)
        assert (found.returned, found.to_replace, found.open_quantity, found.closed) == (0, 0, 0, 0)
    await is_whole(firm)


async def test_one_bill_is_for_several_receipts_and_one_receipt_for_several_orders(firm: Firm) -> None:
    orders = [await confirmed(firm, "10") for _ in range(2)]
    receipts = [await received(firm, order, "6") for order in orders]
    taken = [BilledLine(line=ref((await line(firm, id)).id), quantity=D(6)) for id in receipts]
    bill = await do(firm, "accountant", "ConsolidateVendorBill", lines=taken, vendor_reference="9")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    assert [(await line(firm, id)).billed for id in (*orders, *receipts)] == [6, 6, 6, 6]
    await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="the vendor withdrew it")
    assert [(await line(firm, id)).billed for id in (*orders, *receipts)] == [0, 0, 0, 0]
    assert await state(firm, bill, "residual", "payment_state") == ("reversed", 0, "none")
    await is_whole(firm)


async def test_more_cannot_be_billed_returned_delivered_or_ordered_than_is_left(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "6")
    mine, theirs = await line(firm, order), await line(firm, receipt)
    taken = [BilledLine(line=ref(theirs.id), quantity=D(7))]
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", "BillReceipt", id=ref(receipt), lines=taken)
    assert (refused.value.path, refused.value.details["left"]) == (("lines", 0, "quantity"), 6)
    taken = [BilledLine(line=ref(mine.id), quantity=D(7))]
    with pytest.raises(NothingLeft):
        await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), lines=taken)
    sales = await sold(firm, "7")
    with pytest.raises(InsufficientStock):
        await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(sales))
    wanted = [TakenLine(line=ref((await line(firm, sales)).id), quantity=D(8))]
    with pytest.raises(NothingLeft):
        await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(sales), lines=wanted)


async def test_two_drafts_may_bill_the_same_goods_but_only_one_is_posted(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    taken = [BilledLine(line=ref((await line(firm, receipt)).id), quantity=D(6))]
    drafts = [
        await do(firm, "accountant", "BillReceipt", id=ref(receipt), lines=taken, vendor_reference=number)
        for number in ("1", "2")
    ]
    with pytest.raises(NotReady, match="Nothing is left"):
        await do(firm, "accountant", "BillReceipt", id=ref(receipt))
    await do(firm, "accountant", "PostVendorBill", id=ref(drafts[0]))
    with pytest.raises(NothingLeft):
        await do(firm, "accountant", "PostVendorBill", id=ref(drafts[1]))


async def test_a_bill_of_a_vendor_has_their_number_and_is_entered_once(firm: Firm) -> None:
    bills = []
    for number in (None, "77", "77"):
        receipt = await received(firm, await confirmed(firm, "10"), "6")
        bills.append(await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference=number))
    with pytest.raises(NotReady, match="number that stands on"):
        await do(firm, "accountant", "PostVendorBill", id=ref(bills[0]))
    await do(firm, "accountant", "PostVendorBill", id=ref(bills[1]))
    with pytest.raises(NotUnique) as refused:
        await do(firm, "accountant", "PostVendorBill", id=ref(bills[2]))
    assert refused.value.path == ("partnerReference",)


async def test_what_others_were_made_from_is_taken_back_after_them(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "6")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="5")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    number = (await paper(firm, bill)).number
    with pytest.raises(WrongState, match=number):
        await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="wrong")
    await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="wrong")
    with pytest.raises(WrongState):
        await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="again")
    await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="wrong")
    assert (await on_hand(firm), (await line(firm, order)).open_quantity) == (0, 10)
    await is_whole(firm)


async def test_a_claim_is_settled_by_the_vendors_credit_note(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "10")
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="5")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    taken = [BilledLine(line=ref((await line(firm, bill)).id), quantity=D(2))]
    claim = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=taken)
    await do(firm, "accountant", "PostDebitNote", id=ref(claim))
    assert await state(firm, claim, "credit_state") == ("issued", "pending")
    credit = await do(firm, "accountant", "CreditDebitNote", id=ref(claim), vendor_reference="C1")
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(credit))
    assert await state(firm, claim, "credit_state") == ("issued", "credited")
    assert await state(firm, bill, "credit_state") == ("posted", "partial")
    assert (await line(firm, receipt)).credited == 2
    await is_whole(firm)


async def test_nothing_is_ordered_sold_or_delivered_while_a_partner_is_on_hold(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    order = await sold(firm, "2")
    hold = UpdatePartner(id=ref(firm["customer"]), expected_version=1, hold_reason="They do not pay.")
    await firm.database.perform(firm.actor("administrator"), hold)
    with pytest.raises(PartnerOnHold, match="do not pay"):
        await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    with pytest.raises(PartnerOnHold):
        await sold(firm)
    kept = ReservedLine(product=ref(firm["bolt"]), quantity=D(1))
    with pytest.raises(PartnerOnHold, match="can lift it"):
        await do(
            firm, "seller", "CreateReservation", customer=ref(firm["customer"]), lines=[kept],
            held_until=TODAY + timedelta(days=1),
        )  # fmt: skip


async def every_paper(firm: Firm) -> None:
    """At least one paper of each kind that others are made from or that is made from them."""
    needed = [OrderLine(product=ref(firm["bolt"]), quantity=D(10))]
    requisition = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=needed)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(requisition))
    request = await do(firm, "buyer", "SourcePurchaseRequisition", id=ref(requisition), vendor=ref(firm["vendor"]))
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(request))
    offer = [QuotedLine(line=ref((await line(firm, request)).id), unit_price=D("1.10"))]
    await do(firm, "buyer", "OfferRequestForQuotation", id=ref(request), lines=offer)
    order = await do(firm, "buyer", "OrderRequestForQuotation", id=ref(request))
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    await do(firm, "buyer", "ConfirmPurchaseOrder", id=ref(order))
    sent = [TakenLine(line=ref((await line(firm, order)).id), quantity=D(8))]
    notice = await do(firm, "buyer", "AnnouncePurchaseOrder", id=ref(order), lines=sent)
    receipt = await do(firm, "storekeeper", "ReceiveShipmentNotice", id=ref(notice))
    bill = await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    taken = [BilledLine(line=ref((await line(firm, bill)).id), quantity=D(1))]
    claim = await do(firm, "accountant", "ClaimVendorBill", id=ref(bill), lines=taken)
    await do(firm, "accountant", "PostDebitNote", id=ref(claim))
    credit = await do(firm, "accountant", "CreditDebitNote", id=ref(claim), vendor_reference="2")
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(credit))
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(1), reason="dull", replace=True)]
    await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)
    wanted = [OrderLine(product=ref(firm["bolt"]), quantity=D(4), unit_price=D(2))]
    quote = await do(firm, "seller", "CreateQuote", customer=ref(firm["customer"]), lines=wanted)
    await do(firm, "seller", "SendQuote", id=ref(quote))
    sale = await do(firm, "seller", "OrderQuote", id=ref(quote))
    await do(firm, "seller", "ConfirmSalesOrder", id=ref(sale))
    some = [TakenLine(line=ref((await line(firm, sale)).id), quantity=D(3))]
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(sale), lines=some)
    invoice = await do(firm, "accountant", "InvoiceDelivery", id=ref(delivery))
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    bent = [ReturnedLine(line=ref((await line(firm, delivery)).id), quantity=D(1), reason="bent")]
    await do(firm, "storekeeper", "ReturnDelivery", id=ref(delivery), lines=bent)
    given = [BilledLine(line=ref((await line(firm, invoice)).id), quantity=D(1))]
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=given)
    await do(firm, "accountant", "PostCreditNote", id=ref(note))
    moved = [MovedLine(product=ref(firm["bolt"]), quantity=D(2))]
    transfer = await do(
        firm, "storekeeper", "CreateStockTransfer", destination=ref(firm["shelf"]),
        lines=moved,
    )  # fmt: skip
    await do(firm, "storekeeper", "ShipStockTransfer", id=ref(transfer))
    lost = [LostLine(line=ref((await line(firm, transfer)).id), quantity=D(1), reason="fell off")]
    await do(firm, "storekeeper", "WriteOffStockTransfer", id=ref(transfer), lines=lost)
    await do(firm, "accountant", "PayCustomerInvoice", id=ref(invoice), amount=D(1))


def tampering(check: str) -> str:
    """A change of what is stored that the check must notice."""
    words = check.split()
    kind = next((word for word in words if word in kinds()), "")
    of_kind = f"document_id in (select id from document where kind = '{kind}')"
    for begin, change in {
        "accepted is": "update line set accepted = accepted + 1",
        "the billing state": f"update document set billing_state = 'else' where kind = '{kind}'",
        "the ": f"update document set {words[1]} = 'else' where kind = '{kind}'",
        "open_quantity": f"update line set open_quantity = open_quantity + 1 where {of_kind}",
        "closed of": f"update line set closed = closed + 1 where {of_kind}",
        "incoming": "update position set incoming = incoming + 1",
        "outgoing": "update position set outgoing = outgoing + 1",
    }.items():
        if check.startswith(begin):
            return change
    return f"update line set {words[0]} = {words[0]} + 1"


async def test_every_definition_notices_what_contradicts_it(firm: Firm) -> None:
    await every_paper(firm)
    await is_whole(firm)
    owner = Database(firm.owner_url)
    for check in definitions.CHECKS:
        async with owner.session(firm.actor("viewer")) as session:
            for change in tampering(check).split(";"):
                await session.execute(text(change))
            assert check in {one.check for one in await session.run_sync(verify)}
    await owner.close()


async def test_a_posted_invoice_says_what_was_true_of_both_sides(firm: Firm) -> None:
    place = AddressEntry(role="invoice", street="1 Main Street", city="Springfield", country="US")
    administrator = firm.actor("administrator")
    change = UpdatePartner(id=ref(firm["customer"]), expected_version=1, addresses=[place])
    await firm.database.perform(administrator, change)

    async def posted() -> UUID:
        lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(1), unit_price=D(9))]
        invoice = await do(firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=lines)
        return await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))

    invoice = await posted()
    moved = [replace(place, role="legal", street="1 Seat"), replace(place, street="9 Elsewhere")]
    for version, some in ((2, moved[:1]), (3, moved)):
        change = UpdatePartner(id=ref(firm["customer"]), expected_version=version, name="Renamed", addresses=some)
        await firm.database.perform(administrator, change)
    later = (await paper(firm, await posted())).frozen
    assert (later["partner"]["address"]["street"], later["delivery"]["street"]) == ("9 Elsewhere", "1 Seat")
    kept = (await paper(firm, invoice)).frozen
    assert kept["delivery"] is None
    assert (kept["partner"]["name"], kept["partner"]["address"]["street"]) == ("Wheel Store", "1 Main Street")
    assert kept["company"]["name"] == "Main Ltd"
    assert kept["units"] == {"PCE": {"name": "Piece", "unece": "C62", "lines": [1]}}
    assert kept["partner"]["address"].keys() == {"street", "postalCode", "city", "region", "country"}


async def test_reverse_charge_needs_the_customers_vat_number(firm: Firm) -> None:
    tax = await firm.database.perform(
        firm.actor("administrator"), CreateTax(code="RC", name="Reverse charge", rate=D(0), category="AE")
    )
    invoice = await do(
        firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]),
        lines=[OrderLine(product=ref(firm["bolt"]), quantity=D(1), unit_price=D(9), tax=ref(tax))],
    )  # fmt: skip
    number = TaxNumberEntry(country="DE", number="DE100000008")
    for version, some in ((1, [replace(number, kind="other", number="181/815")]), (2, [number])):
        with pytest.raises(NotReady, match="VAT number"):
            await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
        change = UpdatePartner(id=ref(firm["customer"]), expected_version=version, tax_numbers=some)
        await firm.database.perform(firm.actor("administrator"), change)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    assert await state(firm, invoice, "number") == ("posted", "IN2026-00001")


async def test_an_offer_comes_to_what_was_offered(firm: Firm) -> None:
    asked = [OrderLine(product=ref(firm[word]), quantity=D(10)) for word in ("bolt", "wire")]
    request = await do(firm, "buyer", "CreateRequestForQuotation", vendor=ref(firm["vendor"]), lines=asked)
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(request))
    bolt, wire = await lines_of(firm, request)
    for one, price, untaxed in ((bolt, D("1.10"), D(11)), (wire, D(2), D(31))):
        offer = [QuotedLine(line=ref(one.id), unit_price=price)]
        await do(firm, "buyer", "OfferRequestForQuotation", id=ref(request), lines=offer)
        assert await state(firm, request, "untaxed") == ("offered", untaxed)


async def test_what_is_made_of_nothing_is_refused_at_its_lines(firm: Firm) -> None:
    with pytest.raises(BadInput, match="at least one") as refused:
        await do(firm, "storekeeper", "CreateReceipt", lines=[])
    assert refused.value.path == ("lines",)
