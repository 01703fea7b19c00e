"""Who was asked to say yes to what, and what they said."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.approvals import approval
from resolvers.sources import PRICE
from schema.declare import column, describes, many, money, one, word
from schema.record import Money, Node
from schema.words import REQUEST_STATES

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company
    from schema.document import Document


@describes(approval.ApprovalRequest, right="purchase.read", part_of=("document_id", "Document"))
class ApprovalRequest(Node):
    """One question about one paper. The answer holds for the paper as it was then, and for nothing else."""

    document: Document = one("document_id", "The paper in question.")
    company: Company = one("company_id", "The company whose paper it is.")
    state: str = word(REQUEST_STATES, "What became of it.")
    why: str = column("Which rule asks, and by which figures.", guard=PRICE)
    amount: Money = money("What the rule measured.", guard=PRICE)
    threshold: Money = money("From how much on it asks.", guard=PRICE)
    digest: str = column("What a yes holds for; by trying, it would tell prices.", guard=PRICE, shown=False)
    requested_at: datetime = column("When it was asked.")
    requested_by: User | None = one("requested_by", "Who asked.")
    decisions: list[ApprovalDecision] = many("request_id", "What was said.", order="decided_at")


@describes(approval.ApprovalDecision, part_of=("request_id", "ApprovalRequest"))
class ApprovalDecision(Node):
    """A yes or a no of one person."""

    request: ApprovalRequest = one("request_id", "The question.")
    approved: bool = column("Yes or no.")
    reason: str | None = column("What they added.")
    decided_at: datetime = column("When they said it.")
    decided_by: User = one("decided_by", "Who said it.")
