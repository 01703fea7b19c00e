"""The values of variables: what of them decides the shape of a plan, and slots for what does not.

Values that are compared with something are slots, and so are texts, ids, decimals, days and moments by themselves.
Booleans, numbers of rows, orders, and which conditions a filter has at all, are the shape.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import Any, cast

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    VariableValues,
    is_leaf_type,
)

from resolvers.slots import Bind, Slot, Steps

COMPARISON = "Comparison"
"""How the types of comparisons end."""
SHAPING = frozenset({"Boolean", "Int"})
SLOT = "?"

Types = Mapping[str, GraphQLInputType]


def shape_of(types: Types, values: Mapping[str, Any]) -> Hashable:
    """What a plan depends on; equal for values that one plan serves."""
    return tuple((name, _shape(type_, values[name])) for name, type_ in types.items() if name in values)


def slotted(types: Types, values: VariableValues, binds: list[Bind]) -> VariableValues:
    """The same variables, with slots for what is no shape; `binds` will hold what is made of them."""
    slots = {
        name: _slotted(types[name], values.coerced[name], (name,), binds) for name in types if name in values.coerced
    }
    coerced = {**values.coerced, **slots}
    return VariableValues(values.sources, coerced)


def _shape(type_: Any, value: Any, *, compared: bool = False) -> Hashable:
    type_ = _plain(type_)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        if is_leaf_type(_plain(type_.of_type)):
            return SLOT
        return tuple(_shape(type_.of_type, one) for one in value)
    if isinstance(type_, GraphQLInputObjectType):
        within = type_.name.endswith(COMPARISON)
        return tuple((name, _shape(type_.fields[name].type, one, compared=within)) for name, one in value.items())
    return cast("Hashable", value) if _is_shape(type_, compared=compared) else SLOT


def _slotted(type_: Any, value: Any, steps: Steps, binds: list[Bind], *, compared: bool = False) -> Any:
    type_ = _plain(type_)
    if value is None:
        return None
    if isinstance(type_, GraphQLList):
        if is_leaf_type(_plain(type_.of_type)):
            return Slot(steps, binds)
        return [_slotted(type_.of_type, one, (*steps, place), binds) for place, one in enumerate(value)]
    if isinstance(type_, GraphQLInputObjectType):
        within = type_.name.endswith(COMPARISON)
        return {
            name: _slotted(type_.fields[name].type, one, (*steps, name), binds, compared=within)
            for name, one in value.items()
        }
    return value if _is_shape(type_, compared=compared) else Slot(steps, binds)


def _is_shape(type_: Any, *, compared: bool) -> bool:
    if type_.name == "Boolean":
        return True
    return not compared and (isinstance(type_, GraphQLEnumType) or type_.name in SHAPING)


def _plain(type_: Any) -> Any:
    return type_.of_type if isinstance(type_, GraphQLNonNull) else type_
