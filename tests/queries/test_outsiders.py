"""People of another firm see their own papers once they were issued, answer them, and do nothing else."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import text

from domain.access.role import ROLES
from domain.drafts.lines import OrderCharge, OrderLine
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS
from resolvers.acting import act
from resolvers.ids import global_id
from tests.domain.test_papers import do, every_paper
from tests.domain.test_purchase import ref
from tests.firm import Firm
from tests.queries.api import Client, client, id_of
from tests.queries.story import PAPER
from tests.queries.test_rights import issued, order
from tests.queries.test_stories import is_whole

ANSWERS = {
    "AcknowledgePurchaseOrder", "AnnouncePurchaseOrder", "CancelShipmentNotice", "CreateShipmentNotice",
    "DeclineRequestForQuotation", "OfferRequestForQuotation", "PostShipmentNotice",
}  # fmt: skip
"""What a vendor may do with papers."""
OWN = {"CreateView", "UpdateView", "ArchiveView", "RestoreView"}
"""What anybody may do with lists of their own."""
HIDDEN = (
    "reason", "assignee { id }", "approvalState", "submittedBy { id }", "editedBy { id }", "approvals { id }",
    "provenance { status }", "comments { totalCount }", "followers { totalCount }", "exceptions { totalCount }",
    "entries { totalCount }", "lines { sourceAmount }", "lines { moves { totalCount } }",
    "taxes { unrecoverable { amount } }",
    "taxes { recoverablePercent }", "lines { product { standardCost listPrice } }",
    "lines { product { overReceiptPercent } }", "lines { vendorPrice { overReceiptPercent } }",
    "lines { tax { recoverablePercent } }", "company { approvalThreshold }", "location { positions { totalCount } }",
    "partner { note rating holdReason }", "createdBy { account email }", "exchangeRate", "companyUntaxed { amount }",
)  # fmt: skip
"""What is nobody's business but the house's, of a paper that is the reader's."""
PRYING = (
    "{approvalState: {eq: APPROVED}}", '{reason: {contains: "a"}}', "{editedBy: {id: {isNull: false}}}",
    "{approvals: {some: {}}}", '{comments: {some: {text: {contains: "a"}}}}', "{entries: {some: {}}}",
    "{partner: {rating: {gt: 1}}}", '{createdBy: {account: {eq: "buyer"}}}', "{lines: {some: {moves: {some: {}}}}}",
    "{lines: {some: {product: {vendorPrices: {some: {}}}}}}", "{lines: {some: {product: {standardCost: {gt: 0}}}}}",
    "{not: {assignee: {id: {isNull: true}}}}", "{companyUntaxed: {gt: 1}}", "{exchangeRate: {gt: 1}}",
)  # fmt: skip
SEEN = "{ documents { nodes { id kind partner { id } issuedAt } } }"


def outsider(firm: Firm, of: str = "vendor", **changed: Any) -> Client:
    return client(firm, "partner", partner=firm[of], **changed)


async def seen(who: Client) -> list[str]:
    return sorted({one["kind"] for one in (await who.ask(SEEN))["documents"]["nodes"]})


async def test_each_sees_the_papers_of_their_own_firm_and_no_others(firm: Firm) -> None:
    await every_paper(firm)
    assert await seen(outsider(firm)) == [
        "DEBIT_NOTE", "PURCHASE_ORDER", "PURCHASE_RETURN", "RECEIPT", "REQUEST_FOR_QUOTATION", "SHIPMENT_NOTICE",
        "VENDOR_BILL", "VENDOR_CREDIT_NOTE",
    ]  # fmt: skip
    assert await seen(outsider(firm, "customer")) == [
        "CREDIT_NOTE", "CUSTOMER_INVOICE", "DELIVERY", "PAYMENT", "QUOTE", "SALES_ORDER", "SALES_RETURN",
    ]  # fmt: skip
    assert await seen(outsider(firm, "other_vendor")) == []
    everything = [one["id"] for one in (await client(firm, "accountant").ask(SEEN))["documents"]["nodes"]]
    parts = [await outsider(firm, of).ask(SEEN) for of in ("vendor", "customer")]
    mine = [{one["id"] for one in part["documents"]["nodes"]} for part in parts]
    for id in everything:
        for of, ids in zip(("vendor", "customer"), mine, strict=True):
            found = (await outsider(firm, of).ask(PAPER, id=id))["document"]
            assert (found is not None) == (id in ids)
            for other in (found or {}).get("begets", []) + (found or {}).get("origins", []):
                assert other["document"]["id"] in ids
        nobody = await outsider(firm, "other_vendor").ask(PAPER, id=id)
        assert nobody == {"node": None, "document": None}


