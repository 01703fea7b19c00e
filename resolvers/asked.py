"""What a command asks for, read off its dataclass once: the schema makes an input of it, and inputs become commands."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, dataclass, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any, Literal
from uuid import UUID

from domain.kernel import plugin
from domain.kernel.commands import ABSENT, Absent, Ref
from domain.kernel.errors import BadInput, Refusals, at
from resolvers.ids import ref
from resolvers.values import camel, json_value, used

CUSTOM = "custom"
_LISTS = {list, tuple, Sequence}
_KNOWN: dict[str, Any] = {
    "Absent": Absent,
    "Any": Any,
    "Decimal": Decimal,
    "Literal": Literal,
    "Ref": Ref,
    "Sequence": Sequence,
    "UUID": UUID,
    "date": date,
    "datetime": datetime,
}


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One field of a command or of a part of one.

    `kind` is a plain Python type, Ref, dict (custom fields) or a dataclass; `words` are what a text may say.
    """

    name: str
    api: str
    kind: Any
    description: str
    words: tuple[str, ...] = ()
    listed: bool = False
    nullable: bool = False
    required: bool = False
    secret: bool = False
    default: Any = None


@cache
def asked(shape: type) -> tuple[Asked, ...]:
    """The fields of a command or a part, in the order of the dataclass."""
    spelled = _annotations(shape)
    return tuple(_field(shape, one, spelled[one.name]) for one in fields(shape))


def taken(shape: type, given: Mapping[str, Any], record: str) -> Any:
    """The command (or part) that an input stands for; Refusals with every value that cannot be used.

    `record` is the type of records that the command answers with, whose custom fields it may set.
    """
    refusals = Refusals()
    values: dict[str, Any] = {}
    for one in asked(shape):
        if one.api in given:
            with refusals.at(one.api):
                values[one.name] = _value(one, given[one.api], record)
    refusals.settle()
    return shape(**values)


def public(shape: type, given: Mapping[str, Any]) -> dict[str, Any]:
    """The input without what is secret."""
    kinds = {one.api: one for one in asked(shape)}
    return {name: _public(kinds.get(name), value) for name, value in given.items() if not _is_secret(kinds, name)}


def _is_secret(kinds: Mapping[str, Asked], name: str) -> bool:
    return name in kinds and kinds[name].secret


def _public(one: Asked | None, value: Any) -> Any:
    if isinstance(value, list):
        return [_public(one, item) for item in value]
    if one is not None and isinstance(value, Mapping) and is_dataclass(one.kind):
        return public(typing.cast("type", one.kind), value)
    return value


def _value(one: Asked, value: Any, record: str) -> Any:
    if value is None:
        if one.nullable:
            return None
        raise BadInput("This cannot be null; leave it out, or give a value.")
    if not one.listed:
        return _single(one, value, record)
    refusals, found = Refusals(), []
    for index, item in enumerate(value):
        with refusals.at(index):
            found.append(_single(one, item, record))
    refusals.settle()
    return found


def _single(one: Asked, value: Any, record: str) -> Any:
    if is_dataclass(one.kind) and one.kind is not Ref:
        return taken(typing.cast("type", one.kind), value, record)
    if one.kind is dict:
        return _custom(value, record) if one.name == CUSTOM else json_value(value)
    plain = used(value)
    return ref(plain) if one.kind is Ref else plain


def _custom(value: Mapping[str, Any], record: str) -> dict[str, Any]:
    names = {camel(name): name for name in plugin.GRAFTED.on(record)}
    found = {}
    for api, given in value.items():
        with at(api):
            found[names.get(api, api)] = used(given)
    return found


def _annotations(shape: type) -> dict[str, Any]:
    known: dict[str, Any] = dict(_KNOWN)
    for base in reversed(shape.__mro__):
        known |= vars(sys.modules[base.__module__])
    return typing.get_type_hints(shape, known, known)


def _field(shape: type, one: Any, annotation: Any) -> Asked:
    inner, nullable = _stripped(annotation)
    listed = typing.get_origin(inner) in _LISTS
    if listed:
        inner, _ = _stripped(typing.get_args(inner)[0])
    words: tuple[str, ...] = ()
    if typing.get_origin(inner) is Literal:
        inner, words = str, typing.get_args(inner)
    kind = typing.get_origin(inner) or inner
    if not isinstance(kind, type):
        raise TypeError(f"{shape.__name__}.{one.name}: the API cannot ask for {annotation}")
    return Asked(
        name=one.name,
        api=camel(one.name),
        kind=kind,
        description=one.metadata.get("description", ""),
        words=words,
        listed=listed,
        nullable=nullable,
        required=one.default is MISSING and one.default_factory is MISSING,
        secret=one.metadata.get("secret", False),
        default=None if one.default in {MISSING, ABSENT} or callable(one.default) else one.default,
    )


def _stripped(annotation: Any) -> tuple[Any, bool]:
    if typing.get_origin(annotation) not in {typing.Union, types.UnionType}:
        return annotation, False
    options = typing.get_args(annotation)
    inner = [one for one in options if one not in {type(None), Absent}]
    if len(inner) != 1:
        raise TypeError(f"the API cannot ask for {annotation}; one type, None and Absent are all it knows")
    return inner[0], type(None) in options
