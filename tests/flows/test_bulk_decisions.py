"""An approver says yes and no to many orders at once, and gets an answer for each."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest
from sqlalchemy import select

from domain.access.user import User
from domain.kernel.base import uuid7
from domain.kernel.documents import Document
from domain.kernel.work import Work
from resolvers.ids import global_id, key_of
from tests.firm import Firm
from tests.queries.api import ERRORS, Client, client, id_of, statements

ANSWERS = f"answers {{ purchaseOrder {{ number state version reason }} {ERRORS} }}"


async def waiting(firm: Firm, many: int) -> list[str]:
    """Orders that wait for approval; their version is 2."""
    buyer, found = client(firm), []
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "1000"}]
    for _ in range(many):
        made = await buyer.do(
            "createPurchaseOrder",
            vendor=id_of(firm, "vendor", "partner"),
            lines=lines,
            selection="purchaseOrder { id }",
        )
        found.append(made["purchaseOrder"]["id"])
        assert (await buyer.do("submitPurchaseOrder", id=found[-1]))["errors"] == []
    return found


def yes(order: str, **given: Any) -> dict[str, Any]:
    return {"id": order, "expectedVersion": 2, "approve": True, **given}


def no(order: str, **given: Any) -> dict[str, Any]:
    return yes(order, **{"approve": False, "reason": "Too dear.", **given})


async def decide(who: Client, *decisions: dict[str, Any], **given: Any) -> Any:
    return await who.do("decidePurchaseOrders", decisions=list(decisions), selection=ANSWERS, **given)


def told(payload: Any) -> list[tuple[str | None, list[str]]]:
    """The state of each order, and the codes of what was refused of it."""
    return [
        (one["purchaseOrder"] and one["purchaseOrder"]["state"], [error["code"] for error in one["errors"]])
        for one in payload["answers"]
    ]


async def states(firm: Firm) -> list[str]:
    found = await client(firm).ask("{ purchaseOrders(orderBy: [{field: NUMBER}]) { nodes { state } } }")
    return [node["state"] for node in found["purchaseOrders"]["nodes"]]


async def test_yes_and_no_are_said_to_many_at_once(firm: Firm) -> None:
    one, two, three = await waiting(firm, 3)
    payload = await decide(client(firm, "approver"), yes(three), no(one), yes(two, reason="As agreed."))
    assert payload["errors"] == []
    assert told(payload) == [("APPROVED", []), ("DRAFT", []), ("APPROVED", [])]
    assert [one["purchaseOrder"]["number"][-1] for one in payload["answers"]] == ["3", "1", "2"]
    query = "{ purchaseOrders { nodes { approvals { state decisions { approved reason decidedBy { name } } } } } }"
    nodes = (await client(firm).ask(query))["purchaseOrders"]["nodes"]
    decided = [node["approvals"][0] for node in nodes]
    approver = {"name": "Approver"}
    assert [one["decisions"] for one in decided] == [
        [{"approved": False, "reason": "Too dear.", "decidedBy": approver}],
        [{"approved": True, "reason": "As agreed.", "decidedBy": approver}],
        [{"approved": True, "reason": None, "decidedBy": approver}],
    ]


async def test_unless_told_otherwise_one_refusal_refuses_all(firm: Firm) -> None:
    one, two, three = await waiting(firm, 3)
    payload = await decide(client(firm, "approver"), yes(one), yes(two, expectedVersion=1), no(three, reason=" "))
    assert told(payload) == [("SUBMITTED", []), ("SUBMITTED", ["VERSION_CONFLICT"]), ("SUBMITTED", ["BAD_INPUT"])]
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("VERSION_CONFLICT", ["decisions", "1", "expectedVersion"]),
        ("BAD_INPUT", ["decisions", "2", "reason"]),
    ]
    assert payload["answers"][1]["errors"][0]["current"] == 2
    assert await states(firm) == ["SUBMITTED"] * 3
    assert "APPROVED" not in str(await client(firm).ask("{ events { nodes { type } } }")).upper()


async def test_if_told_so_the_others_are_done(firm: Firm) -> None:
    one, two, three = await waiting(firm, 3)
    unknown = global_id("purchase_order", uuid7())
    payload = await decide(
        client(firm, "approver"), yes(one), yes(unknown), yes(two, expectedVersion=7), no(three), yes(one),
        policy="SKIP_FAILED",
    )  # fmt: skip
    assert payload["errors"] == []
    assert told(payload) == [
        ("APPROVED", []), (None, ["NOT_FOUND"]), ("SUBMITTED", ["VERSION_CONFLICT"]), ("DRAFT", []),
        ("APPROVED", ["BAD_INPUT"]),
    ]  # fmt: skip
    assert payload["answers"][1]["errors"][0]["path"] == ["decisions", "1", "id"]
    assert payload["answers"][4]["errors"][0]["message"] == "This is named twice; leave one out."
    assert await states(firm) == ["APPROVED", "SUBMITTED", "DRAFT"]


async def test_what_a_skipped_item_did_is_taken_back_alone(firm: Firm, database_url: str) -> None:
    """An order that changed behind the request's back is refused within the step, after its rows were touched."""
    one, two = await waiting(firm, 2)
    owner = await asyncpg.connect(database_url)
    await owner.execute("update line set quantity = 999 where document_id in (select id from document limit 1)")
    await owner.close()
    payload = await decide(client(firm, "approver"), yes(one), yes(two), policy="SKIP_FAILED")
    assert told(payload) == [("SUBMITTED", ["APPROVAL_REQUIRED"]), ("APPROVED", [])]
    found = await client(firm).ask("{ purchaseOrders { nodes { state approvalState approvals { state } } } }")
    assert found["purchaseOrders"]["nodes"] == [
        {"state": "SUBMITTED", "approvalState": "REQUESTED", "approvals": [{"state": "OPEN"}]},
        {"state": "APPROVED", "approvalState": "APPROVED", "approvals": [{"state": "APPROVED"}]},
    ]


