"""Alembic's environment: tables come from the domain's metadata, the connection from `migrations.upgrade`."""

from typing import Any, Literal

from alembic import context

from domain import rows
from domain.kernel.base import Base
from domain.kernel.events import Xid8

__all__ = ["rows"]  # imported so that the metadata is whole


def ours(_thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Partitions of the event log are made by the database, not by revisions."""
    return not (kind == "table" and name is not None and (name.startswith("event_2") or name == "event_beyond"))


def written(kind: str, thing: Any, _: object) -> str | Literal[False]:
    """How a type of ours stands in a revision, which may import nothing of the domain."""
    return "Xid8()" if kind == "type" and isinstance(thing, Xid8) else False


connection = context.config.attributes["connection"]
connection.dialect.ischema_names["xid8"] = Xid8  # which SQLAlchemy would not know when it compares
context.configure(
    connection=connection, target_metadata=Base.metadata, compare_type=True, include_object=ours, render_item=written
)
with context.begin_transaction():
    context.run_migrations()
