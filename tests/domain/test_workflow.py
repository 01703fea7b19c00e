"""A workflow is a table: it builds only when it is sound, and nothing leaves it."""

from __future__ import annotations

from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import rows  # noqa: F401 - all kinds must be known
from domain.kernel.actor import Actor
from domain.kernel.documents import Document
from domain.kernel.errors import Forbidden, NotReady, WrongState
from domain.kernel.papers import kinds
from domain.kernel.workflow import BY_RULE, Workflow, availability, step, take
from domain.purchase.order import PurchaseOrder

KINDS: list[type[Document]] = [*kinds().values()]


def row(action: str, sources: str, target: str, **more: Any) -> Any:
    return step(action, sources, target, event=f"{action}ed", right=more.pop("right", "r"), description="d", **more)


@dataclass
class Paper:
    """The least that a workflow asks of a paper."""

    workflow: ClassVar[Workflow]
    state: str = "draft"
    told: list[str] = field(default_factory=list)


def desk(paper: Paper, *rights: str) -> Any:
    """A work that only notes what it is told."""
    actor = Actor(tenant=1, name="a", rights=frozenset(rights))
    return SimpleNamespace(actor=actor, note=lambda _, action: paper.told.append(action))


def test_a_state_that_no_path_leads_to_does_not_build() -> None:
    with pytest.raises(ValueError, match="no path leads to"):
        Workflow("draft", {"draft": "", "lost": ""}, [row("a", "draft|lost", "draft")])


def test_a_misspelt_state_does_not_build() -> None:
    with pytest.raises(ValueError, match="one side only"):
        Workflow("draft", {"draft": "", "done": ""}, [row("a", "draft", "doen"), row("b", "draft", "done")])


def test_an_action_that_leads_from_one_state_to_two_does_not_build() -> None:
    with pytest.raises(ValueError, match="from one state to two"):
        Workflow("draft", {"draft": "", "done": ""}, [row("a", "draft", "done"), row("a", "draft", "draft")])


def test_an_action_without_a_description_does_not_build() -> None:
    silent = step("a", "draft", "draft", event="x", right="r", description="")
    with pytest.raises(ValueError, match="without a description"):
        Workflow("draft", {"draft": ""}, [silent])


@pytest.mark.parametrize("kind", KINDS)
@given(data=st.data())
def test_no_sequence_of_actions_leaves_the_table(kind: type[Document], data: st.DataObject) -> None:
    table = kind.workflow
    state = table.initial
    for _ in range(20):
        action = data.draw(st.sampled_from([*(one.action for one in table.steps), "nonsense"]))
        try:
            state = table.step(action, state).target
        except WrongState as refused:
            told = refused.details["possible"]
        else:
            told = None
        assert state in table.states
        assert told in (None, table.actions(state))
        assert told is None or action not in told


@pytest.mark.parametrize("kind", KINDS)
def test_every_state_is_described_and_every_right_exists(kind: type[Document]) -> None:
    from domain.access.role import RIGHTS

    assert all(kind.workflow.states.values())
    assert {one.right for one in kind.workflow.steps} <= RIGHTS.keys() | {BY_RULE}


def test_a_refused_guard_leaves_the_paper_as_it_was() -> None:
    def never(_: Any, __: Any) -> None:
        raise NotReady

    class Guarded(Paper):
        workflow = Workflow("draft", {"draft": "", "done": ""}, [row("finish", "draft", "done", guards=[never])])

    paper = Guarded()
    with pytest.raises(NotReady):
        take(desk(paper, "r"), paper, "finish")
    assert (paper.state, paper.told) == ("draft", [])


class Chained(Paper):
    """A paper whose first step is followed by one that only a rule may take."""

    workflow = Workflow(
        "draft",
        {"draft": "", "asked": "", "cleared": ""},
        [
            row("ask", "draft", "asked", effects=[lambda *_: "clear"]),
            row("clear", "asked", "cleared", right=BY_RULE),
        ],
    )


def test_a_rule_may_take_the_next_step_and_each_step_is_told() -> None:
    paper = Chained()
    take(desk(paper, "r"), paper, "ask")
    assert (paper.state, paper.told) == ("cleared", ["asked", "cleared"])


def test_nobody_is_offered_a_step_that_only_a_rule_may_take() -> None:
    assert Chained.workflow.actions("asked") == []


def test_an_action_without_the_right_is_refused_before_any_guard() -> None:
    paper = Chained()
    with pytest.raises(Forbidden):
        take(desk(paper), paper, "ask")
    assert paper.state == "draft"


@given(
    st.sets(st.sampled_from(["purchase.write", "purchase.approve", "stock.receive"])),
    st.sampled_from(sorted(PurchaseOrder.workflow.states)),
)
def test_what_is_offered_is_what_the_right_and_the_guards_allow(rights: set[str], state: str) -> None:
    order = PurchaseOrder(state=state)
    order.partner, order.lines, order.charges = None, [], []
    work = SimpleNamespace(actor=Actor(tenant=1, name="a", rights=frozenset(rights)))
    offers = availability(work, order)  # type: ignore[arg-type]
    assert [offer.action for offer in offers] == order.workflow.actions(state)
    for offer in offers:
        line = order.workflow.step(offer.action, state)
        if line.right not in rights:
            assert isinstance(offer.refusal, Forbidden)
        if offer.action == "submit" and "purchase.write" in rights:
            assert isinstance(offer.refusal, NotReady)
        if offer.action == "revise":
            assert (offer.refusal is None) == ("purchase.write" in rights)
