"""Approval is a rule inside the workflow step, below every transport: no way leads round it.

For now one rule asks: an order whose untaxed total with charges, in company currency at the rate of the order date,
reaches the company's threshold needs a yes from somebody who neither asked for it nor edited it last. The yes is bound
to a digest of what was approved and holds for nothing else.
"""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import selectinload

from domain.approvals.approval import ApprovalDecision, ApprovalRequest
from domain.kernel import text
from domain.kernel.documents import Document
from domain.kernel.errors import ApprovalRequired, Forbidden, at
from domain.kernel.following import follow
from domain.kernel.work import Work
from domain.parties.company import Company


def ask(work: Work, paper: Document, _: Any) -> str | None:
    """Effect of asking for an action that may need approval: open a request, or let the rule clear the paper."""
    company = work.find(Company, paper.company_id)
    paper.submitted_by = work.actor.signature
    why = _why(paper, company)
    if why is None:
        paper.approval_state = "not_needed"
        paper.approved_digest = digest(paper)
        return "clear"
    paper.approval_state = "requested"
    work.add(question(work, paper, company, why))
    return None


def question(work: Work, paper: Document, company: Company, why: str) -> ApprovalRequest:
    """An open request for a yes to the paper as it stands, by whoever submitted it."""
    return ApprovalRequest(
        document=paper,
        company_id=paper.company_id,
        why=why,
        amount=paper.company_untaxed,
        threshold=company.approval_threshold,
        currency=company.currency,
        digest=digest(paper),
        requested_at=work.now,
        requested_by=paper.submitted_by,
        edited_by=paper.edited_by,
    )


def accompany(work: Work, paper: Document, _: Any) -> None:
    """Effect: whoever asks for approval follows what becomes of the paper."""
    follow(work, paper, {work.actor.user: "submitted"})


def approve(work: Work, paper: Document, given: Any) -> None:
    """Effect: the actor says yes to the paper as it stands."""
    request = _decide(work, paper, given, approved=True)
    paper.approval_state = "approved"
    paper.approved_digest = request.digest


def reject(work: Work, paper: Document, given: Any) -> None:
    """Effect: the actor says no, with a reason."""
    _decide(work, paper, given, approved=False)
    paper.approval_state = "rejected"
    with at("reason"):
        paper.reason = text.paragraph(given.reason)


def void(work: Work, paper: Document, _: Any) -> None:
    """Effect of taking a paper back: what was asked or approved holds no longer."""
    for request in _requests(work, paper):
        if request.state in {"open", "approved"}:
            request.state = "void"
    paper.approval_state, paper.approved_digest = "none", None


def independent(work: Work, paper: Document) -> None:
    """Guard: the approver is a person, and neither requester nor last editor."""
    if work.actor.user is None:
        raise Forbidden("Approvals are given by people, not by programs; sign in with an account.")
    if work.actor.user == paper.submitted_by:
        raise Forbidden("You asked for this approval yourself; somebody else must decide.")
    if work.actor.user == paper.edited_by:
        raise Forbidden("You edited this last; somebody else must decide.")


def approved_as_it_stands(_: Work, paper: Document) -> None:
    """Guard: what was approved is what is there now."""
    if paper.approved_digest is None or paper.approved_digest != digest(paper):
        raise ApprovalRequired("The order is not what was approved; revise and submit it again.")


def digest(paper: Document) -> str:
    """SHA-256 over what an approver agrees to: vendor, currency, every line and charge with its price, the total.

    Taxes that cost more, or less, than the total tells stand in it too: included, self-assessed, not recovered.
    """
    facets = [
        paper.kind,
        paper.company_id,
        paper.partner_id,
        paper.currency,
        [[getattr(line, name) for name in _LINE] for line in paper.lines],
        [[getattr(charge, name) for name in _CHARGE] for charge in paper.charges],
        paper.total,
        *([getattr(tax, name) for name in _TAX] for tax in paper.taxes if any(getattr(tax, name) for name in _TAX[1:])),
    ]
    return hashlib.sha256(json.dumps(facets, default=_canonical).encode()).hexdigest()


_LINE = (
    "position",
    "product_id",
    "category_id",
    "text",
    "quantity",
    "unit_id",
    "unit_price",
    "price_base",
    "discount_percent",
    "tax_rate",
)
_CHARGE = ("position", "text", "amount", "tax_rate")
_TAX = ("rate", "included", "self_assessed", "unrecoverable")


def _canonical(value: Any) -> str:
    return format(value.normalize(), "f") if isinstance(value, Decimal) else str(value)


def _why(paper: Document, company: Company) -> str | None:
    if paper.company_untaxed < company.approval_threshold:
        return None
    return (
        f"The untaxed total of {paper.company_untaxed} {company.currency} reaches "
        f"the company's threshold of {company.approval_threshold} {company.currency}."
    )


def _decide(work: Work, paper: Document, given: Any, *, approved: bool) -> ApprovalRequest:
    request = next(one for one in _requests(work, paper) if one.state == "open")
    if approved and request.digest != digest(paper):
        raise ApprovalRequired("The order is not what was submitted; revise and submit it again.")
    request.state = "approved" if approved else "rejected"
    request.decisions.append(
        ApprovalDecision(
            approved=approved, reason=given.reason or None, decided_at=work.now, decided_by=work.actor.user
        )
    )
    return request


def _requests(work: Work, paper: Document) -> list[ApprovalRequest]:
    statement = (
        select(ApprovalRequest)
        .where(ApprovalRequest.tenant_id == paper.tenant_id, ApprovalRequest.document_id == paper.id)
        .options(selectinload(ApprovalRequest.decisions))
    )
    return list(work.session.scalars(statement))
