"""What is compiled for one actor serves all with the same rights: who asks is a value of a statement, never part of it.

A condition that carried an actor's own company, firm or name into a plan would show their rows to whoever asks next.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.dialects.postgresql.asyncpg import PGDialect_asyncpg

from domain.access.role import ROLES
from domain.desks.view import View
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.stock.location import Location
from resolvers.asking import asking, stance
from resolvers.scope import visible
from tests.firm import Firm
from tests.queries.api import Client, client, house
from tests.queries.test_rights import issued

DIALECT: Any = PGDialect_asyncpg()  # type: ignore[no-untyped-call]
KINDS = {
    "a person": {"user": uuid7},
    "a person of another firm": {"user": uuid7, "partner": uuid7},
    "a key": {"key": uuid7},
    "nobody's work": {},
}


def actor(role: str, kind: str) -> Actor:
    """One of a kind, unlike all others of it."""
    own = {name: make() for name, make in KINDS[kind].items()}
    return Actor(tenant=1, name=str(uuid7()), rights=ROLES[role], companies=frozenset({uuid7(), uuid7()}), **own)


@pytest.mark.parametrize("role", ROLES)
def test_what_may_be_seen_does_not_depend_on_which_of_its_equals_asks(role: str) -> None:
    for kind in KINDS:
        one, other = actor(role, kind), actor(role, kind)
        assert stance(one) == stance(other)
        own = [str(value) for value in (*one.companies, one.partner, one.user, one.key, one.name) if value is not None]
        for noun in house().nouns.values():
            said = [limits(noun, who) for who in (one, other)]
            assert said[0] == said[1], noun.name
            assert not any(value in said[0] for value in own), noun.name


def limits(noun: Any, who: Actor) -> str:
    """The statement that limits a noun to what an actor sees, with the values that are written into it."""
    table = noun.table.alias("it")
    compiled = select(table).where(*visible(noun, table, who)).compile(dialect=DIALECT)
    known = {name: value for name, value in compiled.params.items() if name not in asking(who)}
    return f"{compiled} {known}"


OF_THE_HOUSE = "{ locations { nodes { code } } views { nodes { name } } me { name } }"
OF_A_PARTNER = "{ purchaseOrders { totalCount nodes { partner { number } } } partners { nodes { number } } }"


@pytest.fixture(name="pairs")
async def each_with_something_of_their_own(firm: Firm) -> dict[str, list[tuple[Actor, Any]]]:
    """For each question two with the same rights, and what each of them must get."""
    buyer, partner = firm.actor("buyer"), firm.actor("partner")
    other = replace(buyer, companies=frozenset({uuid7()}), user=firm["user:viewer"], name="other")

    def settle(work: Work) -> None:
        (branch,) = other.companies
        work.add(Company(id=branch, code="B", name="Branch", country="US", currency="USD"))
        work.session.flush()
        work.add(Location(company_id=branch, code="FAR", name="Far", kind="internal"))
        for name, one in (("mine", buyer), ("theirs", other)):
            work.add(View(name=name, on="partners", filter={}, order_by=[], owned_by=one.user))

    await firm.database.transact(replace(buyer, companies=buyer.companies | other.companies), settle)
    for word in ("vendor", "other_vendor", "other_vendor"):
        await issued(client(firm), word)
    near = ["A1", "CUSTOMER", "IN", "LOSS", "TRANSIT", "UNRECORDED", "VENDOR"]
    return {
        OF_THE_HOUSE: [(buyer, [near, ["mine"], "buyer"]), (other, [["FAR"], ["theirs"], "other"])],
        OF_A_PARTNER: [
            (replace(partner, partner=firm["vendor"]), [["V1"], ["V1"]]),
            (replace(partner, partner=firm["other_vendor"]), [["V2", "V2"], ["V2"]]),
        ],
    }


def gist(answer: Any) -> list[Any]:
    """The words in an answer, list by list."""
    return [words(one) for one in answer.values()]


def words(value: Any) -> Any:
    if isinstance(value, dict) and "nodes" in value:
        return sorted(words(one) for one in value["nodes"])
    return words(next(iter(value.values()))) if isinstance(value, dict) else value


@pytest.mark.parametrize("first", [0, 1])
async def test_each_gets_their_own_by_the_plan_of_the_other(firm: Firm, pairs: Any, first: int) -> None:
    plans = house().engine.kept.held
    for question, (one, other) in pairs.items():
        plans.clear()
        for who, own in (one, other) if first == 0 else (other, one):
            assert gist(await Client(firm, who).ask(question)) == own
            assert len(plans) == 1
