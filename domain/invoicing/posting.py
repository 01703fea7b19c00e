"""What becomes of a bill or invoice when it is posted: it is frozen, dated for the books, and due by its terms."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import select

from domain.catalog.unit import Unit
from domain.invoicing.instalment import Instalment, instalments
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import NotReady, NotUnique
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company
from domain.parties.partner import Address, Partner
from domain.parties.payment_term import PaymentTerm

INVOICE, DELIVERY, LEGAL = "invoice", "delivery", "legal"


def stands_once(work: Work, paper: Document) -> None:
    """Guard: a vendor's paper has their number, and no other paper of theirs that is in force has it."""
    if paper.partner_reference is None:
        raise NotReady("Give the number that stands on the vendor's paper.", path=("partnerReference",))
    kind = type(paper)
    twins = select(kind.id).where(
        kind.tenant_id == work.actor.tenant, kind.partner_id == paper.partner_id, kind.id != paper.id,
        kind.partner_reference == paper.partner_reference, kind.company_id == paper.company_id,
        kind.state == "posted", kind.reverses_id.is_(None),
    )  # fmt: skip
    if work.session.scalars(twins.limit(1)).first() is not None:
        raise NotUnique("This vendor's paper was posted already; look for its number.", path=("partnerReference",))


def charge(work: Work, paper: Document, _: Any) -> None:
    """Effect: names, addresses, terms and units are copied onto the paper, and what is owed is due by its terms."""
    company = work.find(Company, paper.company_id)
    term = work.find(PaymentTerm, paper.payment_term_id) if paper.payment_term_id else None
    paper.accounting_date = paper.dated
    paper.frozen = frozen(work, paper, company, term)
    rows = instalments(paper, term)
    work.session.add_all(rows)
    paper.due_on = min(row.due_on for row in rows)
    paper.residual = paper.total
    paper.payment_state = "unpaid" if paper.total else "paid"


def discharge(work: Work, paper: Document, _: Any) -> None:
    """Effect of reversal: nothing is owed any more. What was paid must be taken back before."""
    if paper.residual != paper.total:
        raise barred(paper, "It was paid or settled, at least in part; take that back first.", action="reverse")
    rows = select(Instalment).where(Instalment.tenant_id == paper.tenant_id, Instalment.document_id == paper.id)
    for row in work.session.scalars(rows):
        row.residual = ZERO
    paper.residual, paper.due_on, paper.payment_state = ZERO, None, "none"


def frozen(work: Work, paper: Document, company: Company, term: PaymentTerm | None) -> dict[str, Any]:
    """What a posted paper says of both sides and its terms, whatever becomes of them."""
    partner = work.find(Partner, paper.partner_id) if paper.partner_id else None
    if partner is not None:
        work.session.refresh(partner, ["addresses", "tax_numbers"])
    units = work.find_all(Unit, [line.unit_id for line in paper.lines])
    return {
        "company": {"name": company.name, "country": company.country, "currency": company.currency},
        "partner": _partner(paper, partner) if partner else None,
        "delivery": _address(partner.addresses, DELIVERY, paper.delivery_address_id) if partner else None,
        "terms": {"name": term.name, "instalments": term.instalments} if term else None,
        "units": {str(unit.id): {"code": unit.code, "unece": unit.unece} for unit in units.values()},
    }


def _partner(paper: Document, partner: Partner) -> dict[str, Any]:
    return {
        "number": partner.number, "name": partner.name,
        "address": _address(partner.addresses, INVOICE, paper.invoice_address_id),
        "taxNumbers": [
            {"country": one.country, "kind": one.kind, "number": one.number} for one in partner.tax_numbers
        ],
    }  # fmt: skip


def _address(addresses: Iterable[Address], role: str, chosen: Any) -> dict[str, Any] | None:
    """The address that the paper names, else that of the role, else the legal one."""
    ranked = sorted(
        (one for one in addresses if one.id == chosen or one.role in {role, LEGAL}),
        key=lambda one: (one.id != chosen, one.role != role, one.id),
    )
    fields = ("street", "postal_code", "city", "region", "country")
    return {name: getattr(ranked[0], name) for name in fields} if ranked else None
