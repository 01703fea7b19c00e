"""An import that is killed, whenever it is, is finished by running it again, and its books are those of any other."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from domain.intake.founding import found
from domain.kernel.actor import Actor
from domain.kernel.work import Database
from domain.stock.founding import CreateCompany
from domain.verification import verify, verify_chain
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from tests.content import digest
from tests.firm import BARE, Firm, copied

ROOT = Path(__file__).parents[2]
JOINERY = ROOT / "tests" / "data" / "joinery"
MEBIBYTE = 1 << 20
STOPPED = {signal.SIGKILL: -9, signal.SIGINT: 130}
"""With which code the process ends."""


class Importer:
    """Runs `server.py import` on a database, as often as it takes."""

    def __init__(self, owner_url: str, folder: Path, mapping: str, room: Path) -> None:
        self.owner_url, self._room = owner_url, room
        self._words = ["import", str(folder), "--mapping", mapping, "--report", str(room / "report.json")]
        self._variables = {
            "DATABASE_URL": owner_url,
            "DATABASE_APP_URL": application_url(owner_url, f"{BARE}_app"),
            "TRADEGRAPH_VAR": str(room),
        }

    async def finish(self) -> Any:
        """Run it to its end; its report."""
        process = await self._started()
        assert await process.wait() == 0
        return json.loads((self._room / "report.json").read_text())

    async def stop(self, how: signal.Signals, *, events: int, pause: float) -> None:
        """Run it until there are so many events, and a little longer."""
        process = await self._started()
        while await count(self.owner_url, "event") < events:  # noqa: ASYNC110 - another process makes them
            await asyncio.sleep(0.01)
        await asyncio.sleep(pause)
        process.send_signal(how)
        assert await process.wait() == STOPPED[how]

    async def _started(self) -> asyncio.subprocess.Process:
        inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
        return await asyncio.create_subprocess_exec(
            sys.executable, str(ROOT / "server.py"), *self._words, cwd=ROOT, env=inherited | self._variables,
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip


async def stopped(importer: Importer, *hows: signal.Signals, events: tuple[int, int], longest: float) -> Any:
    """Stop it by one signal after the other at random points between two numbers of events, then let it finish."""
    chance = random.Random(20141018)
    points = sorted(chance.randint(*events) for _ in hows)
    for how, point in zip(hows, points, strict=True):
        await importer.stop(how, events=point, pause=chance.uniform(0, longest))
    return await importer.finish()


async def count(owner_url: str, table: str) -> int:
    connection = await asyncpg.connect(owner_url)
    found: int = await connection.fetchval(f"select count(*) from {table}")
    await connection.close()
    return found


async def is_whole(owner_url: str, actor: Actor) -> None:
    connection = await asyncpg.connect(owner_url)
    while await connection.fetchval("select unsealed_events()"):
        await connection.fetch("select seal_events(1000)")
    await connection.close()
    database = Database(application_url(owner_url, f"{BARE}_app"))
    try:
        async with database.session(actor) as session:
            assert await session.run_sync(verify) == []
            assert await session.run_sync(verify_chain) == []
    finally:
        await database.close()


async def test_a_killed_import_is_finished_by_the_next_one(cluster: Cluster, pattern: Firm, tmp_path: Path) -> None:
    mapping = str(JOINERY / "mapping.toml")
    async with copied(cluster, pattern.name) as one, copied(cluster, pattern.name) as other:
        before = await count(one, "event")
        await Importer(one, JOINERY, mapping, tmp_path).finish()
        after = await count(one, "event")
        assert after > before
        importer = Importer(other, JOINERY, mapping, tmp_path)
        report = await stopped(importer, signal.SIGKILL, signal.SIGINT, events=(before + 1, after - 30), longest=0.02)
        assert report["totals"]["refused"] == 0
        assert await digest(other) == await digest(one)
        await is_whole(other, pattern.actor("viewer"))


@pytest.fixture
async def houses(cluster: Cluster) -> AsyncIterator[dict[str, Actor]]:
    """Two firms alike, each in a database of its own, for whom nothing was entered yet; by the owner's URL."""
    async with copied(cluster, BARE) as one, copied(cluster, BARE) as other:
        yield {url: await _founded(url) for url in (one, other)}


async def _founded(owner_url: str) -> Actor:
    owner = Database(owner_url)
    entry = CreateCompany(code="AW", name="Adventure Works", country="US", currency="USD")
    actor = await found(owner, "aw", "Adventure Works", entry)
    await owner.close()
    return actor


@pytest.mark.soak
@pytest.mark.timeout(3600)
async def test_the_real_firm_moves_in_though_its_import_is_killed_twenty_times(
    houses: dict[str, Actor], adventureworks: Path, tmp_path: Path
) -> None:
    one, other = houses
    before = await count(one, "event")
    undisturbed = await Importer(one, adventureworks, "adventureworks", tmp_path).finish()
    assert undisturbed["peakMemory"] < 250 * MEBIBYTE
    assert undisturbed["totals"]["refused"] == 0
    importer = Importer(other, adventureworks, "adventureworks", tmp_path)
    kills = [signal.SIGKILL] * 20
    last = await stopped(importer, *kills, events=(before + 1, await count(one, "event") - 600), longest=1.5)
    assert last["totals"]["refused"] == 0
    assert [section["figures"] for section in last["sections"]] == [
        section["figures"] for section in undisturbed["sections"]
    ]
    assert await digest(other) == await digest(one)
    await is_whole(other, houses[other])
