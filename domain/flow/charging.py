"""How charges go over to the papers that are made from others: whole and once, or given back in parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from domain.flow.taking import Taken
from domain.kernel.base import again
from domain.kernel.commands import Ref, given, said
from domain.kernel.decimals import checked, currency_digits
from domain.kernel.documents import IDLE, ZERO, Charge, Document
from domain.kernel.errors import BadInput, NotFound, NothingLeft, Refusals, at
from domain.kernel.totals import stated
from domain.kernel.work import Work

GIVING_BACK = frozenset({"credits", "claims"})
"""Relations by which something is given back; charges go with the last of the goods, unless it is said how much."""
GONE = frozenset({"cancelled", "reversed"})


@given
class CreditedCharge:
    """What is given back, or claimed, of one charge."""

    charge: Ref = said("The charge.")
    amount: Decimal = said("How much, stated as the charge is; negative for an allowance.")


Part = tuple[Charge, Decimal]
"""A charge, and how much of it, as stated."""


def charges_of(work: Work, taken: Sequence[Taken], relation: str, told: Sequence[CreditedCharge] | None) -> list[Part]:
    """The charges that go over to a paper that is made of these lines.

    What is left of a charge goes with the first paper that is made of its own, drafts included; when something is given
    back, with the paper that takes the last of the goods, or as told.
    """
    papers = dict.fromkeys(one.agreed_on for one in taken)
    charges = {charge.id: charge for paper in papers for charge in paper.charges}
    if told is not None:
        return _chosen(work, told, charges, next(iter(papers)).currency)
    gone = carried(work, charges, GONE)
    lines = {one.agreed.id: one.quantity for one in taken}
    whole = {
        paper
        for paper in papers
        if all(lines.get(line.id, ZERO) >= line.quantity - line.credited for line in paper.lines)
    }
    return [
        (charge, left)
        for paper in papers
        if relation not in GIVING_BACK or paper in whole
        for charge in paper.charges
        if (left := stated(charge) - gone.get(charge.id, ZERO))
    ]


def _chosen(work: Work, told: Sequence[CreditedCharge], charges: dict[UUID, Charge], currency: str) -> list[Part]:
    known = work.find_all(Charge, [one.charge for one in told])
    gone = carried(work, charges, IDLE)
    refusals, found = Refusals(), dict[UUID, Part]()
    for index, one in enumerate(told):
        with refusals.at("charges", index):
            charge = charges.get(known[one.charge].id) if one.charge in known else None
            if charge is None:
                raise NotFound("There is no such charge on the papers of these lines; check the id.", path=("charge",))
            if charge.id in found:
                raise BadInput("This charge is named twice; add the amounts up.", path=("charge",))
            with at("amount"):
                amount = checked(one.amount, digits=currency_digits(currency))
                _within(charge, amount, stated(charge) - gone.get(charge.id, ZERO))
            found[charge.id] = charge, amount
    refusals.settle()
    return list(found.values())


def _within(charge: Charge, amount: Decimal, left: Decimal) -> None:
    """Refuse an amount that is not between nothing and what is left of a charge, be it an allowance."""
    if amount == 0 or not min(left, ZERO) <= amount <= max(left, ZERO):
        raise NothingLeft(f"Of {charge.text} {left} is left; give back something of that.", left=left)


def must_be_left_of_charges(work: Work, paper: Document) -> None:
    """Refuse a paper that gives back more of a charge than is left, at the charge; it does not count yet."""
    origins = {charge.origin_id for charge in paper.charges if charge.origin_id}
    if not origins:
        return
    statement = select(Charge).where(Charge.tenant_id == work.actor.tenant, Charge.id.in_(origins))
    known = {charge.id: charge for charge in work.session.scalars(statement)}
    gone = carried(work, origins, IDLE, beside=paper)
    refusals = Refusals()
    for index, charge in enumerate(paper.charges):
        if charge.origin_id in known:
            origin = known[charge.origin_id]
            with refusals.at("charges", index, "amount"):
                _within(origin, stated(charge), stated(origin) - gone.get(origin.id, ZERO))
    refusals.settle()


def carried(
    work: Work, charges: Iterable[UUID], idle: Iterable[str], *, beside: Document | None = None
) -> dict[UUID, Decimal]:
    """What papers that are not in one of these states, other than `beside`, took of charges, as stated.

    Where their currency is another, it is all of a charge.
    """
    origin, theirs = again(Charge, "origin"), again(Document, "theirs")
    mine = again(Document, "mine")
    whole, part = (func.coalesce(one.gross, one.amount) for one in (origin, Charge))
    statement = (
        select(origin.id, theirs.currency == mine.currency, whole, func.sum(part))
        .join(Charge, (Charge.tenant_id == origin.tenant_id) & (Charge.origin_id == origin.id))
        .join(theirs, (theirs.tenant_id == Charge.tenant_id) & (theirs.id == Charge.document_id))
        .join(mine, (mine.tenant_id == origin.tenant_id) & (mine.id == origin.document_id))
        .where(origin.tenant_id == work.actor.tenant, origin.id.in_(list(charges)))
        .where(theirs.state.not_in(list(idle)), theirs.reverses_id.is_(None))
        .group_by(origin.id, theirs.currency == mine.currency, whole)
    )
    if beside is not None:
        statement = statement.where(theirs.id != beside.id)
    found: dict[UUID, Decimal] = {}
    for id, same, all_of_it, some in work.session.execute(statement):
        found[id] = all_of_it if not same else found.get(id, ZERO) + some
    return found
