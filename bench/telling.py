"""What was measured, told: a table for the eye and for a page of the manual, rows for programs."""

from __future__ import annotations

import json
import os
import platform
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

Row = dict[str, Any]
Told = Callable[[str], None]

HEAD = ("operation", "contender", "requests/s", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms")
PEERS = ("postgraphile", "limit")


def told(port: int) -> None:
    """Say, as a contender, where it answers."""
    sys.stdout.write(f"http://127.0.0.1:{port}/graphql\n")
    sys.stdout.flush()


def table(rows: list[Row]) -> str:
    """The rows as a table of Markdown, ratios pair by pair at the right."""
    heads = [*HEAD, *(f"of {peer}" for peer in PEERS), *(f"CPU of {peer}" for peer in PEERS)]
    cells = [heads, ["---", "---", *["--:"] * (len(heads) - 2)], *map(_cells, rows)]
    aside = [f"- {line(row)}" for row in rows if row.get("declined") or row.get("failed")]
    return "\n".join([*(f"| {' | '.join(one)} |" for one in cells), *([""] if aside else []), *aside])


def line(row: Row) -> str:
    """One row for the eye."""
    begin = f"{row['operation']:14} {row['contender']:13}"
    if row.get("declined"):
        return f"{begin} declined by this server: {row['declined']}"
    failed = f"; {row['failed']} requests failed, such as {row['failure']}" if row["failed"] else ""
    return (
        f"{begin}{row['requests_per_second']:9.1f}/s   p50 {row['p50_ms']:8.2f}   p99 {row['p99_ms']:8.2f}   "
        f"CPU: server {row['server_cpu_ms']:7.2f}, database {row['database_cpu_ms']:6.2f} ms{failed}"
    )


def machine() -> str:
    """Where it was measured."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    )


def keep(path: Path, rows: list[Row], **about: Any) -> None:
    """Write the rows, each with what it was measured on."""
    path.write_text(json.dumps([row | about for row in rows], indent=1))


def _cells(row: Row) -> list[str]:
    named = [row["operation"], row["contender"]]
    if row.get("declined"):
        return [*named, "declined", *[""] * (len(HEAD) - 3 + 2 * len(PEERS))]
    figures = [row["requests_per_second"], row["p50_ms"], row["p99_ms"], row["server_cpu_ms"], row["database_cpu_ms"]]
    ratios = [row[f"{kind}_to_{peer}"] for kind in ("ratio", "cpu") for peer in PEERS]
    return [*named, *map(_shown, figures), *map(_shown, ratios)]


def _shown(figure: float | None) -> str:
    if figure is None:
        return ""
    return f"{figure:,.0f}" if figure >= 100 else f"{figure:.1f}" if figure >= 10 else f"{figure:.2f}"
