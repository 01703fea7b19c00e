"""What the house says about a paper is read by who may read the paper and is of the house, and by nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from domain.access.role import ROLES
from domain.access.user import User
from domain.kernel.base import uuid7
from domain.parties.company import Company
from migrations.embedded import Cluster
from resolvers.hub import Hub
from resolvers.ids import global_id
from resolvers.sealing import Sealing
from tests.firm import Firm, found, standing
from tests.queries.api import Client, client, id_of, statements
from tests.queries.test_following import Listener
from tests.queries.test_rights import issued

SAID = """comment { id version text authorName author { name } replyTo { id } editedAt archivedAt
  mentions { user { name } } }"""
READ = """query ($id: ID!) { document(id: $id) { version assignee { name }
  comments { totalCount nodes { id text author { name } } }
  followers { totalCount nodes { because user { name } } } } }"""
HOUSE = sorted(ROLES.keys() - {"partner"})


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all, so that they can share a firm."""
    return "asyncio"


@pytest.fixture(name="firm", scope="module")
async def a_shared_firm(cluster: Cluster) -> AsyncIterator[Firm]:
    """Each test writes a paper of its own."""
    async with standing(cluster) as firm:
        yield firm


def outsider(firm: Firm, hub: Hub | None = None) -> Client:
    return client(firm, "partner", hub, partner=firm["vendor"])


def user(firm: Firm, role: str) -> str:
    return id_of(firm, f"user:{role}", "user_account")


async def done(who: Client, verb: str, /, **given: Any) -> Any:
    """The payload of a mutation that was not refused."""
    payload = await who.do(verb, **given)
    assert payload["errors"] == []
    return payload


async def said(who: Client, paper: str, text: str, **more: Any) -> Any:
    return (await done(who, "addComment", document=paper, text=text, selection=SAID, **more))["comment"]


async def codes(who: Client, verb: str, /, **given: Any) -> list[tuple[str, list[str]]]:
    return [(one["code"], one["path"]) for one in (await who.do(verb, **given))["errors"]]


async def test_people_talk_about_a_paper(firm: Firm) -> None:
    paper = await issued(client(firm))
    before = (await client(firm).ask(READ, id=paper))["document"]["version"]
    keeper = client(firm, "storekeeper")
    first = await said(keeper, paper, "Two boxes are wet, @accountant")
    assert first | {"id": ""} == {
        "id": "", "version": 1, "text": "Two boxes are wet, @accountant", "authorName": "Storekeeper",
        "author": {"name": "Storekeeper"}, "replyTo": None, "editedAt": None, "archivedAt": None,
        "mentions": [{"user": {"name": "Accountant"}}],
    }  # fmt: skip
    answer = await said(client(firm, "accountant"), paper, "Reject them", replyTo=first["id"])
    assert answer["replyTo"] == {"id": first["id"]}
    changed = await done(
        keeper, "updateComment", id=first["id"], expectedVersion=1, text="Three boxes are wet", selection=SAID
    )
    assert changed["comment"]["mentions"] == []
    told = (await client(firm, "viewer").ask(READ, id=paper))["document"]
    assert told["version"] == before
    assert [(one["text"], one["author"]["name"]) for one in told["comments"]["nodes"]] == [
        ("Three boxes are wet", "Storekeeper"), ("Reject them", "Accountant"),
    ]  # fmt: skip
    assert {one["user"]["name"]: one["because"] for one in told["followers"]["nodes"]} == {
        "Buyer": "CREATED", "Storekeeper": "COMMENTED", "Accountant": "MENTIONED",
    }  # fmt: skip
    query = """query ($id: ID!) { comment(id: $id) { document { number } company { code } history { nodes { type } }
      replies { nodes { text } } revisions { text replacedAt } } node(id: $id) { __typename } }"""
    seen = await client(firm).ask(query, id=first["id"])
    assert seen["node"] == {"__typename": "Comment"}
    assert seen["comment"]["replies"]["nodes"] == [{"text": "Reject them"}]
    assert [one["text"] for one in seen["comment"]["revisions"]] == ["Two boxes are wet, @accountant"]


