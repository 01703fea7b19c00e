"""The projections equal their definitions after any sequence of actions."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import text

from domain.flow.reversing import ReverseReceipt
from domain.kernel.documents import Document
from domain.kernel.errors import Refused
from domain.verification import Difference, verify, verify_chain
from tests.domain.test_purchase import act, confirmed, received, ref, rows, written
from tests.domain.test_recording import line, recorded
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
