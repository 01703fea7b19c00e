"""A file is read row by row, whatever its format, each with its place; a broken row is told and costs no other row."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

from domain.intake.delimited import TABBED, Delimited
from domain.intake.format import Broken, Format, Row, checked_format, within
from domain.intake.mistakes import Mistake
from domain.intake.objects import Objects
from domain.intake.sheet import Sheet

__all__ = ["FORMATS", "Broken", "Format", "Row", "Table", "checked_format", "within"]


class File(Protocol):
    """A file of some format, which can be read again and again."""

    @property
    def headings(self) -> list[str]: ...

    def must_have(self, columns: Iterable[str]) -> None: ...

    def rows(self) -> Iterator[Row | Broken]: ...


FORMATS: dict[str, Callable[[Path, Format], File]] = {
    ".csv": Delimited,
    ".txt": Delimited,
    TABBED: Delimited,
    ".xlsx": Sheet,
    ".jsonl": Objects,
    ".ndjson": Objects,
}
"""What a file is read as, by how its name ends."""


ABSENT = "check the path"
"""What to do about a file that is not there, as whoever sees the folder is told it."""


class Table:
    """One file. It can be read again and again, and is never held in memory."""

    def __init__(self, path: Path, form: Format) -> None:
        """Reads the headings; Mistake if there is no such file, or no headings in it."""
        if (opened := FORMATS.get(path.suffix.lower())) is None:
            raise Mistake(f"{path.name} has no ending that tells its format; save it as one of {', '.join(FORMATS)}")
        self.path = path
        try:
            self._file = opened(path, form)
        except OSError as error:
            raise Mistake(f"{path} cannot be read ({error.strerror}); {ABSENT}") from None

    @property
    def headings(self) -> list[str]:
        """What the columns are called; of a file of objects, what the first one holds."""
        return self._file.headings

    def must_have(self, columns: Iterable[str]) -> None:
        """Mistake if one of the columns is not there, or more than once, in whichever case."""
        self._file.must_have(columns)

    def count(self) -> int:
        """How many rows there are, broken ones included."""
        return sum(1 for _ in self.rows())

    def rows(self) -> Iterator[Row | Broken]:
        """Row by row; rows that are quite empty are none."""
        return self._file.rows()
