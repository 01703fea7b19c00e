"""Alembic's environment: tables come from the domain's metadata, the connection from `migrations.upgrade`."""

from alembic import context

from domain.kernel.base import Base
from domain.rows import __all__ as _  # noqa: F401 - the metadata is whole once the rows are imported


def ours(thing: object, name: str | None, kind: str, *_: object) -> bool:
    """Partitions of the event log are made by the database, not by revisions."""
    return not (kind == "table" and name is not None and name.startswith("event_2"))


def written(kind: str, thing: object, _: object) -> str | bool:
    """How a type of ours stands in a revision, which may import nothing of the domain."""
    return "Xid8()" if kind == "type" and type(thing).__name__ == "Xid8" else False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=Base.metadata, compare_type=True, include_object=ours, render_item=written
)  # type: ignore[arg-type]
with context.begin_transaction():
    context.run_migrations()
