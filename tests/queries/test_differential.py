"""Whatever is asked, by whomever: both ways to answer answer the same, and neither breaks."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from graphql import parse, validate
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from migrations.embedded import Cluster
from resolvers.context import Context
from tests.beside import ASIDE
from tests.firm import Firm
from tests.queries.api import house
from tests.queries.drawn.fair import fair
from tests.queries.drawn.known import Known, known
from tests.queries.drawn.questions import questions
from tests.queries.twice import Question, alone, compiled, difference, reference, told

SLICE, MANY = 40, 150


@dataclass
class Ground:
    """What is asked about, and by whom; `told` counts what was remarkable about the questions."""

    firm: Firm
    known: Known
    told: Counter[str] = field(default_factory=Counter)


@pytest.fixture(scope="module")
async def ground(cluster: Cluster, pattern: Firm) -> AsyncIterator[Ground]:
    """A firm that has traded in everything; nobody changes it."""
    house()
    async with fair(cluster, pattern) as firm:
        yield Ground(firm, await known(firm, house()))


async def agree(ground: Ground, question: Question, who: str) -> None:
    """Both ways answer the same, and without an internal error."""
    like = Context(ground.firm.database, None, ground.firm.actors[who], "request-1")
    one = await alone(reference, house(), question, like)
    second = await alone(compiled, house(), question, like)
    apart = difference(one, second)
    assert apart is None, told(question, like, one, second, apart)
    codes = [error.get("extensions", {}).get("code") for error in json.loads(second).get("errors", ())]
    assert "INTERNAL" not in codes, told(question, like, one, second, "an internal error")
    ground.told.update([*question.told, *(f"code: {code}" for code in set(codes)), "asked"])
    core = house()._schema
    ground.told["valid"] += not validate(core, parse(question.document))


async def drawn(ground: Ground, examples: int) -> None:
    """So many questions, each asked by somebody."""
    import asyncio

    loop, people = asyncio.get_running_loop(), sorted(ground.firm.actors)

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(question=questions(ground.known), who=st.sampled_from(people))
    def ask(question: Question, who: str) -> None:
        asyncio.run_coroutine_threadsafe(agree(ground, question, who), loop).result(120)

    token = ASIDE.set(True)
    try:
        await asyncio.to_thread(ask)
    finally:
        ASIDE.reset(token)


async def test_a_slice_of_all_that_can_be_asked_is_answered_alike_both_ways(ground: Ground) -> None:
    await drawn(ground, SLICE)
    assert ground.told["valid"] > ground.told["asked"] / 2


@pytest.mark.soak
@pytest.mark.timeout(1500)
async def test_all_that_can_be_asked_is_answered_alike_both_ways(ground: Ground) -> None:
    await drawn(ground, MANY)
    reached = {one.removeprefix("root: ") for one in ground.told if one.startswith("root: ")}
    roots: Any = house()._schema.query_type
    assert len(reached) > len(roots.fields) * 0.6
    assert {"code: BAD_INPUT", "code: FORBIDDEN"} <= ground.told.keys()