async def test_nothing_is_there_for_them_before_it_is_issued(firm: Firm) -> None:
    draft = await order(client(firm))
    sale = await do(
        firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]),
        lines=[OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1), unit_price=Decimal(1))],
    )  # fmt: skip
    for of in ("vendor", "customer"):
        assert await seen(outsider(firm, of)) == []
    for id in (draft, global_id("sales_order", sale)):
        assert await outsider(firm, "customer").ask(PAPER, id=id) == {"node": None, "document": None}
    tried = await outsider(firm).do("acknowledgePurchaseOrder", id=draft)
    assert [(one["code"], one["path"]) for one in tried["errors"]] == [("NOT_FOUND", ["id"])]


async def test_what_the_house_makes_of_their_papers_is_not_told(firm: Firm) -> None:
    needed = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10))]
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=needed)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    made = await do(firm, "buyer", "OrderPurchaseRequisition", id=ref(need), vendor=ref(firm["vendor"]))
    for verb in ("SubmitPurchaseOrder", "ConfirmPurchaseOrder"):
        await do(firm, "buyer", verb, id=ref(made))
    receipt = await do(firm, "storekeeper", "ReceivePurchaseOrder", id=ref(made))
    await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    told = (await outsider(firm).ask(PAPER, id=global_id("purchase_order", made)))["document"]
    assert told["origins"] == []
    assert [one["document"]["kind"] for one in told["begets"]] == ["RECEIPT"]
    assert [[one["relation"] for one in line["begets"]] for line in told["lines"]] == [["RECEIVES"]]
    assert [line["origins"] for line in told["lines"]] == [[]]


async def test_fields_of_the_house_are_null_and_cannot_be_asked_by(firm: Firm) -> None:
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10), tax=ref(firm["tax8"]))]
    made = await do(firm, "buyer", "CreatePurchaseOrder", vendor=ref(firm["vendor"]), lines=lines)
    for verb in ("SubmitPurchaseOrder", "ConfirmPurchaseOrder"):
        await do(firm, "buyer", verb, id=ref(made))
    who = outsider(firm)
    for hidden in HIDDEN:
        result = await who.answer(f"{{ purchaseOrders {{ nodes {{ {hidden} }} }} }}")
        assert {error.extensions["code"] for error in result.errors or []} == {"FORBIDDEN"}, hidden
    for prying in PRYING:
        codes = {code for code, _ in await who.refused(f"{{ purchaseOrders(filter: {prying}) {{ totalCount }} }}")}
        assert codes == {"FORBIDDEN"}, prying
    allowed = "{ purchaseOrders { nodes { note createdBy { name } lines { unitPrice { amount } } } } }"
    assert (await who.ask(allowed))["purchaseOrders"]["nodes"][0]["createdBy"] == {"name": "Buyer"}


async def test_the_log_tells_them_what_happened_and_not_who_or_why(firm: Firm) -> None:
    mine = await issued(client(firm))
    await issued(client(firm), "other_vendor")
    vendor = outsider(firm)
    assert (await vendor.do("acknowledgePurchaseOrder", id=mine, vendorReference="B-1"))["errors"] == []
    await client(firm).do("closePurchaseOrder", id=mine, reason="They are too slow.")
    async with firm.database.session(firm.actor("viewer")) as session:
        await session.execute(text("select seal_events(1000)"))
        await session.commit()
    told = (await vendor.answer("{ events { nodes { type actor changes document { id } } } }")).data["events"]["nodes"]
    assert [one["type"].partition(".")[2] for one in told] == ["confirmed", "acknowledged", "closed"]
    assert {one["document"]["id"] for one in told} == {mine}
    assert {one["actor"] for one in told} == {None}
    assert told[0]["changes"]["state"] == ["APPROVED", "CONFIRMED"]
    assert told[1]["changes"]["partnerReference"] == [None, "B-1"]
    assert told[2]["changes"]["reason"] == [None, "***"]


