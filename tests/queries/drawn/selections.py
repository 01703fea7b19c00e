"""What is selected of a type: fields under names of their own, fragments of all sorts, directives."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

from graphql import (
    GraphQLBoolean,
    GraphQLField,
    GraphQLNonNull,
    GraphQLSchema,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_leaf_type,
    is_list_type,
)

from tests.queries.drawn.arguments import Arguments
from tests.queries.drawn.sheet import Fragment, Sheet

MANY = 3
"""So many rows a list without pages is taken to have."""
MOST_ROWS = 150
PAGE = frozenset({"nodes", "edges"})
TOLD = frozenset({"totalCount", "pageInfo", "aggregates"})
"""What a list tells beside its rows."""


class Place(NamedTuple):
    """Where something is selected: of a type, of so many rows, with so many levels still below."""

    type: Any
    depth: int
    rows: int = 1


@dataclass(frozen=True)
class Selections:
    """Writes selections on a sheet."""

    sheet: Sheet
    arguments: Arguments
    schema: GraphQLSchema

    def of(self, place: Place, count: int = 0) -> str:
        """A selection of so many parts, in braces."""
        count = count or self.sheet.pick([2, 1, 3, 4, 6, 8])
        return f"{{ {' '.join(self._part(place) for _ in range(count))} }}"

    def _part(self, place: Place) -> str:
        self.sheet.left -= 1
        ways: list[Callable[[Place], str]] = [self._leaf, self._leaf, self._leaf, self._typename]
        if place.depth > 0 and self.sheet.left > 0:
            ways += [self._branch, self._branch, self._branch, self._inline, self._spread]
            ways += [self._inline, self._spread, self._branch] if is_abstract_type(place.type) else []
            ways += [self._branch] * 6 if PAGE & place.type.fields.keys() else []
        return self.sheet.pick(ways)(place)

    def _typename(self, _place: Place) -> str:
        return f"{self._named('__typename', '', 'String!')}{self._directives()}"

    def _leaf(self, place: Place) -> str:
        leaves, _ = fields_of(place.type)
        return self._field(place, self.sheet.pick(leaves)) if leaves else self._typename(place)

    def _branch(self, place: Place) -> str:
        _, branches = fields_of(place.type)
        chosen = [one for one in branches if place.rows <= MOST_ROWS or not _is_many(place.type.fields[one])]
        rows = [one for one in chosen if one in PAGE]
        wished = chosen if not rows or self.sheet.often(35) else rows
        return self._field(place, self.sheet.pick(wished)) if wished else self._leaf(place)

    def field(self, place: Place, name: str) -> str:
        """One field, whatever it is."""
        return self._field(place, name)

    def _field(self, place: Place, name: str) -> str:
        field: GraphQLField = place.type.fields[name]
        written, size = self.arguments.of(field, place.rows)
        named = self._named(name, written, str(field.type))
        self.sheet.told.add(f"field: {name}" if name in TOLD else f"on: {place.type.name}")
        inner = get_named_type(field.type)
        directives = self._directives()
        if is_leaf_type(inner):
            return f"{named}{directives}"
        rows = place.rows * (MANY if is_list_type(get_nullable_type(field.type)) and name not in PAGE else size)
        return f"{named}{directives} {self.of(Place(inner, place.depth - 1, rows))}"

    def _named(self, name: str, arguments: str, type_: str) -> str:
        wished = self.sheet.pick(["id", "name", "x", "nodes"]) if self.sheet.often(8) else name
        response = self.sheet.name(wished, (name, arguments, type_))
        return f"{name}{arguments}" if response == name else f"{response}: {name}{arguments}"

    def _inline(self, place: Place) -> str:
        self.sheet.told.add("an inline fragment")
        on = self._condition(place.type)
        condition = "" if on is place.type and self.sheet.often(40) else f" on {on.name}"
        inside = self.of(Place(on, place.depth - 1, place.rows), self.sheet.number(1, 3))
        return f"...{condition}{self._directives()} {inside}"

    def _spread(self, place: Place) -> str:
        known = [
            name for name, one in self.sheet.fragments.items()
            if one.depth <= place.depth and one.rows >= place.rows and self._meet(one.on, place.type)
        ]  # fmt: skip
        if known and self.sheet.often(50):
            self.sheet.told.add("a fragment spread twice")
            return f"...{self.sheet.pick(known)}{self._directives()}"
        self.sheet.told.add("a fragment")
        on = self._condition(place.type)
        inside = self.of(Place(on, place.depth - 1, place.rows), self.sheet.number(1, 4))
        name = f"F{len(self.sheet.fragments) + 1}"
        self.sheet.fragments[name] = Fragment(on.name, inside, place.depth, place.rows)
        return f"...{name}{self._directives()}"

    def _condition(self, type_: Any) -> Any:
        """A type that a value of this type may be of: its own, an interface, or one of those that it stands for."""
        options = [type_, *type_.interfaces]
        if is_abstract_type(type_):
            possible = self.schema.get_possible_types(type_)
            options += [one for one in (self.sheet.pick(possible), *possible[0].interfaces) if one not in options]
        on = self.sheet.pick(options)
        self.sheet.told.add(f"of {type_.name} on {on.name}" if is_abstract_type(on) else "a fragment on a type")
        return on

    def _meet(self, on: str, type_: Any) -> bool:
        return bool(self._possible(self.schema.type_map[on]) & self._possible(type_))

    def _possible(self, type_: Any) -> set[str]:
        return {one.name for one in self.schema.get_possible_types(type_)} if is_abstract_type(type_) else {type_.name}

    def _directives(self) -> str:
        if not self.sheet.often(6):
            return ""
        chosen = self.sheet.pick([["include"], ["skip"], ["skip", "include"]])
        self.sheet.told.update(f"@{one}" for one in chosen)
        return "".join(f" @{one}(if: {self._whether()})" for one in chosen)

    def _whether(self) -> str:
        value = self.sheet.often(50)
        if self.sheet.often(50):
            return self.sheet.variable(GraphQLNonNull(GraphQLBoolean), value).text
        return "true" if value else "false"


@cache
def fields_of(type_: Any) -> tuple[list[str], list[str]]:
    """The names of the fields of a type that are leaves, and of those that are not."""
    leaves = [name for name, one in type_.fields.items() if is_leaf_type(get_named_type(one.type))]
    return leaves, [name for name in type_.fields if name not in leaves]


def _is_many(field: GraphQLField) -> bool:
    return "first" in field.args or is_list_type(get_nullable_type(field.type))
