"""How credits settle debts, and how that is taken back; the books follow at once.

A debt is paid at the rate of the credit's day: what both stood in the books at is taken down, and the difference is
what the rates made of it. What is settled is settled in both currencies.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from domain.accounting import settling as accounting
from domain.invoicing.allocation import Allocation
from domain.invoicing.instalment import Instalment
from domain.invoicing.spending import Purse, Wanted, open_of
from domain.invoicing.standing import conclude, instalments_of, is_open, stand
from domain.kernel.documents import ZERO, Document
from domain.kernel.editing import noun
from domain.kernel.errors import BadInput, Conflict, NothingLeft, at
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company


def allocate(
    work: Work, credit: Document, wanted: Sequence[Wanted], *, path: str = "", day: date | None = None
) -> list[Allocation]:
    """Settle debts with a credit in this order, as far as it goes; all are held, and each is named once.

    It counts for `day`, or else for that of the later paper. `path` is where the request names the debts.
    """
    for index, one in enumerate(wanted):
        with at(*_place(path, index)):
            _must_fit(credit, one.debt)
    papers = [credit, *(one.debt for one in wanted)]
    rows = instalments_of(work, papers)
    purse = Purse(work, credit, rows[credit.id][0])
    if not open_of(rows[credit.id]):
        raise NothingLeft(f"Nothing is left of {credit.number}.", left=ZERO)
    for index, one in enumerate(wanted):
        with at(*_place(path, index)):
            purse.exchange(one.debt)
    short = purse.is_short(wanted, rows)
    for index, one in enumerate(wanted):
        with at(*_place(path, index)):
            on = day or max(credit.dated, one.debt.dated)
            purse.spend(one, rows[one.debt.id], on, discounted=_takes_discount(credit, one, rows, short=short))
    purse.round_off()
    _book(work, purse.made, {paper.id: paper for paper in papers}, rows)
    return purse.made


def release(work: Work, allocations: Sequence[Allocation]) -> None:
    """Take allocations back: what they settled is open again, to the last cent. Their papers are held."""
    papers = {id: _held(work, id) for one in allocations for id in (one.credit_id, one.debt_id)}
    rows = instalments_of(work, papers.values())
    known = {row.id: row for some in rows.values() for row in some}
    for one in allocations:
        debt, credit = known[one.debt_instalment_id], known[one.credit_instalment_id]
        debt.residual, debt.open_value = debt.residual + one.settled, debt.open_value + one.debt_value
        credit.residual, credit.open_value = credit.residual + one.spent, credit.open_value + one.credit_value
        day = work.find(Company, one.company_id).today(work.now)
        one.released_on, one.released_at, one.released_by = day, work.now, work.actor.signature
        if one.entry_id is not None:
            accounting.take_back(work, one.entry_id, papers[one.credit_id], day)
    for id, paper in papers.items():
        conclude(paper, rows[id])
        work.note(paper, "unsettled")


def release_all(work: Work, paper: Document) -> None:
    """Take back whatever a paper settled or was settled by; then nothing of it is open. Their papers are held."""
    release(work, allocations_of(work, [paper.id]))
    for row in instalments_of(work, [paper])[paper.id]:
        row.residual = row.open_value = ZERO
    paper.residual, paper.due_on, paper.payment_state = ZERO, None, "none"


def allocations_of(work: Work, papers: Iterable[UUID]) -> list[Allocation]:
    """The allocations that count and have one of these papers at an end, the oldest first."""
    ids = list(papers)
    statement = (
        select(Allocation)
        .where(Allocation.tenant_id == work.actor.tenant, Allocation.released_on.is_(None))
        .where(or_(Allocation.credit_id.in_(ids), Allocation.debt_id.in_(ids)))
        .order_by(Allocation.id)
        .execution_options(populate_existing=True)
    )
    return list(work.session.scalars(statement))


def settled_with(work: Work, papers: Iterable[UUID]) -> set[UUID]:
    """The papers at both ends of the allocations of these; whoever takes one back must hold them all."""
    return {id for one in allocations_of(work, papers) for id in (one.credit_id, one.debt_id)}


def must_be_open(paper: Document) -> None:
    """Refuse a paper that is a draft or was taken back."""
    name = paper.number or f"This {noun(type(paper))}"
    if paper.reverses_id is not None:
        raise barred(paper, f"{name} takes another paper back; there is nothing to settle.")
    if not is_open(paper):
        raise barred(paper, f"{name} is {paper.state}; only what is posted settles or is settled.")


def something_open(_: Work, paper: Document) -> None:
    """Guard of what settles a paper or settles others with it."""
    must_be_open(paper)
    if not paper.residual:
        told = "It is settled" if (found := stand(paper)) and found.is_debt else "It is used up"
        raise NothingLeft(f"{told}; nothing of it is open.", left=ZERO, path=("id",))


def _must_fit(credit: Document, debt: Document) -> None:
    mine, theirs = stand(credit), stand(debt)
    with at("document"):
        if mine is None or theirs is None or mine.side != theirs.side or mine.is_debt or not theirs.is_debt:
            raise BadInput(f"A {noun(type(credit))} like this does not settle a {noun(type(debt))} like that.")
        if debt.company_id != credit.company_id:
            raise BadInput("This is a paper of another company; each pays its own.")
        if debt.partner_id != credit.partner_id:
            raise BadInput("This is a paper of another partner; write a payment for each.")
        for paper in (credit, debt):
            must_be_open(paper)


def _takes_discount(credit: Document, one: Wanted, rows: dict[UUID, list[Instalment]], *, short: bool) -> bool:
    """As was said; else payments take it where there is not enough without it."""
    if one.discount is not None:
        return one.discount
    if credit.payment_side is None:
        return False
    return short if one.amount is None else one.amount < open_of(rows[one.debt.id])


def _book(
    work: Work, made: Sequence[Allocation], papers: dict[UUID, Document], rows: dict[UUID, list[Instalment]]
) -> None:
    """What follows from allocations for their papers, and for the books."""
    for id in dict.fromkeys(id for one in made for id in (one.debt_id, one.credit_id)):
        conclude(papers[id], rows[id])
    work.session.flush()
    due = {row.id: row.due_on for some in rows.values() for row in some}
    for one in made:
        entry = accounting.settle(work, papers[one.credit_id], papers[one.debt_id], _figures(one, due), one.dated)
        one.entry_id = entry.id if entry is not None else None
    for id in dict.fromkeys(one.debt_id for one in made):
        work.note(papers[id], "settled")
    for id in dict.fromkeys(one.credit_id for one in made):
        work.note(papers[id], "allocated")


def _figures(one: Allocation, due: dict[UUID, date]) -> accounting.Figures:
    given_up = one.discount_value + one.written_off_value
    return accounting.Figures(
        amount=one.amount, amount_value=one.debt_value - given_up, used=one.used,
        used_value=one.credit_value - one.credit_written_off_value, discount=one.discount,
        discount_value=one.discount_value, written_off=one.written_off, written_off_value=one.written_off_value,
        credit_written_off=one.credit_written_off, credit_written_off_value=one.credit_written_off_value,
        debt_due=due[one.debt_instalment_id], credit_due=due[one.credit_instalment_id],
    )  # fmt: skip


def _held(work: Work, id: UUID) -> Document:
    paper = work.held.get(id)
    if not isinstance(paper, Document):
        raise Conflict("It settles a paper that it did not a moment ago; try again.")
    return paper


def _place(path: str, index: int) -> tuple[str | int, ...]:
    return (path, index) if path else ()
