"""What a part of a query selects, fragments opened and conditions decided, as execution would see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, cast

from graphql import (
    ArgumentNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLIncludeDirective,
    GraphQLNamedType,
    GraphQLSchema,
    GraphQLSkipDirective,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    VariableValues,
    Visitor,
    get_directive_values,
    get_named_type,
    get_nullable_type,
    get_variable_values,
    is_leaf_type,
    is_list_type,
    value_from_ast_untyped,
    visit,
)

from resolvers.sources import Field
from schema.pieces import ApiField

DEFINITION = "strawberry-definition"

Part = tuple[SelectionSetNode, GraphQLNamedType]
"""What is selected of a value, and the type it is selected of."""


@dataclass(frozen=True, slots=True)
class Selected:
    """A field of an answer by its name there; the nodes that ask for it, each with the type that it asks."""

    name: str
    asked: tuple[tuple[GraphQLNamedType, FieldNode], ...]

    @property
    def node(self) -> FieldNode:
        return self.asked[0][1]

    @property
    def of(self) -> str:
        """The name of the field in the schema."""
        return self.node.name.value

    @property
    def declared(self) -> list[Field]:
        """The field as it was declared, for each of the types; nothing for what says no more than the type."""
        found = (_defined(parent, node) for parent, node in self.asked)
        pieces = [one.extensions.get(DEFINITION) for one in found if one is not None]
        return [one.declared for one in pieces if isinstance(one, ApiField) and one.declared is not None]

    @property
    def type(self) -> GraphQLNamedType | None:
        """The type of its value, or of the values in its list; None for the name of a type."""
        field = _defined(*self.asked[0])
        return None if field is None else get_named_type(field.type)

    @property
    def is_list(self) -> bool:
        field = _defined(*self.asked[0])
        return field is not None and is_list_type(get_nullable_type(field.type))

    @property
    def is_leaf(self) -> bool:
        return self.type is None or is_leaf_type(self.type)

    @property
    def parts(self) -> list[Part]:
        """What is selected of its value."""
        found = ((node.selection_set, _defined(parent, node)) for parent, node in self.asked)
        return [
            (inner, get_named_type(field.type)) for inner, field in found if inner is not None and field is not None
        ]


class Selection:
    """One operation of a document, with the values of its variables; GraphQLError for values that do not fit."""

    def __init__(
        self, schema: GraphQLSchema, document: DocumentNode, operation: OperationDefinitionNode, given: dict[str, Any]
    ) -> None:
        self._schema = schema
        known = (one for one in document.definitions if isinstance(one, FragmentDefinitionNode))
        self.fragments = {one.name.value: one for one in known}
        values = get_variable_values(schema, operation.variable_definitions or (), given)
        if isinstance(values, list):
            raise values[0]
        self.values: VariableValues = values

    def fields(self, parts: Iterable[Part]) -> list[Selected]:
        """The fields that are selected of a value, in their order, each once."""
        found: dict[str, list[tuple[GraphQLNamedType, FieldNode]]] = {}
        seen: set[str] = set()
        for selections, parent in parts:
            self._gather(selections, parent, found, seen)
        return [Selected(name, tuple(asked)) for name, asked in found.items()]

    def value(self, argument: ArgumentNode) -> Any:
        """The value of an argument; None if it is null, or a variable without a value."""
        if isinstance(argument.value, VariableNode):
            return self.values.coerced.get(argument.value.name.value)
        return value_from_ast_untyped(argument.value)

    def used(self, nodes: Iterable[Any]) -> tuple[set[str], set[str]]:
        """The names of the fragments, and those of the variables, that nodes of the document use."""
        notes, waiting = _Notes(), list(nodes)
        while waiting:
            known = set(notes.fragments)
            visit(waiting.pop(), notes)
            waiting += [self.fragments[name] for name in notes.fragments - known]
        return notes.fragments, notes.variables

    def _gather(
        self,
        selections: SelectionSetNode,
        parent: GraphQLNamedType,
        found: dict[str, list[tuple[GraphQLNamedType, FieldNode]]],
        seen: set[str],
    ) -> None:
        for node in selections.selections:
            if not self._is_included(node):
                continue
            if isinstance(node, FieldNode):
                found.setdefault((node.alias or node.name).value, []).append((parent, node))
            elif isinstance(node, InlineFragmentNode):
                self._gather(node.selection_set, self._narrowed(node, parent), found, seen)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                fragment = self.fragments[node.name.value]
                self._gather(fragment.selection_set, self._narrowed(fragment, parent), found, seen)

    def _narrowed(
        self, fragment: InlineFragmentNode | FragmentDefinitionNode, parent: GraphQLNamedType
    ) -> GraphQLNamedType:
        condition = fragment.type_condition
        return parent if condition is None else self._schema.type_map[condition.name.value]

    def _is_included(self, node: Any) -> bool:
        skip = get_directive_values(GraphQLSkipDirective, node, self.values)
        include = get_directive_values(GraphQLIncludeDirective, node, self.values)
        return not (skip and skip["if"]) and not (include and not include["if"])


class _Notes(Visitor):
    def __init__(self) -> None:
        super().__init__()
        self.fragments: set[str] = set()
        self.variables: set[str] = set()

    def enter_fragment_spread(self, node: FragmentSpreadNode, *_: Any) -> None:
        self.fragments.add(node.name.value)

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.variables.add(node.name.value)


def _defined(parent: GraphQLNamedType, node: FieldNode) -> GraphQLField | None:
    """The field of the type; None for what every type, or the root, has by the language itself."""
    found: GraphQLField | None = cast("Any", parent).fields.get(node.name.value)
    return found
