"""Bring a database to the newest shape: role, revisions, functions, walls. Repeatable; each run is one transaction."""

from __future__ import annotations

import hashlib
import hmac
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import create_async_engine

from domain import rows
from domain.access import door
from domain.accounting import entry
from domain.intake import leasing
from domain.kernel import sealer, tenancy
from domain.kernel.address import for_engine

HERE = Path(__file__).parent
AHEAD = 14
ENTRUSTED = ("seal_events(integer)", "unsealed_events()", *door.NAMES, *leasing.NAMES)
"""Functions that act with the owner's rights, for the application role alone."""
__all__ = ["application_url", "config", "rows", "upgrade"]


def application_url(owner: str, role: str | None = None) -> str:
    """Where the application role (by default DATABASE_app) of the same database signs in.

    Its password is derived from the owner's, so that one setting names both: who knows the owner's can derive it, who
    knows it cannot derive the owner's.
    """
    url = make_url(owner)
    password = hmac.new((url.password or "").encode(), b"tradegraph application role", hashlib.sha256).hexdigest()
    return url.set(username=role or _role(url), password=password).render_as_string(hide_password=False)


async def upgrade(owner: str, revision: str = "heads", *, application: str | None = None) -> None:
    """Create what is missing and bring the rest to `revision`, as the owner of the tables.

    `application` is where the application role signs in, if that is not for us to say; see `application_url`.
    """
    engine = create_async_engine(for_engine(owner), poolclass=None)
    try:
        async with engine.begin() as connection:
            await connection.run_sync(_upgrade, make_url(application or application_url(owner)), revision)
    finally:
        await engine.dispose()


def config(connection: Connection | None = None) -> Config:
    """Alembic's settings, in code, so that plugins' folders can join."""
    made = Config()
    made.set_main_option("script_location", str(HERE))
    made.attributes["connection"] = connection
    return made


def _upgrade(connection: Connection, application: URL, revision: str) -> None:
    connection.execute(text("select pg_advisory_xact_lock(7231002)"))
    _make_role(connection, application)
    command.upgrade(config(connection), revision)
    _build(connection, application)
    connection.execute(
        text("insert into event_sealer values (true, '0', :id) on conflict do nothing"), {"id": UUID(int=0)}
    )
    connection.exec_driver_sql(sealer.BEYOND)
    for month in _months(datetime.now(UTC).date()):
        connection.execute(text("select event_partition(:month)"), {"month": month})


def _build(connection: Connection, application: URL) -> None:
    """Build functions, grants and walls, unless they stand: it would lock every table while others work with them."""
    role = str(application.username)
    statements = [
        f"revoke temporary on database {_quoted(application.database)} from public",
        *sealer.FUNCTIONS, *door.FUNCTIONS, *leasing.FUNCTIONS, *entry.FUNCTIONS,
        *_grants(_quoted(role)), *tenancy.walls(role),
    ]  # fmt: skip
    revisions = sorted(connection.scalars(text("select version_num from alembic_version")))
    plan = hashlib.sha256("\n".join([*revisions, *sorted(statements)]).encode()).hexdigest()
    if connection.scalar(_STANDS, {"role": role}) == plan:
        return
    for statement in [*statements, f"comment on schema read is '{plan}'"]:
        connection.exec_driver_sql(statement)


_STANDS = text("""
    select obj_description(oid, 'pg_namespace') from pg_namespace
    where nspname = 'read' and has_schema_privilege(:role, oid, 'usage')
""")


def _make_role(connection: Connection, application: URL) -> None:
    role = _quoted(application.username)
    exists = connection.execute(
        text("select 1 from pg_roles where rolname = :name"), {"name": application.username}
    ).one_or_none()
    if exists is None:
        password = str(application.password or "").replace("'", "''")
        connection.exec_driver_sql(f"create role {role} login password '{password}'")


def _grants(role: str) -> list[str]:
    return [
        *(f"revoke all on function {name} from public" for name in ENTRUSTED),
        *(f"grant execute on function {name} to {role}" for name in ENTRUSTED),
        f"grant select on alembic_version to {role}",
        f"grant select, insert on event to {role}",
        f"grant select on event_seal, event_sealer to {role}",
        "alter table event enable row level security",
        "alter table event_seal enable row level security",
        *(
            f"{verb} policy {'if exists ' if verb == 'drop' else ''}tenant on {table}{rule}"
            for table in ("event", "event_seal")
            for verb, rule in (("drop", ""), ("create", f" using ({tenancy.MINE}) with check ({tenancy.MINE})"))
        ),
    ]


def _months(today: date) -> list[date]:
    first = today.year * 12 + today.month - 2
    return [date(index // 12, index % 12 + 1, 1) for index in range(first, first + AHEAD)]


def _role(url: URL) -> str:
    return f"{url.database}_app"


def _quoted(name: Any) -> str:
    return '"' + str(name).replace('"', '""') + '"'
