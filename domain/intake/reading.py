"""A CSV file is read row by row, each with the line it begins on; a broken row is told and costs no other row."""

from __future__ import annotations

import codecs
import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path, PurePath
from typing import Any, TextIO

from domain.intake.mistakes import Mistake

MOST_LINES = 200
"""Over how many physical lines one row may stretch; beyond that, its quote was never meant to open."""
LONGEST = 1_000_000
LINE_SHOWN = 200
_UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Format:
    """How the text of a file is laid down. A byte-order mark is skipped; without a quote, quotes mean nothing."""

    encoding: str = "utf-8"
    delimiter: str = ","
    quote: str = '"'


def checked_format(written: Any, base: Format) -> Format:
    """The format that a table of the mapping declares, as it differs from `base`."""
    known = {one.name for one in fields(Format)}
    if not isinstance(written, dict) or not all(isinstance(one, str) for one in written.values()):
        raise Mistake(f"it wants a table of texts for {', '.join(sorted(known))}")
    if stray := sorted(written.keys() - known):
        raise Mistake(f"{stray[0]!r} means nothing here; known: {', '.join(sorted(known))}")
    form = replace(base, **written)
    if len(form.delimiter) != 1 or len(form.quote) > 1 or form.delimiter in {form.quote, "\r", "\n"}:
        raise Mistake("delimiter and quote are two different characters; quote may be empty")
    try:
        "".encode(form.encoding)
    except LookupError:
        raise Mistake(f"{form.encoding!r} is no encoding; use one such as utf-8 or cp1252") from None
    return form


def within(name: str) -> str:
    """The name of a file, provided it lies within the folder that is imported."""
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        raise Mistake(f"{name!r} leads out of the folder; name a file within it")
    return name


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first physical line, and its values by heading in lower case."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is none."""

    line: int
    reason: str
    column: str = ""
    value: str = ""


_Listed = tuple[int, list[str]]


class Table:
    """One file. It can be read again and again, and is never held in memory."""

    def __init__(self, path: Path, form: Format) -> None:
        """Reads the headings; Mistake if there is no such file, or no headings in it."""
        self.path, self._form = path, form
        try:
            first = next(self._lists(), None)
        except OSError as error:
            raise Mistake(f"{path} cannot be read ({error.strerror}); check the path") from None
        if first is None or isinstance(first, Broken):
            raise Mistake(f"{path} does not begin with headings in {form.encoding}; see its first line")
        self.headings = first[1]
        self._places = {heading.lower(): place for place, heading in enumerate(self.headings)}

    def must_have(self, columns: Iterable[str]) -> None:
        """Mistake if one of the columns has no heading, or more than one, in whichever case."""
        headings = [heading.lower() for heading in self.headings]
        for column in sorted(columns):
            if not (times := headings.count(column.lower())):
                there = ", ".join(map(repr, self.headings))
                raise Mistake(f"{self.path.name} has no column {column!r}; it has {there}")
            if times > 1:
                raise Mistake(f"{self.path.name} has {times} columns {column!r}; rename all but one")

    def count(self) -> int:
        """How many rows there are, broken ones included."""
        return sum(1 for _ in self.rows())

    def rows(self) -> Iterator[Row | Broken]:
        """Row by row; lines that are quite empty are none."""
        lists = self._lists()
        next(lists)
        return map(self._row, lists)

    def _row(self, listed: _Listed | Broken) -> Row | Broken:
        if isinstance(listed, Broken):
            return listed
        line, values = listed
        if len(values) != len(self.headings):
            reason = f"The row has {len(values)} values under {len(self.headings)} headings; check its delimiters."
            return Broken(line, reason, value=_shown(values[0]))
        if _UNFIT.search("".join(values)):
            heading, value = next(pair for pair in zip(self.headings, values, strict=True) if _UNFIT.search(pair[1]))
            reason = f"This is not {self._form.encoding}; state the file's encoding in the mapping."
            return Broken(line, reason, column=heading, value=_shown(value))
        return Row(line, {heading: values[place] for heading, place in self._places.items()})

    def _lists(self) -> Iterator[_Listed | Broken]:
        form = self._form
        encoding = "utf-8-sig" if codecs.lookup(form.encoding).name == "utf-8" else form.encoding
        with self.path.open(encoding=encoding, errors="surrogateescape", newline="") as file:
            lines = _Lines(file)
            reader = _reader(lines, form)
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


def _reader(lines: Iterator[str], form: Format) -> Iterator[list[str]]:
    if not form.quote:
        return csv.reader(lines, delimiter=form.delimiter, quoting=csv.QUOTE_NONE, strict=True)
    return csv.reader(lines, delimiter=form.delimiter, quotechar=form.quote, strict=True)


def _shown(text: str) -> str:
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text.rstrip("\r\n"))


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
            self._skip_the_rest()
            raise csv.Error(f"a line is longer than {LONGEST} characters")
        return line

    @property
    def first(self) -> int:
        """The number of the line on which the row begins."""
        return self._read - max(len(self._row), 1) + 1

    @property
    def text(self) -> str:
        """The row's first line."""
        return _shown(self._row[0][:LINE_SHOWN])

    def begin(self) -> None:
        """A new row begins."""
        self._row = []

    def give_back(self) -> None:
        """What follows the first line of the row is to be read as rows of its own."""
        self._back.extendleft(reversed(self._row[1:]))
        self._read -= len(self._row) - 1

    def _skip_the_rest(self) -> None:
        while (rest := self._file.readline(LONGEST)) and not rest.endswith(("\n", "\r")):
            pass
