"""Both walls around a tenant, tried with bare SQL as the application role; and the reads behind them use indexes."""

from __future__ import annotations

from collections.abc import AsyncIterator
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from sqlalchemy import event, func, select

from domain.kernel.base import Base, Owned
from domain.kernel.commands import Ref
from domain.kernel.documents import Document
from domain.kernel.plugin import discover, graft
from domain.kernel.tenancy import view_name
from domain.kernel.work import Database
from domain.purchase.writing import CreatePurchaseOrder
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from resolvers.asking import asking
from resolvers.conditions import meets
from resolvers.scope import visible
from schema import query as _  # noqa: F401 - declares the nouns
from schema.link import link
from tests.firm import Firm, found

TABLES = sorted({str(m.local_table) for m in Base.registry.mappers if issubclass(m.class_, Owned)})
VIEWS = sorted(f"read.{view_name(m.class_)}" for m in Base.registry.mappers if issubclass(m.class_, Owned))
EVERYTHING = [*TABLES, "event", "event_seal", *VIEWS]
MINE, THEIRS = 1, 2
ENTER = "select set_config('tradegraph.tenant', $1, false)"


@pytest.fixture
async def outside(database: Database, database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    """The application role in a database of two firms, before it said whose it is."""
    for tenant in (MINE, THEIRS):
        await found(database, database_url, tenant=tenant)
    connection = await asyncpg.connect(application_url(database_url, "tradegraph_app"))
    yield connection
    await connection.close()


@pytest.fixture
async def inside(outside: asyncpg.Connection[Any]) -> asyncpg.Connection[Any]:
    """The same, having entered the first firm."""
    await outside.execute(ENTER, str(MINE))
    return outside


async def tenants(connection: asyncpg.Connection[Any], table: str) -> set[int]:
    return {row[0] for row in await connection.fetch(f"select distinct tenant_id from {table}")}


async def test_who_did_not_say_whose_he_is_sees_nothing(outside: asyncpg.Connection[Any]) -> None:
    assert {table: await tenants(outside, table) for table in EVERYTHING} == {table: set() for table in EVERYTHING}
    assert await outside.fetch("select * from tenant") == []
    await outside.execute(ENTER, "")
    assert {table: await tenants(outside, table) for table in EVERYTHING} == {table: set() for table in EVERYTHING}


async def test_one_firm_sees_no_row_of_the_other_by_table_or_by_view(inside: asyncpg.Connection[Any]) -> None:
    seen = {table: await tenants(inside, table) for table in EVERYTHING}
    assert {table: who for table, who in seen.items() if who - {MINE}} == {}
    furnished = {"company", "partner", "product", "unit", "user_account", "location", "rate", "event", "vendor_price"}
    assert {table for table in furnished if seen[table] == {MINE}} == furnished
    assert {f"read.{table}" for table in furnished - {"event"} if seen[f"read.{table}"] == {MINE}} == {
        f"read.{table}" for table in furnished - {"event"}
    }
    assert [row["id"] for row in await inside.fetch("select id from tenant")] == [MINE]


async def test_no_row_of_another_firm_can_be_changed_or_removed(inside: asyncpg.Connection[Any]) -> None:
    for table in TABLES:
        assert await inside.execute(f"update {table} set id = id where tenant_id = {THEIRS}") == "UPDATE 0"
        assert await inside.execute(f"delete from {table} where tenant_id = {THEIRS}") == "DELETE 0"
    assert await inside.execute("update partner set name = 'ours'") == "UPDATE 3"
    await inside.execute(ENTER, str(THEIRS))
    assert await inside.fetchval("select count(*) from partner where name = 'ours'") == 0


async def test_no_row_can_be_brought_into_another_firm_or_moved_there(inside: asyncpg.Connection[Any]) -> None:
    bring = "insert into {0} select (jsonb_populate_record(x, '{{\"tenant_id\": 2}}')).* from {0} x limit 1"
    for table in ("partner", "product", "user_account", "location"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await inside.execute(bring.format(table))
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="row-level security"):
            await inside.execute(f"update {table} set tenant_id = {THEIRS}")


async def test_no_row_can_point_at_a_row_of_another_firm(inside: asyncpg.Connection[Any]) -> None:
    await inside.execute(ENTER, str(THEIRS))
    foreign = await inside.fetchval("select id from partner limit 1")
    await inside.execute(ENTER, str(MINE))
    with pytest.raises(asyncpg.ForeignKeyViolationError):
        await inside.execute("update vendor_price set partner_id = $1", foreign)


async def test_views_are_for_reading(inside: asyncpg.Connection[Any]) -> None:
    for name in VIEWS:
        for verb in (f"delete from {name}", f"insert into {name} default values", f"update {name} set id = id"):
            with pytest.raises((asyncpg.InsufficientPrivilegeError, asyncpg.ObjectNotInPrerequisiteStateError)):
                await inside.execute(verb)


async def test_the_view_is_a_wall_of_its_own(inside: asyncpg.Connection[Any], database_url: str) -> None:
    """The views belong to the owner, whom no policy binds; so each holds by itself where the other is taken away."""
    owner = await asyncpg.connect(database_url)
    await owner.execute("alter table partner disable row level security")
    assert await tenants(inside, "partner") == {MINE, THEIRS}
    assert await tenants(inside, "read.partner") == {MINE}
    await owner.execute("alter table partner enable row level security")
    assert await tenants(inside, "partner") == {MINE}
    await owner.close()


async def test_the_application_cannot_take_the_wall_down(inside: asyncpg.Connection[Any]) -> None:
    for attempt in (
        "alter table partner disable row level security",
        "drop policy tenant on partner",
        "create or replace view read.partner as select * from partner",
        "set role tradegraph",
        "create table mine (tenant_id integer)",
        "truncate partner",
    ):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await inside.execute(attempt)


@pytest.fixture(name="crowded")
async def a_firm_of_thousands(firm: Firm, database_url: str) -> Firm:
    """Twenty thousand orders, partners and products, made from one of each."""
    order = CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]), custom={})
    seeds = {"document": await firm.database.perform(firm.actor("buyer"), order)}
    seeds |= {"partner": firm["vendor"], "product": firm["bolt"]}
    owner = await asyncpg.connect(database_url)
    for table, differences in CROWD.items():
        await owner.execute(
            f"""insert into {table} select made.* from {table} seed, generate_series(1, {MANY}) n,
                jsonb_populate_record(seed, jsonb_build_object('id', gen_random_uuid(), {differences})) made
                where seed.id = $1""",
            seeds[table],
        )
    await owner.execute(f"analyze {', '.join(CROWD)}")
    await owner.close()
    return firm


