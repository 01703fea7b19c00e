from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from time import process_time
from typing import Any

import pytest
from sqlalchemy import func, select

from domain.access.entrance import actor_of, sign_in
from domain.access.role import ROLES
from domain.access.user import ApiKey
from domain.intake.demo import BOOTSTRAP, STORIES, admit, keys, opening, seed
from domain.intake.demo_firm import PASSWORD, PEOPLE, PRODUCTS, VENDORS
from domain.intake.founding import tenant_of
from domain.kernel.actor import Actor
from domain.kernel.events import Event
from domain.kernel.plugin import discover, graft
from domain.kernel.work import Database
from domain.parties.partner import Partner
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.stock.move import Position
from domain.verification import verify

SECRET = "the secret of a test"


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    owner = Database(database_url)
    yield owner
    await owner.close()


@pytest.fixture
async def demo(owner: Database, database: Database) -> Actor:
    """The demo's administrator, in a database that has just been seeded."""
    graft(discover())
    assert await seed(owner, database, SECRET)
    return await tenant_of(owner, "demo")


async def all_of(database: Database, actor: Actor, statement: Any) -> list[Any]:
    async with database.session(actor) as session:
        found = list(await session.scalars(statement))
        session.expunge_all()
        return found


async def test_the_demo_shows_every_state_an_order_can_be_in(database: Database, demo: Actor) -> None:
    orders = await all_of(database, demo, select(PurchaseOrder))
    assert {order.state for order in orders} == set(PurchaseOrder.workflow.states)
    assert {order.receipt_state for order in orders} == {"none", "pending", "partial", "received"}
    assert {order.approval_state for order in orders} == {"none", "requested", "approved", "not_needed"}
    assert {order.currency for order in orders} == {"USD", "EUR", "GBP"}
    assert {order.custom.get("incoterm") for order in orders} == {None, "FCA", "DAP", "CIF"}
    assert [order for order in orders if order.state == "confirmed" and order.expected_on < demo.clock().date()]
    assert len(await all_of(database, demo, select(Partner.id).where(Partner.is_vendor))) == len(VENDORS) == 4
    assert len({product.barcode for product in PRODUCTS}) == len(PRODUCTS) == 12

    receipts = await all_of(database, demo, select(Receipt).options(*Receipt.whole()))
    counted = [(line.quantity, line.rejected) for receipt in receipts for line in receipt.lines]
    assert (Decimal(200), Decimal(12)) in counted
    assert Decimal("120.50") in await all_of(database, demo, select(Position.on_hand))

    async with database.session(demo) as session:
        kinds = (Event.type, Event.actor_name)
        done = {
            (row[0], row[1]): row[2] for row in await session.execute(select(*kinds, func.count()).group_by(*kinds))
        }
        assert await session.run_sync(verify) == []
    assert done["purchase_order.approved", "approver"] == 1
    assert done["purchase_order.submitted", "buyer"] == 7
    assert done["receipt.created", "storekeeper"] == 3
    assert {name for type, name in done if type.startswith("purchase_order.")} == {"buyer", "approver", "storekeeper"}


async def test_every_role_comes_in_with_the_password_and_with_a_key(database: Database, demo: Actor) -> None:
    assert PEOPLE.keys() == ROLES.keys()
    assert await opening(database, SECRET) == keys(SECRET)
    assert await opening(database, "another secret") == {}
    for role, key in keys(SECRET).items():
        actor = await actor_of(database, key)
        assert actor is not None
        assert (actor.name, actor.rights, actor.companies) == (role, ROLES[role], demo.companies)
    signed = await sign_in(database, "buyer", PASSWORD)
    assert signed.actor.rights > ROLES["buyer"]


async def test_the_demo_is_made_in_no_time_and_only_where_nobody_lives(owner: Database, database: Database) -> None:
    began = process_time()
    assert await seed(owner, database, SECRET)
    assert process_time() - began < 5  # alone on a machine it takes a second
    assert not await seed(owner, database, SECRET)
    assert len(await all_of(database, await tenant_of(owner, None), select(PurchaseOrder.id))) == len(STORIES)


async def test_the_operator_s_key_is_the_administrator_s_until_another_is_chosen(
    owner: Database, database: Database, demo: Actor
) -> None:
    first, second = "the-operator-s-first-key", "the-operator-s-second-key"
    for key in (first, first, second):
        await admit(database, await tenant_of(owner, "demo"), key)
    assert await actor_of(database, first) is None
    actor = await actor_of(database, second)
    assert actor is not None
    assert replace(actor, clock=demo.clock).rights == ROLES["administrator"]
    assert len(await all_of(database, demo, select(ApiKey.id).where(ApiKey.name == BOOTSTRAP))) == 2
