"""A dirty file goes in as far as it is good, and every row that does not is told with the reason."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.intake import run as running
from domain.intake.declaring import declared, load
from domain.intake.mistakes import BadMapping
from domain.intake.report import KEPT, Progress, Refusal, Report
from domain.intake.run import run
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.errors import Forbidden
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.stock.location import Location
from tests.firm import TODAY, Firm

DIRTY = Path(__file__).parents[1] / "data" / "dirty"
REFUSED = {
    ("vendors.csv", 5, "", '102,"Broken,3,no,US,,,1', "BAD_ROW"),
    ("vendors.csv", 7, "", "104", "BAD_ROW"),
    ("vendors.csv", 8, "vendorno", "100", "NOT_UNIQUE"),
    ("vendors.csv", 9, "Name", " ", "BAD_INPUT"),
    ("vendors.csv", 10, "Rating", "9", "BAD_INPUT"),
    ("vendors.csv", 11, "Preferred", "maybe", "BAD_INPUT"),
    ("vendors.csv", 12, "Country", "ZZ", "BAD_INPUT"),
    ("vendors.csv", 13, "vendorno", "", "BAD_INPUT"),
    ("vendors.csv", 16, "City", "", "BAD_INPUT"),
    ("products.csv", 3, "Price", "12,3,4", "BAD_INPUT"),
    ("products.csv", 4, "Unit", "XX", "NOT_FOUND"),
    ("products.csv", 9, "Price", "1,1234567", "BAD_INPUT"),
    ("products.csv", 10, "Price", "2.00", "BAD_INPUT"),
    ("products.csv", 11, "Price", "1e30", "BAD_INPUT"),
    ("prices.csv", 3, "Days", "x", "BAD_INPUT"),
    ("prices.csv", 4, "Product", "2", "NOT_FOUND"),
    ("prices.csv", 5, "Most", "5", "BAD_INPUT"),
    ("prices.csv", 6, "Price", "-1", "BAD_INPUT"),
    ("prices.csv", 7, "Vendor", "109", "ARCHIVED"),
    ("prices.csv", 8, "Product", "9", "NOT_FOUND"),
    ("prices.csv", 9, "Price", "NaN", "BAD_INPUT"),
    ("rates.csv", 4, "Close", "0", "BAD_INPUT"),
    ("rates.csv", 5, "To", "QQQ", "BAD_INPUT"),
    ("rates.csv", 7, "From | To | Day", "usd | jpy | 05.01.2026", "NOT_UNIQUE"),
    ("rates.csv", 8, "Day", "31.02.2026", "BAD_INPUT"),
    ("rates.csv", 10, "From | To | Day", "USD |  | 07.01.2026", "BAD_INPUT"),
}
TALLIES = {
    "Units": (2, 1, 0, 0, 0),
    "Vendors": (5, 0, 0, 0, 9),
    "Products": (4, 0, 0, 1, 5),
    "Prices": (1, 0, 0, 0, 7),
    "Rates": (3, 0, 0, 1, 5),
}


@pytest.fixture
def importer(firm: Firm) -> Actor:
    return firm.actor("administrator")


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The dirty files, to be written to."""
    return Path(shutil.copytree(DIRTY, tmp_path / "files"))


async def imported(firm: Firm, folder: Path = DIRTY, **options: Any) -> Report:
    return await run(firm.database, firm.actor("administrator"), folder, load(DIRTY / "mapping.toml"), **options)


def places(report: Report) -> set[tuple[str, int, str, str, str]]:
    return {(one.file, one.line, one.column, one.value, one.code) for one in report.refusals}


def tallies(report: Report) -> dict[str, tuple[int, ...]]:
    return {one.section: (one.created, one.updated, one.unchanged, one.skipped, one.refused) for one in report.tallies}


