"""A transfer takes goods from one place of the house to another, at once or over transit."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any

from domain.drafts.lives import has_lines, posting
from domain.kernel.actions import verbs
from domain.kernel.documents import HERE, Document, End, Line
from domain.kernel.errors import NotReady
from domain.kernel.work import Work
from domain.kernel.workflow import BY_RULE, Step, Workflow, step

RIGHT = "stock.move"


def elsewhere(_: Work, paper: Document) -> None:
    """Guard."""
    if paper.destination_id is None:
        raise NotReady("Say where the goods go.", path=("destination",))
    for index, line in enumerate(paper.lines):
        if line.location_id == paper.destination_id:
            raise NotReady("The goods are there already; name another place.", path=("lines", index, "location"))


def arrived_at_once(_: Work, paper: Document, __: Any) -> None:
    """Effect: without transit, all that leaves arrives."""
    for line in paper.lines:
        line.received = line.quantity


def arrived(work: Work, paper: Document, _: Any) -> None:
    """Effect."""
    paper.posted_at = work.now


def in_transit(line: Line) -> Decimal:
    """What has left, did not arrive, and was not written off."""
    return line.quantity - line.received - line.closed


def _steps(simple: Workflow) -> list[Step]:
    """Those of every paper that is posted; what is under way may be taken back as well."""
    return [replace(one, sources=("posted", "shipped")) if one.action == "reverse" else one for one in simple.steps]


_SIMPLE = posting(
    "transfer", RIGHT, means="The goods are there, or were written off.", guards=[elsewhere], effects=[arrived_at_once]
)


class StockTransfer(Document):
    """Goods that go from one place of a company to another.

    Of a line, `received` has arrived and `closed` was lost on the way; the rest of what was shipped is in transit.
    """

    __mapper_args__ = {"polymorphic_identity": "stock_transfer"}
    series = "ST{year}-{number:05d}"
    route = (HERE, HERE)
    workflow = Workflow(
        "draft",
        _SIMPLE.states | {"shipped": "The goods have left, and not all have arrived."},
        [
            *_steps(_SIMPLE),
            step(
                "ship", "draft", "shipped", event="shipped", right=RIGHT,
                description="Let the goods leave; they are in transit until they are received.",
                guards=[has_lines, elsewhere],
            ),
            step(
                "receive", "shipped", "shipped", event="received", right=RIGHT,
                description="Put what arrived, all of it or some, in its place.",
            ),
            step(
                "arrive", "shipped", "posted", event="arrived", right=BY_RULE,
                description="Nothing is in transit any more.", effects=[arrived],
            ),
            step(
                "miss", "posted", "shipped", event="missed", right=BY_RULE,
                description="What was written off is in transit again.",
            ),
        ],
    )  # fmt: skip

    def ends(self, line: Line) -> tuple[End, End]:
        there = self.destination_id or HERE
        return (line.location_id or HERE), ("transit" if self.state == "shipped" else there)


verbs(StockTransfer, besides=frozenset({"reverse", "receive"}))
