"""Values that are known only when a statement runs: what is planned once serves whoever gives others.

A slot stands where the value of a variable will be. What a condition makes of a value it makes of a slot too: a bound
parameter that knows how its value follows from what was given.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, literal

Steps = tuple[str | int, ...]
Prepare = Callable[[Any], Any]


class Unplanned(Exception):
    """Something must know the value itself to be planned; it is planned with the values, for this one time."""


@dataclass(frozen=True, slots=True)
class Bind:
    """A parameter of a statement, and how its value follows from what the variables hold at `steps`."""

    name: str
    steps: Steps
    prepare: Prepare

    def of(self, values: Mapping[str, Any]) -> Any:
        """The value; raises Refused or ValueError for one that cannot be used."""
        found: Any = values
        for step in self.steps:
            found = found[step]
        return self.prepare(found)


@dataclass(eq=False, slots=True)
class Slot:
    """Where the value at `steps` of the variables will stand; `binds` gathers what is made of it."""

    steps: Steps
    binds: list[Bind] = field(repr=False)

    def bound(self, type_: Any, prepare: Prepare) -> Any:
        """A parameter with what `prepare` makes of the value."""
        bind = Bind(f"given_{len(self.binds)}", self.steps, prepare)
        self.binds.append(bind)
        return bindparam(bind.name, type_=type_, required=False)


def operand(given: Any, type_: Any, prepare: Prepare) -> Any:
    """What stands in a statement for a value that was given, be it known or a slot."""
    return given.bound(type_, prepare) if isinstance(given, Slot) else literal(prepare(known(given)), type_)


def filled(given: Any, values: Mapping[str, Any]) -> Any:
    """What was given, with the values in place of slots."""
    if isinstance(given, Slot):
        return Bind("", given.steps, lambda value: value).of(values)
    if isinstance(given, Mapping):
        return {name: filled(one, values) for name, one in given.items()}
    return [filled(one, values) for one in given] if isinstance(given, list) else given


def known(given: Any) -> Any:
    """The value itself, without any slot in it; raises Unplanned if there is one."""
    if isinstance(given, Slot):
        raise Unplanned
    if isinstance(given, Mapping):
        return {name: known(one) for name, one in given.items()}
    return [known(one) for one in given] if isinstance(given, list) else given
