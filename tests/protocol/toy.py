"""A schema of toys, for what the real one does not do: break, wait, and tick at will."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import strawberry
from sqlalchemy import func, select
from strawberry.types import Info

from domain.access.entrance import sign_in
from domain.kernel.errors import NotReady
from resolvers.context import Context
from schema.answers import Answers
from schema.execution import Execution

Told = Info[Context, None]
DONE: list[str] = []
ENDED: list[str] = []


@strawberry.type
class Query:
    @strawberry.field
    def name(self, info: Told) -> str:
        return info.context.asking.name

    @strawberry.field
    def key(self, info: Told) -> str | None:
        return info.context.idempotency_key

    @strawberry.field
    def echo(self, text: str) -> str:
        return text

    @strawberry.field
    def number(self, of: int) -> int:
        return of

    @strawberry.field
    def broken(self) -> str | None:
        raise RuntimeError("secret of the house")

    @strawberry.field
    def shattered(self) -> str:
        raise RuntimeError("secret of the house")

    @strawberry.field
    async def read(self, info: Told, seconds: float = 0, again: int = 1) -> int:
        """Ask the database so many times for something that takes it so long."""
        for _ in range(again):
            await info.context.reading.rows(select(func.pg_sleep(seconds)))
        return again

    @strawberry.field
    async def waited(self, seconds: float) -> str:
        try:
            await asyncio.sleep(seconds)
        finally:
            ENDED.append("waited")
        return "done"

    @strawberry.field
    async def slow(self, seconds: float = 0.3) -> str:
        await asyncio.sleep(seconds)
        return "done"

    @strawberry.field
    def deep(self) -> Query:
        return Query()


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def write(self, text: str, seconds: float = 0) -> str:
        await asyncio.sleep(seconds)
        DONE.append(text)
        return text

    @strawberry.mutation
    async def look(self) -> Query:
        return Query()

    @strawberry.mutation
    async def enter(self, info: Told, password: str) -> str:
        info.context.opened = await sign_in(info.context.database, "buyer", password)
        info.context.in_cookie = True
        return "in"

    @strawberry.mutation
    def leave(self, info: Told) -> str:
        info.context.ended = True
        return "out"


@strawberry.type
class Subscription:
    @strawberry.subscription
    async def ticks(self, until: int, seconds: float = 0) -> AsyncIterator[int]:
        try:
            for number in range(until):
                yield number
                await asyncio.sleep(seconds)
        finally:
            ENDED.append("ticks")

    @strawberry.subscription
    async def looks(self, until: int) -> AsyncIterator[Query | None]:
        for _ in range(until):
            yield Query()

    @strawberry.subscription
    async def unready(self) -> AsyncIterator[int]:
        raise NotReady
        yield 0

    @strawberry.subscription
    async def breaking(self) -> AsyncIterator[int]:
        yield 1
        raise RuntimeError("secret of the house")


def toys() -> strawberry.Schema:
    return strawberry.Schema(Query, Mutation, Subscription, extensions=[Answers], execution_context_class=Execution)
