"""An export as an XLSX workbook that is packed while it is read: nothing of it is held but what is on its way."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import IO
from xml.sax.saxutils import quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from schema.export import Export
from transport.exporting.cells import BOLD, CODES, SCALES, letters, text_cell, written
from transport.exporting.form import Form, Node, Wishes

MOST_ROWS = 1_048_576
"""How many rows a sheet may have; then another begins."""
MOST_BYTES = 1 << 30
"""How large a sheet grows unpacked; beyond twice that, a ZIP needs a form that few programs read."""
LONGEST_NAME = 31

_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Default Extension="xml" ContentType="{_KIND}.worksheet+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>'
)
_HEAD = (
    f'{_XML}<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">'
    '<pane ySplit="1" topLeftCell="A2" activePane="bottomLeft" state="frozen"/></sheetView></sheetViews><sheetData>'
)
_FOOT = "</sheetData></worksheet>"


class _Sink:
    """Where the ZIP is written to, and taken from as it comes; it cannot go back."""

    def __init__(self) -> None:
        self._kept = bytearray()

    def write(self, piece: bytes) -> int:
        self._kept += piece
        return len(piece)

    def flush(self) -> None: ...

    def taken(self) -> bytes:
        taken, self._kept = bytes(self._kept), bytearray()
        return taken


class Sheet(Form):
    """Rows under one row of headings, in as many sheets as they need."""

    media = f"{_KIND}.sheet"
    ending = "xlsx"

    def __init__(self, export: Export, wishes: Wishes) -> None:
        super().__init__(export, wishes)
        export.must_be_flat()
        self._sink = _Sink()
        self._zip = ZipFile(self._sink, "w", ZIP_DEFLATED)  # type: ignore[call-overload]
        self._sheets, self._line, self._size = 0, 0, 0
        self._open: IO[bytes] | None = None

    def begin(self) -> bytes:
        self._put("[Content_Types].xml", _TYPES)
        self._put("_rels/.rels", _relations([("officeDocument", "xl/workbook.xml")]))
        self._put("xl/styles.xml", _styles())
        self._begin_sheet()
        return self._sink.taken()

    def rows(self, nodes: Sequence[Node]) -> bytes:
        kinds = ["" if one.is_list else one.type for one in self.export.columns]
        for node in nodes:
            for row in self.export.rows(node):
                if self._line == MOST_ROWS or self._size > MOST_BYTES:
                    self._end_sheet()
                    self._begin_sheet()
                line = self._line + 1
                pairs = enumerate(zip(row, kinds, strict=True))
                self._add(written(f"{letters(column)}{line}", value, kind) for column, (value, kind) in pairs)
                self.count += 1
        return self._sink.taken()

    def end(self) -> bytes:
        self._end_sheet()
        numbers = range(1, self._sheets + 1)
        self._put("xl/workbook.xml", self._workbook())
        parts = [("worksheet", f"worksheets/sheet{number}.xml") for number in numbers]
        self._put("xl/_rels/workbook.xml.rels", _relations([*parts, ("styles", "styles.xml")]))
        self._zip.close()
        return self._sink.taken()

    def close(self) -> None:
        if self._open is not None:
            self._open.close()
        self._zip.close()

    def _put(self, name: str, xml: str) -> None:
        self._zip.writestr(_entry(name), f"{_XML}{xml}")

    def _begin_sheet(self) -> None:
        self._sheets += 1
        self._line = self._size = 0
        self._open = self._zip.open(_entry(f"xl/worksheets/sheet{self._sheets}.xml"), "w")
        self._write(_HEAD)
        names = enumerate(one.name for one in self.export.columns)
        self._add(text_cell(f"{letters(column)}1", name, BOLD) for column, name in names)

    def _end_sheet(self) -> None:
        self._write(_FOOT)
        if self._open is not None:
            self._open.close()
            self._open = None

    def _add(self, cells: Iterable[str]) -> None:
        self._line += 1
        self._write(f'<row r="{self._line}">{"".join(cells)}</row>')

    def _write(self, xml: str) -> None:
        if self._open is not None:
            self._size += self._open.write(xml.encode())

    def _workbook(self) -> str:
        further = (f" {number}" for number in range(2, self._sheets + 1))
        named = [f"{self.export.of[: LONGEST_NAME - len(one)]}{one}" for one in ("", *further)]
        sheets = "".join(
            f'<sheet name={quoteattr(name)} sheetId="{number}" r:id="r{number}"/>'
            for number, name in enumerate(named, start=1)
        )
        return f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>{sheets}</sheets></workbook>'


def _entry(name: str) -> ZipInfo:
    entry = ZipInfo(name)
    entry.compress_type = ZIP_DEFLATED
    return entry


def _relations(parts: Iterable[tuple[str, str]]) -> str:
    found = "".join(
        f'<Relationship Id="r{number}" Type="{_RELATED}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(parts, start=1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{found}</Relationships>'


def _styles() -> str:
    """The fonts and the formats of numbers, in the order of the numbers by which cells name them."""
    codes = CODES | {style: "0." + "0" * scale for scale, style in SCALES.items()}
    formats = "".join(f'<numFmt numFmtId="{164 + style}" formatCode="{code}"/>' for style, code in codes.items())
    numbers = "".join(
        f'<xf numFmtId="{164 + style}" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/>'
        for style in sorted(codes)
    )
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(codes)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
        f'<cellXfs count="{2 + len(codes)}"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
        '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
        f"{numbers}</cellXfs></styleSheet>"
    )
