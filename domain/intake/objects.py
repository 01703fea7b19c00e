"""A file of JSON objects, one a line: a dotted name reaches into an object within, and what is not said is empty."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Any, TextIO

from domain.intake.delimited import encoding_of, skip_the_rest
from domain.intake.format import LONGEST, LONGEST_CELL, Broken, Format, Row, is_unfit, shown
from domain.intake.grid import too_long
from domain.intake.mistakes import Mistake

_WORDS = {None: "", True: "true", False: "false"}


class _Said(dict[str, str]):
    """What an object says; a name that it does not mention is empty."""

    def __missing__(self, name: str) -> str:
        return ""


@dataclass(frozen=True, slots=True)
class _Object:
    """The values of a line by their dotted names as written, and the names of the lists and objects in it."""

    line: int
    values: dict[str, str]
    nested: frozenset[str]


class Objects:
    """JSON lines. Lines that are quite empty are no rows."""

    def __init__(self, path: Path, form: Format) -> None:
        """Reads the first object; Mistake if there is none."""
        self.path, self.form = path, form
        first = next(self._objects(), None)
        if not isinstance(first, _Object):
            raise Mistake(f"{path} does not begin with a JSON object in {form.encoding}; see its first line")
        self.headings = list(first.values)
        self._asked: frozenset[str] = frozenset()

    def must_have(self, columns: Iterable[str]) -> None:
        """Mistake if no object of the file has one of these values, or if it is itself an object or a list."""
        missing = {column.lower(): column for column in columns}
        self._asked |= missing.keys()
        for one in self._objects():
            if not missing:
                return
            if isinstance(one, _Object):
                missing = {name: column for name, column in missing.items() if not self._speaks_of(one, name)}
        if missing:
            there = ", ".join(map(repr, self.headings))
            raise Mistake(f"{self.path.name} has no value {min(missing.values())!r}; its first object has {there}")

    def rows(self) -> Iterator[Row | Broken]:
        """Line by line."""
        return map(self._row, self._objects())

    def _speaks_of(self, one: _Object, name: str) -> bool:
        """Whether an object has a value of this name, or says of something that holds it that there is none."""
        if name in one.nested:
            raise Mistake(f"{self.path.name}, line {one.line}: {_unnamed(name)}")
        known = {said.lower(): value for said, value in one.values.items()}
        *above, whole = accumulate(name.split("."), "{}.{}".format)
        return whole in known or any(known.get(outer) == "" for outer in above)

    def _row(self, one: _Object | Broken) -> Row | Broken:
        if isinstance(one, Broken):
            return one
        for name in sorted(self._asked & one.nested):
            return Broken(one.line, f"The value cannot be used: {_unnamed(name)}.", column=name)
        for name, value in one.values.items():
            if len(value) > LONGEST_CELL:
                return too_long(one.line, name, value)
            if is_unfit(value):
                reason = f"This is not {self.form.encoding}, or holds half of a character; correct it."
                return Broken(one.line, reason, column=name, value=shown(value))
        values = _Said((name.lower(), value) for name, value in one.values.items())
        if len(values) < len(one.values):
            return Broken(one.line, "The object has a name more than once; capitals make no difference.")
        return Row(one.line, values)

    def _objects(self) -> Iterator[_Object | Broken]:
        with self.path.open(encoding=encoding_of(self.form), errors="surrogateescape", newline="\n") as file:
            line = 0
            while True:
                line += 1
                try:
                    text = file.readline(LONGEST)
                except UnicodeDecodeError:
                    yield Broken(line, f"From here on this is not {self.form.encoding}; state the file's encoding.")
                    return
                if not text:
                    return
                if not text.isspace():
                    yield _read(line, text, file)


def _read(line: int, text: str, file: TextIO) -> _Object | Broken:
    if len(text) == LONGEST:
        skip_the_rest(file)
        return Broken(line, f"The line is longer than {LONGEST} characters.", value=shown(text))
    try:
        found = json.loads(
            text, parse_float=str, parse_int=str, parse_constant=_no_number, object_pairs_hook=_each_once
        )
    except (ValueError, RecursionError) as error:
        return Broken(line, f"The line is no JSON ({error}); write one object a line.", value=shown(text))
    if not isinstance(found, dict):
        return Broken(line, "The line is no JSON object; write one object a line.", value=shown(text))
    return _flat(line, found)


def _flat(line: int, found: dict[str, Any]) -> _Object | Broken:
    values: dict[str, str] = {}
    nested: set[str] = set()
    waiting = [*reversed(found.items())]
    while waiting:
        name, value = waiting.pop()
        if isinstance(value, dict | list):
            nested.add(name.lower())
            inner = value.items() if isinstance(value, dict) else ()
            waiting += reversed([(f"{name}.{one}", inside) for one, inside in inner])
        elif name in values:
            return Broken(line, f"The object has two values {name!r}; leave one of them out.")
        else:
            values[name] = value if isinstance(value, str) else _WORDS[value]
    return _Object(line, values, frozenset(nested))


def _unnamed(name: str) -> str:
    return f"{name!r} is an object or a list; name a value in it, such as '{name}.name'"


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name is given twice in one object")
    return found
