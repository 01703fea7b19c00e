"""Every query that a test asks is asked both ways, once for each standing of whoever asks, and answered alike."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections import Counter
from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import pytest

EXCUSED: Mapping[str, str] = {
    "tests/queries/test_engine_endures.py::*": "requests are cancelled there, and connections cut, at any moment",
    "*::test_an_unknown_failure_tells_no_more_than_its_request*": "where a broken database tells, is not laid down",
}
"""Tests whose queries are asked but once: patterns of their names, each with the reason."""
CORPUS = "TRADEGRAPH_CORPUS"
"""Names the folder into which all queries are written that tests have asked, if it is set."""
TRIES = 3
"""So often are both ways tried where something else may be at work on the same data."""
VAIN = "what went wrong did not come again"
"""What the engine logs."""
ASIDE: ContextVar[bool] = ContextVar("aside", default=False)
"""Whether what is going on is not the test's own doing."""

DIFFERING: list[str] = []
ASKED: dict[str, Any] = {}
COMPARED: Counter[Any] = Counter()
"""How often something was asked both ways already, with such variables, by actors of the same rights."""
OFTEN = 3
"""So often is enough in one process."""
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
    try:
        outcome = yield
    finally:
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
                await _ask_again(self, (query, variables, operation), context, result)
            finally:
                ASIDE.reset(token)
        return result

    House.answer = answer  # type: ignore[method-assign]
    logging.getLogger("tradegraph").addFilter(_heard)
    yield
    logging.getLogger("tradegraph").removeFilter(_heard)
    House.answer = usual  # type: ignore[method-assign]


def _heard(record: logging.LogRecord) -> bool:
    """Note that the engine failed, and went on field by field to an answer without errors: nobody else would see it."""
    if record.msg == VAIN and not _excused:
        DIFFERING.append(f"{VAIN}: {record.exc_info}")
    return True


async def _ask_again(house: Any, asked: tuple[str, Mapping[str, Any], str | None], context: Any, result: Any) -> None:
    """Compare the answer with the reference; where they differ, both are asked anew, as the data may have changed."""
    from resolvers.asking import stance
    from tests.queries import twice

    question = twice.Question(asked[0], dict(asked[1]), asked[2])
    known = question.document, _shape(question.variables), context.actor and stance(context.actor)
    if COMPARED[known] >= OFTEN or not _is_query(question):
        return
    COMPARED[known] += 1
    ASKED.setdefault(question.document, question.variables)
    second = twice.shown(result, context)
    if twice.is_too_dear(second):
        return
    for _ in range(TRIES):
        one = await twice.alone(twice.reference, house, question, context)
        if (apart := twice.difference(one, second)) is None:
            return
        told = twice.told(question, context, one, second, apart)
        second = await twice.alone(twice.compiled, house, question, context)
    DIFFERING.append(told)


def _shape(value: Any, depth: int = 8) -> Any:
    """What sort of a value it is: names and kinds, no texts and figures."""
    if isinstance(value, Mapping) and depth:
        return tuple((name, _shape(one, depth - 1)) for name, one in value.items())
    return (list, *{_shape(one, depth - 1) for one in value}) if isinstance(value, list) and depth else type(value)


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
