"""Every committed change is an event, written in the transaction that makes the change.

Writers never wait for each other here: an event carries only its transaction id. The sealer (see `sealer`) gives it a
place afterwards. What goes into an event follows from the rows that changed, so no rule can forget to tell.
"""

from __future__ import annotations

from collections.abc import Container
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, event, insert, inspect, text
from sqlalchemy.orm import Mapped, Mapper, Session, mapped_column
from sqlalchemy.orm.attributes import get_history
from sqlalchemy.types import UserDefinedType

from domain.kernel.base import Base, Owned, Record, uuid7

if TYPE_CHECKING:
    from domain.kernel.actor import Actor

BOOKKEEPING = frozenset({"tenant_id", "id", "version", "created_at", "created_by", "updated_at", "updated_by"})
HIDDEN = "***"


class Xid8(UserDefinedType[int]):
    """PostgreSQL's 64-bit transaction id, which never wraps around."""

    cache_ok = True

    def get_col_spec(self, **_: Any) -> str:
        return "xid8"


class Event(Base):
    """One committed change of one record. Partitioned by id, which is in order of time."""

    __tablename__ = "event"
    __table_args__ = (
        Index(None, "xid", "id"),
        Index(None, "tenant_id", "record_id", "id"),
        {"postgresql_partition_by": "RANGE (id)"},
    )

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7)
    xid: Mapped[int] = mapped_column(Xid8, server_default=text("pg_current_xact_id()"))
    company_id: Mapped[UUID | None]
    type: Mapped[str]
    record_type: Mapped[str]
    record_id: Mapped[UUID]
    sequence: Mapped[int]
    actor_id: Mapped[UUID | None]
    actor_name: Mapped[str]
    at: Mapped[datetime]
    changes: Mapped[dict[str, Any]]


class Seal(Base):
    """The place of an event in its tenant's log, and the hash that chains it to the one before."""

    __tablename__ = "event_seal"
    __table_args__ = (Index(None, "tenant_id", "event_id"),)

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), primary_key=True)
    position: Mapped[int] = mapped_column(BigInteger, primary_key=True)
    event_id: Mapped[UUID]
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Sealer(Base):
    """How far the sealer has come, for the whole database: one row."""

    __tablename__ = "event_sealer"

    id: Mapped[bool] = mapped_column(primary_key=True, default=True)
    xid: Mapped[int] = mapped_column(Xid8)
    event_id: Mapped[UUID]


class Part:
    """Mixed into rows that are part of a record: a change of the part is a change of the whole.

    `whole` names the relationship to the record; `place` tells this part from its sisters.
    """

    whole: ClassVar[str]

    @property
    def place(self) -> str:
        return str(self.id)  # type: ignore[attr-defined]


Mark = tuple[int, set[Record], dict[Record, dict[str, Any]]]
"""Where a journal stands: events settled, records made, and the last event of each record."""


class Journal:
    """Watches a session and turns what it writes into events. One a transaction."""

    def __init__(self, session: Session, actor: Actor, now: datetime) -> None:
        self._session, self._actor, self._now = session, actor, now
        self._pending: dict[Record, dict[str, Any]] = {}
        self._fresh: set[Record] = set()
        self._told: dict[Record, dict[str, Any]] = {}
        self._rows: list[dict[str, Any]] = []
        event.listen(session, "before_flush", self._before_flush)

    def note(self, record: Record, action: str) -> None:
        """Close what has changed on the record so far as one event named by `action`."""
        self._session.flush()
        if record not in self._pending:
            self._touch(record)
        self._write(record, action, self._pending.pop(record))

    def forget(self) -> None:
        """Drop everything collected so far."""
        for kept in (self._pending, self._fresh, self._told, self._rows):
            kept.clear()

    def mark(self) -> Mark:
        """Settle what has happened so far, and say where the journal stands; what follows makes events of its own."""
        self._settle()
        mark = len(self._rows), self._fresh, self._told
        self._fresh, self._told = set(), {}
        return mark

    def reset(self, mark: Mark) -> None:
        """Drop what was collected since the mark."""
        rows, self._fresh, self._told = mark
        self._pending.clear()
        del self._rows[rows:]

    def close(self) -> int:
        """Write the events of the transaction; returns how many. Changes nobody named join the record's last event."""
        self._settle()
        if self._rows:
            self._session.execute(insert(Event), self._rows)
        return len(self._rows)

    def _settle(self) -> None:
        self._session.flush()
        for record, changes in list(self._pending.items()):
            if record in self._told:
                _merge(self._told[record], changes)
                self._unbump(record)
            else:
                self._write(record, "created" if record in self._fresh else "updated", changes)
        self._pending.clear()
        self._session.flush()

    def _before_flush(self, session: Session, *_: Any) -> None:
        new, dirty, deleted = session.new, session.dirty, session.deleted  # each is made anew when asked for
        for row in [*new, *dirty, *deleted]:
            if isinstance(row, Owned) and row.tenant_id is None:
                row.tenant_id = self._actor.tenant
        for row in [*new, *dirty, *deleted]:
            if isinstance(row, Record | Part) and (changes := _changes(row, new, deleted)):
                self._collect(session, row, changes)

    def _collect(self, session: Session, row: Any, changes: dict[str, Any]) -> None:
        record = row if isinstance(row, Record) else _whole(session, row)
        if isinstance(row, Part):
            changes = {f"{_part_name(row)}.{row.place}": changes}
        if record not in self._pending:
            self._touch(record)
        _merge(self._pending[record], changes)

    def _touch(self, record: Record) -> None:
        self._pending[record] = {}
        record.updated_at, record.updated_by = self._now, self._actor.signature
        if inspect(record).persistent and record not in self._fresh:
            record.version += 1
        elif record not in self._fresh:
            self._fresh.add(record)
            record.version = 1
            record.created_at, record.created_by = self._now, self._actor.signature
        else:
            record.version += 1

    def _unbump(self, record: Record) -> None:
        record.version -= 1

    def _write(self, record: Record, action: str, changes: dict[str, Any]) -> None:
        kind = record_type(type(record))
        self._told[record] = changes
        self._rows.append(
            {
                "tenant_id": self._actor.tenant,
                "id": uuid7(),
                "company_id": getattr(record, "company_id", None),
                "type": f"{kind}.{action}",
                "record_type": kind,
                "record_id": record.id,
                "sequence": record.version,
                "actor_id": self._actor.signature,
                "actor_name": self._actor.name,
                "at": self._now,
                "changes": changes,
            }
        )


