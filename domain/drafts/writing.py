"""How papers are written, edited and copied: three commands for each kind, made from one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from domain.drafts import heads
from domain.drafts.again import copied, unchanged
from domain.drafts.dating import dated
from domain.drafts.lines import OrderCharge, OrderLine, Pen, Side
from domain.kernel.commands import ABSENT, Absent, Asked, Command, Ref, devised, said
from domain.kernel.documents import Document
from domain.kernel.editing import noun as noun_of
from domain.kernel.errors import BadInput, at
from domain.kernel.events import record_type
from domain.kernel.papers import hold, issue
from domain.kernel.plugin import custom_values
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company, company_of
from domain.parties.partner import Partner
from domain.stock import ledger
from domain.stock.fulfilling import conclude

Made = tuple[Any, Any, Any]
"""The commands that write, edit and copy."""
ANYONE = "partner"
"""In place of a role: vendor or customer."""


def _positions(lines: str) -> dict[str, tuple[Any, Any]]:
    return {
        "lines": (Sequence[OrderLine], said(lines, default=())),
        "charges": (Sequence[OrderCharge], said("Charges and allowances on the whole paper.", default=())),
    }


_POSITIONS_AGAIN = {
    "lines": (Sequence[OrderLine] | Absent, said("All positions; those with `id` keep their place.", default=ABSENT)),
    "charges": (Sequence[OrderCharge] | Absent, said("All charges and allowances.", default=ABSENT)),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A row: papers of `kind` are written by whoever has `right`, with a `partner` who is vendor or customer, if any.

    `head` are the fields of the head that it has beside date, currency, lines and charges, and `needed` those that it
    cannot be without. A paper without a `side` has neither lines nor charges: what follows from its head is `reckoned`.
    `manual` describes writing.
    """

    kind: type[Document]
    right: str
    side: Side | None
    partner: str | None
    head: tuple[str, ...]
    manual: str
    lines: str = "The positions, up to 10,000."
    needed: tuple[str, ...] = ()
    reckoned: Callable[[Work, Document, Company, Partner], None] | None = None

    @property
    def noun(self) -> str:
        return noun_of(self.kind)


def drafting(row: Draft) -> Made:
    """Register and answer the commands that write, edit and copy papers of a kind."""
    return _creating(row), _updating(row), _copying(row)


def _creating(row: Draft) -> type[Command]:
    asked: dict[str, tuple[Any, Any]] = {}
    if row.partner:
        role = "must be a vendor or a customer" if row.partner == ANYONE else "must be a partner with that role"
        asked[row.partner] = (Ref, said(f"The {row.partner}; {role}."))
    asked |= {
        "company": (Ref | None, said("The company; needed only if you work for several.", default=None)),
        "dated": (date | None, said("Its date; today in the company's time zone if not given.", default=None)),
        "currency": (str | None, said("ISO 4217 code; the partner's currency, else the company's.", default=None)),
        **heads.asked(row.head, row.needed),
        **(_positions(row.lines) if row.side else {}),
        "custom": (dict[str, Any] | None, said("Fields that plugins add.", default=None)),
    }

    def act(self: Any, work: Work) -> Document:
        company = company_of(work, self.company, "company")
        partner = _partner(work, row, getattr(self, row.partner) if row.partner else None)
        paper = row.kind(
            company_id=company.id, partner_id=partner.id if partner else None, state="draft",
            dated=dated(work, company, row.kind, self.dated), lines=[], charges=[], taxes=[],
            currency=self.currency or (partner and partner.currency) or company.currency,
            payment_term_id=partner.payment_term_id if partner else None, edited_by=work.actor.signature,
        )  # fmt: skip
        heads.put(work, paper, (*row.needed, *row.head), self)
        if "location" in row.head and paper.location_id is None:
            paper.location_id = ledger.receiving_location(work, company.id)
        paper.custom = custom_values(record_type(row.kind), self.custom or {})
        if row.side is None:
            _reckon(work, row, paper, company, partner)
        else:
            expected = getattr(self, "expected_on", None)
            Pen(work, paper, company, partner, side=row.side, expected_on=expected).write(self.lines, self.charges)
        return issue(work, paper)

    return _devised("Create", row.manual, asked, act, row)


