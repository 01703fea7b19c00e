"""A small firm moves in with its past: each rule of importing papers, counts and exceptions, on files of our own."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from domain.exceptions.settling import SettleException
from domain.flow.receiving import ReceivePurchaseOrder
from domain.intake import run as running
from domain.intake.declaring import load
from domain.intake.mistakes import BadMapping
from domain.intake.report import Progress, Report
from domain.intake.run import run
from domain.kernel.commands import Ref
from domain.verification import verify
from migrations.embedded import Cluster
from tests.content import digest
from tests.firm import Firm, standing
from transport.console.masters import keeper
from transport.console.running import Trouble

JOINERY = Path(__file__).parents[1] / "data" / "joinery"
EXCEPTIONS = {
    ("due_before_ordered", "H-9", "lines.csv", 13),
    ("missing_address", "Bolt Brothers", "vendors.csv", 3),
    ("missing_address", "Oak & Sons", "vendors.csv", 5),
    ("missing_address", "Friendly Home", "customers.csv", 2),
    ("missing_address", "Friendly Home", "customers.csv", 3),
    ("missing_address", "Great Beds", "customers.csv", 4),
    ("missing_tax_number", "Oak & Sons", "vendors.csv", 2),
    ("missing_tax_number", "Bolt Brothers", "vendors.csv", 3),
    ("missing_tax_number", "Oak & Sons", "vendors.csv", 5),
    ("missing_tax_number", "Friendly Home", "customers.csv", 2),
    ("missing_tax_number", "Friendly Home", "customers.csv", 3),
    ("missing_tax_number", "Great Beds", "customers.csv", 4),
    ("missing_unit", "LAMP", "products.csv", 6),
    ("on_order_mismatch", "HINGE of Bolt Brothers", "prices.csv", 6),
    ("received_before_approval", "H-2", "lines.csv", 3),
    ("received_before_approval", "H-2", "lines.csv", 14),
    ("unknown_price", "GLUE", "products.csv", 3),
}


@dataclass
class Moved:
    """A firm that has moved in, what was foretold of it, and what came of it."""

    firm: Firm
    foretold: Report
    report: Report


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all, so that they can share a firm."""
    return "asyncio"


@pytest.fixture(scope="module")
async def moved(cluster: Cluster) -> AsyncIterator[Moved]:
    """Shared by tests that only look."""
    async with standing(cluster) as firm:
        yield Moved(firm, await imported(firm, dry_run=True), await imported(firm))


@pytest.fixture
def files(tmp_path: Path) -> Path:
    """The files, to be written to."""
    return Path(shutil.copytree(JOINERY, tmp_path / "files"))


async def imported(firm: Firm, folder: Path = JOINERY, **options: Any) -> Report:
    return await run(firm.database, firm.actor("administrator"), folder, load(JOINERY / "mapping.toml"), **options)


async def rows(firm: Firm, statement: str, **values: Any) -> list[tuple[Any, ...]]:
    async with firm.database.session(firm.actor("viewer")) as session:
        return [tuple(row) for row in await session.execute(text(statement), values)]


async def one(firm: Firm, statement: str, **values: Any) -> Any:
    ((found,),) = await rows(firm, statement, **values)
    return found


async def flagged(firm: Firm) -> list[tuple[Any, ...]]:
    return await rows(
        firm, """select e.kind, coalesce(d.number, v.name, p.sku, f.sku || ' of ' || w.name), e.file, e.row
                 from import_exception e left join document d on d.id = e.record_id
                 left join partner v on v.id = e.record_id left join product p on p.id = e.record_id
                 left join vendor_price x on x.id = e.record_id left join product f on f.id = x.product_id
                 left join partner w on w.id = x.partner_id"""
    )  # fmt: skip


def edit(path: Path, before: str, after: str) -> None:
    content = path.read_text()
    assert content.count(before) == 1, (path.name, before)
    path.write_text(content.replace(before, after))


def tallies(report: Report) -> dict[str, tuple[int, ...]]:
    return {one.section: (one.created, one.updated, one.unchanged, one.skipped, one.refused) for one in report.tallies}


def places(report: Report) -> list[tuple[str, int, str, str, str]]:
    return [(one.file, one.line, one.column, one.value, one.code) for one in report.refusals]


