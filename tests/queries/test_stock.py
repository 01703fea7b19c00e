"""Goods in the house, over the API: what is available, and what is kept for whom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from resolvers.ids import global_id
from tests.domain.test_reservations import HOUR, keeper, reserved, stocked
from tests.firm import TODAY, Firm
from tests.queries.api import Client, client, id_of, statements

POSITIONS = """{ product(id: "%s") { positions { nodes { location { code } onHand reserved available incoming } } } }"""


async def positions(firm: Firm, after: timedelta = timedelta(0)) -> list[Any]:
    asked = POSITIONS % id_of(firm, "bolt", "product")
    found = (await Client(firm, keeper(firm, after)).ask(asked))["product"]["positions"]["nodes"]
    return [(one["location"]["code"], *(one[name] for name in ("onHand", "reserved", "available"))) for one in found]


async def reserve(firm: Firm, role: str = "storekeeper", quantity: str = "4", **told: Any) -> Any:
    asked = {
        "customer": id_of(firm, "customer", "partner"), "heldUntil": (TODAY + HOUR).isoformat(),
        "lines": [{"product": id_of(firm, "bolt", "product"), "quantity": quantity}],
    }  # fmt: skip
    selection = """reservation { id number state version expired heldUntil
      lines { quantity openQuantity location { code } } availableActions { action allowed } }"""
    return await client(firm, role).do("createReservation", selection=selection, **asked | told)


async def test_positions_tell_what_is_available(firm: Firm) -> None:
    await stocked(firm)
    made = await reserve(firm)
    assert made["errors"] == []
    assert made["reservation"] | {"id": "", "version": 0} == {
        "id": "", "number": "RS2026-00001", "state": "ACTIVE", "version": 0, "expired": False,
        "heldUntil": "2026-03-02T10:00:00.000000Z",
        "lines": [{"quantity": "4", "openQuantity": "4", "location": {"code": "IN"}}],
        "availableActions": [
            {"action": "RESCHEDULE", "allowed": True}, {"action": "RELEASE", "allowed": True},
        ],
    }  # fmt: skip
    assert await positions(firm) == [("IN", "10", "4", "6")]
    assert await positions(firm, HOUR) == [("IN", "10", "0", "10")]


async def test_positions_are_filtered_and_ordered_by_what_is_available(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "10")
    found = """{ positions(filter: {available: {lte: "0"}, reserved: {gt: "0"}}, orderBy: [{field: AVAILABLE}]) {
      totalCount nodes { onHand } } products(filter: {positions: {some: {available: {gt: "0"}}}}) { totalCount } }"""
    answer = await client(firm).ask(found)
    assert answer == {"positions": {"totalCount": 1, "nodes": [{"onHand": "10"}]}, "products": {"totalCount": 0}}


async def test_positions_tell_what_is_promised_to_customers(firm: Firm) -> None:
    await stocked(firm)
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "3", "unitPrice": "1"}]
    seller, customer = client(firm, "seller"), id_of(firm, "customer", "partner")
    made = await seller.do("createSalesOrder", selection="salesOrder { id }", customer=customer, lines=lines)
    assert (await seller.do("confirmSalesOrder", id=made["salesOrder"]["id"]))["errors"] == []
    found = """{ positions(filter: {outgoing: {gt: "0"}}, orderBy: [{field: OUTGOING, direction: DESC}]) {
      nodes { outgoing available } } }"""
    assert (await seller.ask(found))["positions"]["nodes"] == [{"outgoing": "3", "available": "10"}]


async def test_what_is_reserved_is_read_in_one_statement_for_any_number_of_places(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm)
    with statements(firm.database) as sent:
        await client(firm).ask("{ positions { nodes { reserved available } } }")
    assert len([one for one in sent if "FROM read" in one or "from read" in one]) == 1


async def test_a_lack_of_stock_tells_what_is_there_and_what_is_kept(firm: Firm) -> None:
    await stocked(firm)
    await reserve(firm, quantity="7")
    asked = """mutation ($input: CreateReservationInput!) { createReservation(input: $input) { errors {
      code path ... on InsufficientStock { onHand reserved available product location } } } }"""
    given = {
        "customer": id_of(firm, "customer", "partner"), "heldUntil": (TODAY + HOUR).isoformat(),
        "lines": [{"product": id_of(firm, "bolt", "product"), "quantity": "4"}],
    }  # fmt: skip
    assert (await client(firm, "storekeeper").ask(asked, input=given))["createReservation"]["errors"] == [
        {
            "code": "INSUFFICIENT_STOCK", "path": ["lines", "0", "quantity"], "onHand": "10", "reserved": "7",
            "available": "3", "product": id_of(firm, "bolt", "product"),
            "location": id_of(firm, "receiving", "location"),
        }
    ]  # fmt: skip


async def test_a_reservation_is_a_paper_like_others(firm: Firm) -> None:
    await stocked(firm)
    id = global_id("reservation", await reserved(firm))
    keeper = client(firm, "storekeeper")
    found = """{ documents(filter: {kind: {eq: RESERVATION}}) { nodes { __typename kind number
      ... on Reservation { heldUntil } } } node(id: "%s") { __typename } }"""
    answer = await keeper.ask(found % id)
    assert [one["__typename"] for one in (*answer["documents"]["nodes"], answer["node"])] == ["Reservation"] * 2
    assert (await keeper.do("addComment", document=id, text="Call before."))["errors"] == []
    done = await keeper.do("rescheduleReservation", selection="reservation { version }", id=id, heldUntil=later(9))
    assert done == {"reservation": {"version": 2}, "errors": []}
    again = await keeper.do("releaseReservation", selection="reservation { state }", id=id, expectedVersion=1)
    assert [one["code"] for one in again["errors"]] == ["VERSION_CONFLICT"]
    done = await keeper.do("releaseReservation", selection="reservation { state }", id=id, expectedVersion=2)
    assert done == {"reservation": {"state": "RELEASED"}, "errors": []}


def later(hours: int) -> str:
    return (TODAY + hours * HOUR).isoformat()


async def test_who_may_not_reserve_is_told_so(firm: Firm) -> None:
    await stocked(firm)
    assert [one["code"] for one in (await reserve(firm, "buyer"))["errors"]] == ["FORBIDDEN"]
    asked = "{ reservations { totalCount } }"
    nobody = replace(firm.actor("viewer"), rights=frozenset({"purchase.read"}))
    assert [code for code, _ in await Client(firm, nobody).refused(asked)] == ["FORBIDDEN"]


async def test_a_customer_sees_his_own_reservations_alone(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm)
    asked = "{ reservations { nodes { number } } documents { nodes { number } } }"
    for partner, seen in (("customer", [{"number": "RS2026-00001"}]), ("other_vendor", [])):
        answer = await client(firm, "partner", partner=firm[partner]).ask(asked)
        assert answer == {"reservations": {"nodes": seen}, "documents": {"nodes": seen}}


async def test_the_storekeepers_desk_tells_which_reservations_end(firm: Firm) -> None:
    await stocked(firm)
    await reserved(firm, "1", hours=20)
    await reserved(firm, "1", hours=30)
    asked = '{ desk(role: "storekeeper") { views { name count } } }'
    views = (await client(firm, "storekeeper").ask(asked))["desk"]["views"]
    assert {one["name"]: one["count"] for one in views}["Reservations that end within a day"] == 1


async def test_goods_are_counted_moved_and_written_off_over_the_api(firm: Firm) -> None:
    await stocked(firm)
    who, bolt, shelf = client(firm, "storekeeper"), id_of(firm, "bolt", "product"), id_of(firm, "shelf", "location")
    made = await who.do(
        "createStockAdjustment", selection="stockAdjustment { id lines { counted booked difference quantity } }",
        lines=[{"product": bolt, "counted": "8", "reason": "two were bent"}],
    )  # fmt: skip
    assert made["stockAdjustment"]["lines"] == [
        {"counted": "8", "booked": "10", "difference": "-2", "quantity": "2"}
    ]  # fmt: skip
    actions = "stockAdjustment { number state availableActions { action } }"
    done = await who.do("postStockAdjustment", selection=actions, id=made["stockAdjustment"]["id"])
    assert done == {
        "stockAdjustment": {
            "number": "SA2026-00001", "state": "POSTED", "availableActions": [{"action": "REVERSE"}],
        },
        "errors": [],
    }  # fmt: skip
    made = await who.do(
        "createStockTransfer", selection="stockTransfer { id lines { id } destination { code } }", destination=shelf,
        lines=[{"product": bolt, "quantity": "5"}],
    )  # fmt: skip
    id, line = made["stockTransfer"]["id"], made["stockTransfer"]["lines"][0]["id"]
    actions = "stockTransfer { state availableActions { action allowed } lines { received closed } }"
    done = await who.do("shipStockTransfer", selection=actions, id=id)
    assert [one["action"] for one in done["stockTransfer"]["availableActions"]] == ["REVERSE", "RECEIVE", "WRITE_OFF"]
    await who.do("receiveStockTransfer", id=id, lines=[{"line": line, "quantity": "3"}])
    lost = {"line": line, "quantity": "2", "reason": "fell off the cart"}
    done = await who.do(
        "writeOffStockTransfer", selection="stockAdjustment { state reason lines { reason } }", id=id, lines=[lost]
    )
    assert (done["errors"], done["stockAdjustment"]["lines"]) == ([], [{"reason": "fell off the cart"}])
    asked = """{ stockTransfers(filter: {state: {eq: POSTED}}) { nodes { number lines { received closed } } }
      documents(filter: {kind: {in: [STOCK_ADJUSTMENT, STOCK_TRANSFER]}}) { totalCount } }"""
    answer = await who.ask(asked)
    assert answer["stockTransfers"]["nodes"] == [
        {"number": "ST2026-00001", "lines": [{"received": "3", "closed": "2"}]}
    ]
    assert answer["documents"]["totalCount"] == 3
    assert await positions(firm) == [("IN", "3", "0", "3"), ("A1", "3", "0", "3")]
    assert [one["code"] for one in (await client(firm).do("postStockTransfer", id=id))["errors"]] == ["FORBIDDEN"]
