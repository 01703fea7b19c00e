"""What may be entered into a class of records, as one table from which creating and changing follow alike.

All mistakes of a request are told at once, each at its path; only then the rules look at the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.kernel.base import Record
from domain.kernel.commands import ABSENT
from domain.kernel.errors import NotUnique, Refusals
from domain.kernel.events import record_type
from domain.kernel.fields import Fields, Values, camel, entered
from domain.kernel.parts import Parts
from domain.kernel.plugin import custom_values
from domain.kernel.references import attach

if TYPE_CHECKING:
    from domain.kernel.work import Work

Row = TypeVar("Row", bound=Record)
Rule = Callable[["Work", Any, Values], None]
"""(work, the record as it is or None, its columns and the parts given as they shall be); raises Refused."""


@dataclass(frozen=True, kw_only=True)
class Form(Generic[Row]):
    """The table of one class of records. No two of them may be equal in the columns of a member of `unique`."""

    model: type[Row]
    fields: Fields
    parts: Mapping[str, Parts] = field(default_factory=dict)
    unique: tuple[tuple[str, ...], ...] = ()
    rules: tuple[Rule, ...] = ()

    def create(self, work: Work, given: Any) -> Row:
        """A new record, tied to the external reference by which it is known elsewhere."""
        values, parts = self._entered(work, None, given)
        row = self.model(**values)
        self._fit(row, parts)
        work.add(row)
        attach(work, row, getattr(given, "external", ABSENT))
        return row

    def update(self, work: Work, given: Any) -> Row:
        """Change the record named by `given.id`, if it still has the version `given.expected_version`."""
        loaded = [getattr(self.model, name) for name in self._named(given)]
        row = work.locked(self.model, given.id, given.expected_version, *map(selectinload, loaded))
        values, parts = self._entered(work, row, given)
        for name, value in values.items():
            setattr(row, name, value)
        self._fit(row, parts)
        return row

    def must_be_free(self, work: Work, row: Row | None, values: Values) -> None:
        """NotUnique if another record has already what must be this one's alone."""
        for columns in self.unique:
            key = {name: values.get(name) for name in columns}
            if None in key.values() or (row is not None and all(getattr(row, name) == key[name] for name in key)):
                continue
            others = select(self.model.id).where(self.model.tenant_id == work.actor.tenant).filter_by(**key).limit(1)
            if work.session.scalars(others).first() is not None:
                raise NotUnique(path=(camel(columns[-1]),))

    def _entered(self, work: Work, row: Row | None, given: Any) -> tuple[Values, dict[str, list[Values]]]:
        refusals = Refusals()
        rows = [row] if row is not None else []
        values = entered(work, self.model, self.fields, given, refusals=refusals, rows=rows)
        parts = {
            name: self.parts[name].entered(
                work, camel(name), getattr(given, name), refusals=refusals, rows=getattr(row, name, ())
            )
            for name in self._named(given)
        }
        with refusals.at():
            values |= self._custom(row, getattr(given, "custom", ABSENT))
        refusals.settle()
        whole = {**_columns(row), **values, **parts}
        for rule in self.rules:
            rule(work, row, whole)
        self.must_be_free(work, row, whole)
        return values, parts

    def _custom(self, row: Row | None, given: Any) -> Values:
        if not given:
            return {}
        kept = row.custom if row is not None else {}
        return {"custom": {**kept, **custom_values(record_type(self.model), given)}}

    def _named(self, given: Any) -> list[str]:
        return [name for name in self.parts if getattr(given, name, ABSENT) is not ABSENT]

    def _fit(self, row: Row, parts: Mapping[str, list[Values]]) -> None:
        for name, wanted in parts.items():
            self.parts[name].fit(getattr(row, name), wanted)


def _columns(row: Record | None) -> Values:
    return {} if row is None else {column.key: getattr(row, column.key) for column in row.__table__.columns}
