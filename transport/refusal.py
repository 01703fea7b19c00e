"""What the domain refuses, told over plain HTTP: in the shape of a GraphQL error, with a status for each code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from domain.kernel.errors import Refused
from resolvers.told import path_of

STATUS = {
    "NOT_AUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "WRONG_STATE": 409,
    "NOT_READY": 409,
    "CONFLICT": 409,
    "INTERNAL": 500,
    "BUSY": 503,
}
"""What is not listed is 400."""

Shown = Mapping[str, Any]


def shown(refused: Refused) -> list[Shown]:
    """A refusal as GraphQL errors."""
    return [{"message": one.message, "extensions": {"code": one.code, "path": path_of(one)}} for one in refused.each]


def status(errors: Iterable[Shown]) -> int:
    """The status of an answer that holds these errors and nothing else."""
    return max((STATUS.get(one.get("extensions", {}).get("code", ""), 400) for one in errors), default=400)
