"""The schema is the manual: every name explains itself, and what is committed is what is served."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    is_introspection_type,
)

from domain.desks.worklist import speak, spoken
from domain.kernel.commands import COMMANDS
from domain.kernel.plugin import CustomField, Plugin, discover, graft
from schema.build import build, sdl
from tests.queries.api import house

COMMITTED = Path(__file__).parents[2] / "schema" / "schema.graphql"


def own_types() -> list[GraphQLNamedType]:
    types = house()._schema.type_map
    return [one for name, one in types.items() if not name.startswith("__") and not is_introspection_type(one)]


def silent(one: GraphQLNamedType) -> Iterator[str]:
    """The names within a type that say nothing."""
    if not (one.description or "").strip():
        yield one.name
    if isinstance(one, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        for name, field in one.fields.items():
            if not (field.description or "").strip():
                yield f"{one.name}.{name}"
            for argument, described in getattr(field, "args", {}).items():
                if not (described.description or "").strip():
                    yield f"{one.name}.{name}({argument})"
    if isinstance(one, GraphQLEnumType):
        yield from (f"{one.name}.{name}" for name, value in one.values.items() if not (value.description or "").strip())


def test_every_name_has_a_description() -> None:
    assert [name for one in own_types() for name in silent(one)] == []


def test_descriptions_are_written_for_people() -> None:
    """A sentence begins with a capital (or a name in backticks) and ends with a full stop."""
    for one in own_types():
        told = (one.description or "").strip()
        if one.name in {"ID", "Int", "String", "Boolean", "Float"}:
            continue
        assert told[0].isupper() or told[0] in '`0123456789"', one.name
        assert told[-1] in ".`…)", (one.name, told)


def test_the_committed_schema_is_the_one_that_is_served() -> None:
    assert COMMITTED.read_text() == sdl(house()), "run `make schema` and look at the difference"


def test_every_command_is_a_mutation_that_can_be_tried_and_repeated() -> None:
    mutation = house()._schema.mutation_type
    assert mutation is not None
    for name, verb in COMMANDS.items():
        field = mutation.fields[name[0].lower() + name[1:]]
        inputs = field.args["input"].type.of_type.fields  # type: ignore[attr-defined,union-attr]
        assert {"idempotencyKey", "validateOnly"} <= inputs.keys()
        payload: Any = field.type.of_type  # type: ignore[attr-defined,union-attr]
        assert "errors" in payload.fields
        assert verb.discloses.keys() <= payload.fields.keys()


def test_lists_are_connections_with_the_same_arguments_everywhere() -> None:
    for one in own_types():
        if not isinstance(one, GraphQLObjectType):
            continue
        for name, field in one.fields.items():
            if str(field.type).rstrip("!").endswith("Connection"):
                assert {"first", "last", "after", "before"} <= field.args.keys(), f"{one.name}.{name}"


def test_without_plugins_there_are_no_custom_fields() -> None:
    """What is built last is what the process speaks; the tests after this one speak as those before it."""
    whole, language = sdl(house()), spoken()
    try:
        bare = sdl(build())
    finally:
        graft(discover())
        speak(language)
    assert "custom:" not in bare
    assert "custom: PurchaseOrderCustom!" in whole


def test_two_plugins_that_add_the_same_field_do_not_start() -> None:
    def plugin(name: str, because: str) -> Plugin:
        field = CustomField(name="grade", on="product", kind="text", label="Grade.", because=because)
        return Plugin(name=name, version="1", description="", custom_fields=(field,))

    with pytest.raises(ValueError, match=r"second \(why not\) and first \(because\) both add 'grade' to product"):
        build([plugin("first", "because"), plugin("second", "why not")])
