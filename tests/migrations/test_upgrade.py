from __future__ import annotations

import asyncio
import gzip
from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.flow.receiving import ReceivePurchaseOrder
from domain.intake.founding import tenant_of
from domain.kernel.commands import Ref
from domain.kernel.plugin import discover, graft
from domain.kernel.work import Database
from domain.verification import verify, verify_chain
from migrations.embedded import Cluster
from migrations.upgrade import application_url, upgrade
from tests.firm import copied

ROLE = "tradegraph_app"
RELEASED = Path(__file__).parents[1] / "data" / "released_0001.sql.gz"
"""What pg_dump wrote of a database at revision 0001, with the demo firm as that release made it."""


@pytest.fixture
async def old(cluster: Cluster) -> AsyncIterator[str]:
    """The owner's URL of a database that the first release left, brought to the newest shape."""
    async with copied(cluster, "template1") as url:
        owner = await asyncpg.connect(url)
        await owner.execute(gzip.decompress(RELEASED.read_bytes()).decode())
        await owner.close()
        await upgrade(url, application=application_url(url, ROLE))
        yield url


async def told(url: str, question: str) -> list[tuple[Any, ...]]:
    owner = await asyncpg.connect(url)
    rows = [tuple(row) for row in await owner.fetch(question)]
    await owner.close()
    return rows


async def test_what_the_first_release_wrote_says_what_is_asked_of_it_since(old: str) -> None:
    assert await told(old, "select name from firm") == [("The demo",)]
    states = "select billing_state, count(*), sum(accepted) from document d join (select document_id, sum(accepted)"
    states += " as accepted from line group by 1) l on l.document_id = d.id where kind = 'purchase_order' group by 1"
    assert {state: (count, accepted) for state, count, accepted in await told(old, states)} == {
        "none": (5, Decimal(0)),
        "pending": (3, Decimal("385.0")),
    }
    sources = "select d.kind, l.price_source, l.vendor_price_id is null, count(*) from line l join document d"
    sources += " on d.id = l.document_id group by 1, 2, 3 order by 1, 2"
    assert await told(old, sources) == [
        ("purchase_order", "given", True, 1),
        ("purchase_order", "vendor_price", False, 13),
        ("receipt", None, True, 5),
    ]
    keys = "select distinct jsonb_object_keys(one) from payment_term, jsonb_array_elements(instalments) one order by 1"
    assert await told(old, keys) == [("days",), ("endOfMonth",), ("percent",)]


async def test_what_the_first_release_wrote_holds_and_goes_on(old: str) -> None:
    graft(discover())
    database, owner = Database(application_url(old, ROLE)), Database(old)
    actor = replace(await tenant_of(owner, "demo"), rights=frozenset({"stock.receive"}))
    ((late,),) = await told(old, "select id from document where kind = 'purchase_order' and receipt_state = 'pending'")
    await database.perform(actor, ReceivePurchaseOrder(id=Ref(id=late)))
    async with database.session(actor) as session:
        assert await session.run_sync(verify) == []
        assert await session.run_sync(verify_chain) == []
    assert await told(old, f"select receipt_state, billing_state from document where id = '{late}'") == [
        ("received", "pending")
    ]
    await database.close()
    await owner.close()


async def test_another_process_may_start_while_people_work(database_url: str) -> None:
    """What stands is not built again: it would wait for everybody, or end their work as a deadlock."""
    mine = application_url(database_url, ROLE)
    await upgrade(database_url, application=mine)
    reader = await asyncpg.connect(mine)
    async with reader.transaction():
        await reader.fetch("select * from read.partner")
        await reader.execute("update partner set name = name")
        await asyncio.wait_for(upgrade(database_url, application=mine), 10)
    await reader.close()


async def test_what_does_not_stand_is_built(database_url: str) -> None:
    mine = application_url(database_url, ROLE)
    owner = await asyncpg.connect(database_url)
    for damage in (
        "drop schema read cascade",
        f"revoke usage on schema read from {ROLE}",
        "comment on schema read is 'x'",
    ):
        await owner.execute(damage)
        await upgrade(database_url, application=mine)
        plan = await owner.fetchval("select obj_description('read'::regnamespace, 'pg_namespace')")
        assert len(plan) == 64
    await owner.close()
    reader = await asyncpg.connect(mine)
    assert await reader.fetch("select * from read.partner") == []
    await reader.close()
