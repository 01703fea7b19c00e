"""Who follows the log hears every committed change once, in order, and nothing else."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from typing import Any, Self

import asyncpg
import pytest
from sqlalchemy import text

from domain.kernel.errors import Conflict
from domain.kernel.work import Work
from domain.parties.partner import Partner
from resolvers.hub import MOST_WAITING, Feed, Hub
from resolvers.sealing import Sealing
from tests.firm import Firm
from tests.queries.api import Client, client, id_of
from tests.queries.test_rights import issued

ALL = "subscription ($after: ID, $filter: EventFilter) { events(after: $after, filter: $filter) { cursor type actor } }"
PATIENCE = 15


@pytest.fixture(name="hub")
async def a_process_that_listens(firm: Firm) -> AsyncIterator[Hub]:
    """The hub and the sealer of a serving process."""
    hub, sealing = Hub(firm.database), Sealing(firm.database)
    await hub.start()
    await sealing.start()
    await until(lambda: all_sealed(firm))
    yield hub
    await sealing.stop()
    await hub.stop()


async def until(met: Callable[[], Awaitable[bool]]) -> None:
    """Wait until something is so in the database."""
    for _ in range(500):
        if await met():
            return
        await asyncio.sleep(0.02)
    raise AssertionError("it did not come about")


def feeds(who: Client) -> set[Feed]:
    """Everybody who follows the client's firm."""
    return who.hub._feeds.get(who.firm.tenant, set()) if who.hub is not None else set()


async def caught_up(who: Client, count: int) -> None:
    """Wait until so many follow, and have read the log to its end."""

    async def waiting() -> bool:
        return len(feeds(who)) >= count and all(feed._rows._getters for feed in feeds(who))

    await until(waiting)


class Listener:
    """A subscriber that keeps what it hears."""

    def __init__(self, who: Client, query: str = ALL, **variables: Any) -> None:
        self.heard: list[Any] = []
        self.errors: list[Any] = []
        self._news = asyncio.Event()
        self._who, self._before = who, len(feeds(who))
        self._stream = who.follow(query, **variables)
        self._task = asyncio.create_task(self._listen())

    async def __aenter__(self) -> Self:
        await caught_up(self._who, self._before + 1)
        return self

    async def __aexit__(self, *_: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        await self._stream.aclose()

    async def until(self, count: int) -> list[Any]:
        await self._until(lambda: len(self.heard) >= count)
        await asyncio.sleep(0.1)
        return self.heard

    async def until_refused(self) -> list[Any]:
        await self._until(lambda: bool(self.errors))
        return self.errors

    async def _until(self, met: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not met():
                self._news.clear()
                await self._news.wait()

    async def _listen(self) -> None:
        async for result in self._stream:
            self.errors += result.errors or []
            if result.data is not None:
                self.heard.append(result.data["events"])
            self._news.set()


async def come(firm: Firm, number: str, pause: float = 0.0) -> None:
    def act(work: Work) -> None:
        work.add(Partner(number=number, name=number))
        work.session.flush()
        work.session.execute(text("select pg_sleep(:pause)"), {"pause": pause})

    await firm.database.transact(firm.actor("buyer"), act)


async def sealed(firm: Firm) -> list[str]:
    """The numbers of the partners whose creation stands in the log, in its order."""
    query = """query ($after: String) { events(first: 250, after: $after, filter: {type: "partner.created"}) {
      nodes { record { ... on Partner { number } } } pageInfo { endCursor hasNextPage } } }"""
    page = (await client(firm).ask(query))["events"]
    return [node["record"]["number"] for node in page["nodes"]]


async def has_sealed(firm: Firm, *numbers: str) -> bool:
    return (await sealed(firm))[-len(numbers) :] == list(numbers)


async def all_sealed(firm: Firm) -> bool:
    async with firm.database.engine.connect() as connection:
        return (await connection.execute(text("select unsealed_events()"))).scalar_one() == 0


async def test_a_committed_change_is_heard_and_a_rolled_back_one_is_not(firm: Firm, hub: Hub) -> None:
    def fail(work: Work) -> None:
        work.add(Partner(number="NO", name="Never"))
        work.session.flush()
        raise Conflict

    query = """subscription { events { id cursor type at actor sequence
      document { id kind number state } record { __typename id } changes } }"""
    async with Listener(client(firm, hub=hub), query) as listener:
        with pytest.raises(Conflict):
            await firm.database.transact(firm.actor("buyer"), fail)
        tried = await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), validateOnly=True)
        assert tried["errors"] == []
        made = await client(firm).do(
            "createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), selection="purchaseOrder { id number }"
        )
        (event,) = await listener.until(1)
    assert event["type"] == "purchase_order.created"
    assert event["actor"] == "buyer"
    assert event["sequence"] == 1
    assert event["document"] == {**made["purchaseOrder"], "kind": "PURCHASE_ORDER", "state": "DRAFT"}
    assert event["record"] == {"__typename": "PurchaseOrder", "id": made["purchaseOrder"]["id"]}
    assert event["changes"]["number"] == [None, made["purchaseOrder"]["number"]]


