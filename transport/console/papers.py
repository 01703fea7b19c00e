"""docs/papers.md: all kinds of papers with their lives and what begets what, as the tables of the code say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

from domain import rows, verbs
from domain.flow.begetting import MADE
from domain.flow.table import FLOW, Begets
from domain.kernel.commands import COMMANDS
from domain.kernel.documents import Document
from domain.kernel.editing import noun
from domain.kernel.papers import kinds
from domain.kernel.workflow import BY_RULE, Step
from schema.types import described

__all__ = ["page", "rows", "verbs"]

PAGE = Path(__file__).parents[2] / "docs" / "papers.md"
HEAD = """# Papers

This page is written by `make schema` from the tables of the code; a test compares them.

Each kind of paper has a life, which is a table of actions. `availableActions` of a paper says for each action of its
state whether you can take it now and, if not, why. What begets what is one table too: each row is a mutation, which
takes lines of a paper, in whole or in part, and makes another of them.

## What begets what
"""
COLUMNS = """
| from | in the states | by | comes | which its lines | right |
|---|---|---|---|---|---|"""
SEVERAL = """
Where nothing is said of `lines`, all that is left is taken. Lines of several papers of one partner, company and
currency make one paper by {verbs}.

Posted at once when they are made, unless `draft: true` says to wait, are papers that come of {at_once}. All others are
drafted. Kinds that are posted are taken back by their `reverse…`, which makes a paper of the same kind that `reverses`
the first.

No paper can come of itself, by whichever way: the kinds are in an order in which each comes after all that it is made
from, and lines are linked as their paper is made, to lines that are there already.
"""


def page() -> str:
    """The page as the code has it."""
    ordered = dict.fromkeys([kind for row in FLOW for kind in (row.source, row.target)] + list(kinds().values()))
    at_once = _all(f"`{_mutation(_verb(row.verb, row.source))}`" for row in FLOW if row.at_once)
    several = _all(f"`{_mutation(name)}`" for name in _several())
    lead = [HEAD, *_graph(), COLUMNS, *map(_row, FLOW), SEVERAL.format(verbs=several, at_once=at_once)]
    return "\n".join([*lead, *(part for kind in ordered for part in _kind(kind))])


def _graph() -> Iterator[str]:
    yield "```mermaid\nflowchart LR"
    for row in FLOW:
        yield f"    {row.source.__name__}[{noun(row.source)}] -->|{row.verb}| {row.target.__name__}[{noun(row.target)}]"
    yield "```"


def _row(row: Begets) -> str:
    cells = (
        noun(row.source), row.states.replace("|", ", "), f"`{_mutation(_verb(row.verb, row.source))}`",
        noun(row.target), row.relation, f"`{row.right}`",
    )  # fmt: skip
    return f"| {' | '.join(cells)} |"


def _several() -> Iterator[str]:
    """The commands that make one paper of lines of several."""
    own = {_verb(row.verb, row.source) for row in FLOW}
    return (name for name in MADE if name not in own)


def _kind(kind: type[Document]) -> Iterator[str]:
    yield f"## {noun(kind).capitalize()}\n"
    yield f"{described(kind)}{_written_by(kind)}\n"
    yield "```mermaid\nstateDiagram-v2"
    yield f"    [*] --> {kind.workflow.initial}"
    for (source, target), actions in _arrows(kind.workflow.steps).items():
        yield f"    {source} --> {target}: {', '.join(dict.fromkeys(actions))}"
    yield "```\n"
    yield "| state | meaning |\n|---|---|"
    yield from (f"| {state} | {meaning} |" for state, meaning in kind.workflow.states.items())
    yield "\n| action | from → to | right | what it does |\n|---|---|---|---|"
    yield from _actions(kind)
    yield ""


def _written_by(kind: type[Document]) -> str:
    verbs_ = [
        f"`{_mutation(name)}`" for verb in ("create", "update", "copy") if (name := _verb(verb, kind)) in COMMANDS
    ]
    return f" Written by {_all(verbs_)}." if verbs_ else ""


def _arrows(steps: Iterable[Step]) -> dict[tuple[str, str], list[str]]:
    found: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for one in steps:
        for source in one.sources:
            found[source, one.target].append(one.action.replace("_", " "))
    return found


def _actions(kind: type[Document]) -> Iterator[str]:
    """One row an action; those that several rows of the table lead from are told together."""
    grouped: defaultdict[tuple[str, str, str], list[str]] = defaultdict(list)
    for one in kind.workflow.steps:
        grouped[one.action, one.right, one.description].append(f"{', '.join(one.sources)} → {one.target}")
    for (action, right, description), ways in grouped.items():
        name = _verb(action, kind)
        called = f"`{_mutation(name)}`" if name in COMMANDS else action.replace("_", " ")
        by = "a rule" if right == BY_RULE else f"`{right}`"
        yield f"| {called} | {'; '.join(ways)} | {by} | {description} |"


def _verb(action: str, kind: type[Document]) -> str:
    return f"{action.title().replace('_', '')}{kind.__name__}"


def _mutation(command: str) -> str:
    return f"{command[0].lower()}{command[1:]}"


def _all(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} and {last}" if most else last
