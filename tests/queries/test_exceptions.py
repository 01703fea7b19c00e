"""What import flagged, as it is asked for: found with its record, by those whom it concerns, and settled."""

from __future__ import annotations

from typing import Any

import pytest

from domain.catalog.product import Product
from domain.exceptions.exception import SourceRow, flag
from domain.kernel.commands import Ref
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder
from resolvers.ids import global_id
from tests.domain.test_verification import sealed
from tests.firm import Firm
from tests.queries.api import client, id_of, statements

LISTED = """{ importExceptions(orderBy: [{field: FILE}, {field: ROW}]) { totalCount nodes {
  kind state message source file row settlement settledAt settledBy { name } company { code } line { position }
  record { __typename id ... on Partner { name } ... on Product { sku } ... on PurchaseOrder { number } } } } }"""


@pytest.fixture(name="flagged")
async def a_firm_with_exceptions(firm: Firm) -> Firm:
    """One exception each of a partner, a product and an order."""
    order = CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]))
    firm.ids["order"] = await firm.database.perform(firm.actor("buyer"), order)

    def flags(work: Work) -> None:
        for row, (kind, model, word) in enumerate(
            [
                ("missing_address", Partner, "vendor"),
                ("unknown_price", Product, "wire"),
                ("received_before_approval", PurchaseOrder, "order"),
            ],
            start=2,
        ):
            at = SourceRow(source="legacy", file="all.csv", row=row)
            flag(work, kind, work.find(model, firm[word]), at, f"Something about {word}.")

    await firm.database.transact(firm.actor("administrator"), flags)
    return firm


async def listed(firm: Firm, role: str = "storekeeper", **changed: Any) -> Any:
    return (await client(firm, role, **changed).ask(LISTED))["importExceptions"]["nodes"]


async def test_exceptions_tell_their_record_and_where_it_came_from(flagged: Firm) -> None:
    partner, product, order = await listed(flagged)
    assert partner == {
        "kind": "MISSING_ADDRESS", "state": "OPEN", "message": "Something about vendor.", "source": "legacy",
        "file": "all.csv", "row": 2, "settlement": None, "settledAt": None, "settledBy": None, "company": None,
        "line": None,
        "record": {"__typename": "Partner", "id": id_of(flagged, "vendor", "partner"), "name": "Bolt & Sons"},
    }  # fmt: skip
    assert (product["record"]["sku"], order["record"]["number"]) == ("WIRE", "PO2026-00001")
    assert order["company"] == {"code": "MAIN"}


async def test_its_history_names_the_record_as_the_api_does(flagged: Firm) -> None:
    await sealed(flagged)
    query = "{ importExceptions(first: 1, orderBy: [{field: ROW}]) { nodes { history { nodes { changes } } } } }"
    (told,) = (await client(flagged).ask(query))["importExceptions"]["nodes"]
    assert told["history"]["nodes"][0]["changes"]["record"] == [None, id_of(flagged, "vendor", "partner")]


async def test_more_exceptions_take_no_more_statements(flagged: Firm) -> None:
    with statements(flagged.database) as told:
        await listed(flagged)
    before = len(told)

    def more(work: Work) -> None:
        for row, kind in enumerate(("missing_unit", "unknown_price", "missing_address", "missing_tax_number")):
            model = Product if row < 2 else Partner
            record = work.find(model, flagged["bolt" if row < 2 else "customer"])
            flag(work, kind, record, SourceRow(source="legacy", file="more.csv", row=row), "And this.")

    await flagged.database.transact(flagged.actor("administrator"), more)
    with statements(flagged.database) as told:
        assert len(await listed(flagged)) == 7
    assert len(told) == before