async def test_every_row_goes_in_and_is_counted_once_in_its_file(moved: Moved) -> None:
    assert tallies(moved.report) == {
        "Units": (4, 0, 0, 0, 0), "Places": (3, 0, 0, 0, 0), "Vendors": (4, 0, 0, 0, 0),
        "Customers": (3, 0, 0, 0, 0), "Products": (5, 0, 0, 0, 0), "Prices": (5, 0, 0, 0, 0),
        "Inactive vendors": (0, 1, 3, 0, 0), "Rates": (2, 0, 0, 2, 0), "Taxes": (1, 0, 0, 0, 0),
        "Orders": (12, 0, 0, 0, 0), "Orders: lines": (19, 0, 0, 0, 0), "Closing stock": (5, 0, 0, 0, 0),
        "Nothing left at the door": (5, 0, 0, 0, 0), "On order": (0, 0, 5, 0, 0),
    }  # fmt: skip


async def test_orders_have_the_state_and_keep_the_status_of_their_source(moved: Moved) -> None:
    assert await rows(
        moved.firm, """select d.number, d.state, p.status, p.key, d.approval_state, d.receipt_state, d.reason
                       from document d join provenance p on p.id = d.provenance_id where d.kind = 'purchase_order'
                       and d.number in ('H-1', 'H-2', 'H-3', 'H-4', 'H-5', 'H-6', 'H-10') order by p.key::integer"""
    ) == [
        ("H-1", "closed", "4", "1", "none", "received", None),
        ("H-2", "submitted", "1", "2", "requested", "received", None),
        ("H-3", "closed", "3", "3", "none", "pending", "All goods were refused"),
        ("H-4", "closed", "4", "4", "none", "partial", "Closed in the source"),
        ("H-5", "confirmed", "2", "5", "none", "partial", None),
        ("H-6", "confirmed", "2", "6", "none", "received", None),
        ("H-10", "submitted", "1", "10", "requested", "none", None),
    ]  # fmt: skip
    assert await one(
        moved.firm, """select v.archived_at is not null from document d join partner v on v.id = d.partner_id
                       where d.number = 'H-7' and d.kind = 'purchase_order'"""
    )  # fmt: skip


async def test_lines_keep_the_order_of_their_file_wherever_they_stand_in_it(moved: Moved) -> None:
    assert await rows(
        moved.firm, """select l.position, p.sku, l.quantity, l.accepted, r.key from line l
                       join document d on d.id = l.document_id join product p on p.id = l.product_id
                       join external_reference r on r.record_id = l.id
                       where d.number = 'H-8' and d.kind = 'purchase_order' order by 1"""
    ) == [
        (1, "SCREW", 50, 50, "11"),
        (2, "SCREW", 50, 50, "10"),
        (3, "SCREW", 50, 30, "12"),
    ]  # fmt: skip


async def test_what_a_closed_order_did_not_get_is_closed_with_the_reason(moved: Moved) -> None:
    assert await rows(
        moved.firm, """select d.number, l.closed, l.rejected, l.reason
                       from line l join document d on d.id = l.document_id
                       where d.kind = 'purchase_order' and l.closed > 0 order by 1, l.position"""
    ) == [
        ("H-3", 10, 10, "All goods were refused"),
        ("H-3", 100, 90, "All goods were refused"),
        ("H-4", 3, 1, "Closed in the source"),
        ("H-8", 20, 10, "Closed in the source"),
    ]  # fmt: skip


async def test_half_a_cent_is_rounded_up_and_the_sources_figures_stay_beside_ours(moved: Moved) -> None:
    assert await rows(
        moved.firm, """select l.amount, l.source_amount, l.unit_price, l.price_source from line l
                       join document d on d.id = l.document_id
                       where d.number in ('H-2', 'H-11') and d.kind = 'purchase_order' order by l.source_amount"""
    ) == [
        (Decimal("0.00"), Decimal("0.0"), Decimal("0.0"), "imported"),
        (Decimal("0.10"), Decimal("0.1"), Decimal("0.05"), "imported"),
        (Decimal("3.80"), Decimal("3.8"), Decimal("3.8"), "imported"),
        (Decimal("135.41"), Decimal("135.405"), Decimal("45.135"), "imported"),
    ]  # fmt: skip
    assert await rows(
        moved.firm, """select d.lines_amount, d.charges_amount, d.tax, d.total, p.lines_amount, p.charges_amount, p.tax,
                       p.total from document d join provenance p on p.id = d.provenance_id
                       where d.number = 'H-12' and d.kind = 'purchase_order'"""
    ) == [
        tuple(map(Decimal, ("112.03", "2.80", "8.96", "123.79", "112.015", "2.8004", "8.9612", "123.7766"))),
    ]  # fmt: skip


