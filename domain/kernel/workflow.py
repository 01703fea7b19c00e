"""The life of a paper is a table; this module checks the table and takes the steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.kernel.errors import Refused, WrongState

if TYPE_CHECKING:
    from domain.kernel.work import Work

Guard = Callable[["Work", Any], None]
Effect = Callable[["Work", Any, Any], "str | None"]
"""May answer with the action that a rule takes next."""
Consequence = Callable[["Work", Any, "Step", str], None]
"""(work, paper, the step taken, the state before)."""
CONSEQUENCES: list[Consequence] = []
"""What follows from every step of every paper, in rooms above that of the paper."""
Bar = Callable[["Work", Any, "Step"], None]
BARS: list[Bar] = []
"""What may be in the way of any step of any paper, likewise: guards (work, paper, the step that is asked for)."""
BY_RULE = "rule"
"""In place of a right: nobody may ask for this step, a rule takes it."""


@dataclass(frozen=True, slots=True)
class Step:
    """One row of the table: who may go from which states to which, under which guards, with which effects."""

    action: str
    sources: tuple[str, ...]
    target: str
    event: str
    right: str
    description: str
    guards: tuple[Guard, ...] = ()
    effects: tuple[Effect, ...] = ()
    shape: type | None = None


def step(
    action: str,
    sources: str,
    target: str,
    *,
    event: str,
    right: str,
    description: str,
    guards: Iterable[Guard] = (),
    effects: Iterable[Effect] = (),
    shape: type | None = None,
) -> Step:
    """A row of the table.

    `sources` are states joined by |, `event` is what the log says was done, `shape` is what the action asks for beside
    the paper's id.
    """
    return Step(
        action, tuple(sources.split("|")), target, event, right, description, tuple(guards), tuple(effects), shape
    )


class Workflow:
    """All steps of a kind of paper. Built once; a table with a mistake does not build."""

    def __init__(self, initial: str, states: dict[str, str], steps: Iterable[Step]) -> None:
        self.initial = initial
        self.states = states
        self.steps = tuple(steps)
        self._check()

    def extend(self, steps: Iterable[Step]) -> None:
        """Add rows that a room above knows of; a table with a mistake is not extended."""
        before, self.steps = self.steps, (*self.steps, *steps)
        try:
            self._check()
        except ValueError:
            self.steps = before
            raise

    def actions(self, state: str) -> list[str]:
        """What people may ask for in `state`, in the table's order."""
        return [one.action for one in self.steps if state in one.sources and one.right != BY_RULE]

    def step(self, action: str, state: str) -> Step:
        """The row for an action in a state; raises WrongState telling what is possible instead."""
        for one in self.steps:
            if one.action == action and state in one.sources:
                return one
        possible = self.actions(state)
        instead = f"possible now: {', '.join(possible)}" if possible else "nothing more can be done with it"
        raise WrongState(f"Cannot {action} while {state}; {instead}.", state=state, possible=possible)

    def _check(self) -> None:
        named = {self.initial, *(name for one in self.steps for name in (*one.sources, one.target))}
        if stray := named ^ self.states.keys():
            raise ValueError(f"states named on one side only: {sorted(stray)}")
        reached, frontier = {self.initial}, [self.initial]
        while frontier:
            here = frontier.pop()
            ahead = {one.target for one in self.steps if here in one.sources} - reached
            reached |= ahead
            frontier.extend(ahead)
        if stray := self.states.keys() - reached:
            raise ValueError(f"no path leads to the states {sorted(stray)}")
        if silent := [one.action for one in self.steps if not one.description]:
            raise ValueError(f"actions without a description: {silent}")
        pairs = [(one.action, source) for one in self.steps for source in one.sources]
        if len(pairs) != len(set(pairs)):
            raise ValueError("an action leads from one state to two")


def barred(paper: Any, message: str, *path: str | int, action: str | None = None) -> WrongState:
    """A refusal for the paper's state, which tells what is possible instead of `action`."""
    possible = [one for one in paper.workflow.actions(paper.state) if one != action]
    return WrongState(message, path=path, state=paper.state, possible=possible)


def allow(work: Work, paper: Any, action: str) -> Step:
    """The row for an action that can be taken with a paper now; raises Refused for right, state or guard."""
    row: Step = paper.workflow.step(action, paper.state)
    if row.right != BY_RULE:
        work.actor.must(row.right)
    _pass(work, paper, row)
    return row


def _pass(work: Work, paper: Any, row: Step) -> None:
    """All that can be in the way of a step, whether it is taken or only asked for; raises Refused."""
    for guard in row.guards:
        guard(work, paper)
    for bar in BARS:
        bar(work, paper, row)


def take(work: Work, paper: Any, action: str, given: Any = None) -> None:
    """Take one step with a paper: right, guards, state, effects, consequences, event.

    A refusal ends the transaction, or the savepoint, in which it was tried.
    """
    row = allow(work, paper, action)
    before, paper.state = paper.state, row.target
    following = [effect(work, paper, given) for effect in row.effects]
    for consequence in CONSEQUENCES:
        consequence(work, paper, row, before)
    work.note(paper, row.event)
    for next_action in filter(None, following):
        take(work, paper, next_action, given)


@dataclass(frozen=True, slots=True)
class Availability:
    """Whether an action can be taken now and, if not, why."""

    action: str
    description: str
    refusal: Refused | None


def availability(work: Work, paper: Any) -> list[Availability]:
    """Every action the table knows for the paper's state, each with the reason if it cannot be taken now."""
    rows = [row for row in paper.workflow.steps if paper.state in row.sources and row.right != BY_RULE]
    return [Availability(row.action, row.description, _refusal(work, paper, row)) for row in rows]


def _refusal(work: Work, paper: Any, row: Step) -> Refused | None:
    try:
        work.actor.must(row.right)
        _pass(work, paper, row)
    except Refused as refused:
        return refused.each[0]
    return None