async def test_records_tell_their_exceptions_and_are_found_by_them(flagged: Firm) -> None:
    query = """query ($partner: ID!, $product: ID!, $order: ID!) {
      partner(id: $partner) { exceptions { nodes { kind } } }
      product(id: $product) { exceptions(filter: {state: {eq: WAIVED}}) { totalCount } }
      purchaseOrder(id: $order) { exceptions { nodes { kind } } }
      open: purchaseOrders(filter: {exceptions: {some: {state: {eq: OPEN}}}}) { totalCount }
      waived: documents(filter: {exceptions: {some: {state: {eq: WAIVED}}}}) { totalCount } }"""
    found = await client(flagged, "viewer").ask(
        query, partner=id_of(flagged, "vendor", "partner"), product=id_of(flagged, "wire", "product"),
        order=global_id("purchase_order", flagged["order"]),
    )  # fmt: skip
    assert found == {
        "partner": {"exceptions": {"nodes": [{"kind": "MISSING_ADDRESS"}]}},
        "product": {"exceptions": {"totalCount": 0}},
        "purchaseOrder": {"exceptions": {"nodes": [{"kind": "RECEIVED_BEFORE_APPROVAL"}]}},
        "open": {"totalCount": 1},
        "waived": {"totalCount": 0},
    }


async def test_exceptions_can_be_searched_and_filtered(flagged: Firm) -> None:
    query = """query ($filter: ImportExceptionFilter, $search: String) {
      importExceptions(filter: $filter, search: $search) { nodes { row } } }"""
    for asked, rows in (
        ({"search": "WIRE"}, [3]),
        ({"filter": {"kind": {"in": ["UNKNOWN_PRICE", "MISSING_ADDRESS"]}}}, [2, 3]),
        ({"filter": {"row": {"gt": 3}}}, [4]),
        ({"filter": {"company": {"code": {"eq": "MAIN"}}}}, [4]),
    ):
        found = (await client(flagged).ask(query, **asked))["importExceptions"]["nodes"]
        assert [node["row"] for node in found] == rows, asked


async def test_outsiders_see_no_exceptions(flagged: Firm) -> None:
    outsider = client(flagged, "partner", partner=flagged["vendor"])
    assert await outsider.refused(LISTED) == [("FORBIDDEN", [])]
    query = "query ($id: ID!) { partner(id: $id) { name exceptions { totalCount } } }"
    result = await outsider.answer(query, id=id_of(flagged, "vendor", "partner"))
    assert result.data["partner"] == {"name": "Bolt & Sons", "exceptions": None}
    assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]


async def test_exceptions_of_a_company_one_does_not_work_for_are_not_there(flagged: Firm) -> None:
    assert [one["row"] for one in await listed(flagged, companies=frozenset())] == [2, 3]


async def test_exceptions_are_resolved_and_waived(flagged: Firm) -> None:
    query = "{ importExceptions(orderBy: [{field: ROW}]) { nodes { id } } }"
    one, two, three = [node["id"] for node in (await client(flagged).ask(query))["importExceptions"]["nodes"]]
    accountant = client(flagged, "accountant")
    state = "importException { state settlement settledBy { name } version }"
    done = await accountant.do("waiveException", id=one, reason="They moved.", selection=state)
    assert done == {
        "importException": {
            "state": "WAIVED", "settlement": "They moved.", "settledBy": {"name": "Accountant"}, "version": 2,
        },
        "errors": [],
    }  # fmt: skip
    early = await accountant.do("resolveException", id=two, reason="It has one now.")
    assert [(error["code"], error["path"]) for error in early["errors"]] == [("NOT_READY", ["id"])]
    late = await accountant.do("resolveException", id=one, reason="Again.")
    assert [(error["code"], error["__typename"]) for error in late["errors"]] == [("WRONG_STATE", "WrongState")]
    forbidden = await client(flagged, "storekeeper").do("waiveException", id=two, reason="Mine.")
    assert [error["code"] for error in forbidden["errors"]] == ["FORBIDDEN"]
    items = [{"id": id, "waive": waive, "reason": "Done."} for id, waive in ((two, True), (three, False))]
    answers = "answers { importException { state } errors { code path } }"
    many = await accountant.do("settleExceptions", settlements=items, policy="SKIP_FAILED", selection=answers)
    assert (many["answers"], many["errors"]) == (
        [
            {"importException": {"state": "WAIVED"}, "errors": []},
            {
                "importException": {"state": "OPEN"},
                "errors": [{"code": "NOT_READY", "path": ["settlements", "1", "id"]}],
            },
        ],
        [],
    )
    told = await client(flagged).ask("{ importExceptions(filter: {state: {eq: OPEN}}) { totalCount } }")
    assert told["importExceptions"] == {"totalCount": 1}
