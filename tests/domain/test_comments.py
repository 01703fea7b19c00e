"""Comments stand beside the paper: they change nothing of it, wait for nobody, and call only who is there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, func, select

from domain.access.people import ArchiveUser
from domain.access.user import User
from domain.comments.attending import AssignDocument, FollowDocument, UnfollowDocument
from domain.comments.comment import Comment, CommentRevision, Mention
from domain.comments.mentioning import LONGEST, MarkMentionsRead, called, people_called
from domain.comments.writing import AddComment, ArchiveComment, RestoreComment, UpdateComment
from domain.drafts.lines import OrderLine
from domain.flow.receiving import ReceivePurchaseOrder
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS, Command, Ref
from domain.kernel.documents import Document
from domain.kernel.errors import Archived, BadInput, Forbidden, NotFound, Refused, VersionConflict
from domain.kernel.events import Event
from domain.kernel.following import Follower
from domain.kernel.references import ExternalReference
from domain.kernel.work import Work
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder, UpdatePurchaseOrder
from migrations.embedded import Cluster
from tests.firm import Firm, found, standing

SOON = 3.0


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all, so that they can share a firm."""
    return "asyncio"


@pytest.fixture(name="firm", scope="module")
async def a_firm_of_many(cluster: Cluster) -> AsyncIterator[Firm]:
    """Shared: each test writes a paper of its own."""
    async with standing(cluster) as firm:
        mine = [str(firm.company)]
        people = {
            "ann": User(account="ann", name="Ann", roles=["viewer"], companies=mine),
            "ann.smith": User(account="ann.smith", name="Ann Smith", roles=["buyer"], companies=mine),
            "zoe": User(account="zoë@example.com", name="Zoë", roles=["approver"], companies=mine),
            "elsewhere": User(account="elsewhere", name="Else", roles=["buyer"], companies=[]),
            "idle": User(account="idle", name="Idle", roles=[], companies=mine),
            "guest": User(account="guest", name="G", roles=["partner"], companies=mine, partner_id=firm["vendor"]),
        }
        ids = await firm.database.transact(
            firm.actor("administrator"), lambda work: {word: work.add(one).id for word, one in people.items()}
        )
        firm.ids |= ids
        gone = await firm.database.transact(firm.actor("administrator"), lambda work: work.add(_gone(mine)).id)
        await perform(firm, ArchiveUser(id=ref(gone)), "administrator")
        firm.ids["gone"] = gone
        yield firm


def _gone(companies: list[str]) -> User:
    return User(account="gone", name="Gone", roles=["buyer"], companies=companies)


def ref(id: UUID) -> Ref:
    return Ref(id=id)


def person(firm: Firm, word: str) -> Actor:
    return replace(firm.actor("buyer"), name=word, user=firm[word])


async def perform(firm: Firm, command: Command, who: str | Actor = "buyer") -> Any:
    actor = who if isinstance(who, Actor) else firm.actor(who)
    return await firm.database.perform(actor, command)


async def written(firm: Firm) -> UUID:
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10))]
    return await perform(firm, CreatePurchaseOrder(vendor=ref(firm["vendor"]), lines=lines))  # type: ignore[no-any-return]


async def said(firm: Firm, paper: UUID, text: str, who: str | Actor = "storekeeper", **more: Any) -> UUID:
    return await perform(firm, AddComment(document=ref(paper), text=text, **more), who)  # type: ignore[no-any-return]


async def rows(firm: Firm, model: Any, **where: Any) -> list[Any]:
    async with firm.database.session(firm.actor("buyer")) as session:
        found = list(await session.scalars(select(model).filter_by(**where).order_by(model.id)))
        session.expunge_all()
        return found


async def row(firm: Firm, model: Any, id: UUID) -> Any:
    return (await rows(firm, model, id=id))[0]


