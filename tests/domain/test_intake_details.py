"""Papers are read from two files, records from none at all, and an import says how long it will take."""

from __future__ import annotations

import tracemalloc
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.intake.declaring import declared
from domain.intake.mapping import Details, Section
from domain.intake.memory import Memory
from domain.intake.mistakes import BadMapping
from domain.intake.planning import Planned
from domain.intake.progress import Course
from domain.intake.reading import Format, Row
from domain.intake.report import Progress, Report, Tally
from domain.intake.run import run
from domain.intake.values import value
from tests.firm import Firm

ADDRESSES: dict[str, Any] = {
    "file": "places.csv",
    "by": {"Partner": "Id"},
    "where": {"column": "Kind", "not": "old"},
    "columns": {"role": "Kind", "street": "Street", "city": "City", "country": "Country"},
}
VENDORS = {"name": "Vendors", "file": "vendors.csv", "kind": "partner", "key": "Id"}
TAX = {"name": "Taxes", "kind": "tax", "key": {"constant": "T"}}


def mapping(**section: Any) -> Any:
    return declared({"source": "x", "section": [VENDORS | section]}, "m.toml")


def vendors(**more: Any) -> Any:
    return mapping(columns={"name": "Name", "is_vendor": {"constant": True}, **more})


async def brought(firm: Firm, folder: Path, chosen: Any) -> Report:
    return await run(firm.database, firm.actor("administrator"), folder, chosen)


async def rows(firm: Firm, statement: str) -> list[tuple[Any, ...]]:
    async with firm.database.session(firm.actor("viewer")) as session:
        return [tuple(row) for row in await session.execute(text(statement))]


async def test_any_list_can_be_filled_from_the_rows_of_another_file(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "vendors.csv").write_text("Id,Name\n1,Ann\n2,Bob\n3,Cid\n")
    (tmp_path / "places.csv").write_text(
        "PARTNER,Kind,Street,City,Country\n2,legal,S 1,Rome,IT\n1,legal,S 2,Bonn,DE\n 2 ,delivery,S 3,Pisa,IT\n"
        "2,old,S 4,Bari,IT\n9,legal,S 5,Oslo,NO\n3,legal,S 6,,DK\n"
    )
    report = await brought(firm, tmp_path, vendors(addresses=ADDRESSES))
    assert [str(one) for one in report.refusals] == [
        "places.csv, line 7, City '': Needed; it cannot be empty. (BAD_INPUT)",
        "places.csv, line 6, Partner '9': No row of vendors.csv has this Id; add it there, or leave this row out. "
        "(NOT_FOUND)",
    ]
    assert [(one.section, one.created, one.skipped, one.refused) for one in report.tallies] == [
        ("Vendors", 2, 0, 1),
        ("Vendors: addresses", 3, 1, 2),
    ]
    assert await rows(
        firm, """select p.name, a.role, a.city from address a join partner p on p.id = a.partner_id
                 where p.name in ('Ann', 'Bob') order by a.city"""
    ) == [("Ann", "legal", "Bonn"), ("Bob", "delivery", "Pisa"), ("Bob", "legal", "Rome")]  # fmt: skip


async def test_the_rows_of_records_that_are_not_meant_are_not_missed(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "vendors.csv").write_text("Id,Name\n1,Ann\n2,\n3\n")
    (tmp_path / "places.csv").write_text("Partner,Kind,Street,City,Country\n1,legal,S,Rome,IT\n2,legal,S,Bonn,DE\n")
    chosen = mapping(
        where={"column": "Name", "empty": False},
        columns={"name": "Name", "is_vendor": {"constant": True}, "addresses": ADDRESSES},
    )
    report = await brought(firm, tmp_path, chosen)
    assert [(one.created, one.skipped, one.refused) for one in report.tallies] == [(1, 1, 1), (1, 1, 0)]
    assert [one.code for one in report.refusals] == ["BAD_ROW"]


