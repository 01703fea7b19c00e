"""The engine: documents become plans, plans are kept and run."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Hashable, Mapping, Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import Any, cast

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLInputType,
    GraphQLObjectType,
    GraphQLSchema,
    OperationDefinitionNode,
    VariableNode,
    VariableValues,
    Visitor,
    get_nullable_type,
    get_variable_values,
    is_list_type,
    type_from_ast,
    visit,
)

from domain.kernel.actor import Actor
from domain.kernel.errors import Refused, TooMuch
from domain.kernel.outlook import is_lasting
from resolvers.asking import stance
from resolvers.context import Context
from resolvers.keeping import Kept
from resolvers.reads.costing import USUAL, must_be_affordable
from resolvers.reads.forms import json_text
from resolvers.reads.given import shape_of, slotted
from resolvers.reads.pieces import Piece, failed, of_object
from resolvers.reads.plans import BARE, Making, Plan
from resolvers.reads.running import Running
from resolvers.reads.selection import TYPENAME, Selected, Selection
from resolvers.reads.shaping import Info, Shaping
from resolvers.slots import Bind, Unplanned
from resolvers.sources import Noun, One

log = logging.getLogger("tradegraph")
KEPT = 32 << 20
"""So many bytes of plans are kept, of all documents together."""
NOTHING: Mapping[str, GraphQLInputType] = {}
TOKEN, PLANNED = 400, 150
"""About how many bytes a token of a document takes, and what is planned for it."""
OF_SCHEMA = frozenset({"__schema", "__type"})
UNASKED = (Refused, Unplanned)
"""How a value is wrong, or wanting, that nothing needs where there are no rows to ask of."""
NOBODY = Actor(tenant=0, name="nobody")


class Declined(Exception):
    """The engine does not answer this; its message says why."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """One operation of a valid document: what of it does not change from one request to the next.

    `below` are the types of the variables that are used below the fields at the root, `tokens` the document's length.
    """

    operation: OperationDefinitionNode
    fragments: Mapping[str, FragmentDefinitionNode]
    root: GraphQLObjectType
    types: Mapping[str, GraphQLInputType]
    below: Mapping[str, GraphQLInputType]
    tokens: int

    @property
    def weight(self) -> int:
        """About how many bytes the document takes."""
        return self.tokens * TOKEN


Key = tuple[Prepared, Hashable, Hashable]


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, with what it was reckoned to cost."""

    piece: Piece
    cost: int