async def test_a_filter_tells_nothing_of_papers_that_are_not_theirs(firm: Firm) -> None:
    await issued(client(firm), "other_vendor")
    first = await issued(client(firm))
    copy = (await client(firm).do("copyPurchaseOrder", id=first, selection="purchaseOrder { id }"))["purchaseOrder"]
    assert copy["id"] != first
    nets = ('{copiedFrom: {number: {startsWith: "PO"}}}', '{partner: {number: {eq: "V2"}}}', "{state: {eq: DRAFT}}")
    for net in nets:
        found = await outsider(firm).ask(f"{{ purchaseOrders(filter: {net}) {{ totalCount }} }}")
        assert found["purchaseOrders"]["totalCount"] == 0, net


ASKED = """{ requestsForQuotation { nodes { linesAmount { amount } total { amount } charges { text }
  lines { id unitPrice { amount } amount { amount } discountPercent priceSource vendorPrice { id } } } } }"""
TOTALS = (
    "{requestsForQuotation(filter: {total: {gt: 0}}) {totalCount}}",
    "{requestsForQuotation(filter: {lines: {some: {unitPrice: {gt: 0}}}}) {totalCount}}",
    "{requestsForQuotation(filter: {not: {lines: {every: {priceSource: {isNull: true}}}}}) {totalCount}}",
)
"""Ways to find out what a request comes to."""


async def test_what_we_expect_to_pay_is_not_told_to_whom_we_ask(firm: Firm) -> None:
    bolt, wire = (
        OrderLine(product=ref(firm[word]), quantity=Decimal(quantity), unit_price=Decimal("77.77"))
        for word, quantity in (("bolt", 10), ("wire", 1))
    )
    freight = [OrderCharge(text="freight", amount=Decimal("33.33"))]
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=[bolt, wire], charges=freight)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    request = await do(firm, "buyer", "SourcePurchaseRequisition", id=ref(need), vendor=ref(firm["vendor"]))
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(request))
    vendor = outsider(firm)
    told = (await vendor.ask(ASKED))["requestsForQuotation"]["nodes"][0]
    prices = [line[name] for line in told["lines"] for name in ("unitPrice", "amount")]
    sums = [told["linesAmount"], told["total"], *prices]
    assert {Decimal(one["amount"]) for one in sums} == {0}
    assert {(one["priceSource"], one["vendorPrice"], one["discountPercent"]) for one in told["lines"]} == {
        (None, None, "0")
    }
    assert told["charges"] == []
    for way in TOTALS:
        assert (await vendor.ask(way))["requestsForQuotation"]["totalCount"] == 0, way
    offer = [{"line": told["lines"][0]["id"], "unitPrice": "6"}]
    id = global_id("request_for_quotation", request)
    assert (await vendor.do("offerRequestForQuotation", id=id, lines=offer))["errors"] == []
    told = (await vendor.ask(ASKED))["requestsForQuotation"]["nodes"][0]
    assert Decimal(told["linesAmount"]["amount"]) == 60
    assert [one["priceSource"] for one in told["lines"]] == ["OFFERED", None]
    async with firm.database.session(firm.actor("viewer")) as session:
        await session.execute(text("select seal_events(1000)"))
        await session.commit()
    events = await vendor.ask("{ events { nodes { type changes } } }")
    assert [one["type"].partition(".")[2] for one in events["events"]["nodes"]] == ["sent", "offered"]
    for secret in ("77.77", "777.7", "33.33"):
        assert secret not in str(events), secret


