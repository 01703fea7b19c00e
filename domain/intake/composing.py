"""The values of a draft are put together as a command takes them: parts as parts, references as what they stand for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.intake.drafting import Draft
from domain.intake.kinds import CUSTOM, Field
from domain.intake.mapping import Place, Section
from domain.intake.transforms import Reference
from domain.kernel.commands import Ref
from domain.kernel.errors import Refusals

Follow = Callable[[Reference], Ref]


def composed(section: Section, draft: Draft, follow: Follow) -> dict[str, Any]:
    """What a command takes, by the names of its fields; NotFound at each reference that leads nowhere."""
    values = _followed(draft.values, follow)
    given = {str(place[0]): value for place, value in values.items() if len(place) == 1}
    given |= {name: _parts(field, name, values) for name, field in section.lists.items()}
    custom = {name.removeprefix(CUSTOM): given.pop(name) for name in [*given] if name.startswith(CUSTOM)}
    return {**given, "custom": custom} if custom else given


def _followed(values: Mapping[Place, Any], follow: Follow) -> dict[Place, Any]:
    found, refusals = dict(values), Refusals()
    for place, value in values.items():
        if isinstance(value, Reference):
            with refusals.at(*place):
                found[place] = follow(value)
    refusals.settle()
    return found


def _parts(field: Field, name: str, values: Mapping[Place, Any]) -> list[Any]:
    parts: dict[Any, Any] = {}
    for place, value in values.items():
        if place[0] == name and field.shape is None:
            parts[place[1]] = value
        elif place[0] == name:
            parts.setdefault(place[1], {})[place[2]] = value
    return [*parts.values()] if field.shape is None else [field.shape(**part) for part in parts.values()]