class Engine:
    """Answers operations against one schema."""

    def __init__(self, schema: GraphQLSchema, nouns: Mapping[str, Noun], root: Noun) -> None:
        self._schema, self._nouns, self._root = schema, nouns, root
        self.kept: Kept[Key, Plan | None] = Kept(KEPT, _weight)

    def prepared(self, document: DocumentNode, operation: OperationDefinitionNode) -> Prepared:
        """An operation of a valid document, ready to be answered."""
        fragments = {one.name.value: one for one in document.definitions if isinstance(one, FragmentDefinitionNode)}
        types: dict[str, Any] = {
            one.variable.name.value: type_from_ast(self._schema, one.type)
            for one in operation.variable_definitions or ()
        }
        root = self._schema.get_root_type(operation.operation)
        if root is None:
            raise Declined("the schema has no such root")
        used = _Variables()
        for one in (*operation.selection_set.selections, *fragments.values()):
            if (inner := getattr(one, "selection_set", None)) is not None:
                visit(inner, used)
        below = {name: type_ for name, type_ in types.items() if name in used.names}
        return Prepared(operation, fragments, root, types, below, _tokens(document))

    def values(self, prepared: Prepared, variables: Mapping[str, Any]) -> VariableValues:
        """The variables as the operation takes them; Declined for what does not fit."""
        known = get_variable_values(self._schema, prepared.operation.variable_definitions or (), dict(variables))
        if isinstance(known, list):
            raise Declined("the variables do not fit")
        return known

    async def query(self, prepared: Prepared, known: VariableValues, context: Context) -> Answered:
        """The answer to a query."""
        if context.actor is None:
            raise Declined("nobody signed in")
        running = Running(context, known.coerced)
        try:
            piece = await running.root(self._plan(prepared, known, context.actor))
            return Answered(piece, running.spent)
        except Declined:
            raise
        except Exception as error:
            roots = [one for one in self.roots(prepared, known) if one.word not in OF_SCHEMA]
            if is_lasting(error) or isinstance(error, TooMuch):
                return _refused(roots, error, running.spent)
            again = Running(context, known.coerced)
            answered = await self._by_field(roots, self._making(prepared, known, context.actor), again)
            if not answered.piece.flaws and not isinstance(error, UNASKED):
                log.warning("what went wrong did not come again", extra={"request": context.request_id}, exc_info=error)
            return answered

    async def _by_field(self, roots: Sequence[Selected], making: Making, running: Running) -> Answered:
        """Each field at the root by itself and with its very values, so that what is wrong is told at its place."""
        pieces = []
        for one in roots:
            try:
                plan = making.of_root([one], one.of, composing=False)
                pieces.append((one, one.name, await running.field(plan)))
            except Exception as error:  # noqa: BLE001 - told at its field, and logged with the answer
                pieces.append((one, one.name, failed(error, one)))
        return Answered(of_object(pieces), running.spent)

    async def mutation(self, prepared: Prepared, known: VariableValues, context: Context) -> Answered:
        """The answer to a mutation: its fields are carried out one after the other."""
        roots, pieces = self.roots(prepared, known), []
        requested = sum(self._foreseen(one, self._bare(one, prepared, known, context)) for one in roots)
        try:
            must_be_affordable(requested)
        except TooMuch as error:
            return _refused(roots, error, requested)
        running = Running(context, known.coerced)
        for one in roots:
            try:
                said = await self._said(one, prepared, known, context)
                piece = await self._completed(said, one, prepared, known, running)
            except Exception as error:  # noqa: BLE001 - told at its field, and logged with the answer
                piece = failed(error, one)
            pieces.append((one, one.name, piece))
        return Answered(of_object(pieces), requested)

    async def subscription(self, prepared: Prepared, known: VariableValues, context: Context) -> AsyncGenerator[Piece]:
        """The answers of a subscription, one for each event; what cannot be followed is raised before the first."""
        (one,) = self.roots(prepared, known)
        events = await self._said(one, prepared, known, context)

        async def followed() -> AsyncGenerator[Piece]:
            async for event in events:
                piece = await self._completed(event, one, prepared, known, Running(context, known.coerced))
                await context.close()
                yield of_object([(one, one.name, piece)])

        return followed()

    def roots(self, prepared: Prepared, known: VariableValues) -> list[Selected]:
        """The fields at the root."""
        selection = Selection(self._schema, prepared.fragments, known)
        return selection.fields((prepared.operation.selection_set,), prepared.root)

    async def _said(self, one: Selected, prepared: Prepared, known: VariableValues, context: Context) -> Any:
        """What the field at the root does and answers."""
        if one.word == TYPENAME:
            return one.of.name
        given = Selection(self._schema, prepared.fragments, known).given(one)
        said = one.definition.get_result(None, Info(context), [], given)
        return await said if isawaitable(said) else said

    async def _completed(
        self, said: Any, one: Selected, prepared: Prepared, known: VariableValues, running: Running
    ) -> Piece:
        """What is selected of that."""
        if one.word == TYPENAME:
            return Piece(json_text(said))
        plan = self._bare(one, prepared, known, running.context)
        (piece,) = await Shaping(running, plan, running.context).values([said], one, one.type)
        return piece

    def _bare(self, one: Selected, prepared: Prepared, known: VariableValues, context: Context) -> Plan:
        """The plan for what a field at the root answers, which has no rows of its own.

        It is kept unless something below the field needs the very values, be it to say what is wrong with them.
        """
        actor = context.actor or NOBODY
        key = prepared, stance(actor), shape_of(prepared.below, known.coerced)
        plan = self.kept.get(key, lambda: self._making(prepared, known, actor, prepared.below).of_nothing(one))
        if plan is None:
            raise TypeError("what needs no rows can always be planned")
        try:
            self._foreseen(one, plan)
            for bind in plan.making.binds:
                bind.of(known.coerced)
        except (Refused, Unplanned):
            return self._making(prepared, known, actor).of_nothing(one)
        return plan

    def _foreseen(self, one: Selected, plan: Plan) -> int:
        """What the answer of a field may cost that Python gives: as much as the records in it."""
        selection, most = plan.making.selection, 0
        for of in selection.possible(one) if one.sets else ():
            most = max(most, sum(self._foreseen_below(each, plan) for each in selection.fields(one.sets, of)))
        return 1 + most

    def _foreseen_below(self, one: Selected, plan: Plan) -> int:
        if not one.sets:
            return 0
        declared = one.declared
        named = declared is not None and isinstance(declared.source, One)
        found = plan.lookup(one, declared.leads_to).cost if declared and named else self._foreseen(one, plan)
        return found * (USUAL if is_list_type(get_nullable_type(one.type)) else 1)

    def _plan(self, prepared: Prepared, known: VariableValues, actor: Actor) -> Plan:
        """The plan for values of this shape or, if it cannot be made without them, for these very values."""

        def make(open_: Mapping[str, GraphQLInputType]) -> Plan | None:
            roots = self.roots(prepared, known)
            if any(one.word in OF_SCHEMA for one in roots):
                others = [one for one in roots if one.word not in OF_SCHEMA]
                must_be_affordable(self._making(prepared, known, actor).of_root(others, prepared.root).cost)
                raise Declined("it asks for the schema")
            try:
                return self._making(prepared, known, actor, open_).of_root(roots, prepared.root)
            except Unplanned:
                return None

        key = prepared, stance(actor)
        plan = self.kept.get((*key, shape_of(prepared.types, known.coerced)), lambda: make(prepared.types))
        return plan or cast("Plan", self.kept.get((*key, repr(known.coerced)), lambda: make(NOTHING)))

    def _making(
        self, prepared: Prepared, known: VariableValues, actor: Actor, open_: Mapping[str, GraphQLInputType] = NOTHING
    ) -> Making:
        """What plans are made from, with slots for the `open_` variables."""
        binds: list[Bind] = []
        selection = Selection(self._schema, prepared.fragments, slotted(open_, known, binds), slotted=bool(open_))
        return Making(selection, actor, self._nouns, self._root, binds)


def _refused(roots: Sequence[Selected], error: Exception, requested: int) -> Answered:
    """None of it."""
    return Answered(of_object([(one, one.name, failed(error, one)) for one in roots]), requested)


def _weight(key: Key, plan: Plan | None) -> int:
    """About how many bytes a plan takes, with its document."""
    prepared = key[0]
    return (plan.weight if plan else BARE) + prepared.tokens * PLANNED + prepared.weight


def _tokens(document: DocumentNode) -> int:
    count, token = 0, document.loc and document.loc.start_token
    while token:
        count, token = count + 1, token.next
    return count


class _Variables(Visitor):
    """Notes the variables that are used."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()

    def enter_variable(self, node: VariableNode, *_: Any) -> None:
        self.names.add(node.name.value)