async def test_nothing_is_lost_or_doubled_among_many_writers(firm: Firm, hub: Hub) -> None:
    numbers = [f"W{index:03}" for index in range(100)]
    dice = random.Random(7)
    query = ALL.replace("cursor", "cursor record { ... on Partner { number } }")
    async with Listener(client(firm, hub=hub), query) as first, Listener(client(firm, hub=hub), query) as second:
        gate = asyncio.Semaphore(20)

        async def write(number: str) -> None:
            async with gate:
                await come(firm, number, dice.choice([0, 0, 0.01, 0.05, 0.2]))

        await asyncio.gather(*map(write, numbers))
        heard = [event["record"]["number"] for event in await first.until(100)]
        also = [event["record"]["number"] for event in await second.until(100)]
    assert sorted(heard) == numbers
    assert heard == also
    log = await sealed(firm)
    assert log[-100:] == heard


async def test_who_comes_back_hears_what_was_missed(firm: Firm, hub: Hub) -> None:
    async with Listener(client(firm, hub=hub)) as listener:
        await come(firm, "A")
        (first,) = await listener.until(1)
    for number in "BCD":
        await come(firm, number)
    query = ALL.replace("cursor", "cursor record { ... on Partner { number } }")
    async with Listener(client(firm, hub=hub), query, after=first["cursor"]) as listener:
        await listener.until(3)
        await come(firm, "E")
        heard = await listener.until(4)
    assert [event["record"]["number"] for event in heard] == ["B", "C", "D", "E"]


async def test_a_filter_lets_through_what_was_asked_for(firm: Firm, hub: Hub) -> None:
    vendor = id_of(firm, "vendor", "partner")
    one = {"kind": "PARTNER", "id": vendor}
    other = {"type": ["partner.created", "purchase_order.created"]}
    async with (
        Listener(client(firm, hub=hub), filter=one) as changes,
        Listener(client(firm, hub=hub), filter=other) as births,
    ):
        await come(firm, "A")
        changed = await client(firm).do("updatePartner", id=vendor, expectedVersion=1, note="a remark")
        assert changed["errors"] == []
        await client(firm).do("createPurchaseOrder", vendor=vendor)
        assert [event["type"] for event in await births.until(2)] == ["partner.created", "purchase_order.created"]
        assert [event["type"] for event in await changes.until(1)] == ["partner.updated"]


async def test_prices_in_changes_are_hidden_from_who_may_not_see_them(firm: Firm, hub: Hub) -> None:
    query = "subscription { events { type changes } }"
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "10", "unitPrice": "1.25"}]
    async with (
        Listener(client(firm, "buyer", hub), query) as buyer,
        Listener(client(firm, "storekeeper", hub), query) as keeper,
    ):
        await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), lines=lines)
        (open_,), (hidden,) = await buyer.until(1), await keeper.until(1)
    assert open_["changes"]["total"] == [None, "13.50"]
    assert open_["changes"]["partner"] == [None, id_of(firm, "vendor", "partner")]
    assert hidden["changes"]["total"] == [None, "***"]
    assert open_["changes"]["line.1"]["unitPrice"] == [None, "1.25"]
    assert hidden["changes"]["line.1"]["unitPrice"] == [None, "***"]
    assert hidden["changes"]["line.1"]["quantity"] == open_["changes"]["line.1"]["quantity"]


async def test_what_is_to_be_approved_is_hidden_even_as_a_digest(firm: Firm, hub: Hub) -> None:
    lines = [{"product": id_of(firm, "bolt", "product"), "quantity": "1000", "unitPrice": "1.25"}]
    query = 'subscription { events(filter: {type: "purchase_order.submitted"}) { changes } }'
    selection = "purchaseOrder { id }"
    vendor = id_of(firm, "vendor", "partner")
    async with (
        Listener(client(firm, "approver", hub), query) as approver,
        Listener(client(firm, "storekeeper", hub), query) as keeper,
    ):
        made = await client(firm).do("createPurchaseOrder", selection=selection, vendor=vendor, lines=lines)
        await client(firm).do("submitPurchaseOrder", id=made["purchaseOrder"]["id"])
        told = [*await approver.until(1), *await keeper.until(1)]
    asked = [part for event in told for place, part in event["changes"].items() if place.startswith("approvalReq")]
    hidden = [[part[name] == [None, "***"] for name in ("digest", "why", "amount")] for part in asked]
    assert hidden == [[False] * 3, [True] * 3]


async def test_an_outsider_hears_of_their_own_papers_alone(firm: Firm, hub: Hub) -> None:
    outsider = client(firm, "partner", hub, partner=firm["vendor"])
    query = "subscription { events { type changes document { id } } }"
    async with Listener(outsider, query) as listener:
        await come(firm, "A")
        await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "other_vendor", "partner"))
        await asyncio.sleep(0.2)
        assert firm.database.engine.pool.checkedout() == 0
        made = await issued(client(firm))
        (event,) = await listener.until(1)
    assert (event["type"], event["document"]) == ("purchase_order.confirmed", {"id": made})
    assert event["changes"]["state"] == ["APPROVED", "CONFIRMED"]


