"""Drives one server over connections that are kept alive, each asking anew once it is answered.

Runs in a process of its own: a job comes in as JSON, what was measured goes out as JSON. Requests are encoded
beforehand, answers are counted and searched for errors but not decoded, so that little of the machine goes into asking.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count, cycle
from time import perf_counter, process_time
from typing import Any

import httptools
import psutil

FRESH = "{fresh-key}"
"""Stands in a request for twelve digits that no other request has."""
MARKS = (b'"errors":[{', b'"data":null')
PATIENCE = 60
ENOUGH = 40
"""A run goes on until so many requests are answered, but not for more than three times as long."""


@dataclass
class Tally:
    """What was answered since the last look."""

    took: list[float] = field(default_factory=list)
    failed: int = 0
    size: int = 0
    failure: str = ""

    def clear(self) -> None:
        """Begin anew."""
        self.took.clear()
        self.failed, self.size, self.failure = 0, 0, ""


class Caller(asyncio.Protocol):
    """One connection."""

    def __init__(self, requests: Iterator[bytes], tally: Tally) -> None:
        self._requests, self._tally = requests, tally
        self._parser = httptools.HttpResponseParser(self)
        self._transport: Any = None
        self._began, self._good, self._over = 0.0, True, False
        self._told = b""
        self.gone = asyncio.get_running_loop().create_future()

    def stop(self) -> None:
        """Ask no more, whatever is still to come."""
        self._over = True
        self._transport.close()

    def connection_made(self, transport: Any) -> None:
        self._transport = transport
        self._ask()

    def connection_lost(self, error: Exception | None) -> None:
        if self._over:
            self.gone.set_result(None)
        else:
            self.gone.set_exception(error or ConnectionError("the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_body(self, body: bytes) -> None:
        self._tally.size += len(body)
        if any(mark in body for mark in MARKS):
            self._good, self._told = False, body[:500]

    def on_message_complete(self) -> None:
        status = self._parser.get_status_code()
        if status == 200 and self._good:
            self._tally.took.append(perf_counter() - self._began)
        else:
            self._tally.failed += 1
            self._tally.failure = f"{status} {self._told.decode(errors='replace')}"
        if not self._over:
            self._ask()

    def _ask(self) -> None:
        self._good, self._told = True, b""
        self._began = perf_counter()
        self._transport.write(next(self._requests))


async def driven(job: dict[str, Any]) -> dict[str, Any]:
    """Warm up, then measure."""
    tally, requests = Tally(), _requests(job["requests"], job["run"])
    loop = asyncio.get_running_loop()
    callers: list[Caller] = [
        (await loop.create_connection(lambda: Caller(requests, tally), "127.0.0.1", job["port"]))[1]
        for _ in range(job["connections"])
    ]
    gone = [caller.gone for caller in callers]
    await _passed(job["warm"], gone)
    tally.clear()
    before, began, mine = _cpu(job["processes"]), perf_counter(), process_time()
    await _passed(job["seconds"], gone)
    while len(tally.took) + tally.failed < ENOUGH and perf_counter() - began < 3 * job["seconds"]:
        await _passed(0.2, gone)
    elapsed, after, mine = perf_counter() - began, _cpu(job["processes"]), process_time() - mine
    for caller in callers:
        caller.stop()
    await asyncio.gather(*gone)
    return _told(tally, elapsed, {name: after[name] - before[name] for name in after} | {"driver": mine})


async def _passed(seconds: float, gone: list[Any]) -> None:
    """Raises what ended a connection meanwhile."""
    done, _ = await asyncio.wait(gone, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for one in done:
        one.result()


def _told(tally: Tally, elapsed: float, cpu: dict[str, float]) -> dict[str, Any]:
    took = sorted(tally.took)
    number = max(1, len(took))
    return {
        "requests": len(took),
        "failed": tally.failed,
        "failure": tally.failure,
        "seconds": elapsed,
        "requests_per_second": len(took) / elapsed,
        "p50_ms": _at(took, 0.50) * 1000,
        "p99_ms": _at(took, 0.99) * 1000,
        "bytes": tally.size // number,
        **{f"{name}_cpu_ms": spent * 1000 / number for name, spent in cpu.items()},
    }


def _at(took: list[float], share: float) -> float:
    return took[min(len(took) - 1, int(len(took) * share))] if took else 0.0


def _requests(texts: list[str], run: str) -> Iterator[bytes]:
    numbers = count()
    for before, *rest in cycle([text.encode().split(FRESH.encode()) for text in texts]):
        yield before if not rest else b"%s%s%08d%s" % (before, run.encode(), next(numbers), rest[0])


def _cpu(processes: dict[str, int]) -> dict[str, float]:
    """Seconds of processor time of each process and of all that came from it, living or gone."""
    return {name: _spent(psutil.Process(pid)) for name, pid in processes.items()}


def _spent(process: psutil.Process) -> float:
    total = 0.0
    for one in [process, *process.children(recursive=True)]:
        try:
            times = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system + times.children_user + times.children_system
    return total


def main() -> None:
    """Read the job, do it, tell what was measured."""
    import uvloop

    sys.stdout.write(json.dumps(uvloop.run(driven(json.load(sys.stdin)))))


if __name__ == "__main__":
    main()
