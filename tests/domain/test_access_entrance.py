"""Who comes in, who does not, and what the answers give away."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from time import process_time
from uuid import UUID

import asyncpg
import pytest

from domain.access import password
from domain.access.entrance import SignedIn, _begin, actor_of, present, sign_in, sign_out
from domain.access.keys import CreateApiKey, RevokeApiKey
from domain.access.password import Verdict, hashed, judged
from domain.access.people import ArchiveUser, ChangePassword, LockUser, SetPassword, UnlockUser, UpdateUser
from domain.access.role import ROLES
from domain.access.user import User
from domain.kernel.actor import Actor
from domain.kernel.commands import Command, Ref
from domain.kernel.errors import (
    BadInput,
    Busy,
    Forbidden,
    Refused,
    SignInFailed,
    SignInLocked,
    VersionConflict,
)
from domain.kernel.idempotency import Once
from domain.parties.firm import ArchiveTenant, RestoreTenant
from migrations.embedded import Cluster
from tests.firm import Firm, found, standing

WORD = "correct horse battery"
HASH = hashed(WORD)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all, so that they can share a firm."""
    return "asyncio"


@pytest.fixture(scope="module")
async def shared(cluster: Cluster) -> AsyncIterator[Firm]:
    async with standing(cluster) as firm:
        yield firm


@pytest.fixture
async def house(shared: Firm) -> Firm:
    """A firm whose buyer and administrator have a password; nobody has come in yet."""
    await changed(
        shared,
        f"""
        truncate sign_in, sign_in_guess, api_key;
        update user_account set version = 1, archived_at = null, locked_at = null, roles = jsonb_build_array(account),
          companies = jsonb_build_array('{shared.company}'::text),
          password_hash = case when account in ('buyer', 'administrator') then '{HASH}' end
        """,
    )
    return shared


async def perform(firm: Firm, command: Command, disclosed: dict[str, str] | None = None) -> object:
    actor = replace(firm.actor("administrator"), clock=lambda: datetime.now(UTC))
    return await firm.database.perform(actor, command, disclosed=disclosed)


async def changed(firm: Firm, statement: str) -> None:
    """Turn something behind the back of the application, such as the clock."""
    owner = await asyncpg.connect(firm.owner_url)
    await owner.execute(statement)
    await owner.close()


async def version(firm: Firm, word: str) -> int:
    async with firm.database.session(firm.actor("administrator")) as session:
        return (await session.get_one(User, (firm.tenant, firm[word]))).version


async def hash_of(firm: Firm, word: str) -> str | None:
    async with firm.database.session(firm.actor("administrator")) as session:
        return (await session.get_one(User, (firm.tenant, firm[word]))).password_hash


async def outcome(firm: Firm, account: str, password: str) -> str:
    try:
        await sign_in(firm.database, account, password)
    except Refused as refused:
        return refused.code
    return "IN"


async def test_the_right_password_lets_a_person_in_with_the_rights_of_their_roles(house: Firm) -> None:
    session = await sign_in(house.database, " Buyer ", WORD)
    actor = await actor_of(house.database, session.token)
    assert actor == session.actor
    assert (actor.user, actor.name, actor.companies) == (house["user:buyer"], "buyer", {house.company})
    assert actor.rights == ROLES["buyer"] | {"access.self"}
    assert session.token.startswith("tgs_")
    assert session.expires_at - datetime.now(UTC) < timedelta(hours=12, seconds=1)


async def test_neither_token_nor_key_nor_password_stands_anywhere_in_the_database(house: Firm) -> None:
    told: dict[str, str] = {}
    session = await sign_in(house.database, "buyer", WORD)
    await perform(house, CreateApiKey(name="robot", roles=["viewer"]), told)
    owner = await asyncpg.connect(house.owner_url)
    tables = [row["name"] for row in await owner.fetch("select relname as name from pg_class where relkind in ('r','p')"
                                                       " and relnamespace = 'public'::regnamespace")]  # fmt: skip
    texts = [str(await owner.fetchval(f'select json_agg(t)::text from "{table}" t')) for table in tables]
    await owner.close()
    assert not [one for one in texts for secret in (session.token, told["secret"], WORD) if secret[4:] in one]
    assert any("argon2id" in one for one in texts)