async def test_whoever_loses_the_right_hears_no_more(firm: Firm, hub: Hub) -> None:
    who = client(firm, hub=hub)
    context = who.context()
    who.context = lambda **_: context  # type: ignore[method-assign]
    async with Listener(who) as listener:
        await come(firm, "A")
        await listener.until(1)
        context.actor = replace(firm.actor("buyer"), rights=frozenset())
        await come(firm, "B")
        errors = await listener.until_refused()
    assert [error.extensions["code"] for error in errors] == ["FORBIDDEN"]
    assert len(listener.heard) == 1


@pytest.mark.parametrize(
    ("variables", "path"),
    [({"after": "nonsense"}, ["after"]), ({"filter": {"id": ["nonsense"]}}, ["filter", "id", "0"])],
)
async def test_what_cannot_be_followed_is_refused_at_once(
    firm: Firm, hub: Hub, variables: dict[str, Any], path: list[str]
) -> None:
    results = [result async for result in client(firm, hub=hub).follow(ALL, **variables)]
    assert [error.extensions for error in results[0].errors] == [{"code": "BAD_INPUT", "path": path}]
    assert len(results) == 1


async def test_whoever_may_not_look_may_not_follow(firm: Firm, hub: Hub) -> None:
    for who, code in (
        (client(firm, "viewer", hub, rights=frozenset()), "FORBIDDEN"),
        (Client(firm, None, hub), "NOT_AUTHENTICATED"),
    ):
        (result,) = [result async for result in who.follow(ALL)]
        assert [error.extensions["code"] for error in result.errors] == [code]


async def test_who_is_too_slow_loses_nothing(firm: Firm, hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed that overflows drops its oldest events; they are read from the log instead."""
    monkeypatch.setattr("resolvers.hub.MOST_WAITING", 2)
    numbers = [f"S{index}" for index in range(12)]
    who = client(firm, hub=hub)
    stream = who.follow(ALL.replace("cursor", "cursor record { ... on Partner { number } }"))
    first = asyncio.create_task(anext(stream))
    await caught_up(who, 1)
    for number in numbers:
        await come(firm, number)
    await asyncio.sleep(0.5)
    async with asyncio.timeout(PATIENCE):
        heard = [(await first).data["events"]["record"]["number"]]
        heard += [(await anext(stream)).data["events"]["record"]["number"] for _ in numbers[1:]]
    await stream.aclose()
    assert heard == numbers


def test_a_feed_keeps_the_newest() -> None:
    feed = Feed()
    for position in range(MOST_WAITING + 5):
        feed.offer({"position": position})
    assert asyncio.run(feed.take()) == {"position": 5}


async def test_hub_and_sealer_come_back_after_the_database_hung_up(firm: Firm, hub: Hub) -> None:
    async with Listener(client(firm, hub=hub)) as listener:
        await come(firm, "A")
        await listener.until(1)
        other = await asyncpg.connect(firm.database.url.replace("+asyncpg", ""))
        await other.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity "
            "where datname = current_database() and pid <> pg_backend_pid()"
        )
        await other.close()
        await firm.database.engine.dispose()
        await come(firm, "B")
        heard = await listener.until(2)
    assert [event["type"] for event in heard] == ["partner.created", "partner.created"]


@pytest.mark.usefixtures("hub")
async def test_the_log_is_read_in_pages_by_the_same_cursors(firm: Firm) -> None:
    for number in "ABC":
        await come(firm, number)
    await until(lambda: has_sealed(firm, "A", "B", "C"))
    query = """query ($after: String, $filter: EventFilter) { events(first: 2, after: $after, filter: $filter) {
      nodes { cursor type record { ... on Partner { number } } } pageInfo { endCursor } } }"""
    page = (await client(firm).ask(query, filter={"kind": ["PARTNER"]}))["events"]
    assert page["nodes"][-1]["cursor"] == page["pageInfo"]["endCursor"]
    then = (await client(firm).ask(query, filter={"kind": "PARTNER"}, after=page["nodes"][0]["cursor"]))["events"]
    assert then["nodes"][0] == page["nodes"][1]
    history = "query ($id: ID!) { partner(id: $id) { history { nodes { type } } } }"
    told = await client(firm).ask(history, id=id_of(firm, "vendor", "partner"))
    assert told["partner"]["history"]["nodes"] == [{"type": "partner.created"}]


async def test_events_of_another_company_are_not_heard(firm: Firm, hub: Hub) -> None:
    elsewhere = client(firm, "viewer", hub, companies=frozenset())
    async with Listener(elsewhere) as listener, Listener(client(firm, hub=hub)) as colleague:
        made = await client(firm).do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"))
        assert made["errors"] == []
        await come(firm, "A")
        assert [event["type"] for event in await colleague.until(2)] == ["purchase_order.created", "partner.created"]
        assert [event["type"] for event in await listener.until(1)] == ["partner.created"]
