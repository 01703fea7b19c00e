"""Two ways to answer the same question, and whether they answer the same: the executor is the reference."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pprint import pformat
from typing import Any

from graphql import GraphQLError, parse, print_ast
from strawberry import Schema

from domain.kernel.errors import TooMuch
from resolvers.context import Context
from schema.build import House
from transport.encoding import encoded
from transport.operation import answered

MOST_TOLD, MOST_SHOWN = 12, 3000
Shown = Mapping[str, Any]


@dataclass(frozen=True)
class Question:
    """A document, with what a request brings beside it. `told` is what is remarkable about it."""

    document: str
    variables: dict[str, Any] = field(default_factory=dict)
    operation: str | None = None
    told: frozenset[str] = frozenset()

    def __str__(self) -> str:
        named = f"\noperation: {self.operation}" if self.operation else ""
        return f"{_printed(self.document)}\nvariables: {pformat(self.variables, width=110)}{named}"


Executor = Callable[[House, Question, Context], Awaitable[bytes]]
"""Answers a question within a context of its own, as the transport writes it: `{"data": …, "errors": …}`."""


async def reference(house: House, question: Question, context: Context) -> bytes:
    """What Strawberry's own executor answers."""
    result = await Schema.execute(
        house,
        question.document,
        variable_values=question.variables,
        context_value=context,
        operation_name=question.operation,
    )
    return encoded(answered(result, context.request_id).shown)


async def compiled(house: House, question: Question, context: Context) -> bytes:
    """What the house answers: by the read engine, unless that declines."""
    return shown(await house.answer(question.document, question.variables, context, question.operation), context)


def shown(answer: Any, context: Context) -> bytes:
    """An answer as the transport writes it, but for what it cost."""
    found = answered(answer, context.request_id).shown
    return encoded({name: value for name, value in found.items() if name != "extensions"})


async def alone(executor: Executor, house: House, question: Question, like: Context) -> bytes:
    """What an executor answers in a fresh context, of the same actor as another one."""
    context = Context(like.database, like.hub, like.actor, like.request_id, like.idempotency_key, lent=like._lent)
    try:
        return await executor(house, question, context)
    finally:
        await context.end()


def told(question: Question, like: Context, one: bytes, second: bytes, apart: str) -> str:
    """All there is to say about two answers that differ."""
    actor = like.actor
    who = "nobody" if actor is None else f"{actor.name}, with {sorted(actor.rights)}"
    answers = (answer.decode()[:MOST_SHOWN] for answer in (one, second))
    return "\n\n".join(["Two ways to answer differ.", str(question), f"asked by {who}", apart, *answers])


def difference(one: bytes, second: bytes) -> str | None:
    """What two answers differ in, if they do: the data with the order of its names, and the errors in any order."""
    first, then = json.loads(one), json.loads(second)
    found = [*_apart(first, then, "data"), *_errors(first, then), *_apart(first, then, "extensions")]
    return "\n".join(found[:MOST_TOLD]) or None


def is_too_dear(answer: bytes) -> bool:
    """Whether it was not read since it might become too large, of which the reference knows nothing beforehand."""
    return any(
        error.get("extensions", {}).get("code") == TooMuch.code for error in json.loads(answer).get("errors", ())
    )


def _apart(first: Shown, then: Shown, name: str) -> Iterator[str]:
    if (name in first) != (name in then):
        yield f"{name}: {'only the first' if name in first else 'only the second'} has it"
    elif name in first:
        yield from _differing(first[name], then[name], (name,))


def _differing(one: Any, second: Any, path: tuple[str | int, ...]) -> Iterator[str]:
    at = ".".join(map(str, path))
    if isinstance(one, dict) and isinstance(second, dict):
        if [*one] != [*second]:
            yield f"{at}: names {[*one]} and {[*second]}"
        for name in one.keys() & second.keys():
            yield from _differing(one[name], second[name], (*path, name))
    elif isinstance(one, list) and isinstance(second, list):
        if len(one) != len(second):
            yield f"{at}: {len(one)} and {len(second)} entries"
        for index, (left, right) in enumerate(zip(one, second, strict=False)):
            yield from _differing(left, right, (*path, index))
    elif type(one) is not type(second) or one != second:
        yield f"{at}: {one!r} and {second!r}"


def _errors(first: Shown, then: Shown) -> Iterator[str]:
    one, second = (Counter(map(_said, _certain(answer))) for answer in (first, then))
    yield from (f"error of the first alone: {error}" for error in (one - second).elements())
    yield from (f"error of the second alone: {error}" for error in (second - one).elements())


def _certain(answer: Shown) -> Iterator[Shown]:
    """The errors that must be told.

    Where a null takes the object around it along, GraphQL leaves open which of those within are: only that one is.
    """
    gone = set[tuple[str | int, ...]]()
    for error in answer.get("errors", ()):
        path = tuple(error.get("path") or ())
        lost = next((path[:end] for end in range(len(path)) if _at(answer.get("data"), path[:end]) is None), None)
        if lost is None or not path:
            yield error
        elif lost not in gone:
            gone.add(lost)
            yield {"message": "something below is lost", "path": list(lost)}


def _at(data: Any, path: tuple[str | int, ...]) -> Any:
    for step in path:
        data = None if data is None else data[step]
    return data


def _said(error: Shown) -> str:
    more = error.get("extensions", {})
    return json.dumps([error["message"], error.get("path"), error.get("locations"), more.get("code"), more.get("path")])


def _printed(document: str) -> str:
    try:
        return print_ast(parse(document))
    except GraphQLError:
        return document
