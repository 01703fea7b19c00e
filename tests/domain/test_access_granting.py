"""What may be given to whom."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from domain.access.entrance import actor_of
from domain.access.keys import CreateApiKey, RevokeApiKey
from domain.access.password import accepted, hashed, judged
from domain.access.people import (
    ArchiveUser,
    CreateUser,
    LockUser,
    RestoreUser,
    SetPassword,
    UnlockUser,
    UpdateUser,
)
from domain.access.role import ROLES
from domain.access.user import User
from domain.kernel.base import uuid7
from domain.kernel.commands import Command, Ref
from domain.kernel.errors import BadInput, Forbidden, NotFound, NotReady, NotUnique, Refused
from domain.stock.founding import CreateCompany
from tests.firm import Firm, found


async def perform(firm: Firm, command: Command, role: str = "administrator") -> Any:
    return await firm.database.perform(firm.actor(role), command)


async def person(firm: Firm, id: Any) -> User:
    async with firm.database.session(firm.actor("administrator")) as session:
        found = await session.get_one(User, (firm.tenant, id))
        session.expunge(found)
        return found


async def refusals(firm: Firm, command: Command, role: str = "administrator") -> list[tuple[type[Refused], Any]]:
    with pytest.raises(Refused) as caught:
        await perform(firm, command, role)
    return [(type(one), one.path) for one in caught.value.each]


def founding(**given: Any) -> CreateCompany:
    return CreateCompany(**{"code": "SUB", "name": "Sub SA", "country": "FR", "currency": "EUR", **given})


def ann(**given: Any) -> CreateUser:
    return CreateUser(**{"account": "ann", "name": "Ann", "roles": ["buyer"], **given})


async def test_a_person_is_made_with_roles_companies_and_a_password(firm: Firm) -> None:
    id = await perform(firm, ann(account="Ann.Lee@x", password="four words make it", companies=[Ref(id=firm.company)]))
    made = await person(firm, id)
    assert (made.account, made.roles, made.companies) == ("ann.lee@x", ["buyer"], [str(firm.company)])
    assert judged("four words make it", made.password_hash).right


WRONG: list[tuple[dict[str, Any], tuple[str | int, ...]]] = [
    ({"account": "a b"}, ("account",)),
    ({"account": ""}, ("account",)),
    ({"name": "  "}, ("name",)),
    ({"email": "nowhere"}, ("email",)),
    ({"language": "English"}, ("language",)),
    ({"roles": ["buyer", "king"]}, ("roles", 1)),
    ({"roles": ["partner", "buyer"]}, ("roles",)),
    ({"roles": ["partner"]}, ("partner",)),
    ({"password": "short"}, ("password",)),
    ({"password": "aaaaaaaaaaaaaaaa"}, ("password",)),
    ({"password": "my name is ann"}, ("password",)),
    ({"password": "x1y2z" * 41}, ("password",)),
    ({"companies": [Ref(id=uuid7())]}, ("companies", 0)),
    ({"account": "buyer"}, ("account",)),
]


async def test_a_person_described_wrongly_is_refused_at_the_field(firm: Firm) -> None:
    for given, path in WRONG:
        assert [where for _, where in await refusals(firm, ann(**given))] == [path]


async def test_all_mistakes_are_told_at_once(firm: Firm) -> None:
    found = await refusals(firm, ann(account="a b", roles=["king"], password="short"))
    assert [where[0] for _, where in found] == ["account", "roles", "password"]


async def test_outsiders_belong_to_a_partner_and_nobody_else_does(firm: Firm) -> None:
    vendor = Ref(id=firm["vendor"])
    id = await perform(firm, ann(roles=["partner"], partner=vendor))
    assert (await person(firm, id)).partner_id == firm["vendor"]
    for command in (
        ann(account="bob", roles=["buyer"], partner=vendor),
        UpdateUser(id=Ref(id=id), expected_version=1, roles=["viewer"]),
        CreateApiKey(name="portal", rights=["purchase.read.own"]),
        CreateApiKey(name="portal", roles=["partner"], rights=["purchase.read"], partner=vendor),
    ):
        assert await refusals(firm, command) == [(BadInput, ("partner",))]
    assert await perform(firm, CreateApiKey(name="portal", roles=["partner"], partner=vendor))


async def test_only_an_administrator_gives_access(firm: Firm) -> None:
    commands = [ann(), CreateApiKey(name="robot", roles=["administrator"]), ArchiveUser(id=Ref(id=uuid7()))]
    for role in ROLES.keys() - {"administrator"}:
        assert [await refusals(firm, command, role) for command in commands] == [[(Forbidden, ())]] * 3


async def test_a_key_is_given_known_rights_only(firm: Firm) -> None:
    for right in ("everything", "access.self"):
        assert await refusals(firm, CreateApiKey(name="robot", rights=[right])) == [(BadInput, ("rights", 0))]


async def test_people_and_companies_of_another_firm_are_unknown(firm: Firm) -> None:
    other = await found(firm.database, firm.owner_url, tenant=2)
    stranger = Ref(id=other["user:buyer"])
    assert await refusals(firm, ArchiveUser(id=stranger)) == [(NotFound, ("id",))]
    assert await refusals(firm, CreateApiKey(name="robot", roles=["viewer"], user=stranger)) == [(NotFound, ("user",))]
    assert await refusals(firm, ann(companies=[Ref(id=other.company)])) == [(NotFound, ("companies", 0))]


async def test_the_last_administrator_stays(firm: Firm) -> None:
    me = Ref(id=firm["user:administrator"])
    with pytest.raises(NotReady):
        await perform(firm, ArchiveUser(id=me))
    with pytest.raises(NotReady):
        await perform(firm, UpdateUser(id=me, expected_version=1, roles=["viewer"]))
    second = await perform(firm, ann(roles=["administrator"]))
    await perform(firm, ArchiveUser(id=me))
    for leaving in (ArchiveUser, LockUser):
        with pytest.raises(NotReady, match="last administrator"):
            await perform(firm, leaving(id=Ref(id=second)))
    third = await perform(firm, ann(account="eve", roles=["administrator"]))
    await perform(firm, LockUser(id=Ref(id=third)))
    with pytest.raises(NotReady):
        await perform(firm, ArchiveUser(id=Ref(id=second)))


async def test_a_company_is_not_taken_from_its_last_administrator(firm: Firm) -> None:
    me = Ref(id=firm["user:administrator"])
    with pytest.raises(NotReady, match="give it to another one first"):
        await perform(firm, UpdateUser(id=me, expected_version=1, companies=[]))
    await perform(firm, ann(roles=["administrator"], companies=[Ref(id=firm.company)]))
    await perform(firm, UpdateUser(id=me, expected_version=1, companies=[], roles=["viewer"]))
    await perform(firm, UpdateUser(id=Ref(id=firm["user:buyer"]), expected_version=1, companies=[]))


async def test_two_administrators_cannot_remove_each_other_at_once(firm: Firm) -> None:
    ids = [firm["user:administrator"], await perform(firm, ann(roles=["administrator"]))]
    done = await asyncio.gather(
        *(perform(firm, ArchiveUser(id=Ref(id=ids[0]))) for _ in range(2)),
        perform(firm, LockUser(id=Ref(id=ids[1]))),
        perform(firm, UpdateUser(id=Ref(id=ids[1]), expected_version=1, roles=["viewer"])),
        return_exceptions=True,
    )
    people = [await person(firm, id) for id in ids]
    assert len([one for one in people if is_administrator(one)]) == 1
    assert {type(one) for one in done if isinstance(one, Exception)} == {NotReady}


def is_administrator(one: User) -> bool:
    return "administrator" in one.roles and one.archived_at is None and one.locked_at is None


async def test_companies_that_one_does_not_work_for_are_not_one_s_to_take(firm: Firm) -> None:
    """Who founds a company works for it; another administrator neither gives it nor takes it away."""
    founder = firm.actor("administrator")
    second = await firm.database.perform(founder, founding())
    buyer = Ref(id=firm["user:buyer"])
    both = replace(founder, companies=founder.companies | {second})
    refs = [Ref(id=firm.company), Ref(id=second)]
    assert await refusals(firm, UpdateUser(id=buyer, expected_version=1, companies=refs)) == [
        (NotFound, ("companies", 1))
    ]
    await firm.database.perform(both, UpdateUser(id=buyer, expected_version=1, companies=refs))
    await perform(firm, UpdateUser(id=buyer, expected_version=2, companies=[]))
    assert (await person(firm, buyer.id)).companies == [str(second)]


async def test_people_who_work_elsewhere_too_are_administered_by_those_who_do_as_well(firm: Firm) -> None:
    """Whoever sets somebody's password can come in as them: in every company they work for."""
    here = firm.actor("administrator")
    there = await firm.database.perform(here, founding())
    both = replace(here, companies=here.companies | {there})
    key = CreateApiKey(name="theirs", roles=["viewer"], companies=[Ref(id=firm.company), Ref(id=there)])
    spread = await firm.database.perform(both, key)
    someone = ann(password="four words make it", companies=[Ref(id=there)])
    id = Ref(id=await firm.database.perform(both, someone))
    acting = await firm.database.perform(both, CreateApiKey(name="ann's", user=id))
    barred: list[tuple[Command, str]] = [
        (SetPassword(id=id, password="another four words"), "id"),
        (LockUser(id=id), "id"),
        (UnlockUser(id=id), "id"),
        (ArchiveUser(id=id), "id"),
        (RestoreUser(id=id), "id"),
        *((UpdateUser(id=id, expected_version=1, **one), "id") for one in (
            {"roles": ["viewer"]}, {"email": "me@example.com"}, {"name": "Bob"}, {"language": "de"}, {"partner": None},
        )),
        (CreateApiKey(name="mine", user=id), "user"),
        (RevokeApiKey(id=Ref(id=acting)), "id"),
        (RevokeApiKey(id=Ref(id=spread)), "id"),
    ]  # fmt: skip
    for command, path in barred:
        assert await refusals(firm, command) == [(Forbidden, (path,))], command
    assert judged("four words make it", (await person(firm, id.id)).password_hash).right
    await perform(firm, UpdateUser(id=id, expected_version=1, companies=[Ref(id=firm.company)]))
    assert set((await person(firm, id.id)).companies) == {str(firm.company), str(there)}
    assert await refusals(firm, LockUser(id=id)) == [(Forbidden, ("id",))]
    for command, _ in barred:
        if not isinstance(command, UpdateUser):
            await firm.database.perform(both, command)


