"""The values of a draft are put together as a command takes them: parts as parts, references as what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.exceptions.exception import SourceRow
from domain.intake.drafting import Draft
from domain.intake.mapping import Place, Section
from domain.intake.shapes import AT, CUSTOM, Field
from domain.intake.transforms import Reference
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, Refusals

Follow = Callable[[Reference], Ref]


def composed(section: Section, draft: Draft, follow: Follow) -> dict[str, Any]:
    """What a command takes, by the names of its fields; NotFound at each reference that leads nowhere."""
    if section.kind.final:
        _must_be_solid(section, draft.values)
    values = _followed(draft.values, follow)
    given = {str(place[0]): value for place, value in values.items() if len(place) == 1}
    given |= {name: _parts(section, draft, field, name, values) for name, field in section.lists.items()}
    if _asks_where(section.kind.creating):
        given[AT] = SourceRow(section.source, section.file, draft.row.line)
    custom = {name.removeprefix(CUSTOM): given.pop(name) for name in [*given] if name.startswith(CUSTOM)}
    return {**given, "custom": custom} if custom else given


def _must_be_solid(section: Section, values: Mapping[Place, Any]) -> None:
    """Of masters, their commands say what cannot be empty; what is entered for good comes by no such command."""
    refusals = Refusals()
    for place, value in values.items():
        if value is None and section.meant_by(place).solid:
            with refusals.at(*place):
                raise BadInput("Needed; it cannot be empty.")
    refusals.settle()


def _followed(values: Mapping[Place, Any], follow: Follow) -> dict[Place, Any]:
    found, refusals = dict(values), Refusals()
    for place, value in values.items():
        if isinstance(value, Reference):
            with refusals.at(*place):
                found[place] = follow(value)
    refusals.settle()
    return found


def _parts(section: Section, draft: Draft, field: Field, name: str, values: Mapping[Place, Any]) -> list[Any]:
    parts: dict[Any, Any] = {}
    for place, value in values.items():
        if place[0] == name and field.shape is None:
            parts[place[1]] = value
        elif place[0] == name:
            parts.setdefault(place[1], {})[place[2]] = value
    if field.shape is None:
        return [*parts.values()]
    if _asks_where(field.shape):
        for index, part in parts.items():
            file, row = draft.parts.get((name, index), (section.file, draft.row))
            part[AT] = SourceRow(section.source, file, row.line)
    return [field.shape(**part) for part in parts.values()]


def _asks_where(shape: type) -> bool:
    """Whether a command, or a part of one, wants to know which row it is from."""
    return AT in getattr(shape, "__dataclass_fields__", ())
