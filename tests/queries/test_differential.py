"""Whatever is asked, by whomever: both ways to answer answer the same, and neither breaks."""

from __future__ import annotations

import asyncio
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
from tests.queries.twice import Question, alone, compiled, difference, is_too_dear, reference, told

SLICE, MANY, STEPS = 60, 2500, 150
OFTEN = ["one with all rights"] * 6 + ["an accountant"] * 2
"""Who asks more often than others: from whom nothing is kept."""
CODES = {"BAD_INPUT", "FORBIDDEN", "NOT_FOUND", "NOT_AUTHENTICATED", "BAD_REQUEST"}
WAYS = {
    "first", "last", "after", "before", "field: totalCount", "field: pageInfo", "field: aggregates", "@skip",
    "@include", "a fragment", "a fragment spread twice", "an inline fragment", "a default", "an absent variable",
    "a null variable", "a variable used twice", "one value in place of a list", "filter: and", "filter: or",
    "filter: not", "filter: some", "filter: every", "filter: none", "filter: custom", "filter: direction",
    "slip: a size out of bounds", "slip: first and last", "slip: no cursor of this list",
    "slip: an id of something else", "slip: null", "slip: too large a filter", "slip: too many keys",
    "slip: a wrong Decimal", "slip: a wrong Date", "slip: a wrong DateTime", "slip: a wrong String",
    "slip: a wrong ID", "slip: a variable of another type",
}  # fmt: skip
"""What many questions must have in them."""


@dataclass
class Ground:
    """What is asked about, and by whom; `told` counts what was remarkable about the questions and their answers."""

    firm: Firm
    known: Known
    told: Counter[str] = field(default_factory=Counter)

    def reached(self, kind: str) -> set[str]:
        return {one.removeprefix(kind) for one in self.told if one.startswith(kind)}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all, so that they can share a firm."""
    return "asyncio"


@pytest.fixture(scope="module")
async def ground(request: pytest.FixtureRequest, cluster: Cluster, pattern: Firm) -> AsyncIterator[Ground]:
    """A firm that has traded in everything, and for longer where many questions are asked; nobody changes it."""
    house()
    steps = STEPS if "soak" in {mark.name for item in request.session.items for mark in item.iter_markers()} else 0
    async with fair(cluster, pattern, steps=steps) as firm:
        yield Ground(firm, await known(firm, house()))


async def agree(ground: Ground, question: Question, who: str) -> None:
    """Both ways answer the same, and without an internal error."""
    like = Context(ground.firm.database, None, ground.firm.actors[who], "request-1")
    one = await alone(reference, house(), question, like)
    second = await alone(compiled, house(), question, like)
    ground.told.update([*question.told, "asked", f"by {who}"])
    if is_too_dear(second):
        ground.told["too dear"] += 1
        return
    apart = difference(one, second)
    assert apart is None, told(question, like, one, second, apart)
    errors = json.loads(second).get("errors", ())
    codes = {error.get("extensions", {}).get("code") for error in errors}
    assert "INTERNAL" not in codes, told(question, like, one, second, "an internal error")
    ground.told.update(f"code: {code}" for code in codes)
    ground.told["valid"] += not validate(house()._schema, parse(question.document))
    ground.told["answered in full"] += not errors


async def drawn(ground: Ground, examples: int) -> None:
    """So many questions, each asked by somebody."""
    loop, people = asyncio.get_running_loop(), [*sorted(ground.firm.actors), *OFTEN]

    @settings(
        max_examples=examples,
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


ABANDONS = pytest.mark.filterwarnings("ignore:coroutine .* was never awaited:RuntimeWarning")
"""The reference leaves the siblings of a field that is refused to themselves."""
LONG = pytest.mark.filterwarnings("ignore:Generating overly large repr")
"""What was answered differently is told however long it is."""


@ABANDONS
@LONG
@pytest.mark.timeout(600)
async def test_a_slice_of_all_that_can_be_asked_is_answered_alike_both_ways(ground: Ground) -> None:
    """To make a small question of one that was answered differently may take minutes."""
    await drawn(ground, SLICE)
    assert ground.told["valid"] > 0.8 * SLICE
    assert ground.told["answered in full"] > 0.2 * SLICE
    assert ground.told["too dear"] < 0.1 * SLICE


@ABANDONS
@LONG
@pytest.mark.soak
@pytest.mark.timeout(1500)
async def test_all_that_can_be_asked_is_answered_alike_both_ways(ground: Ground) -> None:
    await drawn(ground, MANY)

    roots: Any = house()._schema.query_type
    assert set(roots.fields) - ground.reached("root: ") == set()
    assert ground.reached("code: ") >= CODES
    assert ground.told.keys() >= WAYS
    for interface in ("Node", "Document", "Worklist"):
        assert [one for one in ground.told if one.endswith(f" on {interface}")], interface
    assert ground.reached("by ") == set(ground.firm.actors)