async def followers(firm: Firm, paper: UUID) -> dict[str, str]:
    """Who follows a paper, and because of what."""
    names = {id: word.removeprefix("user:") for word, id in firm.ids.items()}
    there = await rows(firm, Follower, document_id=paper, left_at=None)
    return {names[one.user_id]: one.because for one in there}


async def mentioned(firm: Firm, comment: UUID) -> set[str]:
    names = {id: word.removeprefix("user:") for word, id in firm.ids.items()}
    return {names[one.user_id] for one in await rows(firm, Mention, comment_id=comment)}


async def events(firm: Firm, record: UUID) -> list[Event]:
    return await rows(firm, Event, record_id=record)


async def refusal(firm: Firm, command: Command, who: str | Actor = "buyer") -> tuple[type[Refused], Any]:
    with pytest.raises(Refused) as caught:
        await perform(firm, command, who)
    return type(caught.value), caught.value.path


@asynccontextmanager
async def unfinished(firm: Firm, command: Command, who: str | Actor) -> AsyncIterator[None]:
    """A transaction that has done all that the command asks, and does not end."""
    actor = who if isinstance(who, Actor) else firm.actor(who)
    async with firm.database.session(actor) as session:
        await firm.database.attempt(session, actor, command)
        yield


async def test_a_comment_changes_nothing_of_the_paper(firm: Firm) -> None:
    paper = await written(firm)
    before, log = await row(firm, Document, paper), len(await events(firm, paper))
    made = await said(firm, paper, "  Two boxes are wet.\r\nWho knows why? ")
    assert vars(await row(firm, Document, paper)) | {"_sa_instance_state": 0} == vars(before) | {
        "_sa_instance_state": 0
    }
    assert len(await events(firm, paper)) == log
    comment = await row(firm, Comment, made)
    assert (comment.text, comment.author_name) == ("Two boxes are wet.\nWho knows why?", "Storekeeper")
    assert (comment.created_by, comment.company_id) == (firm["user:storekeeper"], firm.company)


async def test_an_approver_says_yes_to_what_they_saw_whatever_was_said_since(firm: Firm) -> None:
    paper = await written(firm)
    seen = (await row(firm, Document, paper)).version
    await said(firm, paper, "hold on, @buyer")
    update = UpdatePurchaseOrder(id=ref(paper), expected_version=seen, note="as seen")
    assert await perform(firm, update) == paper


async def test_the_log_tells_of_which_paper_and_to_whom_but_not_what(firm: Firm) -> None:
    paper = await written(firm)
    made = await said(firm, paper, "Mr. Miller of the vendor is ill, @ann")
    await perform(firm, UpdateComment(id=ref(made), expected_version=1, text="Somebody there is ill"), "storekeeper")
    first, second = await events(firm, made)
    (mention,) = [change for name, change in first.changes.items() if name.startswith("mention.")]
    assert (first.type, first.company_id, first.changes["document_id"]) == (
        "comment.created", firm.company, [None, str(paper)],
    )  # fmt: skip
    assert mention == {"user_id": [None, str(firm["ann"])], "mentioned_at": mention["mentioned_at"]}
    assert first.changes["text"] == first.changes["author_name"] == [None, "***"]
    assert (second.type, second.sequence, second.changes["text"]) == ("comment.edited", 2, ["***", "***"])
    assert "Miller" not in str(first.changes) + str(second.changes)
    assert [one.text for one in await rows(firm, CommentRevision, comment_id=made)] == [
        "Mr. Miller of the vendor is ill, @ann"
    ]


