"""What is wrong with a mapping is told all at once, in the words of whoever wrote it: by section and key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.kernel.errors import BadInput


class BadMapping(BadInput):
    """The mapping cannot be used; correct it."""


class Mistake(Exception):
    """One thing in a mapping that cannot be meant; the text says what is wanted instead."""


class Mistakes:
    """All mistakes in one mapping."""

    def __init__(self) -> None:
        self.found: list[str] = []

    @contextmanager
    def at(self, *place: str) -> Iterator[None]:
        """A mistake made inside is noted with its place, and reading goes on behind it."""
        try:
            yield
        except Mistake as mistake:
            self.found.append(f"{', '.join(place)}: {mistake}.")

    def settle(self, name: str) -> None:
        """Raise BadMapping if anything was noted: in one line, or one line each."""
        if self.found:
            told = self.found if len(self.found) == 1 else ["several mistakes", *self.found]
            raise BadMapping("\n  ".join([f"{name}: {told[0]}", *told[1:]]))
