"""A table is the same table, whether it is saved as text, as a workbook or as JSON lines."""

import csv
import json
import tracemalloc
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_LZMA, ZipFile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xlsxwriter import Workbook

from domain.intake import workbook
from domain.intake.cells import DATE, MOMENT, TIME, moment_as_text, number_as_text, shows
from domain.intake.declaring import declared
from domain.intake.format import LONGEST_CELL
from domain.intake.mistakes import Mistake
from domain.intake.reading import Broken, Format, Row, Table
from domain.intake.run import run
from tests.firm import Firm

HEADINGS = ["Id", "Name", "Note"]
PLAIN = Format()
BOOK = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def read(path: Path, form: Format = PLAIN) -> list[tuple[int, list[str] | str]]:
    """Each row's line, and its values or why it is broken."""
    return [
        (row.line, [*row.values.values()] if isinstance(row, Row) else row.reason) for row in Table(path, form).rows()
    ]


def broken(path: Path, form: Format = PLAIN) -> list[Broken]:
    return [row for row in Table(path, form).rows() if isinstance(row, Broken)]


def save_csv(path: Path, rows: Iterable[list[str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL, delimiter="\t" if path.suffix == ".tsv" else ",")
        writer.writerows([HEADINGS, *rows])
    return path


def save_sheet(path: Path, rows: Iterable[list[Any]], **options: Any) -> Path:
    """A workbook as another program writes it; values take the kind of cell that they have."""
    formats = {datetime: "yyyy-mm-dd hh:mm:ss", date: "dd.mm.yyyy", time: "hh:mm", timedelta: "[h]:mm:ss"}
    with Workbook(path, {"strings_to_numbers": False, "strings_to_formulas": False, **options}) as book:
        styles = {kind: book.add_format({"num_format": code}) for kind, code in formats.items()}
        sheet = book.add_worksheet()
        for line, row in enumerate([HEADINGS, *rows]):
            for column, value in enumerate(row):
                write = sheet.write_string if isinstance(value, str) else sheet.write
                write(line, column, value, *([styles[type(value)]] if type(value) in styles else []))
    return path


def save_objects(path: Path, objects: Iterable[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(one) + "\n" for one in objects), encoding="utf-8")
    return path


def save_parts(path: Path, sheet: str, **parts: str) -> Path:
    """A workbook of one sheet, whose XML is given."""
    sheets = '<sheets><sheet name="A" r:id="r1"/></sheets>'
    main = f'<workbook xmlns="{BOOK}" xmlns:r="{RELATIONS}">{sheets}</workbook>'
    near = "".join(
        f'<Relationship Id="r{number}" Type="{RELATIONS}/{kind}" Target="{target}"/>'
        for number, (kind, target) in enumerate(
            [("worksheet", "sheet.xml"), ("sharedStrings", "/xl/texts.xml"), ("styles", "../xl/styles.xml")], start=1
        )
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as file:
        file.writestr("xl/workbook.xml", main)
        file.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="{PACKAGE}">{near}</Relationships>')
        file.writestr(
            "xl/sheet.xml",
            f'{parts.get("before", "")}<worksheet xmlns="{BOOK}"><sheetData>{sheet}</sheetData></worksheet>',
        )
        file.writestr("xl/texts.xml", f'<sst xmlns="{BOOK}">{parts.get("texts", "")}</sst>')
        file.writestr("xl/styles.xml", f'<styleSheet xmlns="{BOOK}">{parts.get("styles", "")}</styleSheet>')
    return path


HEAD = '<row><c t="inlineStr"><is><t>A</t></is></c><c t="inlineStr"><is><t>B</t></is></c></row>'

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00\ufffe\uffff"), max_size=20) | st.sampled_from(
    ["_x000D_", "=1+1", "\r\n", " blank ", "true", "1e5", "_x005F_", "'"]
)
TABLES = st.lists(st.lists(TEXTS, min_size=3, max_size=3).filter(any), max_size=20)


@settings(max_examples=40, deadline=None)
@given(TABLES)
def test_the_same_table_gives_the_same_rows_in_every_format(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    folder = tmp_path_factory.mktemp("formats")
    paths = [
        save_csv(folder / "a.csv", rows),
        save_csv(folder / "a.tsv", rows),
        save_sheet(folder / "a.xlsx", rows),
        save_sheet(folder / "b.XLSX", rows, constant_memory=True),
        save_objects(folder / "a.jsonl", ({"Id": a, "NAME": b, "note": c} for a, b, c in [*rows, ["", "", "end"]])),
    ]
    found = [[row.values for row in Table(path, PLAIN).rows() if isinstance(row, Row)] for path in paths]
    expected = [dict(zip(map(str.lower, HEADINGS), row, strict=True)) for row in rows]
    assert found == [expected] * 4 + [[*expected, {"id": "", "name": "", "note": "end"}]]
    assert [Table(path, PLAIN).count() for path in paths] == [len(rows)] * 4 + [len(rows) + 1]


@settings(max_examples=40, deadline=None)
@given(st.decimals(allow_nan=False, allow_infinity=False, places=6, min_value=-(10**8), max_value=10**8))
def test_a_number_in_a_cell_is_the_number_that_was_typed(
    tmp_path_factory: pytest.TempPathFactory, number: Decimal
) -> None:
    path = save_sheet(tmp_path_factory.mktemp("numbers") / "a.xlsx", [[float(number), "", ""]])
    ((_, values),) = read(path)
    assert Decimal(values[0]) == number
    assert "E" not in values[0]


@pytest.mark.parametrize(
    ("written", "text"),
    [
        ("0.1", "0.1"),
        ("1.1000000000000001", "1.1"),
        ("0.30000000000000004", "0.3"),
        ("2.9999999999999996", "3"),
        ("14", "14"),
        ("14.0", "14"),
        ("-0", "0"),
        ("1E+20", "100000000000000000000"),
        ("4006381333931", "4006381333931"),
        ("12345678901234567890", "12345678901234567890"),
        ("1.5E-3", "0.0015"),
        ("-12.50", "-12.5"),
    ],
)
def test_numbers_are_exact_and_whole_ones_have_no_point(written: str, text: str) -> None:
    assert number_as_text(written) == text


@pytest.mark.parametrize("written", ["", "x", "NaN", "1E+999999", "1E-999999"])
def test_what_is_no_number_is_none(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        number_as_text(written)


@pytest.mark.parametrize(
    ("written", "kind", "text"),
    [
        ("40694", DATE, "2011-05-31"),
        ("40694.75", DATE, "2011-05-31"),
        ("40694.75", MOMENT, "2011-05-31T18:00:00"),
        ("40694.999999999", MOMENT, "2011-06-01T00:00:00"),
        ("0.5", TIME, "12:00:00"),
        ("1.25", TIME, "30:00:00"),
        ("1", DATE, "1900-01-01"),
        ("59", DATE, "1900-02-28"),
        ("61", DATE, "1900-03-01"),
        ("2957002", DATE, "9995-12-29"),
    ],
)
def test_dates_are_iso_dates(written: str, kind: str, text: str) -> None:
    assert moment_as_text(written, kind, since_1904=False) == text


@pytest.mark.parametrize("written", ["-1", "3000000", "1E300", "x"])
def test_no_date_is_made_of_what_is_none(written: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        moment_as_text(written, DATE, since_1904=False)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("General", None),
        ("0.00", None),
        ('#,##0.00 "days"', None),
        ("[Red]0", None),
        (r"0\d", None),
        ("0.00E+00", None),
        ("_-* #,##0.00_-;-* #,##0.00_-", None),
        ("@", None),
        ("dd.mm.yyyy", DATE),
        ("mmmm", DATE),
        ("[$-407]d. mmmm yyyy;@", DATE),
        ('yyyy"-W"ww', DATE),
        ("hh:mm", TIME),
        ("[h]:mm:ss", TIME),
        ("h:mm AM/PM", TIME),
        ("mm:ss.0", TIME),
        ("m/d/yy h:mm", MOMENT),
        ("yyyy-mm-dd\\ hh:mm:ss", MOMENT),
    ],
)
def test_a_cell_is_a_date_if_its_format_says_so(code: str, kind: str | None) -> None:
    assert shows(200, code) == kind


def test_every_kind_of_cell_has_its_text(tmp_path: Path) -> None:
    values = [0.1, 14.0, True, False, date(2011, 5, 31), datetime(2011, 5, 31, 14, 30), time(9, 5), None, "0012"]  # noqa: DTZ001
    path = save_sheet(tmp_path / "a.xlsx", [values[:3], values[3:6], values[6:]])
    assert read(path) == [
        (2, ["0.1", "14", "true"]),
        (3, ["false", "2011-05-31", "2011-05-31T14:30:00"]),
        (4, ["09:05:00", "", "0012"]),
    ]


def test_days_may_count_from_1904(tmp_path: Path) -> None:
    path = save_sheet(tmp_path / "a.xlsx", [[date(2011, 5, 31), "", ""]], date_1904=True)
    assert read(path) == [(2, ["2011-05-31", "", ""])]


def test_a_formula_is_what_it_came_to(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, HEADINGS)
        sheet.write_formula(1, 0, "=1+1", value=2)
        sheet.write_formula(1, 1, '="a"&"b"', value="ab")
        sheet.write_formula(1, 2, '=""', value="")
        sheet.write_formula(2, 0, "=1/0", value="#DIV/0!")
        sheet.write_row(3, 0, [3, "c"])
    found = read(path)
    assert found[0] == (2, ["2", "ab", ""])
    assert found[1:] == [(3, "The cell holds the error #DIV/0!; correct it."), (4, ["3", "c", ""])]
    assert [(one.column, one.value) for one in broken(path)] == [("Id", "#DIV/0!")]


def test_a_formula_without_a_result_is_told(tmp_path: Path) -> None:
    path = save_parts(tmp_path / "a.xlsx", HEAD + "<row><c><f>1+1</f></c></row><row><c><v>1</v></c></row>")
    ((line, reason), after) = read(path)
    assert (line, after) == (2, (3, ["1", ""]))
    assert "no result" in reason


def test_rows_have_the_numbers_they_have_in_the_sheet_and_empty_ones_are_none(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Workbook(path) as book:
        sheet = book.add_worksheet()
        sheet.write_row(2, 0, HEADINGS)
        sheet.write_row(4, 0, ["1", "a"])
        sheet.write_blank(6, 0, None, book.add_format({"bold": True}))
        sheet.write_row(9, 0, ["2", "b"])
    assert read(path) == [(5, ["1", "a", ""]), (10, ["2", "b", ""])]


def test_a_value_without_a_heading_is_told(tmp_path: Path) -> None:
    path = save_sheet(tmp_path / "a.xlsx", [["1", "2", "3", "4"], ["1", "2", "3"]])
    assert read(path) == [
        (2, "The row has 4 values under 3 headings; write something above each column."),
        (3, ["1", "2", "3"]),
    ]


def test_runs_of_a_text_are_one_and_how_it_is_pronounced_is_left(tmp_path: Path) -> None:
    texts = "<si><r><t>Bo</t></r><r><t xml:space='preserve'>lt </t></r><rPh><t>boruto</t></rPh></si><si/>"
    path = save_parts(
        tmp_path / "a.xlsx",
        HEAD + '<row r="7"><c r="B7" t="s"><v>0</v></c></row><row><c t="s"><v>1</v></c><c t="s"><v>2</v></c></row>',
        texts=texts,
    )
    assert read(path) == [
        (7, ["", "Bolt "]),
        (8, "The cell refers to a text that is not in the file; save it anew."),
    ]


def test_the_styles_of_a_file_tell_its_dates(tmp_path: Path) -> None:
    styles = (
        '<numFmts><numFmt numFmtId="170" formatCode="dd\\.mm\\.yy"/></numFmts>'
        '<cellStyleXfs><xf numFmtId="0"/></cellStyleXfs>'
        '<cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs>'
    )
    cells = "".join(
        f'<row><c s="{style}"><v>40694</v></c><c t="d"><v>2011-05-31</v></c></row>' for style in (0, 1, 2, 9)
    )
    path = save_parts(tmp_path / "a.xlsx", HEAD + cells, styles=styles)
    assert [values[0] for _, values in read(path)] == ["40694", "2011-05-31", "2011-05-31", "40694"]


def test_a_sheet_is_found_by_its_name_or_is_the_first_that_is_shown(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    with Workbook(path) as book:
        for name in ("Hidden", "Notes", "Vendors"):
            book.add_worksheet(name).write_column(0, 0, ["Sheet", name])
        book.worksheets()[1].activate()
        book.worksheets()[0].hide()
    assert read(path) == [(2, ["Notes"])]
    assert read(path, Format(sheet="vendors")) == [(2, ["Vendors"])]
    with pytest.raises(Mistake, match=r"has no sheet 'Hidden'; those it shows: 'Notes', 'Vendors'"):
        Table(path, Format(sheet="Hidden"))


def test_a_workbook_that_was_cut_off_is_told_where_it_ends(tmp_path: Path) -> None:
    rows = "".join(f"<row><c><v>{number}</v></c></row>" for number in range(20_000))
    path = save_parts(tmp_path / "a.xlsx", HEAD + rows + "</oops>")
    found = read(path)
    assert (found[0], found[-2][1]) == ((2, ["0", ""]), ["19999", ""])
    assert "From here on the sheet cannot be read" in found[-1][1]


@pytest.mark.parametrize(
    ("sheet", "told"),
    [
        ('<row><c r="XFE1"><v>1</v></c></row>', "more than 16384 columns"),
        ('<row><c r="ZZZZZZZZZ1"><v>1</v></c></row>', "is no column"),
        ('<row r="x"><c><v>1</v></c></row>', "is no number of a row"),
    ],
)
def test_cells_beyond_measure_end_the_sheet(tmp_path: Path, sheet: str, told: str) -> None:
    assert told in str(read(save_parts(tmp_path / "a.xlsx", HEAD + sheet))[-1][1])


def test_a_workbook_declares_no_entities(tmp_path: Path) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
    path = save_parts(tmp_path / "a.xlsx", HEAD, before=bomb)
    with pytest.raises(Mistake, match="does not begin with headings"):
        Table(path, PLAIN)


def test_a_workbook_unpacks_within_bounds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save_parts(tmp_path / "a.xlsx", HEAD + "<row/>" * 100_000)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(workbook.Workbook.part, "__defaults__", (1 << 19,))
    with pytest.raises(Mistake, match="unpacks to more than 0 MiB"):
        Table(path, PLAIN)


def test_a_value_beyond_measure_costs_its_own_row_alone(tmp_path: Path) -> None:
    long = "x" * (LONGEST_CELL + 1)
    paths = [
        save_csv(tmp_path / "a.csv", [["1", long, ""], ["2", "b", ""]]),
        save_parts(
            tmp_path / "a.xlsx",
            HEAD + "".join(f'<row><c t="str"><v>{one}</v></c><c t="s"><v>0</v></c></row>' for one in (long, "b")),
            texts="<si><t>b</t></si>",
        ),
        save_objects(tmp_path / "a.jsonl", [{"A": 1, "B": long}, {"A": 2, "B": "b"}]),
    ]
    for path in paths:
        (bad, good) = Table(path, PLAIN).rows()
        assert (isinstance(bad, Broken), isinstance(good, Row)) == (True, True), path
        assert len(bad.value) <= 200


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\xd0\xcf\x11\xe0 an older format, or a password"])
def test_what_is_no_workbook_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(content)
    with pytest.raises(Mistake, match=r"a\.xlsx is no workbook, or has a password"):
        Table(path, PLAIN)


def test_a_workbook_is_packed_as_workbooks_are(tmp_path: Path) -> None:
    path = save_parts(tmp_path / "a.xlsx", HEAD)
    with ZipFile(path) as old, ZipFile(tmp_path / "b.xlsx", "w", ZIP_LZMA) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    with pytest.raises(Mistake, match="packed in an unusual way"):
        Table(tmp_path / "b.xlsx", PLAIN)


@pytest.mark.parametrize("name", ["a.xls", "a.ods", "a", "a.csv.gz"])
def test_an_ending_that_tells_no_format_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("Id\n1\n")
    with pytest.raises(Mistake, match=r"no ending that tells its format; save it as one of \.csv"):
        Table(tmp_path / name, PLAIN)


Maker = Callable[..., Path]


@pytest.fixture
def lines(tmp_path: Path) -> Maker:
    def make(*written: str | bytes) -> Path:
        path = tmp_path / "a.jsonl"
        path.write_bytes(b"".join((one if isinstance(one, bytes) else one.encode()) + b"\n" for one in written))
        return path

    return make


def test_values_of_objects_are_the_texts_they_are_written_as(lines: Maker) -> None:
    path = lines('\ufeff{"A": 0.1, "B": 12345678901234567890.50, "C": true}', "", '{"A": null, "B": -0, "D": "x"}\r')
    assert [(row.line, dict(row.values)) for row in Table(path, PLAIN).rows() if isinstance(row, Row)] == [
        (1, {"a": "0.1", "b": "12345678901234567890.50", "c": "true"}),
        (3, {"a": "", "b": "-0", "d": "x"}),
    ]


def test_a_name_that_an_object_does_not_mention_is_empty(lines: Maker) -> None:
    table = Table(lines('{"A": 1}', '{"b": 2}'), PLAIN)
    table.must_have({"A", "B"})
    assert [(row.values["a"], row.values["b"]) for row in table.rows() if isinstance(row, Row)] == [
        ("1", ""),
        ("", "2"),
    ]
    with pytest.raises(Mistake, match=r"a\.jsonl has no value 'C'; its first object has 'A'"):
        table.must_have({"C"})


def test_a_dotted_name_reaches_into_an_object(lines: Maker) -> None:
    table = Table(lines('{"at": null}', '{"At": {"City": "Bonn", "tags": ["a"], "on": {"map": 3}}}'), PLAIN)
    table.must_have({"at.city", "at.on.map"})
    found = [(row.values["at.city"], row.values["at.on.map"]) for row in table.rows() if isinstance(row, Row)]
    assert found == [("", ""), ("Bonn", "3")]


def test_an_object_or_a_list_is_no_value(lines: Maker) -> None:
    table = Table(lines('{"at": {"tags": ["a"]}}'), PLAIN)
    for name in ("at", "at.tags"):
        with pytest.raises(Mistake, match=f"line 1: '{name}' is an object or a list; name a value in it"):
            table.must_have({name})


def test_a_nested_value_where_a_plain_one_is_wanted_costs_its_own_row_alone(lines: Maker) -> None:
    table = Table(lines('{"a": 1}', '{"a": [1]}', '{"a": {"b": 1}}', '{"a": 2}'), PLAIN)
    table.must_have({"a"})
    found = [*table.rows()]
    assert [isinstance(row, Row) for row in found] == [True, False, False, True]
    assert [(row.line, row.column) for row in found if isinstance(row, Broken)] == [(2, "a"), (3, "a")]


@pytest.mark.parametrize(
    "line",
    [
        "[1]",
        "1",
        "{",
        '{"a": NaN}',
        '{"a": 1, "a": 2}',
        '{"a": 1, "A": 2}',
        '{"a.b": 1, "a": {"b": 2}}',
        '{"a": "\\ud800"}',
        '{"a": "\\u0000"}',
        b'{"a": "\xff"}',
        '{"a": ' * 100_000,
        '{"a": "' + "x" * 1_000_001 + '"}',
        "two words",
    ],
)
def test_a_line_that_is_no_object_costs_no_other(lines: Maker, line: str | bytes) -> None:
    path = lines('{"a": 1}', line, '{"a": 2}')
    found = [*Table(path, PLAIN).rows()]
    assert [(row.line, isinstance(row, Row)) for row in found] == [(1, True), (2, False), (3, True)]
    assert len(broken(path)[0].value) <= 200


@pytest.mark.parametrize("content", ["", "\n\n", "Id,Name\n1,a\n", "[]\n"])
def test_a_file_that_begins_with_no_object_is_refused(lines: Maker, content: str) -> None:
    with pytest.raises(Mistake, match="does not begin with a JSON object"):
        Table(lines(content), PLAIN)


def test_memory_does_not_grow_with_workbooks_and_objects(tmp_path: Path) -> None:
    rows = [[str(number), f"{number} {'and so on ' * 60}", ""] for number in range(5_000)]
    paths = [
        save_sheet(tmp_path / "a.xlsx", rows),
        save_sheet(tmp_path / "b.xlsx", rows, constant_memory=True),
        save_objects(tmp_path / "a.jsonl", ({"a": one, "b": two} for one, two, _ in rows)),
    ]
    for path in paths:
        tracemalloc.start()
        try:
            assert Table(path, PLAIN).count() == len(rows)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert peak < 1_500_000, path


MAPPING = {
    "source": "old",
    "section": [
        {
            "name": "Vendors",
            "file": "",
            "kind": "partner",
            "key": "Id",
            "columns": {
                "number": "Id",
                "name": "Name",
                "is_vendor": {"constant": True},
                "rating": "Note",
                "contacts": [{"name": "Boss.Name"}],
            },
        }
    ],
}


async def test_one_mapping_serves_every_format(firm: Firm, tmp_path: Path) -> None:
    objects = [
        {"Id": "7", "Name": "Bolt", "Note": 3, "Boss": {"Name": "Ann"}},
        {"Id": "8", "Name": "Nut", "Note": None, "Boss": {"Name": "Ben"}},
        {"Id": "9", "Name": "Cog", "Note": 1.5, "Boss": {"Name": "Ben"}},
    ]
    save_objects(tmp_path / "a.jsonl", objects)
    with Workbook(tmp_path / "a.xlsx") as book:
        sheet = book.add_worksheet()
        for line, row in enumerate(
            [["Id", "Name", "Note", "Boss.Name"], [7, "Bolt", 3, "Ann"], [8, "Nut", None, "Ben"]]
        ):
            sheet.write_row(line, 0, row)
    (tmp_path / "a.csv").write_text("Id,Name,Note,Boss.Name\n7,Bolt,3,Ann\n8,Nut,,Ben\n")
    lines = []
    for name in ("a.jsonl", "a.xlsx", "a.csv"):
        written = {**MAPPING, "section": [{**MAPPING["section"][0], "file": name}]}  # type: ignore[dict-item]
        report = await run(firm.database, firm.actor("administrator"), tmp_path, declared(written, "m.toml"))
        lines += [str(one) for one in (*report.tallies, *report.refusals)]
    assert lines == [
        "Vendors (a.jsonl): 2 created, 0 updated, 0 unchanged, 1 refused",
        "a.jsonl, line 3, Note '1.5': This is not a whole number; correct it. (BAD_INPUT)",
        "Vendors (a.xlsx): 0 created, 0 updated, 2 unchanged",
        "Vendors (a.csv): 0 created, 0 updated, 2 unchanged",
    ]


def test_the_last_days_there_are_can_stand_in_a_sheet() -> None:
    for since_1904, last in ((False, "2958465"), (True, "2957003")):
        assert moment_as_text(last, DATE, since_1904=since_1904) == "9999-12-31"
        with pytest.raises(ValueError, match=str(int(last) + 1)):
            moment_as_text(str(int(last) + 1), DATE, since_1904=since_1904)
