"""A mapping says, in TOML, which file fills which records: it is data, checked in full when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property

from domain.intake.conditions import Condition
from domain.intake.reading import Format
from domain.intake.shapes import Field, Kind
from domain.intake.transforms import Lookup
from domain.intake.values import Value

Place = tuple[str | int, ...]
"""Where in a command a value goes: ("name",), ("delivery_days", 0), ("addresses", 0, "street")."""


@dataclass(frozen=True, kw_only=True)
class Details:
    """A listed field that is filled from the rows of another file: a part for each row that belongs to the record's.

    `by` says which of its columns say the same as which columns of the record's own file.
    """

    name: str
    section: str
    file: str
    form: Format
    by: Table[str, str]
    where: tuple[Condition, ...]
    values: Table[str, Value]
    fields: Table[str, Field]

    @cached_property
    def reads(self) -> tuple[str, ...]:
        """Every column of the file that is needed."""
        tests = (column for test in self.where for column in test.columns)
        values = (column for value in self.values.values() for column in value.columns)
        return tuple(sorted({column.lower() for column in (*self.by, *tests, *values)}))


@dataclass(frozen=True, kw_only=True)
class Section:
    """One file read into one kind of records. `key` makes the external key, `match` finds records made elsewhere.

    Where it is `constant`, it is one record, which stands in the mapping itself. Nothing is written of it unless the
    sections in `after` went in whole.
    """

    name: str
    file: str
    constant: bool
    kind: Kind
    source: str
    key: tuple[Value, ...]
    values: Table[Place, Value]
    fields: Table[Place, Field]
    lists: Table[str, Field]
    details: Table[str, Details]
    where: tuple[Condition, ...]
    match: str | None
    creates: bool
    after: tuple[str, ...]
    form: Format
    forms: Table[str, Format]

    def form_of(self, file: str) -> Format:
        """How another file of the mapping is laid down."""
        return self.forms.get(file, self.form)

    @property
    def reads(self) -> set[str]:
        """Every column of the file that the section needs."""
        tests = (column for test in self.where for column in test.columns)
        parents = (column for details in self.details.values() for column in details.by.values())
        own = (column for value in (*self.key, *self.values.values()) for column in value.columns)
        return {*own, *tests, *parents}

    @cached_property
    def telling(self) -> Table[Place, list[Place]]:
        """By part, the places that tell whether a row speaks of it at all: those filled from columns of its own."""
        found: dict[Place, list[Place]] = {place[:2]: [] for place in self.values if len(place) > 1}
        for place, value in self.values.items():
            elsewhere = {
                column for other, one in self.values.items() if other[:2] != place[:2] for column in one.columns
            }
            if len(place) > 1 and set(value.columns) - elsewhere:
                found[place[:2]].append(place)
        return found

    def meant_by(self, place: Place) -> Field:
        """What a place of a command wants, wherever its value stands."""
        field = self.lists.get(str(place[0]))
        return field.parts[str(place[2])] if field and field.parts else field or self.fields[place]

    @property
    def lookups(self) -> set[Lookup]:
        """Every look-up into another file that the section needs."""
        return {lookup for value in self._all() for lookup in value.lookups}

    def _all(self) -> Iterable[Value]:
        inner = (value for details in self.details.values() for value in details.values.values())
        return [*self.key, *self.values.values(), *inner]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Sections in the order in which they are read."""

    name: str
    sections: tuple[Section, ...]
