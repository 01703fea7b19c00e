"""`make bench`: this server and its peers on the same data, driven in turn; see bench/README.md."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Callable, Iterable
from typing import Any

from bench.contenders import NAMES, started
from bench.growth import grown, tenfold
from bench.measuring import Pace, Row, measured
from bench.questions import OPERATIONS, known
from bench.store import SIZES, VAR, Size, Store, filled, running, scratch
from bench.telling import keep, machine, table
from migrations.embedded import Cluster

UNGROWN = frozenset({"strawberry"})
"""Who is not asked how it grows: a page of 250 takes it seconds."""


def main() -> None:
    """Measure what is wished for, and tell."""
    wish = _wishes().parse_args()
    size = SIZES[wish.size].among(wish.tenants) if wish.tenants > 1 else SIZES[wish.size]
    pace = Pace(rounds=wish.rounds, seconds=wish.seconds, connections=wish.connections)
    _say(f"{machine()}; load when we began {os.getloadavg()[0]:.1f}")
    _say(f"{size.name}: {size.orders:,} orders of {size.vendors:,} vendors in {size.tenants} firm(s)")
    with running() as cluster:
        store = filled(cluster, size)
        if wish.growth:
            _tell("growth", _growth(cluster, size, store, wish.contenders, pace), size, pace)
        else:
            _tell("latest", _measured(cluster, store, wish, pace), size, pace)


def _measured(cluster: Cluster, store: Store, wish: argparse.Namespace, pace: Pace) -> list[Row]:
    with scratch(cluster, store) as copy, started(copy, wish.contenders) as contenders:
        firms = asyncio.run(known(copy))
        operations = [OPERATIONS[name] for name in wish.operations]
        return [row for one in operations for row in measured(one, firms, contenders, pace, _say)]


def _growth(cluster: Cluster, size: Size, store: Store, names: list[str], pace: Pace) -> list[Row]:
    chosen = [name for name in names if name not in UNGROWN]
    return [*grown(store, chosen, pace, _say), *tenfold(cluster, size, chosen, pace, _say)]


def _tell(name: str, found: list[Row], size: Size, pace: Pace) -> None:
    about: dict[str, Any] = {"size": size.name, "rounds": pace.rounds, "seconds": pace.seconds}
    told = table(found)
    (VAR / f"{name}.md").write_text(f"{told}\n")
    keep(VAR / f"{name}.json", found, connections=pace.connections, tenants=size.tenants, **about)
    _say(f"\n{told}\n\nThe same as rows: {VAR / name}.json")


def _wishes() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="make bench", description="Measure this server beside its peers.")
    parser.add_argument("--size", choices=list(SIZES), default="full", help="how much data there is (full)")
    parser.add_argument("--rounds", type=int, default=5, help="how often all are driven in turn (5)")
    parser.add_argument("--seconds", type=float, default=4, help="how long each run lasts (4)")
    parser.add_argument("--connections", type=int, default=8, help="how many ask at once (8)")
    parser.add_argument("--tenants", type=int, default=1, help="so many firms of skewed size share the data (1)")
    parser.add_argument("--operations", type=_some(OPERATIONS), default=list(OPERATIONS), help=", ".join(OPERATIONS))
    parser.add_argument("--contenders", type=_some(NAMES), default=list(NAMES), help=", ".join(NAMES))
    parser.add_argument("--growth", action="store_true", help="by page, depth and ten times the papers instead")
    return parser


def _some(known_ones: Iterable[str]) -> Callable[[str], list[str]]:
    def chosen(text: str) -> list[str]:
        found = text.split(",")
        if wrong := set(found) - set(known_ones):
            raise argparse.ArgumentTypeError(f"{', '.join(wrong)}: choose from {', '.join(known_ones)}")
        return found

    return chosen


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
