"""The twelve approved orders of a real firm, taken as live work from draft to stock over the API."""

from __future__ import annotations

import csv
from collections import defaultdict
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import asyncpg
from sqlalchemy import text

from domain.intake.declaring import load
from domain.intake.run import run
from domain.verification import verify, verify_chain
from tests.firm import Firm
from tests.queries.api import Client, client, id_of

MAPPING = Path(__file__).parents[2] / "domain" / "intake" / "mappings" / "adventureworks.toml"
MASTERS = {"Units", "Categories", "Subcategories", "Locations", "Vendors", "Products", "Vendor prices"}
ORDERS = range(4001, 4013)
CENT = Decimal("0.01")
FIELDS = """
  id version number state receiptState
  lines { id quantity accepted openQuantity amount { amount } }
  linesAmount { amount } chargesAmount { amount } tax { amount } total { amount }
"""
ORDER = f"purchaseOrder {{ {FIELDS} }}"

Row = dict[str, str]


def external(key: str) -> str:
    return f"external:adventureworks:{key}"


def table(folder: Path, name: str) -> list[Row]:
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def cents(value: str | Decimal) -> Decimal:
    return Decimal(value).quantize(CENT, ROUND_HALF_UP)


def whole(value: str) -> str:
    return value.removesuffix(".0")


class Source:
    """What the file says of the twelve orders."""

    def __init__(self, folder: Path) -> None:
        wanted = {str(number) for number in ORDERS}
        self.heads = [row for row in table(folder, "PurchaseOrderHeader") if row["PurchaseOrderId"] in wanted]
        self.lines: defaultdict[str, list[Row]] = defaultdict(list)
        for row in table(folder, "PurchaseOrderDetail"):
            if row["PurchaseOrderId"] in wanted:
                self.lines[row["PurchaseOrderId"]].append(row)

    def amount(self, head: Row) -> Decimal:
        """The untaxed lines, each rounded half-up to the cent."""
        return sum(
            (
                cents(Decimal(row["OrderQty"]) * Decimal(row["UnitPrice"]))
                for row in self.lines[head["PurchaseOrderId"]]
            ),
            Decimal(),
        )


async def taken(firm: Firm, source: Source, head: Row, tax: str) -> Any:
    """One order, from draft to received; the order as the API tells of it at the end."""
    buyer, approver, keeper = client(firm, "buyer"), client(firm, "approver"), client(firm, "storekeeper")
    rows = source.lines[head["PurchaseOrderId"]]
    order = await written(buyer, head, rows, tax)
    for row, line in zip(rows, order["lines"], strict=True):
        assert Decimal(line["amount"]["amount"]) == cents(Decimal(row["OrderQty"]) * Decimal(row["UnitPrice"]))
    order = await done(buyer, "submitPurchaseOrder", order)
    if order["state"] == "SUBMITTED":
        order = await done(approver, "approvePurchaseOrder", order, expectedVersion=order["version"])
    order = await done(buyer, "confirmPurchaseOrder", order)
    assert [line["openQuantity"] for line in order["lines"]] == [line["quantity"] for line in order["lines"]]
    came = [
        {"line": line["id"], "quantity": whole(row["ReceivedQty"]), "rejected": whole(row["RejectedQty"])}
        for row, line in zip(rows, order["lines"], strict=True)
    ]
    receipt = await keeper.do(
        "receivePurchaseOrder", selection="receipt { number }", id=order["id"], dated=head["ShipDate"][:10], lines=came
    )
    assert receipt["errors"] == []
    asked = f"query ($id: ID!) {{ purchaseOrder(id: $id) {{ {FIELDS} }} }}"
    return (await buyer.ask(asked, id=order["id"]))["purchaseOrder"]


async def written(buyer: Client, head: Row, rows: list[Row], tax: str) -> Any:
    lines = [
        {"product": external(row["ProductId"]), "quantity": row["OrderQty"], "unitPrice": row["UnitPrice"], "tax": tax,
         "expectedOn": row["DueDate"][:10]}
        for row in rows
    ]  # fmt: skip
    made = await buyer.do(
        "createPurchaseOrder", selection=ORDER,
        vendor=external(head["VendorId"]), dated=head["OrderDate"][:10], lines=lines,
        charges=[{"text": "Freight", "amount": str(cents(head["Freight"]))}],
    )  # fmt: skip
    assert made["errors"] == []
    return made["purchaseOrder"]


async def done(who: Client, verb: str, order: Any, **given: Any) -> Any:
    payload = await who.do(verb, selection=ORDER, id=order["id"], **given)
    assert payload["errors"] == []
    return payload["purchaseOrder"]


async def test_the_twelve_approved_orders_agree_with_the_file_to_the_cent_and_unit(
    firm: Firm, adventureworks: Path
) -> None:
    mapping = load(MAPPING)
    masters = tuple(section for section in mapping.sections if section.name in MASTERS)
    report = await run(firm.database, firm.actor("administrator"), adventureworks, replace(mapping, sections=masters))
    assert report.refusals == []
    source = Source(adventureworks)
    tax = id_of(firm, "tax8", "tax")
    orders = [await taken(firm, source, head, tax) for head in source.heads]
    for head, order in zip(source.heads, orders, strict=True):
        lines = source.amount(head)
        assert Decimal(order["linesAmount"]["amount"]) == lines
        assert Decimal(order["tax"]["amount"]) == cents(lines * 8 / 100)
        assert Decimal(order["chargesAmount"]["amount"]) == cents(head["Freight"])
        total = Decimal(head["SubTotal"]) + Decimal(head["TaxAmt"]) + Decimal(head["Freight"])
        assert abs(Decimal(order["total"]["amount"]) - total) < 2 * CENT  # the file keeps parts of a cent
    left = sum(Decimal(line["openQuantity"]) for order in orders for line in order["lines"])
    assert left == 290
    await stock_agrees(firm, source)
    await log_agrees(firm, orders)


async def stock_agrees(firm: Firm, source: Source) -> None:
    """On hand at the receiving location, product by product, is what the file accepted."""
    accepted: defaultdict[str, Decimal] = defaultdict(Decimal)
    for rows in source.lines.values():
        for row in rows:
            accepted[row["ProductId"]] += Decimal(row["StockedQty"])
    async with firm.database.session(firm.actor("viewer")) as session:
        found = await session.execute(text(
            "select x.key, p.on_hand from position p join external_reference x on x.record_id = p.product_id "
            "where p.on_hand <> 0 and x.source = 'adventureworks'"
        ))  # fmt: skip
        assert dict(found.all()) == accepted
        assert await session.run_sync(verify) == []


async def log_agrees(firm: Firm, orders: list[Any]) -> None:
    """Each order was told of step by step, and the chain is whole."""
    connection = await asyncpg.connect(firm.owner_url)
    while await connection.fetchval("select unsealed_events()"):
        await connection.fetch("select seal_events(1000)")
    rows = await connection.fetch(
        "select e.record_id, string_agg(e.type, ' ' order by s.position) as life from event e "
        "join event_seal s on s.event_id = e.id where e.record_type = 'purchase_order' group by 1"
    )
    await connection.close()
    quick, asked = (
        " ".join(f"purchase_order.{step}" for step in ("created", "submitted", answer, "confirmed", "received"))
        for answer in ("cleared", "approved")
    )
    assert len(rows) == len(orders)
    assert {row["life"] for row in rows} <= {quick, asked}
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify_chain) == []
