"""What import flagged, as it is asked for: found with its record, by those whom it concerns, and settled."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.product import Product
from domain.catalog.vendor_price import VendorPrice
from domain.drafts.lines import OrderLine
from domain.exceptions.exception import SourceRow, flag
from domain.intake.declaring import declared
from domain.intake.run import run
from domain.kernel.commands import Ref
from domain.kernel.references import ExternalKey, attach
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder
from domain.stock.founding import CreateCompany
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


ON_ORDER: dict[str, Any] = {
    "source": "legacy",
    "section": [
        {
            "name": "On order", "file": "on.csv", "kind": "on_order", "key": "Price",
            "columns": {
                "vendor_price": {"column": "Price", "do": [{"reference": "vendor_price"}]},
                "quantity": {"column": "Quantity", "do": ["decimal"]},
            },
        }
    ],
}  # fmt: skip


async def test_what_is_on_order_is_told_to_the_company_it_was_reckoned_for_alone(firm: Firm, tmp_path: Path) -> None:
    buyer = firm.actor("buyer")
    founding = CreateCompany(code="AW", name="Away Ltd", country="US", currency="USD")
    away = await firm.database.perform(firm.actor("administrator"), founding)
    key = ExternalKey(source="legacy", key="P1")

    def wait(work: Work, company: UUID, quantity: int) -> None:
        line = OrderLine(product=Ref(id=firm["bolt"]), quantity=Decimal(quantity))
        order = CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]), company=Ref(id=company), lines=[line]).act(work)
        work.session.flush()
        order.state = "submitted"

    for company, quantity in ((firm.company, 280), (away, 7)):
        there = replace(buyer, companies=frozenset({company}))
        await firm.database.transact(there, lambda work, of=company, some=quantity: wait(work, of, some))
    await firm.database.transact(buyer, lambda work: attach(work, work.find(VendorPrice, firm["bolt_price"]), key))
    (tmp_path / "on.csv").write_text("Price,Quantity\nP1,300\n")
    importer = replace(firm.actor("administrator"), companies=frozenset({firm.company}))
    report = await run(firm.database, importer, tmp_path, declared(ON_ORDER, "m.toml"))
    assert (dict(report.exceptions), report.refusals) == ({"on_order_mismatch": 1}, [])
    (told,) = await listed(firm)
    assert (told["message"], told["company"]) == (
        "The source has 300 PCE on order, its open orders come to 280.", {"code": "MAIN"}
    )  # fmt: skip
    await sealed(firm)
    of_it = "{ events(filter: {kind: [IMPORT_EXCEPTION]}) { nodes { company { code } } } }"
    assert (await client(firm).ask(of_it))["events"]["nodes"] == [{"company": {"code": "MAIN"}}]
    assert await listed(firm, companies=frozenset({away})) == []
    assert (await client(firm, companies=frozenset({away})).ask(of_it))["events"]["nodes"] == []


async def test_who_imports_for_several_companies_says_which_one_has_it_on_order(firm: Firm, tmp_path: Path) -> None:
    founding = CreateCompany(code="AW", name="Away Ltd", country="US", currency="USD")
    away = await firm.database.perform(firm.actor("administrator"), founding)
    key = ExternalKey(source="legacy", key="P1")
    await firm.database.transact(
        firm.actor("buyer"), lambda work: attach(work, work.find(VendorPrice, firm["bolt_price"]), key)
    )
    (tmp_path / "on.csv").write_text("Price,Quantity,Company\nP1,300,AW\n")
    both = replace(firm.actor("administrator"), companies=frozenset({firm.company, away}))
    report = await run(firm.database, both, tmp_path, declared(ON_ORDER, "m.toml"))
    assert [one.code for one in report.refusals] == ["BAD_INPUT"]
    chosen = deepcopy(ON_ORDER)
    chosen["section"][0]["columns"]["company"] = {
        "column": "Company",
        "do": [{"reference": {"kind": "company", "by": "code"}}],
    }
    report = await run(firm.database, both, tmp_path, declared(chosen, "m.toml"))
    assert (dict(report.exceptions), report.refusals) == ({"on_order_mismatch": 1}, [])
    (told,) = await listed(firm, companies=both.companies)
    assert (told["message"], told["company"]) == (
        "The source has 300 PCE on order, its open orders come to 0.", {"code": "AW"}
    )  # fmt: skip
