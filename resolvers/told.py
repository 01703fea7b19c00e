"""Refusals as values: an answer that holds an exception would fail itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.kernel.errors import Refused


@dataclass(frozen=True, slots=True)
class Told:
    """What a refusal says."""

    kind: type[Refused]
    code: str
    message: str
    path: tuple[str, ...]
    details: Mapping[str, Any]


def told(refused: Refused) -> Told:
    """One refusal as a value; the path as clients read it."""
    return Told(type(refused), refused.code, refused.message, path_of(refused), refused.details)


def path_of(refused: Refused) -> tuple[str, ...]:
    """Names of fields and, as text, indexes in lists."""
    return tuple(str(step) for step in refused.path)
