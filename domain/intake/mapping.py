"""A mapping says, in TOML, which file fills which records: it is data, checked in full when it is read."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from functools import cached_property

from domain.intake.conditions import Condition
from domain.intake.kinds import Field, Kind
from domain.intake.reading import Format
from domain.intake.transforms import Lookup
from domain.intake.values import Value

Place = tuple[str | int, ...]
"""Where in a command a value goes: ("name",), ("delivery_days", 0), ("addresses", 0, "street")."""


@dataclass(frozen=True, kw_only=True)
class Section:
    """One file read into one kind of records. `key` makes the external key, `match` finds records made elsewhere."""

    name: str
    file: str
    kind: Kind
    source: str
    key: tuple[Value, ...]
    values: Table[Place, Value]
    fields: Table[Place, Field]
    lists: Table[str, Field]
    where: tuple[Condition, ...]
    match: str | None
    creates: bool
    form: Format
    forms: Table[str, Format]

    def form_of(self, file: str) -> Format:
        """How another file of the mapping is laid down."""
        return self.forms.get(file, self.form)

    @property
    def reads(self) -> set[str]:
        """Every column of the file that the section needs."""
        tests = (column for test in self.where for column in test.columns)
        return {column for value in self._all() for column in value.columns} | set(tests)

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

    @property
    def lookups(self) -> set[Lookup]:
        """Every look-up into another file that the section needs."""
        return {lookup for value in self._all() for lookup in value.lookups}

    def _all(self) -> Iterable[Value]:
        return [*self.key, *self.values.values()]


@dataclass(frozen=True, kw_only=True)
class Mapping:
    """Sections in the order in which they are read."""

    name: str
    sections: tuple[Section, ...]
