"""Runs, rounds and what they come to: within a round all contenders are driven in turn, and ratios are formed there."""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median
from typing import Any

from bench.comparing import compared
from bench.contenders import Contender
from bench.questions import Firm, Operation, Question, asked, request
from bench.store import ROOT, VAR
from bench.telling import Row, Told, line

FIGURES = ("requests_per_second", "p50_ms", "p99_ms", "server_cpu_ms", "database_cpu_ms", "driver_cpu_ms", "bytes")
PEERS = ("postgraphile", "limit", "strawberry")
Run = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How long and how hard everybody is driven."""

    rounds: int
    seconds: float
    connections: int
    warm: float = 1.0


def measured(
    operation: Operation, firms: list[Firm], contenders: Mapping[str, Contender], pace: Pace, told: Told
) -> list[Row]:
    """One operation: first whether all answer alike, then how fast."""
    questions = asked(operation, firms)
    verdict = compared(operation, questions, contenders)
    for difference in verdict.differences:
        told(f"Not the same answer: {difference}")
    able = {name: contender for name, contender in contenders.items() if name not in verdict.declined}
    found = rows(operation.name, rounds(questions, able, pace) if able else [], verdict.declined)
    for row in found:
        told(line(row))
    return found


def rounds(questions: list[Question], contenders: Mapping[str, Contender], pace: Pace) -> list[dict[str, Run]]:
    """The runs of each round by contender. Who goes first changes from round to round."""
    found = []
    for number in range(pace.rounds):
        names = list(contenders)
        turn = number % len(names)
        ordered = names[turn:] + names[:turn]
        found.append({name: _run(questions, contenders[name], pace) for name in ordered})
    return found


def rows(operation: str, found: list[dict[str, Run]], declined: Mapping[str, str]) -> list[Row]:
    """A row for each contender: medians over all rounds, and ratios to peers that ran in the same rounds."""
    names = found[0] if found else {}
    made = [_row(operation, name, found) for name in sorted(names, key=_place)]
    told = [{"operation": operation, "contender": name, "declined": why} for name, why in declined.items()]
    return [*made, *(dict.fromkeys(_columns()) | one for one in told)]


def _row(operation: str, name: str, found: list[dict[str, Run]]) -> Row:
    row: Row = {"operation": operation, "contender": name}
    row |= {figure: round(median(one[name][figure] for one in found), 3) for figure in FIGURES}
    for peer in PEERS:
        both = [(one[name], one[peer]) for one in found if peer in one]
        row[f"ratio_to_{peer}"] = _ratio(both, "requests_per_second")
        row[f"cpu_to_{peer}"] = _ratio(both, "server_cpu_ms")
        row[f"database_to_{peer}"] = _ratio(both, "database_cpu_ms")
    row["failed"] = sum(one[name]["failed"] for one in found)
    row["failure"] = next((one[name]["failure"] for one in found if one[name]["failure"]), None)
    return row


def _columns() -> list[str]:
    return [*FIGURES, *(f"{kind}_to_{peer}" for peer in PEERS for kind in ("ratio", "cpu", "database"))]


def _ratio(both: list[tuple[Run, Run]], figure: str) -> float | None:
    parts = [one[figure] / other[figure] for one, other in both if other[figure]]
    return round(median(parts), 3) if parts else None


def _place(name: str) -> tuple[bool, str]:
    return name != "tradegraph", name


def _run(questions: list[Question], contender: Contender, pace: Pace) -> Run:
    """One contender, driven by a process of its own."""
    job = {
        "port": contender.port,
        "connections": pace.connections,
        "warm": pace.warm,
        "seconds": pace.seconds,
        "run": secrets.token_hex(2),
        "processes": {"server": contender.pid, "database": _postmaster()},
        "requests": [request(contender.name, question) for question in questions],
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.driver"], input=json.dumps(job), cwd=ROOT, capture_output=True, text=True,
        timeout=60 + 10 * pace.seconds, check=False,
    )  # fmt: skip
    if done.returncode:
        raise SystemExit(f"{contender.name} could not be driven: {done.stderr.strip()[-800:]}")
    found: Run = json.loads(done.stdout)
    return found


def _postmaster() -> int:
    return int((VAR / "postgres" / "data" / "postmaster.pid").read_text().split()[0])
