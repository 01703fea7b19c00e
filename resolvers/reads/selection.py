"""What is selected of a value, fragments opened and conditions decided, as execution sees it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    SelectionSetNode,
    VariableValues,
    get_argument_values,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    is_abstract_type,
    is_list_type,
    is_non_null_type,
)
from strawberry.types.field import StrawberryField

from resolvers.sources import Field

DEFINITION = "strawberry-definition"
TYPENAME = "__typename"

Sets = tuple[SelectionSetNode, ...]


@dataclass(frozen=True, slots=True)
class Selected:
    """A field of an answer: its name there, the type that has it, and all nodes that ask for it."""

    name: str
    of: GraphQLObjectType
    nodes: tuple[FieldNode, ...]

    @property
    def word(self) -> str:
        """The name of the field in the schema."""
        return self.nodes[0].name.value

    @property
    def is_list(self) -> bool:
        """Whether its value is a list."""
        return is_list_type(get_nullable_type(self.type))

    @property
    def field(self) -> GraphQLField:
        return cast("GraphQLField", self.of.fields[self.word])

    @property
    def definition(self) -> Any:
        """The field as the schema was built of it."""
        return cast("StrawberryField", self.field.extensions[DEFINITION])

    @property
    def declared(self) -> Field | None:
        """Where its value comes from, if that was declared."""
        return cast("Field | None", self.definition.declared)

    @property
    def type(self) -> GraphQLOutputType:
        return self.field.type

    @property
    def required(self) -> bool:
        """Whether it cannot be null."""
        return is_non_null_type(self.field.type)

    @property
    def sets(self) -> Sets:
        """What is selected of its value."""
        return tuple(node.selection_set for node in self.nodes if node.selection_set is not None)

    def __hash__(self) -> int:
        return hash((self.name, self.of.name, tuple(map(id, self.nodes))))


class Selection:
    """Reads the selections of one operation, with the values of its variables, some of which may be slots."""

    def __init__(
        self,
        schema: GraphQLSchema,
        fragments: Mapping[str, FragmentDefinitionNode],
        values: VariableValues,
        *,
        slotted: bool = False,
    ) -> None:
        self.schema, self.slotted, self._fragments, self._values = schema, slotted, fragments, values

    def fields(self, sets: Iterable[SelectionSetNode], of: GraphQLObjectType) -> list[Selected]:
        """The fields selected of a value of this type, in their order, each once."""
        found: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        for one in sets:
            self._gather(one, of, found, seen)
        return [Selected(name, of, tuple(nodes)) for name, nodes in found.items()]

    def given(self, selected: Selected) -> dict[str, Any]:
        """The arguments of a field that were given, by their names in Python; GraphQLError for what does not fit."""
        found = get_argument_values(selected.field, selected.nodes[0], self._values)
        names = {one.graphql_name: one.python_name for one in selected.definition.arguments}
        return {names.get(name, name): value for name, value in found.items()}

    def possible(self, selected: Selected) -> list[GraphQLObjectType]:
        """The object types that a value of the field may be of."""
        named = get_named_type(selected.type)
        if is_abstract_type(named):
            return list(self.schema.get_possible_types(named))
        return [cast("GraphQLObjectType", named)]

    def type(self, name: str) -> GraphQLObjectType:
        """The object type of this name."""
        return cast("GraphQLObjectType", self.schema.type_map[name])

    def _gather(
        self, one: SelectionSetNode, of: GraphQLObjectType, found: dict[str, list[FieldNode]], seen: set[str]
    ) -> None:
        for node in one.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                if self._applies(node, of):
                    self._gather(node.selection_set, of, found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self._fragments[node.name.value]
                if self._applies(fragment, of):
                    self._gather(fragment.selection_set, of, found, seen)

    def _applies(self, fragment: InlineFragmentNode | FragmentDefinitionNode, of: GraphQLObjectType) -> bool:
        condition = fragment.type_condition
        if condition is None or condition.name.value == of.name:
            return True
        named = self.schema.type_map[condition.name.value]
        return is_abstract_type(named) and self.schema.is_sub_type(named, of)

    def _is_included(self, node: Any) -> bool:
        if not node.directives:
            return True
        skip = get_directive_values(GraphQLSkipDirective, node, self._values)
        include = get_directive_values(GraphQLIncludeDirective, node, self._values)
        return not (skip and skip["if"]) and not (include and not include["if"])
