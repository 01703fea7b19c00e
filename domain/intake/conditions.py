"""Which rows of a file are meant: simple conditions, declared in the mapping; all others are skipped, and counted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from domain.intake.mistakes import Mistake

Row = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition on one row. Texts are compared without blanks around them."""

    columns: tuple[str, ...]
    holds: Callable[[Row], bool]


def condition(written: Any) -> Condition:
    """The condition that a table of the mapping declares; Mistake if it declares none."""
    if not isinstance(written, dict) or not isinstance(column := written.get("column"), str):
        raise Mistake(f'{written!r} is no condition; write such as {{ column = "Kind", is = "A" }}')
    tests = written.keys() - {"column"}
    if len(tests) != 1 or not tests <= _TESTS.keys():
        raise Mistake(f"a condition on {column!r} needs exactly one of {', '.join(_TESTS)}")
    (name,) = tests
    return _TESTS[name](column, written[name])


def _among(column: str, argument: Any) -> Condition:
    words = _words(argument)
    return Condition((column,), lambda row: _of(row, column) in words)


def _not_among(column: str, argument: Any) -> Condition:
    words = _words(argument)
    return Condition((column,), lambda row: _of(row, column) not in words)


def _empty(column: str, argument: Any) -> Condition:
    if not isinstance(argument, bool):
        raise Mistake("`empty` wants true or false")
    return Condition((column,), lambda row: (_of(row, column) == "") is argument)


def _differs(column: str, argument: Any) -> Condition:
    if not isinstance(argument, str):
        raise Mistake("`differs_from` wants another column")
    return Condition((column, argument), lambda row: _of(row, column) != _of(row, argument))


_TESTS: dict[str, Callable[[str, Any], Condition]] = {
    "is": _among,
    "not": _not_among,
    "empty": _empty,
    "differs_from": _differs,
}


def _of(row: Row, column: str) -> str:
    return row[column.lower()].strip()


def _words(argument: Any) -> frozenset[str]:
    words = argument if isinstance(argument, list) else [argument]
    if not words or not all(isinstance(word, str) for word in words):
        raise Mistake("`is` and `not` want a text or a list of texts")
    return frozenset(words)