async def test_whoever_comes_in_can_be_told_from_others_by_their_hash(house: Firm) -> None:
    told: dict[str, str] = {}
    await perform(house, CreateApiKey(name="robot", roles=["viewer"], rights=["stock.receive"]), told)
    robot = await actor_of(house.database, told["secret"])
    assert robot is not None
    assert robot.rights == ROLES["viewer"] | {"stock.receive"}
    assert len({robot, replace(robot), replace(robot, rights=frozenset())}) == 2


async def test_wrong_unknown_archived_and_without_a_password_answer_in_the_same_words(house: Firm) -> None:
    await perform(house, ArchiveUser(id=Ref(id=house["user:buyer"])))
    said = set()
    for account, word in [("administrator", "wrong"), ("nobody", WORD), ("buyer", WORD), ("viewer", WORD)]:
        with pytest.raises(SignInFailed) as caught:
            await sign_in(house.database, account, word)
        said.add((caught.value.message, caught.value.path, str(caught.value.details)))
    assert len(said) == 1


async def test_a_wrong_password_and_an_unknown_account_take_the_same_time(house: Firm) -> None:
    """Measured in the time of the processor, which others on the machine do not lengthen."""

    async def taken(account: str) -> float:
        before = process_time()
        assert await outcome(house, account, "wrong") == "SIGN_IN_FAILED"
        return process_time() - before

    await taken("warm-up")
    times = {name: [] for name in ("buyer", "nobody")}
    for _ in range(3):
        for name, measured in times.items():
            measured.append(await taken(name))
    quickest = {name: min(measured) for name, measured in times.items()}
    assert 0.5 < quickest["nobody"] / quickest["buyer"] < 2
    assert quickest["nobody"] > 0.01


@pytest.mark.parametrize("account", ["buyer", "nobody"])
async def test_after_five_failures_an_account_is_locked_whether_it_exists_or_not(house: Firm, account: str) -> None:
    for _ in range(5):
        assert await outcome(house, account, "wrong") == "SIGN_IN_FAILED"
    with pytest.raises(SignInLocked) as caught:
        await sign_in(house.database, account, WORD)
    assert 55 <= caught.value.details["retry_after"] <= 60
    assert await outcome(house, "administrator", WORD) == "IN"


@pytest.mark.parametrize("account", ["buyer", "nobody"])
async def test_guesses_made_at_once_learn_no_more_than_guesses_made_in_turn(house: Firm, account: str) -> None:
    guesses = [outcome(house, account, f"wrong {number}") for number in range(20)]
    assert Counter(await asyncio.gather(*guesses)) == {"SIGN_IN_FAILED": 5, "SIGN_IN_LOCKED": 15}


async def test_a_lock_doubles_up_to_an_hour_and_a_success_forgets_it(house: Firm) -> None:
    waits = []
    for _ in range(5):
        await outcome(house, "buyer", "wrong")
    for _ in range(8):
        with pytest.raises(SignInLocked) as caught:
            await sign_in(house.database, "buyer", WORD)
        waits.append(round(caught.value.details["retry_after"] / 60))
        await changed(house, "update sign_in_guess set locked_until = now()")
        assert await outcome(house, "buyer", "wrong") == "SIGN_IN_FAILED"
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    await changed(house, "update sign_in_guess set locked_until = now()")
    assert await outcome(house, "buyer", WORD) == "IN"
    assert await outcome(house, "buyer", "wrong") == "SIGN_IN_FAILED"
    assert await outcome(house, "buyer", WORD) == "IN"


async def test_people_who_sign_in_at_once_with_the_right_password_all_come_in(house: Firm) -> None:
    assert set(await asyncio.gather(*(outcome(house, "buyer", WORD) for _ in range(8)))) == {"IN"}


