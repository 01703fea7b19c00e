"""The projections equal their definitions after any sequence of actions, and the checks notice when they do not."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from domain.flow import definitions
from domain.flow.reversing import ReverseReceipt
from domain.kernel.documents import Document
from domain.kernel.errors import Refused
from domain.verification import CHAIN, CHECKS, Difference, verify, verify_chain
from tests.domain.test_counting import counted
from tests.domain.test_papers import do
from tests.domain.test_purchase import act, confirmed, received, ref, rows, written
from tests.domain.test_recording import line, recorded
from tests.domain.test_reservations import reserved
from tests.domain.test_stock_papers import act as act_on_stock
from tests.domain.test_stock_papers import found, sent
from tests.firm import Firm


async def differences(firm: Firm) -> list[Difference]:
    async with firm.database.session(firm.actor("viewer")) as session:
        return [*await session.run_sync(verify), *await session.run_sync(verify_chain)]


async def sealed(firm: Firm) -> None:
    connection = await asyncpg.connect(firm.owner_url)
    while await connection.fetchval("select unsealed_events()"):
        await connection.fetch("select seal_events(1000)")
    await connection.close()


Step = Callable[[Firm, random.Random], Awaitable[UUID]]


async def receive_some(firm: Firm, chance: random.Random, order: UUID) -> UUID:
    came = chance.randint(1, 5)
    return await received(firm, order, str(came), rejected=str(chance.randint(0, came)))


async def random_life(firm: Firm, seed: int, steps: int, *, past: str | None = None) -> list[str]:
    """Any actions in any order on one order, be it from the past; what was done, refused ones left out."""
    chance = random.Random(seed)
    if past is None:
        order = await written(firm, str(chance.choice([1, 7, 20, 900])))
    else:
        came = line(firm, str(chance.randint(1, 12)), str(chance.randint(0, 1)))
        order = await recorded(firm, state=past, lines=[came], reason="short")
    receipts = [one.id for one in await rows(firm, Document, kind="receipt") if past]
    done: list[str] = []
    for _ in range(steps):
        what = chance.choice(
            [
                "Submit",
                "Approve",
                "Reject",
                "Revise",
                "Confirm",
                "Close",
                "Reopen",
                "Cancel",
                *["receive"] * 6,
                "reverse",
            ]
        )
        try:
            if what == "receive":
                receipts.append(await receive_some(firm, chance, order))
            elif what == "reverse" and receipts:
                await firm.database.perform(
                    firm.actor("storekeeper"), ReverseReceipt(id=ref(chance.choice(receipts)), reason="x")
                )
            elif what in {"Approve", "Reject"}:
                await act(firm, "approver", what, order, expected_version=await version_of(firm, order), reason="x")
            elif what in {"Close", "Cancel"}:
                await act(firm, "buyer", what, order, reason="x")
            elif what != "reverse":
                await act(firm, "buyer", what, order)
            done.append(what)
        except Refused:
            continue
    return done


async def version_of(firm: Firm, order: UUID) -> int:
    async with firm.database.session(firm.actor("viewer")) as session:
        found = await session.execute(text("select version from document where id = :id"), {"id": order})
        return int(found.scalar_one())


@pytest.mark.parametrize("seed", range(4))
async def test_after_any_sequence_of_actions_every_projection_equals_its_definition(firm: Firm, seed: int) -> None:
    done = await random_life(firm, seed, 40)
    await sealed(firm)
    assert len(done) > 3
    assert await differences(firm) == []


@pytest.mark.parametrize(
    ("past", "seed"), [("submitted", 1), ("submitted", 4), ("submitted", 11), ("confirmed", 3), ("closed", 3)]
)
async def test_whatever_becomes_of_an_order_of_the_past_every_projection_follows(
    firm: Firm, past: str, seed: int
) -> None:
    done = await random_life(firm, seed, 40, past=past)
    await sealed(firm)
    assert len(done) > 3
    assert await differences(firm) == []


async def test_parallel_lives_leave_no_difference(firm: Firm) -> None:
    order = await confirmed(firm, "50")
    chance = random.Random(7)
    work = [receive_some(firm, chance, order) for _ in range(12)] + [random_life(firm, seed, 15) for seed in range(4)]
    await asyncio.gather(*work, return_exceptions=True)
    await sealed(firm)
    assert await differences(firm) == []


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


def test_every_check_has_a_tampering_that_it_must_notice() -> None:
    assert TAMPERED.keys() | definitions.CHECKS.keys() == CHECKS.keys() | CHAIN.keys()


@pytest.mark.parametrize("check", list(TAMPERED))
async def test_a_tampered_row_is_found(firm: Firm, check: str) -> None:
    order = await confirmed(firm)
    back = await received(firm, order, "2")
    await received(firm, order, "4")
    await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(back), reason="x"))
    await recorded(firm, state="submitted", source_total=Decimal("12.50"))
    await counted(firm, 20, location=ref(firm["shelf"]))
    await reserved(firm, "2")
    await sent(firm, "1")
    await act_on_stock(firm, "ReverseStockAdjustment", await found(firm, {"difference": Decimal(-1)}), reason="x")
    bill = await do(firm, "accountant", "BillPurchaseOrder", id=ref(order), vendor_reference="1")
    await do(firm, "accountant", "PostVendorBill", id=ref(bill))
    await do(firm, "accountant", "PayVendorBill", id=ref(bill), amount=Decimal(2))
    await sealed(firm)
    assert await differences(firm) == []
    connection = await asyncpg.connect(firm.owner_url)
    await connection.execute(TAMPERED[check])
    await connection.close()
    assert check in {one.check for one in await differences(firm)}
