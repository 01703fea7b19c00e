"""Asking the API as a client does, without a transport between."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from graphql import GraphQLError
from sqlalchemy import event

from domain.kernel.actor import Actor
from domain.kernel.plugin import discover
from domain.kernel.work import Database
from resolvers.context import Context
from resolvers.hub import Hub
from resolvers.ids import global_id
from schema.answering import Answer as Read
from schema.build import House, build
from tests.beside import ASIDE
from tests.firm import Firm


@cache
def house() -> House:
    """The schema, built once a run."""
    return build(discover())


@dataclass
class Answer:
    """What was answered; no errors are None, as with the executor."""

    data: Any
    errors: list[GraphQLError] | None


class Client:
    """One party that talks to the API."""

    def __init__(self, firm: Firm, actor: Actor | None, hub: Hub | None = None) -> None:
        self.firm, self.actor, self.hub = firm, actor, hub

    def context(self, key: str | None = None) -> Context:
        return Context(self.firm.database, self.hub, self.actor, "request-1", key)

    async def answer(self, query: str, *, key: str | None = None, **variables: Any) -> Any:
        """The whole result."""
        answer = await house().answer(query, variables, self.context(key))
        return Answer(answer.value, answer.errors or None) if isinstance(answer, Read) else answer

    async def ask(self, query: str, *, key: str | None = None, **variables: Any) -> Any:
        """The data of an answer without errors."""
        result = await self.answer(query, key=key, **variables)
        assert result.errors is None, result.errors
        return result.data

    async def refused(self, query: str, **variables: Any) -> list[tuple[str, list[str]]]:
        """The codes and paths of an answer's errors."""
        result = await self.answer(query, **variables)
        return [(error.extensions["code"], error.extensions.get("path")) for error in result.errors or []]

    async def do(self, verb: str, /, *, selection: str = "", key: str | None = None, **given: Any) -> Any:
        """The payload of a mutation."""
        shape = f"{verb[0].upper()}{verb[1:]}Input"
        query = f"mutation ($input: {shape}!) {{ it: {verb}(input: $input) {{ {selection} {ERRORS} }} }}"
        return (await self.ask(query, key=key, input=given))["it"]

    async def follow(self, query: str, **variables: Any) -> AsyncIterator[Any]:
        """The results of a subscription."""
        async for answer in house().follow(query, variables, self.context()):
            yield Answer(answer.value, answer.errors or None) if isinstance(answer, Read) else answer


ERRORS = """errors { __typename code message path
  ... on VersionConflict { current } ... on OverReceipt { allowed } ... on WrongState { state possible } }"""


def client(firm: Firm, role: str = "buyer", hub: Hub | None = None, **changed: Any) -> Client:
    """A client with a role."""
    return Client(firm, replace(firm.actor(role), **changed), hub)


def id_of(firm: Firm, word: str, kind: str) -> str:
    return global_id(kind, firm[word])


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile, not those by which a query is asked once more."""
    sent: list[str] = []

    def hear(statement: str) -> None:
        if not ASIDE.get():
            sent.append(statement)

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        hear(statement)

    event.listen(database.engine.sync_engine, "before_cursor_execute", note)
    database.outlook.heard = hear
    try:
        yield sent
    finally:
        database.outlook.heard = None
        event.remove(database.engine.sync_engine, "before_cursor_execute", note)