async def test_one_s_own_orders_are_refused_singly(firm: Firm) -> None:
    one, two = await waiting(firm, 2)
    buyer = firm.actor("buyer")
    both = client(firm, rights=buyer.rights | {"purchase.approve"})
    payload = await decide(both, yes(one), no(two), policy="SKIP_FAILED")
    assert told(payload) == [("SUBMITTED", ["FORBIDDEN"])] * 2


async def test_the_whole_is_refused_where_it_cannot_be_asked(firm: Firm) -> None:
    (one,) = await waiting(firm, 1)
    for who, decisions, code, path in (
        (client(firm), [yes(one)], "FORBIDDEN", []),
        (client(firm, "approver"), [], "BAD_INPUT", ["decisions"]),
        (client(firm, "approver"), [yes(one)] * 251, "BAD_INPUT", ["decisions"]),
        (client(firm, "approver"), [yes(one), yes("nonsense")], "BAD_INPUT", ["decisions", "1", "id"]),
    ):
        payload = await decide(who, *decisions, policy="SKIP_FAILED")
        assert [(error["code"], error["path"]) for error in payload["errors"]] == [(code, path)]
        assert payload["answers"] == []
    assert await states(firm) == ["SUBMITTED"]


async def test_a_trial_answers_as_if_it_were_done(firm: Firm) -> None:
    one, two = await waiting(firm, 2)
    approver = client(firm, "approver")
    payload = await decide(approver, yes(one), yes(two, expectedVersion=1), policy="SKIP_FAILED", validateOnly=True)
    assert told(payload) == [("APPROVED", []), ("SUBMITTED", ["VERSION_CONFLICT"])]
    payload = await decide(approver, yes(one), yes(two, expectedVersion=1), validateOnly=True)
    assert told(payload) == [("SUBMITTED", []), ("SUBMITTED", ["VERSION_CONFLICT"])]
    assert await states(firm) == ["SUBMITTED", "SUBMITTED"]


