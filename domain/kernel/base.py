"""What every row has: a tenant, a key in order of time, and references that cannot leave the tenant."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar
from uuid import UUID

from sqlalchemy import (
    TIMESTAMP,
    Date,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    func,
    literal_column,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, MappedColumn, aliased, mapped_column, relationship

if TYPE_CHECKING:
    from domain.kernel.actor import Actor

Model = TypeVar("Model", bound="Base")


def uuid7() -> UUID:
    """A UUID of version 7 (RFC 9562, method 3): 48 bits of milliseconds, 12 of their fraction, 62 random."""
    milliseconds, rest = divmod(time.time_ns(), 1_000_000)
    fraction = rest * 4096 // 1_000_000
    return UUID(int=milliseconds << 80 | 7 << 76 | fraction << 64 | 2 << 62 | secrets.randbits(62))


@cache
def again(model: type[Model], word: str) -> type[Model]:
    """The same model once more in one statement, by a word of its own.

    Kept, since an alias takes a millisecond to make and there are only so many words.
    """
    return aliased(model, name=word, flat=True)


class Base(DeclarativeBase):
    """The root of all mapped classes."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: Text,
        int: Integer,
        Decimal: Numeric,
        datetime: TIMESTAMP(timezone=True),
        date: Date,
        UUID: Uuid,
        dict[str, Any]: JSONB,
        list[str]: JSONB,
    }

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if isinstance(table := cls.__dict__.get("__table__"), Table):
            _tie(table)


@dataclass(frozen=True, slots=True, kw_only=True)
class Reckoned:
    """Columns that a class has where it is read and nowhere else, each with its type and the SQL it is reckoned by.

    `joined` is what they are reckoned from, put behind the table; it must name the tenant of the row itself.
    """

    columns: Mapping[str, tuple[Any, str]] = field(default_factory=dict)
    joined: str = ""


class Owned(Base):
    """A row of one tenant; primary and foreign keys include the tenant, so no row can point into another's.

    Where a class is `open_to_references`, others may write rows that refer to a row while somebody holds its lock.
    What is `reckoned` is not kept: it follows from other rows, or from the time, whenever a row is read.
    """

    __abstract__ = True
    open_to_references: ClassVar[bool] = False
    reckoned: ClassVar[Reckoned] = Reckoned()

    tenant_id: Mapped[int] = mapped_column(ForeignKey("tenant.id"), primary_key=True, sort_order=-20)
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid7, sort_order=-19)

    def __init__(self, **values: Any) -> None:
        """The key is there from the start, so that events and links can name the row before it is written."""
        super().__init__(**{"id": uuid7(), **values})

    def seen_by(self, actor: Actor) -> bool:
        """Whether it belongs to a company the actor works for, or to all."""
        company = getattr(self, "company_id", None)
        return company is None or company in actor.companies


class Record(Owned):
    """A paper or a master record: versioned, signed, archived in place of deleted, open to custom fields."""

    __abstract__ = True

    version: Mapped[int] = mapped_column(default=1, sort_order=80)
    created_at: Mapped[datetime] = mapped_column(sort_order=81)
    created_by: Mapped[UUID | None] = mapped_column(sort_order=82)
    updated_at: Mapped[datetime] = mapped_column(sort_order=83)
    updated_by: Mapped[UUID | None] = mapped_column(sort_order=84)
    archived_at: Mapped[datetime | None] = mapped_column(sort_order=85)
    custom: Mapped[dict[str, Any]] = mapped_column(default=dict, sort_order=86)


def ref(table: str, *, indexed: bool = True, ondelete: str | None = None) -> MappedColumn[Any]:
    """A reference to a row of `table` within the same tenant; optional if annotated `UUID | None`."""
    return mapped_column(info={"to": table, "indexed": indexed, "ondelete": ondelete})


def to_one(column: str, target: str, **options: Any) -> Any:
    """The row of `target` to which `column` ("Line.product_id") refers; loaded only when asked for.

    Joined by id alone: that the tenant is the same is the foreign key's business, and two relationships that both
    wrote tenant_id would be in each other's way.
    """
    return relationship(target, primaryjoin=f"foreign({column}) == {target}.id", lazy="raise", **options)


def to_many(column: str, owner: str, *, order: str, **options: Any) -> Any:
    """The rows whose `column` ("Line.document_id") refers to a row of `owner`, in the order of `order`."""
    return relationship(
        column.split(".", maxsplit=1)[0],
        primaryjoin=f"{owner}.id == foreign({column})",
        order_by=order,
        lazy="raise",
        cascade="all, delete-orphan",
        **options,
    )


def personal(**options: Any) -> MappedColumn[Any]:
    """A column that speaks of a living person: its values are never written into events."""
    return mapped_column(options.pop("type_", None), info={"personal": True}, **options)


def unique(*columns: str, **options: Any) -> UniqueConstraint:
    """Unique within the tenant."""
    return UniqueConstraint("tenant_id", *columns, **options)


def prefixed(table: str, column: str) -> Index:
    """Finds texts by how they begin, in whichever case, under any collation of the database."""
    lower = func.lower(literal_column(column)).label("lower")
    return Index(f"ix_{table}_{column}_prefix", "tenant_id", lower, postgresql_ops={"lower": "text_pattern_ops"})


def _tie(table: Table) -> None:
    for column in list(table.columns):
        if target := column.info.get("to"):
            columns = [table.c.tenant_id, column]
            theirs = [f"{target}.tenant_id", f"{target}.id"]
            table.append_constraint(ForeignKeyConstraint(columns, theirs, ondelete=column.info["ondelete"]))
            if column.info["indexed"]:
                Index(None, *columns)
