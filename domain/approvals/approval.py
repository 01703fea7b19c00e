"""Who was asked to say yes to what, and what they said."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Owned, ref, to_many, to_one, unique
from domain.kernel.documents import Document
from domain.kernel.events import Part


class ApprovalRequest(Owned, Part):
    """One question about one paper. `digest` is of what is to be approved; a yes holds for nothing else.

    `state` is open, approved, rejected or void; `why` says which rule asks and by which figures.
    """

    __tablename__ = "approval_request"
    __table_args__ = (Index(None, "tenant_id", "state", "company_id"),)
    whole = "document"

    document_id: Mapped[UUID] = ref("document")
    company_id: Mapped[UUID] = ref("company", indexed=False)
    state: Mapped[str] = mapped_column(default="open")
    why: Mapped[str]
    amount: Mapped[Decimal]
    threshold: Mapped[Decimal]
    currency: Mapped[str]
    digest: Mapped[str]
    requested_at: Mapped[datetime]
    requested_by: Mapped[UUID | None]
    edited_by: Mapped[UUID | None]

    document: Mapped[Document] = to_one("ApprovalRequest.document_id", "Document")
    decisions: Mapped[list[ApprovalDecision]] = to_many(
        "ApprovalDecision.request_id", "ApprovalRequest", order="ApprovalDecision.decided_at", back_populates="request"
    )


class ApprovalDecision(Owned):
    """A yes or a no of one person, with the reason."""

    __tablename__ = "approval_decision"
    __table_args__ = (unique("request_id", "decided_by"),)

    request_id: Mapped[UUID] = ref("approval_request", indexed=False)
    approved: Mapped[bool]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime]
    decided_by: Mapped[UUID]

    request: Mapped[ApprovalRequest] = to_one(
        "ApprovalDecision.request_id", "ApprovalRequest", back_populates="decisions"
    )