MANY = 20_000
CROWD = {
    "document": """'number', 'X-' || n, 'total', n / 100.0,
        'custom', jsonb_build_object('incoterm', case n % 2000 when 0 then 'FOB' else 'EXW' end)""",
    "partner": "'number', 'X-' || n, 'name', 'Partner ' || n",
    "product": "'sku', 'X-' || n, 'name', 'Product ' || n, 'barcode', null",
}
SEARCHES: dict[str, tuple[str, dict[str, Any], str]] = {
    "an amount above another": ("PurchaseOrder", {"total": {"gt": Decimal("199.50")}}, "total"),
    "an amount equal to another": ("PurchaseOrder", {"total": {"eq": Decimal("7.01")}}, "total"),
    "a state": ("PurchaseOrder", {"state": {"eq": "cancelled"}}, "state"),
    "an order's number as it begins": ("PurchaseOrder", {"number": {"startsWith": "x-1999"}}, "lower(number)"),
    "a plugin's field": ("PurchaseOrder", {"custom": {"incoterm": {"eq": "FOB"}}}, "custom"),
    "a partner's name": ("Partner", {"name": {"eq": "Partner 7"}}, "name"),
    "a partner's name as it begins": ("Partner", {"name": {"startsWith": "partner 1999"}}, "lower(name)"),
    "a product's name as it begins": ("Product", {"name": {"startsWith": "product 1999"}}, "lower(name)"),
}


async def test_reads_behind_the_walls_use_an_index(crowded: Firm) -> None:
    nouns = link(graft(discover())).named
    for search, (name, given, column) in SEARCHES.items():
        noun, actor = nouns[name], crowded.actor("accountant")
        condition = meets(noun, noun.table, given, actor)
        statement = select(noun.table.c.id).where(condition, *visible(noun, noun.table, actor))
        plan = await explained(crowded, statement)
        conditions = [line for line in plan if "Index Cond" in line]
        assert any(column in line for line in conditions), "\n".join([search, *plan])


async def test_under_the_policy_of_the_tables_the_same_reads_could_not(crowded: Firm) -> None:
    """Why there are views at all; should PostgreSQL ever call these operators leakproof, one wall can go."""
    plan = await explained(crowded, select(func.count()).where(Document.total > Decimal("199.50")))
    assert not any("total" in line for line in plan if "Index Cond" in line), "\n".join(plan)


async def explained(firm: Firm, statement: Any) -> list[str]:
    """The plan of a statement, sent just as the application would send it."""
    async with firm.database.session(firm.actor("viewer")) as session:
        connection = await session.connection()
        event.listen(
            connection.sync_connection,
            "before_cursor_execute",
            lambda _c, _u, asked, values, *_: (f"explain (costs off) {asked}", values),
            retval=True,
        )
        return list((await connection.execute(statement, asking(firm.actor("viewer")))).scalars())


SHADOW = """
create temporary table sign_in_guess (name bytea primary key, failures int, at timestamptz, locked_until timestamptz)
"""


async def test_the_application_can_put_nothing_of_its_own_before_the_owners_functions(cluster: Cluster) -> None:
    """A temporary table named like ours, with a trigger, would run as the owner if it were found first."""
    migrated = cluster.url("tradegraph", "tradegraph")
    application = await asyncpg.connect(application_url(migrated))
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="temporary"):
        await application.execute(SHADOW)
    await application.close()
    owner = await asyncpg.connect(migrated)
    paths = await owner.fetch("select proname, proconfig from pg_proc where prosecdef")
    await owner.close()
    assert len(paths) > 5
    assert {path["proconfig"][0] for path in paths} == {"search_path=pg_catalog, public, pg_temp"}
