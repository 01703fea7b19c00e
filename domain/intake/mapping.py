"""A mapping says, in TOML, which file fills which records: it is data, checked in full when it is read."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

from domain.intake.conditions import Condition
from domain.intake.kinds import Field, Kind
from domain.intake.mistakes import BadMapping
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

    @classmethod
    def load(cls, path: Path) -> Mapping:
        """Read a mapping file; BadMapping tells every mistake in it, by section and key."""
        from domain.intake.declaring import declared

        try:
            written = tomllib.loads(path.read_text(encoding="utf-8"), parse_float=Decimal)
        except OSError as error:
            raise BadMapping(f"{path} cannot be read ({error.strerror}); check the path.") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise BadMapping(f"{path.name} is no TOML: {error}.") from None
        return declared(written, path.name)
