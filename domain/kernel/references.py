"""An external reference addresses a record by the key it has elsewhere, in place of its id."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, select
from sqlalchemy.orm import Mapped, Session

from domain.kernel.base import Owned, unique


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
    return {key: record for key, record in rows}
