"""What cannot be is refused with a code, a path and what to do next; and nothing of it is done by halves."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from graphlib import TopologicalSorter
from typing import Any
from uuid import UUID

import pytest

from domain.drafts.lines import OrderLine
from domain.flow.table import AHEAD, CARRIED, FEEDS, FLOW, REPRICES
from domain.kernel.base import uuid7
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner_entry import UpdatePartner
from domain.stock.location import Location
from resolvers.ids import global_id
from tests.content import digest
from tests.domain.test_papers import do, is_whole, line, sold
from tests.domain.test_purchase import confirmed, received, ref
from tests.firm import Firm
from tests.firm import found as found_firm
from tests.queries.api import client, id_of

D = Decimal


@dataclass
class Trade:
    """A firm with an order of ten bolts of which six came, a bill of four of them, and an order of a customer."""

    firm: Firm
    ids: dict[str, str]

    def __getitem__(self, word: str) -> str:
        return self.ids[word]

    async def refused(self, role: str, verb: str, /, **given: Any) -> tuple[str, list[str], str]:
        """Code, path and message of the one refusal; nothing was written, nor would have been by a trial."""
        before = await digest(self.firm.owner_url)
        answers = [await client(self.firm, role).do(verb, **given, **trial) for trial in ({}, {"validateOnly": True})]
        assert answers[0] == answers[1]
        after = await digest(self.firm.owner_url)
        assert {table for table in before.keys() | after if before.get(table) != after.get(table)} <= {"number_series"}
        (error,) = answers[0]["errors"]
        return error["code"], error["path"], error["message"]


@pytest.fixture(name="trade")
async def a_trade(firm: Firm) -> Trade:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "6")
    taken = {"vendor_reference": "1", "id": ref(receipt)}
    bill = await do(firm, "accountant", "BillReceipt", **taken)
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    sale = await sold(firm, "20")
    papers = {
        "purchase_order": order, "receipt": receipt, "vendor_bill": bill, "sales_order": sale,
    }  # fmt: skip
    ids = {word: global_id(word, id) for word, id in papers.items()}
    lines = {f"{word}:line": global_id("line", (await line(firm, id)).id) for word, id in papers.items()}
    return Trade(firm, ids | lines)


def taken(trade: Trade, word: str, quantity: str, **more: Any) -> list[dict[str, Any]]:
    return [{"line": trade[f"{word}:line"], "quantity": quantity, **more}]


QUANTITY = ["lines", "0", "quantity"]


TOO_MUCH = (
    ("accountant", "billReceipt", "receipt", "1", "NOTHING_LEFT"),
    ("accountant", "billPurchaseOrder", "purchase_order", "1", "NOTHING_LEFT"),
    ("storekeeper", "receivePurchaseOrder", "purchase_order", "5", "OVER_RECEIPT"),
    ("buyer", "announcePurchaseOrder", "purchase_order", "11", "NOTHING_LEFT"),
    ("storekeeper", "returnReceipt", "receipt", "7", "NOTHING_LEFT"),
    ("accountant", "claimVendorBill", "vendor_bill", "7", "NOTHING_LEFT"),
    ("accountant", "creditVendorBill", "vendor_bill", "7", "NOTHING_LEFT"),
    ("storekeeper", "deliverSalesOrder", "sales_order", "21", "NOTHING_LEFT"),
    ("accountant", "invoiceSalesOrder", "sales_order", "1", "NOTHING_LEFT"),
    ("accountant", "billReceipt", "receipt", "0", "BAD_INPUT"),
    ("accountant", "billReceipt", "receipt", "-1", "BAD_INPUT"),
    ("storekeeper", "deliverSalesOrder", "sales_order", "0.5", "BAD_INPUT"),
)


async def test_no_more_is_taken_than_is_there_to_take(trade: Trade) -> None:
    for role, verb, source, quantity, code in TOO_MUCH:
        lines = taken(trade, source, quantity, **({"reason": "dull"} if verb == "returnReceipt" else {}))
        found = await trade.refused(role, verb, id=trade[source], lines=lines)
        assert found[:2] == (code, QUANTITY), (verb, found)


async def test_goods_that_are_not_there_cannot_be_delivered(trade: Trade) -> None:
    code, path, message = await trade.refused("storekeeper", "deliverSalesOrder", id=trade["sales_order"])
    assert (code, path) == ("INSUFFICIENT_STOCK", ["lines", "0", "quantity"]), message
    assert "6" in message


async def test_what_is_taken_back_is_taken_back_once_and_in_order(trade: Trade) -> None:
    code, _, message = await trade.refused("storekeeper", "reverseReceipt", id=trade["receipt"], reason="wrong")
    assert code == "WRONG_STATE"
    assert "VB2026-00001" in message
    reverse = {"id": trade["vendor_bill"], "reason": "wrong"}
    done = await client(trade.firm, "accountant").do("reverseVendorBill", **reverse, selection="vendorBill { id }")
    assert done["errors"] == []
    assert (await trade.refused("accountant", "reverseVendorBill", **reverse))[0] == "WRONG_STATE"
    mirror = {"id": done["vendorBill"]["id"], "reason": "wrong"}
    assert (await trade.refused("accountant", "reverseVendorBill", **mirror))[0] == "WRONG_STATE"
    for verb in ("postVendorBill", "creditVendorBill", "claimVendorBill"):
        assert (await trade.refused("accountant", verb, id=trade["vendor_bill"]))[0] == "WRONG_STATE", verb
    cancelled = {"id": trade["purchase_order"], "reason": "no more"}
    assert (await trade.refused("buyer", "cancelPurchaseOrder", **cancelled))[0] == "WRONG_STATE"


async def test_with_a_partner_on_hold_there_is_no_new_business(trade: Trade) -> None:
    for word in ("customer", "vendor"):
        told = UpdatePartner(id=ref(trade.firm[word]), expected_version=1, hold_reason="They do not pay.")
        await trade.firm.database.perform(trade.firm.actor("administrator"), told)
    found = await trade.refused(
        "storekeeper", "deliverSalesOrder", id=trade["sales_order"], lines=taken(trade, "sales_order", "1")
    )
    assert found[:2] == ("PARTNER_ON_HOLD", ["partner"])
    wanted = {"product": id_of(trade.firm, "bolt", "product"), "quantity": "1"}
    for role, side, kind, verb in (
        ("seller", "customer", "SalesOrder", "confirm"), ("buyer", "vendor", "PurchaseOrder", "submit"),
        ("seller", "customer", "Quote", "send"), ("buyer", "vendor", "RequestForQuotation", "send"),
    ):  # fmt: skip
        lines = [wanted if kind == "RequestForQuotation" else {**wanted, "unitPrice": "1"}]
        noun = f"{kind[0].lower()}{kind[1:]}"
        draft = await client(trade.firm, role).do(
            f"create{kind}", lines=lines, selection=f"{noun} {{ id }}", **{side: id_of(trade.firm, side, "partner")}
        )
        found = await trade.refused(role, f"{verb}{kind}", id=draft[noun]["id"])
        assert found[:2] == ("PARTNER_ON_HOLD", ["partner"]), kind


async def test_without_a_rate_on_the_day_nothing_is_reckoned(trade: Trade) -> None:
    lines = [{"product": id_of(trade.firm, "bolt", "product"), "quantity": "1", "unitPrice": "1"}]
    for role, verb, side in (
        ("seller", "createSalesOrder", "customer"), ("buyer", "createPurchaseOrder", "vendor"),
        ("accountant", "createCustomerInvoice", "customer"), ("accountant", "createVendorBill", "vendor"),
    ):  # fmt: skip
        given = {side: id_of(trade.firm, side, "partner"), "lines": lines, "currency": "GBP"}
        assert (await trade.refused(role, verb, **given))[:2] == ("RATE_MISSING", ["currency"]), verb
    need = await do(
        trade.firm, "storekeeper", "CreatePurchaseRequisition", dated=None,
        lines=[OrderLine(product=ref(trade.firm["bolt"]), quantity=D(1))],
    )  # fmt: skip
    await do(trade.firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(need))
    given = {"id": global_id("purchase_requisition", need), "vendor": id_of(trade.firm, "other_vendor", "partner")}
    found = await trade.refused("buyer", "orderPurchaseRequisition", **given, dated="2026-02-01")
    assert found[:2] == ("RATE_MISSING", ["currency"])
    money = {"partner": id_of(trade.firm, "vendor", "partner"), "amount": "1", "direction": "OUT"}
    for more in ({"currency": "GBP"}, {"currency": "EUR", "dated": "2026-02-01"}):
        code, path, told = await trade.refused("accountant", "createPayment", **money, **more)
        assert (code, path) == ("RATE_MISSING", ["currency"])
        assert f"{more['currency']} and USD" in told, told


async def test_what_never_took_effect_or_was_taken_back_is_not_paid(trade: Trade) -> None:
    bill = await do(trade.firm, "accountant", "BillPurchaseOrder", id=ref(await confirmed_and_received(trade.firm)))
    draft = {"id": global_id("vendor_bill", bill)}
    assert (await trade.refused("accountant", "payVendorBill", **draft))[:2] == ("WRONG_STATE", [])
    who = client(trade.firm, "accountant")
    await who.do("cancelVendorBill", **draft, reason="not ours")
    await who.do("reverseVendorBill", id=trade["vendor_bill"], reason="wrong")
    money = {"partner": id_of(trade.firm, "vendor", "partner"), "amount": "1", "direction": "OUT"}
    paid = (await who.do("createPayment", **money, selection="payment { id }"))["payment"]
    for paper, state in ((draft["id"], "cancelled"), (trade["vendor_bill"], "reversed")):
        code, _, told = await trade.refused("accountant", "payVendorBill", id=paper)
        assert (code, state in told) == ("WRONG_STATE", True), told
        settle = {"id": paid["id"], "allocations": [{"document": paper}]}
        found = await trade.refused("accountant", "postPayment", **settle)
        assert found[:2] == ("WRONG_STATE", ["allocations", "0", "document"])


async def test_papers_of_two_firms_never_meet(trade: Trade) -> None:
    firm = trade.firm
    stranger = await found_firm(firm.database, firm.owner_url, tenant=2)
    order = await confirmed(stranger, "10")
    theirs = global_id("line", (await line(stranger, order)).id)
    merged = [*taken(trade, "purchase_order", "1"), {"line": theirs, "quantity": "1"}]
    found = await trade.refused("storekeeper", "createReceipt", lines=merged)
    assert found[:2] == ("NOT_FOUND", ["lines", "1", "line"])
    found = await trade.refused("storekeeper", "createReceipt", lines=merged[1:])
    assert found[:2] == ("NOT_FOUND", ["lines", "0", "line"])
    asked = {"id": global_id("purchase_order", order)}
    assert (await trade.refused("storekeeper", "receivePurchaseOrder", **asked))[:2] == ("NOT_FOUND", ["id"])
    vendor = {"vendor": id_of(stranger, "vendor", "partner"), "lines": []}
    assert (await trade.refused("buyer", "createPurchaseOrder", **vendor))[:2] == ("NOT_FOUND", ["vendor"])


async def confirmed_and_received(firm: Firm) -> UUID:
    order = await confirmed(firm, "2")
    await received(firm, order, "2")
    return order


async def other_company(firm: Firm) -> tuple[Any, Any]:
    """A second company, and the buyer who works for both."""
    sister = uuid7()

    def come(work: Work) -> None:
        work.add(
            Company(id=sister, code="SIS", name="Sister", country="US", currency="USD", approval_threshold=D(1000))
        )
        work.session.flush()
        work.add(Location(company_id=sister, code="IN", name="Theirs", kind="internal", receives=True))

    await firm.database.transact(firm.actor("buyer"), come)
    both = frozenset({firm.company, sister})
    return sister, both


async def test_papers_of_two_partners_companies_or_currencies_do_not_become_one(trade: Trade) -> None:
    firm = trade.firm
    sister, both = await other_company(firm)
    vendor, other = (id_of(firm, word, "partner") for word in ("vendor", "other_vendor"))
    mine = taken(trade, "purchase_order", "1")
    line = {"product": id_of(firm, "bolt", "product"), "quantity": "3", "unitPrice": "1"}
    for given in (
        {"vendor": other, "currency": "USD"},
        {"vendor": vendor, "currency": "EUR"},
        {"vendor": vendor, "company": global_id("company", sister)},
    ):
        who, shown = client(firm, "buyer", companies=both), "purchaseOrder { id lines { id } }"
        asked = {"company": global_id("company", firm.company), **given}
        made = (await who.do("createPurchaseOrder", lines=[line], selection=shown, **asked))["purchaseOrder"]
        for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
            assert (await who.do(verb, id=made["id"]))["errors"] == []
        merged = [*mine, {"line": made["lines"][0]["id"], "quantity": "1"}]
        before = await digest(firm.owner_url)
        answer = await client(firm, "storekeeper", companies=both).do("createReceipt", lines=merged)
        assert [(one["code"], one["path"]) for one in answer["errors"]] == [("BAD_INPUT", ["lines"])], given
        assert "write several" in answer["errors"][0]["message"]
        assert await digest(firm.owner_url) == before


async def test_lines_that_are_none_of_the_paper_s_are_not_found(trade: Trade) -> None:
    one, twice = taken(trade, "purchase_order", "1"), taken(trade, "receipt", "1") * 2
    ask = {"id": trade["receipt"]}
    assert (await trade.refused("accountant", "billReceipt", **ask, lines=[]))[:2] == ("BAD_INPUT", ["lines"])
    found = await trade.refused("accountant", "billReceipt", **ask, lines=one)
    assert found[:2] == ("NOT_FOUND", ["lines", "0", "line"])
    found = await trade.refused("storekeeper", "returnReceipt", **ask, lines=[{**one, "reason": "x"} for one in twice])
    assert found[:2] == ("BAD_INPUT", ["lines", "1", "line"])
    found = await trade.refused("accountant", "billReceipt", id=trade["purchase_order"])
    assert found[:2] == ("NOT_FOUND", ["id"])
    found = await trade.refused("accountant", "billReceipt", **ask, expectedVersion=1)
    assert found[:2] == ("VERSION_CONFLICT", ["expectedVersion"])
    found = await trade.refused("storekeeper", "returnReceipt", **ask, lines=taken(trade, "receipt", "1", reason=" "))
    assert found[:2] == ("BAD_INPUT", ["lines", "0", "reason"])


async def test_an_offer_is_ordered_while_it_holds_and_only_what_was_offered(trade: Trade) -> None:
    firm, buyer = trade.firm, client(trade.firm)
    line = {"product": id_of(firm, "bolt", "product"), "quantity": "3"}
    shown = "requestForQuotation { id lines { id } }"
    for until, code in (("2026-03-01", "NOT_READY"), ("2026-03-02", None)):
        vendor = id_of(firm, "vendor", "partner")
        made = await buyer.do("createRequestForQuotation", vendor=vendor, lines=[line, line], selection=shown)
        paper = made["requestForQuotation"]
        first, second = (one["id"] for one in paper["lines"])
        await buyer.do("sendRequestForQuotation", id=paper["id"])
        assert (await trade.refused("buyer", "orderRequestForQuotation", id=paper["id"]))[0] == "WRONG_STATE"
        offer = {"lines": [{"line": first, "unitPrice": "1"}], "validUntil": until}
        assert (await buyer.do("offerRequestForQuotation", id=paper["id"], **offer))["errors"] == []
        if code is not None:
            assert (await trade.refused("buyer", "orderRequestForQuotation", id=paper["id"]))[0] == code
            continue
        wanted = [{"line": second, "quantity": "1"}]
        found = await trade.refused("buyer", "orderRequestForQuotation", id=paper["id"], lines=wanted)
        assert found[:2] == ("NOTHING_LEFT", QUANTITY)
        made = await buyer.do("orderRequestForQuotation", id=paper["id"], selection="purchaseOrder { id }")
        await buyer.do("submitPurchaseOrder", id=made["purchaseOrder"]["id"])
        wanted = [{"line": first, "quantity": "1"}]
        found = await trade.refused("buyer", "orderRequestForQuotation", id=paper["id"], lines=wanted)
        assert found[:2] == ("NOTHING_LEFT", QUANTITY)
    await is_whole(firm)


def test_papers_cannot_beget_each_other_in_a_circle() -> None:
    """Each kind comes after those it is made from, and lines are linked when their paper is made, to older ones."""
    graph: dict[str, set[str]] = {}
    for row in FLOW:
        graph.setdefault(row.target.__name__, set()).add(row.source.__name__)
    assert len(list(TopologicalSorter(graph).static_order())) == len(graph.keys() | set().union(*graph.values()))
    assert {row.relation for row in FLOW} == set(FEEDS) - {AHEAD, REPRICES}
    assert set(FEEDS) >= CARRIED
