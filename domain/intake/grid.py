"""Rows of values under one row of headings, whichever file they come from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import ClassVar

from domain.intake.format import LONGEST_CELL, Broken, Format, Row, is_unfit, shown
from domain.intake.mistakes import Mistake

NUL = "The value holds the character NUL; take it out, or state the file's encoding if it is full of them."
Listed = tuple[int, list[str]]


class Grid:
    """A file of rows of values. It can be read again and again, and is never held in memory."""

    too_many: ClassVar[str]
    """What to do about a row that has not as many values as there are headings."""
    unfit: ClassVar[str]
    """What is wrong with a value that is no text; {encoding} stands for the one that is stated."""

    def __init__(self, path: Path, form: Format) -> None:
        """Reads the headings; Mistake if there are none."""
        self.path, self.form = path, form
        self.headings: list[str] = []
        first = next(self.lists(), None)
        if first is None or isinstance(first, Broken):
            raise Mistake(self.without_headings())
        self.headings = first[1]
        self._places = {heading.lower(): place for place, heading in enumerate(self.headings)}

    def lists(self) -> Iterator[Listed | Broken]:
        """Every row that is not quite empty, the headings first, each with the line it begins on."""
        raise TypeError(f"{type(self).__name__} does not say how it is read")

    def without_headings(self) -> str:
        """What to tell of a file that has none."""
        return f"{self.path} does not begin with headings in {self.form.encoding}; see its first line"

    def must_have(self, columns: Iterable[str]) -> None:
        """Mistake if one of the columns has no heading, or more than one, in whichever case."""
        headings = [heading.lower() for heading in self.headings]
        for column in sorted(columns):
            if not (times := headings.count(column.lower())):
                there = ", ".join(map(repr, self.headings))
                raise Mistake(f"{self.path.name} has no column {column!r}; it has {there}")
            if times > 1:
                raise Mistake(f"{self.path.name} has {times} columns {column!r}; rename all but one")

    def rows(self) -> Iterator[Row | Broken]:
        """Row by row."""
        lists = self.lists()
        next(lists)
        return map(self._row, lists)

    def _row(self, listed: Listed | Broken) -> Row | Broken:
        if isinstance(listed, Broken):
            return listed
        line, values = listed
        if len(values) != len(self.headings):
            reason = f"The row has {len(values)} values under {len(self.headings)} headings; {self.too_many}."
            return Broken(line, reason, value=shown(values[0]))
        if is_unfit("".join(values)):
            heading, value = next(pair for pair in zip(self.headings, values, strict=True) if is_unfit(pair[1]))
            unfit = NUL if "\0" in value else self.unfit.format(encoding=self.form.encoding)
            return Broken(line, unfit, column=heading, value=shown(value))
        return Row(line, {heading: values[place] for heading, place in self._places.items()})


def too_long(line: int, column: str, value: str) -> Broken:
    """A row of which one value is beyond measure."""
    return Broken(line, f"The value is longer than {LONGEST_CELL} characters.", column=column, value=shown(value))
