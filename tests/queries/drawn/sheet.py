"""The sheet on which a document is written: its variables, its fragments, and which name in it stands for what."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from graphql import GraphQLEnumType, GraphQLInputObjectType, get_nullable_type, is_list_type, is_non_null_type

Choice = TypeVar("Choice")
ABSENT: Final = object()
"""What a variable comes to that has no value."""
MISFITS: Final = [[], {"no": "such"}, "x", 1.5]
"""What a request may bring for a variable whatever its type."""


class Put(NamedTuple):
    """A value as it is written, and what it comes to."""

    text: str
    comes_to: Any


class Fragment(NamedTuple):
    """A fragment on a type, that may be spread where so many levels are free, of so many rows at most."""

    on: str
    text: str
    depth: int
    rows: int


@dataclass
class Sheet:
    """What was written so far, as `chance` would have it. Of the values, `slips` in a hundred are wrong."""

    chance: Random
    slips: int = 0
    left: int = 0
    """So many more fields may be asked for."""
    types: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    given: dict[str, Any] = field(default_factory=dict)
    known: dict[str, Any] = field(default_factory=dict)
    fragments: dict[str, Fragment] = field(default_factory=dict)
    names: dict[str, tuple[str, ...]] = field(default_factory=dict)
    told: set[str] = field(default_factory=set)
    """What is remarkable about it, for those who count."""

    def number(self, least: int, most: int) -> int:
        return self.chance.randint(least, most)

    def pick(self, options: Sequence[Choice]) -> Choice:
        return options[self.number(0, len(options) - 1)]

    def often(self, percent: int) -> bool:
        """Whether, in so many of a hundred cases; in the simplest case not."""
        return percent > 0 and self.number(0, 99) >= 100 - percent

    def slip(self, what: str, percent: int | None = None) -> bool:
        """Whether somebody makes this mistake now."""
        slipped = self.often(self.slips if percent is None else percent if self.slips else 0)
        if slipped:
            self.told.add(f"slip: {what}")
        return slipped

    def variable(self, type_: Any, value: Any) -> Put:
        """A variable that comes to a value, or to none, in one of the ways there are."""
        known = [name for name, declared in self.types.items() if declared == str(type_)]
        if known and self.often(20):
            self.told.add("a variable used twice")
            return Put(f"${known[0]}", self.known[known[0]])
        name = f"v{len(self.types) + 1}"
        open_ = not is_non_null_type(type_)
        self.types[name] = str(type_) if not open_ or value is None or self.often(80) else f"{type_}!"
        way = self.pick([_as_given, _as_given, _as_given, _by_default, _beside_default, _absent, _null])
        way(self, name, type_, value)
        if self.slip("a variable of another type", 2):
            self.given[name] = self.pick(MISFITS)
        return Put(f"${name}", self.known[name])

    def name(self, wished: str, meaning: tuple[str, ...]) -> str:
        """The name under which something is answered: the one wished for, unless that stands for something else."""
        while self.names.setdefault(wished, meaning) != meaning:
            wished = f"a{len(self.names)}"
        return wished

    def variables(self, text: str) -> tuple[str, dict[str, Any]]:
        """The definitions of the variables that a text uses, and the values that are given for them."""
        used = dict.fromkeys(re.findall(r"\$(\w+)", re.sub(r'"(\\.|[^"\\])*"', "", text)))
        written = [f"${name}: {self.types[name]}{self.defaults.get(name, '')}" for name in used]
        return f"({', '.join(written)})" if written else "", {
            name: value for name, value in self.given.items() if name in used
        }


def _as_given(sheet: Sheet, name: str, _type: Any, value: Any) -> None:
    sheet.given[name] = sheet.known[name] = value


def _by_default(sheet: Sheet, name: str, type_: Any, value: Any) -> None:
    sheet.told.add("a default")
    sheet.types[name] = sheet.types[name].removesuffix("!") if value is None else sheet.types[name]
    sheet.defaults[name], sheet.known[name] = f" = {literal(value, type_)}", value


def _beside_default(sheet: Sheet, name: str, type_: Any, value: Any) -> None:
    _by_default(sheet, name, type_, value)
    _as_given(sheet, name, type_, value)


def _absent(sheet: Sheet, name: str, type_: Any, value: Any) -> None:
    if sheet.types[name].endswith("!"):
        return _as_given(sheet, name, type_, value)
    sheet.told.add("an absent variable")
    sheet.known[name] = ABSENT
    return None


def _null(sheet: Sheet, name: str, type_: Any, value: Any) -> None:
    _as_given(sheet, name, type_, value if sheet.types[name].endswith("!") else None)
    if sheet.given[name] is None:
        sheet.told.add("a null variable")


def literal(value: Any, type_: Any) -> str:
    """JSON as GraphQL writes a value of a type."""
    type_ = get_nullable_type(type_)
    if isinstance(value, list):
        inner = type_.of_type if is_list_type(type_) else None
        return f"[{', '.join(literal(one, inner) for one in value)}]"
    if is_list_type(type_):
        return literal(value, type_.of_type)
    if isinstance(value, Mapping):
        known = type_.fields if isinstance(type_, GraphQLInputObjectType) else {}
        told = (f"{name}: {literal(one, known[name].type if name in known else None)}" for name, one in value.items())
        return f"{{{', '.join(told)}}}"
    if isinstance(type_, GraphQLEnumType) and isinstance(value, str):
        return value
    return format(value, "f") if isinstance(value, Decimal) else json.dumps(value)
