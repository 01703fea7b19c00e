"""The embedded PostgreSQL starts for the first, serves all, and stops with the last, whoever is killed in between."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from time import monotonic, sleep
from typing import IO, cast

import asyncpg
import pytest

from migrations.embedded import Cluster, EmbeddedError

ROOT = Path(__file__).parents[2]
USER = """
import signal
import sys
from pathlib import Path
from migrations.embedded import Cluster

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where the tests run in the background
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


def twin(cluster: Cluster) -> Cluster:
    return Cluster(cluster.folder, durable=False)


def asked(url: str, question: str) -> object:
    return asyncio.run(answer(url, question))


async def answer(url: str, question: str) -> object:
    connection = await asyncpg.connect(url)
    try:
        return await connection.fetchval(question)
    finally:
        await connection.close()


def home(cluster: Cluster) -> str:
    return cluster.url("tradegraph", "tradegraph")


def listens(cluster: Cluster) -> bool:
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
            cast("IO[str]", process.stdin).close()
            process.wait(timeout=30)


def said(process: subprocess.Popen[str]) -> str:
    return cast("IO[str]", process.stdout).readline().strip()


def comes(wish: Callable[[], bool]) -> bool:
    deadline = monotonic() + 10
    while not wish() and monotonic() < deadline:
        sleep(0.02)
    return wish()


def test_our_role_owns_the_database_and_is_no_superuser(cluster: Cluster) -> None:
    cluster.open()
    rights = "SELECT (rolsuper, rolcreaterole, rolcreatedb) FROM pg_roles WHERE rolname = current_user"
    owner = "SELECT datdba::regrole::text FROM pg_database WHERE datname = current_database()"
    assert asked(home(cluster), rights) == (False, True, True)
    assert asked(home(cluster), owner) == "tradegraph"
    assert asked(cluster.url("tradegraph", "postgres"), "SELECT current_setting('is_superuser')") == "on"


def test_nobody_enters_without_the_password(cluster: Cluster) -> None:
    cluster.open()
    secret = home(cluster).split(":")[2].split("@")[0]
    with pytest.raises(asyncpg.InvalidPasswordError):
        asked(home(cluster).replace(secret, "guess"), "SELECT 1")
    kept = {path.name: path.stat().st_mode & 0o777 for path in (cluster.folder / "secret").iterdir()}
    methods = "SELECT string_agg(DISTINCT auth_method, ' ') FROM pg_hba_file_rules"
    assert kept == {"postgres": 0o600, "tradegraph": 0o600}
    assert asked(cluster.url("postgres", "postgres"), methods) == "scram-sha-256"


