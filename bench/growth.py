"""How the figures grow: with the length of the page, with its depth, and with ten times as many papers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import replace

from bench.contenders import Contender, started
from bench.measuring import Pace, Row, measured
from bench.questions import OPERATIONS, Firm, Operation, depths, known, pages
from bench.store import Size, Store, filled
from bench.telling import Told
from migrations.embedded import Cluster

READS = ("orders_page", "order_by_id", "filtered_page")
FACTOR = 10


def grown(store: Store, names: list[str], pace: Pace, told: Told) -> list[Row]:
    """Pages and depths over the one store."""
    with started(store, names) as contenders:
        return _over([*pages(), *depths()], store, contenders, pace, told)


def tenfold(cluster: Cluster, size: Size, names: list[str], pace: Pace, told: Told) -> list[Row]:
    """The operations that read, over the papers of a size and over ten times as many."""
    found: list[Row] = []
    for one in (size, size.scaled(FACTOR)):
        store = filled(cluster, one)
        operations = [replace(OPERATIONS[name], name=f"{name}, {one.orders:,} orders") for name in READS]
        with started(store, names) as contenders:
            found += _over(operations, store, contenders, pace, told)
    return found


def _over(
    operations: Iterable[Operation], store: Store, contenders: dict[str, Contender], pace: Pace, told: Told
) -> list[Row]:
    firms: list[Firm] = asyncio.run(known(store))
    return [row for one in operations for row in measured(one, firms, contenders, pace, told)]