async def test_who_founds_a_company_works_for_it(firm: Firm) -> None:
    founder = firm.actor("administrator")
    told: dict[str, str] = {}
    for given in ({"roles": ["administrator"]}, {"user": Ref(id=firm["user:administrator"])}):
        await firm.database.perform(founder, CreateApiKey(name="robot", **given), disclosed=told)
        actor = await actor_of(firm.database, told["secret"])
        assert actor is not None
        company = await firm.database.perform(actor, founding(code=f"C{len(given)}{actor.user is None}"))
        after = await actor_of(firm.database, told["secret"])
        assert after is not None
        assert after.companies == actor.companies | {company}
        assert (str(company) in (await person(firm, founder.user)).companies) == (actor.user is not None)


async def test_an_archived_person_is_restored_with_the_same_roles(firm: Firm) -> None:
    buyer = Ref(id=firm["user:buyer"])
    await perform(firm, ArchiveUser(id=buyer))
    await perform(firm, RestoreUser(id=buyer))
    back = await person(firm, firm["user:buyer"])
    assert (back.archived_at, back.roles) == (None, ["buyer"])


async def test_an_account_differs_from_others_by_more_than_capitals(firm: Firm) -> None:
    assert await refusals(firm, ann(account="BUYER")) == [(NotUnique, ("account",))]


def test_a_password_is_the_same_however_its_letters_are_composed() -> None:
    assert judged("Stra\u00dfe nach caf\u00e9", hashed(accepted("Stra\u00dfe nach cafe\u0301", "ann"))).right


def test_a_password_is_judged_by_every_character() -> None:
    known = hashed("x1y2z" * 40)
    assert judged("x1y2z" * 40, known).right
    assert not judged("x1y2z" * 40 + "!", known).right
    assert not judged("x1y2z" * 39, known).right
