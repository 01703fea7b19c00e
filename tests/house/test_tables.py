"""What must hold of every table, read from the live database, whatever the mapped classes say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest
from alembic import command
from sqlalchemy import Connection

from domain import rows
from domain.kernel.address import engine_at
from domain.kernel.base import Base, Owned
from domain.kernel.tenancy import view, view_name
from migrations.upgrade import config

ROLE = "tradegraph_app"
UNSEEN = {"event", "event_seal"}
"""Tables without a read view: the log is read along its keys, for which the policy costs no index."""
UNWALLED = {
    "event_sealer": "one row, of no tenant: how far the log is sealed",
    "alembic_version": "one row, of no tenant: which revision this is",
}


@pytest.fixture
async def owner(database_url: str) -> AsyncIterator[asyncpg.Connection[Any]]:
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


async def found(owner: asyncpg.Connection[Any], question: str, *values: object) -> list[str]:
    return [str(row[0]) for row in await owner.fetch(question, *values)]


TENANTED = """
    select c.relname from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition"""


async def test_every_table_of_a_tenant_has_row_security(owner: asyncpg.Connection[Any]) -> None:
    bare = await found(owner, f"{TENANTED} and not c.relrowsecurity")
    assert not bare, (
        f"{bare} need row security: derive the class from Owned, whose tables get their wall by themselves."
    )
    assert len(await found(owner, TENANTED)) > 20


async def test_every_wall_lets_through_the_own_tenant_alone(owner: asyncpg.Connection[Any]) -> None:
    policies = await owner.fetch("select tablename, permissive, cmd, qual, with_check from pg_policies")
    walls = {
        "(tenant_id = (NULLIF(current_setting('tradegraph.tenant'::text, true), ''::text))::integer)",
        "(id = (NULLIF(current_setting('tradegraph.tenant'::text, true), ''::text))::integer)",
    }
    open_ones = [
        row["tablename"] for row in policies if row["qual"] not in walls or row["with_check"] not in {*walls, None}
    ]
    assert not open_ones, f"{open_ones} have a policy that is not the tenant's; two policies add up to a hole."


async def test_nothing_is_within_reach_that_has_no_wall(owner: asyncpg.Connection[Any]) -> None:
    reach = await found(
        owner,
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p', 'v', 'm')
           and not relrowsecurity and (has_table_privilege($1, oid, 'select, insert, update, delete, truncate')
             or has_any_column_privilege($1, oid, 'select, insert, update'))""",
        ROLE,
    )
    assert set(reach) == set(UNWALLED), (
        "The application role reaches a table without a wall; revoke it, or say why not."
    )


async def test_primary_keys_begin_with_the_tenant(owner: asyncpg.Connection[Any]) -> None:
    first = await found(
        owner,
        f"""select t.relname from ({TENANTED}) t where not exists (
              select from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attnum = k.conkey[1]
              where k.contype = 'p' and k.conrelid = t.relname::regclass and a.attname = 'tenant_id')""",
    )
    assert not first, f"The primary keys of {first} do not begin with tenant_id, by which the schema is distributed."


async def test_references_cannot_leave_the_tenant(owner: asyncpg.Connection[Any]) -> None:
    loose = await found(
        owner,
        f"""select k.conrelid::regclass || '.' || k.conname from pg_constraint k
            where k.contype = 'f' and k.confrelid::regclass::text in ({TENANTED}) and not exists (
              select from unnest(k.conkey, k.confkey) as pair (mine, theirs)
              join pg_attribute m on m.attrelid = k.conrelid and m.attnum = mine and m.attname = 'tenant_id'
              join pg_attribute t on t.attrelid = k.confrelid and t.attnum = theirs and t.attname = 'tenant_id')""",
    )
    assert not loose, f"{loose} could point into another tenant; declare references with `ref`, which ties the tenants."