@pytest.mark.parametrize(
    ("text", "people"),
    [
        ("@ann and @ANN, please", {"ann"}),
        ("(@ann.smith)", {"ann.smith"}),
        ("@ann.smith.", {"ann.smith"}),
        ("ask @ann...", {"ann"}),
        ("@ann's", {"ann"}),
        ("@zoë@example.com!", {"zoe"}),
        ("write to zoë@example.com, or to x@ann", set()),
        ("@annie @an @@ann @ann-smith", set()),
        ("@elsewhere @idle @guest @partner @gone @nobody", set()),
        ("@storekeeper", {"storekeeper"}),
        ("@viewer\n@administrator", {"viewer", "administrator"}),
        ("@" + "a" * 5000, set()),
    ],
)
async def test_a_call_reaches_whoever_is_there_and_may_read_the_paper(firm: Firm, text: str, people: set[str]) -> None:
    paper = await written(firm)
    made = await said(firm, paper, text)
    assert await mentioned(firm, made) == people
    assert (await row(firm, Comment, made)).text == text
    assert set(await followers(firm, paper)) == people | {"buyer", "storekeeper"}


ACCOUNTS = ["ann", "ann.smith", "zoë@example.com", "gone", "guest", "elsewhere", "buyer", "viewer", "nobody"]
texts = st.lists(
    st.one_of(st.sampled_from([*ACCOUNTS, *(f"@{one}" for one in ACCOUNTS)]), st.text("@.+- ,\nanBß", max_size=4)),
    max_size=12,
).map("".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=texts)
async def test_no_call_makes_up_a_person(firm: Firm, text: str) -> None:
    """Whoever is called stands in the text with an @ before, and could open the paper."""
    paper, buyer = PurchaseOrder(company_id=firm.company), firm.actor("buyer")
    text = f"{text} @ann"
    async with firm.database.session(buyer) as session:
        reached = await session.run_sync(
            lambda inner: [one.account for one in people_called(Work(inner, buyer, firm.database), paper, text)]
        )
    assert "ann" in reached
    assert len(reached) == len(set(reached))
    assert set(reached) <= {"ann", "ann.smith", "zoë@example.com", "buyer", "viewer"}
    assert all(f"@{one}" in text.casefold() for one in reached)


@given(text=st.text("@.a", max_size=400))
def test_a_long_row_of_dots_costs_no_more_than_it_is_long(text: str) -> None:
    readings = [one for word in called(text) for one in word]
    assert len(readings) <= len(text)
    assert all(0 < len(one) <= LONGEST for one in readings)


async def test_an_edit_calls_whom_it_adds_and_leaves_whom_it_keeps(firm: Firm) -> None:
    paper = await written(firm)
    made = await said(firm, paper, "@ann @viewer", "buyer")
    await perform(firm, MarkMentionsRead(document=ref(paper)), "viewer")
    await perform(firm, UpdateComment(id=ref(made), expected_version=1, text="@viewer @zoë@example.com"), "buyer")
    kept = {one.user_id: one.read_at for one in await rows(firm, Mention, comment_id=made)}
    assert kept.keys() == {firm["user:viewer"], firm["zoe"]}
    assert kept[firm["user:viewer"]] is not None
    assert kept[firm["zoe"]] is None
    same = UpdateComment(id=ref(made), expected_version=2, text="@viewer @zoë@example.com")
    await perform(firm, same, "buyer")
    assert (await row(firm, Comment, made)).version == 2
    assert len(await rows(firm, CommentRevision, comment_id=made)) == 1


async def test_a_comment_is_its_writer_s(firm: Firm) -> None:
    paper = await written(firm)
    made = await said(firm, paper, "mine")
    update = UpdateComment(id=ref(made), expected_version=1, text="yours")
    for who in ("buyer", "administrator"):
        assert await refusal(firm, update, who) == (Forbidden, ())
    assert await refusal(firm, ArchiveComment(id=ref(made)), "buyer") == (Forbidden, ())
    assert await refusal(firm, replace(update, expected_version=7), "storekeeper") == (
        VersionConflict,
        ("expectedVersion",),
    )
    await perform(firm, ArchiveComment(id=ref(made), expected_version=1), "storekeeper")
    assert await refusal(firm, replace(update, expected_version=2), "storekeeper") == (Archived, ("id",))
    assert await refusal(firm, RestoreComment(id=ref(made)), "buyer") == (Forbidden, ())
    await perform(firm, RestoreComment(id=ref(made)), "storekeeper")
    await perform(firm, ArchiveComment(id=ref(made)), "administrator")
    assert await refusal(firm, RestoreComment(id=ref(made)), "storekeeper") == (Forbidden, ())
    await perform(firm, RestoreComment(id=ref(made)), "administrator")
    assert [one.type for one in await events(firm, made)] == [
        "comment.created", "comment.archived", "comment.restored", "comment.archived", "comment.restored",
    ]  # fmt: skip


