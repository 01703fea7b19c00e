from __future__ import annotations

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
)

from schema.build import sdl
from tests.house.sources import ROOT
from tests.queries.api import house

COMMITTED = ROOT / "schema" / "schema.graphql"
BUILT = sdl(house())


def test_the_committed_schema_is_the_one_the_code_builds() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == BUILT, (
        "The API changed; run `make schema` and commit what it writes."
    )


def test_every_name_of_the_api_is_described() -> None:
    """Descriptions are the manual; a client reads nothing else."""
    types = [one for name, one in build_schema(BUILT).type_map.items() if not name.startswith("__")]
    silent = [name for one in types if not is_standard(one) for name, said in names(one) if not (said or "").strip()]
    assert not silent, f"{len(silent)} names have no description: {', '.join(silent[:20])}"


def test_no_number_of_the_api_is_binary() -> None:
    assert "Float" not in build_schema(BUILT).type_map


def is_standard(one: GraphQLNamedType) -> bool:
    return one.name in {"String", "Int", "Boolean", "ID"}


def names(one: GraphQLNamedType) -> list[tuple[str, str | None]]:
    """Everything that a type names, itself included, each with what is said of it."""
    found = [(one.name, one.description)]
    if isinstance(one, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in one.fields.items():
            found.append((f"{one.name}.{name}", field.description))
            found += [(f"{one.name}.{name}({it})", argument.description) for it, argument in field.args.items()]
    if isinstance(one, GraphQLInputObjectType):
        found += [(f"{one.name}.{name}", field.description) for name, field in one.fields.items()]
    if isinstance(one, GraphQLEnumType):
        found += [(f"{one.name}.{name}", value.description) for name, value in one.values.items()]
    return found
