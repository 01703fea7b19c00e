"""Desks and views: lists that are asked, and counted, with the reader's own eyes."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.access.role import ROLES
from domain.access.user import ApiKey, User
from domain.desks import desk as desks
from domain.desks.desk import DESKS, Desk
from domain.desks.worklist import Worklist
from domain.drafts.lines import OrderLine
from domain.exceptions.exception import KINDS, SourceRow, flag
from domain.flow.taking import BilledLine, TakenLine
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.purchase.order import ProposedDate
from domain.purchase.quotation import QuotedLine
from domain.purchase.writing import CreatePurchaseOrder
from resolvers.ids import global_id
from tests.domain.test_papers import do, line
from tests.domain.test_reservations import reserved
from tests.domain.test_stock_papers import sent
from tests.firm import TODAY, Firm
from tests.queries.api import Client, client, id_of, statements

DESKS_ASKED = "{ desks { role views { name on count resolvedFilter orderBy } } }"
VIEW = "view { id version name on filter resolvedFilter orderBy search shared count owner { name } }"
VIEWS = "{ views { nodes { name count } } }"
DRAFTS = {"on": "purchaseOrders", "filter": {"state": {"eq": "DRAFT"}}}
ALL = frozenset().union(*ROLES.values())


async def drafted(firm: Firm, quantity: str = "10", due: int = 3) -> UUID:
    """An order that is due so many days from today."""
    expected = TODAY.date() + timedelta(due)
    line = OrderLine(product=Ref(id=firm["bolt"]), quantity=Decimal(quantity), expected_on=expected)
    command = CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]), lines=[line])
    order: UUID = await firm.database.perform(firm.actor("buyer"), command)
    return order


async def acted(firm: Firm, verb: str, order: UUID, role: str = "buyer", **asked: Any) -> None:
    await firm.database.perform(firm.actor(role), COMMANDS[f"{verb}PurchaseOrder"](id=Ref(id=order), **asked))


async def submitted(firm: Firm, **asked: Any) -> UUID:
    order = await drafted(firm, **asked)
    await acted(firm, "Submit", order)
    return order


async def confirmed(firm: Firm, **asked: Any) -> UUID:
    order = await submitted(firm, **asked)
    await acted(firm, "Confirm", order)
    return order


async def received(firm: Firm, order: UUID, quantity: str, rejected: str = "0") -> str:
    query = "query ($id: ID!) { purchaseOrder(id: $id) { lines { id } } }"
    id = global_id("purchase_order", order)
    (line,) = (await client(firm).ask(query, id=id))["purchaseOrder"]["lines"]
    came = {"line": line["id"], "quantity": quantity, "rejected": rejected}
    came |= {"reason": "bent"} if Decimal(rejected) else {}
    keeper = client(firm, "storekeeper")
    made = await keeper.do("receivePurchaseOrder", id=id, lines=[came], selection="receipt { id }")
    assert made["errors"] == []
    return str(made["receipt"]["id"])


def _keys_and_exceptions(work: Work, firm: Firm) -> None:
    for name, days in (("soon", 10), ("late", 60), ("never", None)):
        ends = None if days is None else TODAY + timedelta(days)
        work.add(ApiKey(name=name, digest=name.encode(), hint="tgk", expires_at=ends))
    for index, kind in enumerate(KINDS):
        at = SourceRow(source="legacy", file="vendors.csv", row=2 + index)
        flag(work, kind, work.find(Partner, firm["vendor"]), at, "Something is wrong.")
    work.find(User, firm["user:buyer"]).roles = [*ROLES.keys() - {"partner"}]
    work.find(User, firm["user:viewer"]).locked_at = TODAY


@pytest.fixture(name="busy")
async def a_busy_firm(firm: Firm) -> Firm:
    """Orders in every situation that a desk looks for; the buyer has all roles and all rights."""
    await drafted(firm)
    rejected = await submitted(firm, quantity="1000")
    await acted(firm, "Reject", rejected, "approver", expected_version=2, reason="Too many.")
    await submitted(firm)
    for due in (-3, 0, 6, 7):
        last = await confirmed(firm, due=due)
    back = await received(firm, last, "10", rejected="2")
    taken = await client(firm, "storekeeper").do("reverseReceipt", id=back, reason="Wrong dock.")
    assert taken["errors"] == []
    await received(firm, await confirmed(firm, due=3), "4", rejected="1")
    await received(firm, await confirmed(firm, due=3), "10")
    await reserved(firm, "1", hours=20)
    await sent(firm, "1", how="ShipStockTransfer")
    await submitted(firm, quantity="1000")
    await firm.database.transact(firm.actor("administrator"), lambda work: _keys_and_exceptions(work, firm))
    firm.actors["buyer"] = replace(firm.actor("buyer"), rights=ALL)
    return firm


async def test_each_desk_shows_what_waits_there(busy: Firm) -> None:
    found = await client(busy).ask(DESKS_ASKED)
    counts = {desk["role"]: {view["name"]: view["count"] for view in desk["views"]} for desk in found["desks"]}
    assert counts["buyer"] == {
        "My drafts": 1, "Rejected": 1, "To be confirmed": 1, "Late": 1, "Due this week": 3, "Awaiting the vendor": 4,
        "Requisitions to source": 0, "Offers received": 0, "Dates proposed": 0,
    }  # fmt: skip
    assert counts["storekeeper"] == {
        "Expected today": 1, "In transit": 1, "Overdue": 1, "Refused of late": 1,
        "Reservations that end within a day": 1, "To be delivered today": 0, "Announced shipments": 0,
        "To be replaced": 1,
    }  # fmt: skip
    assert counts["approver"] == {"Waiting for my approval": 0}
    named = counts["accountant"]
    assert (named.pop("Received, not billed"), named.pop("Received, billing unknown")) == (2, 0)
    trade = {
        named.pop(name)
        for name in (
            "Bills to post", "To be invoiced", "Invoices to post", "Claims waiting", "Overdue invoices",
            "Bills due this week", "Payments to be posted", "Unallocated payments",
        )
    }  # fmt: skip
    assert (trade, set(named.values())) == ({0}, {1})
    assert counts["administrator"] == {
        "Open exceptions": 9, "Imports at work": 0, "Imports that failed": 0, "Locked out": 1,
        "Keys that end soon": 1, "Keys without an end": 1,
    }  # fmt: skip


async def waiting(firm: Firm, role: str) -> dict[str, int]:
    """What waits on the desk of a role, of what trade leaves there."""
    found = await client(firm, role).ask("{ desks { views { name count } } }")
    return {view["name"]: view["count"] for desk in found["desks"] for view in desk["views"] if view["count"]}


async def test_what_is_half_done_waits_on_the_desk_of_whoever_goes_on(firm: Firm) -> None:
    await papers_half_done(firm)
    assert await waiting(firm, "buyer") == {
        "Due this week": 1, "Awaiting the vendor": 1, "Requisitions to source": 1, "Offers received": 1,
        "Dates proposed": 1,
    }  # fmt: skip
    assert await waiting(firm, "seller") == {
        "My quotes": 1, "Orders to confirm": 1, "To be delivered": 1, "Late to customers": 1, "To be invoiced": 1,
    }  # fmt: skip
    assert await waiting(firm, "storekeeper") == {"To be delivered today": 1, "Announced shipments": 1}
    assert await waiting(firm, "accountant") == {
        "Bills due this week": 1, "Received, not billed": 1, "Bills to post": 1, "To be invoiced": 1,
        "Invoices to post": 1, "Claims waiting": 1,
    }  # fmt: skip


async def papers_half_done(firm: Firm) -> None:
    """One paper that waits for each of those who buy, sell, send, bill and claim."""
    some = [OrderLine(product=Ref(id=firm["bolt"]), quantity=Decimal(10))]
    vendor, customer = Ref(id=firm["vendor"]), Ref(id=firm["customer"])
    need = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=some)
    await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=Ref(id=need))
    asked = await do(firm, "buyer", "SourcePurchaseRequisition", id=Ref(id=need), vendor=vendor)
    await do(firm, "buyer", "SendRequestForQuotation", id=Ref(id=asked))
    offer = [QuotedLine(line=Ref(id=(await line(firm, asked)).id), unit_price=Decimal(1))]
    await do(firm, "buyer", "OfferRequestForQuotation", id=Ref(id=asked), lines=offer)
    late = await confirmed(firm, due=3)
    dates = [ProposedDate(line=Ref(id=(await line(firm, late)).id), proposed_on=TODAY.date() + timedelta(9))]
    await do(firm, "buyer", "AcknowledgePurchaseOrder", id=Ref(id=late), dates=dates)
    await do(firm, "buyer", "AnnouncePurchaseOrder", id=Ref(id=late))
    receipt = await do(firm, "storekeeper", "ReceivePurchaseOrder", id=Ref(id=await confirmed(firm)))
    for number, quantity in (("1", "4"), ("2", "3")):
        taken = [BilledLine(line=Ref(id=(await line(firm, receipt)).id), quantity=Decimal(quantity))]
        bill = await do(firm, "accountant", "BillReceipt", id=Ref(id=receipt), lines=taken, vendor_reference=number)
        if number == "1":
            await do(firm, "accountant", "PostVendorBill", id=Ref(id=bill))
            claim = await do(firm, "accountant", "ClaimVendorBill", id=Ref(id=bill))
            await do(firm, "accountant", "PostDebitNote", id=Ref(id=claim))
    given = replace(some[0], unit_price=Decimal(2), expected_on=TODAY.date() - timedelta(1))
    await do(firm, "seller", "CreateQuote", customer=customer, lines=[given])
    sales = [await do(firm, "seller", "CreateSalesOrder", customer=customer, lines=[given]) for _ in "ab"]
    await do(firm, "seller", "ConfirmSalesOrder", id=Ref(id=sales[1]))
    part = [TakenLine(line=Ref(id=(await line(firm, sales[1])).id), quantity=Decimal(4))]
    await do(firm, "storekeeper", "DeliverSalesOrder", id=Ref(id=sales[1]), lines=part)
    await do(firm, "accountant", "InvoiceSalesOrder", id=Ref(id=sales[1]))


async def test_a_shipped_view_lists_what_it_counts(busy: Firm) -> None:
    who = client(busy)
    for desk in (await who.ask(DESKS_ASKED))["desks"]:
        for view in desk["views"]:
            word = view["on"][0].upper() + view["on"][1:]
            kinds = {
                "expectedReceipts": "PurchaseOrder",
                "awaitingMyApproval": "ApprovalRequest",
                "requestsForQuotation": "RequestForQuotation",
            }
            kind = kinds.get(view["on"], word.removesuffix("s"))
            query = f"""query ($filter: {kind}Filter, $orderBy: [{kind}Order!]) {{
              {view["on"]}(filter: $filter, orderBy: $orderBy) {{ totalCount nodes {{ id }} }} }}"""
            found = await who.ask(query, filter=view["resolvedFilter"], orderBy=view["orderBy"])
            assert found[view["on"]]["totalCount"] == len(found[view["on"]]["nodes"]) == view["count"], view["name"]


async def test_all_desks_are_counted_in_one_statement(busy: Firm) -> None:
    who = client(busy)
    asked = " ".join(f'{role}: desk(role: "{role}") {{ views {{ count resolvedFilter }} }}' for role in DESKS)
    with statements(busy.database) as told:
        await who.ask(f"{{ {asked} }}")
    _enter, _zone, counts = told
    assert counts.count("count(*)") == sum(len(desk.views) for desk in DESKS.values())
    for index in range(5):
        made = await who.do("createView", name=f"View {index}", **DRAFTS)
        assert made["errors"] == []
    with statements(busy.database) as told:
        found = await who.ask(VIEWS)
    assert [view["count"] for view in found["views"]["nodes"]] == [2] * 5
    assert len(told) == 4


async def test_the_queue_of_an_approver_says_why_and_leaves_out_what_is_not_theirs(busy: Firm) -> None:
    query = """{ desk(role: "approver") { views { on count } }
      awaitingMyApproval { nodes { why document { ... on PurchaseOrder { total { amount } } } } } }"""
    found = await client(busy, "approver").ask(query)
    assert found["desk"]["views"] == [{"on": "awaitingMyApproval", "count": 1}]
    (request,) = found["awaitingMyApproval"]["nodes"]
    assert "reaches the company's threshold of 1000 USD" in request["why"]


async def test_one_has_the_desks_of_one_s_roles(firm: Firm) -> None:
    for role, mine in (("storekeeper", ["storekeeper"]), ("viewer", []), ("partner", [])):
        found = await client(firm, role).ask("{ desks { role } }")
        assert [desk["role"] for desk in found["desks"]] == mine
    assert (await client(firm).ask('{ desk(role: "king") { role } }')) == {"desk": None}


async def test_a_count_that_is_not_for_the_reader_is_null_and_the_others_stand(firm: Firm) -> None:
    result = await client(firm, "storekeeper").answer('{ desk(role: "administrator") { views { name count } } }')
    counts = {view["name"]: view["count"] for view in result.data["desk"]["views"]}
    assert (counts.pop("Open exceptions"), set(counts.values())) == (0, {None})
    assert [(error.path[2:], error.extensions["code"]) for error in result.errors] == [
        ([index, "count"], "FORBIDDEN") for index in range(1, 6)
    ]


async def kept(who: Client, **given: Any) -> Any:
    made = await who.do("createView", selection=VIEW, **{"name": "Mine", **DRAFTS, **given})
    assert made["errors"] == []
    return made["view"]


async def test_a_view_is_kept_changed_and_put_away(firm: Firm) -> None:
    await drafted(firm)
    who = client(firm)
    order = [{"field": "DATED", "direction": "DESC"}]
    view = await kept(who, orderBy=order, search="po", description="What I write.")
    assert view | {"id": ""} == {
        "id": "", "version": 1, "name": "Mine", "on": "purchaseOrders", "filter": DRAFTS["filter"],
        "resolvedFilter": DRAFTS["filter"], "orderBy": order, "search": "po", "shared": False, "count": 1,
        "owner": {"name": "Buyer"},
    }  # fmt: skip
    named = {"id": view["id"], "expectedVersion": 1}
    other = await who.do("updateView", **named, search="nothing", filter={}, selection=VIEW)
    assert (other["view"]["count"], other["view"]["filter"], other["view"]["orderBy"]) == (0, {}, order)
    stale = await who.do("updateView", **named, name="Late")
    assert [error["code"] for error in stale["errors"]] == ["VERSION_CONFLICT"]
    for verb, there in (("archiveView", 0), ("restoreView", 1)):
        assert (await who.do(verb, id=view["id"]))["errors"] == []
        assert (await who.ask("{ views { totalCount } }"))["views"] == {"totalCount": there}


@pytest.mark.parametrize(
    ("given", "path"),
    [
        ({"on": "nothing"}, ["on"]),
        ({"on": "purchaseOrder"}, ["on"]),
        ({"filter": {"colour": {"eq": "red"}}}, ["filter"]),
        ({"filter": {"state": {"eq": "BLUE"}}}, ["filter", "state", "eq"]),
        ({"filter": {"lines": {"some": {"open": {}}}}}, ["filter", "lines", "some"]),
        ({"filter": {"total": {"gt": 1.5}}}, ["filter", "total", "gt"]),
        ({"filter": {"total": {"gt": "$today"}}}, ["filter", "total", "gt"]),
        ({"filter": {"dated": {"eq": "$tomorrow"}}}, ["filter", "dated", "eq"]),
        ({"filter": {"dated": {"eq": "$today+12345"}}}, ["filter", "dated", "eq"]),
        ({"filter": {"dated": {"eq": None}}}, ["filter", "dated", "eq"]),
        ({"filter": {"createdBy": {"id": {"eq": "me"}}}}, ["filter", "createdBy", "id", "eq"]),
        ({"filter": {"or": [{"state": {"eq": "DRAFT"}}, {"state": "DRAFT"}]}}, ["filter", "or", "1", "state"]),
        ({"filter": {"and": [{}] * 300}}, ["filter"]),
        ({"filter": {"total": {"in": [1e400]}}}, ["filter", "total", "in", "0"]),
        ({"filter": "all"}, ["filter"]),
        ({"filter": {"note": {"eq": "x" * 20_000}}}, ["filter"]),
        ({"orderBy": [{"field": "COLOUR"}]}, ["orderBy", "0", "field"]),
        ({"orderBy": ["DATED"]}, ["orderBy", "0"]),
        ({"on": "rates", "filter": {}, "search": "x"}, ["search"]),
        ({"name": " "}, ["name"]),
    ],
)
async def test_a_view_that_could_not_be_asked_is_not_kept(firm: Firm, given: dict[str, Any], path: list[str]) -> None:
    made = await client(firm).do("createView", **{"name": "Mine", **DRAFTS, **given})
    assert [(error["code"], error["path"]) for error in made["errors"]] == [("BAD_INPUT", path)]


async def test_a_number_in_a_filter_is_kept_as_exact_as_a_text(firm: Firm) -> None:
    bare = await kept(client(firm), filter={"total": {"gt": Decimal("1.50")}})
    assert (bare["filter"], bare["count"]) == ({"total": {"gt": "1.50"}}, 0)


async def test_a_filter_nested_without_end_is_refused(firm: Firm) -> None:
    for opening, closing in (('{"not":', "}"), ("[", "]"), ('{"and":[', "]}")):
        deep = json.loads('{"not":' + opening * 400 + "{}" + closing * 400 + "}")
        made = await client(firm).do("createView", name="Deep", on="purchaseOrders", filter=deep)
        assert [(error["code"], error["path"][0]) for error in made["errors"]] == [("BAD_INPUT", "filter")]


async def test_what_one_may_not_see_one_cannot_count_by_keeping_a_view(firm: Firm) -> None:
    await drafted(firm)
    dear = {"on": "purchaseOrders", "filter": {"total": {"gt": "1"}}}
    keeper = client(firm, "storekeeper")
    made = await keeper.do("createView", name="Dear", **dear)
    assert [(error["code"], error["path"]) for error in made["errors"]] == [("FORBIDDEN", ["filter", "total"])]
    assert (await kept(client(firm), shared=True, **dear))["count"] == 1
    result = await keeper.answer(VIEWS)
    assert result.data["views"]["nodes"] == [{"name": "Mine", "count": None}]
    assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"]
    made = await keeper.do("createView", name="Users", on="users")
    assert [error["code"] for error in made["errors"]] == ["FORBIDDEN"]


async def test_the_same_view_is_counted_for_each_reader(firm: Firm) -> None:
    await drafted(firm)
    mine = {"createdBy": {"id": {"eq": "$me"}}}
    view = await kept(client(firm), filter=mine, shared=True)
    assert (view["count"], view["filter"]) == (1, mine)
    assert view["resolvedFilter"] == {"createdBy": {"id": {"eq": id_of(firm, "user:buyer", "user_account")}}}
    assert (await client(firm, "viewer").ask(VIEWS))["views"]["nodes"] == [{"name": "Mine", "count": 0}]
    elsewhere = client(firm, "viewer", companies=frozenset())
    everything = await kept(client(firm), filter={}, shared=True, name="All")
    assert everything["count"] == 1
    assert [view["count"] for view in (await elsewhere.ask(VIEWS))["views"]["nodes"]] == [0, 0]
    program = Client(firm, replace(firm.actor("viewer"), user=None, key=uuid7()))
    assert [view["count"] for view in (await program.ask(VIEWS))["views"]["nodes"]] == [1, 0]


async def test_a_private_view_is_nobody_else_s(firm: Firm) -> None:
    view = await kept(client(firm))
    colleague = client(firm, "administrator")
    assert (await colleague.ask(VIEWS))["views"]["nodes"] == []
    query = "query ($id: ID!) { view(id: $id) { name } node(id: $id) { id } }"
    assert await colleague.ask(query, id=view["id"]) == {"view": None, "node": None}
    for verb, given in (("updateView", {"expectedVersion": 1, "name": "Ours"}), ("archiveView", {})):
        made = await colleague.do(verb, id=view["id"], **given)
        assert [(error["code"], error["path"]) for error in made["errors"]] == [("NOT_FOUND", ["id"])]
    told = await colleague.ask("{ events { nodes { type } } }")
    assert "Mine" not in json.dumps(told)


async def test_sharing_needs_a_right_and_so_does_touching_what_is_shared(firm: Firm) -> None:
    keeper = client(firm, "storekeeper")
    made = await keeper.do("createView", name="Ours", shared=True, **DRAFTS)
    assert [(error["code"], error["__typename"]) for error in made["errors"]] == [("FORBIDDEN", "Forbidden")]
    own = await kept(keeper)
    made = await keeper.do("updateView", id=own["id"], expectedVersion=1, shared=True)
    assert [error["code"] for error in made["errors"]] == ["FORBIDDEN"]
    ours = await kept(client(firm), name="Ours", shared=True)
    for verb, given in (("updateView", {"expectedVersion": 1, "shared": False}), ("archiveView", {})):
        made = await keeper.do(verb, id=ours["id"], **given)
        assert [error["code"] for error in made["errors"]] == ["FORBIDDEN"]
    changed = await client(firm, "administrator").do("updateView", id=ours["id"], expectedVersion=1, name="All of ours")
    assert changed["errors"] == []
    assert (await keeper.ask(VIEWS))["views"]["nodes"] == [
        {"name": "All of ours", "count": 0},
        {"name": "Mine", "count": 0},
    ]


async def test_an_outsider_keeps_views_of_their_own_and_sees_none_of_the_firm_s(firm: Firm) -> None:
    await kept(client(firm), name="Ours", shared=True)
    await confirmed(firm)
    outsider = client(firm, "partner", partner=firm["vendor"])
    assert (await kept(outsider, filter={}))["count"] == 1
    assert (await outsider.ask(VIEWS))["views"]["nodes"] == [{"name": "Mine", "count": 1}]
    made = await outsider.do("createView", name="All", on="partners", shared=True)
    assert [error["code"] for error in made["errors"]] == ["FORBIDDEN"]


@pytest.mark.parametrize(
    ("zone", "day"), [("UTC", "2026-03-02"), ("Asia/Tokyo", "2026-03-03"), ("Pacific/Midway", "2026-03-02")]
)
async def test_today_is_the_day_in_the_company_s_zone(firm: Firm, zone: str, day: str) -> None:
    def move(work: Work) -> None:
        work.find(Company, firm.company).time_zone = zone

    await firm.database.transact(firm.actor("administrator"), move)
    late = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
    who = client(firm, clock=lambda: late)
    given = {"dated": {"gte": "$today", "lt": "$today+7"}, "expectedOn": {"ne": "$today-30"}}
    view = await kept(who, filter=given | {"confirmedAt": {"lt": "$now-1"}})
    start = datetime.fromisoformat(day).date()
    assert view["resolvedFilter"] == {
        "dated": {"gte": day, "lt": str(start + timedelta(7))},
        "expectedOn": {"ne": str(start - timedelta(30))},
        "confirmedAt": {"lt": "2026-03-01T22:30:00+00:00"},
    }


async def test_a_view_can_be_of_a_list_with_arguments_of_its_own(firm: Firm) -> None:
    order = await confirmed(firm)
    given = {"kind": ["PURCHASE_ORDER"], "id": [global_id("purchase_order", order)]}
    assert (await kept(client(firm), on="events", filter=given))["count"] == 0
    made = await client(firm).do("createView", name="Log", on="events", orderBy=[{"field": "AT"}])
    assert [(error["code"], error["path"]) for error in made["errors"]] == [("BAD_INPUT", ["orderBy"])]


async def test_a_plugin_s_fields_can_be_filtered_by(firm: Firm) -> None:
    view = await kept(client(firm), filter={"custom": {"incoterm": {"in": ["FOB"]}}})
    assert view["count"] == 0


def test_a_desk_takes_more_views_but_none_twice() -> None:
    desks.set_up(Desk(role="gardener", title="Garden", description="Plants.", views=()))
    try:
        view = Worklist(on="products", name="Seeds")
        desks.add("gardener", view)
        assert DESKS["gardener"].views == (view,)
        with pytest.raises(ValueError, match="two views called 'Seeds'"):
            desks.add("gardener", Worklist(on="partners", name="Seeds"))
        with pytest.raises(ValueError, match="has a desk"):
            desks.set_up(Desk(role="gardener", title="Garden", description="Plants."))
    finally:
        del DESKS["gardener"]
