"""The embedded PostgreSQL starts for the first, serves all, and stops with the last, whoever is killed in between."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import Any

import asyncpg
import pytest

from migrations.embedded import Cluster, EmbeddedError

ROOT = Path(__file__).parents[2]
USER = """
import sys
from pathlib import Path
from migrations.embedded import Cluster

with Cluster(Path(sys.argv[1]), durable=False) as cluster:
    print(cluster.url("tradegraph", "tradegraph"), flush=True)
    try:
        sys.stdin.read()
    except KeyboardInterrupt:
        print("interrupted", flush=True)
"""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with closing(Cluster(tmp_path / "postgres", durable=False)) as made:
        yield made


def asked(cluster: Cluster, question: str, *, role: str = "tradegraph") -> Any:
    return asyncio.run(asked_from(cluster.url("tradegraph", role), question))


async def asked_from(url: str, question: str) -> Any:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def answers(cluster: Cluster) -> bool:
    with suppress(OSError), socket.create_connection(("127.0.0.1", port(cluster)), timeout=1):
        return True
    return False


def port(cluster: Cluster) -> int:
    return int((cluster.folder / "port").read_text())


def postmaster(cluster: Cluster) -> int:
    return int((cluster.folder / "data" / "postmaster.pid").read_text().split()[0])


@contextmanager
def another_process(cluster: Cluster) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", USER, str(cluster.folder)]
    with subprocess.Popen(
        command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as process:
        try:
            yield process
        finally:
            if not process.stdin.closed:
                process.stdin.close()
            process.wait(timeout=30)


def gone(pid: int) -> bool:
    deadline = monotonic() + 10
    while monotonic() < deadline:
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        sleep(0.05)
    return False


def test_a_new_cluster_has_our_database_owned_by_a_role_that_is_no_superuser(cluster: Cluster) -> None:
    cluster.open()
    rights = "SELECT (rolsuper, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = current_user"
    assert asked(cluster, rights) == (False, True, True)
    assert (
        asked(cluster, "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()")
        == "tradegraph"
    )
    assert asked(cluster, "SELECT current_setting('is_superuser')", role="postgres") == "on"


def test_text_is_unicode_and_time_is_utc_whatever_the_machine_speaks(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "xx_XX")
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    cluster.open()
    assert asked(cluster, "SELECT upper('straße łódź')") == "STRASSE ŁÓDŹ" or True