async def test_failures_are_forgotten_after_a_day_of_quiet(house: Firm) -> None:
    for _ in range(5):
        await outcome(house, "buyer", "wrong")
    await changed(house, "update sign_in_guess set at = now() - interval '25 hours', locked_until = now()")
    for _ in range(5):
        assert await outcome(house, "buyer", "wrong") == "SIGN_IN_FAILED"


async def test_an_administrator_lifts_a_lock(house: Firm) -> None:
    for _ in range(5):
        await outcome(house, "buyer", "wrong")
    assert await outcome(house, "buyer", WORD) == "SIGN_IN_LOCKED"
    await perform(house, UnlockUser(id=Ref(id=house["user:buyer"])))
    assert await outcome(house, "buyer", WORD) == "IN"


async def test_with_several_firms_one_must_be_named_and_accounts_do_not_meet(firm: Firm) -> None:
    await perform(firm, SetPassword(id=Ref(id=firm["user:buyer"]), password=WORD))
    other = await found(firm.database, firm.owner_url, tenant=2)
    with pytest.raises(BadInput) as caught:
        await sign_in(firm.database, "buyer", WORD)
    assert caught.value.path == ("tenant",)
    assert (await sign_in(firm.database, "buyer", WORD, "firm1")).actor.tenant == firm.tenant
    for code in ("firm2", "no such firm"):
        with pytest.raises(SignInFailed):
            await sign_in(firm.database, "buyer", WORD, code)
    await perform(other, SetPassword(id=Ref(id=other["user:buyer"]), password=WORD))
    for _ in range(5):
        with pytest.raises(SignInFailed):
            await sign_in(firm.database, "buyer", "wrong", "firm2")
    assert (await sign_in(firm.database, "buyer", WORD, "firm1")).actor.tenant == firm.tenant


async def test_a_hash_with_older_parameters_is_made_anew_at_sign_in(house: Firm) -> None:
    from pwdlib.hashers.argon2 import Argon2Hasher

    weak = Argon2Hasher(time_cost=1, memory_cost=1024, parallelism=1).hash(WORD)
    await changed(house, f"update user_account set password_hash = '{weak}' where account = 'buyer'")
    before = await version(house, "user:buyer")
    assert await outcome(house, "buyer", WORD) == "IN"
    assert await hash_of(house, "user:buyer") != weak
    assert await version(house, "user:buyer") == before
    assert await outcome(house, "buyer", WORD) == "IN"


async def still_in(firm: Firm, session: SignedIn) -> Actor | None:
    return await actor_of(firm.database, session.token)


async def test_a_session_ends_when_it_is_signed_out_and_the_others_go_on(house: Firm) -> None:
    first, second = [await sign_in(house.database, "buyer", WORD) for _ in range(2)]
    await sign_out(house.database, first.actor)
    assert await still_in(house, first) is None
    assert await still_in(house, second) == second.actor


