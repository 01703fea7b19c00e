"""The masters of a firm that nobody here invented come in whole, twice, and as they were foretold."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from domain.intake.declaring import load
from domain.intake.report import Progress, Report
from domain.intake.run import run
from domain.kernel.actor import Actor
from tests.firm import Firm

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "domain" / "intake" / "mappings" / "adventureworks.toml"
READ = {
    "Units": 38, "Categories": 4, "Subcategories": 37, "Locations": 14, "Vendors": 104, "Products": 504,
    "Vendor prices": 460, "Inactive vendors": 104, "Customers": 701, "Exchange rates": 13532,
}  # fmt: skip
MASTERS = {
    "Units", "Categories", "Subcategories", "Locations", "Vendors", "Products", "Vendor prices", "Inactive vendors",
    "Taxes",
}  # fmt: skip
CREATED = {
    "Units": 38, "Categories": 4, "Subcategories": 37, "Locations": 14, "Vendors": 104, "Products": 504,
    "Vendor prices": 460, "Inactive vendors": 0, "Customers": 701, "Exchange rates": 12435, "Taxes": 1,
}  # fmt: skip


async def rows(firm: Firm, statement: str, **values: Any) -> list[Any]:
    async with firm.database.session(firm.actor("viewer")) as session:
        return [*(await session.execute(text(statement), values))]


async def one(firm: Firm, statement: str, **values: Any) -> Any:
    ((found,),) = await rows(firm, statement, **values)
    return found


def known(kind: str, table: str) -> str:
    return f"""from external_reference r join {table} t on t.id = r.record_id
               where r.source = 'adventureworks' and r.type = '{kind}'"""


@pytest.fixture
def importer(firm: Firm) -> Actor:
    return replace(firm.actor("administrator"), clock=lambda: datetime.now(UTC))


async def imported(firm: Firm, importer: Actor, folder: Path, *, dry_run: bool = False) -> Report:
    return await run(firm.database, importer, folder, load(MAPPING), dry_run=dry_run)


def outcome(report: Report, word: str) -> dict[str, int]:
    return {tally.section: getattr(tally, word) for tally in report.tallies}


@pytest.mark.soak
async def test_the_masters_come_in_whole_and_only_once(firm: Firm, importer: Actor, adventureworks: Path) -> None:
    before = await one(firm, "select count(*) from event")
    foretold = await imported(firm, importer, adventureworks, dry_run=True)
    assert await one(firm, "select count(*) from event") == before
    assert await one(firm, "select count(*) from external_reference") == 0

    report = await imported(firm, importer, adventureworks)
    assert report.refusals == []
    assert report.tallies == foretold.tallies
    assert {tally.section: tally.rows for tally in report.tallies} == READ
    assert outcome(report, "created") == CREATED
    assert outcome(report, "skipped")["Exchange rates"] == 1097
    assert outcome(report, "updated") == {**dict.fromkeys(READ, 0), "Inactive vendors": 4}
    await _is_as_the_files_say(firm)

    events = await one(firm, "select count(*) from event")
    assert events == before + report.total("created") + report.total("updated")
    again = await imported(firm, importer, adventureworks)
    assert (again.total("created"), again.total("updated"), again.total("refused")) == (0, 0, 0)
    assert again.total("unchanged") == sum(READ.values()) - 1097
    assert await one(firm, "select count(*) from event") == events


async def _is_as_the_files_say(firm: Firm) -> None:
    vendors = known("partner", "partner") + " and t.is_vendor"
    assert await one(firm, f"select count(*) {vendors}") == 104
    assert await one(firm, f"select count(*) {vendors} and t.archived_at is not null") == 4
    assert await one(firm, f"select count(*) {vendors} and t.preferred") == 93
    assert await one(firm, f"select count(*) {vendors} and t.website is not null") == 6
    assert await rows(firm, f"select t.number, t.name, t.rating {vendors} and r.key = '1678'") == [
        ("PROSE0001", "Proseware, Inc.", 4)
    ]
    customers = known("partner", "partner") + " and t.is_customer"
    assert await one(firm, f"select count(*) {customers}") == 701
    assert await one(firm, f"select count(*) {customers} and t.name = 'Friendly Bike Shop'") == 2
    assert await one(firm, f"select t.name {customers} and r.key = '318'") == "Great Bikes"
    products = known("product", "product")
    assert await one(firm, f"select count(*) {products}") == 504
    assert await one(firm, f"select count(*) {products} and t.list_price is null and t.standard_cost is null") == 200
    assert await one(firm, f"select count(*) {products} and t.is_purchased") == 265
    units = f"select u.code, count(*) {products.replace('where', 'join unit u on u.id = t.unit_id where')} group by 1"
    assert dict(map(tuple, await rows(firm, f"{units} order by 1"))) == await _units_of_the_vendors(firm)
    assert await one(firm, f"select count(*) {known('location', 'location')} and t.kind = 'internal'") == 14
    prices = known("vendor_price", "vendor_price")
    assert await rows(
        firm, f"select t.price, t.minimum, t.maximum, t.lead_days, t.currency {prices} and r.key = '317/1578'"
    ) == [(Decimal("28.17"), 100, 1000, 19, "USD")]
    assert await one(firm, f"select count(*) {prices}") == 460
    rates = "from rate where base = 'USD'"
    assert await one(firm, f"select count(*) {rates}") == 12435
    assert await rows(
        firm, f"select rate, average {rates} and quote = 'EUR' and dated = :day", day=date(2011, 5, 31)
    ) == [(Decimal("0.9703"), Decimal("0.9697"))]


async def _units_of_the_vendors(firm: Firm) -> dict[str, int]:
    """One unit a product that has a vendor, and EA for the 239 that have none."""
    priced = f"select count(distinct t.product_id) {known('vendor_price', 'vendor_price')} and t.unit_id = :unit"
    found: dict[str, int] = {}
    for id, code in await rows(firm, f"select t.id, t.code {known('unit', 'unit')}"):
        count = await one(firm, priced, unit=UUID(str(id))) + (239 if code == "EA" else 0)
        if count:
            found[code] = count
    return found


async def test_what_is_bought_comes_in(firm: Firm, importer: Actor, adventureworks: Path) -> None:
    """A slice of the whole, for every day."""
    mapping = load(MAPPING)
    wanted = tuple(section for section in mapping.sections if section.name in MASTERS)
    report = await run(firm.database, importer, adventureworks, replace(mapping, sections=wanted))
    assert outcome(report, "created") == {section.name: CREATED[section.name] for section in wanted}
    assert report.refusals == []


async def test_one_file_of_the_firm_comes_in_by_itself(firm: Firm, importer: Actor, adventureworks: Path) -> None:
    told: list[Progress] = []
    report = await run(firm.database, importer, adventureworks / "Vendor.csv", load(MAPPING), progress=told.append)
    assert [(tally.section, tally.created, tally.updated) for tally in report.tallies] == [
        ("Vendors", 104, 0),
        ("Inactive vendors", 0, 4),
    ]
    assert [(one.section, one.done, one.total) for one in told] == [
        ("Vendors", 104, 104),
        ("Inactive vendors", 104, 104),
    ]
    assert told[0].left
    assert not told[-1].left


async def test_units_that_the_firm_has_already_are_taken_over_by_their_codes(
    firm: Firm, importer: Actor, adventureworks: Path
) -> None:
    async with firm.database.session(importer) as session:
        assert await session.scalar(text("select count(*) from unit where code in ('EA', 'KG')")) == 0
    first = await run(firm.database, importer, adventureworks / "UnitMeasure.csv", load(MAPPING))
    other = replace(load(MAPPING).sections[0], source="another system")
    second = await run(firm.database, importer, adventureworks, replace(load(MAPPING), sections=(other,)))
    assert (first.total("created"), second.total("created"), second.total("updated")) == (38, 0, 38)
    assert await one(firm, "select count(*) from unit") == 3 + 38


def listed(file: Path, *words: str) -> list[str]:
    """The names that a run of pytest without the data lists."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not soak", *words, str(file)],
        cwd=ROOT, env={**os.environ, "TRADEGRAPH_DATA": "nowhere"}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    told = [line for line in done.stdout.splitlines() if line.startswith("cannot run here: ")]
    return [line.rpartition("::")[2].partition("[")[0] for line in told]


def test_where_the_data_are_absent_the_tests_are_listed_by_name() -> None:
    assert listed(Path(__file__), "--collect-only") == [
        "test_what_is_bought_comes_in",
        "test_one_file_of_the_firm_comes_in_by_itself",
        "test_units_that_the_firm_has_already_are_taken_over_by_their_codes",
    ]


def test_however_many_processes_share_the_work_the_absent_tests_are_listed_once(tmp_path: Path) -> None:
    file = tmp_path / "test_two.py"
    file.write_text("def test_with(adventureworks): pass\ndef test_without(): pass\n")
    assert listed(file, "--noconftest", "-p", "tests.realdata", "-n", "2") == ["test_with"]