async def test_an_answer_stays_on_its_paper(firm: Firm) -> None:
    paper, other = await written(firm), await written(firm)
    first = await said(firm, paper, "why?")
    answer = await said(firm, paper, "because", reply_to=ref(first))
    assert (await row(firm, Comment, answer)).reply_to_id == first
    stray = AddComment(document=ref(other), text="because", reply_to=ref(first))
    assert await refusal(firm, stray) == (BadInput, ("replyTo",))


@pytest.mark.parametrize("text", ["", " \n ", "x" * 10_001, "a\x07b"])
async def test_what_is_no_text_is_refused(firm: Firm, text: str) -> None:
    paper = await written(firm)
    assert await refusal(firm, AddComment(document=ref(paper), text=text)) == (BadInput, ("text",))


async def test_whom_a_paper_concerns_follows_it(firm: Firm) -> None:
    paper = await written(firm)
    assert await followers(firm, paper) == {"buyer": "created"}
    submitter = replace(firm.actor("buyer"), user=firm["ann.smith"])
    await perform(firm, COMMANDS["SubmitPurchaseOrder"](id=ref(paper)), submitter)
    await said(firm, paper, "@viewer", "approver")
    await perform(firm, AssignDocument(id=ref(paper), assignee=ref(firm["user:accountant"])))
    await perform(firm, FollowDocument(id=ref(paper)), "administrator")
    assert await followers(firm, paper) == {
        "buyer": "created", "ann.smith": "submitted", "approver": "commented", "viewer": "mentioned",
        "accountant": "assigned", "administrator": "asked",
    }  # fmt: skip


async def test_every_kind_of_paper_is_followed_commented_and_assigned_alike(firm: Firm) -> None:
    paper = await written(firm)
    for verb in ("Submit", "Confirm"):
        await perform(firm, COMMANDS[f"{verb}PurchaseOrder"](id=ref(paper)))
    receipt = await perform(firm, ReceivePurchaseOrder(id=ref(paper)), "storekeeper")
    assert await followers(firm, receipt) == {"storekeeper": "created"}
    await said(firm, receipt, "one box was open", "accountant")
    await perform(firm, AssignDocument(id=Ref(id=receipt, type="receipt"), assignee=ref(firm["user:buyer"])))
    assert [one.type for one in await events(firm, receipt)][-1] == "receipt.assigned"
    assert (await followers(firm, receipt)).keys() == {"storekeeper", "accountant", "buyer"}


async def test_leaving_sticks_until_one_is_called(firm: Firm) -> None:
    paper, keeper = await written(firm), firm["user:storekeeper"]
    await said(firm, paper, "first")
    await perform(firm, UnfollowDocument(id=ref(paper)), "storekeeper")
    await said(firm, paper, "second")
    await perform(firm, UnfollowDocument(id=ref(paper)), "storekeeper")
    assert (await followers(firm, paper)).keys() == {"buyer"}
    for again in (
        AddComment(document=ref(paper), text="@storekeeper"),
        AssignDocument(id=ref(paper), assignee=ref(keeper)),
    ):
        await perform(firm, again)
        assert "storekeeper" in await followers(firm, paper)
        await perform(firm, UnfollowDocument(id=ref(paper)), "storekeeper")
        assert "storekeeper" not in await followers(firm, paper)
    await perform(firm, FollowDocument(id=ref(paper)), "storekeeper")
    assert (await followers(firm, paper))["storekeeper"] == "asked"


