"""Who acts: a person or an integration, with rights, companies and the only clock."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from domain.kernel.errors import Forbidden


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Actor:
    """One party to a request. Whoever has no right may do nothing: rights are granted, never assumed."""

    tenant: int
    name: str
    rights: frozenset[str] = frozenset()
    companies: frozenset[UUID] = frozenset()
    user: UUID | None = None
    key: UUID | None = None
    sign_in: UUID | None = None
    partner: UUID | None = None
    clock: Callable[[], datetime] = field(default=_now, compare=False)

    def may(self, right: str) -> bool:
        return right in self.rights

    def must(self, right: str) -> None:
        """Raises Forbidden when the right is missing."""
        if right not in self.rights:
            raise Forbidden(f"This needs the right {right!r}; ask an administrator.", right=right)

    @property
    def is_now(self) -> bool:
        """Whether the actor's clock is that of the world."""
        return self.clock is _now

    @property
    def signature(self) -> UUID | None:
        """What stands behind `created_by`, `updated_by` and events: the user, or the API key."""
        return self.user or self.key
