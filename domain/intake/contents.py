"""What a workbook holds besides rows: its sheets by name, what its styles show, and the texts that cells share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from types import TracebackType
from typing import IO, Self

from domain.intake.cells import shows
from domain.intake.format import LONGEST_CELL
from domain.intake.workbook import Attributes, Workbook, heard

MAIN = "xl/workbook.xml"
YES = {"1", "true"}


class Contents:
    """The parts of a workbook, and how its numbers are meant."""

    def __init__(self, book: Workbook) -> None:
        main = next((name for kind, name in book.related("").values() if kind == "officeDocument"), MAIN)
        near, told, styles = book.related(main), _Main(), _Styles()
        book.listen(main, told)
        parts = dict(near.values())
        book.listen(parts.get("styles", ""), styles)
        self.sheets = {name: near[id][1] for name, id in told.sheets.items() if near.get(id, ("",))[0] == "worksheet"}
        self.texts = parts.get("sharedStrings", "")
        self.since_1904 = told.since_1904
        self._shown = [shows(number, styles.codes.get(number)) for number in styles.used]

    def shown(self, style: int) -> str | None:
        """What a cell of this style shows if it holds a number: a date, a moment, a time, or None for a number."""
        return self._shown[style] if style < len(self._shown) else None


class Spoken:
    """Hears texts in all their runs, and values, but not how they are pronounced. What is beyond measure is cut."""

    def __init__(self) -> None:
        self.forget()
        self._aside = False

    def forget(self) -> None:
        """Something else begins."""
        self._runs: list[str] = []
        self._length, self._listens = 0, False
        self.was_there = False

    @property
    def said(self) -> str:
        return "".join(self._runs)

    def begin(self, name: str) -> None:
        self._aside = self._aside or name == "rPh"
        self._listens = name in {"t", "v"} and not self._aside
        self.was_there = self.was_there or self._listens

    def end(self, name: str) -> None:
        self._aside = self._aside and name != "rPh"
        self._listens = False

    def text(self, text: str) -> None:
        if self._listens and self._length <= LONGEST_CELL:
            self._runs.append(text)
            self._length += len(text)


class Texts:
    """The texts that cells share, by their place: read as far as they are asked for, and kept on disk."""

    def __init__(self, part: IO[bytes] | None) -> None:
        self._part, self._ear, self._count = part, _Shared(), 0
        self._pieces: Iterator[None] = iter(()) if part is None else heard(part, self._ear)
        self._file = sqlite3.connect("")
        self._file.execute("create table text (place integer primary key, said text)")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()
        if self._part is not None:
            self._part.close()

    def __getitem__(self, place: int) -> str:
        if place >= self._count:
            self._read_to(place)
        found = self._file.execute("select said from text where place = ?", (place,)).fetchone()
        if found is None:
            raise ValueError(f"there is no text {place}")
        return str(found[0])

    def _read_to(self, place: int) -> None:
        for _ in self._pieces:
            ready, self._ear.ready = self._ear.ready, []
            self._file.executemany("insert into text values (?, ?)", enumerate(ready, self._count))
            self._count += len(ready)
            if place < self._count:
                return


class _Shared:
    def __init__(self) -> None:
        self.ready: list[str] = []
        self._spoken = Spoken()

    def begin(self, name: str, _: Attributes) -> None:
        if name == "si":
            self._spoken.forget()
        self._spoken.begin(name)

    def end(self, name: str) -> None:
        self._spoken.end(name)
        if name == "si":
            self.ready.append(self._spoken.said)

    def text(self, text: str) -> None:
        self._spoken.text(text)


class _Main:
    """Hears the sheets that are not hidden, by name, with the ids of their relations."""

    def __init__(self) -> None:
        self.sheets: dict[str, str] = {}
        self.since_1904 = False

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "workbookPr":
            self.since_1904 = attributes.get("date1904") in YES
        if name == "sheet" and attributes.get("state", "visible") == "visible":
            id = next((value for one, value in attributes.items() if one.endswith(" id")), "")
            self.sheets[attributes.get("name", "")] = id

    def end(self, name: str) -> None: ...

    def text(self, text: str) -> None: ...


class _Styles:
    """Hears the codes of number formats, and which format each style of cells uses."""

    def __init__(self) -> None:
        self.codes: dict[int, str] = {}
        self.used: list[int] = []
        self._of_cells = False

    def begin(self, name: str, attributes: Attributes) -> None:
        number = attributes.get("numFmtId", "0")
        number_id = int(number) if number.isdecimal() else 0
        if name == "cellXfs":
            self._of_cells = True
        elif name == "numFmt":
            self.codes[number_id] = attributes.get("formatCode", "")
        elif name == "xf" and self._of_cells:
            self.used.append(number_id)

    def end(self, name: str) -> None:
        self._of_cells = self._of_cells and name != "cellXfs"

    def text(self, text: str) -> None: ...
