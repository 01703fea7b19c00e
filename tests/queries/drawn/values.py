"""Values of input types, mostly such as occur in the firm: filters, orders, ids, figures; now and then wrong ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    get_named_type,
    get_nullable_type,
    is_list_type,
    is_non_null_type,
)

from resolvers.conditions import MOST_CONDITIONS, MOST_DEPTH, MOST_LISTED
from resolvers.ids import global_id
from resolvers.paging import MOST_KEYS
from resolvers.sources import Field, Grafted, Noun
from tests.queries.drawn.known import Known
from tests.queries.drawn.sheet import ABSENT, Put, Sheet, literal

COMMON: Mapping[str, list[Any]] = {
    "String": ["a", "PO", "", "%", "_", "\\", "ñ", "BOLT", "100 %", "2026", "'", "\n", "purchase_order.confirmed"],
    "Int": [0, 1, 2, 7, 2**31 - 1, -1],
    "Boolean": [True, False],
    "Decimal": ["0", "1.25", 10, "-3", "1e2", "0.000001", ".5", "99999999999"],
    "Date": ["2026-03-02", "2014-03-01", "2026-12-31"],
    "DateTime": ["2026-03-02T09:00:00Z", "2026-03-02T10:00:00.5+01:00", "2027-01-01T00:00:00-08:00"],
    "CurrencyCode": ["USD", "EUR", "XXX"],
    "CountryCode": ["US", "DE", "ZZ"],
    "JSON": [1, "x", {"a": [1]}],
}
"""What anybody might send for a scalar."""
WRONG: Mapping[str, list[Any]] = {
    "String": ["\0", "a\0b"],
    "Decimal": ["abc", "NaN", "Infinity", "1e100", "", "1_000", True, "9" * 101],
    "Date": ["abc", "2026-02-30", "", 20260302],
    "DateTime": ["2026-03-02", "2026-03-02T09:00:00", "abc", 5],
    "CurrencyCode": [5],
    "CountryCode": [["US"]],
    "ID": ["", "x", "é", "QUJD", 5, "external:", "external:nobody", "\0"],
}
"""What a scalar takes, and whoever uses the value refuses."""
UNFIT: Mapping[str, list[Any]] = {"Int": [2**31, "1"], "Boolean": ["true", 1], "String": [5], "ID": [True]}
"""What no document and no variable can hold."""
KEY = {"field", "direction"}
"""What a key of an order says."""
UNKNOWN = UUID("01900000-0000-7000-8000-000000000000")


@dataclass(frozen=True)
class Topic:
    """What a value is about: a noun, or a field of it; a filter may go on to others so often."""

    noun: Noun | None = None
    field: Field | None = None
    further: int = 3
    custom: Mapping[str, Field] | None = None

    def within(self, name: str) -> Topic:
        """What an entry of a filter or a comparison is about."""
        if name == "isNull" and (self.field is not None or self.noun is None):
            return Topic()
        if self.field is not None or self.noun is None:
            return self
        field = (self.custom or self.noun.fields).get(name)
        if field is None:
            return Topic(self.noun, None, self.further - 1)
        if isinstance(field.source, Grafted):
            return Topic(self.noun, None, self.further, field.source.fields)
        return Topic(self.noun, field) if field.target is None else Topic(field.target, None, self.further - 1)


@dataclass(frozen=True)
class Values:
    """Puts values on a sheet."""

    sheet: Sheet
    known: Known

    def of(self, type_: Any, topic: Topic, *, plain: bool = False) -> Put:
        """A value of an input type; one that is `plain` has no variables in it."""
        if not plain and self.sheet.often(15):
            return self.sheet.variable(type_, self.of(type_, topic, plain=True).comes_to)
        if self.sheet.slip("null", 1 if is_non_null_type(type_) else 4):
            return Put("null", None)
        inner: Any = get_nullable_type(type_)
        if is_list_type(inner):
            return self._list(inner, topic, plain=plain)
        if isinstance(inner, GraphQLInputObjectType):
            return self._object(inner, topic, plain=plain)
        options = [*inner.values] if isinstance(inner, GraphQLEnumType) else None
        value = self.sheet.pick(options) if options else self._scalar(inner.name, topic)
        return Put(literal(value, inner), value)

    def id(self, noun: Noun | None) -> Any:
        """The id of a row of a noun, or of anything; now and then of nothing that could be meant."""
        word = noun.word if noun is not None and not noun.kinds else "purchase_order"
        strange = [*self.known.foreign, *self.known.ids(), global_id(word, UNKNOWN)]
        if self.sheet.slip("an id of something else", 12):
            return self.sheet.pick([*strange, "nothing"])
        return self.sheet.pick(strange if self.sheet.often(6) else self.known.ids(noun) or strange)

    def _list(self, type_: GraphQLList[Any], topic: Topic, *, plain: bool) -> Put:
        inner = get_named_type(type_)
        keys = isinstance(inner, GraphQLInputObjectType) and inner.fields.keys() == KEY
        count = self.sheet.number(1 if keys else 0, 3)
        if keys and self.sheet.slip("too many keys", 4):
            count = MOST_KEYS + 1
        items = [self.of(type_.of_type, topic, plain=plain) for _ in range(count)]
        if items and not keys and self.sheet.slip("too many values", 1):
            items = items[:1] * (MOST_LISTED + 1)
        if len(items) == 1 and not items[0].text.startswith("$") and items[0].comes_to and self.sheet.often(15):
            self.sheet.told.add("one value in place of a list")
            return items[0]
        values = [None if one.comes_to is ABSENT else one.comes_to for one in items]
        return Put(f"[{', '.join(one.text for one in items)}]", values)

    def _object(self, type_: GraphQLInputObjectType, topic: Topic, *, plain: bool) -> Put:
        names = [name for name, one in type_.fields.items() if topic.further > 0 or not _is_filter(one.type)]
        if type_.fields.keys() == KEY:
            chosen = names[: self.sheet.pick([2, 2, 1])]
        elif "not" in names and self.sheet.slip("too large a filter", 1):
            return self._too_large(type_)
        else:
            chosen = [self.sheet.pick(names) for _ in range(self.sheet.pick([1, 1, 1, 2, 2, 3, 0])) if names]
            chosen += [name for name in names if name == "custom" and self.sheet.often(10)]
        told = {
            name: self.of(type_.fields[name].type, topic.within(name), plain=plain) for name in dict.fromkeys(chosen)
        }
        kind = type_.name if _is_comparison(type_) else "filter"
        self.sheet.told.update(f"{kind}: {name}" for name in told)
        text = ", ".join(f"{name}: {one.text}" for name, one in told.items())
        return Put(f"{{{text}}}", {name: one.comes_to for name, one in told.items() if one.comes_to is not ABSENT})

    def _too_large(self, type_: GraphQLInputObjectType) -> Put:
        deep: dict[str, Any] = {}
        for _ in range(MOST_DEPTH + 1):
            deep = {"not": deep}
        value = self.sheet.pick([deep, {"or": [{}] * (MOST_CONDITIONS + 1)}])
        return Put(literal(value, type_), value)

    def _scalar(self, name: str, topic: Topic) -> Any:
        if name in WRONG and self.sheet.slip(f"a wrong {name}"):
            return self.sheet.pick(WRONG[name])
        if name in UNFIT and self.sheet.slip(f"no {name}", 1):
            return self.sheet.pick(UNFIT[name])
        if name == "ID":
            return self.id(topic.noun)
        found = self.known.values(topic.noun, topic.field) if topic.noun and topic.field else []
        if not found or self.sheet.often(30):
            return self.sheet.pick(COMMON[name])
        value = self.sheet.pick(found)
        return self._part(value) if isinstance(value, str) and name == "String" and self.sheet.often(40) else value

    def _part(self, text: str) -> str:
        return self.sheet.pick([text[:3], text[1:4], text.upper(), text.lower(), text.swapcase()[:5]])


def _is_filter(type_: Any) -> bool:
    named = get_named_type(type_)
    return isinstance(named, GraphQLInputObjectType) and not _is_comparison(named)


def _is_comparison(type_: Any) -> bool:
    return str(type_.name).endswith("Comparison")
