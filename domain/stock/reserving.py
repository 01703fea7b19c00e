"""How goods are reserved, for longer or shorter, and let go: first come, first served."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.decimals import checked, product_of, ratio, rounded
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.errors import BadInput, NotFound, Refusals, at
from domain.kernel.fields import LATEST
from domain.kernel.papers import hold, issue
from domain.kernel.plugin import custom_values
from domain.kernel.work import Work
from domain.kernel.workflow import barred, take
from domain.parties.company import Company, company_of
from domain.parties.partner import Partner
from domain.stock import ledger
from domain.stock.goods import Goods, taken
from domain.stock.holding import RESERVES, reserved
from domain.stock.ledger import Place
from domain.stock.reservation import RIGHT, Reservation, is_live

ENDED = frozenset({"closed", "cancelled"})
"""States of an order for which nothing is kept any more."""


@given
class ReservedLine:
    """So much of one product, at one place."""

    product: Ref = said("What to keep; a product kept in stock.")
    quantity: Decimal = said("How much, in `unit`.")
    unit: Ref | None = said("The unit of the quantity; the product's stock unit if not given.", default=None)
    location: Ref | None = said("Where it lies; the paper's location if not given.", default=None)
    line: Ref | None = said(
        "The line of the customer's order for which it is kept, and for no other line; for any of the customer's if "
        "not given.",
        default=None,
    )


@given
class ReleasedLine:
    """What to let go of one line."""

    line: Ref = said("The line of the reservation.")
    quantity: Decimal = said("How much, in the product's stock unit.")


@command(right=RIGHT, answers=Reservation)
class CreateReservation(Command):
    """Keep goods for a customer until a moment, all of them or none: INSUFFICIENT_STOCK where there are too few.

    Nobody else can take them meanwhile, and no other reservation can have them.
    """

    customer: Ref = said("For whom; must be a partner with that role.")
    company: Ref | None = said("Whose goods; needed only if you work for several companies.", default=None)
    held_until: datetime = said("The moment from which on nothing is kept any more; in the future.")
    location: Ref | None = said(
        "Where the goods lie, where a line does not say otherwise; the company's receiving location if not given.",
        default=None,
    )
    customer_reference: str | None = said("The customer's number for it.", default=None)
    note: str | None = said("A remark.", default=None)
    lines: Sequence[ReservedLine] = said("What to keep, at most 1,000 lines.")
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)

    def act(self, work: Work) -> Reservation:
        company = company_of(work, self.company, "company")
        paper = Reservation(
            company_id=company.id, partner_id=_customer(work, self.customer).id, state="active",
            dated=company.today(work.now), currency=company.currency, exchange_rate=Decimal(1),
            held_until=_until(work, self.held_until), edited_by=work.actor.signature, issued_at=work.now,
            custom=custom_values("reservation", self.custom or {}),
        )  # fmt: skip
        with at("customerReference"):
            paper.partner_reference = text.line(self.customer_reference) if self.customer_reference else None
        with at("note"):
            paper.note = text.paragraph(self.note) if self.note else None
        claims = _write(work, company, paper, self)
        _must_be_free(work, paper, [(_place(line), line.quantity) for line in paper.lines], {})
        for line in paper.lines:
            line.open_quantity = line.quantity
        paper.issued_at = work.now
        issue(work, paper)
        for mine, theirs in claims:
            quantity = rounded(ratio(product_of(mine.quantity, theirs.stock_denominator), theirs.stock_numerator), 6)
            work.add(LineLink(from_line_id=mine.id, to_line_id=theirs.id, relation=RESERVES, quantity=quantity))
        return paper


@command(right=RIGHT, answers=Reservation)
class RescheduleReservation(Command):
    """Keep the goods until another moment, later or earlier.

    If its time is over, it keeps them again, as far as nobody else has what it needs meanwhile.
    """

    id: Ref = said("The reservation.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    held_until: datetime = said("The moment from which on nothing is kept any more; in the future.")

    def act(self, work: Work) -> Reservation:
        paper = _locked(work, self)
        until = _until(work, self.held_until)
        paper.workflow.step("reschedule", paper.state)
        _must_be_free(work, paper, [(_place(line), line.open_quantity) for line in paper.lines], _kept(work, paper))
        paper.held_until, paper.expired_at = until, None
        take(work, paper, "reschedule")
        return paper


@command(right=RIGHT, answers=Reservation)
class ReleaseReservation(Command):
    """Let reserved goods go, all that is left of them or some, whether the time is over or not."""

    id: Ref = said("The reservation.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    lines: Sequence[ReleasedLine] | None = said("What to let go; all that is left if not given.", default=None)
    reason: str | None = said("Why; it stays in the history.", default=None)

    def act(self, work: Work) -> Reservation:
        paper = _locked(work, self)
        paper.workflow.step("release", paper.state)
        with at("reason"):
            paper.reason = text.paragraph(self.reason) if self.reason else paper.reason
        for line, quantity in self._let_go(work, paper):
            line.closed += quantity
            line.open_quantity -= quantity
        take(work, paper, "let_go" if any(line.open_quantity for line in paper.lines) else "release")
        return paper

    def _let_go(self, work: Work, paper: Reservation) -> list[tuple[Line, Decimal]]:
        if self.lines is None:
            return [(line, line.open_quantity) for line in paper.lines]
        named = work.find_all(Line, [one.line for one in self.lines])
        mine = {line.id: line for line in paper.lines}
        refusals, found = Refusals(), dict[UUID, tuple[Line, Decimal]]()
        for index, one in enumerate(self.lines):
            with refusals.at("lines", index):
                line = mine.get(named[one.line].id) if one.line in named else None
                if line is None:
                    raise NotFound("There is no such line on the reservation; check the id.", path=("line",))
                if line.id in found:
                    raise BadInput("This line is named twice; add the quantities up.", path=("line",))
                found[line.id] = line, _part(line, one.quantity)
        refusals.settle()
        return list(found.values())


def _part(line: Line, quantity: Decimal) -> Decimal:
    with at("quantity"):
        part = checked(quantity, digits=line.stock_digits, above=ZERO)
        if part > line.open_quantity:
            raise BadInput(f"Only {line.open_quantity} are left; give at most that.")
        return part


def _locked(work: Work, asked: RescheduleReservation | ReleaseReservation) -> Reservation:
    version = None if asked.expected_version is ABSENT else asked.expected_version
    return work.locked(Reservation, asked.id, version, *Document.whole())


def _customer(work: Work, named: Ref) -> Partner:
    partner = work.choose(Partner, named, "customer")
    if not partner.is_customer:
        raise BadInput(f"{partner.name} is not a customer; give the partner that role first.", path=("customer",))
    partner.must_do_business("customer")
    return partner


def _until(work: Work, moment: datetime) -> datetime:
    if moment <= work.now:
        raise BadInput("That moment is over; give one in the future.", path=("heldUntil",))
    if moment.date() > LATEST:
        raise BadInput(f"Out of range; give a moment before {LATEST}.", path=("heldUntil",))
    return moment


def _write(work: Work, company: Company, paper: Reservation, asked: CreateReservation) -> list[tuple[Line, Line]]:
    """Write the lines; answers which of them are kept for which lines of other papers."""
    if not asked.lines:
        raise BadInput("Say what to keep; give at least one line.", path=("lines",))
    goods = Goods(work, company.id, asked.lines, asked.location)
    paper.location_id = goods.place(asked.location, "location") or ledger.receiving_location(work, company.id)
    orders = _orders(work, asked.lines)
    refusals, claims = Refusals(), list[tuple[Line, Line]]()
    for index, one in enumerate(asked.lines):
        with refusals.at("lines", index):
            line = taken(goods, one, place=paper.location_id)
            line.position = index + 1
            paper.lines.append(line)
            if one.line is not None:
                claims.append((line, _claimed(paper, line, orders.get(one.line))))
    refusals.settle()
    return claims


Ordered = tuple[Line, Document]


def _orders(work: Work, lines: Iterable[ReservedLine]) -> dict[Ref, Ordered]:
    """The lines of papers for which goods are kept, those that the actor sees; the papers are held."""
    named = work.find_all(Line, [one.line for one in lines])
    papers = {paper.id: paper for paper in hold(work, {line.document_id for line in named.values()})}
    return {
        ref: (line, papers[line.document_id])
        for ref, line in named.items()
        if isinstance(ref, Ref) and line.document_id in papers
    }


def _claimed(paper: Reservation, mine: Line, ordered: Ordered | None) -> Line:
    with at("line"):
        if ordered is None:
            raise NotFound
        line, order = ordered
        if (order.company_id, order.partner_id) != (paper.company_id, paper.partner_id):
            raise BadInput("Choose a line of a paper of this customer and company.")
        if line.product_id != mine.product_id:
            raise BadInput("That line is for another product.")
        if order.state in ENDED:
            raise barred(order, f"{order.number} is {order.state}; choose a line by which something is still to go.")
        return line


def _must_be_free(
    work: Work, paper: Reservation, wanted: Sequence[tuple[Place, Decimal]], own: Mapping[Place, Decimal]
) -> None:
    """Lock the places and see that there is enough beside what others have reserved; `own` is what counts already."""
    held = ledger.positions(work, paper.company_id, [place for place, _ in wanted])
    kept = reserved(work, held)
    refusals, needed = Refusals(), defaultdict[Place, Decimal](Decimal)
    for index, (place, quantity) in enumerate(wanted):
        with refusals.at("lines", index, "quantity"):
            needed[place] += quantity
            ledger.must_be_free(held[place], needed[place], kept.get(place, ZERO) - own.get(place, ZERO))
    refusals.settle()


def _kept(work: Work, paper: Reservation) -> dict[Place, Decimal]:
    """What a reservation keeps at this moment."""
    found: defaultdict[Place, Decimal] = defaultdict(Decimal)
    for line in paper.lines if is_live(work, paper) else ():
        found[_place(line)] += line.open_quantity
    return found


def _place(line: Line) -> Place:
    if line.product_id is None or line.location_id is None:
        raise TypeError("a reservation is of goods at a place")
    return line.product_id, line.location_id
