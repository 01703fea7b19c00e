"""Who is measured: each a server of one process, started on the same database, and stopped at the end."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from bench.store import ROOT, VAR, Store

PATIENCE = 120
"""Seconds for a server to answer; the first start of PostGraphile reads all of the schema."""
GRACE = 15
ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)/graphql")
NAMES = ("tradegraph", "limit", "strawberry", "postgraphile")


class Missing(Exception):
    """A contender cannot be had here."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A server that answers."""

    name: str
    port: int
    pid: int


@contextmanager
def started(store: Store, names: list[str]) -> Iterator[dict[str, Contender]]:
    """Those of the contenders that can be had; of the others it is told why not."""
    with ExitStack() as stack:
        found = {}
        for name in names:
            try:
                found[name] = stack.enter_context(_served(name, store))
            except Missing as missing:
                sys.stdout.write(f"{name} is left out: {missing}\n")
        yield found


@contextmanager
def _served(name: str, store: Store) -> Iterator[Contender]:
    logs = VAR / "logs"
    logs.mkdir(exist_ok=True)
    log = logs / f"{name}.log"
    command, variables = _command(name, store)
    with log.open("w") as file:
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **variables}, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield Contender(name, _port(name, process, log), process.pid)
    finally:
        _stop(process)


def _stop(process: subprocess.Popen[bytes]) -> None:
    """End it and all that came from it."""
    if process.poll() is not None:
        return
    family = [psutil.Process(process.pid), *psutil.Process(process.pid).children(recursive=True)]
    process.terminate()
    _, left = psutil.wait_procs(family, GRACE)
    for one in left:
        with suppress(psutil.NoSuchProcess):
            one.kill()
    process.wait(GRACE)


def _command(name: str, store: Store) -> tuple[list[str], Mapping[str, str]]:
    ours = {
        "DATABASE_URL": store.owner,
        "DATABASE_APP_URL": store.application,
        "HOST": "127.0.0.1",
        "PORT": "0",
        "TRADEGRAPH_VAR": str(VAR / "server"),
        "TRADEGRAPH_LOG": "json",
        "PYTHONPATH": str(ROOT),
    }
    if name == "tradegraph":
        return [sys.executable, "server.py", "serve"], ours
    if name == "limit":
        return [sys.executable, "-m", "bench.limit"], ours
    if name == "strawberry":
        return [sys.executable, "-m", "bench.plain"], ours
    from bench.node import PACKAGES, prepared

    theirs = ours | {"NODE_ENV": "production", "BENCH_NODE": str(PACKAGES)}
    return [str(prepared(store)), str(ROOT / "bench" / "postgraphile" / "server.mjs")], theirs


def _port(name: str, process: subprocess.Popen[bytes], log: Path) -> int:
    """Where it says that it answers."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline and process.poll() is None:
        if found := ADDRESS.search(log.read_text(errors="replace")):
            return int(found[1])
        time.sleep(0.05)
    end = " / ".join(log.read_text(errors="replace").splitlines()[-3:])
    raise Missing(f"{name} did not start; {log} ends: {end}")
