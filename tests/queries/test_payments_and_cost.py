"""Who sells sees what customers paid, and not what vendors were."""

from __future__ import annotations

from tests.domain.test_payments import bill, invoice, owed, paid
from tests.firm import Firm
from tests.queries.api import client

PAID = """{ payments(orderBy: [{field: NUMBER}]) { nodes { direction side total { amount } residual { amount }
  settles { nodes { amount { amount } used { amount } } } settledBy { nodes { amount { amount } } } } } }"""
MIXED = "{ documents(filter: {kind: {eq: PAYMENT}}) { nodes { total { amount } } } }"


async def every_way(firm: Firm) -> None:
    """A payment of a customer, one to a vendor, and a refund from and to either."""
    await paid(firm, "100", partner="customer", settles=[(await invoice(firm, "90"), None)])
    await paid(firm, "70", settles=[(await bill(firm, "60"), None)])
    note = await owed(firm, "CreditNote", "customer", "45", partner="customer", post=True)
    await paid(firm, "45", partner="customer", direction="out", settles=[(note, None)])
    await paid(firm, "5", direction="in", settles=[])


async def test_who_sells_sees_what_customers_paid_and_no_other_payment(firm: Firm) -> None:
    await every_way(firm)
    seller, buyer = client(firm, "seller"), client(firm)
    everything = (await buyer.ask(PAID))["payments"]["nodes"]
    answer = await seller.answer(PAID)
    received, *others = answer.data["payments"]["nodes"]
    assert received == everything[0]
    assert (received["total"], received["settles"]["nodes"]) == (
        {"amount": "100.00"}, [{"amount": {"amount": "90.00"}, "used": {"amount": "90.00"}}],
    )  # fmt: skip
    assert [(one["direction"], one["side"], one["total"], one["residual"]) for one in others] == [
        ("OUT", "PAYABLES", None, None), ("OUT", "RECEIVABLES", None, None), ("IN", "PAYABLES", None, None),
    ]  # fmt: skip
    assert others[0]["settles"]["nodes"] == [{"amount": None, "used": None}]
    assert all("cost.read" in error.message for error in answer.errors)
    mixed = await seller.answer(MIXED)
    assert [one["total"] for one in mixed.data["documents"]["nodes"]].count(None) == 3


async def test_payments_are_not_looked_for_by_amounts_that_one_may_not_see(firm: Firm) -> None:
    await every_way(firm)
    for asked in ("filter: {total: {gt: 1}}", "orderBy: [{field: TOTAL}]"):
        refused = await client(firm, "seller").refused(f"{{ payments({asked}) {{ totalCount }} }}")
        assert {code for code, _ in refused} == {"FORBIDDEN"}
