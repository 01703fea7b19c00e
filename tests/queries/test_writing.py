"""Mutations answer with the record or with typed refusals, once per key, and try without writing."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from domain.kernel.base import uuid7
from tests.firm import Firm
from tests.queries.api import Client, client, id_of

PAPER = "purchaseOrder { id number version state total { amount } lines { open: openQuantity quantity } }"


def lines(firm: Firm, quantity: Any = "10", **more: Any) -> list[dict[str, Any]]:
    return [{"product": id_of(firm, "bolt", "product"), "quantity": quantity, "unitPrice": "1.25", **more}]


async def order(who: Client, **given: Any) -> Any:
    known = {"vendor": id_of(who.firm, "vendor", "partner"), "lines": lines(who.firm)}
    return await who.do("createPurchaseOrder", selection=PAPER, **{**known, **given})


async def everything(url: str) -> dict[str, int]:
    """How many rows each table holds. Numbers from a series may be used up without a paper."""
    connection = await asyncpg.connect(url)
    names = await connection.fetch("select tablename from pg_tables where schemaname = 'public'")
    tables = [row["tablename"] for row in names if row["tablename"] != "number_series"]
    counts = {table: await connection.fetchval(f"select count(*) from {table}") for table in tables}
    await connection.close()
    return counts


async def test_buying_goes_from_draft_to_stock(firm: Firm) -> None:
    buyer, keeper = client(firm), client(firm, "storekeeper")
    paper = (await order(buyer))["purchaseOrder"]
    assert paper | {"id": ""} == {
        "id": "", "number": "PO2026-00001", "version": 1, "state": "DRAFT", "total": {"amount": "13.50"},
        "lines": [{"open": "0", "quantity": "10"}],
    }  # fmt: skip
    submitted = await buyer.do("submitPurchaseOrder", id=paper["id"], selection=PAPER)
    assert submitted["purchaseOrder"]["state"] == "APPROVED"
    confirmed = await buyer.do("confirmPurchaseOrder", id=paper["id"], selection=PAPER)
    assert confirmed["purchaseOrder"]["lines"] == [{"open": "10", "quantity": "10"}]
    expected = "{ expectedReceipts { nodes { number } } positions { nodes { onHand incoming product { sku } } } }"
    told = await keeper.ask(expected)
    assert told["expectedReceipts"]["nodes"] == [{"number": "PO2026-00001"}]
    assert told["positions"]["nodes"] == [{"onHand": "0", "incoming": "10", "product": {"sku": "BOLT"}}]
    came = await keeper.do("receivePurchaseOrder", id=paper["id"], selection="receipt { number lines { accepted } }")
    assert came["receipt"] == {"number": "GR2026-00001", "lines": [{"accepted": "10"}]}
    told = await keeper.ask(expected)
    assert told["expectedReceipts"]["nodes"] == []
    assert told["positions"]["nodes"] == [{"onHand": "10", "incoming": "0", "product": {"sku": "BOLT"}}]


@pytest.mark.parametrize(
    ("line", "path"),
    [
        ({"quantity": "abc"}, ["lines", "0", "quantity"]),
        ({"quantity": "NaN"}, ["lines", "0", "quantity"]),
        ({"quantity": "-Infinity"}, ["lines", "0", "quantity"]),
        ({"quantity": "1e30"}, ["lines", "0", "quantity"]),
        ({"quantity": "1e999999999"}, ["lines", "0", "quantity"]),
        ({"quantity": True}, ["lines", "0", "quantity"]),
        ({"quantity": [1]}, ["lines", "0", "quantity"]),
        ({"quantity": 0}, ["lines", "0", "quantity"]),
        ({"quantity": -1}, ["lines", "0", "quantity"]),
        ({"quantity": 1.5}, ["lines", "0", "quantity"]),
        ({"quantity": "1" * 200}, ["lines", "0", "quantity"]),
        ({"unitPrice": "0.12345678901234567890"}, ["lines", "0", "unitPrice"]),
        ({"expectedOn": "tomorrow"}, ["lines", "0", "expectedOn"]),
        ({"expectedOn": 7}, ["lines", "0", "expectedOn"]),
        ({"text": "a\0b"}, ["lines", "0", "text"]),
        ({"text": ""}, ["lines", "0", "text"]),
        ({"text": " "}, ["lines", "0", "text"]),
        ({"text": "a\ud800b"}, ["lines", "0", "text"]),
        ({"product": "nonsense"}, ["lines", "0", "product"]),
    ],
)
async def test_what_cannot_be_used_is_refused_at_its_field(firm: Firm, line: dict[str, Any], path: list[str]) -> None:
    given = {"vendor": id_of(firm, "vendor", "partner"), "lines": [{**lines(firm)[0], **line}]}
    made = await order(client(firm), **given)
    assert made["purchaseOrder"] is None
    assert [(error["__typename"], error["code"], error["path"]) for error in made["errors"]] == [
        ("GenericRefusal", "BAD_INPUT", path)
    ]


async def test_all_mistakes_are_told_at_once(firm: Firm) -> None:
    broken = [{**lines(firm)[0], "quantity": "x"}, lines(firm)[0], {**lines(firm)[0], "tax": "y", "expectedOn": "z"}]
    made = await order(client(firm), vendor="nobody", lines=broken)
    assert {tuple(error["path"]) for error in made["errors"]} == {
        ("vendor",),
        ("lines", "0", "quantity"),
        ("lines", "2", "tax"),
        ("lines", "2", "expectedOn"),
    }


async def test_refusals_carry_what_a_client_can_act_on(firm: Firm) -> None:
    buyer = client(firm)
    paper = (await order(buyer))["purchaseOrder"]
    stale = await buyer.do("updatePurchaseOrder", id=paper["id"], expectedVersion=99, note="late")
    assert stale["errors"] == [
        {
            "__typename": "VersionConflict",
            "code": "VERSION_CONFLICT",
            "message": "Somebody changed the record meanwhile; read it again and repeat your change.",
            "path": ["expectedVersion"],
            "current": 1,
        }
    ]
    early = await buyer.do("confirmPurchaseOrder", id=paper["id"])
    assert [(one["__typename"], one["state"], one["possible"]) for one in early["errors"]] == [
        ("WrongState", "DRAFT", ["SUBMIT", "CANCEL"])
    ]
    for action in ("submitPurchaseOrder", "confirmPurchaseOrder"):
        assert (await buyer.do(action, id=paper["id"]))["errors"] == []
    line = (await buyer.ask("{ purchaseOrders { nodes { lines { id } } } }"))["purchaseOrders"]["nodes"][0]["lines"][0]
    keeper = client(firm, "storekeeper")
    over = await keeper.do("receivePurchaseOrder", id=paper["id"], lines=[{"line": line["id"], "quantity": 11}])
    assert [(one["__typename"], one["allowed"], one["path"]) for one in over["errors"]] == [
        ("OverReceipt", "10", ["lines", "0", "quantity"])
    ]


async def test_every_refusal_for_a_state_tells_it_and_what_is_possible_instead(firm: Firm) -> None:
    buyer, keeper = client(firm), client(firm, "storekeeper")

    async def told(who: Client, verb: str, **given: Any) -> list[tuple[str, list[str]]]:
        answer = await who.do(verb, **given)
        return [(one["state"], one["possible"]) for one in answer["errors"] if one["code"] == "WRONG_STATE"]

    paper = (await order(buyer))["purchaseOrder"]["id"]
    for action in ("submit", "confirm"):
        assert (await buyer.do(f"{action}PurchaseOrder", id=paper))["errors"] == []
    possible = ["CLOSE", "ACKNOWLEDGE", "ACCEPT_DATES", "CANCEL", "ANNOUNCE", "RECEIVE", "BILL"]
    (known,) = (await buyer.ask("{ purchaseOrders { nodes { version } } }"))["purchaseOrders"]["nodes"]
    assert await told(buyer, "updatePurchaseOrder", id=paper, expectedVersion=known["version"]) == [
        ("CONFIRMED", possible)
    ]
    came = await keeper.do("receivePurchaseOrder", id=paper, selection="receipt { id }")
    possible.remove("CANCEL")
    assert await told(buyer, "cancelPurchaseOrder", id=paper, reason="late") == [("CONFIRMED", possible)]
    assert (await buyer.do("closePurchaseOrder", id=paper))["errors"] == []
    assert await told(keeper, "reverseReceipt", id=came["receipt"]["id"], reason="x") == [
        ("CLOSED", ["REOPEN", "BILL"])
    ]
    assert (await buyer.do("reopenPurchaseOrder", id=paper))["errors"] == []
    assert (await keeper.do("reverseReceipt", id=came["receipt"]["id"], reason="x"))["errors"] == []
    assert await told(keeper, "reverseReceipt", id=came["receipt"]["id"], reason="y") == [("REVERSED", [])]
    query = "{ receipts { nodes { id number } } }"
    (mirror,) = (
        node["id"] for node in (await keeper.ask(query))["receipts"]["nodes"] if node["id"] != came["receipt"]["id"]
    )
    assert await told(keeper, "reverseReceipt", id=mirror, reason="z") == [("POSTED", ["RETURN", "BILL"])]


async def test_who_lacks_the_right_is_refused_whatever_they_send(firm: Firm) -> None:
    made = await order(client(firm, "viewer"), vendor="nobody")
    assert [(error["__typename"], error["code"]) for error in made["errors"]] == [("Forbidden", "FORBIDDEN")]


async def test_a_trial_answers_totals_and_writes_nothing(firm: Firm, database_url: str) -> None:
    before = await everything(database_url)
    tried = await order(client(firm), validateOnly=True)
    assert tried["errors"] == []
    assert (tried["purchaseOrder"]["total"], tried["purchaseOrder"]["number"]) == ({"amount": "13.50"}, None)
    refused = await order(client(firm), validateOnly=True, lines=lines(firm, "-1"))
    assert [error["path"] for error in refused["errors"]] == [["lines", "0", "quantity"]]
    assert await everything(database_url) == before
    assert (await order(client(firm)))["purchaseOrder"]["number"] == "PO2026-00001"


async def test_a_trial_does_not_stain_what_is_done_beside_it(firm: Firm) -> None:
    paper = (await order(client(firm)))["purchaseOrder"]
    query = """mutation ($id: ID!) {
      tried: submitPurchaseOrder(input: {id: $id, validateOnly: true}) { purchaseOrder { state } errors { code } }
      done: cancelPurchaseOrder(input: {id: $id, reason: "not needed"}) { purchaseOrder { state } errors { code } }
      late: submitPurchaseOrder(input: {id: $id, validateOnly: true}) { purchaseOrder { state } errors { code } } }"""
    told = await client(firm).ask(query, id=paper["id"])
    assert told["tried"] == {"purchaseOrder": {"state": "APPROVED"}, "errors": []}
    assert told["done"] == {"purchaseOrder": {"state": "CANCELLED"}, "errors": []}
    assert told["late"] == {"purchaseOrder": None, "errors": [{"code": "WRONG_STATE"}]}


async def test_the_same_key_twice_at_once_is_done_once(firm: Firm) -> None:
    both = await asyncio.gather(*(order(client(firm), idempotencyKey="one") for _ in range(5)))
    assert {(one["purchaseOrder"]["id"], len(one["errors"])) for one in both} == {(both[0]["purchaseOrder"]["id"], 0)}
    assert (await client(firm).ask("{ purchaseOrders { totalCount } }"))["purchaseOrders"] == {"totalCount": 1}


async def test_a_key_stands_for_one_request(firm: Firm) -> None:
    who = client(firm)
    first = await order(who, key="header")
    again = await order(who, idempotencyKey="header")
    assert again["purchaseOrder"]["id"] == first["purchaseOrder"]["id"]
    other = await order(who, key="header", note="something else")
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]
    someone = await order(client(firm, rights=firm.actor("buyer").rights, user=uuid7()), key="header")
    assert someone["errors"] == []
    assert someone["purchaseOrder"]["id"] != first["purchaseOrder"]["id"]


async def test_a_refusal_is_repeated_with_its_facts(firm: Firm) -> None:
    who = client(firm)
    paper = (await order(who))["purchaseOrder"]
    first = await who.do("confirmPurchaseOrder", id=paper["id"], key="k")
    assert (await who.do("submitPurchaseOrder", id=paper["id"]))["errors"] == []
    again = await who.do("confirmPurchaseOrder", id=paper["id"], key="k")
    assert again == first
    assert again["errors"][0]["state"] == "DRAFT"


async def test_a_program_must_name_its_requests(firm: Firm) -> None:
    program = Client(firm, replace(firm.actor("buyer"), user=None, key=uuid7()))
    bare = await order(program)
    assert [(error["code"], error["path"]) for error in bare["errors"]] == [("BAD_INPUT", ["idempotencyKey"])]
    assert (await order(program, validateOnly=True))["errors"] == []
    assert (await order(program, idempotencyKey="x"))["errors"] == []
    assert (await order(program, key="y"))["errors"] == []
    long = await order(program, idempotencyKey="x" * 256)
    assert [error["path"] for error in long["errors"]] == [["idempotencyKey"]]


async def test_a_key_is_shown_once(firm: Firm) -> None:
    who = client(firm, "administrator")
    query = "apiKey { name hint } secret"
    made = await who.do("createApiKey", name="shop", roles=["viewer"], key="k", selection=query)
    assert made["secret"].startswith(made["apiKey"]["hint"].rstrip("…"))
    again = await who.do("createApiKey", name="shop", roles=["viewer"], key="k", selection=query)
    assert again == made | {"secret": None}


async def test_words_are_written_in_capitals_and_read_so(firm: Firm) -> None:
    address = {"role": "DELIVERY", "street": "1 Main St", "city": "Springfield", "country": "US"}
    given = {"number": "N1", "name": "New", "isVendor": True, "addresses": [address]}
    made = await client(firm).do("createPartner", selection="partner { isVendor addresses { role city } }", **given)
    assert made["errors"] == []
    assert made["partner"] == {"isVendor": True, "addresses": [{"role": "DELIVERY", "city": "Springfield"}]}


async def test_null_is_refused_where_nothing_can_be_meant_by_it(firm: Firm) -> None:
    paper = (await order(client(firm)))["purchaseOrder"]
    changed = await client(firm).do("updatePurchaseOrder", id=paper["id"], expectedVersion=1, dated=None, note=None)
    assert [(error["code"], error["path"]) for error in changed["errors"]] == [("BAD_INPUT", ["dated"])]


async def test_coming_in_and_going_out(firm: Firm) -> None:
    admin = client(firm, "administrator")
    company = (await admin.ask("{ companies { nodes { id } } }"))["companies"]["nodes"][0]["id"]
    word = "correct horse battery staple"
    made = await admin.do("createUser", account="ann", name="Ann", password=word, roles=["buyer"], companies=[company])
    assert made["errors"] == []
    enter = """mutation ($input: SignInInput!) { signIn(input: $input) {
      token expiresAt me { name roles } errors { __typename code } } }"""
    stranger = Client(firm, None)
    told = (await stranger.ask(enter, input={"account": "Ann", "password": word}))["signIn"]
    assert told["token"]
    assert told["me"] == {"name": "ann", "roles": ["buyer"]}
    wrong = (await stranger.ask(enter, input={"account": "ann", "password": "guess"}))["signIn"]
    assert wrong == {
        "token": None, "expiresAt": None, "me": None,
        "errors": [{"__typename": "GenericRefusal", "code": "SIGN_IN_FAILED"}],
    }  # fmt: skip


async def test_an_unknown_failure_tells_no_more_than_its_request(
    firm: Firm, database_url: str, caplog: pytest.LogCaptureFixture
) -> None:
    owner = await asyncpg.connect(database_url)
    await owner.execute("drop view read.rate")
    await owner.close()
    result = await client(firm).answer("{ rates { totalCount } partners { totalCount } }")
    (error,) = result.errors
    assert error.message == "Internal error; please report request request-1."
    assert error.extensions == {"code": "INTERNAL", "request": "request-1"}
    assert error.original_error is None
    assert "request-1" in caplog.text
    assert result.data["partners"] == {"totalCount": 3}


@pytest.mark.parametrize("written", ["1_0", "\uff11", " 5 ", "5,0", "0x10", "\u0663"])
async def test_a_number_is_written_in_ascii_digits_or_refused(firm: Firm, written: str) -> None:
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": written, "unitPrice": "1"}]
    payload = await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), lines=lines)
    assert [(one["code"], one["path"]) for one in payload["errors"]] == [("BAD_INPUT", ["lines", "0", "quantity"])]


@pytest.mark.parametrize(("header", "given"), [("a", "b"), ("", None), (None, ""), ("x" * 256, None)])
async def test_an_idempotency_key_that_makes_no_sense_is_refused(firm: Firm, header: str, given: str) -> None:
    more = {} if given is None else {"idempotencyKey": given}
    payload = await client(firm).do("createPurchaseOrder", key=header, vendor=id_of(firm, "vendor", "partner"), **more)
    assert [(one["code"], one["path"]) for one in payload["errors"]] == [("BAD_INPUT", ["idempotencyKey"])]
