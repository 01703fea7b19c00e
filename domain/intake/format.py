"""What all formats of files have in common: how a mapping states them, what a row is, and how large one may be."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import PurePath
from typing import Any

from domain.intake.mistakes import Mistake

LONGEST = 1_000_000
"""How many characters a line may have; what is longer was never meant to be one."""
LONGEST_CELL = 131_072
"""How many characters a value may have."""
SHOWN = 200
_UNFIT = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Format:
    """How a file is laid down: texts by encoding, delimiter and quote, workbooks by the name of the sheet.

    A byte-order mark is skipped; without a quote, quotes mean nothing; without a delimiter it is a comma or, in files
    that end in .tsv, a tab; without a name it is the first sheet that is not hidden.
    """

    encoding: str = "utf-8"
    delimiter: str = ""
    quote: str = '"'
    sheet: str = ""


def checked_format(written: Any, base: Format) -> Format:
    """The format that a table of the mapping declares, as it differs from `base`."""
    known = {one.name for one in fields(Format)}
    if not isinstance(written, dict) or not all(isinstance(one, str) for one in written.values()):
        raise Mistake(f"it wants a table of texts for {', '.join(sorted(known))}")
    if stray := sorted(written.keys() - known):
        raise Mistake(f"{stray[0]!r} means nothing here; known: {', '.join(sorted(known))}")
    form = replace(base, **written)
    _check_marks(form.delimiter, form.quote)
    try:
        "".encode(form.encoding)
    except LookupError:
        raise Mistake(f"{form.encoding!r} is no encoding; use one such as utf-8 or cp1252") from None
    return form


def _check_marks(delimiter: str, quote: str) -> None:
    if len(delimiter) > 1 or len(quote) > 1 or quote in {delimiter or ",", "\t"} or delimiter in {"\r", "\n"}:
        raise Mistake("delimiter and quote are two different characters; quote may be empty")


def within(name: str) -> str:
    """The name of a file, provided it lies within the folder that is imported."""
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        raise Mistake(f"{name!r} leads out of the folder; name a file within it")
    return name


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its first physical line, or its number in the sheet, and its values by heading in lower case."""

    line: int
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Broken:
    """A row that is none."""

    line: int
    reason: str
    column: str = ""
    value: str = ""


def is_unfit(text: str) -> bool:
    """Whether a text holds what no text can hold: NUL, or half of a character."""
    return _UNFIT.search(text) is not None


def shown(text: str) -> str:
    """The beginning of a text, fit for a report."""
    return _UNFIT.sub("\N{REPLACEMENT CHARACTER}", text[:SHOWN].rstrip("\r\n"))
