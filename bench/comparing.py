"""Before anything is timed, all contenders are asked the same questions, and their answers held side by side.

Ids, cursors and numbers drawn from a series are each server's own and left aside, decimals are compared as decimals.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import httpx

from bench.contenders import Contender
from bench.driver import FRESH
from bench.questions import Operation, Question, request

SAMPLE, PATIENCE = 5, 120
OWN = frozenset({"id", "cursor", "endCursor", "currency", "errors"})


@dataclass
class Verdict:
    """Of one operation: who declines it, and why; and where answers differ."""

    declined: dict[str, str] = field(default_factory=dict)
    differences: list[str] = field(default_factory=list)


def compared(operation: Operation, questions: list[Question], contenders: Mapping[str, Contender]) -> Verdict:
    """Ask all contenders a few of the questions; the first of them that answers is what others are held against."""
    verdict = Verdict()
    for number, question in enumerate(questions[:SAMPLE]):
        answers: dict[str, Any] = {}
        for name, contender in contenders.items():
            answer = _answer(contender, question, number)
            if "data" not in answer or answer.get("errors"):
                told = answer.get("errors") or [{"message": "no answer"}]
                verdict.declined[name] = str(told[0].get("message"))
            else:
                answers[name] = plain(answer["data"], writes=operation.writes)
        first, *others = answers.items() or [("", None)]
        for name, one in others:
            found = next(_different(first[1], one), None)
            if found:
                verdict.differences.append(f"{operation.name}: {first[0]} and {name} differ at {found}")
    return verdict


def plain(value: Any, *, writes: bool = False) -> Any:
    """An answer without what is each server's own, in one shape for amounts, sums and states."""
    if isinstance(value, list):
        return [plain(one, writes=writes) for one in value]
    if not isinstance(value, Mapping):
        return _scalar(value)
    if "amount" in value:
        return _scalar(value["amount"])
    if "aggregates" in value:
        return _summed(value)
    left_out = OWN | {"number"} if writes else OWN
    return {name: plain(one, writes=writes) for name, one in value.items() if name not in left_out}


def _summed(value: Mapping[str, Any]) -> list[Any]:
    """How many orders there are, and what they come to, as we tell it or as PostGraphile does."""
    aggregates = value["aggregates"]
    if "sum" in aggregates:
        return [value["totalCount"], _scalar(aggregates["sum"]["total"])]
    return [aggregates["count"], *(_scalar(one["sum"]) for one in aggregates["total"])]


def _scalar(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        return value.upper()


def _different(one: Any, other: Any, path: str = "") -> Iterator[str]:
    if isinstance(one, dict) and isinstance(other, dict) and one.keys() == other.keys():
        for name in one:
            yield from _different(one[name], other[name], f"{path}.{name}")
    elif isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for index, (mine, theirs) in enumerate(zip(one, other, strict=True)):
            yield from _different(mine, theirs, f"{path}[{index}]")
    elif one != other:
        yield f"{path.lstrip('.')}: {str(one)[:80]} and {str(other)[:80]}"


def _answer(contender: Contender, question: Question, number: int) -> dict[str, Any]:
    head, body = request(contender.name, question).replace(FRESH, f"{contender.name[:4]}{number:08d}").split("\r\n\r\n")
    headers = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
    url = f"http://127.0.0.1:{contender.port}/graphql"
    try:
        answer = httpx.post(url, content=body.encode(), headers=headers, timeout=PATIENCE)
        found: dict[str, Any] = json.loads(answer.content)
    except (httpx.HTTPError, ValueError) as error:
        return {"errors": [{"message": f"{type(error).__name__}: {error}"}]}
    return found
