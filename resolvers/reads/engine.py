"""The engine: documents become plans, plans are kept and run."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLInputType,
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    VariableValues,
    get_variable_values,
    type_from_ast,
)

from domain.kernel.errors import Refused
from resolvers.asking import stance
from resolvers.context import Context
from resolvers.reads.given import shape_of, slotted
from resolvers.reads.pieces import Piece
from resolvers.reads.plans import Making, Plan
from resolvers.reads.running import Running
from resolvers.reads.selection import Selected, Selection
from resolvers.slots import Bind, Unplanned
from resolvers.sources import Noun

KEPT = 64
"""So many plans are kept of one document."""


class Declined(Exception):
    """The engine does not answer this; its message says why."""


@dataclass(eq=False)
class Prepared:
    """One operation of a document: what of it never changes, and its plans by what does."""

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    types: Mapping[str, GraphQLInputType]
    plans: OrderedDict[Hashable, Plan] = field(default_factory=OrderedDict)


class Engine:
    """Answers queries against one schema."""

    def __init__(self, schema: GraphQLSchema, nouns: Mapping[str, Noun], root: Noun) -> None:
        self._schema, self._nouns, self._root = schema, nouns, root

    def prepared(self, document: DocumentNode, operation: OperationDefinitionNode) -> Prepared:
        """An operation of a valid document, ready to be answered; raises Declined."""
        if operation.operation is not OperationType.QUERY:
            raise Declined("it is no query")
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        types: dict[str, Any] = {
            one.variable.name.value: type_from_ast(self._schema, one.type)  # type: ignore[call-overload]
            for one in operation.variable_definitions or ()
        }
        return Prepared(operation, fragments, types)

    async def answer(self, prepared: Prepared, variables: Mapping[str, Any], context: Context) -> Piece:
        """The data and what went wrong; GraphQLError for variables that do not fit, Declined for what is not ours."""
        if context.actor is None:
            raise Declined("nobody signed in")
        known = get_variable_values(self._schema, prepared.operation.variable_definitions or (), dict(variables))
        if isinstance(known, list):
            raise Declined("the variables do not fit")
        try:
            plan = self._plan(prepared, known, context)
            return await Running(context, known.coerced).root(plan)
        except (Refused, Unplanned):
            plan = self._planned(prepared, known, context, [])
            return await Running(context, known.coerced).root(plan)

    def _plan(self, prepared: Prepared, known: VariableValues, context: Context) -> Plan:
        key = shape_of(prepared.types, known.coerced), stance(context.asking)
        plan = prepared.plans.get(key)
        if plan is None:
            binds: list[Bind] = []
            plan = self._planned(prepared, slotted(prepared.types, known, binds), context, binds)
            prepared.plans[key] = plan
            if len(prepared.plans) > KEPT:
                prepared.plans.popitem(last=False)
        prepared.plans.move_to_end(key)
        return plan

    def _planned(self, prepared: Prepared, values: VariableValues, context: Context, binds: list[Bind]) -> Plan:
        root = self._schema.query_type
        if root is None:
            raise Declined("there is nothing to be asked")
        selection = Selection(self._schema, prepared.fragments, values)
        sets = (prepared.operation.selection_set,)
        for one in selection.fields(sets, root):
            if one.word in {"__schema", "__type"}:
                raise Declined("it asks for the schema")
        making = Making(selection, context.asking, self._nouns, self._root, binds)
        return making.of_root(sets, root, Selected("data", root, ()))
