"""The few pieces of Strawberry that a generated schema is made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING
from enum import Enum
from typing import Any, cast

from strawberry import UNSET
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.base import StrawberryObjectDefinition, StrawberryOptional, get_object_definition
from strawberry.types.enum import EnumValue, StrawberryEnumDefinition
from strawberry.types.field import StrawberryField

from resolvers.reads.forms import upper
from resolvers.sources import Field, Words

Type = Any
"""A type as Strawberry knows it: a StrawberryType, or a class with a definition."""


class ApiField(StrawberryField):
    """A field whose type is known, and whose value follows from the row alone (`plain`) or from the operation."""

    def __init__(
        self,
        name: str,
        type_: Type,
        description: str,
        *,
        plain: Callable[[Any], Any] | None = None,
        fetched: Callable[[Any, Any, Mapping[str, Any]], Any] | None = None,
        arguments: Sequence[StrawberryArgument] = (),
        subscription: bool = False,
        default: Any = MISSING,
        declared: Field | None = None,
    ) -> None:
        super().__init__(
            python_name=name,
            graphql_name=name,
            description=description,
            default=default,
            is_subscription=subscription,
        )
        self._known_type = type_
        self._plain, self._fetched = plain, fetched
        self._arguments = list(arguments)
        self.declared = declared

    def resolve_type(self, *, type_definition: StrawberryObjectDefinition | None = None) -> Any:  # noqa: ARG002
        return self._known_type

    @property
    def is_basic_field(self) -> bool:
        return self._fetched is None

    def get_result(self, source: Any, info: Any, args: list[Any], kwargs: Any) -> Any:  # noqa: ARG002
        if self._fetched is not None:
            return self._fetched(source, info.context, kwargs)
        return self._plain(source) if self._plain is not None else None


def define(
    name: str,
    description: str,
    *,
    is_input: bool = False,
    is_interface: bool = False,
    interfaces: Sequence[type] = (),
    type_of: Callable[[Any], str] | None = None,
) -> type:
    """A type without fields yet; `type_of` tells an interface which type a value is of."""
    cls = type(name, (), {})
    definition = StrawberryObjectDefinition(
        name=name,
        is_input=is_input,
        is_interface=is_interface,
        origin=cls,
        description=description,
        interfaces=[get_object_definition(one, strict=True) for one in interfaces],
        extend=False,
        directives=(),
        is_type_of=(lambda _value, _info: True) if interfaces else None,
        resolve_type=(lambda value, _info, _type: type_of(value)) if type_of is not None else None,
        fields=[],
        from_input=(lambda _cls, value, _context: dict(value)) if is_input else None,
    )
    cls.__strawberry_definition__ = definition  # type: ignore[attr-defined]
    return cls


def give(cls: type, fields: Sequence[ApiField]) -> type:
    """Give a type its fields."""
    get_object_definition(cls, strict=True).fields.extend(fields)
    return cls


def enum_of(words: Words) -> StrawberryEnumDefinition:
    """An enum over the domain's words; whatever is no word of a program is written with underscores."""
    members = {upper(word): word for word in words.values}
    cls = cast("Any", Enum)(words.name, members)
    values = [EnumValue(name, word, description=words.values[word]) for name, word in members.items()]
    definition = StrawberryEnumDefinition(
        wrapped_cls=cls, name=words.name, values=values, description=words.description
    )
    cls.__strawberry_definition__ = definition
    return definition


def optional(type_: Type) -> Type:
    """The same, or null."""
    return type_ if isinstance(type_, StrawberryOptional) else StrawberryOptional(type_)


def argument(name: str, type_: Type, description: str, *, api: str, default: Any = UNSET) -> StrawberryArgument:
    """An argument of a field, `api` to clients."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=api,
        type_annotation=StrawberryAnnotation(type_),
        description=description,
        default=default,
    )