async def test_rows_are_counted_once_though_some_of_their_file_cannot_be_read(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "vendors.csv").write_text("Id,Name\n1,Ann\n2,Bob\n")
    (tmp_path / "places.csv").write_text(
        "Partner,Kind,Street,City,Country\n1,legal,S,Rome,IT\n2,legal\n2,legal,S,Bonn,DE\n"
    )
    looked_up = {"lookup": {"file": "places.csv", "key": "Partner", "value": "City"}}
    for columns in ({}, {"note": {"column": "Id", "do": [looked_up]}}):
        chosen = mapping(columns={"name": "Name", "is_vendor": {"constant": True}, "addresses": ADDRESSES, **columns})
        report = await brought(firm, tmp_path, chosen)
        assert [(one.section, one.file, one.rows, one.refused) for one in report.tallies] == [
            ("Vendors", "vendors.csv", 2, 2), ("Vendors: addresses", "places.csv", 3, 3)
        ]  # fmt: skip
        assert [(one.file, one.line, one.code) for one in report.refusals] == [
            ("places.csv", 3, "BAD_ROW"), ("vendors.csv", 1, "NOT_READY")
        ]  # fmt: skip


async def test_a_value_beyond_measure_is_told_in_short(firm: Firm, tmp_path: Path) -> None:
    long = "Q" * 5000
    (tmp_path / "vendors.csv").write_text(f"Id,Name,Country\n1,Ann,{long}\n2,{long},IT\n")
    chosen = mapping(columns={"name": "Name", "is_vendor": {"constant": True}, "country": "Country"})
    report = await brought(firm, tmp_path, chosen)
    assert len(report.refusals) == 2
    for refusal in report.refusals:
        assert refusal.value == "Q" * 199 + "…"
        assert len(str(refusal)) < 600
    assert report.refusals[0].reason == f"'{'Q' * 199}…' is not an ISO 3166-1 country code; use two letters such as US."


async def test_a_missing_column_of_details_is_told_before_anything_is_written(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "vendors.csv").write_text("Id,Name\n1,Ann\n")
    (tmp_path / "places.csv").write_text("Id,Kind,Street,City,Country\n")
    with pytest.raises(BadMapping, match=r"section 'Vendors': places.csv has no column 'partner'; it has 'Id', 'Kind'"):
        await brought(firm, tmp_path, vendors(addresses=ADDRESSES))


async def test_a_section_without_a_file_is_one_record_that_stands_in_the_mapping(firm: Firm, tmp_path: Path) -> None:
    columns = {"code": {"constant": "T7"}, "name": {"constant": "Seven"}, "rate": {"constant": 7}}
    chosen = declared({"source": "x", "section": [TAX | {"columns": columns}]}, "m.toml")
    first, second = [await brought(firm, tmp_path, chosen) for _ in range(2)]
    assert [str(one) for one in first.tallies] == ["Taxes (m.toml): 1 created, 0 updated, 0 unchanged"]
    assert (second.total("unchanged"), second.total("created")) == (1, 0)
    assert await rows(firm, "select name from tax where code = 'T7'") == [("Seven",)]
    wrong = declared({"source": "x", "section": [TAX | {"columns": columns | {"rate": {"constant": 700}}}]}, "m.toml")
    assert [str(one) for one in (await brought(firm, tmp_path, wrong)).refusals] == [
        "m.toml, line 1: Too large; give at most 100. (BAD_INPUT)"
    ]


def without(name: str, written: dict[str, Any]) -> dict[str, Any]:
    return {key: one for key, one in written.items() if key != name}


