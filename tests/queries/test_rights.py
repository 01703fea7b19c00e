"""What may not be seen is answered as what is not there, whichever way one asks for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import Numeric

from domain.access.role import ROLES
from domain.kernel.actor import Actor
from domain.kernel.base import Base, Record, uuid7
from domain.kernel.events import Part, record_type
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.stock.location import Location
from resolvers.ids import global_id
from resolvers.masking import fields_of
from tests.domain.test_papers import every_paper
from tests.firm import Firm, found
from tests.queries.api import Client, client, house, id_of

NODES = "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id } }"
NODE = "query ($id: ID!) { node(id: $id) { id } partner(id: $id) { id } documents { nodes { id } } }"
PRICED = """{ purchaseOrders { nodes { number total { amount } untaxed { amount }
  lines { quantity unitPrice { amount } amount { amount } } } } }"""


@pytest.fixture(name="neighbour")
async def another_firm(firm: Firm, database_url: str) -> Firm:
    """Another tenant in the same database."""
    return await found(firm.database, database_url, tenant=2)


async def order(who: Client, vendor: str = "vendor") -> str:
    lines = [{"product": id_of(who.firm, "bolt", "product"), "quantity": "10", "unitPrice": "1.25"}]
    made = await who.do(
        "createPurchaseOrder", vendor=id_of(who.firm, vendor, "partner"), currency="USD", lines=lines,
        selection="purchaseOrder { id }",
    )  # fmt: skip
    assert made["errors"] == []
    return str(made["purchaseOrder"]["id"])


async def issued(who: Client, vendor: str = "vendor") -> str:
    made = await order(who, vendor)
    for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
        assert (await who.do(verb, id=made))["errors"] == []
    return made


async def test_an_outsider_does_not_see_an_order_while_the_buyer_still_thinks(firm: Firm) -> None:
    outsider = client(firm, "partner", partner=firm["vendor"])
    asked = "{ purchaseOrders { totalCount } documents { totalCount } events { totalCount } }"
    draft = await order(client(firm))
    assert {one["totalCount"] for one in (await outsider.ask(asked)).values()} == {0}
    assert (await outsider.ask(NODES, ids=[draft]))["nodes"] == [None]
    await issued(client(firm))
    assert (await outsider.ask(asked))["purchaseOrders"]["totalCount"] == 1


async def test_ids_of_another_tenant_answer_as_ids_that_do_not_exist(firm: Firm, neighbour: Firm) -> None:
    theirs = await order(client(neighbour))
    foreign = [theirs, id_of(neighbour, "vendor", "partner"), id_of(neighbour, "bolt", "product")]
    missing = [global_id("purchase_order", uuid7()), global_id("partner", uuid7()), global_id("no_such", uuid7())]
    mine = id_of(firm, "vendor", "partner")
    who = client(firm)
    nodes = (await who.ask(NODES, ids=[*foreign, *missing, mine]))["nodes"]
    assert nodes == [None] * 6 + [{"__typename": "Partner", "id": mine}]
    for one in (foreign[1], missing[1]):
        assert await who.ask(NODE, id=one) == {"node": None, "partner": None, "documents": {"nodes": []}}


async def test_a_filter_by_a_foreign_id_finds_nothing(firm: Firm, neighbour: Firm) -> None:
    query = "query ($id: ID!) { vendorPrices(filter: {partner: {id: {eq: $id}}}) { totalCount } }"
    assert (await client(firm).ask(query, id=id_of(firm, "vendor", "partner")))["vendorPrices"]["totalCount"] == 1
    assert (await client(firm).ask(query, id=id_of(neighbour, "vendor", "partner")))["vendorPrices"]["totalCount"] == 0


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"vendor": ("vendor", "partner")}, ["vendor"]),
        ({"location": ("receiving", "location")}, ["location"]),
        ({"lines": [{"product": ("bolt", "product"), "quantity": 1}]}, ["lines", "0", "product"]),
        ({"charges": [{"text": "freight", "amount": 1, "tax": ("tax8", "tax")}]}, ["charges", "0", "tax"]),
    ],
)
async def test_a_foreign_id_in_an_input_is_not_found(
    firm: Firm, neighbour: Firm, given: dict[str, Any], path: list[str]
) -> None:
    def put(value: Any) -> Any:
        if isinstance(value, tuple):
            return id_of(neighbour, *value)
        if isinstance(value, list):
            return [{name: put(one) for name, one in item.items()} for item in value]
        return value

    known = {"vendor": id_of(firm, "vendor", "partner")}
    made = await client(firm).do("createPurchaseOrder", **{**known, **{name: put(one) for name, one in given.items()}})
    assert next((error["code"], error["path"]) for error in made["errors"]) == ("NOT_FOUND", path)


async def test_a_mistyped_id_is_not_found_and_a_broken_one_is_bad_input(firm: Firm) -> None:
    who = client(firm)
    made = await who.do("createPurchaseOrder", vendor=id_of(firm, "bolt", "product"))
    assert [(error["code"], error["path"]) for error in made["errors"]] == [("NOT_FOUND", ["vendor"])]
    for broken in ("", "x", "nonsense!", "ÄÖÜ", "external:a", id_of(firm, "vendor", "partner") + "A"):
        made = await who.do("createPurchaseOrder", vendor=broken)
        assert [(error["code"], error["path"]) for error in made["errors"]] == [("BAD_INPUT", ["vendor"])], broken
        assert await who.refused("query ($id: ID!) { node(id: $id) { id } }", id=broken) == [("BAD_INPUT", ["id"])]


async def test_another_company_s_rows_are_not_there(firm: Firm) -> None:
    other = uuid7()

    def come(work: Work) -> Any:
        work.add(Company(id=other, code="SIS", name="Sister", country="DE", currency="EUR"))
        work.session.flush()
        place = work.add(Location(company_id=other, code="IN", name="Theirs", kind="internal"))
        return place.id

    place = global_id("location", await firm.database.transact(firm.actor("buyer"), come))
    query = "query ($id: ID!) { node(id: $id) { id } locations { nodes { name } } companies { nodes { code } } }"
    seen = await client(firm).ask(query, id=place)
    assert seen["node"] is None
    assert "Theirs" not in [node["name"] for node in seen["locations"]["nodes"]]
    assert seen["companies"]["nodes"] == [{"code": "MAIN"}]
    both = await client(firm, companies=frozenset({firm.company, other})).ask(query, id=place)
    assert both["node"] == {"id": place}
    assert {node["code"] for node in both["companies"]["nodes"]} == {"MAIN", "SIS"}


async def test_a_guarded_field_is_null_with_an_error_at_its_path(firm: Firm) -> None:
    await order(client(firm))
    result = await client(firm, "storekeeper").answer(PRICED)
    (paper,) = result.data["purchaseOrders"]["nodes"]
    assert (paper["number"], paper["total"], paper["untaxed"]) == ("PO2026-00001", None, None)
    assert paper["lines"] == [{"quantity": "10", "unitPrice": None, "amount": None}]
    paths = {tuple(error.path[3:]) for error in result.errors}
    assert paths == {("total",), ("untaxed",), ("lines", 0, "unitPrice"), ("lines", 0, "amount")}
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ("filter: {total: {gt: 1}}", ["filter", "total"]),
        ("filter: {not: {total: {gt: 1}}}", ["filter", "not", "total"]),
        ("filter: {lines: {some: {unitPrice: {gt: 1}}}}", ["filter", "lines", "some", "unitPrice"]),
        ("filter: {lines: {every: {product: {standardCost: {gt: 1}}}}}", None),
        ("orderBy: [{field: NUMBER}, {field: TOTAL}]", ["orderBy", "1", "field"]),
    ],
)
async def test_a_guarded_field_cannot_be_filtered_or_ordered_by(
    firm: Firm, arguments: str, path: list[str] | None
) -> None:
    query = f"{{ purchaseOrders({arguments}) {{ totalCount }} }}"
    assert (await client(firm, "accountant").ask(query))["purchaseOrders"] == {"totalCount": 0}
    ((code, told),) = await client(firm, "storekeeper").refused(query)
    assert code == "FORBIDDEN"
    assert told == (path or ["filter", "lines", "every", "product", "standardCost"])


async def test_without_a_right_a_door_stays_shut(firm: Firm) -> None:
    await order(client(firm))
    nobody = client(firm, "viewer", rights=frozenset())
    doors = ["partners", "products", "purchaseOrders", "documents", "users", "events", "positions", "rates"]
    for door in doors:
        assert await nobody.refused(f"{{ {door} {{ nodes {{ id }} }} }}") == [("FORBIDDEN", [])], door
    assert await nobody.ask(NODES, ids=[id_of(firm, "vendor", "partner")]) == {"nodes": [None]}
    viewer = client(firm, "viewer")
    assert await viewer.refused("{ users { nodes { id } } }") == [("FORBIDDEN", [])]
    assert (await viewer.ask("{ purchaseOrders { nodes { partner { name } } } }"))["purchaseOrders"]["nodes"] == [
        {"partner": {"name": "Bolt & Sons"}}
    ]


async def test_people_are_named_to_all_and_described_to_few(firm: Firm) -> None:
    await order(client(firm))
    query = "{ purchaseOrders { nodes { createdBy { name account roles } } } }"
    result = await client(firm, "viewer").answer(query)
    assert result.data["purchaseOrders"]["nodes"] == [{"createdBy": {"name": "Buyer", "account": None, "roles": None}}]
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}
    told = (await client(firm, "administrator").ask(query))["purchaseOrders"]["nodes"]
    assert told == [{"createdBy": {"name": "Buyer", "account": "buyer", "roles": ["buyer"]}}]


async def test_an_outsider_sees_the_papers_of_their_own_firm_and_what_hangs_on_them(firm: Firm) -> None:
    mine, other = await issued(client(firm)), await issued(client(firm), "other_vendor")
    outsider = client(firm, "partner", partner=firm["vendor"])
    seen = await outsider.ask(
        """{ purchaseOrders { totalCount nodes { id partner { name } company { name }
      lines { product { sku unit { code } } amount { amount } } } }"""
        + " documents { totalCount } }"
    )
    assert seen["documents"] == {"totalCount": 1}
    assert seen["purchaseOrders"]["nodes"] == [
        {
            "id": mine,
            "partner": {"name": "Bolt & Sons"},
            "company": {"name": "Main Ltd"},
            "lines": [{"product": {"sku": "BOLT", "unit": {"code": "PCE"}}, "amount": {"amount": "12.50"}}],
        }
    ]
    assert (await outsider.ask(NODES, ids=[mine, other]))["nodes"] == [
        {"__typename": "PurchaseOrder", "id": mine},
        None,
    ]
    assert (await outsider.ask("{ partners { nodes { name } } }"))["partners"]["nodes"] == [{"name": "Bolt & Sons"}]
    for hidden in ("products", "vendorPrices", "positions", "users", "rates", "locations"):
        assert await outsider.refused(f"{{ {hidden} {{ totalCount }} }}") == [("FORBIDDEN", [])], hidden
    deep = "{ purchaseOrders { nodes { %s } } }"
    for hidden in (
        "lines { product { vendorPrices { totalCount } } }",
        "lines { product { standardCost } }",
        "approvals { why }",
        "partner { note }",
        "createdBy { email }",
        "company { approvalThreshold }",
    ):
        result = await outsider.answer(deep % hidden)
        assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"], hidden


async def test_what_is_part_of_a_hidden_paper_is_hidden_with_it(firm: Firm) -> None:
    await order(client(firm))
    (line,) = (await client(firm).ask("{ purchaseOrders { nodes { lines { id } } } }"))["purchaseOrders"]["nodes"][0][
        "lines"
    ]
    for who, seen in (
        (client(firm), [{"__typename": "Line", "id": line["id"]}]),
        (client(firm, companies=frozenset()), [None]),
        (client(firm, "partner", partner=firm["other_vendor"]), [None]),
        (client(firm, "viewer", rights=frozenset({"master.read"})), [None]),
    ):
        assert (await who.ask(NODES, ids=[line["id"]]))["nodes"] == seen


async def test_who_did_not_sign_in_learns_the_shape_alone(firm: Firm) -> None:
    stranger = Client(firm, None)
    assert await stranger.ask("{ __typename __schema { queryType { name } } }")
    for query in ("{ partners { nodes { id } } }", "{ me { name } }", '{ node(id: "x") { id } }', "{ roles { name } }"):
        assert await stranger.refused(query) == [("NOT_AUTHENTICATED", [])], query
    mutation = 'mutation { submitPurchaseOrder(input: {id: "x"}) { errors { code } } }'
    assert await stranger.refused(mutation) == [("NOT_AUTHENTICATED", [])]


async def test_who_may_approve_is_told_what_waits_and_why(firm: Firm) -> None:
    buyer = client(firm)
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "1000", "unitPrice": "2"}]
    vendor = id_of(firm, "vendor", "partner")
    made = await buyer.do("createPurchaseOrder", vendor=vendor, lines=lines, selection="purchaseOrder { id number }")
    paper = made["purchaseOrder"]
    assert (await buyer.do("submitPurchaseOrder", id=paper["id"]))["errors"] == []
    query = "{ awaitingMyApproval { nodes { why amount { amount } document { number } } } }"
    (waiting,) = (await client(firm, "approver").ask(query))["awaitingMyApproval"]["nodes"]
    assert waiting["document"] == {"number": paper["number"]}
    assert waiting["amount"] == {"amount": "2000.00"}
    assert "1000" in waiting["why"].replace(",", "")
    rights = ROLES["approver"] | ROLES["buyer"]
    asker = client(firm, "buyer", rights=rights)
    assert (await asker.ask(query))["awaitingMyApproval"]["nodes"] == []
    assert (await client(firm, "viewer").ask(query))["awaitingMyApproval"]["nodes"] == []
    program = Client(firm, replace(firm.actor("approver"), user=None, key=uuid7()))
    assert (await program.ask(query))["awaitingMyApproval"]["nodes"] == []


async def test_a_key_without_a_person_says_so(firm: Firm) -> None:
    actor: Actor = replace(firm.actor("viewer"), user=None, key=uuid7())
    told = (await Client(firm, actor).ask("{ me { name user { name } roles companies { code } } }"))["me"]
    assert told == {"name": "viewer", "user": None, "roles": [], "companies": [{"code": "MAIN"}]}


AMOUNTS = "total { amount } lines { unitPrice { amount } } charges { amount { amount } } taxes { amount { amount } }"


async def test_who_sells_sees_what_is_sold_for_how_much_and_not_what_it_cost(firm: Firm) -> None:
    await every_paper(firm)
    seller, buyer = client(firm, "seller"), client(firm)
    for sold in ("quotes", "salesOrders", "deliveries", "salesReturns", "customerInvoices", "creditNotes"):
        found = (await seller.ask(f"{{ {sold} {{ nodes {{ {AMOUNTS} }} }} }}"))[sold]["nodes"]
        assert found
        assert found == (await buyer.ask(f"{{ {sold} {{ nodes {{ {AMOUNTS} }} }} }}"))[sold]["nodes"], sold
    for bought in ("purchaseRequisitions", "requestsForQuotation", "purchaseOrders", "receipts", "vendorBills"):
        result = await seller.answer(f"{{ {bought} {{ nodes {{ {AMOUNTS} }} }} }}")
        assert all("cost.read" in error.message for error in result.errors), bought
        for paper in result.data[bought]["nodes"]:
            assert paper["total"] is None
            assert {line["unitPrice"] for line in paper["lines"]} == {None}, bought
    mixed = await seller.answer(f"{{ documents {{ nodes {{ kind {AMOUNTS} }} }} }}")
    assert {paper["kind"] for paper in mixed.data["documents"]["nodes"] if paper["total"]} == {
        "QUOTE", "SALES_ORDER", "DELIVERY", "SALES_RETURN", "CUSTOMER_INVOICE", "CREDIT_NOTE", "PAYMENT",
    }  # fmt: skip
    for hidden in ("vendorPrices { nodes { price } }", "products { nodes { standardCost } }",
                   "salesOrders { nodes { lines { lastPricePaid { dated } } } }"):  # fmt: skip
        assert {code for code, _ in await seller.refused(f"{{ {hidden} }}")} == {"FORBIDDEN"}, hidden


async def test_who_sells_may_look_for_sales_by_amount_and_for_nothing_else(firm: Firm) -> None:
    await every_paper(firm)
    seller = client(firm, "seller")
    for allowed in (
        "salesOrders(filter: {total: {gt: 1}}, orderBy: [{field: TOTAL}])",
        "salesOrders(filter: {lines: {some: {unitPrice: {gt: 1}}}})",
        "quotes(filter: {not: {lines: {every: {or: [{amount: {lt: 1}}]}}}})",
    ):
        ((found),) = (await seller.ask(f"{{ {allowed} {{ totalCount }} }}")).values()
        assert found["totalCount"] == 1, allowed
    for barred in (
        "purchaseOrders(filter: {total: {gt: 1}})",
        "purchaseOrders(orderBy: [{field: TOTAL}])",
        "documents(filter: {total: {gt: 1}})",
        "documents(orderBy: [{field: TOTAL}])",
        "documents(filter: {lines: {some: {unitPrice: {gt: 1}}}})",
        "salesOrders(filter: {lines: {some: {product: {standardCost: {gt: 1}}}}})",
        "salesOrders(filter: {lines: {some: {document: {total: {gt: 1}}}}})",
        "salesOrders(filter: {lines: {some: {product: {vendorPrices: {some: {price: {gt: 1}}}}}}})",
    ):
        assert {code for code, _ in await seller.refused(f"{{ {barred} {{ totalCount }} }}")} == {"FORBIDDEN"}, barred


PLAIN = {"reverse_charge_rate", "stock_denominator", "stock_numerator", "tax_recoverable_percent", "residual"}
"""Figures that no field shows and anybody may see: factors, and what is open of papers that nobody pays."""


def test_what_an_event_tells_of_a_figure_is_for_those_who_may_see_its_field() -> None:
    bare = {
        (record_type(model), one.key)
        for model in (mapper.class_ for mapper in Base.registry.mappers)
        if issubclass(model, Record | Part) and (noun := house().nouns.get(record_type(model))) is not None
        for one in model.__mapper__.column_attrs
        if isinstance(one.columns[0].type, Numeric) and one.key not in {*fields_of(noun), *PLAIN}
    }
    assert bare == set()
