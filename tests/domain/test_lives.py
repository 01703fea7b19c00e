"""After any sequence of actions of all kinds of papers every projection equals its definition, and books balance."""

from __future__ import annotations

import random

import pytest
from sqlalchemy import text

from tests.domain.test_verification import differences, sealed
from tests.domain.trader import Trader
from tests.firm import Firm

CIRCLES = """
    with recursive come as (
      select distinct mine.document_id as paper, theirs.document_id as origin
      from line_link k join line mine on mine.id = k.from_line_id join line theirs on theirs.id = k.to_line_id),
    above as (
      select * from come union select above.paper, come.origin from above join come on come.paper = above.origin)
    select paper from above where paper = origin"""
"""Papers that come, over however many others, of themselves."""


async def lived(firm: Firm, seed: int, steps: int, **habits: float) -> Trader:
    """A random life, after which nothing is found where everything is verified."""
    trader = Trader(firm, random.Random(seed), **habits)
    await trader.settle_in()
    await trader.live(steps)
    await sealed(firm)
    assert await differences(firm) == [], (seed, trader.done)
    async with firm.database.session(firm.actor("viewer")) as session:
        assert (await session.execute(text(CIRCLES))).all() == []
    return trader


@pytest.mark.parametrize("seed", range(2))
async def test_after_any_sequence_of_actions_of_all_kinds_every_projection_follows(firm: Firm, seed: int) -> None:
    trader = await lived(firm, seed, 70, watch=0.03)
    assert len(trader.done) > 20


@pytest.mark.parametrize("seed", range(100, 102))
async def test_what_was_posted_and_taken_back_at_once_has_changed_nothing(firm: Firm, seed: int) -> None:
    trader = await lived(firm, seed, 60, restore=0.9)
    assert sum(one.startswith("Reverse") for one in trader.done) > 0


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(1000, 1040))
async def test_after_many_long_lives_every_projection_follows(firm: Firm, seed: int) -> None:
    await lived(firm, seed, 120, watch=0.01, restore=0.4)