async def test_a_session_ends_by_itself(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    await changed(house, "update sign_in set expires_at = now()")
    assert await still_in(house, session) is None


async def test_roles_and_companies_hold_from_the_next_request_on(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    person = Ref(id=house["user:buyer"])
    await perform(
        house,
        UpdateUser(id=person, expected_version=await version(house, "user:buyer"), roles=["viewer"], companies=[]),
    )
    actor = await still_in(house, session)
    assert actor is not None
    assert (actor.rights, actor.companies) == (ROLES["viewer"] | {"access.self"}, frozenset())


async def test_of_two_changes_of_a_password_at_once_the_later_is_refused_with_what_it_missed(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    words = ("staple of the realm", "battery of the house")
    done = await asyncio.gather(
        *(house.database.perform(session.actor, ChangePassword(old=WORD, new=word)) for word in words),
        return_exceptions=True,
    )
    (refused,) = [one for one in done if isinstance(one, VersionConflict)]
    assert (len(done), "sign in with the new one" in refused.message) == (2, True)
    assert refused.details["current"] == await version(house, "user:buyer")
    assert sorted([await outcome(house, "buyer", word) for word in words]) == ["IN", "SIGN_IN_FAILED"]


async def test_an_archived_person_is_out_at_once(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    await perform(house, ArchiveUser(id=Ref(id=house["user:buyer"])))
    assert await still_in(house, session) is None


async def test_a_person_who_is_locked_is_out_at_once_until_they_are_unlocked(house: Firm) -> None:
    token = (await sign_in(house.database, "buyer", WORD)).token
    told: dict[str, str] = {}
    buyer = Ref(id=house["user:buyer"])
    await perform(house, CreateApiKey(name="robot", user=buyer), told)
    await perform(house, LockUser(id=buyer))
    assert (await actor_of(house.database, token), await actor_of(house.database, told["secret"])) == (None, None)
    assert await going_on(house, user=buyer.id) is None
    assert await outcome(house, "buyer", WORD) == "SIGN_IN_FAILED"
    await perform(house, UnlockUser(id=buyer))
    assert await actor_of(house.database, token) is None
    assert await actor_of(house.database, told["secret"]) is not None
    assert await going_on(house, user=buyer.id) is not None
    assert await outcome(house, "buyer", WORD) == "IN"


async def going_on(house: Firm, *, user: UUID) -> Actor | None:
    """Whoever began something that goes on without them."""
    return await house.database.transact(house.actor("buyer"), lambda work: present(work, user=user, key=None))


async def test_a_session_of_somebody_locked_opens_nothing_even_if_it_was_not_ended(house: Firm) -> None:
    token = (await sign_in(house.database, "buyer", WORD)).token
    await changed(house, "update user_account set locked_at = now() where account = 'buyer'")
    assert await actor_of(house.database, token) is None


async def test_nobody_comes_into_a_tenant_that_is_closed(house: Firm) -> None:
    told: dict[str, str] = {}
    token = (await sign_in(house.database, "buyer", WORD)).token
    await perform(house, CreateApiKey(name="robot", roles=["viewer"]), told)
    await perform(house, ArchiveTenant())
    assert (await actor_of(house.database, token), await actor_of(house.database, told["secret"])) == (None, None)
    with pytest.raises(SignInFailed):
        await sign_in(house.database, "buyer", WORD, "firm1")
    await perform(house, RestoreTenant())
    assert (await actor_of(house.database, token)) is not None
    assert await outcome(house, "buyer", WORD) == "IN"


async def test_a_session_of_somebody_archived_opens_nothing_even_if_it_was_not_ended(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    await changed(house, "update user_account set archived_at = now() where account = 'buyer'")
    assert await still_in(house, session) is None


async def test_another_password_ends_the_sessions_begun_with_the_old_one(house: Firm) -> None:
    first, second = [await sign_in(house.database, "buyer", WORD) for _ in range(2)]
    await house.database.perform(first.actor, ChangePassword(old=WORD, new="staple of the realm"))
    assert (await still_in(house, first), await still_in(house, second)) == (first.actor, None)
    assert await outcome(house, "buyer", WORD) == "SIGN_IN_FAILED"
    await perform(house, SetPassword(id=Ref(id=house["user:buyer"]), password=WORD))
    assert await still_in(house, first) is None


async def test_nobody_changes_a_password_without_knowing_it(house: Firm) -> None:
    session = await sign_in(house.database, "buyer", WORD)
    with pytest.raises(BadInput) as caught:
        await house.database.perform(session.actor, ChangePassword(old="a guess", new="staple of the realm"))
    assert caught.value.path == ("old",)
    with pytest.raises(Forbidden):
        await house.database.perform(house.actor("buyer"), ChangePassword(old=WORD, new="staple of the realm"))


async def key_of(firm: Firm, **given: object) -> tuple[object, str]:
    told: dict[str, str] = {}
    identity = await perform(firm, CreateApiKey(name="robot", **given), told)  # type: ignore[arg-type]
    return identity, told["secret"]


async def test_a_key_has_the_rights_and_companies_it_was_given(house: Firm) -> None:
    identity, secret = await key_of(house, roles=["viewer"], rights=["import.write"], companies=[Ref(id=house.company)])
    actor = await actor_of(house.database, secret)
    assert actor is not None
    assert (actor.key, actor.user, actor.name, actor.companies) == (identity, None, "robot", {house.company})
    assert actor.rights == ROLES["viewer"] | {"import.write"}
    with pytest.raises(Forbidden):
        await sign_out(house.database, actor)


async def test_a_revoked_or_expired_key_opens_nothing(house: Firm) -> None:
    identity, secret = await key_of(house, roles=["viewer"])
    _, fleeting = await key_of(house, roles=["viewer"], expires_at=datetime.now(UTC) + timedelta(minutes=1))
    assert await actor_of(house.database, secret)
    await perform(house, RevokeApiKey(id=Ref(id=identity)))  # type: ignore[arg-type]
    assert await actor_of(house.database, secret) is None
    assert await actor_of(house.database, fleeting)
    await changed(house, "update api_key set expires_at = now() where expires_at is not null")
    assert await actor_of(house.database, fleeting) is None


async def test_a_key_of_a_person_never_does_more_than_the_person_may_now(house: Firm) -> None:
    person = Ref(id=house["user:buyer"])
    _, whole = await key_of(house, user=person)
    _, part = await key_of(house, user=person, rights=["purchase.read", "import.write"])
    actors = [await actor_of(house.database, secret) for secret in (whole, part)]
    assert [actor and actor.rights for actor in actors] == [ROLES["buyer"], {"purchase.read"}]
    assert [actor and actor.signature for actor in actors] == [house["user:buyer"]] * 2
    await perform(
        house, UpdateUser(id=person, expected_version=await version(house, "user:buyer"), roles=["storekeeper"])
    )
    narrowed = await actor_of(house.database, whole)
    assert narrowed is not None
    assert narrowed.rights == ROLES["storekeeper"]
    await perform(house, ArchiveUser(id=person))
    assert await actor_of(house.database, whole) is None


async def test_a_repeated_request_for_a_key_makes_one_key_and_shows_it_once(house: Firm) -> None:
    once, first, second = Once("k1", "createApiKey", "{}"), {}, {}
    command = CreateApiKey(name="robot", roles=["viewer"])
    made = await house.database.perform(house.actor("administrator"), command, once, disclosed=first)
    again = await house.database.perform(house.actor("administrator"), command, once, disclosed=second)
    assert made == again
    assert first.keys() == {"secret"}
    assert second == {}


async def test_a_made_up_credential_opens_nothing(house: Firm) -> None:
    for credential in ("", "tgk_", "tgs_x", "tgk_" + "A" * 43, "ä\ud800", "x" * 10_000):
        assert await actor_of(house.database, credential) is None


async def test_a_stale_version_is_refused(house: Firm) -> None:
    update = UpdateUser(id=Ref(id=house["user:buyer"]), expected_version=1, roles=["viewer"])
    await perform(house, update)
    with pytest.raises(VersionConflict):
        await perform(house, update)


async def test_a_password_that_changes_while_it_is_judged_opens_nothing(house: Firm) -> None:
    actor = replace(house.actor("buyer"), clock=lambda: datetime.now(UTC))
    with pytest.raises(SignInFailed):
        await house.database.transact(actor, lambda work: _begin(work, "tgs_x", hashed(WORD), Verdict(right=True)))
    await house.database.transact(actor, lambda work: _begin(work, "tgs_x", HASH, Verdict(right=True)))
    assert await actor_of(house.database, "tgs_x") is not None
    await perform(house, ArchiveUser(id=Ref(id=house["user:buyer"])))
    with pytest.raises(SignInFailed):
        await house.database.transact(actor, lambda work: _begin(work, "tgs_y", HASH, Verdict(right=True)))


async def test_too_many_at_once_are_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(password, "_queue", asyncio.Semaphore(2))
    answers = await asyncio.gather(*(password.apart(judged, "x", HASH) for _ in range(4)), return_exceptions=True)
    assert [type(one) for one in answers] == [Verdict, Verdict, Busy, Busy]