def record_type(model: type[Base]) -> str:
    """The word for a class of records in events and external references, such as `purchase_order`."""
    mapper = model.__mapper__
    return str(mapper.polymorphic_identity or mapper.local_table.name)  # type: ignore[attr-defined]


def record_class(kind: str) -> type[Record]:
    """The class that `record_type` has the word for, so that a lower floor can look up what a higher one defines."""
    return next(
        mapper.class_
        for mapper in Base.registry.mappers
        if issubclass(mapper.class_, Record) and record_type(mapper.class_) == kind
    )


def plain(value: Any) -> Any:
    """A value as JSON has it: decimals as strings, times in ISO 8601."""
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value


def _changes(row: Any, new: Container[Any], deleted: Container[Any]) -> dict[str, Any]:
    if row in deleted or _removed(row):
        return {"deleted": [None, True]}
    if row in new:
        return {name: [None, value] for name, value in _state(row).items()}
    return _difference(row)


def _state(row: Any) -> dict[str, Any]:
    written = {one.key: one.columns[0] for one in _told_of(inspect(row).mapper) if one.key in row.__dict__}
    return {
        name: _shown(column, row.__dict__[name]) for name, column in written.items() if row.__dict__[name] is not None
    }


def _difference(row: Any) -> dict[str, Any]:
    state, changes = inspect(row), {}
    same = state.unmodified
    for one in _told_of(state.mapper):
        if one.key in same or not (history := get_history(row, one.key)).has_changes():
            continue
        before, after = (history.deleted or [None])[0], (history.added or [None])[0]
        if before != after:
            changes[one.key] = [_shown(one.columns[0], before), _shown(one.columns[0], after)]
    return changes


@cache
def _told_of(mapper: Mapper[Any]) -> list[Any]:
    """The columns that say something of their own: not those that only keep the books, nor the kind of a paper.

    Nor, of a part, the record it is told with.
    """
    model = mapper.class_
    silent = BOOKKEEPING | {f"{model.whole}_id"} if issubclass(model, Part) else BOOKKEEPING
    return [one for one in mapper.column_attrs if one.key not in silent and one.columns[0] is not mapper.polymorphic_on]


def _shown(column: Any, value: Any) -> Any:
    hidden = column.info.get("personal") or column.info.get("secret")
    return HIDDEN if hidden and value is not None else plain(value)


def _whole(session: Session, row: Any) -> Record:
    if (loaded := row.__dict__.get(row.whole)) is not None:
        return loaded  # type: ignore[no-any-return]
    whole_class = inspect(row).mapper.relationships[row.whole].mapper.class_
    return session.get_one(whole_class, (row.tenant_id, getattr(row, f"{row.whole}_id")))  # type: ignore[no-any-return]


def _removed(row: Any) -> bool:
    """Whether a part was taken out of its record, which the flush is about to turn into a deletion."""
    return isinstance(row, Part) and inspect(row).persistent and row.__dict__.get(row.whole, row) is None


def _part_name(row: Any) -> str:
    return str(inspect(row).mapper.local_table.name)


def _merge(earlier: dict[str, Any], later: dict[str, Any]) -> None:
    for name, change in later.items():
        known = earlier.get(name)
        if isinstance(change, dict):
            _merge(earlier.setdefault(name, {}), change)
        elif known is None:
            earlier[name] = change
        else:
            earlier[name] = [known[0], change[1]]
