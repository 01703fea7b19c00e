"""A row of a file becomes a draft of a record: its key and its values, each read as the mapping says."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from domain.intake.conditions import Condition
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
    """What one row says, and the rows of other files that are parts of it.

    `values` go to places of a command, and come from `origins`; references stand as they are. `parts` are the rows of
    parts that stand in files of their own. `assumed` are the exceptions that assumptions of the mapping raise.
    """

    row: Row
    key: str
    values: Mapping[Place, Any]
    origins: Mapping[Place, Value]
    parts: Mapping[Place, tuple[str, Row]] = field(default_factory=dict)
    assumed: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Unfit:
    """A row of which no draft can be made, and why; `parts` are the rows of other files that belong to it."""

    refusals: list[Refusal]
    parts: Mapping[Place, tuple[str, Row]] = field(default_factory=dict)


class Drafter:
    """Reads the rows of one section."""

    def __init__(self, section: Section, memory: Memory) -> None:
        self._section, self._memory = section, memory

    def draft(self, row: Row | Broken) -> Draft | Unfit | None:
        """The draft of a row, or why it is refused; None if the mapping says to skip it."""
        if isinstance(row, Broken):
            return Unfit([broken(self._section.file, row)])
        parts = dict(self._details(row))
        if not _meant(self._section.where, row):
            return None
        reading = _Reading(self._memory)
        for place, value in self._section.values.items():
            reading.take(self._section.file, row, place, value, self._section.fields[place].kind)
        values, origins = self._numbered(reading.values)
        for part, (file, told) in parts.items():
            for place, value in self._of_part(part).items():
                kind = self._section.details[str(part[0])].fields[str(place[2])].kind
                values[place], origins[place] = reading.take(file, told, place, value, kind), value
        key = None if reading.refused else self._key(row, reading)
        if key is None:
            return Unfit(reading.refused, parts)
        if (doubled := self._doubled(row, key)) is not None:
            return Unfit([doubled])  # the parts that stand under its key are the first one's
        return Draft(row, key, values, origins, parts, tuple(reading.assumed))

    def _of_part(self, part: Place) -> dict[Place, Value]:
        return {(*part, name): value for name, value in self._section.details[str(part[0])].values.items()}

    def _details(self, row: Row) -> Iterator[tuple[Place, tuple[str, Row]]]:
        for name, details in self._section.details.items():
            parts = (one for one in self._memory.details(details, row) if _meant(details.where, one))
            for index, part in enumerate(parts):
                yield (name, index), (details.file, part)

    def _numbered(self, values: Mapping[Place, Any]) -> tuple[dict[Place, Any], dict[Place, Value]]:
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
        return {new: values[old] for new, old in places.items()}, {new: origins[old] for new, old in places.items()}

    def _key(self, row: Row, reading: _Reading) -> str | None:
        values = reading.values
        try:
            parts = [value.read(row.values, self._memory.look) for value in self._section.key]
            return joined(parts) if parts else joined(values[name,] for name in self._section.kind.key).upper()
        except Refused as refused:
            reading.refused.append(key_refusal(self._section, row, refused))
            return None

    def _doubled(self, row: Row, key: str) -> Refusal | None:
        """Why a row is refused whose key another row had before."""
        first = self._memory.first(self._section.name, key, row.line)
        if first == row.line:
            return None
        reason = f"This key stands on line {first} already; leave one of them out."
        return key_refusal(self._section, row, NotUnique(reason))


class _Reading:
    """The values of one record as they are read, each with what kind of value its place wants."""

    def __init__(self, memory: Memory) -> None:
        self._look = memory.look
        self.values: dict[Place, Any] = {}
        self.refused: list[Refusal] = []
        self.assumed: list[tuple[str, str]] = []

    def take(self, file: str, row: Row, place: Place, value: Value, kind: str) -> Any:
        """Read one value and keep it; None if it is refused."""
        read = self.values[place] = self._read(file, row, value, kind)
        return read

    def _read(self, file: str, row: Row, value: Value, kind: str) -> Any:
        try:
            read = value.read(row.values, self._look, self.assumed)
            return read if read is None or kind == REFERENCE else fitting(read, kind)
        except BadInput as refused:
            self.refused.append(refusal(file, row, value, refused))
            return None


def joined(parts: Iterable[Any]) -> str:
    """The external key that several values make: joined by /, with / and % in them written %2F and %25."""
    texts = ["" if part is None else str(part).strip() for part in parts]
    if not all(texts):
        raise BadInput("The key is empty; fill it in.")
    if len(texts) == 1:
        return texts[0]
    return "/".join(text.replace("%", "%25").replace("/", "%2F") for text in texts)


def broken(file: str, row: Broken) -> Refusal:
    """A refusal of a row that is none."""
    return Refusal(file, row.line, row.column, row.value, BAD_ROW, row.reason)


def refusal(file: str, row: Row, value: Value | None, refused: Refused) -> Refusal:
    """A refusal of what stands in certain columns of a row."""
    column, shown = (" | ".join(value.columns), value.shown(row.values)) if value else ("", "")
    return Refusal(file, row.line, column, shown, refused.code, refused.message)


def key_refusal(section: Section, row: Row, refused: Refused) -> Refusal:
    """A refusal of the key of a row."""
    values = section.key or [section.values[name,] for name in section.kind.key]
    columns = [column for value in values for column in value.columns]
    shown = " | ".join(row.values[column.lower()] for column in columns)
    return Refusal(section.file, row.line, " | ".join(columns), shown, refused.code, refused.message)


def traced(section: Section, draft: Draft, refused: Refused) -> list[Refusal]:
    """What the domain refused, traced back to the file, the row and the columns it came from."""
    return [*dict.fromkeys(_traced(section, draft, one) for one in refused.each)]


def _traced(section: Section, draft: Draft, refused: Refused) -> Refusal:
    place = tuple(_CAPITAL.sub(r"_\1", step).lower() if isinstance(step, str) else step for step in refused.path)
    if place[:1] == ("external",):
        return key_refusal(section, draft.row, refused)
    file, row = draft.parts.get(place[:2], (section.file, draft.row))
    for length in range(len(place), 0, -1):
        if (value := draft.origins.get(place[:length])) is not None:
            return refusal(file, row, value, refused)
    told = refusal(file, row, None, refused)
    return told if not place else Refusal(**{**_fields(told), "column": f"({'.'.join(map(str, place))})"})


def _meant(where: Sequence[Condition], row: Row) -> bool:
    return all(condition.holds(row.values) for condition in where)


def _fields(told: Refusal) -> dict[str, Any]:
    return {name: getattr(told, name) for name in told.__slots__}
