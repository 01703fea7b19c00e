"""A row of a file becomes a draft of a record: its key and its values, each read as the mapping says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.intake.mapping import Place, Section
from domain.intake.memory import Memory
from domain.intake.notation import fitting
from domain.intake.reading import Broken, Row
from domain.intake.report import BAD_ROW, Refusal
from domain.intake.transforms import REFERENCE
from domain.intake.values import Value
from domain.kernel.errors import BadInput, NotUnique, Refused

_CAPITAL = re.compile("([A-Z])")


@dataclass(frozen=True, slots=True)
class Draft:
    """What one row says. `values` go to places of a command, and come from `origins`; references stand as they are."""

    row: Row
    key: str
    values: Mapping[Place, Any]
    origins: Mapping[Place, Value]


class Drafter:
    """Reads the rows of one section."""

    def __init__(self, section: Section, memory: Memory) -> None:
        self._section, self._memory = section, memory

    def draft(self, row: Row | Broken) -> Draft | list[Refusal] | None:
        """The draft of a row, or why it is refused; None if the mapping says to skip it."""
        if isinstance(row, Broken):
            return [Refusal(self._section.file, row.line, row.column, row.value, BAD_ROW, row.reason)]
        if not all(condition.holds(row.values) for condition in self._section.where):
            return None
        found: list[Refusal] = []
        values = {place: self._read(row, place, value, found) for place, value in self._section.values.items()}
        key = None if found else self._key(row, values, found)
        return found if key is None else self._numbered(row, key, values)

    def _numbered(self, row: Row, key: str, values: Mapping[Place, Any]) -> Draft:
        """Parts of which nothing stands in the row are left out, and the others move up."""
        origins = self._section.values
        telling = self._section.telling
        silent = {part for part, places in telling.items() if places and all(values[one] is None for one in places)}
        numbers: dict[str | int, dict[str | int, int]] = {}
        places: dict[Place, Place] = {}
        for place in values:
            if len(place) == 1:
                places[place] = place
            elif place[:2] not in silent:
                of_list = numbers.setdefault(place[0], {})
                places[place[0], of_list.setdefault(place[1], len(of_list)), *place[2:]] = place
        read = {new: values[old] for new, old in places.items()}
        return Draft(row, key, read, {new: origins[old] for new, old in places.items()})

    def _read(self, row: Row, place: Place, value: Value, found: list[Refusal]) -> Any:
        kind = self._section.fields[place].kind
        try:
            read = value.read(row.values, self._memory.look)
            return read if read is None or kind == REFERENCE else fitting(read, kind)
        except BadInput as refused:
            found.append(refusal(self._section, row, value, refused))
            return None

    def _key(self, row: Row, values: Mapping[Place, Any], found: list[Refusal]) -> str | None:
        try:
            parts = [value.read(row.values, self._memory.look) for value in self._section.key]
            key = joined(parts) if parts else joined(values[name,] for name in self._section.kind.key).upper()
            first = self._memory.first(self._section.name, key, row.line)
            if first != row.line:
                raise NotUnique(f"This key stands on line {first} already; leave one of them out.")
        except Refused as refused:
            found.append(key_refusal(self._section, row, refused))
            return None
        return key


def joined(parts: Iterable[Any]) -> str:
    """The external key that several values make: joined by /, with / and % in them written %2F and %25."""
    texts = ["" if part is None else str(part).strip() for part in parts]
    if not all(texts):
        raise BadInput("The key is empty; fill it in.")
    if len(texts) == 1:
        return texts[0]
    return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in texts)


def refusal(section: Section, row: Row, value: Value | None, refused: Refused) -> Refusal:
    """A refusal of what stands in certain columns of a row."""
    column, shown = (" | ".join(value.columns), value.shown(row.values)) if value else ("", "")
    return Refusal(section.file, row.line, column, shown, refused.code, refused.message)


def key_refusal(section: Section, row: Row, refused: Refused) -> Refusal:
    """A refusal of the key of a row."""
    values = section.key or [section.values[name,] for name in section.kind.key]
    columns = [column for value in values for column in value.columns]
    shown = " | ".join(row.values[column.lower()] for column in columns)
    return Refusal(section.file, row.line, " | ".join(columns), shown, refused.code, refused.message)


def traced(section: Section, draft: Draft, refused: Refused) -> list[Refusal]:
    """What the domain refused, traced back to the columns it came from."""
    return [*dict.fromkeys(_traced(section, draft, one) for one in refused.each)]


def _traced(section: Section, draft: Draft, refused: Refused) -> Refusal:
    place = tuple(_CAPITAL.sub(r"_\1", step).lower() if isinstance(step, str) else step for step in refused.path)
    if place[:1] == ("external",):
        return key_refusal(section, draft.row, refused)
    for length in range(len(place), 0, -1):
        if (value := draft.origins.get(place[:length])) is not None:
            return refusal(section, draft.row, value, refused)
    told = refusal(section, draft.row, None, refused)
    return told if not place else Refusal(**{**_fields(told), "column": f"({'.'.join(map(str, place))})"})


def _fields(told: Refusal) -> dict[str, Any]:
    return {name: getattr(told, name) for name in told.__slots__}