async def rows(firm: Firm, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with firm.database.session(firm.actor("viewer")) as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def everything(firm: Firm) -> list[tuple[Any, ...]]:
    """What an import could change, in one answer."""
    tables = ("unit", "partner", "address", "product", "vendor_price", "rate", "external_reference", "event")
    counted = [f"select '{table}', count(*), max(id::text) from {table}" for table in tables]
    return await rows(firm, " union all ".join(counted))


async def test_the_good_rows_go_in_and_each_bad_one_is_told_with_its_place(firm: Firm) -> None:
    report = await imported(firm)
    assert places(report) == REFUSED
    assert tallies(report) == TALLIES
    assert all(one.reason.endswith(".") for one in report.refusals)
    assert await rows(
        firm, """select number, name, rating, preferred, archived_at is null
                 from partner where number like 'V-%' order by 1"""
    ) == [
        ("V-100", "Acme", 1, True, True),
        ("V-101", "Bolt, Nut & Co", 2, False, True),
        ("V-103", "After the break", 3, False, True),
        ("V-109", "Asleep", None, False, False),
        ("V-111", 'He said "yes"', 1, True, True),
    ]  # fmt: skip
    assert await rows(firm, "select p.number, a.role, a.city from address a join partner p on p.id = a.partner_id") == [
        ("V-100", "legal", "Springfield")
    ]
    assert await rows(firm, "select sku, name, list_price from product where sku like 'GOOD%' order by 1") == [
        ("GOOD-1", "Rod", Decimal("1234.50")),
        ("GOOD-4", "Nail", None),
        ("GOOD-6", "Bolt again", Decimal("1.00")),
        ("GOOD-7", "Wire", Decimal("0.123456")),
    ]  # fmt: skip
    assert await rows(firm, "select quote, rate, average from rate where base = 'USD' order by 1") == [
        ("DEM", Decimal("1.8"), None),
        ("EUR", Decimal("0.9"), Decimal("0.91")),
        ("JPY", Decimal("155.25"), None),
    ]


async def test_a_unit_known_by_its_code_is_taken_over_and_not_doubled(firm: Firm) -> None:
    await imported(firm)
    assert await rows(firm, "select id, name from unit where code = 'PCE'") == [(firm["piece"], "Stück")]
    assert await rows(firm, "select record_id from external_reference where type = 'unit' and key = 'PCE'") == [
        (firm["piece"],)
    ]


async def test_a_second_run_writes_nothing(firm: Firm) -> None:
    first = await imported(firm)
    before = await everything(firm)
    again = await imported(firm)
    assert await everything(firm) == before
    assert (again.total("created"), again.total("updated")) == (0, 0)
    assert again.total("unchanged") == first.total("created") + first.total("updated")
    assert places(again) == REFUSED


async def test_a_dry_run_foretells_the_run_and_writes_nothing(firm: Firm) -> None:
    before = await everything(firm)
    foretold = await imported(firm, dry_run=True)
    assert await everything(firm) == before
    done = await imported(firm)
    assert (foretold.tallies, places(foretold)) == (done.tallies, places(done))
    assert [*foretold.lines()][-1].startswith("Nothing was written: this was a dry run. It would be 15 created")
    assert [*done.lines()][-1] == "In all: 15 created, 1 updated, 0 unchanged, 2 skipped, 26 refused."


@pytest.mark.parametrize("size", [1, 2, 3])
async def test_the_size_of_a_batch_makes_no_difference(firm: Firm, monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(running, "BATCH", size)
    foretold, done = await imported(firm, dry_run=True), await imported(firm)
    assert tallies(foretold) == tallies(done) == TALLIES
    assert places(foretold) == places(done) == REFUSED


async def test_only_rows_that_went_in_are_in_the_log(firm: Firm) -> None:
    (before,) = await rows(firm, "select count(*) from event")
    report = await imported(firm)
    told = await rows(firm, "select type, count(*) from event group by 1")
    entered = report.total("created") + report.total("updated") + report.exceptions.total()
    assert sum(count for _, count in told) == before[0] + entered + 1
    sleeper = "select type, sequence, actor_name from event join partner p on p.id = record_id where p.number = 'V-109'"
    assert await rows(firm, f"{sleeper} order by sequence") == [
        ("partner.created", 1, "administrator"),
        ("partner.archived", 2, "administrator"),
    ]
    lost = """select count(*) from event
              where type = 'partner.created' and not exists (select from partner where id = record_id)"""
    assert await rows(firm, lost) == [(0,)]


async def test_a_corrected_file_brings_what_was_refused_and_changes_what_differs(firm: Firm, files: Path) -> None:
    await imported(firm, files)
    vendors = (files / "vendors.csv").read_bytes()
    corrected = vendors.replace(b"106,Bad rating,9", b"106,Good rating,5").replace(
        b"After the break,3", b"After the break,4"
    )
    (files / "vendors.csv").write_bytes(corrected.replace(b"109,Asleep,,no,FR,,,0", b"109,Awake,,no,FR,,,1"))
    report = await imported(firm, files)
    assert tallies(report)["Vendors"] == (1, 2, 3, 0, 8)
    assert await rows(firm, "select name, archived_at, version from partner where number = 'V-109'") == [
        ("Awake", None, 4)
    ]
    assert tallies(report)["Prices"] == (1, 0, 1, 0, 6)


async def test_a_batch_cut_short_is_finished_by_the_next_run(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "BATCH", 2)

    def stop(progress: Progress) -> None:
        if progress.section == "Vendors":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await imported(firm, progress=stop)
    assert await rows(firm, "select count(*) from partner where number like 'V-%'") == [(2,)]
    report = await imported(firm)
    assert tallies(report)["Vendors"] == (3, 0, 2, 0, 9)
    assert await rows(firm, "select count(*) from partner where number like 'V-%'") == [(5,)]


async def test_two_imports_at_once_bring_each_record_once(firm: Firm) -> None:
    reports = await asyncio.gather(*(imported(firm) for _ in range(4)))
    assert await rows(firm, "select count(*), count(distinct number) from partner where number like 'V-%'") == [(5, 5)]
    assert await rows(firm, "select count(*) from product where sku like 'GOOD%'") == [(4,)]
    assert sum(tallies(report)["Vendors"][0] for report in reports) == 5
    assert all(sum(tallies(report)["Vendors"]) == 14 for report in reports)
    again = await imported(firm)
    assert (again.total("created"), again.total("updated"), places(again)) == (0, 0, REFUSED)


async def test_one_file_can_be_imported_by_itself(firm: Firm) -> None:
    report = await imported(firm, DIRTY / "rates.csv")
    assert tallies(report) == {"Rates": TALLIES["Rates"]}


async def test_progress_tells_what_is_done_of_how_much_and_how_long_it_will_take(
    firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 4)
    ticks = iter(range(1000))
    actor = replace(firm.actor("administrator"), clock=lambda: TODAY + timedelta(seconds=next(ticks)))
    told: list[Progress] = []
    await run(firm.database, actor, DIRTY / "products.csv", load(DIRTY / "mapping.toml"), progress=told.append)
    assert [(one.section, one.done, one.total) for one in told] == [("Products", done, 10) for done in (4, 8, 10)]
    assert told[-1].left == timedelta(0)
    told.clear()
    await run(firm.database, actor, DIRTY / "vendors.csv", load(DIRTY / "mapping.toml"), progress=told.append)
    assert [one.done for one in told] == [4, 8, 12, 14]
    assert told[0].left
    assert told[0].left > timedelta(0)


async def test_refusals_are_told_as_they_come_and_only_so_many_are_kept(firm: Firm, files: Path) -> None:
    body = "".join(f"{number},Name,x,no,US,,,1\n" for number in range(KEPT + 5))
    (files / "vendors.csv").write_text(f"VendorNo,Name,Rating,Preferred,Country,Street,City,Active\n{body}")
    told: list[Refusal] = []
    report = await imported(firm, files / "vendors.csv", refused=told.append)
    assert (len(told), len(report.refusals), report.total("refused")) == (KEPT + 5, KEPT, KEPT + 5)
    assert str(told[0]) == "vendors.csv, line 2, Rating 'x': This is not a whole number; correct it. (BAD_INPUT)"


async def test_it_needs_the_right_to_import(firm: Firm) -> None:
    with pytest.raises(Forbidden, match=r"import\.write"):
        await run(firm.database, firm.actor("buyer"), DIRTY, load(DIRTY / "mapping.toml"))


async def test_it_needs_the_right_of_each_command_too(firm: Firm) -> None:
    half = replace(firm.actor("administrator"), rights=frozenset({"import.write"}))
    report = await run(firm.database, half, DIRTY / "units.csv", load(DIRTY / "mapping.toml"))
    assert [one.code for one in report.refusals] == ["FORBIDDEN"] * 3


async def test_another_tenant_s_records_are_not_found_by_their_keys(firm: Firm) -> None:
    from tests.firm import found

    await imported(firm)
    neighbour = await found(firm.database, firm.owner_url, tenant=2)
    report = await imported(neighbour)
    assert tallies(report) == TALLIES


BREAK: list[tuple[str, Callable[[Path], Any], str]] = [
    ("a missing file", lambda folder: (folder / "rates.csv").unlink(), "section 'Rates': "),
    ("an empty file", lambda folder: (folder / "rates.csv").write_text(""), "does not begin with headings"),
    (
        "a missing column",
        lambda folder: (folder / "rates.csv").write_text("Day,From,To,Rate,Average\n"),
        "section 'Rates': rates.csv has no column 'Close'; it has 'Day', 'From', 'To', 'Rate', 'Average'.",
    ),
    (
        "a missing column to look up",
        lambda folder: (folder / "products.csv").write_text("Number\tTitle\tPrice\tSort\n"),
        "section 'Prices': products.csv has no column 'Unit'",
    ),
]


@pytest.mark.parametrize(("breaks", "message"), [case[1:] for case in BREAK], ids=[case[0] for case in BREAK])
async def test_what_is_missing_is_told_before_anything_is_written(
    firm: Firm, files: Path, breaks: Callable[[Path], Any], message: str
) -> None:
    breaks(files)
    before = await everything(firm)
    with pytest.raises(BadMapping) as caught:
        await imported(firm, files)
    assert message in caught.value.message
    assert caught.value.message.startswith("mapping.toml: ")
    assert await everything(firm) == before


async def test_a_path_that_no_section_reads_is_told_with_what_they_read(firm: Firm, files: Path) -> None:
    (files / "other.csv").write_text("A\n")
    with pytest.raises(BadMapping, match=r"no section reads a file of this name; they read units\.csv, vendors\.csv"):
        await imported(firm, files / "other.csv")
    with pytest.raises(BadMapping, match="no folder"):
        await imported(firm, files / "absent")


def mapping(**section: Any) -> Any:
    return declared({"source": "x", "section": [{"file": "f.csv", "key": "Id", **section}]}, "m.toml")


async def brought(firm: Firm, folder: Path, content: str, **section: Any) -> Report:
    (folder / "f.csv").write_text(content)
    return await run(firm.database, firm.actor("administrator"), folder, mapping(**section))


async def test_what_is_for_good_is_not_changed_in_silence(firm: Firm, tmp_path: Path) -> None:
    by_number = [{"reference": {"kind": "partner", "by": "number"}}]
    price = {
        "kind": "vendor_price",
        "columns": {
            "partner": {"column": "Vendor", "do": by_number},
            "product": {"column": "Sku", "do": [{"reference": {"kind": "product", "by": "sku"}}]},
            "unit": {"constant": "KGM", "do": [{"reference": {"kind": "unit", "by": "code"}}]},
            "currency": {"constant": "USD"},
            "price": "Price",
        },
    }
    first = await brought(firm, tmp_path, "Id,Vendor,Sku,Price\n1,V1,WIRE,2\n", **price)
    second = await brought(firm, tmp_path, "Id,Vendor,Sku,Price\n1,V1,WIRE,3\n", **price)
    third = await brought(firm, tmp_path, "Id,Vendor,Sku,Price\n1,V2,WIRE,3\n", **price)
    assert (first.total("created"), second.total("updated"), third.total("refused")) == (1, 1, 1)
    assert (third.refusals[0].column, third.refusals[0].value) == ("Vendor", "V2")


async def test_a_reference_by_code_that_leads_nowhere_is_told(firm: Firm, tmp_path: Path) -> None:
    unit = {"column": "Unit", "do": [{"reference": {"kind": "unit", "by": "code"}}]}
    report = await brought(
        firm, tmp_path, "Id,Unit\nA,PCE\nB,ZZZ\n", kind="product", columns={"sku": "Id", "name": "Id", "unit": unit}
    )
    assert report.total("created") == 1
    assert [(one.line, one.column, one.value, one.code) for one in report.refusals] == [(3, "Unit", "ZZZ", "NOT_FOUND")]
    assert "There is no unit with code 'ZZZ'" in report.refusals[0].reason


async def test_rows_may_refer_to_rows_before_them_in_the_same_file(firm: Firm, tmp_path: Path) -> None:
    parent = {"column": "Parent", "do": [{"reference": "category"}]}
    tree = {"kind": "category", "columns": {"code": "Id", "name": "Id", "parent": parent}}
    report = await brought(firm, tmp_path, "Id,Parent\nA,\nB,A\nC,D\nD,A\n", **tree)
    assert [(one.line, one.column, one.value) for one in report.refusals] == [(4, "Parent", "D")]
    again = await brought(firm, tmp_path, "Id,Parent\nA,\nB,A\nC,D\nD,A\n", **tree)
    assert (again.total("created"), again.total("unchanged"), again.total("refused")) == (1, 3, 0)


async def test_rows_before_them_can_be_named_by_their_codes_too(firm: Firm, tmp_path: Path) -> None:
    parent = {"column": "Parent", "do": [{"reference": {"kind": "category", "by": "code"}}]}
    columns = {"code": {"column": "Id", "do": [{"prefix": "K-"}]}, "name": "Id", "parent": parent}
    report = await brought(firm, tmp_path, "Id,Parent\nA,\nB,K-A\n", kind="category", columns=columns)
    assert (report.total("created"), report.total("refused")) == (2, 0)


async def test_what_belongs_to_another_company_is_left_alone(firm: Firm, tmp_path: Path) -> None:
    other = uuid7()

    def settle(work: Work) -> None:
        work.add(Company(id=other, code="OTHER", name="Other Ltd", country="US", currency="USD"))
        work.session.flush()
        work.add(Location(company_id=other, code="X9", name="Theirs", kind="internal"))

    importer = firm.actor("administrator")
    both = replace(importer, companies=frozenset({firm.company, other}))
    await firm.database.transact(both, settle)
    places = {"kind": "location", "match": "code", "columns": {"code": "Code", "name": {"constant": "Ours"}}}
    await brought(firm, tmp_path, "Id,Code\n1,X9\n", **places)
    assert await rows(firm, "select name from location where code = 'X9' order by 1") == [("Ours",), ("Theirs",)]
    theirs = replace(importer, companies=frozenset({other}))
    (tmp_path / "f.csv").write_text("Id,Code\n1,X9\n")
    report = await run(firm.database, theirs, tmp_path, mapping(**{**places, "match": None}))
    assert [(one.column, one.code) for one in report.refusals] == [("Code", "NOT_UNIQUE")]
    (tmp_path / "f.csv").write_text("Id,Code\n1,X10\n")
    report = await run(firm.database, theirs, tmp_path, mapping(**{**places, "match": None}))
    assert [(one.column, one.code) for one in report.refusals] == [("Id", "NOT_UNIQUE")]
    for number, actor in enumerate((theirs, importer), start=2):
        (tmp_path / "f.csv").write_text(f"Id,Code\n{number},X9\n")
        report = await run(firm.database, actor, tmp_path, mapping(**places))
        assert (report.total("updated"), report.refusals) == (1, [])


async def test_a_section_that_creates_none_refuses_rows_it_does_not_know(firm: Firm, tmp_path: Path) -> None:
    report = await brought(
        firm, tmp_path, "Id,No,Note\n1,V1,known\n2,V9,unknown\n",
        kind="partner", match="number", creates=False, columns={"number": "No", "note": "Note"},
    )  # fmt: skip
    assert (report.total("updated"), report.total("created")) == (1, 0)
    assert [(one.line, one.code) for one in report.refusals] == [(3, "NOT_FOUND")]
    assert await rows(firm, "select note from partner where number = 'V1'") == [("known",)]


async def test_parts_of_which_a_row_says_nothing_are_left_out(firm: Firm, tmp_path: Path) -> None:
    columns = {
        "name": "Name",
        "is_vendor": {"constant": True},
        "contacts": [
            {"name": "Buyer", "job": {"constant": "sales"}},
            {"name": "Clerk", "email": "Mail", "job": {"constant": "billing"}},
        ],
        "delivery_days": [{"weekday": "Day"}],
    }
    content = (
        "Id,Name,Buyer,Clerk,Mail,Day\n1,Both,Ann,Bob,bob@x.example,2\n2,One,,Cid,,\n3,None,,,,\n4,Bad,,Dan,dan,9\n"
    )
    report = await brought(firm, tmp_path, content, kind="partner", columns=columns)
    assert await rows(firm, """select p.name, c.name, c.job from contact c join partner p on p.id = c.partner_id
                               order by 1, 2""") == [
        ("Both", "Ann", "sales"),
        ("Both", "Bob", "billing"),
        ("One", "Cid", "billing"),
    ]  # fmt: skip
    assert {(one.line, one.column, one.value) for one in report.refusals} == {(5, "Mail", "dan"), (5, "Day", "9")}
    again = await brought(firm, tmp_path, content, kind="partner", columns=columns)
    assert (again.total("unchanged"), again.total("refused")) == (3, 1)


async def test_a_value_to_look_up_that_is_not_one_is_told(firm: Firm, tmp_path: Path) -> None:
    (tmp_path / "units.csv").write_text("Sku,Unit\nA,PCE\nA,KGM\nB,PCE\nB,\n,KGM\nC\n")
    steps = [{"lookup": {"file": "units.csv", "key": "Sku", "value": "Unit"}}, {"default": "BX"}]
    unit = {"column": "Id", "do": [*steps, {"reference": {"kind": "unit", "by": "code"}}]}
    report = await brought(
        firm, tmp_path, "Id\nA\nB\nC\n", kind="product", columns={"sku": "Id", "name": "Id", "unit": unit}
    )
    assert [(one.file, one.line, one.code) for one in report.refusals] == [
        ("units.csv", 7, "BAD_ROW"),
        ("f.csv", 2, "BAD_INPUT"),
    ]
    assert "units.csv has several Unit for this Sku" in report.refusals[1].reason
    assert await rows(
        firm, "select p.sku, u.code from product p join unit u on u.id = p.unit_id where p.name = p.sku order by 1"
    ) == [
        ("B", "PCE"),
        ("C", "BX"),
    ]  # fmt: skip


async def test_a_rate_is_corrected_and_what_no_column_fills_stays(firm: Firm, tmp_path: Path) -> None:
    whole = {"base": "From", "quote": "To", "dated": "Day", "rate": "Rate"}
    rates = {"kind": "rate", "key": [], "columns": {**whole, "average": "Mean"}}
    await brought(
        firm, tmp_path, "From,To,Day,Rate,Mean\nUSD,EUR,2026-01-02,0.9,0.8\nUSD,GBP,2026-01-02,0.7,\n", **rates
    )
    report = await brought(
        firm,
        tmp_path,
        "From,To,Day,Rate\nUSD,EUR,2026-01-02,0.95\nUSD,GBP,2026-01-02,0.70\n",
        **{**rates, "columns": whole},
    )
    assert (report.total("updated"), report.total("unchanged")) == (1, 1)
    assert await rows(firm, "select rate, average, version from rate where base = 'USD' and quote = 'EUR'") == [
        (Decimal("0.95"), Decimal("0.8"), 2)
    ]
