"""A file of delimited text is read row by row, each with the line it begins on; a broken row costs no other row."""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from domain.intake.format import LONGEST, Broken, Format, shown
from domain.intake.grid import Grid, Listed

MOST_LINES = 200
"""Over how many physical lines one row may stretch; beyond that, its quote was never meant to open."""
TABBED = ".tsv"


class Delimited(Grid):
    """CSV and its kin. Lines that are quite empty are no rows."""

    too_many = "check its delimiters"
    unfit = "This is not {encoding}; state the file's encoding in the mapping."

    def lists(self) -> Iterator[Listed | Broken]:
        """Row by row; what comes after bytes that end the decoding cannot be read."""
        form = self.form
        with self.path.open(encoding=encoding_of(form), errors="surrogateescape", newline="") as file:
            lines = _Lines(file)
            reader = _reader(lines, form, "\t" if self.path.suffix.lower() == TABBED else ",")
            while True:
                lines.begin()
                try:
                    values = next(reader, None)
                except csv.Error as error:
                    yield Broken(lines.first, f"The row cannot be read ({error}); check its quotes.", value=lines.text)
                    lines.give_back()
                    continue
                except UnicodeDecodeError:
                    yield Broken(lines.first, f"From here on this is not {form.encoding}; state the file's encoding.")
                    return
                if values is None:
                    return
                if values:
                    yield lines.first, values


def encoding_of(form: Format) -> str:
    """The encoding to open a file in, which skips a byte-order mark."""
    return "utf-8-sig" if codecs.lookup(form.encoding).name == "utf-8" else form.encoding


def _reader(lines: Iterator[str], form: Format, usual: str) -> Iterator[list[str]]:
    delimiter = form.delimiter or usual
    if not form.quote:
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=delimiter, quotechar=form.quote, strict=True)


class _Lines:
    """The physical lines of a file, counted; when a row proves broken, all but its first are given back."""

    def __init__(self, file: TextIO) -> None:
        self._file = file
        self._back: deque[str] = deque()
        self._row: list[str] = []
        self._read = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self._row) == MOST_LINES:
            raise csv.Error(f"a quote is not closed within {MOST_LINES} lines")
        line = self._back.popleft() if self._back else self._file.readline(LONGEST)
        if not line:
            raise StopIteration
        self._read += 1
        self._row.append(line)
        if len(line) == LONGEST:
            skip_the_rest(self._file)
            raise csv.Error(f"a line is longer than {LONGEST} characters")
        return line

    @property
    def first(self) -> int:
        """The number of the line on which the row begins."""
        return self._read - max(len(self._row), 1) + 1

    @property
    def text(self) -> str:
        """The row's first line."""
        return shown(self._row[0])

    def begin(self) -> None:
        """A new row begins."""
        self._row = []

    def give_back(self) -> None:
        """What follows the first line of the row is to be read as rows of its own."""
        self._back.extendleft(reversed(self._row[1:]))
        self._read -= len(self._row) - 1


def skip_the_rest(file: TextIO) -> None:
    """Leave a line of which the beginning was too long already."""
    while (rest := file.readline(LONGEST)) and not rest.endswith(("\n", "\r")):
        pass