async def test_who_leaves_before_they_came_does_not_come_by_writing(firm: Firm) -> None:
    paper = await written(firm)
    await perform(firm, UnfollowDocument(id=ref(paper)), "viewer")
    await perform(firm, UnfollowDocument(id=ref(paper)), "storekeeper")
    await said(firm, paper, "hello @viewer")
    assert (await followers(firm, paper)).keys() == {"buyer", "viewer"}


async def test_a_paper_is_given_to_one_person_in_any_state(firm: Firm) -> None:
    paper = await written(firm)
    await perform(firm, COMMANDS["CancelPurchaseOrder"](id=ref(paper), reason="no need"))
    before = await row(firm, Document, paper)
    assign = AssignDocument(id=ref(paper), assignee=ref(firm["ann"]), expected_version=before.version)
    await perform(firm, assign, "accountant")
    await perform(firm, replace(assign, expected_version=before.version + 1), "accountant")
    after = await row(firm, Document, paper)
    assert (after.assignee_id, after.state, after.version) == (firm["ann"], "cancelled", before.version + 1)
    assert after.edited_by == before.edited_by
    told = (await events(firm, paper))[-1]
    assert (told.type, told.changes) == ("purchase_order.assigned", {"assignee_id": [None, str(firm["ann"])]})
    assert await refusal(firm, assign, "accountant") == (VersionConflict, ("expectedVersion",))
    await perform(firm, AssignDocument(id=ref(paper), assignee=None))
    assert (await row(firm, Document, paper)).assignee_id is None


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ("elsewhere", BadInput), ("idle", BadInput), ("guest", BadInput), ("user:partner", BadInput),
        ("gone", Archived), ("vendor", NotFound), (None, BadInput),
    ],
)  # fmt: skip
async def test_a_paper_is_given_to_nobody_who_cannot_see_it(firm: Firm, who: str | None, why: type[Refused]) -> None:
    paper = await written(firm)
    given = {} if who is None else {"assignee": ref(firm[who])}
    assert await refusal(firm, AssignDocument(id=ref(paper), **given)) == (why, ("assignee",))


async def test_rights_are_asked_for_below_the_api(firm: Firm) -> None:
    paper = await written(firm)
    made = await said(firm, paper, "hello")
    outsider = replace(firm.actor("partner"), partner=firm["vendor"])
    blind = replace(firm.actor("buyer"), rights=frozenset({"paper.comment"}))
    afar = replace(firm.actor("buyer"), companies=frozenset())
    named = ref(paper)
    verbs: list[tuple[Command, str]] = [
        (AddComment(document=named, text="x"), "document"), (FollowDocument(id=named), "id"),
        (UnfollowDocument(id=named), "id"), (AssignDocument(id=named, assignee=None), "id"),
        (MarkMentionsRead(document=named), "document"), (ArchiveComment(id=ref(made)), "id"),
        (UpdateComment(id=ref(made), expected_version=1, text="x"), "id"),
    ]  # fmt: skip
    for verb, field in verbs:
        for who in (outsider, blind):
            assert (await refusal(firm, verb, who))[0] is Forbidden, verb
        assert await refusal(firm, verb, afar) == (NotFound, (field,)), verb
    for verb, _ in verbs[:2]:
        assert (await refusal(firm, verb, "viewer"))[0] is Forbidden
    assert await perform(firm, UnfollowDocument(id=named), "viewer") == paper


async def test_a_program_comments_in_its_own_name_and_follows_nothing(firm: Firm) -> None:
    paper = await written(firm)
    program = replace(firm.actor("buyer"), name="Scanner", user=None, key=uuid7())
    made = await said(firm, paper, "Seen at gate 2", program)
    assert (await row(firm, Comment, made)).author_name == "Scanner"
    assert (await followers(firm, paper)).keys() == {"buyer"}
    assert (await refusal(firm, FollowDocument(id=ref(paper)), program))[0] is Forbidden
    assert (await refusal(firm, MarkMentionsRead(), program))[0] is Forbidden
    await perform(firm, UpdateComment(id=ref(made), expected_version=1, text="Seen at gate 3"), program)


