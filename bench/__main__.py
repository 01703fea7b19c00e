"""`make bench`: this server and its peers on the same data, driven in turn; see bench/README.md."""

from __future__ import annotations

import argparse
import asyncio
import gc
from collections.abc import Mapping

from bench.comparing import compared
from bench.contenders import NAMES, Contender, started
from bench.measuring import Pace, Row, rounds, rows
from bench.questions import OPERATIONS, Firm, asked, known
from bench.store import SIZES, VAR, filled, running, scratch
from bench.telling import keep, machine, notes, table


def main() -> None:
    """Measure what is wished for, and tell."""
    wish = _wish()
    size = SIZES[wish.size].among(wish.tenants) if wish.tenants > 1 else SIZES[wish.size]
    pace = Pace(rounds=wish.rounds, seconds=wish.seconds, connections=wish.connections)
    about = {"size": size.name, "rounds": pace.rounds, "seconds": pace.seconds, "connections": pace.connections}
    print(f"{size.name}: {size.orders:,} orders of {size.vendors:,} vendors, {size.tenants} firm(s); {machine()}")
    with running() as cluster, scratch(cluster, filled(cluster, size)) as store:
        firms = asyncio.run(known(store))
        with started(store, wish.contenders) as contenders:
            found: list[Row] = []
            for name in wish.operations:
                found += _measured(name, firms, contenders, pace)
                keep(VAR / "latest.json", found, **about)
    told = f"{table(found)}\n\n{notes(found)}".strip()
    (VAR / "latest.md").write_text(told + "\n")
    print(f"\n{told}\n\nThe same as rows: {VAR / 'latest.json'}")


def _measured(name: str, firms: list[Firm], contenders: Mapping[str, Contender], pace: Pace) -> list[Row]:
    operation = OPERATIONS[name]
    questions = asked(operation, firms)
    verdict = compared(operation, questions, contenders)
    for told in verdict.differences:
        print(f"  {told}")
    able = {one: contender for one, contender in contenders.items() if one not in verdict.declined}
    found = rows(name, rounds(questions, able, pace), verdict.declined)
    for row in found:
        print(f"  {name:14} {row['contender']:13} " + (
            f"declined by this server: {row['declined']}" if row.get("declined") else
            f"{row['requests_per_second']:9.1f}/s  p50 {row['p50_ms']:8.2f}  p99 {row['p99_ms']:8.2f}  "
            f"server {row['server_cpu_ms']:7.2f}  database {row['database_cpu_ms']:7.2f} ms"
        ), flush=True)  # fmt: skip
    return found


def _wish() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure this server beside its peers.")
    parser.add_argument("--size", choices=list(SIZES), default="full")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4)
    parser.add_argument("--connections", type=int, default=8)
    parser.add_argument("--tenants", type=int, default=1)
    parser.add_argument("--operations", type=_some(OPERATIONS), default=list(OPERATIONS))
    parser.add_argument("--contenders", type=_some(NAMES), default=list(NAMES))
    return parser.parse_args()


def _some(known_ones: object) -> object:
    def chosen(text: str) -> list[str]:
        found = text.split(",")
        if wrong := set(found) - set(known_ones):
            raise argparse.ArgumentTypeError(f"{', '.join(wrong)} is none of {', '.join(known_ones)}")
        return found

    return chosen


if __name__ == "__main__":
    main()
