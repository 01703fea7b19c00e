"""Where the data lie: one PostgreSQL under `var/bench`, in it a database for each size, filled once and then kept."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import asyncpg

from migrations.embedded import SETTINGS, Cluster
from migrations.opening import heads
from migrations.upgrade import application_url, upgrade

ROOT = Path(__file__).parents[1]
VAR = ROOT / "var" / "bench"
OWNER, SCRATCH = "tradegraph", "bench_scratch"
PATIENCE = 600
MEMORY = {"shared_buffers": "1GB", "max_wal_size": "4GB"}
"""As an operator would give it; with less, what is measured is how fast the system hands out pages of files."""
WRITTEN = ("firms.py", "filling.py")
"""The files that the data follow from: if one of them changes, the data are made anew."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much of everything there is in all firms together."""

    name: str
    vendors: int
    products: int
    orders: int
    tenants: int = 1

    def scaled(self, factor: int) -> Size:
        """So many times the papers, of as many vendors and products."""
        return Size(f"{self.name}x{factor}", self.vendors, self.products, self.orders * factor, self.tenants)

    def among(self, tenants: int) -> Size:
        """The same, owned by several firms of which the largest has the most by far."""
        return Size(f"{self.name}t{tenants}", self.vendors, self.products, self.orders, tenants)

    @property
    def shares(self) -> list[Fraction]:
        """What of all each firm has: the second half as much as the first, the third a third, and so on."""
        whole = sum(Fraction(1, place) for place in range(1, self.tenants + 1))
        return [Fraction(1, place) / whole for place in range(1, self.tenants + 1)]


SIZES = {
    "full": Size("full", vendors=2_000, products=10_000, orders=100_000),
    "small": Size("small", vendors=100, products=500, orders=5_000),
    "tiny": Size("tiny", vendors=10, products=30, orders=60),
}


@dataclass(frozen=True, slots=True)
class Store:
    """A database with its data: where its owner and where the application signs in, and a key for each firm."""

    size: Size
    owner: str
    application: str
    keys: list[str]


@contextmanager
def running() -> Iterator[Cluster]:
    """The PostgreSQL that comes along, with memory enough for the data; stopped at the end."""
    SETTINGS.update(MEMORY)
    VAR.mkdir(parents=True, exist_ok=True)
    with Cluster(VAR / "postgres") as cluster:
        yield cluster


def filled(cluster: Cluster, size: Size) -> Store:
    """The database of a size; made and filled if it is not there as this version would make it."""
    name, stamp = f"bench_{size.name}", VAR / f"{size.name}.json"
    owner = cluster.url(name, OWNER)
    kept: dict[str, Any] = json.loads(stamp.read_text()) if stamp.exists() else {}
    if kept.get("recipe") != recipe(size) or not asyncio.run(_exists(cluster, name)):
        stamp.unlink(missing_ok=True)
        asyncio.run(_made(cluster, name))
        kept = {"recipe": recipe(size), "keys": asyncio.run(fill(owner, size))}
        stamp.touch(mode=0o600)
        stamp.write_text(json.dumps(kept))
    return Store(size, owner, application_url(owner), kept["keys"])


async def fill(owner: str, size: Size) -> list[str]:
    """Bring a fresh database to the newest shape and fill it; a key for each firm."""
    from bench.filling import pour
    from bench.firms import founded

    await upgrade(owner)
    firms = await founded(owner, application_url(owner), size)
    await pour(owner, firms)
    return [firm.key for firm in firms]


def recipe(size: Size) -> str:
    """What the data follow from, as one word."""
    here = Path(__file__).parent
    parts = [repr(size), *heads(), *((here / name).read_text() for name in WRITTEN)]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


@contextmanager
def scratch(cluster: Cluster, store: Store) -> Iterator[Store]:
    """A copy to write in, gone at the end, so that what was filled stays as it is."""
    name = f"bench_{store.size.name}"
    asyncio.run(_made(cluster, SCRATCH, f'template "{name}" strategy file_copy'))
    owner = cluster.url(SCRATCH, OWNER)
    try:
        yield Store(store.size, owner, application_url(owner, f"{name}_app"), store.keys)
    finally:
        asyncio.run(_dropped(cluster, SCRATCH))


async def _exists(cluster: Cluster, name: str) -> bool:
    admin = await asyncpg.connect(cluster.url("postgres", OWNER))
    try:
        return bool(await admin.fetchval("select true from pg_database where datname = $1", name))
    finally:
        await admin.close()


async def _made(cluster: Cluster, name: str, how: str = "") -> None:
    await _dropped(cluster, name)
    await _told(cluster, f'create database "{name}" {how}')


async def _dropped(cluster: Cluster, name: str) -> None:
    await _told(cluster, f'drop database if exists "{name}" with (force)')


async def _told(cluster: Cluster, command: str) -> None:
    admin = await asyncpg.connect(cluster.url("postgres", OWNER), command_timeout=PATIENCE)
    try:
        await admin.execute(command)
    finally:
        await admin.close()
