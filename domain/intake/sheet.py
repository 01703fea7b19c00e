"""A sheet of a workbook is read row by row: what its cells show or their formulas came to, as texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from typing import IO, ClassVar, NamedTuple

from domain.intake.cells import TRUTHS, moment_as_text, number_as_text, unescaped
from domain.intake.contents import Contents, Spoken, Texts
from domain.intake.format import LONGEST_CELL, Broken, shown
from domain.intake.grid import Grid, Listed, too_long
from domain.intake.mistakes import Mistake
from domain.intake.workbook import DAMAGED, Attributes, DamagedError, Workbook, heard

MOST_COLUMNS = 16_384
LETTERS = 26


class Cell(NamedTuple):
    """A cell as it stands in the file; `said` is None where a formula has no result."""

    column: int
    kind: str
    style: int
    said: str | None


Heard = tuple[int, list[Cell]]


class Sheet(Grid):
    """One sheet of a workbook, the first one or the one that the mapping names. Empty rows are no rows."""

    too_many = "write something above each column"
    unfit = "The value holds a character that no text can hold; correct it."

    def lists(self) -> Iterator[Listed | Broken]:
        """Row by row, each with its number in the sheet."""
        with Workbook(self.path) as book:
            contents, part = self._opened(book)
            with part, Texts(book.part(contents.texts)) as texts:
                reader = _Reader(contents, texts)
                for row in _heard(part):
                    found = row if isinstance(row, Broken) else self._listed(*row, reader)
                    if found is not None:
                        yield found

    def without_headings(self) -> str:
        """What to tell of a sheet that has none."""
        return f"{self.path.name} does not begin with headings; see the first row of its sheet"

    def _opened(self, book: Workbook) -> tuple[Contents, IO[bytes]]:
        try:
            contents = Contents(book)
            known = {name.lower(): part for name, part in reversed(contents.sheets.items())}
            part = book.part(known.get(self.form.sheet.lower() or next(iter(contents.sheets), "").lower(), ""))
        except DAMAGED as error:
            raise Mistake(f"{self.path.name} cannot be read ({error}); open it and save it anew") from None
        if part is None:
            there = ", ".join(map(repr, contents.sheets)) or "none"
            raise Mistake(f"{self.path.name} has no sheet {self.form.sheet!r}; those it shows: {there}")
        return contents, part

    def _listed(self, line: int, cells: list[Cell], reader: _Reader) -> Listed | Broken | None:
        values: dict[int, str] = {}
        for cell in cells:
            try:
                values[cell.column] = reader.text(cell)
            except ValueError as error:
                return Broken(line, str(error), column=self._heading(cell.column), value=shown(cell.said or ""))
            if len(values[cell.column]) > LONGEST_CELL:
                return too_long(line, self._heading(cell.column), values[cell.column])
        last = max((column for column, value in values.items() if value), default=None)
        if last is None:
            return None
        return line, [values.get(column, "") for column in range(max(last + 1, len(self.headings)))]

    def _heading(self, column: int) -> str:
        return self.headings[column] if column < len(self.headings) else ""


class _Reader:
    """Reads cells as texts."""

    def __init__(self, contents: Contents, texts: Texts) -> None:
        self._contents, self._texts = contents, texts

    def text(self, cell: Cell) -> str:
        """What the cell says; ValueError with the reason if it says nothing that can be used."""
        if cell.said is None:
            raise ValueError("The formula has no result in the file; open it in a spreadsheet program and save it.")
        return self._kinds.get(cell.kind, _Reader._number)(self, cell, cell.said)

    def _number(self, cell: Cell, said: str) -> str:
        if not said:
            return ""
        kind = self._contents.shown(cell.style)
        try:
            if kind is None:
                return number_as_text(said)
            return moment_as_text(said, kind, since_1904=self._contents.since_1904)
        except ValueError:
            raise ValueError(f"The cell cannot be read as a {kind or 'number'}; correct it.") from None

    def _shared(self, _: Cell, said: str) -> str:
        try:
            return unescaped(self._texts[int(said)])
        except (ValueError, *DAMAGED):
            raise ValueError("The cell refers to a text that is not in the file; save it anew.") from None

    def _plain(self, _: Cell, said: str) -> str:
        return unescaped(said)

    def _truth(self, _: Cell, said: str) -> str:
        return TRUTHS.get(said, said)

    def _error(self, _: Cell, said: str) -> str:
        raise ValueError(f"The cell holds the error {said}; correct it.")

    _kinds: ClassVar[dict[str, Callable[[_Reader, Cell, str], str]]] = {
        "s": _shared,
        "inlineStr": _plain,
        "str": _plain,
        "d": _plain,
        "b": _truth,
        "e": _error,
    }


def _heard(part: IO[bytes]) -> Iterator[Heard | Broken]:
    """The rows of a sheet as they stand there, as far as it can be read."""
    ear = _Rows()
    try:
        for _ in heard(part, ear):
            yield from ear.taken()
    except DAMAGED as error:
        yield from ear.taken()
        yield Broken(ear.line, f"From here on the sheet cannot be read ({error}); save it anew.")


class _Rows:
    """Hears the rows of a sheet."""

    def __init__(self) -> None:
        self._ready: list[Heard] = []
        self.line = 0
        self._cells: list[Cell] = []
        self._spoken = Spoken()
        self._column, self._kind, self._style, self._is_formula = -1, "", 0, False

    def taken(self) -> list[Heard]:
        """The rows that were heard since they were last taken."""
        taken, self._ready = self._ready, []
        return taken

    def begin(self, name: str, attributes: Attributes) -> None:
        if name == "c":
            self._begin_cell(attributes)
        elif name == "row":
            self.line = _whole(attributes.get("r"), self.line + 1)
            self._cells, self._column = [], -1
        elif name == "f":
            self._is_formula = True
        else:
            self._spoken.begin(name)

    def end(self, name: str) -> None:
        self._spoken.end(name)
        if name == "c" and (self._spoken.was_there or self._is_formula):
            said = self._spoken.said if self._spoken.was_there else None
            self._cells.append(Cell(self._column, self._kind, self._style, said))
        elif name == "row":
            self._ready.append((self.line, self._cells))

    def text(self, text: str) -> None:
        self._spoken.text(text)

    def _begin_cell(self, attributes: Attributes) -> None:
        named = attributes.get("r", "").rstrip("0123456789")
        self._column = _column(named) if named else self._column + 1
        if self._column >= MOST_COLUMNS:
            raise DamagedError(f"a row has more than {MOST_COLUMNS} columns")
        self._kind, self._style = attributes.get("t", "n"), _whole(attributes.get("s"), 0)
        self._is_formula = False
        self._spoken.forget()


@cache
def _column(letters: str) -> int:
    """The place of a column by its letters, from 0."""
    if len(letters) > len("XFD") or not (letters.isascii() and letters.isalpha()):
        raise DamagedError(f"{letters!r} is no column")
    place = 0
    for letter in letters.upper():
        place = place * LETTERS + ord(letter) - ord("A") + 1
    return place - 1


def _whole(written: str | None, otherwise: int) -> int:
    if written is None:
        return otherwise
    if not written.isdecimal():
        raise DamagedError(f"{written!r} is no number of a row or a style")
    return int(written)