async def test_every_reference_is_tied(owner: asyncpg.Connection[Any]) -> None:
    """A column that ends in _id names a row; without a constraint it may name none."""
    untied = await found(
        owner,
        f"""select t.relname || '.' || a.attname from ({TENANTED}) t
            join pg_attribute a on a.attrelid = t.relname::regclass and a.attname like '%\\_id' and a.attnum > 0
            where not exists (select from pg_constraint k
              where k.contype = 'f' and k.conrelid = a.attrelid and a.attnum = any (k.conkey))""",
    )
    many_kinds = {f"{table}.record_id" for table in ("external_reference", "idempotency_key", "import_exception")}
    many_kinds.add("idempotency_key.actor_id")
    log = {f"event.{column}_id" for column in ("company", "record", "actor")} | {"event_seal.event_id"}
    assert set(untied) == many_kinds | log, "Declare the reference with `ref`, or say here why it is loose."


def test_every_mapped_class_has_a_read_view_of_its_own_name() -> None:
    models = [mapper.class_ for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)]
    names = [view_name(model) for model in models]
    assert len(names) == len(set(names)) > 20
    assert all(not column.info.get("secret") for model in models for column in view(model).columns)
    assert set(rows.__all__)


async def test_every_table_of_a_tenant_has_a_read_view(owner: asyncpg.Connection[Any]) -> None:
    views = await found(
        owner, "select relname from pg_class where relnamespace = 'read'::regnamespace and relkind = 'v'"
    )
    assert set(await found(owner, TENANTED)) - set(views) == UNSEEN


async def test_views_carry_the_wall_and_show_no_secret(owner: asyncpg.Connection[Any]) -> None:
    views = await owner.fetch("select viewname, definition from pg_views where schemaname = 'read'")
    bare = [
        row["viewname"] for row in views if "current_setting('tradegraph.tenant'::text, true)" not in row["definition"]
    ]
    assert not bare, f"The views {bare} show all tenants."
    secrets = await found(
        owner,
        """select table_name || '.' || column_name from information_schema.columns
           where table_schema = 'read' and (data_type = 'bytea' or column_name ~ 'password|secret|digest$|token')
             and column_name not in ('approved_digest') and table_name <> 'approval_request'""",
    )
    assert not secrets, f"{secrets} must not be read: mark the column with info={{'secret': True}}."


async def test_the_application_role_owns_nothing_and_is_nobody_special(owner: asyncpg.Connection[Any]) -> None:
    role = await owner.fetchrow(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb, rolreplication from pg_roles where rolname = $1",
        ROLE,
    )
    assert role is not None
    assert not any(role.values())
    assert await found(owner, "select relname from pg_class where relowner = $1::text::regrole", ROLE) == []
    assert await found(owner, "select proname from pg_proc where proowner = $1::text::regrole", ROLE) == []
    member = "select roleid::regrole from pg_auth_members where member = $1::text::regrole"
    assert await found(owner, member, ROLE) == []
    assert not await owner.fetchval("select has_schema_privilege($1, 'public', 'create')", ROLE)
    assert not await owner.fetchval("select has_schema_privilege($1, 'read', 'create')", ROLE)


async def test_functions_that_look_over_the_walls_are_entrusted_to_the_application_alone(
    owner: asyncpg.Connection[Any],
) -> None:
    trusted = "prosecdef and pronamespace = 'public'::regnamespace"
    path = "'search_path=pg_catalog, public, pg_temp' = any (coalesce(proconfig, '{}'))"
    adrift = await found(owner, f"select proname from pg_proc where {trusted} and not {path}")
    assert not adrift, (
        f"{adrift} run as the owner; set their search path, in which the caller's temporary tables come last."
    )
    public = await found(
        owner, f"select proname from pg_proc where {trusted} and has_function_privilege('public', oid, 'execute')"
    )
    assert not public, f"{public} may be called by every role of the cluster; revoke them in migrations/upgrade.py."


async def test_the_tables_are_those_of_the_mapped_classes(database_url: str) -> None:
    engine = engine_at(database_url, size=1)

    def check(connection: Connection) -> None:
        command.check(config(connection))

    async with engine.connect() as connection:
        await connection.run_sync(check)
    await engine.dispose()
