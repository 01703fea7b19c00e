"""What firms do all day, told over the API from the first paper to the last, and heard by whoever follows."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from domain.verification import verify
from resolvers.hub import Hub
from resolvers.sealing import Sealing
from tests.firm import Firm
from tests.queries.api import client, id_of
from tests.queries.story import Paper, Story, kinds, quantities
from tests.queries.test_following import Listener

TYPES = "subscription { events { type document { id } } }"


@pytest.fixture(name="hub")
async def a_process_that_listens(firm: Firm) -> AsyncIterator[Hub]:
    """The hub and the sealer of a serving process."""
    hub, sealing = Hub(firm.database), Sealing(firm.database)
    await hub.start()
    await sealing.start()
    yield hub
    await sealing.stop()
    await hub.stop()


async def is_whole(firm: Firm) -> None:
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def offered(story: Story) -> Paper:
    """What is needed, as a vendor offers it."""
    bolt = id_of(story.firm, "bolt", "product")
    needed = await story.do("storekeeper", "createPurchaseRequisition", lines=[{"product": bolt, "quantity": "200"}])
    assert await story.can("buyer", needed["id"]) == {"SUBMIT": None, "CANCEL": None}
    needed = await story.do("storekeeper", "submitPurchaseRequisition", id=needed["id"])
    assert needed["state"] == "APPROVED"
    vendor = id_of(story.firm, "vendor", "partner")
    asked = await story.do("buyer", "sourcePurchaseRequisition", id=needed["id"], vendor=vendor)
    assert kinds(asked["origins"]) == [("REQUESTS", "PURCHASE_REQUISITION")]
    await story.do("buyer", "sendRequestForQuotation", id=asked["id"])
    offer = [{"line": asked["lines"][0]["id"], "unitPrice": "1.10", "expectedOn": "2026-03-20"}]
    return await story.do("vendor", "offerRequestForQuotation", id=asked["id"], lines=offer, vendorReference="A-77")


async def ordered(story: Story) -> Paper:
    """An order of what was offered, to which the vendor has said when it comes."""
    order = await story.do("buyer", "orderRequestForQuotation", id=(await offered(story))["id"])
    assert kinds(order["origins"]) == [("ORDERS", "PURCHASE_REQUISITION"), ("ORDERS", "REQUEST_FOR_QUOTATION")]
    id, line = order["id"], order["lines"][0]["id"]
    await story.do("buyer", "submitPurchaseOrder", id=id)
    await story.do("buyer", "confirmPurchaseOrder", id=id)
    for paper in order["origins"]:
        assert quantities(await story.look(paper["document"]["id"]), "ordered") == [("200",)]
    late = [{"line": line, "proposedOn": "2026-03-25"}]
    await story.do("vendor", "acknowledgePurchaseOrder", id=id, vendorReference="B-12", dates=late)
    assert (await story.can("buyer", id))["ACCEPT_DATES"] is None
    order = await story.do("buyer", "acceptDatesPurchaseOrder", id=id)
    assert quantities(order, "expectedOn", "proposedOn") == [("2026-03-25", None)]
    assert (await story.can("buyer", id))["ACCEPT_DATES"] == "NOT_READY"
    return order


async def received(story: Story, id: str) -> Paper:
    """What the vendor announced of the order came, and of 200 ten went back: four to be replaced, six for good."""
    notice = await story.do("vendor", "announcePurchaseOrder", id=id, trackingNumber="T1")
    assert (notice["state"], quantities(notice, "quantity")) == ("ANNOUNCED", [("200",)])
    receipt = await story.do("storekeeper", "receiveShipmentNotice", id=notice["id"], deliveryNote="L-9")
    assert kinds(receipt["origins"]) == [("RECEIVES", "PURCHASE_ORDER"), ("RECEIVES", "SHIPMENT_NOTICE")]
    assert quantities(await story.look(id), "announced", "accepted", "openQuantity") == [("200", "200", "0")]
    for quantity, replace, closed in (("4", True, "0"), ("6", False, "6")):
        back = {"line": receipt["lines"][0]["id"], "quantity": quantity, "reason": "dull", "replace": replace}
        gone = await story.do("storekeeper", "returnReceipt", id=receipt["id"], lines=[back])
        assert ("RETURNS", "RECEIPT") in kinds(gone["origins"])
        assert quantities(await story.look(id), "openQuantity", "closed") == [("4", closed)]
    receipt = await story.look(receipt["id"])
    assert quantities(receipt, "returned", "toReplace") == [("10", "4")]
    return receipt


async def billed(story: Story, receipt: Paper) -> Paper:
    """The vendor bills what was kept, and gives back what was too dear."""
    bill = await story.do("accountant", "billReceipt", id=receipt["id"], vendorReference="4711")
    assert (bill["number"], quantities(bill, "quantity")) == (None, [("190",)])
    bill = await story.do("accountant", "postVendorBill", id=bill["id"])
    assert bill["number"] == "VB2026-00001"
    assert {("BILLS", "PURCHASE_ORDER"), ("BILLS", "RECEIPT")} <= set(kinds(bill["origins"]))
    taken = [{"line": bill["lines"][0]["id"], "quantity": "2", "unitPrice": "0.10"}]
    claim = await story.do("accountant", "claimVendorBill", id=bill["id"], lines=taken)
    claim = await story.do("accountant", "postDebitNote", id=claim["id"])
    note = await story.do("accountant", "creditDebitNote", id=claim["id"], vendorReference="C-1")
    await story.do("accountant", "postVendorCreditNote", id=note["id"])
    return await story.look(bill["id"])


async def test_two_hundred_are_needed_offered_ordered_announced_received_returned_billed_and_claimed(
    firm: Firm, hub: Hub
) -> None:
    story = Story(firm, hub, {"vendor": client(firm, "partner", hub, partner=firm["vendor"])})
    since = await story.told()
    async with Listener(client(firm, "viewer", hub), TYPES) as heard:
        order = await ordered(story)
        bill = await billed(story, await received(story, order["id"]))
        assert kinds(bill["begets"]) == [("CLAIMS", "DEBIT_NOTE"), ("CREDITS", "VENDOR_CREDIT_NOTE")]
        assert quantities(bill, "claimed", "credited") == [("2", "2")]
        life = [one["type"] for one in (await story.look(order["id"]))["history"]["nodes"]]
        told = [one["type"] for one in await heard.until(await story.told(since))]
    assert life == [
        f"purchase_order.{step}"
        for step in (
            "created", "submitted", "cleared", "confirmed", "acknowledged", "dates_accepted", "shipment_announced",
            "received", "returned", "returned", "billed", "claimed", "credited",
        )
    ]  # fmt: skip
    assert [one for one in told if one.startswith("purchase_order.")] == life
    for made in story.made:
        paper = await story.look(made)
        assert {one["type"] for one in paper["history"]["nodes"]} <= set(told)
        ends = [one["line"]["document"]["id"] for line in paper["lines"] for one in line["begets"]]
        assert set(ends) == {one["document"]["id"] for one in paper["begets"]}
    await is_whole(firm)


async def test_what_was_quoted_is_ordered_delivered_in_two_parts_invoiced_returned_and_credited(
    firm: Firm, hub: Hub
) -> None:
    customer = client(firm, "partner", hub, partner=firm["customer"])
    story = Story(firm, hub, {"customer": customer})
    bought = await story.do(
        "buyer", "createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"),
        lines=[{"product": id_of(firm, "bolt", "product"), "quantity": "50"}],
    )  # fmt: skip
    for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
        await story.do("buyer", verb, id=bought["id"])
    await story.do("storekeeper", "receivePurchaseOrder", id=bought["id"])
    since = await story.told()
    async with Listener(client(firm, "viewer", hub), TYPES) as heard:
        wanted = [{
            "product": id_of(firm, "bolt", "product"), "quantity": "20", "unitPrice": "2.50",
            "tax": id_of(firm, "tax20", "tax"),
        }]  # fmt: skip
        quote = await story.do("seller", "createQuote", customer=id_of(firm, "customer", "partner"), lines=wanted)
        await story.do("seller", "sendQuote", id=quote["id"])
        assert (await story.can("seller", quote["id"]))["ORDER"] is None
        order = await story.do("seller", "orderQuote", id=quote["id"], customerReference="PO 5")
        assert await story.can("storekeeper", order["id"]) == {"CONFIRM": "FORBIDDEN", "CANCEL": "FORBIDDEN"}
        order = await story.do("seller", "confirmSalesOrder", id=order["id"])
        id, line = order["id"], order["lines"][0]["id"]
        assert (await story.can("storekeeper", id))["DELIVER"] is None
        assert (await story.can("accountant", id))["INVOICE"] == "NOT_READY"
        some = [{"line": line, "quantity": "12"}]
        first = await story.do("storekeeper", "deliverSalesOrder", id=id, lines=some, trackingNumber="T2")
        assert quantities(await story.look(id), "delivered", "openQuantity") == [("12", "8")]
        second = await story.do("storekeeper", "deliverSalesOrder", id=id)
        assert quantities(second, "quantity") == [("8",)]
        assert (await story.can("storekeeper", id))["DELIVER"] == "NOT_READY"
        both = [{"line": one["lines"][0]["id"], "quantity": one["lines"][0]["quantity"]} for one in (first, second)]
        invoice = await story.do("accountant", "consolidateCustomerInvoice", lines=both, buyerReference="K-1")
        invoice = await story.do("accountant", "postCustomerInvoice", id=invoice["id"])
        assert kinds(invoice["origins"]) == [("BILLS", "DELIVERY"), ("BILLS", "DELIVERY"), ("BILLS", "SALES_ORDER")]
        back = [{"line": first["lines"][0]["id"], "quantity": "3", "reason": "bent"}]
        await story.do("storekeeper", "returnDelivery", id=first["id"], lines=back)
        assert quantities(await story.look(id), "returned", "closed", "openQuantity") == [("3", "3", "0")]
        given = [{"line": invoice["lines"][0]["id"], "quantity": "3"}]
        note = await story.do("accountant", "creditCustomerInvoice", id=invoice["id"], lines=given)
        await story.do("accountant", "postCreditNote", id=note["id"])
        told = [one["type"] for one in await heard.until(await story.told(since))]
    life = [one["type"] for one in (await story.look(id))["history"]["nodes"]]
    assert life == [
        f"sales_order.{step}"
        for step in ("created", "confirmed", "delivered", "delivered", "invoiced", "returned", "credited")
    ]
    assert [one for one in told if one.startswith("sales_order.")] == life
    seen = await customer.ask("{ documents { nodes { kind } } }")
    assert sorted(one["kind"] for one in seen["documents"]["nodes"]) == [
        "CREDIT_NOTE", "CUSTOMER_INVOICE", "DELIVERY", "DELIVERY", "QUOTE", "SALES_ORDER", "SALES_RETURN",
    ]  # fmt: skip
    await is_whole(firm)