@pytest.mark.parametrize("policy", ["REJECT_ALL", "SKIP_FAILED"])
async def test_a_repeat_gets_the_answers_of_the_first(firm: Firm, policy: str) -> None:
    one, two = await waiting(firm, 2)
    approver = client(firm, "approver")
    decisions = [yes(one), yes(two, expectedVersion=1)]
    first = await decide(approver, *decisions, policy=policy, key="once")
    assert (await client(firm).do("revisePurchaseOrder", id=two))["errors"] == []
    again = await decide(approver, *decisions, policy=policy, key="once")
    assert [one["errors"] for one in again["answers"]] == [one["errors"] for one in first["answers"]]
    assert again["errors"] == first["errors"]
    assert told(again)[1] == ("DRAFT", ["VERSION_CONFLICT"])
    other = await decide(approver, yes(one), policy=policy, key="once")
    assert [error["code"] for error in other["errors"]] == ["IDEMPOTENCY_KEY_REUSED"]


async def test_two_approvers_who_decide_on_the_same_list_each_the_other_way_round(firm: Firm) -> None:
    """Were orders locked as they come, these would wait for each other; each order gets one decision."""
    orders = await waiting(firm, 8)
    other = uuid7()

    def come(work: Work) -> None:
        work.add(User(id=other, account="second", name="Second", roles=["approver"], companies=[str(firm.company)]))

    await firm.database.transact(firm.actor("administrator"), come)
    first, second = client(firm, "approver"), client(firm, "approver", user=other, name="second")
    payloads = await asyncio.gather(
        decide(first, *map(yes, orders), policy="SKIP_FAILED"),
        decide(second, *map(no, reversed(orders)), policy="SKIP_FAILED"),
        decide(first, *map(yes, orders[::2]), policy="REJECT_ALL"),
    )
    assert [payload["errors"] for payload in payloads[:2]] == [[], []]
    done = [sum(not one["errors"] for one in payload["answers"]) for payload in payloads]
    query = "{ purchaseOrders { nodes { approvals { decisions { approved } } } } }"
    nodes = (await client(firm).ask(query))["purchaseOrders"]["nodes"]
    assert [len(node["approvals"][0]["decisions"]) for node in nodes] == [1] * 8
    assert done[0] + done[1] + (0 if payloads[2]["errors"] else done[2]) == 8


async def test_a_decision_waits_for_whoever_holds_an_order_before_it_writes_anything(firm: Firm) -> None:
    one, two = sorted(await waiting(firm, 2))
    holding, release = asyncio.Event(), asyncio.Event()

    async def hold() -> None:
        async with firm.database.session(firm.actor("buyer")) as session:
            await session.execute(select(Document.id).where(Document.id == key_of(two)[1]).with_for_update())
            holding.set()
            await release.wait()

    held = asyncio.create_task(hold())
    await holding.wait()
    with statements(firm.database) as sent:
        deciding = asyncio.create_task(decide(client(firm, "approver"), yes(one), yes(two)))
        await asyncio.sleep(0.3)
        assert not deciding.done()
        assert [one for one in sent if one.startswith(("INSERT", "UPDATE"))] == []
    release.set()
    await held
    assert told(await deciding) == [("APPROVED", []), ("APPROVED", [])]


async def test_a_program_must_name_its_request_and_cannot_approve(firm: Firm) -> None:
    (one,) = await waiting(firm, 1)
    program = Client(firm, replace(firm.actor("approver"), user=None, key=uuid7()))
    bare = await decide(program, yes(one))
    assert [(error["code"], error["path"]) for error in bare["errors"]] == [("BAD_INPUT", ["idempotencyKey"])]
    assert told(await decide(program, yes(one), key="k")) == [("SUBMITTED", ["FORBIDDEN"])]


async def test_an_order_more_takes_the_statements_of_its_decision_alone(firm: Firm) -> None:
    """Papers are locked and read together; what is left is what each decision writes."""
    orders, counts = await waiting(firm, 12), []
    for some in (orders[:2], orders[2:]):
        with statements(firm.database) as sent:
            payload = await decide(client(firm, "approver"), *map(yes, some))
        assert payload["errors"] == []
        counts.append(len(sent))
    assert counts[1] - counts[0] <= 8 * 8
    assert sum("KEY UPDATE" in one for one in sent) == 1
