"""What becomes of a bill or invoice when it is posted: it is frozen, dated for the books, and due by its terms."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from domain.invoicing.freezing import frozen, frozen_terms
from domain.invoicing.instalment import Instalment, instalments
from domain.invoicing.standing import CREDITS, conclude
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import NotReady, NotUnique
from domain.kernel.events import record_type
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.payment_term import PaymentTerm


def stands_once(work: Work, paper: Document) -> None:
    """Guard: a vendor's paper has their number, and no other paper of theirs that is in force has it."""
    if paper.partner_reference is None:
        raise NotReady("Give the number that stands on the vendor's paper.", path=("partnerReference",))
    kind = type(paper)
    twins = select(kind.id).where(
        kind.tenant_id == work.actor.tenant, kind.partner_id == paper.partner_id, kind.id != paper.id,
        func.lower(kind.partner_reference) == paper.partner_reference.lower(), kind.company_id == paper.company_id,
        kind.state == "posted", kind.reverses_id.is_(None),
    )  # fmt: skip
    if work.session.scalars(twins.limit(1)).first() is not None:
        raise NotUnique("This vendor's paper was posted already; look for its number.", path=("partnerReference",))


def claim_number(work: Work, paper: Document, _: Any) -> None:
    """Effect: of several who post papers with the same number of a vendor at once, one comes first."""
    vendor = select(Partner.id).where(Partner.tenant_id == work.actor.tenant, Partner.id == paper.partner_id)
    work.session.execute(vendor.with_for_update(key_share=True))
    stands_once(work, paper)


def charge(work: Work, paper: Document, _: Any) -> None:
    """Effect: names, addresses, terms and units are copied onto the paper, and what is owed is due by its terms.

    What is given back is there to be used at once.
    """
    company = work.find(Company, paper.company_id)
    term = work.find(PaymentTerm, paper.payment_term_id) if paper.payment_term_id else None
    paper.accounting_date = paper.dated
    rows = open_to_settle(work, paper, company, None if record_type(type(paper)) in CREDITS else term)
    paper.frozen = {**frozen(work, paper, company), "terms": frozen_terms(term, rows)}


def open_to_settle(work: Work, paper: Document, company: Company, term: PaymentTerm | None) -> list[Instalment]:
    """Divide what a paper comes to into instalments, all of them open."""
    rows = instalments(paper, term, company.currency)
    work.session.add_all(rows)
    conclude(paper, rows)
    return rows


def unsettled(_: Work, paper: Document) -> None:
    """Guard of reversal: what was paid must be taken back before."""
    if paper.residual != paper.total and paper.reverses_id is None:
        raise barred(paper, "It was paid or settled, at least in part; take that back first.", action="reverse")


def discharge(work: Work, paper: Document, _: Any) -> None:
    """Effect of reversal: nothing is owed any more."""
    rows = select(Instalment).where(Instalment.tenant_id == paper.tenant_id, Instalment.document_id == paper.id)
    for row in work.session.scalars(rows):
        row.residual = row.open_value = ZERO
    paper.residual, paper.due_on, paper.payment_state = ZERO, None, "none"
