"""Whoever watches over two executors sees what they differ in, and nothing else."""

from __future__ import annotations

import json
from typing import Any

import pytest

from resolvers.context import Context
from schema.build import House
from tests import beside
from tests.firm import Firm
from tests.queries import twice
from tests.queries.api import client, statements
from tests.queries.twice import Question, difference

ASKED = "query Named($first: Int) { units(first: $first) { nodes { code } } }"


def answer(data: Any, *errors: dict[str, Any]) -> bytes:
    return json.dumps({"data": data, "errors": list(errors)}).encode()


def error(message: str, *path: str | int, code: str = "BAD_INPUT") -> dict[str, Any]:
    return {"message": message, "path": list(path), "extensions": {"code": code}}


@pytest.mark.parametrize(
    ("one", "second"),
    [
        (answer({"a": 1}), answer({"a": 2})),
        (answer({"a": 1}), answer({"a": True})),
        (answer({"a": "1"}), answer({"a": 1})),
        (answer({"a": 1, "b": 2}), answer({"b": 2, "a": 1})),
        (answer({"a": [1, 2]}), answer({"a": [2, 1]})),
        (answer({"a": [1]}), answer({"a": [1, 1]})),
        (answer({"a": None}), answer({})),
        (answer(None), b'{"errors": []}'),
        (answer({"a": None, "b": None}, error("no", "a")), answer({"a": None, "b": None}, error("no", "b"))),
        (answer({"a": None}, error("no", "a")), answer({"a": None}, error("No", "a"))),
        (answer({"a": None}, error("no", "a")), answer({"a": None}, error("no", "a", code="FORBIDDEN"))),
        (answer({"a": None}, error("no", "a")), answer({"a": None}, error("no", "a"), error("no", "a"))),
        (answer({"a": None}, error("no", "a")), answer({"a": None})),
    ],
)
def test_answers_that_say_something_else_differ(one: bytes, second: bytes) -> None:
    assert difference(one, one) is None
    assert difference(one, second)
    assert difference(second, one)


def test_errors_may_come_in_any_order() -> None:
    first, then = error("one", "a"), error("other", "b")
    assert difference(answer({"a": None, "b": None}, first, then), answer({"a": None, "b": None}, then, first)) is None


def test_of_what_is_lost_with_the_object_around_it_any_error_will_do() -> None:
    """GraphQL does not say which of several fields that cannot be null is told."""
    lost = [error("no", "a", "b"), error("nor this", "a", "c")]
    assert difference(answer({"a": None}, lost[0]), answer({"a": None}, *lost)) is None
    assert difference(answer({"a": None}, lost[0]), answer({"a": None}))


async def test_a_test_is_told_of_an_answer_that_differs(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    async def otherwise(house: House, question: Question, context: Context) -> bytes:
        said = await usual(house, question, context)
        return said.replace(b'"BX"', b'"XB"')

    usual = twice.reference
    monkeypatch.setattr(twice, "reference", otherwise)
    with statements(firm.database) as sent:
        await client(firm).ask(ASKED, first=1)
        assert beside.DIFFERING == []
        await client(firm).ask(ASKED, first=3)
    (told,), beside.DIFFERING[:] = list(beside.DIFFERING), []
    for part in ("units(first: $first)", "{'first': 3}", "buyer", "data.units.nodes.1.code: 'XB' and 'BX'"):
        assert part in told, part
    assert len(sent) == 2


async def test_what_has_changed_between_two_answers_is_asked_anew(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    async def late(*_: Any) -> bytes:
        monkeypatch.setattr(twice, "reference", usual)
        return answer({"units": {"nodes": []}})

    usual = twice.reference
    monkeypatch.setattr(twice, "reference", late)
    await client(firm).ask(ASKED, first=3)
    assert beside.DIFFERING == []


def test_every_excuse_names_tests_that_there_are(request: pytest.FixtureRequest) -> None:
    files = [path for path in (request.config.rootpath / "tests").rglob("test_*.py") if path.name != "test_twice.py"]
    for pattern in beside.EXCUSED:
        file, _, name = pattern.replace("*", "").partition("::")
        named = [path for path in files if str(path).endswith(file) and f"def {name}" in path.read_text()]
        assert named, f"{pattern} needs no excuse any more; take it out of tests/beside.py"
