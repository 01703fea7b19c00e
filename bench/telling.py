"""What was measured, told: a table for the eye and for a page of the manual, rows for programs."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

from bench.measuring import Row

HEAD = ("operation", "contender", "requests/s", "p50 ms", "p99 ms", "server CPU ms", "database CPU ms")
PEERS = ("postgraphile", "limit")


def table(rows: list[Row]) -> str:
    """The rows as a table of Markdown, ratios pair by pair at the right."""
    heads = [*HEAD, *(f"× {peer}" for peer in PEERS), *(f"CPU of {peer}" for peer in PEERS)]
    lines = [heads, ["---", "---", *["--:"] * (len(heads) - 2)], *map(_cells, rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def notes(rows: list[Row]) -> str:
    """What the table cannot hold: who declined what, and what failed under way."""
    told = [f"{row['contender']}: {row['operation']} declined by this server: {row['declined']}"
            for row in rows if row.get("declined")]  # fmt: skip
    told += [f"{row['contender']}: {row['operation']}: {row['failed']} requests failed, such as {row['failure']}"
             for row in rows if row.get("failed")]  # fmt: skip
    return "\n".join(f"- {one}" for one in told)


def machine() -> str:
    """Where it was measured."""
    cores, memory = os.cpu_count(), os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{cores} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}, Python {platform.python_version()}"


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