async def test_goods_came_in_on_the_inferred_day_and_the_closing_counts_say_what_is_left(moved: Moved) -> None:
    firm = moved.firm
    came = "from move m join location a on a.id = m.from_location_id join location b on b.id = m.to_location_id"
    assert await rows(
        firm, f"""select a.kind, b.kind, m.dated_inferred, m.count_id is null, sum(m.quantity), min(m.dated)
                  {came} group by 1, 2, 3, 4 order by 1, 2"""
    ) == [
        ("internal", "unrecorded", False, False, 287, date(2020, 8, 30)),
        ("unrecorded", "internal", False, False, 589, date(2020, 8, 30)),
        ("vendor", "internal", True, True, 287, date(2020, 4, 25)),
    ]  # fmt: skip
    assert await rows(
        firm, """select p.sku, l.code, o.on_hand from position o join product p on p.id = o.product_id
                 join location l on l.id = o.location_id where o.on_hand <> 0 order by p.sku, l.code"""
    ) == [
        ("GLUE", "2", 2),
        ("LAMP", "2", 12),
        ("OAK-BOARD", "1", 30),
        ("OAK-BOARD", "2", 45),
        ("SCREW", "1", 500),
    ]  # fmt: skip
    assert await one(firm, "select sum(incoming) from position") == 40


async def test_what_is_odd_is_flagged_at_its_own_row_and_nothing_else_is(moved: Moved) -> None:
    found = await flagged(moved.firm)
    assert len(found) == len(EXCEPTIONS)
    assert set(found) == EXCEPTIONS
    assert dict(moved.report.exceptions) == {
        "due_before_ordered": 1, "missing_address": 5, "missing_tax_number": 6, "missing_unit": 1,
        "on_order_mismatch": 1, "received_before_approval": 2, "unknown_price": 1,
    }  # fmt: skip
    assert await one(moved.firm, "select message from import_exception where kind = 'missing_unit'") == (
        "The source says nothing here; EA was assumed."
    )
    assert await one(moved.firm, "select message from import_exception where kind = 'on_order_mismatch'") == (
        "The source has 7 PC on order, its open orders come to 0."
    )


async def test_the_report_holds_the_books_against_the_source(moved: Moved) -> None:
    orders = moved.report.figures["Orders"].groups
    assert {group: orders[group]["orders"] for group in orders} == {
        "in all, USD": 12, "status 1, USD": 2, "status 2, USD": 2, "status 3, USD": 1, "status 4, USD": 7,
    }  # fmt: skip
    total, names = (
        orders["in all, USD"],
        ("lines", "ordered", "received", "rejected", "accepted", "open", "closed short"),
    )
    assert [total[name] for name in names] == [19, 710, 398, 111, 287, 40, 4]
    assert total["lines amount"] + total["charges"] + total["tax"] == total["total"]
    assert (total["total"], total["total in the source"]) == (Decimal("6711.30"), Decimal("6711.2562"))
    assert (total["orders that differ"], total["least difference"], total["greatest difference"]) == (
        3, Decimal("0.00"), Decimal("0.01"),
    )  # fmt: skip
    assert moved.report.figures["Closing stock"].groups[""]["found"] == 589
    assert moved.report.figures["Nothing left at the door"].groups[""]["gone"] == 287


async def test_the_report_is_told_as_text_and_as_json(moved: Moved) -> None:
    told = "\n".join(moved.report.lines())
    assert "Orders (orders.csv): 12 created, 0 updated, 0 unchanged\n  in all, USD: orders 12, lines amount" in told
    assert "Exceptions raised: 1 due_before_ordered, 5 missing_address," in told
    assert "MiB of memory." in told
    content = moved.report.content()
    assert content["totals"] == {"created": 68, "updated": 1, "unchanged": 8, "skipped": 2, "refused": 0}
    assert content["exceptions"]["missing_address"] == 5
    (orders,) = [one for one in content["sections"] if one["section"] == "Orders"]
    assert orders["figures"]["in all, USD"]["total"] == "6711.30"
    assert content["peakMemory"] > 1 << 20


def test_what_the_process_held_that_started_an_import_is_not_counted_as_its_own() -> None:
    held = b"\1" * (300 << 20)
    tell = "from domain.intake.run import most_memory; print(most_memory())"
    done = subprocess.run([sys.executable, "-c", tell], check=True, capture_output=True, text=True)
    assert 1 << 20 < int(done.stdout) < len(held)


