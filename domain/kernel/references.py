"""An external reference addresses a record by the key it has elsewhere, in place of its id."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from domain.kernel.base import Owned, unique, uuid7
from domain.kernel.commands import Absent, given, said
from domain.kernel.errors import NotUnique, at
from domain.kernel.events import record_type
from domain.kernel.text import line

if TYPE_CHECKING:
    from domain.kernel.work import Work


class ExternalReference(Owned):
    """The key of a record in a source, such as a file or another system; unique per type and source."""

    __tablename__ = "external_reference"
    __table_args__ = (unique("type", "source", "key"), Index(None, "tenant_id", "record_id"))

    type: Mapped[str]
    source: Mapped[str]
    key: Mapped[str]
    record_id: Mapped[UUID]


def referred(session: Session, type: str, source: str, keys: list[str]) -> dict[str, UUID]:
    """The ids of records of one type by their keys in one source."""
    rows = session.execute(
        select(ExternalReference.key, ExternalReference.record_id).where(
            ExternalReference.type == type, ExternalReference.source == source, ExternalReference.key.in_(keys)
        )
    )
    return {row.key: row.record_id for row in rows}


@given
class ExternalKey:
    """The key by which another system or a file knows a record."""

    source: str = said("Where the key is from, such as the name of the system.")
    key: str = said("The key there; unique per type of record and source.")


TAKEN = "Another record is known by this key; update it, or choose another key."
EXTERNAL = "The key by which the record is known elsewhere; it may be named by it from now on, in place of its id."


def attach(work: Work, record: Owned, external: ExternalKey | Absent | None) -> None:
    """Make a record known by an external key. NotUnique if another record of its type has the key."""
    if isinstance(external, ExternalKey):
        with at("external"):
            if attach_all(work, [(record, external)]):
                raise NotUnique(TAKEN, path=("key",))


def attach_all(work: Work, keyed: Sequence[tuple[Owned, ExternalKey]]) -> list[int]:
    """Make many records, or parts of them, known at once; the places of those whose key another one has."""
    rows = [
        {
            "tenant_id": work.actor.tenant, "id": uuid7(), "record_id": record.id,
            "type": record_type(type(record)), "source": line(external.source), "key": line(external.key),
        }
        for record, external in keyed
    ]  # fmt: skip
    statement = insert(ExternalReference).on_conflict_do_nothing().returning(ExternalReference.id)
    new = set(work.session.scalars(statement, rows)) if rows else set()
    return [place for place, row in enumerate(rows) if row["id"] not in new]
