"""Every check notices what contradicts it: in a firm that has traded, one row is tampered with at a time."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import asyncpg
import pytest

from domain.flow import definitions
from domain.flow.reversing import ReverseReceipt
from domain.kernel.work import Database
from domain.verification import CHAIN, CHECKS
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from tests.domain.test_counting import counted
from tests.domain.test_papers import do
from tests.domain.test_purchase import confirmed, received, ref
from tests.domain.test_recording import recorded
from tests.domain.test_reservations import reserved
from tests.domain.test_stock_papers import act, found, sent
from tests.domain.test_verification import differences, sealed
from tests.firm import BARE, Firm, kept

UNGUARDED = "alter table posting disable trigger user; alter table entry disable trigger user;"
TAMPERED = {
    "on hand follows from the moves": "update position set on_hand = on_hand + 1",
    "nothing lies in stock that is less than nothing": "update position set on_hand = -1",
    "what an adjustment moved is the difference that it states": "update line set difference = difference + 1",
    "what a transfer moved is what left, arrived and was lost": (
        "update line set received = 0 from document d where d.id = document_id and d.kind = 'stock_transfer'"
    ),
    "a reversal takes back every move": "update move set quantity = quantity + 1 where reverses_id is not null",
    "what is reserved lies there": "update line set open_quantity = 1000 where location_id is not null",
    "what was reserved is kept, was used or let go": "update line set closed = 1 where location_id is not null",
    "a reservation is active while it has anything left": (
        "update document set state = 'released' where kind = 'reservation'"
    ),
    "the amount of a line follows from quantity and price": "update line set amount = amount + 0.01 where amount > 0",
    "the totals of a paper follow from its lines, charges and taxes": "update document set total = total + 0.01",
    "the tax of a rate is that rate of its base": "update tax_amount set amount = amount + 0.01",
    "the base of a tax is the sum of what bears it": "update tax_amount set base = base + 1, amount = amount + 0.08",
    "a tax rounded line by line lies within half a minor unit a line": (
        "update document set tax_rounding = 'line'; update tax_amount set amount = amount + 1"
    ),
    "what a buyer reckons and does not recover follows from the tax": "update tax_amount set unrecoverable = 0.01",
    "an imported order comes to what its source says, but for five minor units": (
        "update provenance set total = total + 0.06"
    ),
    "what a count moved is what it found otherwise than booked": "update stock_count set booked = booked + 1",
    "the approval state follows from the requests": "update document set approval_state = 'requested'",
    "every move has two ends in one company": """
        with other as (
          insert into company (tenant_id, id, code, name, country, currency, time_zone, approval_threshold,
            version, created_at, updated_at, custom)
          select tenant_id, gen_random_uuid(), 'OTHER', name, country, currency, time_zone, approval_threshold,
            1, now(), now(), '{}' from company
          returning id)
        update location set company_id = other.id from other where kind = 'vendor'""",
    "entries balance, in the company's currency and in that of the paper": (
        f"{UNGUARDED} update posting set debit = debit + 1 where debit > 0"
    ),
    "a line of an entry is of its company and day": (
        f"{UNGUARDED} update posting set accounting_date = accounting_date + 1"
    ),
    "a paper that moved goods or money has its entry": (
        f"{UNGUARDED} update entry set document_id = null where journal = 'stock'"
    ),
    "what is taken back is taken back whole": (
        f"{UNGUARDED} update posting set partner_id = null where role = 'stock' and debit > 0"
    ),
    "the quantity on the stock account is what was moved": (
        f"{UNGUARDED} update posting set quantity = quantity + 1 where role = 'stock'"
    ),
    "what came and is not billed is what stands for it": (
        f"{UNGUARDED} update posting set quantity = quantity + 2 where role = 'received_not_billed' and credit > 0"
    ),
    "what orders commit to is what of them is open and not billed": (
        f"{UNGUARDED} update posting set amount = amount * 2 where role like 'commitments%'"
    ),
    "what is open of an instalment is what was not settled": (
        "update instalment set residual = residual - 0.01 where residual > 1"
    ),
    "instalments make up the whole, in both currencies": "update instalment set value = value + 1",
    "what is open of a paper, and since when it is due, follows from its instalments": (
        "update document set payment_state = 'paid' where payment_state = 'partial'"
    ),
    "what rates made of an allocation is what is left of its values": "update allocation set exchange_gain = 1",
    "what settles or is settled is in force, of one company and partner": (
        "update document set state = 'reversed' where kind = 'payment'"
    ),
    "what is open of a paper is what of it stands in the books": (
        f"{UNGUARDED} update posting set amount = amount - 1 where role = 'payables'"
    ),
    "positions are dense": (
        "update event_seal set position = position + 1 where position = (select max(position) from event_seal)"
    ),
    "the sequence of a record is dense": "update event set sequence = sequence + 1 where sequence > 1",
    "the version of a paper is the sequence of its last event": "update document set version = version + 1",
    "the hash of an event follows from it and the one before": (
        "update event set actor_name = 'nobody' where sequence = 1"
    ),
}


async def traded(firm: Firm) -> None:
    """Have something of everything that is checked."""
    order = await confirmed(firm)
    back = await received(firm, order, "2")
    await received(firm, order, "4")
    await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(back), reason="x"))
    await recorded(firm, state="submitted", source_total=Decimal("12.50"))
    await counted(firm, 20, location=ref(firm["shelf"]))
    await reserved(firm, "2")
    await sent(firm, "1")
    await act(firm, "ReverseStockAdjustment", await found(firm, {"difference": Decimal(-1)}), reason="x")
    bill = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    await do(firm, "accountant", "PayVendorBill", id=ref(bill), amount=Decimal(2))
    await sealed(firm)


async def trading(cluster: Cluster, pattern: Firm) -> str:
    owner = await kept(cluster, "traded", pattern.name)
    database = Database(application_url(owner, f"{BARE}_app"))
    await traded(pattern.at(database, owner))
    await database.close()
    return "traded"


@pytest.fixture(scope="session", name="after_trade")
def the_firm_after_it_has_traded(cluster: Cluster, pattern: Firm) -> str:
    """For the whole session: tests of this file do not all run one after another in a process."""
    return asyncio.run(trading(cluster, pattern))


@pytest.fixture
def template(after_trade: str) -> str:
    """What the database of each test is a copy of."""
    return after_trade


def test_every_check_has_a_tampering_that_it_must_notice() -> None:
    assert TAMPERED.keys() | definitions.CHECKS.keys() == CHECKS.keys() | CHAIN.keys()


@pytest.mark.parametrize("check", [None, *TAMPERED])
async def test_a_tampered_row_is_found(firm: Firm, check: str | None) -> None:
    connection = await asyncpg.connect(firm.owner_url)
    await connection.execute(TAMPERED[check] if check else "select 1")
    await connection.close()
    found = {one.check for one in await differences(firm)}
    assert check in found if check else found == set()
