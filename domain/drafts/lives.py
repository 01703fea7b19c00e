"""Rows of the tables of life that several kinds of papers share, with what they ask for, their guards and effects."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from domain.approvals import policy
from domain.kernel import text
from domain.kernel.commands import Ref, given, said
from domain.kernel.documents import Document, Line
from domain.kernel.editing import noun
from domain.kernel.errors import Archived, NotFound, NotReady, at
from domain.kernel.work import Work
from domain.kernel.workflow import BY_RULE, Effect, Guard, Step, Workflow, barred, step
from domain.parties.company import Company
from domain.stock.fulfilling import begin, begin_again, done, end


@given
class Reason:
    """Why."""

    reason: str = said("Why, in a sentence; it stays in the history.")


@given
class Yes:
    """A yes."""

    expected_version: int = said("The version you saw; a yes to anything else is refused.")
    reason: str | None = said("A remark for the history.", default=None)


@given
class No:
    """A no."""

    expected_version: int = said("The version you saw.")
    reason: str = said("Why not, in a sentence the requester can act on.")


@given
class Short:
    """Closing, with what is still open."""

    reason: str | None = said(
        "Why what is open will not come. Required if anything is open, or if the order was not confirmed.",
        default=None,
    )


def has_lines(_: Work, paper: Document) -> None:
    """Guard."""
    if not paper.lines:
        raise NotReady("The paper has no lines; add at least one.", path=("lines",))


def partner_in_use(_: Work, paper: Document) -> None:
    """Guard: the other side is there, was not put away, and new business with it is not on hold."""
    if paper.partner is None or paper.partner.archived_at is not None:
        came = paper.provenance_id is not None and any(line.accepted for line in paper.lines)
        close = " Or close the order: goods of it came." if came else ""
        raise Archived(f"The partner is archived; restore it or choose another.{close}", path=("partner",))
    paper.partner.must_do_business("partner")


def nothing_done(_: Work, order: Document) -> None:
    """Guard: what was done must be taken back, or the order closed, not cancelled."""
    if any(done(order, line) > 0 for line in order.lines):
        told = f"Something of it was done already; take that back, or close the {noun(type(order))} instead."
        raise barred(order, told, action="cancel")


def nothing_billed(_: Work, order: Document) -> None:
    """Guard."""
    if any(line.billed > line.credited for line in order.lines):
        raise barred(order, "It was billed; reverse or credit the bills first.", action="cancel")


def offer_holds(work: Work, paper: Document) -> None:
    """Guard of whatever is made from an offer."""
    today = work.find(Company, paper.company_id).today(work.now)
    if paper.valid_until is not None and paper.valid_until < today:
        raise NotReady(f"The offer held until {paper.valid_until}; ask for a new one.")


def keep_reason(_: Work, paper: Document, answer: Any) -> None:
    """Effect: the reason stays on the paper."""
    with at("reason"):
        paper.reason = text.paragraph(answer.reason) if answer.reason else None
    if paper.reason is None and (paper.state == "cancelled" or any(line.open_quantity for line in paper.lines)):
        raise NotReady("Say why; what is open will not come.", path=("reason",))


def own_lines(work: Work, paper: Document, refs: Iterable[Ref]) -> Callable[[Ref], Line]:
    """How lines of the paper are found by what an answer calls them; NotFound for those of others."""
    mine, named = {line.id: line for line in paper.lines}, work.find_all(Line, refs)

    def own_line(ref: Ref) -> Line:
        if ref not in named or named[ref].id not in mine:
            raise NotFound("There is no such line on this paper; check the id.", path=("line",))
        return mine[named[ref].id]

    return own_line


def under_approval(noun: str, right: str, *, guards: Sequence[Guard]) -> list[Step]:
    """From draft over submitted to approved and back: the part of a life that approval rules."""
    return [
        step(
            "submit", "draft", "submitted", event="submitted", right=right,
            description="Ask for approval. Approved at once if no rule asks for a yes.",
            guards=guards, effects=[policy.ask, policy.accompany],
        ),
        step(
            "clear", "submitted", "approved", event="cleared", right=BY_RULE, description="No rule asks for a yes.",
        ),
        step(
            "approve", "submitted", "approved", event="approved", right="purchase.approve",
            description=f"Say yes to the {noun} as it stands.",
            guards=[policy.independent], effects=[policy.approve], shape=Yes,
        ),
        step(
            "reject", "submitted", "draft", event="rejected", right="purchase.approve",
            description=f"Say no; the {noun} goes back to its writer with the reason.",
            guards=[policy.independent], effects=[policy.reject], shape=No,
        ),
        step(
            "revise", "submitted|approved", "draft", event="revised", right=right,
            description=f"Take the {noun} back for editing; an approval no longer holds.", effects=[policy.void],
        ),
    ]  # fmt: skip


def binding(
    before: str,
    right: str,
    *,
    confirming: str,
    guards: Sequence[Guard],
    closing: Sequence[Effect] = (),
    reopening: Sequence[Guard] = (),
) -> list[Step]:
    """From the state `before` to confirmed, closed or cancelled: the part of a life in which an order binds."""
    return [
        step(
            "confirm", before, "confirmed", event="confirmed", right=right, description=confirming,
            guards=guards, effects=[begin],
        ),
        step(
            "close", "confirmed", "closed", event="closed", right=right,
            description="Finish the order; what is still open is given up, with a reason.",
            effects=[keep_reason, *closing, end], shape=Short,
        ),
        step(
            "reopen", "closed", "confirmed", event="reopened", right=right,
            description="Expect again what was given up on closing.", guards=reopening, effects=[begin_again],
        ),
    ]  # fmt: skip


def posting(
    noun: str,
    right: str,
    *,
    means: str,
    writing: str = "",
    needs: Guard = has_lines,
    guards: Iterable[Guard] = (),
    effects: Iterable[Effect] = (),
    undoing: Iterable[Guard] = (),
    undone: Iterable[Effect] = (),
) -> Workflow:
    """The life of a paper that takes effect when it is posted, and is taken back by a paper of its own alone.

    `guards` and `effects` are of posting, `undoing` and `undone` of reversing; only what passes `needs` is posted.
    """
    return Workflow(
        "draft",
        {
            "draft": "Being written; nothing follows from it yet.",
            "posted": means,
            "reversed": "Taken back by a paper of its own, which `reverses` this one.",
            "cancelled": "Never took effect.",
        },
        [
            step(
                "post", "draft", "posted", event="posted", right=right,
                description=f"Let the {noun} take effect; from then on it can only be reversed.",
                guards=[needs, *guards], effects=[_posted, *effects],
            ),
            step(
                "cancel", "draft", "cancelled", event="cancelled", right=writing or right,
                description=f"Give the {noun} up before it took effect.", effects=[keep_reason], shape=Reason,
            ),
            step(
                "reverse", "posted", "reversed", event="reversed", right=right,
                description=f"Take the {noun} back by a paper of its own.", guards=undoing, effects=undone,
            ),
        ],
    )  # fmt: skip


def issued(work: Work, paper: Document, _: Any) -> None:
    """Effect: the other side knows of it from now on."""
    paper.issued_at = work.now


def taken_back(_: Work, paper: Document, __: Any) -> None:
    """Effect: the other side knows of it no longer, until it is issued again."""
    paper.issued_at = None


def _posted(work: Work, paper: Document, _: Any) -> None:
    paper.posted_at = paper.issued_at = work.now