async def test_a_comment_that_was_put_away_is_listed_only_on_request(firm: Firm) -> None:
    paper = await issued(client(firm))
    made = await said(client(firm), paper, "rash words, @viewer")
    await done(client(firm, "administrator"), "archiveComment", id=made["id"])
    query = """query ($id: ID!, $archived: Boolean) { document(id: $id) {
      comments(archived: $archived) { totalCount nodes { text } } }
      purchaseOrders(filter: {id: {eq: $id}, comments: {some: {}}}) { totalCount } }"""
    shown = await client(firm).ask(query, id=paper)
    assert shown["document"]["comments"] == {"totalCount": 0, "nodes": []}
    assert shown["purchaseOrders"]["totalCount"] == 0
    assert (await client(firm).ask(query, id=paper, archived=True))["document"]["comments"]["totalCount"] == 1
    mine = "{ myMentions { nodes { comment { id } } } }"
    assert made["id"] not in str(await client(firm, "viewer").ask(mine))
    await done(client(firm, "administrator"), "restoreComment", id=made["id"])
    assert (await client(firm).ask(query, id=paper))["purchaseOrders"]["totalCount"] == 1
    assert made["id"] in str(await client(firm, "viewer").ask(mine))


@pytest.mark.parametrize("role", HOUSE)
async def test_what_a_role_may_do_about_a_paper(firm: Firm, role: str) -> None:
    paper = await issued(client(firm))
    made = await said(client(firm), paper, "hello")
    who, talks = client(firm, role), "paper.comment" in ROLES[role]
    allowed: list[tuple[str, list[str]]] = []
    barred = allowed if talks else [("FORBIDDEN", [])]
    assert await codes(who, "addComment", document=paper, text="me too") == barred
    assert await codes(who, "followDocument", id=paper) == barred
    assert await codes(who, "assignDocument", id=paper, assignee=user(firm, "viewer")) == barred
    assert await codes(who, "unfollowDocument", id=paper) == allowed
    assert await codes(who, "markMentionsRead") == allowed
    own = allowed if role == "buyer" else [("FORBIDDEN", [])]
    assert await codes(who, "updateComment", id=made["id"], expectedVersion=1, text="changed") == own
    assert await codes(who, "archiveComment", id=made["id"]) == (allowed if role == "administrator" else own)
    told = (await who.ask(READ, id=paper))["document"]
    assert told["comments"]["totalCount"] == 1 + talks - (role in {"buyer", "administrator"})
    assert told["assignee"] == ({"name": "Viewer"} if talks else None)


async def test_an_outsider_learns_nothing_of_what_the_house_says(firm: Firm) -> None:
    paper = await issued(client(firm))
    made = await said(client(firm), paper, "They are late again, @viewer")
    await done(client(firm), "assignDocument", id=paper, assignee=user(firm, "buyer"))
    who = outsider(firm)
    assert (await who.ask("query ($id: ID!) { document(id: $id) { id } }", id=paper))["document"] == {"id": paper}
    query = "query ($id: ID!) { document(id: $id) { %s } }"
    for hidden in (
        "comments { totalCount }",
        "comments { nodes { text } }",
        "followers { totalCount }",
        "assignee { id }",
    ):
        result = await who.answer(query % hidden, id=paper)
        assert list(result.data["document"].values()) == [None]
        assert [error.extensions["code"] for error in result.errors] == ["FORBIDDEN"], hidden
    inner = await client(firm).ask(
        """query ($id: ID!, $paper: ID!) { comment(id: $id) { mentions { id } }
        document(id: $paper) { followers { nodes { id } } } }""",
        id=made["id"], paper=paper,
    )  # fmt: skip
    ids = [made["id"], inner["comment"]["mentions"][0]["id"], inner["document"]["followers"]["nodes"][0]["id"]]
    assert (await who.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=ids))["nodes"] == [None] * 3
    doors = ("query ($id: ID!) { comment(id: $id) { text } }", "{ myMentions { totalCount } }")
    assert [await who.refused(door, id=made["id"]) for door in doors] == [[("FORBIDDEN", [])]] * 2


@pytest.mark.parametrize(
    ("field", "condition"),
    [
        ("comments", '{some: {text: {contains: "late"}}}'), ("comments", "{none: {}}"), ("comments", "{every: {}}"),
        ("followers", "{some: {}}"), ("assignee", '{name: {eq: "Buyer"}}'), ("assignee", "{}"),
    ],
)  # fmt: skip
async def test_an_outsider_cannot_ask_by_what_is_hidden(firm: Firm, field: str, condition: str) -> None:
    for list_ in ("purchaseOrders", "documents"):
        for filter, path in ((f"{field}: {condition}", [field]), (f"not: {{{field}: {condition}}}", ["not", field])):
            query = f"{{ {list_}(filter: {{{filter}}}) {{ totalCount }} }}"
            ((code, told),) = await outsider(firm).refused(query)
            assert (code, told) == ("FORBIDDEN", ["filter", *path])
            assert await client(firm, "viewer").refused(query) == []