async def test_a_paper_may_be_named_by_its_key_elsewhere(firm: Firm) -> None:
    paper, key = await written(firm), str(uuid7())
    there = {"source": "old", "key": key, "record_id": paper}
    known = Ref(source="old", key=key)

    def attach(type: str) -> Any:
        return firm.database.transact(
            firm.actor("buyer"), lambda work: work.add(ExternalReference(type=type, **there)).id
        )

    assert await refusal(firm, AddComment(document=known, text="x")) == (NotFound, ("document",))
    await attach("purchase_order")
    made = await perform(firm, AddComment(document=known, text="x"))
    assert (await row(firm, Comment, made)).document_id == paper
    assert await perform(firm, AssignDocument(id=known, assignee=None)) == paper
    await attach("receipt")
    assert await refusal(firm, AddComment(document=known, text="x")) == (BadInput, ("document",))
    mistyped = Ref(id=paper, type="receipt")
    assert await refusal(firm, AddComment(document=mistyped, text="x")) == (NotFound, ("document",))
    assert await refusal(firm, AssignDocument(id=Ref(id=paper, type="partner"), assignee=None)) == (NotFound, ("id",))


async def test_comments_wait_neither_for_each_other_nor_for_an_edit(firm: Firm) -> None:
    paper = await written(firm)
    edit = UpdatePurchaseOrder(id=ref(paper), expected_version=1, note="being written")
    comment = AddComment(document=ref(paper), text="@ann look")
    async with (
        unfinished(firm, edit, "buyer"),
        unfinished(firm, comment, "accountant"),
        unfinished(firm, replace(comment, text="me too, @viewer"), "approver"),
        unfinished(firm, replace(comment, text="it will be done soon"), "buyer"),
        asyncio.timeout(SOON),
    ):
        made = await said(firm, paper, "@zoë@example.com, it is being edited", "storekeeper")
        await said(firm, paper, "I see", "administrator", reply_to=ref(made))
    async with unfinished(firm, comment, "accountant"), asyncio.timeout(SOON):
        await perform(firm, edit)
        await perform(firm, FollowDocument(id=ref(paper)), "administrator")


async def test_nobody_waits_for_who_follows_already_or_has_left(firm: Firm) -> None:
    paper = await written(firm)
    again = AddComment(document=ref(paper), text="again, @ann")
    await perform(firm, again, "storekeeper")
    await perform(firm, again, "accountant")
    await perform(firm, UnfollowDocument(id=ref(paper)), "accountant")
    for who in ("storekeeper", "accountant"):
        async with unfinished(firm, again, who), asyncio.timeout(SOON):
            await perform(firm, again, who)
    assert (await followers(firm, paper)).keys() == {"buyer", "storekeeper", "ann"}


async def test_an_answer_does_not_wait_for_an_edit_of_what_it_answers(firm: Firm) -> None:
    paper = await written(firm)
    made = await said(firm, paper, "why?")
    edit = UpdateComment(id=ref(made), expected_version=1, text="why now?")
    async with unfinished(firm, edit, "storekeeper"), asyncio.timeout(SOON):
        await said(firm, paper, "because", "buyer", reply_to=ref(made))


async def test_many_at_once_make_one_follower(firm: Firm) -> None:
    paper = await written(firm)
    calls = ["@ann @viewer", "@viewer @ann", "@zoë@example.com @ann", "@ann.smith"]
    acts = [said(firm, paper, calls[index % 4], ["storekeeper", "accountant"][index % 2]) for index in range(16)]
    acts += [perform(firm, FollowDocument(id=ref(paper)), "approver") for _ in range(4)]
    assert len(set(await asyncio.gather(*acts))) == 17
    per_person = select(func.count()).where(Follower.document_id == paper).group_by(Follower.user_id)
    async with firm.database.session(firm.actor("buyer")) as session:
        assert set(await session.scalars(per_person)) == {1}
    assert set(await followers(firm, paper)) == {
        "buyer", "storekeeper", "accountant", "approver", "ann", "viewer", "zoe", "ann.smith",
    }  # fmt: skip