def test_a_report_that_cannot_be_kept_is_told_before_anything_is_read(tmp_path: Path) -> None:
    for path in (tmp_path / "report.pdf", tmp_path / "nowhere" / "report.json"):
        with pytest.raises(Trouble, match=r"--report: .* cannot be; name a file in a folder that is there"):
            keeper(path)


async def test_a_report_is_kept_as_people_and_as_programs_read_it(moved: Moved, tmp_path: Path) -> None:
    for name in ("report.txt", "report.json"):
        keeper(tmp_path / name)(moved.report)
    assert (tmp_path / "report.txt").read_text().splitlines() == [*moved.report.lines()]
    assert json.loads((tmp_path / "report.json").read_text()) == moved.report.content()


async def test_a_dry_run_foretells_the_sums_and_the_exceptions_too(moved: Moved) -> None:
    assert moved.foretold.tallies == moved.report.tallies
    assert moved.foretold.figures == moved.report.figures
    assert moved.foretold.exceptions == moved.report.exceptions
    assert moved.foretold.refusals == []


async def test_what_came_in_equals_its_definitions(moved: Moved) -> None:
    async with moved.firm.database.session(moved.firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def test_a_dry_run_writes_nothing(firm: Firm) -> None:
    before = await digest(firm.owner_url)
    await imported(firm, dry_run=True)
    assert await digest(firm.owner_url) == before


async def test_a_second_run_changes_nothing_whatever_people_did_since(firm: Firm, files: Path) -> None:
    await imported(firm)
    known = Ref(source="joinery", key="5")
    await firm.database.perform(firm.actor("storekeeper"), ReceivePurchaseOrder(id=known))
    waived = await one(firm, "select id from import_exception where kind = 'unknown_price'")
    settle = SettleException(id=Ref(id=waived), waive=True, reason="The glue is a gift.")
    await firm.database.perform(firm.actor("buyer"), settle)
    edit(files / "stock.csv", "1,1,A,30", "1,1,A,31")
    before = await digest(firm.owner_url)
    again = await imported(firm, files)
    assert await digest(firm.owner_url) == before
    assert (again.total("created"), again.total("updated"), again.total("refused")) == (0, 0, 0)
    assert again.exceptions == {}


async def test_an_order_of_which_the_source_says_something_else_by_now_is_refused_as_for_good(
    firm: Firm, files: Path
) -> None:
    await imported(firm)
    before = await digest(firm.owner_url)
    edit(files / "orders.csv", "\n6,2,11,", "\n6,4,11,")
    edit(files / "orders.csv", ",5289.635\n", ",5289.64\n")
    again = await imported(firm, files / "orders.csv")
    assert await digest(firm.owner_url) == before
    assert places(again) == [
        ("orders.csv", 6, "Total", "5289.64", "BAD_INPUT"),
        ("orders.csv", 7, "Status", "4", "BAD_INPUT"),
    ]
    assert again.refusals[1].reason == "It was entered with 2, which is for good; change the paper here by hand."
    assert tallies(again) == {"Orders": (0, 0, 10, 0, 2), "Orders: lines": (0, 0, 17, 0, 2)}


async def test_a_line_that_an_entered_order_never_had_is_not_passed_over(firm: Firm, files: Path) -> None:
    await imported(firm)
    before = await digest(firm.owner_url)
    with (files / "lines.csv").open("a") as lines:
        lines.write("7,99,2020-07-04 00:00:00,5,4,0,0,5,0\n")
    again = await imported(firm, files / "orders.csv")
    assert await digest(firm.owner_url) == before
    assert places(again) == [("lines.csv", 21, "LineId", "99", "BAD_INPUT")]
    assert tallies(again) == {"Orders": (0, 0, 11, 0, 1), "Orders: lines": (0, 0, 18, 0, 2)}


async def test_what_is_refused_of_a_line_costs_its_order_and_is_told_at_its_own_row(firm: Firm, files: Path) -> None:
    edit(files / "lines.csv", "4,6,2020-05-28 00:00:00,10,2,3.8,", "4,6,2020-05-28 00:00:00,ten,77,3.8,")
    edit(
        files / "lines.csv",
        "7,9,2020-07-04 00:00:00,50,4,1.1,55.0,50.0,0.0",
        "7,9,2020-07-04 00:00:00,50,4,1.1,55.0,5,6",
    )
    edit(files / "lines.csv", "9,13,2020-07-14 00:00:00,2,1,", "9,13,2020-07-14 00:00:00,2,9,")
    report = await imported(firm, files)
    assert places(report)[:3] == [
        ("lines.csv", 7, "Qty", "ten", "BAD_INPUT"),
        ("lines.csv", 10, "Rejected", "6", "BAD_INPUT"),
        ("lines.csv", 13, "ProductId", "9", "NOT_FOUND"),
    ]
    assert tallies(report)["Orders"] == (9, 0, 0, 0, 3)
    assert tallies(report)["Orders: lines"] == (16, 0, 0, 0, 3)


async def test_what_cannot_be_empty_is_told_at_its_own_row_and_costs_no_other(firm: Firm, files: Path) -> None:
    edit(files / "orders.csv", "\n6,2,11,2020-06-03 00:00:00,", "\n6,,11,,")
    edit(files / "lines.csv", "4,6,2020-05-28 00:00:00,10,2,3.8,38.0,8.0,1.0", "4,6,2020-05-28 00:00:00,,2,,38.0,,")
    report = await imported(firm, files)
    assert places(report)[:6] == [
        ("lines.csv", 7, "Qty", "", "BAD_INPUT"),
        ("lines.csv", 7, "Price", "", "BAD_INPUT"),
        ("lines.csv", 7, "Received", "", "BAD_INPUT"),
        ("lines.csv", 7, "Rejected", "", "BAD_INPUT"),
        ("orders.csv", 7, "OrderDate", "", "BAD_INPUT"),
        ("orders.csv", 7, "Status", "", "BAD_INPUT"),
    ]
    assert tallies(report)["Orders"] == (10, 0, 0, 0, 2)


async def test_a_count_of_nothing_known_is_refused(firm: Firm, files: Path) -> None:
    edit(files / "stock.csv", "1,2,B,45", "1,2,B,")
    report = await imported(firm, files)
    assert places(report) == [("stock.csv", 3, "Quantity", "", "BAD_INPUT")]
    assert tallies(report)["Closing stock"] == (4, 0, 0, 0, 1)


async def test_the_lines_of_an_order_that_stands_twice_are_counted_once(firm: Firm, files: Path) -> None:
    edit(files / "orders.csv", "\n12,4,10,", "\n11,4,10,")
    report = await imported(firm, files)
    assert places(report)[0] == ("orders.csv", 13, "OrderId", "11", "NOT_UNIQUE")
    assert tallies(report)["Orders"] == (11, 0, 0, 0, 1)
    assert tallies(report)["Orders: lines"] == (16, 0, 0, 0, 3)


async def test_lines_without_an_order_are_refused_and_what_builds_on_the_orders_waits(firm: Firm, files: Path) -> None:
    edit(files / "orders.csv", "11,4,11,2020-08-03 00:00:00,2020-08-12 00:00:00,3.8,0.304,0.095,4.199\n", "")
    report = await imported(firm, files)
    assert places(report) == [
        ("lines.csv", 16, "OrderId", "11", "NOT_FOUND"),
        ("lines.csv", 17, "OrderId", "11", "NOT_FOUND"),
        ("stock.csv", 1, "", "", "NOT_READY"),
        ("products.csv", 1, "", "", "NOT_READY"),
        ("prices.csv", 1, "", "", "NOT_READY"),
    ]
    assert report.refusals[0].reason == "No row of orders.csv has this OrderId; add it there, or leave this row out."
    assert tallies(report)["Orders: lines"] == (17, 0, 0, 0, 2)
    assert tallies(report)["Closing stock"] == (0, 0, 0, 0, 5)
    assert await one(firm, "select count(*) from stock_count") == 0
    done = await imported(firm)
    assert tallies(done)["Orders"] == (1, 0, 11, 0, 0)
    assert await one(firm, "select sum(on_hand) from position") == 589


async def test_what_went_in_earlier_is_unchanged_though_an_order_moved_on_in_the_source(
    firm: Firm, files: Path
) -> None:
    await imported(firm)
    edit(files / "orders.csv", "5,2,10,2020-06-01", "5,4,10,2020-06-01")
    with (files / "stock.csv").open("a") as more:
        more.write("3,2,B,1\n")
    for _ in range(2):
        report = await imported(firm, files)
        assert places(report) == [
            ("orders.csv", 6, "Status", "4", "BAD_INPUT"), ("stock.csv", 1, "", "", "NOT_READY")
        ]  # fmt: skip
        found = tallies(report)
        assert (found["Orders"], found["Orders: lines"]) == ((0, 0, 11, 0, 1), (0, 0, 18, 0, 1))
        assert found["Closing stock"] == (0, 0, 5, 0, 1)
        assert found["Nothing left at the door"] == found["On order"] == (0, 0, 5, 0, 0)
    assert await one(firm, "select count(*) from stock_count") == 10


async def test_a_line_that_cannot_be_read_keeps_all_orders_out(firm: Firm, files: Path) -> None:
    """Nobody can say whose line it is: any order might come in without it, for good."""
    edit(files / "lines.csv", "3,5,2020-05-16 00:00:00,100,2,1.3172,131.72,90.0,90.0", "3,5,2020-05-16 00:00:00,100")
    report = await imported(firm, files)
    assert places(report)[:2] == [("lines.csv", 6, "", "3", "BAD_ROW"), ("orders.csv", 1, "", "", "NOT_READY")]
    assert tallies(report)["Orders"] == (0, 0, 0, 0, 12)
    assert await one(firm, "select count(*) from document") == 0
    done = await imported(firm)
    assert done.total("refused") == 0
    assert set(await flagged(firm)) == EXCEPTIONS


async def test_nothing_is_counted_before_the_papers_are_in_when_files_come_one_by_one(firm: Firm) -> None:
    for name in ("units", "places", "vendors", "products"):
        report = await imported(firm, JOINERY / f"{name}.csv")
        assert report.total("refused") == 0
    with pytest.raises(BadMapping, match="'Closing stock' comes after 'Orders'; name the folder"):
        await imported(firm, JOINERY / "stock.csv")
    assert await one(firm, "select count(*) from stock_count") == 0


class Killed(Exception):
    """The process ended."""


def killed_after(section: str) -> Callable[[Progress], None]:
    def told(step: Progress) -> None:
        if step.section == section and step.done == step.total:
            raise Killed

    return told


async def test_goods_that_come_before_an_import_is_finished_are_not_counted_away(firm: Firm) -> None:
    with pytest.raises(Killed):
        await imported(firm, progress=killed_after("Orders"))
    await firm.database.perform(firm.actor("storekeeper"), ReceivePurchaseOrder(id=Ref(source="joinery", key="5")))
    report = await imported(firm)
    assert report.total("refused") == 0
    assert report.figures["Nothing left at the door"].groups[""]["gone"] == 287
    assert await rows(
        firm, """select p.sku, o.on_hand from position o join product p on p.id = o.product_id
                 join location l on l.id = o.location_id where l.code = '3' and o.on_hand <> 0"""
    ) == [("OAK-BOARD", 40)]  # fmt: skip
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def test_the_size_of_a_batch_makes_no_difference_to_the_books(
    moved: Moved, firm: Firm, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "BATCH", 3)
    report = await imported(firm)
    assert (report.tallies, report.figures) == (moved.report.tallies, moved.report.figures)
    assert await digest(firm.owner_url) == await digest(moved.firm.owner_url)


async def test_a_bad_row_in_a_batch_costs_no_other_and_flags_nothing(firm: Firm, files: Path) -> None:
    edit(files / "vendors.csv", "GB980780684", "GB980780685")
    report = await imported(firm, files / "vendors.csv")
    assert places(report)[0][:4] == ("vendors.csv", 4, "TaxNo", "GB980780685")
    assert dict(report.exceptions) == {"missing_address": 2, "missing_tax_number": 3}
    assert await one(firm, "select count(*) from import_exception") == 5
    assert await one(firm, "select count(*) from event where type = 'import_exception.created'") == 5


async def test_two_who_bring_the_same_past_at_once_bring_it_once(moved: Moved, firm: Firm) -> None:
    reports = await asyncio.gather(*(imported(firm) for _ in range(3)))
    again = await imported(firm)
    assert (again.total("created"), again.total("updated"), again.total("refused")) == (0, 0, 0)
    assert sum((report.exceptions for report in reports), again.exceptions) == moved.report.exceptions
    assert sum(tallies(report)["Orders"][0] for report in reports) <= 12
    assert await one(firm, "select sum(total) from document where kind = 'purchase_order'") == Decimal("6711.30")
    assert set(await flagged(firm)) == EXCEPTIONS