async def test_a_request_for_quotation_states_no_price_of_ours(firm: Firm) -> None:
    line = {"product": id_of(firm, "bolt", "product"), "quantity": "10"}
    buyer, vendor = client(firm), id_of(firm, "vendor", "partner")
    shown = "requestForQuotation { id version charges { text } lines { unitPrice { amount } priceSource } }"
    for name, value in (("unitPrice", "5"), ("priceBase", "10"), ("discountPercent", "3")):
        made = await buyer.do("createRequestForQuotation", vendor=vendor, lines=[{**line, name: value}])
        assert [(one["code"], one["path"]) for one in made["errors"]] == [("BAD_INPUT", ["lines", "0", name])]
    freight = [{"text": "freight", "amount": "5"}]
    made = await buyer.do("createRequestForQuotation", vendor=vendor, lines=[line], charges=freight)
    assert [(one["code"], one["path"]) for one in made["errors"]] == [("BAD_INPUT", ["charges", "0", "amount"])]
    made = await buyer.do("createRequestForQuotation", vendor=vendor, lines=[line], selection=shown)
    id = made["requestForQuotation"]["id"]
    edited = await buyer.do("updateRequestForQuotation", id=id, expectedVersion=1, note="soon", selection=shown)
    assert [one["priceSource"] for one in edited["requestForQuotation"]["lines"]] == [None]
    copy = await buyer.do("copyRequestForQuotation", id=id, selection=shown)
    assert (copy["errors"], copy["requestForQuotation"]["lines"][0]["priceSource"]) == ([], None)


async def test_they_may_answer_and_nothing_else(firm: Firm) -> None:
    await every_paper(firm)
    held = ROLES["partner"]
    assert {name for name, verb in COMMANDS.items() if verb.right in held} == ANSWERS | OWN
    for program in (False, True):
        actor = replace(firm.actor("partner"), partner=firm["vendor"])
        who = Client(firm, replace(actor, user=None, key=uuid7()) if program else actor)
        for name in COMMANDS.keys() - ANSWERS - OWN:
            outcome = await act(who.context("key"), COMMANDS[name], name, {})
            assert [told.code for told in outcome.refusals] == ["FORBIDDEN"], name


def asks(verb: str, paper: str, line: str) -> dict[str, Any]:
    """What one asks a vendor's verb for, with these ids."""
    return {
        "createShipmentNotice": {"lines": [{"line": line, "quantity": "1"}]},
        "offerRequestForQuotation": {"id": paper, "lines": [{"line": line, "unitPrice": "1"}]},
        "announcePurchaseOrder": {"id": paper, "lines": [{"line": line, "quantity": "1"}]},
        "declineRequestForQuotation": {"id": paper, "reason": "no"},
        "cancelShipmentNotice": {"id": paper, "reason": "no"},
    }.get(verb, {"id": paper})


async def test_papers_of_others_answer_as_papers_that_are_not_there(firm: Firm) -> None:
    await every_paper(firm)
    found = (await client(firm).ask("{ documents { nodes { id kind lines { id } } } }"))["documents"]["nodes"]
    theirs = {one["kind"]: (one["id"], one["lines"][0]["id"]) for one in found if one["lines"]}
    stranger = outsider(firm, "other_vendor")
    for name in sorted(ANSWERS):
        verb, kind = f"{name[0].lower()}{name[1:]}", COMMANDS[name].answers.__name__
        if name in {"AnnouncePurchaseOrder", "CreateShipmentNotice"}:
            kind = "PurchaseOrder"
        word = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in kind).strip("_")
        known = asks(verb, *theirs[word.upper()])
        missing = asks(verb, global_id(word, uuid7()), global_id("line", uuid7()))
        answers = [await stranger.do(verb, **given) for given in (known, missing)]
        assert answers[0] == answers[1], verb
        assert {one["code"] for one in answers[0]["errors"]} == {"NOT_FOUND"}, verb