def _updating(row: Draft) -> type[Command]:
    asked: dict[str, tuple[Any, Any]] = {
        "id": (Ref, said(f"The {row.noun}.")),
        "expected_version": (int, said("The version you saw; refused if it has changed since.")),
    }
    if row.partner:
        told = f"Another {row.partner}; lines without a price of their own are priced anew."
        asked[row.partner] = (Ref | Absent, said(told, default=ABSENT))
    asked |= {
        "dated": (date | Absent, said("Its date.", default=ABSENT)),
        "currency": (str | Absent, said("ISO 4217 code.", default=ABSENT)),
        **heads.asked_again(row.head, row.needed),
        **(_POSITIONS_AGAIN if row.side else {}),
        "custom": (dict[str, Any] | Absent, said("Fields that plugins add; those not given stay.", default=ABSENT)),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Document:
        with at("id"):
            hold(work, [work.id_of(row.kind, self.id)])
        paper = work.locked(row.kind, self.id, self.expected_version, *row.kind.whole())
        if paper.state != "draft":
            first = "; revise it first" if "revise" in paper.workflow.actions(paper.state) else ""
            raise barred(paper, f"A {row.noun} that is {paper.state} cannot be edited{first}.")
        _edit(work, row, paper, self)
        return paper

    replacing = "; `lines` and `charges`, where given, replace all" if row.side else ""
    manual = f"Edit a draft {row.noun}. What is not given stays{replacing}."
    return _devised("Update", manual, asked, act, row)


def _edit(work: Work, row: Draft, paper: Document, told: Any) -> None:
    company = work.find(Company, paper.company_id)
    named = getattr(told, row.partner, ABSENT) if row.partner else ABSENT
    partner = _partner(work, row, paper.partner_id if named is ABSENT else named)
    if partner is not None and partner.id != paper.partner_id and _is_bound(paper):
        raise BadInput("Lines of it belong to other papers of this partner, who stays.", path=(row.partner or "",))
    paper.partner_id = partner.id if partner else None
    paper.dated = dated(work, company, row.kind, told.dated) if told.dated else paper.dated
    if told.currency and told.currency != paper.currency and any(line.links for line in paper.lines):
        raise BadInput("Lines of it were made from papers in another currency; it stays.", path=("currency",))
    paper.currency = told.currency or paper.currency
    paper.edited_by = work.actor.signature
    heads.put(work, paper, (*row.needed, *row.head), told)
    if told.custom is not ABSENT:
        paper.custom = {**paper.custom, **custom_values(record_type(row.kind), told.custom)}
    if row.side is None:
        _reckon(work, row, paper, company, partner)
        return
    lines = unchanged(paper) if told.lines is ABSENT else told.lines
    charges = None if told.charges is ABSENT else told.charges
    expected = getattr(told, "expected_on", None) or None
    Pen(work, paper, company, partner, side=row.side, expected_on=expected).write(lines, charges)
    work.session.flush()
    conclude(work, paper)


def _copying(row: Draft) -> type[Command]:
    asked: dict[str, tuple[Any, Any]] = {"id": (Ref, said(f"The {row.noun} to copy."))}

    def act(self: Any, work: Work) -> Document:
        with at("id"):
            source = work.find(row.kind, self.id, options=row.kind.whole())
            partner = _partner(work, row, source.partner_id)
        company = work.find(Company, source.company_id)
        more = () if row.side else [heads.HEAD[name].column for name in (*row.needed, *row.head)]
        same = {"company_id", "partner_id", "currency", "payment_term_id", "location_id", "note", *more}
        paper = row.kind(
            state="draft", copied_from_id=source.id, dated=company.today(work.now), custom=dict(source.custom),
            edited_by=work.actor.signature, lines=[], charges=[], taxes=[],
            **{name: getattr(source, name) for name in same},
        )  # fmt: skip
        if row.side is None:
            _reckon(work, row, paper, company, partner)
        else:
            Pen(work, paper, company, partner, side=row.side).write(*copied(source))
        return issue(work, paper)

    manual = (
        f"Write a new draft with the lines of a {row.noun}, dated today; prices that were looked up are taken anew."
        if row.side
        else f"Write a new draft like a {row.noun}, dated today."
    )
    return _devised("Copy", manual, asked, act, row)


def _partner(work: Work, row: Draft, ref: Any) -> Partner | None:
    if row.partner is None:
        return None
    with at(row.partner):
        partner = work.choose(Partner, ref)
        work.session.refresh(partner, ["delivery_days"])
        if row.partner == ANYONE:
            _must_have_a_role(partner)
        elif not getattr(partner, f"is_{row.partner}"):
            raise BadInput(f"{partner.name} is not a {row.partner}; give the partner that role first.")
        return partner


def _must_have_a_role(partner: Partner) -> None:
    if not (partner.is_vendor or partner.is_customer):
        raise BadInput(f"{partner.name} is neither vendor nor customer; give the partner a role first.")


def _reckon(work: Work, row: Draft, paper: Document, company: Company, partner: Partner | None) -> None:
    if row.reckoned is not None and partner is not None:
        row.reckoned(work, paper, company, partner)


def _is_bound(paper: Document) -> bool:
    return any(line.received or line.links for line in paper.lines)


def _devised(verb: str, manual: str, asked: Asked, act: Callable[..., Any], row: Draft) -> type[Command]:
    name = f"{verb}{row.kind.__name__}"
    return devised(name, manual, asked, act, right=row.right, answers=row.kind, module=__name__)
