"""How far imports have come and what came of them, read once for all imports of an operation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from domain.intake.job import ImportReport
from domain.kernel.tenancy import view
from resolvers.reading import Reading
from resolvers.sources import Found


async def progress(_reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any] | None]:
    """How far each import has come; None where nothing was read yet."""
    return [None if row["section"] is None else _progress(row) for row in rows]


async def reports(reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any] | None]:
    """The report on each import that has finished."""
    table = view(ImportReport)
    wanted = select(table).where(table.c.job_id.in_([row["id"] for row in rows]))
    found = {row["job_id"]: {"text": row["text"], "json": row["content"]} for row in await reading.rows(wanted)}
    return [found.get(row["id"]) for row in rows]


def _progress(row: Found) -> dict[str, Any]:
    return {"section": row["section"], "done": row["done"], "total": row["total"], "expected_at": row["expected_at"]}
