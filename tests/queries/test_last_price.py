"""What was paid last, told beside each line; of a whole list in one statement."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.drafts.lines import OrderLine
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.rate import Rate
from domain.purchase.writing import CreatePurchaseOrder
from domain.stock.location import Location
from resolvers.ids import global_id
from tests.firm import Firm
from tests.queries.api import client, statements

PAID = """unitPrice { amount currency } priceBase discountPercent unit { code } dated vendor { number }
  order { number } line { quantity }"""
ASKED = f"""query ($id: ID!) {{ purchaseOrder(id: $id) {{
  lines {{ lastPricePaid {{ {PAID} }} lastPricePaidHere {{ {PAID} }} }} }} }}"""
START = date(2026, 1, 5)


async def order(firm: Firm, price: str, *, day: int = 0, confirm: bool = True, **given: Any) -> UUID:
    """An order of one line, so many days after the first."""
    head = {name: given.pop(name) for name in ("vendor", "company", "location", "currency") if name in given}
    known = {"product": Ref(id=firm["bolt"]), "quantity": Decimal(1), "unit_price": Decimal(price)}
    command = CreatePurchaseOrder(
        vendor=Ref(id=firm[head.pop("vendor", "vendor")]), dated=START + timedelta(day),
        lines=[OrderLine(**{**known, **given})], **{"currency": "USD", **head},
    )  # fmt: skip
    buyer = firm.actor("buyer")
    made: UUID = await firm.database.perform(buyer, command)
    for verb in ("Submit", "Confirm") if confirm else ():
        await firm.database.perform(buyer, COMMANDS[f"{verb}PurchaseOrder"](id=Ref(id=made)))
    return made


async def paid(firm: Firm, order: UUID, role: str = "approver", **changed: Any) -> Any:
    """The last prices of any vendor and of this one, or null."""
    found = await client(firm, role, **changed).ask(ASKED, id=global_id("purchase_order", order))
    (line,) = found["purchaseOrder"]["lines"]
    return line["lastPricePaid"], line["lastPricePaidHere"]


async def amounts(firm: Firm, order: UUID, **changed: Any) -> tuple[str | None, str | None]:
    any_vendor, here = await paid(firm, order, **changed)
    return any_vendor and any_vendor["unitPrice"]["amount"], here and here["unitPrice"]["amount"]


async def test_the_latest_binding_order_before_the_paper_counts(firm: Firm) -> None:
    await order(firm, "1.10", day=1)
    latest = await order(firm, "1.20", day=5, price_base=Decimal(10), discount_percent=Decimal(2))
    await order(firm, "1.30", day=4)
    await order(firm, "9.00", day=6, confirm=False)
    later = await order(firm, "8.00", day=8)
    mine = await order(firm, "1.50", day=7, confirm=False)
    told, here = await paid(firm, mine)
    assert told == here == {
        "unitPrice": {"amount": "1.20", "currency": "USD"}, "priceBase": "10", "discountPercent": "2",
        "unit": {"code": "PCE"}, "dated": "2026-01-10", "vendor": {"number": "V1"},
        "order": {"number": "PO2026-00002"}, "line": {"quantity": "1"},
    }  # fmt: skip
    assert await amounts(firm, latest) == ("1.30", "1.30")
    assert await amounts(firm, later) == ("1.20", "1.20")


async def test_of_one_day_the_order_written_before_counts(firm: Firm) -> None:
    first = await order(firm, "1.10")
    second = await order(firm, "1.20")
    assert await amounts(firm, first) == (None, None)
    assert await amounts(firm, second) == ("1.10", "1.10")


async def test_a_closed_order_counts_and_a_cancelled_one_does_not(firm: Firm) -> None:
    closed, cancelled = await order(firm, "1.10", day=1), await order(firm, "1.20", day=2)
    buyer = firm.actor("buyer")
    for verb, id in (("Close", closed), ("Cancel", cancelled)):
        await firm.database.perform(buyer, COMMANDS[f"{verb}PurchaseOrder"](id=Ref(id=id), reason="No more."))
    assert await amounts(firm, await order(firm, "1.50", day=3)) == ("1.10", "1.10")


async def test_other_vendors_count_apart_in_their_currency(firm: Firm) -> None:
    await order(firm, "1.10", day=1)
    await firm.database.transact(firm.actor("administrator"), _euro)
    await order(firm, "1.00", day=2, vendor="other_vendor", currency="EUR")
    told, here = await paid(firm, await order(firm, "1.50", day=3))
    assert (told["unitPrice"], told["vendor"]) == ({"amount": "1.00", "currency": "EUR"}, {"number": "V2"})
    assert here["unitPrice"] == {"amount": "1.10", "currency": "USD"}


def _euro(work: Work) -> None:
    work.add(Rate(base="EUR", quote="USD", dated=START, rate=Decimal("1.10")))


async def test_a_price_in_another_unit_is_converted(firm: Firm) -> None:
    box, piece = Ref(id=firm["box"]), Ref(id=firm["piece"])
    await order(firm, "15.00", day=1, unit=box)
    pieces = await order(firm, "1.30", day=2, unit=piece)
    boxes = await order(firm, "16.00", day=3, unit=box)
    (told, _), (back, _) = await paid(firm, pieces), await paid(firm, boxes)
    assert (Decimal(told["unitPrice"]["amount"]), told["unit"]) == (Decimal("1.25"), {"code": "PCE"})
    assert (Decimal(back["unitPrice"]["amount"]), back["unit"]) == (Decimal("15.6"), {"code": "BX"})


async def test_what_one_may_not_see_has_no_last_price(firm: Firm) -> None:
    await order(firm, "1.10", day=1)
    mine = await order(firm, "1.50", day=2)
    result = await client(firm, "storekeeper").answer(ASKED, id=global_id("purchase_order", mine))
    assert result.data["purchaseOrder"]["lines"] == [{"lastPricePaid": None, "lastPricePaidHere": None}]
    assert {error.extensions["code"] for error in result.errors} == {"FORBIDDEN"}
    await order(firm, "0.90", day=1, vendor="other_vendor")
    assert await amounts(firm, mine, role="partner", partner=firm["vendor"]) == ("1.10", "1.10")
    assert await amounts(firm, mine) == ("0.90", "1.10")


async def test_a_price_of_a_company_one_does_not_work_for_is_not_told(firm: Firm) -> None:
    sister = uuid7()

    def come(work: Work) -> UUID:
        work.add(Company(id=sister, code="SIS", name="Sister", country="US", currency="USD", approval_threshold=1000))
        work.session.flush()
        return work.add(Location(company_id=sister, code="IN", name="In", kind="internal", receives=True)).id

    await firm.database.transact(firm.actor("administrator"), come)
    both = frozenset({firm.company, sister})
    firm.actors["buyer"] = replace(firm.actor("buyer"), companies=both)
    await order(firm, "1.10", day=1, company=Ref(id=sister))
    mine = await order(firm, "1.50", day=2, company=Ref(id=firm.company))
    assert await amounts(firm, mine) == (None, None)
    assert await amounts(firm, mine, companies=both) == ("1.10", "1.10")


async def test_a_line_without_a_product_has_none(firm: Firm) -> None:
    assert await amounts(firm, await order(firm, "1", product=Ref(id=firm["wire"]), quantity=Decimal("1.5"))) == (
        None,
        None,
    )


async def test_all_lines_of_a_request_take_one_statement(firm: Firm) -> None:
    query = """{ purchaseOrders { nodes { number lines { lastPricePaid {
      unitPrice { amount } order { number } vendor { name } unit { code } line { position } } } } } }"""
    counts = []
    for _ in range(2):
        for day in range(3):
            await order(firm, "1.10", day=day)
        with statements(firm.database) as told:
            await client(firm).ask(query)
        counts.append(len(told))
        assert sum("DISTINCT ON" in one for one in told) == 1
    assert counts[0] == counts[1] == 7