@pytest.mark.parametrize(
    ("verb", "given"),
    [
        ("addComment", {"document": "paper", "text": "x"}), ("followDocument", {"id": "paper"}),
        ("unfollowDocument", {"id": "paper"}), ("assignDocument", {"id": "paper", "assignee": None}),
        ("markMentionsRead", {}), ("archiveComment", {"id": "comment"}), ("restoreComment", {"id": "comment"}),
        ("updateComment", {"id": "comment", "expectedVersion": 1, "text": "x"}),
    ],
)  # fmt: skip
async def test_an_outsider_can_do_nothing_of_it(firm: Firm, verb: str, given: dict[str, Any]) -> None:
    paper = await issued(client(firm))
    named = {"paper": paper, "comment": (await said(client(firm), paper, "x"))["id"]}
    asked = {name: named.get(value, value) for name, value in given.items()}
    assert await codes(outsider(firm), verb, **asked) == [("FORBIDDEN", [])]


async def test_another_company_and_another_firm_find_nothing(firm: Firm) -> None:
    neighbour = await found(firm.database, firm.owner_url, tenant=2)
    paper = await issued(client(firm))
    made = await said(client(firm), paper, "ours, @viewer")
    query = """query ($ids: [ID!]!, $text: String!) { nodes(ids: $ids) { id } myMentions { totalCount }
      documents(filter: {comments: {some: {text: {eq: $text}}}}) { totalCount } }"""
    for who in (client(neighbour, "viewer"), client(firm, "viewer", companies=frozenset())):
        told = await who.ask(query, ids=[made["id"], paper], text="ours, @viewer")
        assert told == {"nodes": [None, None], "myMentions": {"totalCount": 0}, "documents": {"totalCount": 0}}
    for who in (client(neighbour), client(firm, companies=frozenset())):
        assert await codes(who, "addComment", document=paper, text="x") == [("NOT_FOUND", ["document"])]
        assert await codes(who, "addComment", document=paper, text="x", replyTo=made["id"]) == [
            ("NOT_FOUND", ["document"])
        ]
        assert await codes(who, "assignDocument", id=paper, assignee=None) == [("NOT_FOUND", ["id"])]
        assert await codes(who, "archiveComment", id=made["id"]) == [("NOT_FOUND", ["id"])]


async def test_desks_list_what_is_mine_and_what_i_follow(firm: Firm) -> None:
    mine, followed, other = [await issued(client(firm)) for _ in range(3)]
    await done(client(firm), "assignDocument", id=mine, assignee=user(firm, "accountant"))
    await done(client(firm, "accountant"), "followDocument", id=followed)
    await done(client(firm, "accountant"), "unfollowDocument", id=mine)
    query = """query ($filter: DocumentFilter!, $orders: PurchaseOrderFilter!) {
      documents(filter: $filter) { nodes { id } } purchaseOrders(filter: $orders) { totalCount } }"""
    me = {"id": {"eq": user(firm, "accountant")}}
    three = {"id": {"in": [mine, followed, other]}}
    for filter, ids in (
        ({"assignee": me}, [mine]),
        ({**three, "followers": {"some": {"user": me}}}, [followed]),
        ({**three, "followers": {"none": {"user": me}}}, [mine, other]),
        ({**three, "not": {"assignee": {}}}, [followed, other]),
    ):
        told = await client(firm, "viewer").ask(query, filter=filter, orders=filter)
        assert [one["id"] for one in told["documents"]["nodes"]] == ids, filter
        assert told["purchaseOrders"]["totalCount"] == len(ids)


async def test_a_paper_says_who_has_it_and_a_newer_one_is_not_overwritten(firm: Firm) -> None:
    paper, who = await issued(client(firm)), client(firm)
    version = (await who.ask(READ, id=paper))["document"]["version"]
    selection = "document { __typename id version assignee { name } followers { totalCount } }"
    given = {"id": paper, "assignee": user(firm, "viewer"), "expectedVersion": version}
    assert (await done(who, "assignDocument", selection=selection, **given))["document"] == {
        "__typename": "PurchaseOrder", "id": paper, "version": version + 1,
        "assignee": {"name": "Viewer"}, "followers": {"totalCount": 2},
    }  # fmt: skip
    late = await who.do("assignDocument", **given)
    assert [(one["code"], one["current"]) for one in late["errors"]] == [("VERSION_CONFLICT", version + 1)]
    assert await codes(who, "assignDocument", id=paper) == [("BAD_INPUT", ["assignee"])]
    tried = await who.do("assignDocument", id=paper, assignee=None, validateOnly=True, selection=selection)
    assert tried["document"]["assignee"] is None
    assert (await who.ask(READ, id=paper))["document"]["assignee"] == {"name": "Viewer"}


