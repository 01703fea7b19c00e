"""Whatever a text or a number is, it is the same once a form of an export is read again."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from domain.intake.reading import Format, Row, Table
from schema.export import Column, Export
from transport.exporting import sheet
from transport.exporting.cells import LONGEST, TooLongError
from transport.exporting.delimited import harmless
from transport.exporting.form import Wishes
from transport.exporting.pages import FORMS

KINDS = {
    "key": "Int",
    "text": "String",
    "number": "Decimal",
    "day": "Date",
    "moment": "DateTime",
    "yes": "Boolean",
    "any": "JSON",
}
ROWS = Export(
    name="rows", of="rows", document="", variables={}, most=None, lists=(), fields=(),
    columns=tuple(Column((name,), kind) for name, kind in KINDS.items()),
)  # fmt: skip
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30) | st.sampled_from(
    ["_x000D_", "_x_x0041_", "\r", "\r\n", "=1", "<&>\"'", " a ", "\t"]
)
NUMBERS = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12).map("{:f}".format)
NODES = st.fixed_dictionaries(
    {
        "key": st.integers(1, 10**15 - 1),
        "text": st.none() | TEXTS,
        "number": st.none() | NUMBERS,
        "day": st.none() | st.dates(date(1900, 3, 1)).map(str),
        "moment": st.none()
        | st.datetimes(datetime(1900, 3, 1), datetime(9990, 1, 1)).map("{:%Y-%m-%dT%H:%M:%S.%fZ}".format),  # noqa: DTZ001
        "yes": st.none() | st.booleans(),
        "any": st.none() | st.lists(st.text('aé"', max_size=3), max_size=2),
    }
)


def made(form: str, nodes: list[Any], export: Export = ROWS, **wishes: bool) -> bytes:
    writing = FORMS[form](export, Wishes(**wishes))
    try:
        return b"".join([writing.begin(), *(writing.rows([node]) for node in nodes), writing.end()])
    finally:
        writing.close()


def told(node: dict[str, Any]) -> dict[str, Any]:
    """What a cell of text says of each value."""
    found = {name: "" if value is None else value for name, value in node.items()}
    return found | {"key": str(node["key"]), "yes": {True: "true", False: "false", None: ""}[node["yes"]]}


@settings(max_examples=60, deadline=None)
@given(st.lists(NODES, max_size=5))
def test_csv_is_read_again_as_it_was_written(nodes: list[dict[str, Any]]) -> None:
    rows = [*csv.DictReader(io.StringIO(made("csv", nodes, raw=True).decode(), newline=""))]
    found = [{**row, "any": json.loads(row["any"]) if row["any"] else ""} for row in rows]
    assert found == [told(node) for node in nodes]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(NODES, max_size=5))
def test_a_workbook_is_read_again_as_it_was_written(tmp_path: Path, nodes: list[dict[str, Any]]) -> None:
    path = tmp_path / "rows.xlsx"
    path.write_bytes(made("xlsx", nodes))
    rows = [row.values for row in Table(path, Format()).rows() if isinstance(row, Row)]
    for row, node in zip(rows, map(told, nodes), strict=True):
        alike = ("key", "text", "day", "yes")
        assert [row[name] for name in alike] == [node[name] for name in alike]
        assert Decimal(row["number"] or 0) == Decimal(node["number"] or 0)
        assert abs(moment(row["moment"]) - moment(node["moment"])) < timedelta(seconds=1)
        assert (json.loads(row["any"]) if row["any"] else "") == node["any"]


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text or "2000-01-01").replace(tzinfo=UTC)


def test_another_program_reads_the_workbook_alike() -> None:
    nodes = [
        {
            "key": 1,
            "text": "=1+1\r\n_x0041_ \x07",
            "number": "0.10",
            "day": "2026-03-02",
            "moment": "2026-03-02T09:30:15.250000Z",
        },
        {
            "key": 2,
            "text": "",
            "number": "12345678901234567.89",
            "day": "1899-12-31",
            "moment": "1800-01-01T00:00:00.000000Z",
        },
        {"key": 3, "number": "-1250", "yes": False, "any": {"a": [1, None]}},
    ]
    (_, *rows) = CalamineWorkbook.from_filelike(io.BytesIO(made("xlsx", nodes))).get_sheet_by_index(0).to_python()
    assert rows == [
        [1.0, "=1+1\r\n_x0041_ \x07", 0.1, date(2026, 3, 2), datetime(2026, 3, 2, 9, 30, 15, 250000), "", ""],  # noqa: DTZ001
        [2.0, "", "12345678901234567.89", "1899-12-31", "1800-01-01T00:00:00.000000Z", "", ""],
        [3.0, "", -1250.0, "", "", False, '{"a":[1,null]}'],
    ]


def test_a_text_that_no_cell_can_hold_is_told() -> None:
    assert made("xlsx", [{"text": "x" * LONGEST}])
    with pytest.raises(TooLongError, match="take CSV or JSON lines"):
        made("xlsx", [{"text": "x" * (LONGEST + 1)}])


def test_a_large_sheet_is_followed_by_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheet, "MOST_BYTES", 4000)
    named = replace(ROWS, of="aListWithAVeryLongNameIndeed12345")
    book = CalamineWorkbook.from_filelike(io.BytesIO(made("xlsx", [{"text": "x" * 1000}] * 10, named)))
    assert sum(len(book.get_sheet_by_name(name).to_python()) - 1 for name in book.sheet_names) == 10
    assert book.sheet_names[:2] == ["aListWithAVeryLongNameIndeed123", "aListWithAVeryLongNameIndeed1 2"]


@pytest.mark.parametrize(
    "text",
    ["=1", "+1 2", "-a", "@a", "\ta", "\ra", "\na", "\uff1d1", "\uff0b1", "\uff0d1", "\uff20a", "--1", "+", "-1,2"],
)
def test_what_a_spreadsheet_may_run_is_marked(text: str) -> None:
    assert harmless(text) == "'" + text


@pytest.mark.parametrize("text", ["", "a=1", "1", "-1", "+1.50", "-1.5e-3", "'=1", " =1", "http://a"])
def test_all_else_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
