"""What the records of a section come to, group by group, so that they can be held against the source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

LEAST, GREATEST = "least ", "greatest "
"""How the names of figures begin that are not added up."""


@dataclass(slots=True)
class Figures:
    """Figures by name, within groups such as the status in the source. Batches are added up."""

    groups: dict[str, dict[str, Decimal]] = field(default_factory=dict)

    def add(self, group: str, figures: Mapping[str, Any]) -> None:
        """Add some figures to a group; those that nobody knows (None) are left out."""
        mine = self.groups.setdefault(group, {})
        for name, value in figures.items():
            if value is not None:
                mine[name] = _joined(name, mine[name], Decimal(value)) if name in mine else Decimal(value)

    def join(self, others: Figures) -> None:
        """Add the figures of another batch."""
        for group, figures in others.groups.items():
            self.add(group, figures)

    def content(self) -> dict[str, dict[str, str]]:
        """The figures as texts, by group."""
        return {group: {name: f"{value:f}" for name, value in told.items()} for group, told in self.groups.items()}

    def lines(self) -> Iterator[str]:
        """The figures as people read them, a line a group."""
        for group, figures in sorted(self.groups.items()):
            told = ", ".join(f"{name} {value:,f}" for name, value in figures.items())
            yield f"{group}: {told}" if group else told


def _joined(name: str, one: Decimal, other: Decimal) -> Decimal:
    if name.startswith(LEAST):
        return min(one, other)
    return max(one, other) if name.startswith(GREATEST) else one + other