@pytest.mark.parametrize(
    ("addresses", "message"),
    [
        (without("file", ADDRESSES), "columns.addresses: 'file' is needed, as a text."),
        (ADDRESSES | {"file": "../x.csv"}, "columns.addresses: '../x.csv' leads out of the folder"),
        (without("by", ADDRESSES), "columns.addresses: `by` wants a table: which columns of the file say what which"),
        (ADDRESSES | {"by": {"A": 1}}, "columns.addresses: `by` wants a table"),
        (ADDRESSES | {"order": "A"}, "columns.addresses: 'order' means nothing here; known: file, by, where,"),
        (ADDRESSES | {"columns": {"role": "Kind"}}, "columns.addresses: `columns` needs street, city, country."),
        (ADDRESSES | {"columns": {"town": "City"}}, "columns.addresses: `columns` wants a table of role, street,"),
        (
            ADDRESSES | {"columns": ADDRESSES["columns"] | {"city": {"column": "C", "do": ["trimm"]}}},
            "columns.addresses.columns.city: 'trimm' is no transform",
        ),
        (ADDRESSES | {"where": "x"}, "columns.addresses: 'x' is no condition"),
        (ADDRESSES | {"format": {"quote": ","}}, "columns.addresses: delimiter and quote are two different"),
        ("Street", "columns.addresses: this is a list; write [ … ], or name a file of its parts."),
    ],
)
def test_a_mistake_in_details_is_told_in_one_line(addresses: Any, message: str) -> None:
    with pytest.raises(BadMapping) as caught:
        vendors(addresses=addresses)
    assert message in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize(
    ("section", "message"),
    [
        ({"file": "f.csv", "after": "Later"}, "section 'Taxes', after: 'Later' is no section before this one."),
        ({"file": "f.csv", "after": ["Taxes"]}, "section 'Taxes', after: 'Taxes' is no section before this one."),
        ({"where": {"column": "A", "is": "x"}}, "section 'Taxes', file: it is needed: without one, a section is a"),
        ({"key": "Code"}, "section 'Taxes', file: it is needed: without one, a section is a single record made of"),
        (
            {"file": "f.csv", "kind": "stock_count", "creates": False},
            "section 'Taxes', creates: stock_count is only ever created; leave this out.",
        ),
        (
            {"columns": {"code": {"column": "A", "do": [{"default": "x", "exception": "odd"}]}}},
            "'default': `exception` stands beside `default` and wants one of received_before_approval,",
        ),
        (
            {"columns": {"code": {"column": "A", "do": [{"prefix": "x", "exception": "missing_unit"}]}}},
            "'prefix': `exception` stands beside `default`",
        ),
        (
            {"columns": {"code": {"column": "A", "do": [{"reference": "on_order"}]}}},
            "columns.code: 'on_order' is nothing that can be referred to",
        ),
        (
            {"columns": {"code": {"column": "A", "do": [{"reference": "rate"}]}}},
            "columns.code: 'rate' is nothing that can be referred to",
        ),
    ],
)
def test_what_a_section_cannot_mean_is_told(section: dict[str, Any], message: str) -> None:
    columns = {"code": {"constant": "T"}, "name": {"constant": "T"}, "rate": {"constant": 7}}
    with pytest.raises(BadMapping) as caught:
        declared({"source": "x", "section": [{**TAX, "columns": columns, **section}]}, "m.toml")
    assert message in caught.value.message


def details(**more: Any) -> Details:
    told = {"name": "lines", "by": {"Order": "Id"}, "where": (), "values": {"text": value("Text")}, "fields": {}}
    return Details(section="Orders", file="f.csv", form=Format(), **told | more)


def test_details_are_kept_on_disk_in_the_order_of_their_file() -> None:
    told = details()
    with Memory() as memory:
        memory.keep(told, (Row(line, {"order": str(line % 10), "text": "x" * 500}) for line in range(50_000)))
        tracemalloc.start()
        try:
            found = [row.line for row in memory.details(told, Row(2, {"id": "7"}))]
            memory.keep(
                details(name="more"), (Row(line, {"order": str(line), "text": "x" * 500}) for line in range(20_000))
            )
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert found == [*range(7, 50_000, 10)]
        assert len([*memory.orphans(told)]) == 45_000
    assert peak < 3_000_000


def test_what_belongs_together_is_told_by_all_columns_and_by_the_text_alone() -> None:
    told = details(by={"Order": "Id", "Year": "Year"})
    rows = [("1", "2"), ("12", ""), ("1", "2 "), ("01", "2")]
    with Memory() as memory:
        memory.keep(told, (Row(n, {"order": a, "year": b, "text": ""}) for n, (a, b) in enumerate(rows)))
        assert [row.line for row in memory.details(told, Row(9, {"id": " 1", "year": "2"}))] == [0, 2]
        assert [*memory.orphans(told)] == [(1, ["12", ""]), (3, ["01", "2"])]


