"""A worklist is a list that somebody works through: a list of the API with a filter, an order and a search.

What a filter may say is the API's to know; the domain asks through `Language`, which the API fills in when it is built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Protocol

from domain.kernel.actor import Actor

_WRITTEN = re.compile(r"\$(?:(me)|(today|now)([+-][0-9]{1,4})?)")


@dataclass(frozen=True, kw_only=True, eq=False)
class Worklist:
    """`on` is the list by its name in the API; `filter`, `order_by` and `search` are what that list is asked with.

    Within `filter`, the texts `$today`, `$now` (both also as `$today+7`, `$now-30`: days) and `$me` stand for what
    they are at the time of reading.
    """

    on: str
    name: str
    description: str | None = None
    filter: Mapping[str, Any] = field(default_factory=dict)
    order_by: Sequence[Mapping[str, Any]] = ()
    search: str | None = None


@dataclass(frozen=True, slots=True)
class Reading:
    """Who reads a worklist, by the id that the API knows them by, and when."""

    me: str
    today: date
    now: datetime

    def of(self, kept: Any) -> Any:
        """What was kept, with everything that stands for something put in its place."""
        if isinstance(kept, Mapping):
            return {name: self.of(value) for name, value in kept.items()}
        if isinstance(kept, list | tuple):
            return [self.of(value) for value in kept]
        written = _WRITTEN.fullmatch(kept) if isinstance(kept, str) else None
        return self._meant(*written.groups()) if written else kept

    def _meant(self, me: str | None, word: str, days: str | None) -> str:
        if me:
            return self.me
        apart = timedelta(days=int(days or 0))
        if word == "today":
            return (self.today + apart).isoformat()
        return (self.now + apart).astimezone(UTC).isoformat()


class Language(Protocol):
    """What the API says of worklists."""

    def check(self, actor: Actor, worklist: Worklist) -> None:
        """Raises Refused, at `on`, `filter`, `orderBy` or `search`, if the actor cannot ask for such a list."""


_SPOKEN: list[Language] = []


def speak(language: Language) -> None:
    """Let the whole process speak this language."""
    _SPOKEN[:] = [language]


def spoken() -> Language:
    """The language of this process."""
    if not _SPOKEN:
        raise LookupError("the API was not built in this process; nobody knows what a filter may say")
    return _SPOKEN[0]