async def test_mentions_are_listed_newest_first_until_they_are_read(firm: Firm) -> None:
    paper, who = await issued(client(firm)), client(firm, "approver", user=firm["user:administrator"])
    for number in range(3):
        later = replace(firm.actor("buyer"), clock=lambda: firm.actor("buyer").clock().replace(minute=number))  # noqa: B023
        await said(Client(firm, later), paper, f"{number} @administrator")
    query = """query ($filter: MentionFilter) { myMentions(filter: $filter, first: 3) {
      totalCount nodes { id readAt user { name } comment { text document { id } } } } }"""
    new = {"filter": {"readAt": {"isNull": True}}}
    told = (await who.ask(query, **new))["myMentions"]
    assert [one["comment"]["text"][0] for one in told["nodes"]] == ["2", "1", "0"]
    assert {one["comment"]["document"]["id"] for one in told["nodes"]} == {paper}
    await done(who, "markMentionsRead", mentions=[told["nodes"][1]["id"]])
    assert (await who.ask(query, **new))["myMentions"]["totalCount"] == told["totalCount"] - 1
    marked = await done(who, "markMentionsRead", document=paper, selection="user { name }")
    assert marked["user"] == {"name": "Administrator"}
    assert (await who.ask(query, **new))["myMentions"]["totalCount"] == told["totalCount"] - 3
    program = Client(firm, replace(firm.actor("viewer"), user=None, key=uuid7()))
    assert (await program.ask("{ myMentions { totalCount } }"))["myMentions"]["totalCount"] == 0


async def test_a_list_of_papers_with_their_talk_costs_as_much_as_one(firm: Firm) -> None:
    query = """query ($ids: [ID!]!) { documents(filter: {id: {in: $ids}}) { nodes { assignee { name }
      comments { totalCount nodes { text author { name } mentions { user { name } } } }
      followers { nodes { user { name } } } } } }"""
    papers = [await issued(client(firm)) for _ in range(3)]
    for paper in papers:
        await said(client(firm), paper, "hello @viewer")
    counts = []
    for ids in (papers[:1], papers):
        with statements(firm.database) as sent:
            await client(firm).ask(query, ids=ids)
        counts.append(len(sent))
    assert counts[0] == counts[1]


async def test_the_log_names_the_paper_of_a_comment_and_hides_its_text(firm: Firm) -> None:
    hub, sealing = Hub(firm.database), Sealing(firm.database)
    await hub.start()
    await sealing.start()
    query = """subscription { events(filter: {kind: [COMMENT, PURCHASE_ORDER]}) { type changes
      document { __typename id } record { __typename ... on Comment { text } } } }"""
    elsewhere = client(firm, "viewer", hub, companies=frozenset())
    only = client(firm, "viewer", hub, rights=frozenset({"event.read"}))
    paper = await issued(client(firm))
    await asyncio.sleep(0.3)
    async with (
        Listener(client(firm, "viewer", hub), query) as viewer,
        Listener(outsider(firm, hub), query) as vendor,
        Listener(elsewhere, query) as afar,
        Listener(only, query) as blind,
    ):
        await said(client(firm), paper, "Mr. Miller is ill, @viewer")
        await done(client(firm), "assignDocument", id=paper, assignee=user(firm, "viewer"))
        await done(client(firm), "closePurchaseOrder", id=paper, reason="enough")
        heard = await viewer.until(3)
        hidden = await blind.until(3)
        (closed,) = await vendor.until(1)
        assert afar.heard == []
    await sealing.stop()
    await hub.stop()
    assert [one["type"] for one in heard] == ["comment.created", "purchase_order.assigned", "purchase_order.closed"]
    assert heard[0]["document"] == {"__typename": "PurchaseOrder", "id": paper}
    assert heard[0]["record"] == {"__typename": "Comment", "text": "Mr. Miller is ill, @viewer"}
    assert heard[0]["changes"]["text"] == [None, "***"]
    assert heard[1]["changes"] == {"assignee": [None, user(firm, "viewer")]}
    assert [(one["document"], one["record"]) for one in hidden] == [(None, None)] * 3
    assert user(firm, "viewer") not in str(hidden)
    assert closed["type"] == "purchase_order.closed"
    history = "query ($id: ID!) { document(id: $id) { history { nodes { type changes } } } }"
    whole = (await client(firm).ask(history, id=paper))["document"]["history"]["nodes"]
    assert [one["type"] for one in whole][-2:] == ["purchase_order.assigned", "purchase_order.closed"]
    seen = (await outsider(firm).ask(history, id=paper))["document"]["history"]["nodes"]
    assert [one["type"] for one in seen] == ["purchase_order.confirmed", "purchase_order.closed"]
    assert "ssign" not in str(seen)