def test_it_keeps_to_unicode_and_utc_whatever_its_starter_speaks(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in {"LC_ALL": "xx_XX", "LANG": "xx_XX", "TZ": "Asia/Tokyo", "PGPORT": "1", "PGDATA": "/no"}.items():
        monkeypatch.setenv(name, value)
    cluster.open()
    assert asked(home(cluster), "SELECT upper('łódź') || current_setting('timezone')") == "ŁÓDŹUTC"


def test_it_opens_no_folder_above_its_own(cluster: Cluster) -> None:
    rights = {parent: parent.stat().st_mode for parent in cluster.folder.parents}
    cluster.open()
    assert {parent: parent.stat().st_mode for parent in cluster.folder.parents} == rights
    assert (cluster.folder / "data").stat().st_mode & 0o777 == 0o700


def test_it_opens_inside_a_running_event_loop(cluster: Cluster) -> None:
    async def story() -> object:
        cluster.open()
        return await answer(home(cluster), "SELECT 42")

    assert asyncio.run(story()) == 42


def test_opening_and_closing_twice_are_harmless(cluster: Cluster) -> None:
    cluster.open()
    first = postmaster(cluster)
    cluster.open()
    assert postmaster(cluster) == first
    cluster.close()
    assert not listens(cluster)
    cluster.close()


def test_the_last_user_of_one_process_stops_it_and_the_data_stay(cluster: Cluster) -> None:
    with cluster:
        with twin(cluster):
            asked(home(cluster), "CREATE TABLE kept AS SELECT 7 AS number")
        assert asked(home(cluster), "SELECT number FROM kept") == 7
        before = port(cluster)
    assert not listens(cluster)
    with cluster:
        assert port(cluster) == before
        assert asked(home(cluster), "SELECT number FROM kept") == 7


def test_processes_that_open_at_once_share_one_server(cluster: Cluster) -> None:
    with another_process(cluster) as first, another_process(cluster) as second:
        assert said(first) == said(second) == home(cluster)
        cast("IO[str]", first.stdin).close()
        first.wait(timeout=10)
        assert asked(home(cluster), "SELECT 1") == 1
    assert not listens(cluster)


def test_a_killed_user_does_not_keep_it_running(cluster: Cluster) -> None:
    cluster.open()
    with another_process(cluster) as process:
        assert said(process) == home(cluster)
        process.kill()
        process.wait(timeout=10)
    assert asked(home(cluster), "SELECT 1") == 1
    cluster.close()
    assert not listens(cluster)


def test_a_server_whose_only_user_was_killed_is_joined_and_then_stopped(cluster: Cluster) -> None:
    with another_process(cluster) as process:
        assert said(process) == home(cluster)
        process.kill()
    survivor = postmaster(cluster)
    cluster.open()
    assert postmaster(cluster) == survivor
    cluster.close()
    assert not listens(cluster)


def test_ctrl_c_in_the_terminal_ends_the_user_and_not_the_server(cluster: Cluster) -> None:
    with another_process(cluster) as process:
        assert said(process) == home(cluster)
        cluster.open()
        os.killpg(process.pid, signal.SIGINT)
        assert said(process) == "interrupted"
    assert asked(home(cluster), "SELECT 1") == 1


def test_a_killed_server_comes_up_again_with_all_that_was_committed(tmp_path: Path) -> None:
    with Cluster(tmp_path / "postgres", durable=True) as cluster:
        asked(home(cluster), "CREATE TABLE kept AS SELECT 7 AS number")
        os.kill(postmaster(cluster), signal.SIGKILL)
        cluster.open()
        assert asked(home(cluster), "SELECT number FROM kept") == 7


def test_closing_after_the_server_was_killed_is_harmless(cluster: Cluster) -> None:
    cluster.open()
    os.kill(postmaster(cluster), signal.SIGKILL)
    cluster.close()
    assert not listens(cluster)


def test_a_stranger_who_bears_the_number_of_the_last_server_is_left_alone(cluster: Cluster) -> None:
    cluster.open()
    os.kill(postmaster(cluster), signal.SIGKILL)
    remains = cluster.folder / "data" / "postmaster.pid"
    with subprocess.Popen([*cluster._lowering, "sleep", "60"]) as stranger:
        remains.write_text(remains.read_text().replace(str(postmaster(cluster)), str(stranger.pid), 1))
        cluster.open()
        assert postmaster(cluster) != stranger.pid
        cluster.close()
        assert stranger.poll() is None
        stranger.kill()


def test_a_port_that_was_taken_meanwhile_is_exchanged(cluster: Cluster) -> None:
    cluster.open()
    cluster.close()
    with socket.create_server(("127.0.0.1", port(cluster))) as thief:
        cluster.open()
        assert port(cluster) != thief.getsockname()[1]
        assert asked(home(cluster), "SELECT 1") == 1


def test_an_interrupted_creation_is_begun_anew(cluster: Cluster) -> None:
    remains = cluster.folder / "creation.0a1b2c3d" / "base"
    remains.mkdir(parents=True)
    cluster.open()
    assert not remains.parent.exists()
    assert asked(home(cluster), "SELECT 1") == 1


def test_a_start_that_fails_shows_the_end_of_the_log_and_leaves_no_user_behind(cluster: Cluster) -> None:
    cluster.open()
    cluster.close()
    settings = cluster.folder / "data" / "postgresql.conf"
    sound = settings.read_text()
    settings.write_text(f"{sound}\nwork_mem = 'plenty'\n")
    with pytest.raises(EmbeddedError, match=r'(?s)did not start.*invalid value for parameter "work_mem": "plenty"'):
        cluster.open()
    settings.write_text(sound)
    with twin(cluster):
        assert listens(cluster)
    assert not listens(cluster)


def test_asking_where_to_connect_before_opening_says_what_to_do(cluster: Cluster) -> None:
    with pytest.raises(EmbeddedError, match="Was it opened"):
        home(cluster)
