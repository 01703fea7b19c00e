"""Every query that a test asks is asked both ways, once for each standing of whoever asks, and answered alike."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

EXCUSED: Mapping[str, str] = {}
"""Tests whose queries are asked but once: patterns of their names, each with the reason."""
CORPUS = "TRADEGRAPH_CORPUS"
"""Names the folder into which all queries are written that tests have asked, if it is set."""
TRIES = 3
"""So often are both ways tried where something else may be at work on the same data."""
ASIDE: ContextVar[bool] = ContextVar("aside", default=False)
"""Whether what is going on is not the test's own doing."""

DIFFERING: list[str] = []
ASKED: dict[str, Any] = {}
COMPARED: set[Any] = set()
"""What was asked both ways already, by actors of the same rights: once a process is enough."""
_excused = False


@pytest.fixture(scope="session", autouse=True)
def asked_both_ways() -> Iterator[None]:
    """Listen to the schema, if any test has one."""
    if "schema.build" not in sys.modules:
        yield
        return
    with _listening():
        yield
    if folder := os.environ.get(CORPUS):
        lines = (json.dumps({"query": query, "variables": given}, default=str) for query, given in ASKED.items())
        Path(folder, f"{os.environ.get('PYTEST_XDIST_WORKER', 'all')}.jsonl").write_text("\n".join(lines) + "\n")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, Any, Any]:
    global _excused  # noqa: PLW0603 - pytest knows one test at a time
    _excused = any(fnmatch(item.nodeid, pattern) for pattern in EXCUSED)
    return (yield)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, Any, Any]:
    """Fail the test in whose course, or for whose sake, two answers differed."""
    del item
    outcome = yield
    found, DIFFERING[:] = [*DIFFERING], []
    assert not found, found[0]
    return outcome


@contextmanager
def _listening() -> Iterator[None]:
    from schema.build import House

    usual = House.answer

    async def answer(
        self: House, query: str, variables: Mapping[str, Any], context: Any, operation: str | None = None
    ) -> Any:
        result = await usual(self, query, variables, context, operation)
        if not ASIDE.get() and not _excused:
            token = ASIDE.set(True)
            try:
                await _ask_again(self, query, variables, context, operation)
            finally:
                ASIDE.reset(token)
        return result

    House.answer = answer  # type: ignore[method-assign]
    yield
    House.answer = usual  # type: ignore[method-assign]


async def _ask_again(house: Any, query: str, variables: Mapping[str, Any], context: Any, operation: str | None) -> None:
    from resolvers.asking import stance
    from tests.queries.twice import Question, alone, compiled, difference, reference, told

    question = Question(query, dict(variables), operation)
    who = None if context.actor is None else stance(context.actor)
    if (query, who) in COMPARED or not _is_query(question):
        return
    COMPARED.add((query, who))
    ASKED.setdefault(query, question.variables)
    apart = ""
    for _ in range(TRIES):
        one = await alone(reference, house, question, context)
        second = await alone(compiled, house, question, context)
        apart = difference(one, second) or ""
        if not apart:
            return
    DIFFERING.append(told(question, context, one, second, apart))


def _is_query(question: Any) -> bool:
    """Whether it is one that a transport would have executed at all."""
    from graphql import GraphQLError, OperationType

    from transport.operation import understood
    from transport.request import Asked

    try:
        operation = understood(Asked(question.document, question.variables, question.operation))
    except GraphQLError:
        return False
    return operation.type is OperationType.QUERY
