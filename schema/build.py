"""Where declarations, commands and what plugins bring become one schema."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from types import MappingProxyType
from typing import Any

import strawberry
from graphql import GraphQLError
from sqlalchemy import table
from strawberry.schema.config import StrawberryConfig
from strawberry.types import ExecutionContext, ExecutionResult

from domain import verbs
from domain.desks.worklist import speak
from domain.kernel.plugin import Plugin, graft
from resolvers.context import Context
from resolvers.fields import looked_up
from resolvers.nodes import Nouns
from resolvers.reads.engine import Declined, Engine
from resolvers.sources import Field, Noun, Pages, Root
from resolvers.values import used
from resolvers.worklists import Lists
from schema.answering import Answer, Answering
from schema.answers import Answers
from schema.execution import Execution
from schema.given import given_to
from schema.inputs import arguments_of
from schema.link import Member, link
from schema.mutations import mutation_type
from schema.pieces import ApiField, Type, define, give
from schema.query import Query
from schema.refusals import refusal_types
from schema.scalars import SCALARS
from schema.subscription import subscription_type
from schema.types import Types, described

__all__ = ["House", "build", "nouns_of", "sdl", "verbs"]

log = logging.getLogger("tradegraph")


class House(strawberry.Schema):
    """The schema, with the nouns that it shows. Errors are told and logged by `Answers` alone."""

    nouns: Nouns = MappingProxyType({})
    engine: Engine
    answering: Answering

    async def answer(
        self, query: str, variables: Mapping[str, Any], context: Context, operation: str | None = None
    ) -> Answer | ExecutionResult:
        """The answer to a query or a mutation: by the engine or, where that declines, by the executor."""
        try:
            return await self.answering.answer(query, variables, context, operation)
        except Declined as declined:
            log.info("request %s is left to the executor: %s", context.request_id, declined)
        return await self.execute(
            query, variable_values=dict(variables), context_value=context, operation_name=operation
        )

    async def follow(
        self, query: str, variables: Mapping[str, Any], context: Context, operation: str | None = None
    ) -> AsyncGenerator[Answer | ExecutionResult]:
        """The answers of a subscription, one an event, or a single one that never began."""
        try:
            async with aclosing(self.answering.follow(query, variables, context, operation)) as answers:
                async for answer in answers:
                    yield answer
        except Declined as declined:
            log.info("request %s is left to the executor: %s", context.request_id, declined)
            results: Any = await self.subscribe(
                query, variable_values=dict(variables), context_value=context, operation_name=operation
            )
            async with aclosing(results):
                async for result in results:
                    yield result

    def process_errors(self, errors: list[GraphQLError], execution_context: ExecutionContext | None = None) -> None:
        """Nothing: Strawberry would log refusals as failures."""


def build(plugins: Iterable[Plugin] = ()) -> House:
    """The whole API, with the fields of these plugins, which are the process's from here on."""
    types = Types(link(graft(plugins)))
    refusals = refusal_types(types)
    query = _query(types)
    house = House(
        query=query,
        mutation=mutation_type(types),
        subscription=subscription_type(types),
        types=[*refusals, *(types.declared(noun.name) for noun in types.linked.named.values())],
        config=StrawberryConfig(scalar_map=SCALARS),
        extensions=[Answers],
        execution_context_class=Execution,
    )
    house.nouns = types.linked.nouns
    core = house._schema  # noqa: SLF001 - strawberry has no other way
    house.engine = Engine(core, house.nouns, _root_noun(types))
    house.answering = Answering(core, house.engine)
    speak(Lists(_lists(types), given_to(house)))
    return house


def _root_noun(types: Types) -> Noun:
    """The root, as if it were a row."""
    fields = {member.field.name: member.field for member in types.linked.of(Query)}
    return Noun(name="Query", word="", table=table("query"), fields=fields)


def nouns_of(schema: strawberry.Schema) -> Nouns:
    """The nouns that a schema shows; none if it was not built here."""
    return schema.nouns if isinstance(schema, House) else {}


def sdl(schema: House) -> str:
    """The schema in its own language, as it is committed."""
    return schema.as_str() + "\n"


def _query(types: Types) -> Type:
    made = define("Query", described(Query))
    return give(made, [_root(types, member) for member in types.linked.of(Query)])


def _lists(types: Types) -> dict[str, Field]:
    found = [member.field for member in types.linked.of(Query)]
    return {field.name: field for field in found if isinstance(field.source, Pages)}


def _root(types: Types, member: Member) -> ApiField:
    source = member.field.source
    if not isinstance(source, Root):
        return types.field(member)
    return ApiField(
        member.field.name,
        types.of(member.annotation),
        source.description,
        fetched=_answered(member.field, source, types.linked.nouns),
        arguments=arguments_of(types, source.arguments),
    )


def _answered(field: Field, source: Root, nouns: Nouns) -> Callable[[Any, Context, Mapping[str, Any]], Awaitable[Any]]:
    async def answer(_root: Any, context: Context, given: Mapping[str, Any]) -> Any:
        _ = context.asking
        said = await source.act(context, nouns, **{name: used(value, name) for name, value in given.items()})
        return await looked_up(context, field, said)

    return answer
