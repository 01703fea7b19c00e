"""A reservation keeps goods at their place for a customer until a moment; nothing moves."""

from __future__ import annotations

from sqlalchemy import ColumnElement, and_

from domain.kernel.documents import Document
from domain.kernel.work import Work
from domain.kernel.workflow import BY_RULE, Workflow, step

RIGHT = "stock.reserve"


def spent(_: Work, paper: Document, __: object) -> str | None:
    """Effect: when nothing of it is left, it is used up."""
    return None if any(line.open_quantity for line in paper.lines) else "use_up"


class Reservation(Document):
    """Goods that lie ready for a customer and that nobody else may take, until its time is over.

    A line's `open_quantity` is what is still kept, `closed` what was let go; the rest was used. All in stock units.
    That its time is over is no state: it follows from `held_until` whenever somebody looks.
    """

    __mapper_args__ = {"polymorphic_identity": "reservation"}
    series = "RS{year}-{number:05d}"
    workflow = Workflow(
        "active",
        {
            "active": "The goods are kept, until its time is over; then it keeps nothing, unless it gets more time.",
            "used_up": "Everything that was not let go went to the customer.",
            "released": "What was left was let go.",
        },
        [
            step(
                "reschedule", "active", "active", event="rescheduled", right=RIGHT,
                description="Keep the goods until another moment, later or earlier; what nobody else has meanwhile.",
            ),
            step(
                "release", "active", "released", event="released", right=RIGHT,
                description="Let the goods go, whether its time is over or not.",
            ),
            step(
                "let_go", "active", "active", event="released", right=BY_RULE,
                description="Some of the goods are let go, and the rest is kept.",
            ),
            step(
                "end", "active", "released", event="released", right=BY_RULE,
                description="The order for which the goods were kept has ended; nothing is left.",
            ),
            step(
                "use", "active", "active", event="used", right=BY_RULE, effects=[spent],
                description="Goods went to the customer for whom they were kept.",
            ),
            step(
                "use_up", "active", "used_up", event="used_up", right=BY_RULE,
                description="Nothing is left of it.",
            ),
            step(
                "take_back", "active|used_up", "active", event="taken_back", right=BY_RULE,
                description="Goods that had gone to the customer are back at their place, and kept again.",
            ),
            step(
                "take_back", "released", "released", event="taken_back", right=BY_RULE,
                description="Goods that had gone to the customer are back at their place; what is left was let go.",
            ),
            step(
                "expire", "active", "active", event="expired", right=BY_RULE,
                description="Its time is over; told once, some time later.",
            ),
        ],
    )  # fmt: skip


def is_live(work: Work, paper: Reservation) -> bool:
    """Whether it keeps goods at this moment."""
    return paper.state == "active" and paper.held_until is not None and paper.held_until > work.now


def live(work: Work) -> ColumnElement[bool]:
    """Reservations that keep goods at this moment."""
    return and_(Reservation.state == "active", Reservation.held_until > work.now)
