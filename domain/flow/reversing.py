"""What was posted is taken back by a paper of its own, of the same kind: a mirror that undoes all that followed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from domain.accounting import entering as accounting
from domain.drafts.dating import dated
from domain.flow.foreseeing import resting, seen_sources
from domain.flow.settling import link
from domain.flow.table import REVERSES, begetting
from domain.invoicing import payment  # noqa: F401 - a kind that nothing begets
from domain.invoicing.allocating import settled_with
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, devised, said
from domain.kernel.documents import Charge, Document, TaxAmount
from domain.kernel.editing import noun as noun_of
from domain.kernel.errors import at
from domain.kernel.papers import hold, issue, kinds, number
from domain.kernel.work import Work
from domain.kernel.workflow import BARS, Step, barred, take
from domain.parties.company import Company
from domain.stock import ledger
from domain.stock.fulfilling import expects

INSTEAD = {"closed": "reopen it first.", "cancelled": "what came of it stays as it is."}
"""States of a paper in which what was made from it is not taken back, with what to do instead."""


def reverse(work: Work, paper: Document, reason: str) -> Document:
    """Take a posted paper back; answers with the paper that does. It and those it was made from are locked."""
    with at("reason"):
        paper.reason = text.paragraph(reason)
    take(work, paper, "reverse")
    mirror = _mirror(work, paper)
    if paper.route is not None:
        there = {line.id: mine.id for line, mine in zip(paper.lines, mirror.lines, strict=True)}
        legs = [replace(leg, line=there[leg.line]) for leg in ledger.reversed_legs(work, there) if leg.line]
        ledger.post(work, paper.company_id, legs, dated=mirror.dated)
    for entry in accounting.undo(work, paper, mirror):
        mirror.accounting_date = entry.accounting_date
    number(work, mirror)
    return mirror


def may_be_taken_back(work: Work, paper: object, step: Step) -> None:
    """Only what nothing else rests on is taken back, once, and while those it was made from let it."""
    if not isinstance(paper, Document) or step.target != "reversed":
        return
    if paper.reverses_id is not None:
        raise barred(paper, "This paper is itself a reversal; write a new one instead.", action="reverse")
    _must_be_free(work, paper)
    for source in seen_sources(work, paper):
        row = begetting(type(source), type(paper))
        if row and expects(source) and source.state in INSTEAD and source.state not in row.states.split("|"):
            raise barred(source, f"{source.number} is {source.state}; {INSTEAD[source.state]}")


def _must_be_free(work: Work, paper: Document) -> None:
    """Refuse to take back what others that are in force were made from."""
    if (number := resting(work, paper)) is not None:
        raise barred(paper, f"{number} was made from it; take that back first.", action="reverse")


def _mirror(work: Work, paper: Document) -> Document:
    company = work.find(Company, paper.company_id)
    mirror = type(paper)(
        state="posted", reverses_id=paper.id, dated=dated(work, company, type(paper), None), posted_at=work.now,
        issued_at=work.now, edited_by=work.actor.signature, custom=dict(paper.custom),
        lines=[], **{name: getattr(paper, name) for name in _COPIED},
    )  # fmt: skip
    for line in paper.lines:
        mine = line.again(position=line.position, quantity=line.quantity)
        mine.on_terms_of(line)
        for name in ("received", "rejected", "accepted", "amount", "counted", "booked"):
            setattr(mine, name, getattr(line, name))
        mine.difference = None if line.difference is None else -line.difference
        mirror.lines.append(mine)
    mirror.charges = [_same_charge(one) for one in paper.charges]
    mirror.taxes = [_same_tax(one) for one in paper.taxes]
    issue(work, mirror)
    for mine, line in zip(mirror.lines, paper.lines, strict=True):
        link(work, mine, line, REVERSES, quantity=line.quantity, rejected=line.rejected)
    return mirror


def _same_charge(one: Charge) -> Charge:
    charge = one.again(one.amount, position=one.position)
    charge.gross = one.gross
    return charge


def _same_tax(one: TaxAmount) -> TaxAmount:
    names = {column.key for column in one.__table__.columns} - {"tenant_id", "id", "document_id"}
    return TaxAmount(**{name: getattr(one, name) for name in names})


_COPIED = (
    "company_id", "partner_id", "partner_reference", "buyer_reference", "currency", "exchange_rate", "location_id",
    "destination_id", "payment_term_id", "payment_direction", "payment_side", "payment_method", "bank_account_id",
    "invoice_address_id", "delivery_address_id", "tax_position_id", "tax_rounding", "reason", "lines_amount",
    "charges_amount", "untaxed", "tax", "total",
    "company_untaxed", "frozen", "accounting_date",
)  # fmt: skip


def _reversing(kind: type[Document]) -> type[Command]:
    (row,) = (one for one in kind.workflow.steps if one.action == "reverse")
    noun = noun_of(kind)
    asked: dict[str, tuple[Any, Any]] = {
        "id": (Ref, said(f"The {noun}.")),
        "reason": (str, said("Why, in a sentence; it stays in the history.")),
        "expected_version": (
            int | Absent, said("The version you saw; refused if it has changed since.", default=ABSENT)
        ),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Document:
        with at("id"):
            id = work.id_of(kind, self.id)
            hold(work, {id, *settled_with(work, [id])})
        version = None if self.expected_version is ABSENT else self.expected_version
        return reverse(work, work.locked(kind, self.id, version, *kind.whole()), self.reason)

    manual = f"{row.description} Answers with that paper."
    name = f"Reverse{kind.__name__}"
    return devised(name, manual, asked, act, right=row.right, answers=kind, module=__name__)


BARS.append(may_be_taken_back)
REVERSALS = {
    kind: _reversing(kind) for kind in kinds().values() if any(one.action == "reverse" for one in kind.workflow.steps)
}
"""The command by which papers of a kind are taken back."""
ReverseReceipt: Any = next(made for kind, made in REVERSALS.items() if kind.__name__ == "Receipt")
