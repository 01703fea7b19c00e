"""Reading costs as many statements as there are kinds of things asked for, however many rows there are."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any

from domain.flow.taking import BilledLine
from domain.kernel.work import Work
from domain.parties.partner import Address, Partner
from tests.domain.test_papers import do
from tests.domain.test_purchase import confirmed, lines_of, received, ref
from tests.firm import Firm
from tests.queries.api import client, id_of, statements

PARTNERS = """{ partners(first: 250) { totalCount nodes { id name paymentTerm { name } createdBy { name }
  addresses { city } contacts { name } externalReferences { key }
  purchaseOrders(first: 2) { totalCount nodes { number } } vendorPrices { nodes { product { name } } } } } }"""
ORDERS = """{ purchaseOrders { nodes { number state total { amount currency } companyUntaxed { amount currency }
  company { name } partner { name } approvals { why } taxes { rate base { amount } } charges { text }
  availableActions { action allowed reason { code message } }
  lines { text amount { amount currency } product { name unit { code } vendorPrices { nodes { price } } } }
  history { nodes { type actor record { id ... on PurchaseOrder { number } } } } } } }"""


async def sent(firm: Firm, query: str) -> tuple[Any, int]:
    with statements(firm.database) as told:
        data = await client(firm).ask(query)
    return data, len(told)


async def order(firm: Firm, *quantities: str) -> None:
    bolt, wire = id_of(firm, "bolt", "product"), id_of(firm, "wire", "product")
    lines = [{"product": bolt, "quantity": quantity} for quantity in quantities]
    lines.append({"product": wire, "quantity": "1.5", "unitPrice": "3"})
    made = await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), lines=lines)
    assert made["errors"] == []


async def test_more_partners_with_addresses_take_no_more_statements(firm: Firm) -> None:
    def come(work: Work, first: int, last: int) -> None:
        for index in range(first, last):
            partner = Partner(number=f"P{index}", name=f"Partner {index}")
            partner.addresses.append(Address(role="legal", street="1 Main St", city=f"City {index}", country="US"))
            work.add(partner)

    await firm.database.transact(firm.actor("buyer"), lambda work: come(work, 0, 1))
    few, before = await sent(firm, PARTNERS)
    await firm.database.transact(firm.actor("buyer"), lambda work: come(work, 1, 60))
    many, after = await sent(firm, PARTNERS)
    assert (few["partners"]["totalCount"], many["partners"]["totalCount"]) == (4, 63)
    assert many["partners"]["nodes"][10]["addresses"] == [{"city": "City 7"}]
    assert after == before <= 12


async def test_more_orders_with_lines_and_actions_take_no_more_statements(firm: Firm) -> None:
    await order(firm, "10")
    few, before = await sent(firm, ORDERS)
    for _ in range(4):
        await order(firm, "3", "12", "24")
    many, after = await sent(firm, ORDERS)
    assert len(few["purchaseOrders"]["nodes"]) == 1
    assert [len(node["lines"]) for node in many["purchaseOrders"]["nodes"]] == [2, 4, 4, 4, 4]
    assert after == before <= 25


async def test_only_what_is_selected_is_read(firm: Firm) -> None:
    for query, count in (
        ("{ __typename }", 0),
        ("{ partners { __typename } }", 0),
        ("{ partners { nodes { name } } }", 1),
        ("{ partners { totalCount } }", 1),
        ("{ partners { edges { node { name } } nodes { id } pageInfo { endCursor } totalCount } }", 1),
    ):
        _, found = await sent(firm, query)
        assert found == count, query


async def test_what_is_asked_at_once_is_read_at_once(firm: Firm) -> None:
    query = "query ($id: ID!) { a: partner(id: $id) { name } b: partner(id: $id) { number } }"
    with statements(firm.database) as told:
        found = await client(firm).ask(query, id=id_of(firm, "vendor", "partner"))
    assert (found["a"]["name"], found["b"]["number"]) == ("Bolt & Sons", "V1")
    assert len(told) == 1


async def test_a_paper_tells_all_it_holds(firm: Firm) -> None:
    await order(firm, "10")
    (paper,) = (await sent(firm, ORDERS))[0]["purchaseOrders"]["nodes"]
    assert paper["total"] == {"amount": "18.90", "currency": "USD"}
    assert [line["amount"] for line in paper["lines"]] == [
        {"amount": "12.50", "currency": "USD"},
        {"amount": "4.50", "currency": "USD"},
    ]
    assert {tax["rate"]: tax["base"]["amount"] for tax in paper["taxes"]} == {"8": "12.50", "20": "4.50"}
    assert {one["action"]: one["allowed"] for one in paper["availableActions"]} == {
        "SUBMIT": True, "CLOSE": False, "CANCEL": True
    }  # fmt: skip
    documents = await client(firm).ask("{ documents { nodes { __typename kind state number } } }")
    assert documents["documents"]["nodes"] == [
        {"__typename": "PurchaseOrder", "kind": "PURCHASE_ORDER", "state": "DRAFT", "number": paper["number"]}
    ]


async def test_records_are_found_by_number_barcode_and_foreign_key(firm: Firm) -> None:
    await order(firm, "10")
    who = client(firm)
    found = await who.ask("""{ productByBarcode(barcode: "4006381333931") { sku }
      none: productByBarcode(barcode: "1") { sku }
      documentByNumber(kind: PURCHASE_ORDER, number: "PO2026-00001") { state }
      receipt: documentByNumber(kind: RECEIPT, number: "PO2026-00001") { state } }""")
    assert found == {
        "productByBarcode": {"sku": "BOLT"},
        "none": None,
        "documentByNumber": {"state": "DRAFT"},
        "receipt": None,
    }


async def test_a_record_is_addressed_by_the_key_it_has_elsewhere(firm: Firm) -> None:
    made = await client(firm).do(
        "createPartner", number="X1", name="Elsewhere", external={"source": "legacy", "key": "a:7"}
    )
    assert made["errors"] == []
    query = "query ($id: ID!) { partner(id: $id) { name externalReferences { source key } } product(id: $id) { sku } }"
    found = await client(firm).ask(query, id="external:legacy:a:7")
    assert found == {
        "partner": {"name": "Elsewhere", "externalReferences": [{"source": "legacy", "key": "a:7"}]},
        "product": None,
    }


async def test_an_operation_gives_its_connection_back_however_it_ends(firm: Firm) -> None:
    who = client(firm)
    operations = ["{ partners { nodes { name } } }", "{ partners { nodes { name } } users { totalCount } }", "{ nope }"]
    for query in operations:
        await who.answer(query)
        assert firm.database.engine.pool.checkedout() == 0, query
    made = await who.do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), validateOnly=True)
    assert (made["errors"], firm.database.engine.pool.checkedout()) == ([], 0)
    asked = asyncio.create_task(who.answer("{ partners { nodes { addresses { city } contacts { name } } } }"))
    for _ in range(10_000):
        if firm.database.engine.pool.checkedout():
            break
        await asyncio.sleep(0)
    asked.cancel()
    await asyncio.gather(asked, return_exceptions=True)
    assert firm.database.engine.pool.checkedout() == 0


async def test_me_tells_who_asks(firm: Firm) -> None:
    query = "{ me { name user { name } roles rights companies { code } partner { name } } }"
    found = (await client(firm, "approver").ask(query))["me"]
    assert found["user"] == {"name": "Approver"}
    assert found["roles"] == ["approver"]
    assert "purchase.approve" in found["rights"]
    assert found["companies"] == [{"code": "MAIN"}]
    assert found["partner"] is None


async def test_pages_within_pages_cannot_grow_without_bounds(firm: Firm) -> None:
    """Within every limit of depth and page, the product of the levels would be millions of entries."""
    for _ in range(20):
        await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"))

    def nested(levels: int) -> str:
        inner = nested(levels - 1) if levels else "number"
        return f"partner {{ purchaseOrders(first: 250) {{ nodes {{ {inner} }} }} }}"

    async def codes(levels: int) -> set[str]:
        result = await client(firm).answer(f"{{ purchaseOrders(first: 250) {{ nodes {{ {nested(levels)} }} }} }}")
        return {error.extensions["code"] for error in result.errors or []}

    assert [await codes(levels) for levels in (0, 1, 4)] == [set(), {"TOO_MUCH"}, {"TOO_MUCH"}]
    assert (await client(firm).ask("{ purchaseOrders { totalCount } }"))["purchaseOrders"] == {"totalCount": 20}


async def test_what_can_be_done_with_papers_that_rest_on_others_takes_no_more_statements_for_more(firm: Firm) -> None:
    async def trade() -> None:
        order = await confirmed(firm, "10")
        receipt = await received(firm, order, "4")
        for vendor_reference, verb in ((order.hex, "PostVendorBill"), (receipt.hex, None)):
            one = [BilledLine(line=ref((await lines_of(firm, receipt))[0].id), quantity=Decimal(1))]
            bill = await do(
                firm, "accountant", "BillReceipt", id=ref(receipt), lines=one, vendor_reference=vendor_reference
            )  # fmt: skip
            if verb:
                await do(firm, "accountant", verb, id=ref(bill))

    query = "{ documents { nodes { number availableActions { action allowed } } } }"
    await trade()
    few, before = await sent(firm, query)
    for _ in range(3):
        await trade()
    many, after = await sent(firm, query)
    assert (len(few["documents"]["nodes"]), len(many["documents"]["nodes"])) == (4, 16)
    assert after == before
