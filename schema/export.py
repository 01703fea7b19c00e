"""What an export asks for: an ordinary query for one list, which is read page by page, and the columns of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    print_ast,
    validate,
)
from strawberry import Schema

from domain.kernel.actor import Actor
from domain.kernel.errors import at
from resolvers.scope import must_enter, must_see
from resolvers.sources import Field, Many, Pages
from schema.selection import Part, Selected, Selection

SIZE, AFTER = "__size", "__after"
PARTS = ("last", "before", "after")
COUNTED = ("first", "last")
ROWS = frozenset({"nodes", "edges"})

Node = Mapping[str, Any]
Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """A leaf of the rows: the names that lead to it, the type of its value, and whether it is a list of such values."""

    path: Path
    type: str
    is_list: bool = False

    @property
    def name(self) -> str:
        return ".".join(self.path)


@dataclass(frozen=True, kw_only=True)
class Export:
    """A list to be exported.

    `document` is the query for one page of it, with the variables SIZE and AFTER besides `variables`; the page stands
    under `name` in the answer. At most `most` rows are wanted. `lists` are the lists within a row.
    """

    name: str
    of: str
    document: str
    variables: Mapping[str, Any]
    most: int | None
    columns: tuple[Column, ...]
    lists: tuple[Path, ...]
    fields: tuple[tuple[Path, Field], ...]

    def check(self, actor: Actor) -> None:
        """Raises Forbidden where the actor may not see a column, whether or not there will be a row to see it in."""
        for path, field in self.fields:
            with at(*path):
                must_see(field.source, actor)
                if isinstance(field.source, Pages) or (isinstance(field.source, Many) and field.leads_to.right):
                    must_enter(field.leads_to, actor)

    def must_be_flat(self) -> None:
        """GraphQLError if there is more than one list within a row, since a table has only rows."""
        if len(self.lists) > 1:
            first, second = (".".join(one) for one in self.lists[:2])
            raise GraphQLError(
                f"A row holds two lists, `{first}` and `{second}`, and a table can unfold one; leave one out, "
                "export it by itself, or take JSON lines."
            )

    def rows(self, node: Node) -> Iterator[list[Any]]:
        """The rows of a table that a node makes: one, or one for each entry of the list within it."""
        outer = self.lists[0] if self.lists else None
        entries = [node] if outer is None else _reached(node, outer) or [None]
        for entry in entries:
            yield [
                _reached(entry, one.path[len(outer) :])
                if outer is not None and one.path[: len(outer)] == outer
                else _reached(node, one.path)
                for one in self.columns
            ]


def export(schema: Schema, document: DocumentNode, operation: str | None, given: dict[str, Any]) -> Export:
    """The export that a query stands for; GraphQLError if it cannot be one."""
    core = schema._schema  # noqa: SLF001 - strawberry has no other way
    for error in validate(core, document, max_errors=1):
        raise error
    asked = _operation(document, operation)
    selection = Selection(core, document, asked, given)
    root = _root(core, selection, asked)
    row = _row_of(root, selection)
    walk = _Walk(selection)
    walk.through(selection.fields(row), ())
    if not walk.columns:
        raise GraphQLError("The rows have no column; select a field that is not left out.", root.node)
    page, variables = _page(selection, asked, root, row)
    return Export(
        name=root.name,
        of=root.of,
        document=page,
        variables={name: value for name, value in given.items() if name in variables},
        most=_most(root, selection),
        columns=tuple(walk.columns),
        lists=tuple(walk.lists),
        fields=(*(((root.name,), one) for one in root.declared), *walk.fields),
    )


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode:
    found = [one for one in document.definitions if isinstance(one, OperationDefinitionNode)]
    chosen = next(one for one in found if name is None or (one.name is not None and one.name.value == name))
    if chosen.operation is not OperationType.QUERY:
        raise GraphQLError("Only a query can be exported.")
    return chosen


def _root(schema: GraphQLSchema, selection: Selection, asked: OperationDefinitionNode) -> Selected:
    if schema.query_type is None:
        raise GraphQLError("There is nothing to be asked.")
    fields = selection.fields([(asked.selection_set, schema.query_type)])
    if len(fields) != 1 or not any(isinstance(one.source, Pages) for one in fields[0].declared):
        raise GraphQLError(
            "An export asks for exactly one list, such as { purchaseOrders { nodes { number } } }, and nothing beside."
        )
    for argument in fields[0].node.arguments or ():
        if argument.name.value in PARTS and selection.value(argument) is not None:
            raise GraphQLError(f"An export is the whole list; leave out `{argument.name.value}`.", argument)
    return fields[0]


def _row_of(root: Selected, selection: Selection) -> list[Part]:
    """What is selected of a row, whether rows are asked for as nodes or as edges."""
    lists = [one for one in selection.fields(root.parts) if one.of in ROWS]
    if len(lists) == 1 and lists[0].of == "edges":
        lists = [one for one in selection.fields(lists[0].parts) if one.of == "node"]
    if len(lists) != 1:
        raise GraphQLError(f"Say once which fields a row has: {root.of} {{ nodes {{ … }} }}.", root.node)
    return lists[0].parts


class _Walk:
    """Goes through all that is selected of a row."""

    def __init__(self, selection: Selection) -> None:
        self._selection = selection
        self.columns: list[Column] = []
        self.lists: list[Path] = []
        self.fields: list[tuple[Path, Field]] = []

    def through(self, fields: Iterable[Selected], path: Path) -> None:
        for one in fields:
            here = (*path, one.name)
            self.fields += [(here, field) for field in one.declared]
            if one.is_leaf:
                self.columns.append(Column(here, one.type.name if one.type else "String", is_list=one.is_list))
                continue
            inner = self._selection.fields(one.parts)
            if any(isinstance(field.source, Pages) for field in one.declared):
                self._must_be_counted(one, inner)
            if one.is_list:
                self.lists.append(here)
            self.through(inner, here)

    def _must_be_counted(self, one: Selected, inner: list[Selected]) -> None:
        counts = [argument for argument in one.node.arguments or () if argument.name.value in COUNTED]
        is_counted = any(self._selection.value(argument) is not None for argument in counts)
        if ROWS & {field.of for field in inner} and not is_counted:
            raise GraphQLError(
                f"`{one.of}` within a row gives but a part of that list; say how many with `first`, "
                "or export that list by itself.",
                one.node,
            )


def _most(root: Selected, selection: Selection) -> int | None:
    for argument in root.node.arguments or ():
        if argument.name.value == "first" and (most := selection.value(argument)) is not None:
            if not isinstance(most, int) or most < 0:
                raise GraphQLError("Give `first` as a number from 0, or leave it out to get all rows.", argument)
            return most
    return None


def _page(
    selection: Selection, asked: OperationDefinitionNode, root: Selected, row: list[Part]
) -> tuple[str, set[str]]:
    """The text of the query for one page, and the names of the variables that are left in it."""
    given = [one for one in root.node.arguments or () if one.name.value not in {"first", *PARTS}]
    selections = [one for selected, _ in row for one in selected.selections]
    fragments, variables = selection.used([*given, *selections])
    known = [one for one in asked.variable_definitions or () if one.variable.name.value in variables]
    asking = ", ".join([*map(print_ast, known), f"${SIZE}: Int!", f"${AFTER}: String"])
    arguments = ", ".join([*map(print_ast, given), f"first: ${SIZE}", f"after: ${AFTER}"])
    nodes = " ".join(map(print_ast, selections))
    others = " ".join(print_ast(one) for name, one in selection.fragments.items() if name in fragments)
    rest = "pageInfo { hasNextPage endCursor }"
    name = asked.name.value if asked.name else ""
    return (
        f"query {name} ({asking}) {{ {root.name}: {root.of}({arguments}) {{ nodes {{ {nodes} }} {rest} }} }} {others}",
        variables,
    )


def _reached(value: Any, path: Path) -> Any:
    for name in path:
        value = None if value is None else value.get(name)
    return value
