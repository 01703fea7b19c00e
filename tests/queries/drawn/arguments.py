"""The arguments of fields: what a list is asked for by, which record is meant, and what a report is about."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from graphql import GraphQLArgument, GraphQLField, is_required_argument

from resolvers.paging import DEFAULT, MOST
from resolvers.sources import Field
from tests.queries.drawn.known import Known
from tests.queries.drawn.masters import SOURCE
from tests.queries.drawn.sheet import ABSENT, Put, Sheet
from tests.queries.drawn.values import Topic, Values

Told = dict[str, Put]
SIZES = (2, 1, 3, 5, 0)
USUAL = {"filter": 40, "orderBy": 30, "search": 12, "archived": 15}
"""The arguments of lists, and how often of a hundred times they are given."""
PAGED = ("first", "last", "after", "before")
ABOUT = {"vendor": "partner", **{name: name for name in ("partner", "company", "product", "unit", "document")}}
"""The words of the types whose ids arguments are, by the names of the arguments."""
SAID = {
    "barcode": ["4006381333931", "4006381333931 ", "1"],
    "role": ["buyer", "accountant", "nobody"],
    "number": ["PO2026-00001", "QU2026-00001", "VB2026-00001", "4001", "?"],
}
"""What arguments say that are no ids, by their names."""


@dataclass(frozen=True)
class Arguments:
    """Writes the arguments of fields on a sheet."""

    sheet: Sheet
    known: Known

    @property
    def values(self) -> Values:
        return Values(self.sheet, self.known)

    def of(self, field: GraphQLField, rows: int) -> tuple[str, int]:
        """The arguments of a field that is asked of so many rows, and how many rows of each it may come to."""
        declared = field.extensions["strawberry-definition"].declared if field.args else None
        told: Told = {}
        for name, one in field.args.items():
            if name not in PAGED and (is_required_argument(one) or self.sheet.often(USUAL.get(name, 35))):
                told[name] = self._named(name, one, declared)
        size = self._page(field, declared, told, rows) if "first" in field.args and declared else 1
        shown = ", ".join(f"{name}: {one.text}" for name, one in told.items())
        return f"({shown})" if shown else "", size

    def _named(self, name: str, argument: GraphQLArgument, declared: Field | None) -> Put:
        """An argument that does not say which part of a list is meant."""
        noun = declared.target if declared is not None else None
        if name == "id" and noun is not None and self.sheet.often(10):
            key = self.sheet.pick(["bolt", "vendor", "list", "count", "nobody"])
            return self._text(f"external:{SOURCE}:{key}", argument)
        if name in {"filter", "orderBy", "id"}:
            own = declared is not None and name in getattr(declared.source, "arguments", ())
            return self.values.of(argument.type, Topic() if own else Topic(noun))
        if name in SAID and not self.sheet.slip(f"something else for {name}"):
            return self._text(self.sheet.pick(SAID[name]), argument)
        return self.values.of(argument.type, Topic(self.known.house.nouns.get(ABOUT.get(name, ""))))

    def _page(self, field: GraphQLField, declared: Field, told: Told, rows: int) -> int:
        """Few rows, the fewer the more often the list is asked for; mostly from the beginning."""
        for name in ("after", "before"):
            if self.sheet.often(18):
                told[name] = self._cursor(field, declared, name, told.get("orderBy"))
        most = max(1, 40 // rows)
        if rows == 1 and self.sheet.often(25):
            return DEFAULT // 3
        name, other = ("last", "first") if self.sheet.often(30) else ("first", "last")
        size: Any = min(self.sheet.pick(SIZES), most)
        if self.sheet.slip("a size out of bounds"):
            size = self.sheet.pick([-1, MOST + 1, 2**31 - 1])
        told[name] = self._text(size, field.args[name])
        if self.sheet.slip("first and last", 4):
            told[other] = Put("1", 1)
        self.sheet.told.add(name)
        return max(1, min(size, most))

    def _cursor(self, field: GraphQLField, declared: Field, name: str, order: Put | None) -> Put:
        asked = None if order is None or order.comes_to is ABSENT else order.comes_to
        keys = field.args["orderBy"].type if "orderBy" in field.args else None
        found = self.known.cursors(declared, asked, keys)
        if not found or self.sheet.slip("no cursor of this list"):
            found = ["", "x", "é", "WzEyMywiYSJd", *(f"{one}A" for one in found[:2])]
        self.sheet.told.add(name)
        return self._text(self.sheet.pick(found), field.args[name])

    def _text(self, value: Any, argument: GraphQLArgument) -> Put:
        if self.sheet.often(15):
            return self.sheet.variable(argument.type, value)
        return Put(json.dumps(value), value)
