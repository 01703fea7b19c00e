"""The real API, as its clients meet it: coming in, keys, and events over a socket."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from strawberry import Schema

from domain.access.password import hashed
from domain.access.user import User
from domain.kernel.plugin import discover
from domain.kernel.work import Work
from migrations.embedded import Cluster
from resolvers.hub import Hub
from resolvers.sealing import Sealing
from schema.build import build
from tests.firm import standing
from tests.protocol.serving import Served, serving

WORD = "correct horse battery"
ENTER = """mutation ($account: String!, $password: String!, $cookie: Boolean! = false) {
  signIn(input: {account: $account, password: $password, cookie: $cookie}) {
    token expiresAt me { name rights } errors { __typename code message path }
  } }"""


@pytest.fixture(scope="session")
def api() -> Schema:
    return build(discover())


@pytest.fixture(scope="session")
async def real_server(cluster: Cluster, api: Schema) -> AsyncIterator[Served]:
    """A firm behind the real API, with sealer and hub; buyer and approver have a password."""

    def change(work: Work) -> None:
        for role in ("buyer", "approver"):
            work.find(User, firm[f"user:{role}"]).password_hash = hashed(WORD)

    async with standing(cluster) as firm:
        await firm.database.transact(firm.actor("administrator"), change)
        hub, sealing = Hub(firm.database), Sealing(firm.database)
        await sealing.start()
        await hub.start()
        assert (hub.alive, sealing.alive) == (True, True)
        async with serving(firm, api, hub) as served:
            yield served
        await hub.stop()
        await sealing.stop()
        assert (hub.alive, sealing.alive) == (False, False)


@pytest.fixture
async def house(real_server: Served) -> AsyncIterator[Served]:
    """The same, with a client that has no cookies yet."""
    async with httpx.AsyncClient(base_url=real_server.http.base_url, timeout=10) as client:
        yield replace(real_server, http=client)


async def enter(served: Served, **variables: Any) -> Any:
    answer = await served.ask(ENTER, role=None, variables={"account": "buyer", "password": WORD} | variables)
    assert answer.status_code == 200
    return answer.json()["data"]["signIn"]


async def test_a_person_comes_in_works_and_goes_out(house: Served) -> None:
    entered = await enter(house)
    token = {"Authorization": f"Bearer {entered['token']}"}
    assert (entered["errors"], entered["me"]["name"]) == ([], "buyer")
    assert "purchase.write" in entered["me"]["rights"]
    me = await house.ask("{ me { name user { id } roles companies { code } } }", role=None, headers=token)
    assert me.json()["data"]["me"]["roles"] == ["buyer"]
    out = await house.ask("mutation { signOut { done errors { code } } }", role=None, headers=token)
    assert out.json()["data"]["signOut"] == {"done": True, "errors": []}
    assert (await house.ask("{ me { name } }", role=None, headers=token)).status_code == 401


async def test_a_page_comes_in_by_cookie_and_never_sees_the_token(house: Served) -> None:
    entered = await enter(house, cookie=True)
    assert (entered["token"], entered["me"]["name"]) == (None, "buyer")
    assert house.http.cookies["tradegraph"].startswith("tgs_")
    assert (await house.ask("{ me { name } }", role=None)).json()["data"] == {"me": {"name": "buyer"}}
    await house.ask("mutation { signOut { done } }", role=None)
    assert "tradegraph" not in house.http.cookies
    assert (await house.ask("{ me { name } }", role=None)).status_code == 401


async def test_wrong_sign_ins_are_typed_and_lock(house: Served) -> None:
    codes = [(await enter(house, account="approver", password="wrong"))["errors"][0]["code"] for _ in range(6)]
    assert codes == ["SIGN_IN_FAILED"] * 5 + ["SIGN_IN_LOCKED"]


async def test_strangers_learn_nothing(house: Served) -> None:
    for query in ("{ me { name } }", "{ partners { totalCount } }", "mutation { signOut { done } }"):
        answer = await house.ask(query, role=None)
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (401, "NOT_AUTHENTICATED")


async def test_a_key_is_made_shown_once_used_and_revoked(house: Served) -> None:
    create = """mutation { createApiKey(input: {name: "robot", roles: ["viewer"], idempotencyKey: "k"}) {
      secret apiKey { id hint } errors { code message } } }"""
    made = (await house.ask(create, "administrator")).json()["data"]["createApiKey"]
    again = (await house.ask(create, "administrator")).json()["data"]["createApiKey"]
    assert made["errors"] == []
    assert (again["secret"], again["apiKey"]) == (None, made["apiKey"])
    robot = {"Authorization": f"Bearer {made['secret']}"}
    assert (await house.ask("{ me { name } }", role=None, headers=robot)).json()["data"]["me"]["name"] == "robot"
    revoke = "mutation ($id: ID!) { revokeApiKey(input: {id: $id}) { apiKey { revokedAt } errors { code } } }"
    revoked = await house.ask(revoke, "administrator", variables={"id": made["apiKey"]["id"]})
    assert revoked.json()["data"]["revokeApiKey"]["apiKey"]["revokedAt"]
    assert (await house.ask("{ me { name } }", role=None, headers=robot)).status_code == 401


async def test_a_committed_change_arrives_over_the_socket(house: Served) -> None:
    create = """mutation { createPartner(input: {number: "V9", name: "Cog & Co", isVendor: true}) {
      partner { id } errors { code message path } } }"""
    async with house.socket() as talk:
        await talk.ask("1", "subscription { events { cursor type actor } }")
        await asyncio.sleep(0.2)
        made = (await house.ask(create)).json()["data"]["createPartner"]
        assert made["errors"] == []
        heard = await talk.hear()
    event = heard["payload"]["data"]["events"]
    assert (heard["type"], event["type"], event["actor"]) == ("next", "partner.created", "buyer")
