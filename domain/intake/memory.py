"""What must be remembered of files that may be larger than memory is kept on disk: keys seen, values to look up."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from types import TracebackType
from typing import Self

from domain.intake.transforms import Lookup
from domain.kernel.errors import BadInput

_TABLES = """
    create table seen (section text, key text, line integer, primary key (section, key)) without rowid;
    create table found (lookup integer, key text, value text, unclear integer default 0, primary key (lookup, key))
        without rowid;
"""
_LEARN = """
    insert into found (lookup, key, value) values (?, ?, ?)
    on conflict (lookup, key) do update set unclear = unclear or value <> excluded.value
"""


class Memory:
    """A file without a name, gone when it is closed."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.executescript(_TABLES)
        self._lookups: dict[Lookup, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._file.close()

    def first(self, section: str, key: str, line: int) -> int:
        """The line on which a key stood first in a section: this one, if it never did before."""
        new = self._file.execute("insert or ignore into seen values (?, ?, ?)", (section, key, line)).rowcount
        if new:
            return line
        known = self._file.execute("select line from seen where section = ? and key = ?", (section, key))
        return int(known.fetchone()[0])

    def learn(self, lookup: Lookup, pairs: Iterable[tuple[str, str]]) -> None:
        """Remember the values of a look-up by their keys. An empty value is none."""
        number = self._lookups.setdefault(lookup, len(self._lookups))
        self._file.executemany(_LEARN, ((number, key, value) for key, value in pairs if value))

    def look(self, lookup: Lookup, key: str) -> str | None:
        """The value for a key, or None; BadInput if the file has several."""
        known = self._file.execute(
            "select value, unclear from found where lookup = ? and key = ?", (self._lookups[lookup], key.strip())
        )
        value, unclear = known.fetchone() or (None, False)
        if unclear:
            raise BadInput(f"{lookup.file} has several {lookup.value} for this {lookup.key}; leave one there.")
        return value
