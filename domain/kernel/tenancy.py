"""A tenant is what must never see another; these are the two walls around it.

The tables carry row security for the application role, which owns nothing. Reads with filters go through views in the
schema `read`, which belong to the tables' owner and carry the tenant predicate themselves: under a policy the operators
of numeric, jsonb and text search are not leakproof and could use no index, below a view they can.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache

from sqlalchemy import Column, FromClause, MetaData, Table
from sqlalchemy.orm import Mapped, Mapper, configure_mappers, mapped_column

from domain.kernel.base import Base, Owned

READ = MetaData(schema="read")
SETTING = "tradegraph.tenant"
MINE = f"tenant_id = nullif(current_setting('{SETTING}', true), '')::integer"
CLOCK = "tradegraph.now"
NOW = f"coalesce(nullif(current_setting('{CLOCK}', true), '')::timestamptz, now())"
"""The moment it is for whoever reads: the actor's clock tells it, as it does for whoever writes."""
ENTER = f"select set_config('{SETTING}', :tenant, true), set_config('{CLOCK}', :now, true)"
"""Comes in as somebody of a tenant, at a moment, until the transaction ends."""
PICTURE = (
    "set transaction isolation level repeatable read, read only",
    "set local idle_in_transaction_session_timeout = '10min'",
)
"""How a transaction begins that sees one moment, and waits for whoever reads it."""


class Tenant(Base):
    """A customer of the installation. `code` names it at sign-in and on the command line; the rest is its firm's."""

    __tablename__ = "tenant"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    created_at: Mapped[datetime]


@cache
def view(model: type[Owned]) -> Table:
    """The read view of a mapped class: its own columns and, for a kind of paper, those of the document."""
    columns: dict[str, Column[object]] = {}
    for table in _mapper(model).tables:
        for column in (one for one in table.columns if not one.info.get("secret")):
            columns.setdefault(
                column.name, Column(column.name, column.type, info=column.info, nullable=column.nullable)
            )
    for name, (type_, _) in model.reckoned.columns.items():
        columns[name] = Column(name, type_, nullable=False)
    return Table(view_name(model), READ, *columns.values())


def view_name(model: type[Owned]) -> str:
    mapper = _mapper(model)
    return str(mapper.polymorphic_identity or _name(mapper.local_table))


def walls(role: str) -> list[str]:
    """The statements that build both walls anew for the application role; repeatable, in one transaction."""
    configure_mappers()
    models = [mapper for mapper in Base.registry.mappers if issubclass(mapper.class_, Owned)]
    tables = sorted({_name(mapper.local_table) for mapper in models})
    return [
        "drop schema if exists read cascade",
        "create schema read",
        f'grant usage on schema public, read to "{role}"',
        f'grant select on tenant to "{role}"',
        "alter table tenant enable row level security",
        "drop policy if exists tenant on tenant",
        f"create policy tenant on tenant using ({MINE.replace('tenant_id', 'id', 1)})",
        *(statement for table in tables for statement in _table_wall(table, role)),
        *(_view_wall(mapper.class_) for mapper in models),
        f'grant select on all tables in schema read to "{role}"',
    ]


def _table_wall(table: str, role: str) -> list[str]:
    return [
        f"alter table {table} enable row level security",
        f"drop policy if exists tenant on {table}",
        f"create policy tenant on {table} using ({MINE}) with check ({MINE})",
        f'grant select, insert, update, delete on {table} to "{role}"',
    ]


def _view_wall(model: type[Owned]) -> str:
    mapper = _mapper(model)
    base, *sides = [_name(table) for table in mapper.tables]
    reckoned = model.reckoned.columns
    kept = [f"{_home(mapper, one.name)}.{one.name}" for one in view(model).columns if one.name not in reckoned]
    columns = ", ".join([*kept, *(f"{sql} as {name}" for name, (_, sql) in reckoned.items())])
    joins = "".join(f" join {side} using (tenant_id, id)" for side in sides)
    kind = f" and {base}.kind = '{mapper.polymorphic_identity}'" if mapper.polymorphic_identity else ""
    source = f"{base}{joins} {model.reckoned.joined} where {base}.{MINE}{kind}"
    return f"create view read.{view_name(model)} as select {columns} from {source}"  # noqa: S608 - our own words


def _home(mapper: Mapper[Owned], column: str) -> str:
    return next(_name(table) for table in mapper.tables if column in {one.name for one in table.columns})


def _mapper(model: type[Owned]) -> Mapper[Owned]:
    return model.__mapper__


def _name(table: FromClause) -> str:
    return str(table.name) if isinstance(table, Table) else ""