async def test_a_comment_that_fails_leaves_no_follower(firm: Firm) -> None:
    paper = await written(firm)
    async with unfinished(firm, AddComment(document=ref(paper), text="@ann"), "storekeeper"):
        pass
    assert await followers(firm, paper) == {"buyer": "created"}


async def test_comments_outlive_their_writers(firm: Firm) -> None:
    paper = await written(firm)
    short = await firm.database.transact(
        firm.actor("administrator"),
        lambda work: work.add(User(account="short", name="Short Stay", roles=["buyer"], companies=[])).id,
    )
    made = await said(firm, paper, "I was here", replace(firm.actor("buyer"), user=short))
    await perform(firm, ArchiveUser(id=ref(short)), "administrator")
    assert (await row(firm, Comment, made)).author_name == "Short Stay"
    await firm.database.transact(
        firm.actor("administrator"),
        lambda work: [work.session.execute(delete(one).where(key == short)) for one, key in _OF_A_PERSON],
    )
    assert await rows(firm, User, id=short) == []
    comment = await row(firm, Comment, made)
    assert (comment.author_name, comment.text) == ("Short Stay", "I was here")


_OF_A_PERSON: list[tuple[Any, Any]] = [(Mention, Mention.user_id), (Follower, Follower.user_id), (User, User.id)]


async def test_mentions_are_read_by_whom_they_mean(firm: Firm) -> None:
    ann = person(firm, "ann")
    paper, other = await written(firm), await written(firm)
    first, second = await said(firm, paper, "@ann"), await said(firm, other, "@ann @viewer")
    third = await said(firm, other, "@ann, note to self", ann)

    async def unread() -> set[UUID]:
        mine = await rows(firm, Mention, user_id=firm["ann"], read_at=None)
        return {one.comment_id for one in mine} & {first, second, third}

    assert await unread() == {first, second}
    theirs = [one.id for one in await rows(firm, Mention, comment_id=second) if one.user_id != firm["ann"]]
    await perform(firm, MarkMentionsRead(mentions=[ref(theirs[0])]), ann)
    assert await unread() == {first, second}
    assert await perform(firm, MarkMentionsRead(document=ref(paper)), ann) == firm["ann"]
    assert await unread() == {second}
    assert (await row(firm, Comment, first)).version == 1
    await perform(firm, MarkMentionsRead(), ann)
    assert await unread() == set()
    assert (await row(firm, Mention, theirs[0])).read_at is None


async def test_another_firm_s_paper_is_not_there(firm: Firm) -> None:
    neighbour = await found(firm.database, firm.owner_url, tenant=2)
    paper = await written(firm)
    made = await said(firm, paper, "ours")
    buyer = neighbour.actor("buyer")
    assert await refusal(firm, AddComment(document=ref(paper), text="x"), buyer) == (NotFound, ("document",))
    assert await refusal(firm, AssignDocument(id=ref(paper), assignee=None), buyer) == (NotFound, ("id",))
    assert await refusal(firm, ArchiveComment(id=ref(made)), neighbour.actor("administrator")) == (NotFound, ("id",))
    theirs = await written(neighbour)
    call = await perform(neighbour, AddComment(document=ref(theirs), text="@ann @viewer"))
    assert {one.user_id for one in await rows(neighbour, Mention, comment_id=call)} == {neighbour["user:viewer"]}
    foreign = AssignDocument(id=ref(theirs), assignee=ref(firm["ann"]))
    assert await refusal(neighbour, foreign) == (NotFound, ("assignee",))
