"""A file is read as it was written, line by line, and a broken row costs no other."""

import csv
import io
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake import delimited
from domain.intake.mistakes import Mistake
from domain.intake.reading import Broken, Format, Row, Table, checked_format

PLAIN = Format()
Maker = Callable[..., Table]


@pytest.fixture
def table(tmp_path: Path) -> Maker:
    def make(content: bytes | str, form: Format = PLAIN) -> Table:
        path = tmp_path / "file.csv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return Table(path, form)

    return make


def read(table: Table) -> list[tuple[int, list[str] | str]]:
    return [(row.line, [*row.values.values()] if isinstance(row, Row) else row.reason) for row in table.rows()]


def test_a_mark_at_the_beginning_and_windows_line_ends_are_no_part_of_the_text(table: Maker) -> None:
    found = table(b"\xef\xbb\xbfId,Name\r\n1,Bolt\r\n2,Nut\r\n")
    assert found.headings == ["Id", "Name"]
    assert read(found) == [(2, ["1", "Bolt"]), (3, ["2", "Nut"])]


def test_lines_are_physical_lines_whatever_quotes_hold(table: Maker) -> None:
    found = table('Id,Name\n1,"two\nlines"\n\n2,"a ""quote"""\n3,x')
    assert read(found) == [(2, ["1", "two\nlines"]), (5, ["2", 'a "quote"']), (6, ["3", "x"])]


def test_headings_are_found_in_any_case_but_not_by_likeness(table: Maker) -> None:
    found = table("ProductID,Name ,name\n1,a,b\n")
    found.must_have(["productid", "PRODUCTID", "name"])
    with pytest.raises(Mistake, match=r"no column 'Product'; it has 'ProductID', 'Name ', 'name'"):
        found.must_have(["Product"])


def test_two_headings_that_differ_in_case_alone_are_not_guessed_between(table: Maker) -> None:
    found = table("Id,ID\n1,2\n")
    with pytest.raises(Mistake, match="has 2 columns 'id'"):
        found.must_have(["id"])


def test_a_quote_that_never_closes_costs_its_own_row_alone(table: Maker) -> None:
    found = table('Id,Name\n1,a\n2,"open\n3,b\n4,"c, d"\n5,e\n')
    (first, broken, *rest) = found.rows()
    assert isinstance(first, Row)
    assert isinstance(broken, Broken)
    assert (broken.line, broken.value) == (3, '2,"open')
    assert [(row.line, row.values["name"]) for row in rest] == [(4, "b"), (5, "c, d"), (6, "e")]


def test_a_quote_open_at_the_end_of_the_file_costs_its_own_row_alone(table: Maker) -> None:
    assert [line for line, values in read(table('Id,Name\n1,"a\n2,b\n3,c')) if isinstance(values, list)] == [3, 4]


def test_a_quote_open_for_too_long_was_never_meant_to_be(table: Maker) -> None:
    body = "".join(f"{number},x\n" for number in range(1000))
    found = read(table(f'Id,Name\n0,"open\n{body}'))
    assert len(found) == 1001
    assert [line for line, values in found if isinstance(values, str)] == [2]


def test_a_row_with_too_few_or_too_many_values_is_told(table: Maker) -> None:
    assert read(table("Id,Name\n1\n2,a\n3,a,b\n")) == [
        (2, "The row has 1 values under 2 headings; check its delimiters."),
        (3, ["2", "a"]),
        (4, "The row has 3 values under 2 headings; check its delimiters."),
    ]


def test_bytes_that_are_no_text_are_told_with_their_column(table: Maker) -> None:
    good, bad, after = table(b"Id,Name\n1,a\n2,St\xfcck\n3,b\n").rows()
    assert isinstance(good, Row)
    assert isinstance(after, Row)
    assert isinstance(bad, Broken)
    assert (bad.line, bad.column, bad.value) == (3, "Name", "St\N{REPLACEMENT CHARACTER}ck")


def test_a_zero_byte_is_told(table: Maker) -> None:
    (bad,) = table(b"Id,Name\n1,a\x00b\n").rows()
    assert isinstance(bad, Broken)
    assert bad.column == "Name"
    assert bad.reason.startswith("The value holds the character NUL; take it out")


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-8", "utf_8"])
def test_the_encoding_is_the_one_that_is_stated(table: Maker, encoding: str) -> None:
    found = table("Id;Name\n1;Stück\n".encode(encoding), Format(encoding=encoding, delimiter=";"))
    assert read(found) == [(2, ["1", "Stück"])]


def test_half_a_character_at_the_end_ends_the_file_with_a_reason(table: Maker) -> None:
    found = read(table("Id,Name\n1,a\n".encode("utf-16") + b"x", Format(encoding="utf-16")))
    assert isinstance(found[-1][1], str)


def test_without_a_quote_quotes_mean_nothing(table: Maker) -> None:
    assert read(table('Id\tName\n1\t5" pipe\n2\t"x\n', Format(delimiter="\t", quote=""))) == [
        (2, ["1", '5" pipe']),
        (3, ["2", '"x']),
    ]


def test_a_line_beyond_measure_is_one_broken_row(table: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "LONGEST", 100)
    found = read(table(f"Id,Name\n1,{'x' * 1000}\n2,a\n"))
    assert isinstance(found[0][1], str)
    assert found[1] == (3, ["2", "a"])


@pytest.mark.parametrize("content", [b"", b"\n\n", b'"Id,Name\n'])
def test_a_file_without_headings_is_refused(table: Maker, content: bytes) -> None:
    with pytest.raises(Mistake, match="does not begin with headings"):
        table(content)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(Mistake, match=r"absent\.csv cannot be read"):
        Table(tmp_path / "absent.csv", PLAIN)


def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    path = tmp_path / "large.csv"
    with path.open("w") as file:
        file.write("Id,Name\n")
        file.writelines(f'{number},"a name of some length, {number}"\n' for number in range(100_000))
    assert path.stat().st_size > 3_000_000
    tracemalloc.start()
    try:
        assert Table(path, PLAIN).count() == 100_000
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500_000


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ({"delimiter": ",,"}, "two different characters"),
        ({"quote": ","}, "two different characters"),
        ({"encoding": "klingon"}, "'klingon' is no encoding"),
        ({"encoding": "rot13"}, "'rot13' is no encoding"),
        ({"delimter": ";"}, "'delimter' means nothing here"),
        ({"delimiter": 1}, "a table of texts"),
        ("utf-8", "a table of texts"),
    ],
)
def test_a_format_that_cannot_be_is_told(written: object, told: str) -> None:
    with pytest.raises(Mistake, match=told):
        checked_format(written, PLAIN)


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=20)


@given(st.lists(st.lists(TEXTS, min_size=3, max_size=3), max_size=30), st.sampled_from(["\r\n", "\n"]))
def test_whatever_a_spreadsheet_writes_is_read_as_it_was(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]], end: str
) -> None:
    buffer = io.StringIO(newline="")
    writer = csv.writer(buffer, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["A", "B", "C"])
    lines = []
    for row in rows:
        lines.append(_lines(buffer.getvalue()) + 1)
        writer.writerow(row)
    path = tmp_path_factory.mktemp("csv") / "file.csv"
    path.write_bytes(buffer.getvalue().encode())
    assert read(Table(path, PLAIN)) == list(zip(lines, rows, strict=True))


def _lines(text: str) -> int:
    return text.replace("\r\n", "\n").replace("\r", "\n").count("\n")