async def test_a_stranger_s_name_is_not_learned_by_calling_it(firm: Firm) -> None:
    """Whoever works for another company is not called, and the answer does not tell that there is such an account."""
    sister = uuid7()

    def come(work: Any) -> None:
        work.add(Company(id=sister, code="SIS", name="Sister", country="DE", currency="EUR"))
        work.add(User(account="stranger", name="Secret Name", roles=["buyer"], companies=[str(sister)]))

    await firm.database.transact(firm.actor("administrator"), come)
    paper = await issued(client(firm))
    made = [await said(client(firm), paper, f"@{account} look") for account in ("stranger", "nobody-at-all")]
    assert [one["mentions"] for one in made] == [[], []]
    assert await codes(client(firm), "assignDocument", id=paper, assignee=global_id("user_account", uuid7())) == [
        ("NOT_FOUND", ["assignee"])
    ]


COLLEAGUES = "query ($of: ID, $text: String) { colleagues(document: $of, search: $text) { nodes { id name account } } }"


async def found_by(who: Client, **asked: Any) -> list[str]:
    return [one["account"] for one in (await who.ask(COLLEAGUES, **asked))["colleagues"]["nodes"]]


async def test_whoever_comments_finds_whom_to_mention_and_gives_them_the_paper(firm: Firm) -> None:
    paper, buyer = await issued(client(firm)), client(firm)
    (one,) = (await buyer.ask(COLLEAGUES, text="STOREK"))["colleagues"]["nodes"]
    assert one == {"id": user(firm, "storekeeper"), "name": "Storekeeper", "account": "storekeeper"}
    given = await done(buyer, "assignDocument", id=paper, assignee=one["id"], selection="document { assignee { id } }")
    assert given["document"]["assignee"]["id"] == one["id"]
    said = await done(buyer, "addComment", document=paper, text=f"@{one['account']}?", selection=SAID)
    assert said["comment"]["mentions"] == [{"user": {"name": "Storekeeper"}}]


async def test_colleagues_are_those_of_the_house_who_see_papers_of_ones_companies(firm: Firm) -> None:
    def change(work: Any) -> None:
        far = work.add(Company(code="FAR", name="Far Ltd", country="US", currency="USD"))
        work.session.flush()
        both = [str(firm.company), str(far.id)]
        for account, roles, companies, more in (
            ("near", ["viewer"], both, {}),
            ("faraway", ["viewer"], [str(far.id)], {}),
            ("idle", [], both, {}),
            ("gone", ["viewer"], both, {"archived_at": work.now}),
            ("outside", ["partner"], both, {"partner_id": firm["vendor"]}),
        ):
            work.add(User(account=account, name=account.title(), roles=roles, companies=companies, **more))

    await firm.database.transact(firm.actor("administrator"), change)
    paper, buyer = await issued(client(firm)), client(firm)
    assert await found_by(buyer) == sorted(["near", *HOUSE])
    assert await found_by(buyer, of=paper) == sorted(["near", *HOUSE])
    assert await found_by(client(firm, companies=frozenset())) == []
    assert await found_by(client(firm, companies=frozenset()), of=paper) == []
    assert await found_by(buyer, text="faraway") == []


async def test_who_may_not_comment_finds_nobody(firm: Firm) -> None:
    for who in (outsider(firm), client(firm, "viewer")):
        assert [code for code, _ in await who.refused(COLLEAGUES)] == ["FORBIDDEN"]


async def test_of_oneself_one_sees_all_and_of_others_only_the_name(firm: Firm) -> None:
    buyer = client(firm)
    mine = (await buyer.ask("{ me { user { name account roles companies { code } email } } }"))["me"]["user"]
    assert (mine["account"], mine["roles"], [one["code"] for one in mine["companies"]]) == (
        "buyer",
        ["buyer"],
        ["MAIN"],
    )
    paper = await issued(client(firm))
    await done(buyer, "assignDocument", id=paper, assignee=user(firm, "approver"), selection="document { id }")
    other = "query ($id: ID!) { document(id: $id) { assignee { name account } } }"
    assert await buyer.refused(other, id=paper) == [("FORBIDDEN", [])]
