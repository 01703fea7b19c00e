"""The inputs that follow from commands: one per command, one per part, and the fields that plugins add."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, is_dataclass
from typing import Any, get_args, get_origin

from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryList
from strawberry.types.enum import StrawberryEnumDefinition

from domain.kernel.commands import Command, Ref
from resolvers.asked import CUSTOM, Asked, asked
from resolvers.sources import Argument, Custom, Grafted, Noun, Words
from resolvers.values import ID, JSON, CountryCode, CurrencyCode, camel
from schema.link import stripped
from schema.pieces import ApiField, Type, argument, define, give, optional
from schema.types import Types, described
from schema.words import ALL, SAID

NAMED: Mapping[str, Any] = {
    "currency": CurrencyCode,
    "country": CountryCode,
    "base": CurrencyCode,
    "quote": CurrencyCode,
}
"""Texts that are codes, by the names of their fields."""
PRINTED = (bool, int, str)
"""The kinds of defaults that the schema tells."""


def input_of(types: Types, shape: type, record: Noun | None, name: str, *more: ApiField) -> Type:
    """The input that a command, or a part of one, is made from; `record` has the custom fields it may set."""
    if name in types.known:
        return types.known[name]
    made = types.known[name] = define(name, described(shape), is_input=True)
    fields = [_field(types, shape, one, record) for one in asked(shape)]
    return give(made, [*(one for one in fields if one is not None), *more])


def part_name(shape: type) -> str:
    """The name of the input for a part; a command is one of a bulk command's items."""
    suffix = "Item" if issubclass(shape, Command) else "" if shape.__name__.endswith("Filter") else "Input"
    return shape.__name__.removesuffix("Entry") + suffix


def arguments_of(types: Types, given: Mapping[str, Argument]) -> list[StrawberryArgument]:
    """The arguments that a declaration names."""
    return [
        argument(name, _argument_type(types, one), one.description, api=one.api or camel(name))
        for name, one in given.items()
    ]


def _argument_type(types: Types, one: Argument) -> Type:
    shape = stripped(one.kind)
    if isinstance(shape, type) and is_dataclass(shape):
        return optional(input_of(types, shape, None, part_name(shape)))
    if get_origin(one.kind) is list:
        return StrawberryList(types.of(get_args(one.kind)[0], one.words))
    return types.of(one.kind, one.words)


def _field(types: Types, shape: type, one: Asked, record: Noun | None) -> ApiField | None:
    inner = type_ = _type(types, shape, one, record)
    if type_ is None:
        return None
    if one.listed:
        type_ = StrawberryList(type_)
    if one.nullable or not one.required:
        type_ = optional(type_)
    return ApiField(one.api, type_, one.description, default=_default(one, inner))


def _type(types: Types, shape: type, one: Asked, record: Noun | None) -> Type | None:
    if one.kind is Ref:
        return ID
    if one.kind is dict:
        return _custom(types, record) if one.name == CUSTOM else JSON
    if isinstance(one.kind, type) and is_dataclass(one.kind):
        return input_of(types, one.kind, record, part_name(one.kind))
    words = SAID.get((shape.__name__, one.name)) or _words(one)
    if words is not None:
        return types.enum(words)
    return NAMED.get(one.name, one.kind) if one.kind is str else one.kind


def _words(one: Asked) -> Words | None:
    return next((words for words in ALL if set(words.values) == set(one.words)), None) if one.words else None


def _default(one: Asked, type_: Type) -> Any:
    told = type(one.default) in PRINTED and one.kind in PRINTED
    if not told:
        return MISSING
    return type_.wrapped_cls(one.default) if isinstance(type_, StrawberryEnumDefinition) else one.default


def _custom(types: Types, record: Noun | None) -> Type | None:
    source = record.fields["custom"].source if record is not None and "custom" in record.fields else None
    if record is None or not isinstance(source, Grafted):
        return None
    name = f"{record.name}CustomInput"
    return types.made(name, lambda: _custom_input(types, name, record, source))


def _custom_input(types: Types, name: str, record: Noun, source: Grafted) -> Type:
    made = define(name, f"The fields that plugins add to {record.name}; what is not given stays.", is_input=True)
    fields = []
    for api, field in source.fields.items():
        words = field.source.words if isinstance(field.source, Custom) else None
        type_ = types.enum(words) if words is not None else field.kind
        fields.append(ApiField(api, optional(type_), field.source.description))
    return give(made, fields)