class Clock:
    """Time that passes when somebody works."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def sections(**rows_of: int) -> list[Planned]:
    """A section of rates and one of partners, of so many rows each."""
    written: dict[str, dict[str, Any]] = {
        "rates": {"kind": "rate", "columns": {"base": "B", "quote": "Q", "dated": "D", "rate": "R"}},
        "partners": {"kind": "partner", "key": "Id", "columns": {"name": "Name"}},
        "products": {
            "kind": "product",
            "key": "Id",
            "columns": {"sku": "Id", "name": "Id", "unit": {"column": "U", "do": [{"reference": "unit"}]}},
        },
    }
    mapping = [{"name": name, "file": "f.csv", **written[name]} for name in rows_of]
    found: tuple[Section, ...] = declared({"source": "x", "section": mapping}, "m.toml").sections
    return [Planned(section, None, rows_of[section.name]) for section in found]


def watched(planned: list[Planned], known: dict[str, int], cost: dict[str, tuple[float, float]]) -> Iterator[Any]:
    """What an import says is left, and what truly is, after each tenth of each section; known rows come first."""
    clock, told, there = Clock(), list[Progress](), Counter(known)
    course = Course(clock, planned, {(word, "x"): count for word, count in known.items()}, told.append)
    steps: list[datetime] = []
    for one in planned:
        new_cost, old_cost = cost[one.section.kind.word]
        old = there[one.section.kind.word]
        for tenth in range(1, 11):
            done = one.rows * tenth // 10
            before = one.rows * (tenth - 1) // 10
            fresh = max(done - old, 0) - max(before - old, 0)
            clock.now += timedelta(seconds=fresh * new_cost + (done - before - fresh) * old_cost)
            tally = Tally(one.section.name, one.section.kind.word, "f.csv", created=done)
            course.tell(one, tally, new=max(done - old, 0), old=min(done, old))
            steps.append(clock.now)
    for step, progress in zip(steps, told, strict=True):
        yield progress.left, steps[-1] - step


def guessed(planned: list[Planned], times: float) -> dict[str, tuple[float, float]]:
    """What rows cost in seconds on a machine so many times as slow as the one that the guesses were made on."""
    efforts = {one.section.kind.word: one.section.kind.effort for one in planned}
    return {word: (new * times / 1e6, old * times / 1e6) for word, (new, old) in efforts.items()}


def test_the_time_that_is_left_is_right_for_sections_of_unlike_cost() -> None:
    planned = sections(partners=1000, rates=100_000, products=2000)
    for left, truly in watched(planned, {}, guessed(planned, 2)):
        assert abs(left - truly) < 0.05 * truly + timedelta(seconds=0.1)


def test_the_time_that_is_left_is_right_when_an_import_is_taken_up_again() -> None:
    planned = sections(partners=1000, products=2000)
    for left, truly in watched(planned, {"partner": 1000, "product": 500}, guessed(planned, 5)):
        assert abs(left - truly) < 0.05 * truly + timedelta(seconds=0.1)


def test_a_wrong_guess_of_what_a_kind_costs_is_mended_as_soon_as_it_is_measured() -> None:
    planned = sections(partners=1000, products=10_000)
    cost = {"partner": (0.010, 0.002), "product": (0.100, 0.020)}
    found = [*watched(planned, {}, cost)]
    assert found[0][0] < 0.3 * found[0][1]
    for left, truly in found[10:]:
        assert abs(left - truly) < 0.01 * truly + timedelta(seconds=0.1)


def test_an_import_of_nothing_is_done_at_once() -> None:
    planned, told = sections(partners=0), list[Progress]()
    clock = Clock()
    Course(clock, planned, {}, told.append).tell(planned[0], Tally("partners", "partner", "f.csv"), new=0, old=0)
    assert told[0].left is None
