"""An export as CSV by RFC 4180, in UTF-8. A spreadsheet that opens it finds texts where formulas might lurk."""

from __future__ import annotations

import csv
import io
import re
from codecs import BOM_UTF8
from collections.abc import Iterable, Sequence
from typing import Any

from schema.export import Export
from transport.exporting.form import Form, Node, Wishes, cell

RISKY = frozenset(
    "=+-@\t\r\n\N{FULLWIDTH EQUALS SIGN}\N{FULLWIDTH PLUS SIGN}\N{FULLWIDTH HYPHEN-MINUS}\N{FULLWIDTH COMMERCIAL AT}"
)
"""With these a formula may begin."""
MARK = "'"
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]+)?")


class Delimited(Form):
    """Rows of texts under one row of headings."""

    media = "text/csv; charset=utf-8; header=present"
    ending = "csv"

    def __init__(self, export: Export, wishes: Wishes) -> None:
        super().__init__(export, wishes)
        export.must_be_flat()

    def begin(self) -> bytes:
        headings = self._written([[one.name for one in self.export.columns]])
        return BOM_UTF8 + headings if self.wishes.bom else headings

    def rows(self, nodes: Sequence[Node]) -> bytes:
        found = [[cell(value) for value in row] for node in nodes for row in self.export.rows(node)]
        self.count += len(found)
        return self._written(found if self.wishes.raw else ([harmless(text) for text in row] for row in found))

    def _written(self, rows: Iterable[list[Any]]) -> bytes:
        buffer = io.StringIO(newline="")
        csv.writer(buffer).writerows(rows)
        return buffer.getvalue().encode()


def harmless(text: str) -> str:
    """The text, marked if a spreadsheet would take it for a formula; a plain number is none."""
    return MARK + text if text[:1] in RISKY and not _NUMBER.fullmatch(text) else text
