"""What must be remembered of files that may be larger than memory is kept on disk: keys, values to look up, details."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Self

from domain.intake.mapping import Details
from domain.intake.reading import Row
from domain.intake.transforms import Lookup
from domain.kernel.errors import BadInput

_TABLES = """
    pragma journal_mode = off;
    create table seen (section text, key text, line integer, primary key (section, key)) without rowid;
    create table found (lookup integer, key text, value text, unclear integer default 0, primary key (lookup, key))
        without rowid;
    create table detail (list integer, owner text, line integer, told text, primary key (list, owner, line))
        without rowid;
    create table owner (list integer, key text, primary key (list, key)) without rowid;
"""
_LEARN = """
    insert into found (lookup, key, value) values (?, ?, ?)
    on conflict (lookup, key) do update set unclear = unclear or value <> excluded.value
"""
_ORPHANS = """
    select line, owner from detail where list = ? and not exists (
        select 1 from owner where owner.list = detail.list and owner.key = detail.owner)
    order by line
"""


class Memory:
    """A file without a name, gone when it is closed."""

    def __init__(self) -> None:
        self._file = sqlite3.connect("")
        self._file.executescript(_TABLES)
        self._lookups: dict[Lookup, int] = {}
        self._lists: dict[tuple[str, str], int] = {}

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

    def keep(self, details: Details, rows: Iterable[Row]) -> None:
        """Remember rows that are parts of records, by what they say of whose they are."""
        number = self._number(details)
        told = ((number, _owner(row, details.by), row.line, json.dumps(_told(row, details))) for row in rows)
        self._file.executemany("insert into detail values (?, ?, ?, ?)", told)

    def details(self, details: Details, row: Row) -> Iterator[Row]:
        """The rows that are parts of the record of a row, in the order of their file."""
        owner = self._number(details), _owner(row, details.by.values())
        self._file.execute("insert or ignore into owner values (?, ?)", owner)
        for line, told in self._file.execute(
            "select line, told from detail where list = ? and owner = ? order by line", owner
        ):
            yield Row(line, dict(zip(details.reads, json.loads(told), strict=True)))

    def orphans(self, details: Details) -> Iterator[tuple[int, list[str]]]:
        """The lines that no record was asked for, and what they say of whose they are."""
        for line, owner in self._file.execute(_ORPHANS, (self._number(details),)):
            yield line, json.loads(owner)

    def _number(self, details: Details) -> int:
        return self._lists.setdefault((details.section, details.name), len(self._lists))


def _owner(row: Row, columns: Iterable[str]) -> str:
    return json.dumps([row.values[column.lower()].strip() for column in columns])


def _told(row: Row, details: Details) -> list[str]:
    return [row.values[column] for column in details.reads]