async def test_lines_of_others_do_not_come_along_on_papers_of_their_own(firm: Firm) -> None:
    mine, theirs = await issued(client(firm)), await issued(client(firm), "other_vendor")
    lines = "query ($id: ID!) { purchaseOrder(id: $id) { lines { id announced } } }"
    ids = [(await client(firm).ask(lines, id=id))["purchaseOrder"]["lines"][0]["id"] for id in (mine, theirs)]
    taken = [{"line": id, "quantity": "1"} for id in ids]
    dates = [{"line": id, "proposedOn": "2026-04-01"} for id in ids]
    missing = global_id("line", uuid7())
    for verb, given, part, index in (
        ("announcePurchaseOrder", {"id": mine}, {"lines": taken}, "lines"),
        ("createShipmentNotice", {}, {"lines": taken}, "lines"),
        ("acknowledgePurchaseOrder", {"id": mine}, {"dates": dates}, "dates"),
    ):
        ((_, rows),) = part.items()
        other = {index: [rows[0], {**rows[1], "line": missing}]}
        answers = [await outsider(firm).do(verb, **given, **one) for one in (part, other)]
        assert answers[0] == answers[1], verb
        assert [(one["code"], one["path"]) for one in answers[0]["errors"]] == [("NOT_FOUND", [index, "1", "line"])]
    for id in (mine, theirs):
        assert (await client(firm).ask(lines, id=id))["purchaseOrder"]["lines"][0]["announced"] == "0"
    await is_whole(firm)


async def test_what_a_vendor_drafts_they_see_and_announce_or_drop(firm: Firm) -> None:
    mine = await issued(client(firm))
    vendor, shown = outsider(firm), "shipmentNotice { id state number }"
    order = await vendor.ask("query ($id: ID!) { purchaseOrder(id: $id) { lines { id } } }", id=mine)
    asked = {"id": mine, "draft": True, "lines": [{"line": order["purchaseOrder"]["lines"][0]["id"], "quantity": "10"}]}
    drafts = [(await vendor.do("announcePurchaseOrder", **asked, selection=shown))["shipmentNotice"] for _ in range(2)]
    assert [one["state"] for one in drafts] == ["DRAFT", "DRAFT"]
    sent = await vendor.do("postShipmentNotice", id=drafts[0]["id"], selection=shown)
    assert (sent["errors"], sent["shipmentNotice"]["state"]) == ([], "ANNOUNCED")
    late = await vendor.do("postShipmentNotice", id=drafts[1]["id"])
    assert [one["code"] for one in late["errors"]] == ["NOTHING_LEFT"]
    gone = await vendor.do("cancelShipmentNotice", id=drafts[1]["id"], reason="sent already", selection=shown)
    assert (gone["errors"], gone["shipmentNotice"]["state"]) == ([], "CANCELLED")
    assert await seen(outsider(firm, "other_vendor")) == []


async def test_a_program_of_a_vendor_says_each_request_once(firm: Firm) -> None:
    mine = await issued(client(firm))
    actor = replace(firm.actor("partner"), user=None, key=uuid7(), partner=firm["vendor"])
    program = Client(firm, actor)
    (error,) = (await program.do("acknowledgePurchaseOrder", id=mine))["errors"]
    assert error["path"] == ["idempotencyKey"]
    shown = "purchaseOrder { acknowledgedAt partnerReference version }"
    asked = {"id": mine, "vendorReference": "B-1", "selection": shown, "key": "k-1"}
    once, again = [await program.do("acknowledgePurchaseOrder", **asked) for _ in range(2)]
    assert (once["errors"], once) == ([], again)
    (error,) = (await program.do("acknowledgePurchaseOrder", id=mine, vendorReference="B-2", key="k-1"))["errors"]
    assert error["code"] == "IDEMPOTENCY_KEY_REUSED"


@pytest.mark.parametrize("reference", ["", " ", "x" * 201, "a\nb"])
async def test_what_a_vendor_types_is_looked_at(firm: Firm, reference: str) -> None:
    request = await do(
        firm, "buyer", "CreateRequestForQuotation", vendor=ref(firm["vendor"]),
        lines=[OrderLine(product=ref(firm["bolt"]), quantity=Decimal(1))],
    )  # fmt: skip
    await do(firm, "buyer", "SendRequestForQuotation", id=ref(request))
    id = global_id("request_for_quotation", request)
    lines = "query ($id: ID!) { requestForQuotation(id: $id) { lines { id } } }"
    line = (await outsider(firm).ask(lines, id=id))["requestForQuotation"]["lines"][0]["id"]
    given = {"id": id, "lines": [{"line": line, "unitPrice": "1"}], "vendorReference": reference}
    answer = await outsider(firm).do("offerRequestForQuotation", **given)
    assert [(one["code"], one["path"]) for one in answer["errors"]] == (
        [("BAD_INPUT", ["vendorReference"])] if reference else []
    )
