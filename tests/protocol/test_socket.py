"""The protocol graphql-transport-ws, to the letter."""

import asyncio
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import update
from websockets.exceptions import ConnectionClosed

from domain.access.credential import digest
from domain.access.entrance import sign_in
from domain.access.password import hashed
from domain.access.user import ApiKey, User
from domain.kernel.work import Work
from tests.firm import Firm
from tests.protocol.serving import Served, serving
from tests.protocol.toy import DONE, ENDED, toys
from transport.door import Credential, Door

WORD = "correct horse battery"


async def test_operations_of_each_kind_run_side_by_side(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("slow", "{ slow(seconds: 0.3) }")
        await talk.ask("ticks", "subscription { ticks(until: 2) }")
        await talk.ask("write", "mutation ($t: String!) { write(text: $t) }", variables={"t": "side by side"})
        heard = [await talk.hear() for _ in range(7)]
    assert [one for one in heard if one["id"] == "ticks"] == [
        {"id": "ticks", "type": "next", "payload": {"data": {"ticks": 0}}},
        {"id": "ticks", "type": "next", "payload": {"data": {"ticks": 1}}},
        {"id": "ticks", "type": "complete"},
    ]
    assert [one for one in heard if one["id"] == "write"] == [
        {"id": "write", "type": "next", "payload": {"data": {"write": "side by side"}}},
        {"id": "write", "type": "complete"},
    ]
    assert heard[-2:] == [
        {"id": "slow", "type": "next", "payload": {"data": {"slow": "done"}}},
        {"id": "slow", "type": "complete"},
    ]


async def test_an_error_ends_its_operation_and_not_the_socket(served: Served) -> None:
    wrong = ["{", "{ nothing }", "subscription { nothing }", "", "query A { name } query B { name }",
             "subscription { unready }", "{" + " name" * 999 + "}", "query ($n: Int!) { number(of: $n) }"]  # fmt: skip
    async with served.socket() as talk:
        for query in wrong:
            await talk.ask("1", query)
            heard = await talk.hear()
            assert (heard["id"], heard["type"]) == ("1", "error"), query
            assert heard["payload"][0]["message"]
            assert heard["payload"][0]["extensions"]["code"]
        await talk.ask("1", "{ name }")
        assert (await talk.hear())["payload"] == {"data": {"name": "buyer"}}


async def test_what_breaks_inside_is_masked(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", "{ broken }")
        told = await talk.hear()
        assert (told["type"], told["payload"]["data"]) == ("next", {"broken": None})
        assert (await talk.hear())["type"] == "complete"
        await talk.ask("2", "subscription { breaking }")
        assert (await talk.hear())["payload"] == {"data": {"breaking": 1}}
        ended = await talk.hear()
        assert (ended["type"], ended["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL")
        assert "secret" not in json.dumps([told, ended])


MALFORMED: list[Any] = [
    "nonsense", "null", "[]", "1", '"text"', "{}", '{"type": 1}', '{"type": "unknown"}', '{"type": "next", "id": "1"}',
    b"\x00\x01", '{"type": "subscribe"}', '{"type": "subscribe", "id": "", "payload": {"query": "{ name }"}}',
    '{"type": "subscribe", "id": 1, "payload": {"query": "{ name }"}}', '{"type": "subscribe", "id": "1"}',
    '{"type": "subscribe", "id": "1", "payload": []}', '{"type": "subscribe", "id": "1", "payload": {}}',
    '{"type": "subscribe", "id": "1", "payload": {"query": 1}}', '{"type": "complete"}',
    '{"type": "ping", "payload": 1}',
    '{"type": "subscribe", "id": "1", "payload": {"query": "{ name }", "variables": []}}',
    '{"type": "subscribe", "id": "1", "id": "2", "payload": {"query": "{ name }"}}', '{"type": "ping"',
    '{"type": "ping", "payload": {"a": NaN}}', '{"type": "ping", "payload": {"a": "\\ud800"}}',
]  # fmt: skip


async def test_a_malformed_message_closes_the_socket_with_4400(served: Served) -> None:
    async def code(message: Any) -> int | None:
        async with served.socket() as talk:
            await talk.connection.send(message)
            return (await talk.farewell())[0]

    assert {str(message): await code(message) for message in MALFORMED} == {str(message): 4400 for message in MALFORMED}


async def test_the_codes_of_the_greeting(served: Served) -> None:
    async def left(*messages: dict[str, Any], **more: Any) -> tuple[int | None, str | None]:
        async with served.socket(role=None, **more) as talk:
            for message in messages:
                await talk.say(**message)
            return await talk.farewell()

    def init(**payload: Any) -> dict[str, Any]:
        return {"type": "connection_init", "payload": payload}

    good = init(authorization=served.bearer()["Authorization"])
    ask = {"type": "subscribe", "id": "1", "payload": {"query": "{ name }"}}
    assert await left(ask) == (4401, "Unauthorized")
    assert (await left(init()))[0] == 4401
    assert (await left({"type": "connection_init"}))[0] == 4401
    assert (await left({"type": "connection_init", "payload": 1}))[0] == 4400
    for wrong in ("Bearer tgk_nobody", "tgk_nobody", "", "Basic x", 1, None, {"a": 1}):
        assert (await left(init(authorization=wrong)))[0] == (4401 if wrong is None else 4403), wrong
    assert await left(good, good) == (4429, "Too many initialisation requests")
    assert (await left(good, ask | {"payload": {"query": "{ slow }"}}, ask)) == (
        4409,
        "Subscriber for 1 already exists",
    )
    for protocols in (["graphql-ws"], []):
        assert (await left(subprotocols=protocols))[0] == 4406
    async with served.socket(role=None, subprotocols=["graphql-ws", "graphql-transport-ws"]) as talk:
        await talk.greet(Authorization=served.bearer()["Authorization"])


async def test_who_does_not_greet_in_time_is_left(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys(), TRADEGRAPH_SOCKET_PATIENCE="0.1") as served:
        async with served.socket(role=None) as talk:
            assert await talk.farewell() == (4408, "Connection initialisation timeout")
        async with served.socket() as talk:
            await talk.silence(0.2)


async def test_pings_are_answered_before_and_after_the_greeting(served: Served) -> None:
    async with served.socket(role=None) as talk:
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        await talk.greet(authorization=served.bearer()["Authorization"])
        await talk.say(type="pong")
        await talk.say(type="ping", payload={"a": 1})
        assert await talk.hear() == {"type": "pong", "payload": {"a": 1}}


async def test_a_completed_subscription_says_no_more_and_its_id_is_free(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", "subscription { ticks(until: 1000, seconds: 0.02) }")
        await talk.hear()
        ENDED.clear()
        await talk.say(type="complete", id="1")
        await talk.say(type="complete", id="never begun")
        await talk.ask("1", "{ name }")
        heard = [await talk.hear()]
        while heard[-1]["type"] != "complete":
            heard.append(await talk.hear())
        assert heard[-2]["payload"] == {"data": {"name": "buyer"}}
        await talk.silence(0.1)
    assert ENDED == ["ticks"]


async def test_a_mutation_that_is_no_longer_wanted_is_finished_in_silence(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", 'mutation { write(text: "unwanted", seconds: 0.1) }')
        await asyncio.sleep(0.05)
        await talk.say(type="complete", id="1")
        await talk.silence(0.2)
    assert "unwanted" in DONE
    async with served.socket() as talk:
        await talk.ask("1", 'mutation { write(text: "abandoned", seconds: 0.1) }')
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.15)
    assert "abandoned" in DONE


async def test_a_subscription_ends_with_its_socket(served: Served) -> None:
    async with served.socket() as talk:
        await talk.ask("1", "subscription { ticks(until: 1000, seconds: 0.02) }")
        await talk.hear()
        ENDED.clear()
    await asyncio.sleep(0.1)
    assert ENDED == ["ticks"]


async def test_a_socket_runs_only_so_many_operations_at_once(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys(), TRADEGRAPH_SOCKET_OPERATIONS="3") as served, served.socket() as talk:
        for number in range(3):
            await talk.ask(str(number), "{ slow(seconds: 0.3) }")
        await talk.ask("beyond", "{ name }")
        refused = await talk.hear()
        assert (refused["id"], refused["type"]) == ("beyond", "error")
        assert {(await talk.hear())["type"] for _ in range(6)} == {"next", "complete"}
        await talk.ask("beyond", "{ name }")
        assert (await talk.hear())["payload"] == {"data": {"name": "buyer"}}


async def test_a_message_beyond_the_limit_closes_that_socket_alone(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys(), TRADEGRAPH_BODY_LIMIT="5000") as served, served.socket() as other:
        async with served.socket() as talk:
            await talk.ask("1", "{ name }" + " " * 6000)
            assert (await talk.farewell())[0] == 1009
        await other.ask("1", "{ name }")
        assert (await other.hear())["type"] == "next"


async def revoke(served: Served, role: str) -> None:
    def end(work: Work) -> None:
        mine = ApiKey.digest == digest(served.keys[role])
        work.session.execute(update(ApiKey).where(mine).values(revoked_at=datetime.now(UTC)))

    firm = served.firm
    await firm.database.transact(firm.actor("administrator"), end)


async def test_a_revoked_key_stops_what_is_being_delivered_and_what_is_idle(toy_firm: Firm) -> None:
    async with (
        serving(toy_firm, toys(), TRADEGRAPH_RECHECK_SECONDS="0.2") as served,
        served.socket() as busy,
        served.socket() as idle,
        served.socket("viewer") as other,
    ):
        await busy.ask("1", "subscription { ticks(until: 10000, seconds: 0.02) }")
        await busy.hear()
        await revoke(served, "buyer")
        revoked = asyncio.get_running_loop().time()
        for talk in (busy, idle):
            code, reason = await talk.farewell()
            assert (code, str(reason).partition(":")[0]) == (4403, "Forbidden")
        assert asyncio.get_running_loop().time() - revoked < 2.5
        await other.ask("1", "{ name }")
        assert (await other.hear())["payload"] == {"data": {"name": "viewer"}}


async def test_a_new_operation_looks_at_the_credential_at_once(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys()) as served, served.socket() as talk:
        await revoke(served, "buyer")
        await talk.ask("1", "{ name }")
        assert (await talk.farewell())[0] == 4403
        with pytest.raises(ConnectionClosed):
            await talk.connection.recv()


async def test_rights_that_change_end_a_running_subscription(toy_firm: Firm) -> None:
    def demote(work: Work) -> None:
        work.find(User, toy_firm["user:accountant"]).roles = ["viewer"]

    async with (
        serving(toy_firm, toys(), TRADEGRAPH_RECHECK_SECONDS="60") as served,
        served.socket("accountant") as talk,
    ):
        await talk.ask("1", "subscription { ticks(until: 10000, seconds: 0.02) }")
        await talk.hear()
        await toy_firm.database.transact(toy_firm.actor("administrator"), demote)
        assert await talk.farewell() == (4403, "Forbidden: rights have changed; connect again")
        async with served.socket("accountant") as again:
            await again.ask("1", "{ name }")
            assert (await again.hear())["type"] == "next"


async def test_a_cookie_opens_a_socket_for_pages_of_listed_origins_only(toy_firm: Firm) -> None:
    def change(work: Work) -> None:
        work.find(User, toy_firm["user:buyer"]).password_hash = hashed(WORD)

    await toy_firm.database.transact(toy_firm.actor("administrator"), change)
    token = (await sign_in(toy_firm.database, "buyer", WORD)).token
    cookie = {"Cookie": f"other=1; tradegraph={token}"}
    async with serving(toy_firm, toys()) as served:
        for origin, code in {
            "http://localhost:5173": None,
            None: None,
            "https://evil.example": 4403,
            "null": 4403,
        }.items():
            async with served.socket(role=None, origin=origin, additional_headers=cookie) as talk:
                await talk.say(type="connection_init")
                if code is None:
                    assert await talk.hear() == {"type": "connection_ack"}
                else:
                    assert (await talk.farewell())[0] == code
        async with served.socket(role=None, origin="https://evil.example") as talk:
            await talk.greet(authorization=served.bearer()["Authorization"])


async def test_many_sockets_of_one_key_hear_everything(served: Served) -> None:
    async def hear() -> list[Any]:
        async with served.socket() as talk:
            await talk.ask("1", "subscription { ticks(until: 20) }")
            return [await talk.hear() for _ in range(21)]

    heard = await asyncio.gather(*(hear() for _ in range(30)))
    wanted = [{"id": "1", "type": "next", "payload": {"data": {"ticks": number}}} for number in range(20)]
    assert all(one == [*wanted, {"id": "1", "type": "complete"}] for one in heard)


async def test_a_look_is_shared_only_by_those_who_came_before_it_began(toy_firm: Firm) -> None:
    looks, begun, free = list[str](), asyncio.Event(), asyncio.Event()

    class Slow(Door):
        async def admit(self, credential: Credential) -> Any:
            looks.append(credential.secret)
            number = len(looks)
            begun.set()
            await free.wait()
            return number

    door, key = Slow(toy_firm.database, ()), Credential("a key")
    first = asyncio.create_task(door.glance(key))
    await begun.wait()
    later = [asyncio.create_task(door.glance(key)) for _ in range(3)]
    await asyncio.sleep(0.01)
    assert looks == ["a key"]
    free.set()
    assert (await first, await asyncio.gather(*later), await door.glance(key)) == (1, [2, 2, 2], 3)
    await asyncio.sleep(0)
    assert (door._next, door._last) == ({}, {})
