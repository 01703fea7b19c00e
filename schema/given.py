"""What was kept as JSON becomes the arguments of a field at the root, by the same types as what a request brings."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from graphql import GraphQLError, GraphQLObjectType
from graphql.utilities import coerce_input_value, validate_input_value
from strawberry import Schema

from domain.kernel.errors import BadInput, Refusals

Given = Mapping[str, Any]


def given_to(schema: Schema) -> Callable[[str, Given], Given]:
    """Reads arguments for a field at the root; raises Refusals with all that do not fit, each at its place."""
    root: GraphQLObjectType = schema._schema.query_type  # type: ignore[assignment] # noqa: SLF001 - strawberry has no other way

    def read(field: str, given: Given) -> Given:
        known, refusals, found = root.fields[field].args, Refusals(), {}
        for name, value in given.items():
            with refusals.at(name):
                if name not in known:
                    raise BadInput(f"The list {field} takes none; leave it out.")
                _must_fit(value, known[name].type)
                found[name] = coerce_input_value(value, known[name].type)
        refusals.settle()
        return found

    return read


def _must_fit(value: Any, type_: Any) -> None:
    refusals = Refusals()

    def note(error: GraphQLError, path: list[str | int]) -> None:
        with refusals.at(*path):
            raise BadInput(error.message)

    validate_input_value(value, type_, note)
    refusals.settle()
