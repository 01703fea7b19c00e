"""How payments are written, posted and allocated; and bills and invoices paid in one stroke."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Select, and_, false, or_, select

from domain.drafts import heads
from domain.drafts.dating import dated
from domain.drafts.writing import ANYONE, Draft, drafting
from domain.invoicing.allocating import allocate, release, something_open
from domain.invoicing.allocation import Allocation
from domain.invoicing.bill import VendorBill, VendorCreditNote
from domain.invoicing.invoice import CreditNote, CustomerInvoice
from domain.invoicing.payment import Payment, reckoned
from domain.invoicing.spending import Wanted, discount
from domain.invoicing.standing import CREDITS, DEBTS, DIRECTIONS, OWN_WAY, instalments_of, is_open, stand
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, devised, given, said
from domain.kernel.documents import ZERO, Document
from domain.kernel.editing import noun as noun_of
from domain.kernel.errors import BadInput, NotFound, NothingLeft, at
from domain.kernel.papers import hold, issue, kind_of
from domain.kernel.work import Work
from domain.kernel.workflow import Guard, Step, allow, step, take
from domain.parties.company import Company

VERSION = (int | Absent, said("The version you saw; refused if it has changed since.", default=ABSENT))
NONE_OPEN = "Nothing that it could settle is open; it stays as the partner's credit."
HOW = ("bank_account", "payment_method", "reference", "note")

CreatePayment, UpdatePayment, CopyPayment = drafting(
    Draft(
        kind=Payment, right="invoice.write", side=None, partner=ANYONE, needed=("amount", "direction"),
        head=("side", *HOW), reckoned=reckoned,
        manual="Write a draft of a payment: money that came in or went out, or is about to. `payVendorBill` and "
        "`payCustomerInvoice` write and post one in one stroke.",
    )
)  # fmt: skip


@given
class SettledPaper:
    """What is settled with another paper, and how much of it."""

    document: Ref = said("The paper: a bill or an invoice, or of a refund the credit that is paid out.")
    amount: Decimal | None = said(
        "How much is paid, in the currency of what is owed, discount not counted; if not given, as much as there is.",
        default=None,
    )
    take_discount: bool | None = said(
        "Whether the discount for paying early is taken, within its date; if not given, where the money does not reach "
        "otherwise.",
        default=None,
    )


STATED = said(
    "What it settles, in this order. If not given, what is open of the same partner, company and currency, what is due "
    "first before the rest; an empty list settles nothing yet.",
    default=None,
)


@command(right="invoice.post", answers=Payment)
class PostPayment(Command):
    """Let a payment take effect, and settle papers with it. What of it is left stays as the partner's credit."""

    id: Ref = said("The payment.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    allocations: Sequence[SettledPaper] | None = STATED

    def act(self, work: Work) -> Payment:
        found, others = _held_with(work, Payment, self)
        payment: Payment = found
        take(work, payment, "post")
        _settle(work, payment, others, self.allocations)
        return payment


def _settling(action: str, event: str, manual: str, *guards: Guard) -> Step:
    """The row of a table of life by which papers are settled while they stay posted."""
    return step(action, "posted", "posted", event=event, right="invoice.post", description=manual, guards=guards)


def _others_open(work: Work, paper: Document) -> None:
    """Guard: there is something of the partner that the paper could settle or be settled with, in any currency."""
    if not work.session.scalars(_open_others(paper).limit(1)).first():
        raise NothingLeft(NONE_OPEN, left=ZERO, path=("allocations",))


def _allocating(kind: type[Document], manual: str) -> type[Command]:
    noun = noun_of(kind)
    asked = {
        "id": (Ref, said(f"The {noun}.")),
        "expected_version": VERSION,
        "allocations": (Sequence[SettledPaper] | None, STATED),
    }

    def act(self: Any, work: Work) -> Any:
        paper, others = _held_with(work, kind, self)
        allow(work, paper, "allocate")
        company = work.find(Company, paper.company_id)
        if not _settle(work, paper, others, self.allocations, day=company.today(work.now)):
            raise NothingLeft(NONE_OPEN, left=ZERO, path=("allocations",))
        return paper

    name = f"Allocate{kind.__name__}"
    kind.workflow.extend([_settling("allocate", "allocated", manual, something_open, _others_open)])
    return devised(name, manual, asked, act, right="invoice.post", answers=kind, module=__name__)


AllocatePayment = _allocating(
    Payment, "Settle papers with what is left of a payment. Of a refund: say which credits it pays out."
)
AllocateCreditNote = _allocating(CreditNote, "Settle invoices of the customer with what is left of a credit note.")
AllocateVendorCreditNote = _allocating(
    VendorCreditNote, "Settle bills of the vendor with what is left of a credit note."
)


@command(right="invoice.post", answers=Allocation)
class Unallocate(Command):
    """Take an allocation back: what it settled is open again on either side, and the books say so."""

    id: Ref = said("The allocation.")

    def act(self, work: Work) -> Allocation:
        with at("id"):
            found = work.find(Allocation, self.id)
            hold(work, {found.credit_id, found.debt_id})
            work.session.refresh(found)
            if found.released_on is not None:
                raise NothingLeft("It was taken back already.", left=ZERO)
        release(work, [found])
        return found


def _paying(kind: type[Document]) -> type[Command]:
    """The command that pays one paper in one stroke."""
    noun = noun_of(kind)
    asked = {
        "id": (Ref, said(f"The {noun}.")),
        "expected_version": VERSION,
        "amount": (
            Decimal | None,
            said(f"How much, in the currency of the {noun}; all that is open, if not given.", default=None),
        ),
        "take_discount": (
            bool | None,
            said(
                "Whether the discount for paying early is taken, within its date. If not given, it is where no amount "
                "is, or where the amount does not reach otherwise.",
                default=None,
            ),
        ),
        "keep_rest": (
            bool,
            said("Whether what is more than is open stays as the partner's credit; else it is refused.", default=False),
        ),
        "dated": (date | None, said("When the money moved; today if not given.", default=None)),
        **heads.asked(HOW),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Payment:
        with at("id"):
            hold(work, [work.id_of(kind, self.id)])
        paper = work.locked(kind, self.id, None if self.expected_version is ABSENT else self.expected_version)
        return _pay(work, paper, self)

    name = f"Pay{kind.__name__}"
    manual = f"Pay a {noun}, whole or in part: a payment is written, posted and allocated. Answers with the payment."
    kind.workflow.extend([_settling("pay", "settled", manual, something_open)])
    return devised(name, manual, asked, act, right="invoice.post", answers=Payment, module=__name__)


OWED = {VendorBill: "payables", CustomerInvoice: "receivables"}
PayVendorBill, PayCustomerInvoice = map(_paying, OWED)


def _pay(work: Work, paper: Document, told: Any) -> Payment:
    allow(work, paper, "pay")
    company, side = work.find(Company, paper.company_id), OWED[type(paper)]
    payment = Payment(
        company_id=company.id, partner_id=paper.partner_id, state="draft", currency=paper.currency, custom={},
        payment_direction=OWN_WAY[side], payment_side=side, edited_by=work.actor.signature,
        dated=dated(work, company, Payment, told.dated), lines=[], charges=[], taxes=[],
    )  # fmt: skip
    with at("amount"):
        amount = _due(work, paper, payment.dated, told) if told.amount is None else told.amount
        heads.HEAD["amount"].put(work, payment, amount)
        if payment.total > paper.residual and not told.keep_rest:
            raise NothingLeft(
                f"Only {paper.residual} of it is open; pay no more, or say `keepRest`.", left=paper.residual
            )
    heads.put(work, payment, HOW, told)
    reckoned(work, payment, company, paper.partner)
    issue(work, payment)
    take(work, payment, "post")
    allocate(work, payment, [Wanted(debt=paper, discount=told.take_discount)])
    return payment


def _due(work: Work, paper: Document, on: date, told: Any) -> Decimal:
    """What settles all that is open, less the discounts that may be taken on the day."""
    if told.take_discount is False:
        return paper.residual
    rows = instalments_of(work, [paper])[paper.id]
    return paper.residual - sum((discount(row, on, paper.currency) for row in rows), ZERO)


def _held_with(work: Work, kind: type[Any], told: Any) -> tuple[Any, list[Document]]:
    """The paper that a command is about, and those that it is to settle, or whatever could be; all are held."""
    with at("id"):
        id = work.id_of(kind, told.id)
        paper = work.find(kind, id)
    stated = told.allocations is not None
    others = _named(work, told.allocations) if stated else candidates(work, paper)
    hold(work, {id, *others})
    paper = work.locked(kind, told.id, None if told.expected_version is ABSENT else told.expected_version)
    found = []
    for index, other in enumerate(others):
        with at("allocations", index, "document"):
            if not isinstance(one := work.held.get(other), Document) or not work.sees(one):
                raise NotFound
            if stated or (is_open(one) and one.residual):
                found.append(one)
    return paper, found


def _named(work: Work, told: Sequence[SettledPaper]) -> list[UUID]:
    found: list[UUID] = []
    for index, one in enumerate(told):
        with at("allocations", index, "document"):
            id = work.id_of(kind_of(work, one.document), one.document)
            if id in found:
                raise BadInput("This paper is named twice; add the amounts up.")
            found.append(id)
    return found


def candidates(work: Work, paper: Document) -> list[UUID]:
    """What a paper could settle or be settled with: open, of its partner, company and currency; what is due first."""
    same = _open_others(paper).where(Document.currency == paper.currency)
    return list(work.session.scalars(same.order_by(Document.due_on, Document.dated, Document.id)))


def _open_others(paper: Document) -> Select[UUID]:
    mine = stand(paper)
    if mine is None:
        return select(Document.id).where(false())
    words = [word for word, side in (CREDITS if mine.is_debt else DEBTS).items() if side == mine.side]
    way = [one for one in DIRECTIONS if (one == OWN_WAY[mine.side]) == mine.is_debt]
    payments = and_(Document.payment_side == mine.side, Document.payment_direction.in_(way))
    return select(Document.id).where(
        Document.tenant_id == paper.tenant_id, Document.company_id == paper.company_id,
        Document.partner_id == paper.partner_id, Document.state == "posted",
        Document.reverses_id.is_(None), Document.residual > 0, or_(Document.kind.in_(words), payments),
    )  # fmt: skip


def _settle(
    work: Work,
    paper: Document,
    others: Sequence[Document],
    told: Sequence[SettledPaper] | None,
    *,
    day: date | None = None,
) -> list[Allocation]:
    """Settle papers with a credit; or a refund with credits, one after the other."""
    said = [SettledPaper(document=Ref(id=one.id)) for one in others] if told is None else told
    pairs = list(zip(others, said, strict=True))
    mine = stand(paper)
    if not pairs or mine is None:
        return []
    path = "" if told is None else "allocations"
    if not mine.is_debt:
        wanted = [Wanted(debt=debt, amount=one.amount, discount=one.take_discount) for debt, one in pairs]
        return allocate(work, paper, wanted, path=path, day=day)
    made: list[Allocation] = []
    for index, (credit, one) in enumerate(pairs):
        if told is None and not paper.residual:
            break
        with at(*((path, index) if path else ())):
            made += allocate(work, credit, [Wanted(debt=paper, amount=one.amount)], day=day)
    return made
