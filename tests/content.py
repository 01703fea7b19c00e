"""What a database says, whatever the ids and the times: two that say the same have the same digest, table by table."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg

KEPT_OUT = {"event_seal", "event_sealer", "alembic_version"}
"""Where events stand in the log is the sealer's business, not the import's."""
SEALED = {"digest", "approved_digest"}
"""Hashes in which ids have a part."""
DEPTH = 6
"""Over how many references one row can say something of another."""
_ID = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.+]+")
Rows = dict[str, list[dict[str, Any]]]


async def digest(owner_url: str) -> dict[str, tuple[int, str]]:
    """For each table that has rows: how many, and a hash of what all of them say.

    Every id is replaced by what the row with that id says, and so on, up to a depth that is greater than any chain of
    references; what a row says of a moment is left out.
    """
    rows = await _everything(owner_url)
    names: dict[str, str] = {}
    for _ in range(DEPTH):
        names = {str(row["id"]): _said(table, row, names) for table in rows if table != "event" for row in rows[table]}
    return {table: _sum(sorted(_said(table, row, names) for row in told)) for table, told in rows.items() if told}


async def _everything(owner_url: str) -> Rows:
    connection = await asyncpg.connect(owner_url)
    tables = await connection.fetch(
        """select relname from pg_class where relnamespace = 'public'::regnamespace and relkind in ('r', 'p')
           and not relispartition"""
    )
    rows: Rows = {}
    for (table,) in tables:
        if table not in KEPT_OUT:
            found = await connection.fetch(f'select * from "{table}"')
            rows[table] = [{"id": None, **dict(one)} for one in found]
    await connection.close()
    return rows


def _said(table: str, row: dict[str, Any], names: dict[str, str]) -> str:
    told = {
        column: _shown(value, names)
        for column, value in row.items()
        if column not in {"id", "xid", *SEALED} and value is not None and not isinstance(value, datetime)
    }
    return hashlib.blake2b(json.dumps([table, told], sort_keys=True).encode(), digest_size=16).hexdigest()


def _shown(value: Any, names: dict[str, str]) -> str:
    if isinstance(value, UUID):
        return names.get(str(value), "")
    text = _MOMENT.sub("", _ID.sub(lambda found: names.get(found[0], ""), str(value)))
    return json.dumps(_unsealed(json.loads(text)), sort_keys=True) if text.startswith("{") else text


def _unsealed(told: Any) -> Any:
    if isinstance(told, dict):
        return {key: _unsealed(value) for key, value in told.items() if key not in SEALED}
    return told


def _sum(told: list[str]) -> tuple[int, str]:
    return len(told), hashlib.blake2b("".join(told).encode(), digest_size=16).hexdigest()
