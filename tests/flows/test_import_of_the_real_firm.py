"""A firm that nobody here invented moves in whole, with its past: as was foretold, as its files say, and only once."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from domain.access.role import ROLES
from domain.flow.receiving import ReceivePurchaseOrder
from domain.intake.declaring import load
from domain.intake.founding import found
from domain.intake.report import Progress, Report
from domain.intake.run import run
from domain.kernel.actor import Actor
from domain.kernel.commands import Ref
from domain.kernel.work import Database
from domain.stock.founding import CreateCompany
from domain.verification import verify
from tests.content import digest
from tests.firm import Firm

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "domain" / "intake" / "mappings" / "adventureworks.toml"
READ = {
    "Units": 38, "Categories": 4, "Subcategories": 37, "Locations": 14, "Vendors": 104, "Products": 504,
    "Vendor prices": 460, "Inactive vendors": 104, "Customers": 701, "Exchange rates": 13532, "Taxes": 1,
    "Purchase orders": 4012, "Purchase orders: lines": 8845, "Closing stock": 1069, "Nothing left at Receiving": 504,
    "On order": 460,
}  # fmt: skip
CREATED = READ | {"Inactive vendors": 0, "Exchange rates": 12435, "On order": 0}
MASTERS = {
    "Units", "Categories", "Subcategories", "Locations", "Vendors", "Products", "Vendor prices", "Inactive vendors",
    "Taxes",
}  # fmt: skip
EXCEPTIONS = {
    "received_before_approval": 477, "due_before_ordered": 7, "unknown_price": 200, "on_order_mismatch": 171,
    "missing_address": 805, "missing_tax_number": 805, "missing_unit": 239,
}  # fmt: skip
BOOKS = {
    "orders": "4012", "lines": "8845", "ordered": "2348637", "received": "2327299", "rejected": "72700",
    "accepted": "2254599", "open": "290", "lines amount": "63792005.94", "charges": "1583979.01", "tax": "5103360.59",
    "total": "70479345.54", "total in the source": "70479332.6383", "orders that differ": "2389",
    "least difference": "-0.05", "greatest difference": "0.05",
}  # fmt: skip
STATUSES = {"status 1, USD": 225, "status 2, USD": 12, "status 3, USD": 86, "status 4, USD": 3689}


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


@pytest.fixture
async def house(database_url: str, database: Database) -> Firm:
    """A firm founded as people do it, for whom nothing was entered yet."""
    owner = Database(database_url)
    entry = CreateCompany(code="AW", name="Adventure Works", country="US", currency="USD")
    actor = await found(owner, "aw", "Adventure Works", entry)
    await owner.close()
    actors = {"administrator": actor, "viewer": actor, "storekeeper": replace(actor, rights=ROLES["storekeeper"])}
    return Firm(database, database_url, actor.tenant, next(iter(actor.companies)), actors=actors)


@pytest.mark.soak
@pytest.mark.timeout(1800)
async def test_the_firm_moves_in_whole_with_its_past_and_only_once(house: Firm, adventureworks: Path) -> None:
    importer, before = house.actor("administrator"), await digest(house.owner_url)
    foretold = await imported(house, importer, adventureworks, dry_run=True)
    assert await digest(house.owner_url) == before

    report = await imported(house, importer, adventureworks)
    assert report.refusals == []
    assert (report.tallies, report.figures) == (foretold.tallies, foretold.figures)
    assert report.exceptions == foretold.exceptions == EXCEPTIONS
    assert {tally.section: tally.rows for tally in report.tallies} == READ
    assert outcome(report, "created") == CREATED
    assert outcome(report, "skipped")["Exchange rates"] == 1097
    assert outcome(report, "updated") == {**dict.fromkeys(READ, 0), "Inactive vendors": 4}
    _adds_up(report)
    await _is_as_the_files_say(house)
    await _every_line_says_why(house)
    await _past_is_as_the_files_say(house, adventureworks)

    await house.database.perform(
        house.actor("storekeeper"), ReceivePurchaseOrder(id=Ref(source="adventureworks", key="4001"))
    )
    settled = await digest(house.owner_url)
    again = await imported(house, importer, adventureworks)
    assert (again.total("created"), again.total("updated"), again.total("refused")) == (0, 0, 0)
    assert again.total("unchanged") == sum(READ.values()) - 1097
    assert again.exceptions == {}
    assert await digest(house.owner_url) == settled
    connection = await asyncpg.connect(house.owner_url)
    await connection.execute("analyze")  # as the command line does after an import
    await connection.close()
    async with house.database.session(importer) as session:
        assert await session.run_sync(verify) == []


def _adds_up(report: Report) -> None:
    orders = report.figures["Purchase orders"].groups
    assert {group: orders[group]["orders"] for group in STATUSES} == STATUSES
    assert {name: orders["in all, USD"][name] for name in BOOKS} == {
        name: Decimal(told) for name, told in BOOKS.items()
    }
    assert orders["status 4, USD"]["closed short"] == 754
    assert report.figures["Closing stock"].groups[""]["found"] == 335974
    assert report.figures["Nothing left at Receiving"].groups[""]["gone"] == 2254599


async def _past_is_as_the_files_say(house: Firm, folder: Path) -> None:
    """Order by order and line by line, as another reader of the files finds them."""
    heads = {row["PurchaseOrderId"]: row for row in _table(folder, "PurchaseOrderHeader")}
    papers = await rows(
        house, """select d.number, p.status, d.dated, p.lines_amount, p.charges_amount, p.tax, p.total, v.key
                  from document d join provenance p on p.id = d.provenance_id
                  join external_reference v on v.record_id = d.partner_id where d.kind = 'purchase_order'"""
    )  # fmt: skip
    assert {row[0]: tuple(row[1:]) for row in papers} == {
        key: (
            row["Status"], _day(row["OrderDate"]), Decimal(row["SubTotal"]), Decimal(row["Freight"]),
            Decimal(row["TaxAmt"]), Decimal(row["TotalDue"]), row["VendorId"],
        )
        for key, row in heads.items()
    }  # fmt: skip
    lines = await rows(
        house, """select r.key, d.number, l.quantity, l.received, l.rejected, l.unit_price, l.source_amount,
                  l.expected_on, p.key
                  from line l join document d on d.id = l.document_id
                  join external_reference r on r.record_id = l.id and r.type = 'line'
                  join external_reference p on p.record_id = l.product_id"""
    )  # fmt: skip
    assert {row[0]: tuple(row[1:]) for row in lines} == {
        row["PurchaseOrderDetailId"]: (
            row["PurchaseOrderId"], Decimal(row["OrderQty"]), Decimal(row["ReceivedQty"]), Decimal(row["RejectedQty"]),
            Decimal(row["UnitPrice"]), Decimal(row["LineTotal"]), _day(row["DueDate"]), row["ProductId"],
        )
        for row in _table(folder, "PurchaseOrderDetail")
    }  # fmt: skip
    receipts = await rows(house, "select number, dated, dated_inferred from document where kind = 'receipt'")
    assert {row[0]: tuple(row[1:]) for row in receipts} == {
        key: (_day(row["ShipDate"]), True) for key, row in heads.items()
    }
    lies = await rows(
        house, """select p.key, l.key, o.on_hand from position o
                  join external_reference p on p.record_id = o.product_id
                  join external_reference l on l.record_id = o.location_id where o.on_hand <> 0"""
    )  # fmt: skip
    assert {tuple(row) for row in lies} == {
        (row["ProductId"], row["LocationId"], Decimal(row["Quantity"]))
        for row in _table(folder, "ProductInventory")
        if Decimal(row["Quantity"])
    }


def _table(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return [*csv.DictReader(file)]


def _day(text: str) -> date:
    return date.fromisoformat(text[:10])


async def _every_line_says_why(house: Firm) -> None:
    """Of rejected goods whether all or some were, of others that were given up that the source closed the order."""
    told = await rows(
        house, """select l.reason, count(*) as lines, count(*) filter (where l.accepted = 0) as nothing_left,
                         count(*) filter (where l.rejected = 0) as nothing_rejected,
                         count(*) filter (where l.closed > 0) as given_up
                  from line l join document d on d.id = l.document_id
                  where d.kind = 'purchase_order' and l.reason is not null group by 1 order by 1"""
    )  # fmt: skip
    assert [tuple(row) for row in told] == [
        ("All goods were refused at inspection", 141, 141, 0, 141),
        ("Some of the goods were refused at inspection", 422, 0, 0, 400),
        ("The source closed the order with less than was ordered", 355, 0, 355, 355),
    ]
    four = (
        "select {} from document d join line l on l.document_id = d.id where d.kind = 'purchase_order' and number = '4'"
    )
    assert await one(house, four.format("d.reason")) == "Goods were refused at inspection"
    assert await one(house, four.format("l.reason")) == "Some of the goods were refused at inspection"


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


def listed(file: Path, *words: str, **variables: str) -> list[str]:
    """The names that a run of pytest without the data lists."""
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-m", "not soak", *words, str(file)],
        cwd=ROOT, env={**os.environ, "TRADEGRAPH_DATA": "nowhere", **variables},
        capture_output=True, text=True, check=False,
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
    settings = tmp_path / "pytest.ini"
    settings.write_text("[pytest]\n")
    words = ["-c", str(settings), "-p", "tests.realdata", "-p", "xdist", "-n", "2"]
    assert listed(file, *words, PYTEST_DISABLE_PLUGIN_AUTOLOAD="1") == ["test_with"]
