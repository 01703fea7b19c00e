"""The inputs that follow from declarations: filters, orders, and the arguments of connections."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, cast

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition

from resolvers.sources import Amount, Column, Custom, Field, Grafted, Many, Noun, One, Pages, Words
from resolvers.values import ID, CountryCode, CurrencyCode
from schema.inputs import arguments_of
from schema.pieces import ApiField, Type, argument, define, give, optional
from schema.types import Types
from schema.words import DIRECTIONS

COMPARED = {
    str: "String", int: "Int", bool: "Boolean", Decimal: "Decimal", date: "Date", datetime: "DateTime", ID: "ID",
    CurrencyCode: "CurrencyCode", CountryCode: "CountryCode",
}  # fmt: skip
"""The kinds of values that can be compared, and what their comparisons are called."""
ORDERED = (str, int, Decimal, date, datetime)
CHOSEN = {
    "eq": "Equal to this.",
    "ne": "Not equal to this; true where there is no value.",
    "in": "Equal to one of these.",
    "notIn": "Equal to none of these; true where there is no value.",
}
BETWEEN = {
    "lt": "Less than this, or before it.",
    "lte": "At most this, or at the latest.",
    "gt": "More than this, or after it.",
    "gte": "At least this, or at the earliest.",
}
WITHIN = {"contains": "Holds this text; case does not matter.", "startsWith": "Begins so; case does not matter."}
QUANTIFIERS = {
    "some": "At least one row meets this.",
    "every": "All rows meet this; true if there are none.",
    "none": "No row meets this.",
}


def paging(types: Types, field: Field) -> list[StrawberryArgument]:
    """The arguments of a connection."""
    source, noun = field.source, field.target
    if not isinstance(source, Pages) or noun is None:
        raise TypeError(f"{field.name} is no connection")
    found = [_optional("first", int, "How many rows from the start, at most 250; 50 if neither is given.")]
    found.append(_optional("last", int, "How many rows from the end, at most 250."))
    found.append(_optional("after", str, "Only rows after this cursor."))
    found.append(_optional("before", str, "Only rows before this cursor."))
    if _is_filtered(noun):
        order = StrawberryList(order_input(types, noun))
        found.insert(0, _optional("filter", filter_input(types, noun), "Only rows that meet this."))
        found.insert(1, _optional("orderBy", order, "What comes first; by age if not given."))
    if noun.searched:
        named = ", ".join(types.linked.named[noun.name].searched)
        found.append(_optional("search", str, f"Only rows with this text in one of: {named}. Case does not matter."))
    if source.column is None and "archived_at" in noun.table.c:
        found.append(_optional("archived", bool, "Whether to list archived rows too; they are hidden otherwise."))
    return [*found, *arguments_of(types, source.arguments)]


def filter_input(types: Types, noun: Noun) -> Type:
    """The filter of a noun."""
    name = f"{noun.name}Filter"
    if name in types.known:
        return types.known[name]
    made = types.known[name] = define(
        name, f"Which rows of {noun.name} are wanted; all conditions hold.", is_input=True
    )
    fields = [
        ApiField("and", optional(StrawberryList(made)), "All of these hold."),
        ApiField("or", optional(StrawberryList(made)), "At least one of these holds."),
        ApiField("not", optional(made), "This does not hold."),
    ]
    return give(made, [*fields, *_conditions(types, noun)])


def order_input(types: Types, noun: Noun) -> Type:
    """One key of an order of a noun."""
    name = f"{noun.name}Order"
    if name in types.known:
        return types.known[name]
    made = types.known[name] = define(name, f"What {noun.name} rows are ordered by.", is_input=True)
    direction = types.enum(DIRECTIONS)
    return give(
        made,
        [
            ApiField("field", _orderable(types, noun), "The field."),
            ApiField("direction", direction, "Which end comes first.", default=direction.wrapped_cls.ASC),
        ],
    )


def _is_filtered(noun: Noun) -> bool:
    from schema.declare import DECLARED

    return DECLARED[noun.name].filtered


def _conditions(types: Types, noun: Noun) -> Iterator[ApiField]:
    for field in noun.fields.values():
        if (type_ := _condition(types, noun, field)) is not None:
            yield ApiField(field.name, optional(type_), field.source.description)


def _condition(types: Types, noun: Noun, field: Field) -> Type | None:
    source, target = field.source, field.target
    if isinstance(source, Grafted):
        return _custom(types, noun, source)
    if isinstance(source, One) and target is not None:
        return filter_input(types, target) if _is_filtered(target) else None
    if isinstance(source, Many | Pages) and target is not None:
        return _list_filter(types, target) if _is_filtered(target) else None
    if isinstance(source, Column) and not (source.shown and source.compared):
        return None
    return comparison(types, field) if isinstance(source, Column | Amount) else None


def comparison(types: Types, field: Field) -> Type | None:
    """What a value of a field can be compared with."""
    words = field.source.words if isinstance(field.source, Column | Custom) else None
    label = words.name if words is not None else COMPARED.get(field.kind)
    if label is None:
        return None
    return types.made(f"{label}Comparison", lambda: _comparison(types, label, field.kind, words))


def _comparison(types: Types, label: str, kind: Any, words: Words | None) -> Type:
    made = define(f"{label}Comparison", f"Conditions on a value of the type {label}; all hold.", is_input=True)
    one = types.enum(words) if words is not None else kind
    fields = {name: (one if name in {"eq", "ne"} else StrawberryList(one), said) for name, said in CHOSEN.items()}
    if words is None and kind in ORDERED:
        fields |= {name: (one, said) for name, said in BETWEEN.items()}
    if words is None and kind is str:
        fields |= {name: (one, said) for name, said in WITHIN.items()}
    fields["isNull"] = bool, "Whether there is no value."
    return give(made, [ApiField(name, optional(type_), said) for name, (type_, said) in fields.items()])


def _list_filter(types: Types, noun: Noun) -> Type:
    name = f"{noun.name}ListFilter"
    if name in types.known:
        return types.known[name]
    made = types.known[name] = define(name, f"Conditions on a list of {noun.name} rows; all hold.", is_input=True)
    inner = optional(filter_input(types, noun))
    return give(made, [ApiField(quantifier, inner, said) for quantifier, said in QUANTIFIERS.items()])


def _custom(types: Types, noun: Noun, source: Grafted) -> Type:
    return types.made(
        f"{noun.name}CustomFilter",
        lambda: give(
            define(
                f"{noun.name}CustomFilter", f"Conditions on the fields that plugins add to {noun.name}.", is_input=True
            ),
            [
                ApiField(name, optional(comparison(types, one)), one.source.description)
                for name, one in source.fields.items()
            ],
        ),
    )


def _orderable(types: Types, noun: Noun) -> Type:
    return types.made(f"{noun.name}OrderField", lambda: _order_fields(noun))


def _order_fields(noun: Noun) -> StrawberryEnumDefinition:
    found = dict(_order_names(noun))
    name = f"{noun.name}OrderField"
    values = [EnumValue(upper, api, description=said) for upper, (api, said) in found.items()]
    cls = cast("Any", Enum)(name, {upper: api for upper, (api, _) in found.items()})
    return StrawberryEnumDefinition(
        wrapped_cls=cls, name=name, values=values, description=f"What {noun.name} rows can be ordered by."
    )


def _order_names(noun: Noun) -> Iterator[tuple[str, tuple[str, str]]]:
    for field in noun.fields.values():
        source = field.source
        if isinstance(source, Grafted):
            for name, one in source.fields.items():
                yield f"CUSTOM_{_upper(name)}", (f"custom.{name}", one.source.description)
        elif isinstance(source, Amount) or (
            isinstance(source, Column) and source.shown and source.compared and field.kind in COMPARED
        ):
            yield _upper(field.name), (field.name, source.description)


def _upper(name: str) -> str:
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


def _optional(name: str, type_: Type, description: str) -> StrawberryArgument:
    return argument(name, optional(type_), description, api=name)
