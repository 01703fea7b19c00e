"""How statements are carried out, for an administrator who asked to be told with the answer.

PostgreSQL is asked to explain each statement by carrying it out once more, as the same role in the same tenant. What it
says is shown as far as it is about the asker's own rows: estimates follow from the rows of all tenants, and so does how
many rows were looked at in vain.
"""

from __future__ import annotations

from collections.abc import Sequence
from time import perf_counter
from typing import TYPE_CHECKING, Any

import orjson

if TYPE_CHECKING:
    from resolvers.reading import Reading
    from resolvers.reads.plans import Plan

RIGHT = "company.write"
"""Who may ask."""
EXPLAIN = "explain (analyze, buffers, format json) "
SHOWN = frozenset({
    "Plan", "Plans", "Planning Time", "Execution Time", "Node Type", "Parent Relationship", "Subplan Name", "CTE Name",
    "Relation Name", "Alias", "Function Name", "Index Name", "Scan Direction", "Index Cond", "Recheck Cond", "Filter",
    "Join Type", "Join Filter", "Hash Cond", "Merge Cond", "Inner Unique", "Strategy", "Partial Mode", "Group Key",
    "Sort Key", "Presorted Key", "Sort Method", "Cache Key", "One-Time Filter", "Actual Startup Time",
    "Actual Total Time", "Actual Rows", "Actual Loops", "Shared Hit Blocks", "Shared Read Blocks", "Temp Read Blocks",
    "Temp Written Blocks",
})  # fmt: skip
"""What of an explanation is shown."""


class Explaining:
    """Gathers what is told of one operation: a statement after the other, as they were sent."""

    def __init__(self) -> None:
        self._told: list[dict[str, Any]] = []

    def taken(self) -> list[dict[str, Any]]:
        """What there is to tell since this was last asked."""
        told, self._told = self._told, []
        return told

    async def rows(self, reading: Reading, plan: Plan, sql: str, arguments: Sequence[Any]) -> Sequence[Sequence[Any]]:
        """The rows of a plan's statement; notes how they came."""
        began = perf_counter()
        rows = await reading.fetch(sql, arguments)
        took = perf_counter() - began
        ((said,),) = await reading.fetch(EXPLAIN + sql, arguments)
        explained = orjson.loads(said) if isinstance(said, str) else said
        self._told.append({
            "statement": sql,
            "arguments": len(arguments),
            "milliseconds": round(took * 1000, 3),
            "rows": len(rows),
            "cached": plan.used,
            "explain": shown(explained),
        })  # fmt: skip
        return rows


def shown(explained: Any) -> Any:
    """What is shown of an explanation."""
    if isinstance(explained, list):
        return [shown(one) for one in explained]
    if not isinstance(explained, dict):
        return explained
    hidden = {"Actual Rows"} if str(explained.get("Node Type")).startswith("Bitmap") else set()
    return {name: shown(value) for name, value in explained.items() if name in SHOWN - hidden}
