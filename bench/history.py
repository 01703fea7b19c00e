"""How long the questions of everyday work take over a whole history, asked as a client asks them.

`.venv/bin/python bench/history.py FOLDER` founds a firm in a database of its own under a temporary folder, brings the
folder in by the mapping `adventureworks`, serves it on the loopback, and asks each question a few times. It prints
the import's own report, then a table: answers in milliseconds (best, median, worst) and their size.
"""

# ruff: noqa: T201 - what it prints is its answer
from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).parents[1]
SERVER = [sys.executable, str(ROOT / "server.py")]
PATIENCE = 60
QUESTIONS = {
    "all orders, 50 with vendor and lines": """{ purchaseOrders(first: 50) { totalCount nodes { number state
        total { amount currency } partner { name } lines { quantity received product { sku name } } } } }""",
    "the newest 50 by total, with a count": """{ purchaseOrders(first: 50, orderBy: [{field: TOTAL, direction: DESC}])
        { totalCount nodes { number total { amount } } } }""",
    "orders of one vendor": """{ purchaseOrders(first: 50, filter: {partner: {number: {eq: "SUPERSAL0001"}}})
        { totalCount nodes { number dated state } } }""",
    "orders short of goods": """{ purchaseOrders(first: 50, filter: {lines: {some: {closed: {gt: "0"}}}})
        { totalCount nodes { number reason } } }""",
    "lines of one product over all years": """{ purchaseOrders(first: 50, filter: {lines: {some: {product:
        {sku: {eq: "LJ-5811"}}}}}) { totalCount nodes { number dated } } }""",
    "receipts with refused goods": """{ receipts(first: 50, filter: {lines: {some: {rejected: {gt: "0"}}}})
        { totalCount nodes { number dated lines { rejected } } } }""",
    "what lies where": '{ positions(first: 250, filter: {onHand: {gt: "0"}}) { totalCount nodes { onHand } } }',
    "open exceptions": "{ importExceptions(first: 50, filter: {state: {eq: OPEN}}) { totalCount nodes { message } } }",
    "every desk with its counts": "{ desks { role views { name count } } }",
    "the last page of the log": "{ events(last: 50) { nodes { type at record { id } } } }",
}


def main() -> None:
    """Bring the folder in, then ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("folder", type=Path, help="the files of the mapping `adventureworks`")
    parser.add_argument("--times", type=int, default=10, help="how often each question is asked")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as var:
        environment = {**os.environ, "TRADEGRAPH_VAR": var, "PORT": "0", "TRADEGRAPH_LOG": "json"}
        key = furnished(chosen.folder, environment)
        with served(environment) as address:
            print(f"\n{'question':<45}{'best':>8}{'median':>8}{'worst':>8}{'bytes':>9}")
            for name, query in QUESTIONS.items():
                print(asked(address, key, name, query, chosen.times))


def furnished(folder: Path, environment: dict[str, str]) -> str:
    """Found the firm and bring its past in; answers with a key that may see it all."""
    told(environment, "migrate")
    told(environment, "tenant", "create", "bench", "Bench", "--company", "AW", "--country", "US", "--currency", "USD")
    began = time.perf_counter()
    print(told(environment, "import", str(folder), "--mapping", "adventureworks"))
    print(f"The import took {time.perf_counter() - began:.1f} s.")
    roles = [word for role in ("buyer", "accountant", "storekeeper", "administrator") for word in ("--role", role)]
    return told(environment, "key", "create", "bench", *roles).strip().splitlines()[-1]


def told(environment: dict[str, str], *words: str) -> str:
    """What a command of the server's prints."""
    done = subprocess.run([*SERVER, *words], env=environment, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


@contextmanager
def served(environment: dict[str, str]) -> Iterator[str]:
    """The address of a running server, stopped at the end."""
    with subprocess.Popen(
        [*SERVER, "serve"], env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        try:
            yield address_in(process.stdout or iter(()))
        finally:
            process.terminate()
            process.wait(PATIENCE)


def address_in(lines: Iterator[str]) -> str:
    """Where the server says that it answers."""
    for line in lines:
        if found := re.search(r"http://\S+/graphql", line):
            return found.group()
    raise SystemExit("The server did not start; run it by hand to see why.")


def asked(address: str, key: str, name: str, query: str, times: int) -> str:
    """One line of the table."""
    took = []
    with httpx.Client(headers={"Authorization": f"Bearer {key}"}, timeout=PATIENCE) as client:
        for _ in range(times + 1):
            began = time.perf_counter()
            answer = client.post(address, json={"query": query})
            took.append((time.perf_counter() - began) * 1000)
    if answer.status_code != httpx.codes.OK or "errors" in answer.json():
        return f"{name:<45} {answer.text[:200]}"
    warm = took[1:]
    return f"{name:<45}{min(warm):8.1f}{statistics.median(warm):8.1f}{max(warm):8.1f}{len(answer.content):9}"


if __name__ == "__main__":
    main()
