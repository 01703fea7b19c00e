"""What was imported, over the API: what its source said, who sees that, and that nobody records there."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from domain.access.role import ROLES
from domain.flow.recording import RecordPurchaseOrder
from domain.kernel.commands import COMMANDS
from domain.stock.counting import RecordStockCount
from resolvers.ids import global_id
from tests.domain.test_counting import counted
from tests.domain.test_purchase import ref, written
from tests.domain.test_recording import line, recorded
from tests.domain.test_verification import sealed
from tests.firm import Firm
from tests.queries.api import client, house

ORDERS = """{ purchaseOrders(orderBy: [{field: NUMBER}]) { nodes { number billingState receiptState datedInferred
  provenance { source key status total linesAmount }
  lines { priceSource sourceAmount externalReferences { source key } } } } }"""


async def past(firm: Firm, number: str = "4001", **told: Any) -> str:
    given = {
        "status": "4", "source_total": Decimal("12.5012"), "received_on_inferred": True,
        "lines": [line(firm, "10", key=f"{number}.7", source_amount=Decimal("12.5000"))],
    }  # fmt: skip
    return global_id("purchase_order", await recorded(firm, number=number, **given | told))


async def test_an_imported_order_tells_what_its_source_said(firm: Firm) -> None:
    await past(firm)
    await written(firm)
    (old, new) = (await client(firm).ask(ORDERS))["purchaseOrders"]["nodes"]
    assert old == {
        "number": "4001", "billingState": "UNKNOWN", "receiptState": "RECEIVED", "datedInferred": False,
        "provenance": {
            "source": "past", "key": "4001", "status": "4", "total": "12.5012", "linesAmount": None,
        },
        "lines": [{
            "priceSource": "IMPORTED", "sourceAmount": "12.5000",
            "externalReferences": [{"source": "past", "key": "4001.7"}],
        }],
    }  # fmt: skip
    assert (new["provenance"], new["billingState"], new["lines"][0]["priceSource"]) == (None, "NONE", "VENDOR_PRICE")
    found = '{ purchaseOrders(filter: {provenance: {source: {eq: "past"}}}) { nodes { number } } }'
    assert (await client(firm).ask(found))["purchaseOrders"]["nodes"] == [{"number": "4001"}]
    moves = "{ moves { nodes { datedInferred line { document { number datedInferred } } } } }"
    assert (await client(firm).ask(moves))["moves"]["nodes"] == [
        {"datedInferred": True, "line": {"document": {"number": "4001", "datedInferred": True}}}
    ]


async def test_the_sources_amounts_are_hidden_from_those_who_see_no_prices(firm: Firm) -> None:
    order = await past(firm)
    keeper = client(firm, "storekeeper")
    result = await keeper.answer(ORDERS)
    (seen,) = result.data["purchaseOrders"]["nodes"]
    assert (seen["provenance"]["status"], seen["provenance"]["total"], seen["lines"][0]["sourceAmount"]) == (
        "4", None, None,
    )  # fmt: skip
    assert {error.path[-1] for error in result.errors} == {"total", "linesAmount", "sourceAmount"}
    for hidden in ('provenance: {total: {gt: "1"}}', 'lines: {some: {sourceAmount: {gt: "1"}}}'):
        assert await keeper.refused(f"{{ purchaseOrders(filter: {{{hidden}}}) {{ totalCount }} }}") != []
    history = "query ($id: ID!) { purchaseOrder(id: $id) { history { nodes { changes } } } }"
    await sealed(firm)
    assert "12.5" not in str(await keeper.ask(history, id=order))
    assert "12.5" in str(await client(firm).ask(history, id=order))


async def test_a_vendor_sees_the_orders_of_the_past_that_were_issued_and_nobody_elses(firm: Firm) -> None:
    await past(firm, "1")
    await past(firm, "2", state="submitted")
    await past(firm, "3", vendor=ref(firm["other_vendor"]))
    await past(firm, "4", state="confirmed")
    outsider = client(firm, "partner", partner=firm["vendor"])
    await sealed(firm)
    query = "{ purchaseOrders(orderBy: [{field: NUMBER}]) { nodes { number history { totalCount } } } }"
    assert (await outsider.ask(query))["purchaseOrders"]["nodes"] == [
        {"number": "1", "history": {"totalCount": 1}},
        {"number": "4", "history": {"totalCount": 1}},
    ]
    hidden = "{ purchaseOrders { nodes { provenance { key } } } }"
    assert {code for code, _ in await outsider.refused(hidden)} == {"FORBIDDEN"}


async def test_counts_are_seen_by_those_who_see_stock(firm: Firm) -> None:
    count = global_id("stock_count", await counted(firm, 7, reason="closing"))
    await sealed(firm)
    asked = """query ($id: ID!) { stockCounts { nodes { dated reason } }
      stockCount(id: $id) { counted booked product { sku } location { code } against { kind }
        externalReferences { key } history { nodes { type } } moves { nodes { quantity count { id } } } } }"""
    keeper = client(firm, "storekeeper")
    seen = await keeper.ask(asked, id=count)
    assert seen["stockCounts"]["nodes"] == [{"dated": str(date(2014, 9, 1)), "reason": "closing"}]
    assert seen["stockCount"] == {
        "counted": "7", "booked": "0", "product": {"sku": "BOLT"}, "location": {"code": "IN"},
        "against": {"kind": "UNRECORDED"}, "externalReferences": [{"key": "closing"}],
        "history": {"nodes": [{"type": "stock_count.recorded"}]},
        "moves": {"nodes": [{"quantity": "7", "count": {"id": count}}]},
    }  # fmt: skip
    outsider = client(firm, "partner", partner=firm["vendor"])
    assert await outsider.refused("{ stockCounts { totalCount } }") == [("FORBIDDEN", [])]
    assert (await outsider.ask("query ($id: ID!) { node(id: $id) { id } }", id=count))["node"] is None


def test_nothing_public_leads_to_the_recording_of_the_past() -> None:
    """History is entered by import alone: no mutation, no registered command, no role but the administrator's."""
    hidden = [RecordPurchaseOrder, RecordStockCount]
    assert {one.right for one in hidden} == {"history.record"}
    assert [one for one in COMMANDS.values() if one.right == "history.record" or one in hidden] == []
    mutations = house().as_str().partition("type Mutation {")[2].partition("\n}")[0]
    assert "createPurchaseOrder(" in mutations
    assert [told for told in mutations.splitlines() if told.strip().lower().startswith("record")] == []
    assert [role for role, rights in ROLES.items() if "history.record" in rights] == ["administrator"]
