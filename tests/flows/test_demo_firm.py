from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
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
from domain.kernel.documents import Document
from domain.kernel.events import Event
from domain.kernel.plugin import discover, graft
from domain.kernel.work import Database
from domain.parties.partner import Partner
from domain.printing.gathering import gather
from domain.printing.page import page
from domain.printing.press import pdf
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.stock.move import Position
from domain.verification import verify
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from tests.firm import BARE, kept

SECRET = "the secret of a test"


async def _seeded(cluster: Cluster) -> str:
    graft(discover())
    url = await kept(cluster, "demo", BARE)
    owner, database = Database(url), Database(application_url(url, f"{BARE}_app"))
    assert await seed(owner, database, SECRET)
    await owner.close()
    await database.close()
    return "demo"


@pytest.fixture(scope="session")
def seeded(cluster: Cluster) -> str:
    """The demo in a database of its own, from which each test's is copied."""
    return asyncio.run(_seeded(cluster))


@pytest.fixture
def template(request: pytest.FixtureRequest) -> str:
    return str(request.getfixturevalue("seeded")) if "demo" in request.fixturenames else BARE


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[Database]:
    owner = Database(database_url)
    yield owner
    await owner.close()


@pytest.fixture
async def demo(owner: Database, database: Database) -> Actor:
    """The demo's administrator, in a database that was seeded."""
    del database
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
    late = [one for one in orders if one.state == "confirmed" and one.expected_on]
    assert [one for one in late if one.expected_on < demo.clock().date()]
    assert len(await all_of(database, demo, select(Partner.id).where(Partner.is_vendor))) == len(VENDORS) == 4
    assert len({product.barcode for product in PRODUCTS}) == len(PRODUCTS) == 13

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
    assert done["purchase_order.approved", "approver"] == 2
    assert done["purchase_order.submitted", "buyer"] == 8
    assert done["receipt.created", "storekeeper"] == 4
    assert {name for type, name in done if type.startswith("purchase_order.")} == {
        "buyer", "approver", "storekeeper", "accountant",
    }  # fmt: skip


async def test_the_demo_trades_from_a_need_to_what_was_given_back(database: Database, demo: Actor) -> None:
    papers = await all_of(database, demo, select(Document).options(*Document.whole()))
    found = {paper.kind: paper for paper in papers if any("computer" in line.text for line in paper.lines)}
    assert found.keys() == {
        "purchase_requisition", "request_for_quotation", "purchase_order", "receipt", "purchase_return", "vendor_bill",
        "quote", "sales_order", "delivery", "customer_invoice", "sales_return", "credit_note", "reservation",
    }  # fmt: skip
    bought, sold = found["purchase_order"].lines[0], found["sales_order"].lines[0]
    assert (bought.accepted, bought.returned, bought.billed) == (200, 10, 190)
    assert (sold.delivered, sold.returned, sold.billed, sold.credited) == (20, 2, 20, 2)
    (tax,) = found["customer_invoice"].taxes
    assert (tax.category, tax.amount, tax.exemption_code) == ("G", 0, "VATEX-EU-G")
    assert found["customer_invoice"].total == 20 * 129 + 140
    (paid,) = (paper for paper in papers if paper.kind == "payment")
    assert (paid.total, found["customer_invoice"].payment_state) == (20 * 129 + 140, "paid")
    held = found["reservation"]
    assert held.state == "active"
    assert held.held_until < demo.clock()


async def test_an_invoice_of_the_demo_says_who_sends_it_and_where_it_is_paid(database: Database, demo: Actor) -> None:
    papers = await all_of(database, demo, select(Document).where(Document.kind == "customer_invoice"))
    known = await database.transact(demo, lambda work: gather(work, "customer_invoice", papers[0].id))
    shown = page(known, language="en", priced=True).content
    assert shown["company"]["lines"] == ["210 Commercial Street", "Portland, ME 04101"]
    assert shown["company"]["foot"][-1] == "Tax number: 00-1234567"
    assert [one for one in dict(shown["remarks"])["Payment"] if one.startswith("To our account 4000 1234 5678")]
    assert ("Your reference", "PO 8841") in shown["facts"]


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


async def test_the_demo_is_made_only_where_nobody_lives(owner: Database, database: Database, demo: Actor) -> None:
    assert not await seed(owner, database, SECRET)
    assert len(await all_of(database, demo, select(PurchaseOrder.id))) == len(STORIES) + 1


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


async def test_every_paper_of_the_demo_has_a_page(database: Database, demo: Actor) -> None:
    papers = await all_of(database, demo, select(Document).options(*Document.whole()).order_by(Document.id))
    assert {"customer_invoice", "credit_note", "delivery", "receipt", "purchase_return"} <= {one.kind for one in papers}
    for one in papers:
        known = await database.transact(demo, lambda work, one=one: gather(work, one.kind, one.id))
        made = page(known, priced=True)
        assert made.name == (one.number or one.kind)
        assert made.content["columns"][0]["cells"] or not one.lines
        assert pdf(made).startswith(b"%PDF")
