"""Goods came of an order of the past that nobody will confirm: it ends as it is, and what came stays."""

from __future__ import annotations

from typing import Any

from sqlalchemy import exists, select

from domain.approvals.approval import ApprovalRequest
from domain.kernel.documents import Document
from domain.kernel.errors import NotReady
from domain.kernel.work import Work
from domain.kernel.workflow import barred


def came_in_the_past(order: Document) -> bool:
    """Whether goods came of an imported order, whose receipts may not be taken back any more."""
    return order.provenance_id is not None and any(line.accepted for line in order.lines)


def of_the_past(_: Work, order: Document) -> None:
    """Guard: any other order is confirmed before goods come, and cancelled if it is not wanted."""
    if not came_in_the_past(order):
        told = "Only an imported order of which goods came is closed without being confirmed; cancel it instead."
        raise barred(order, told, action="close")


def was_binding(work: Work, order: Document) -> None:
    """Guard: what was closed without being confirmed does not become binding by being opened again."""
    if never_bound(work, order):
        told = "The order was closed without ever being confirmed; order anew what is still wanted."
        raise barred(order, told, action="reopen")


def was_agreed(work: Work, order: Document) -> None:
    """Guard of bills: the prices of what was closed without being confirmed were never approved."""
    if order.state == "closed" and never_bound(work, order):
        told = f"{order.number} was closed without ever being confirmed; enter the vendor's bill by itself."
        raise barred(order, told, action="bill")


def never_bound(work: Work, order: Document) -> bool:
    """Whether an order was never confirmed, here or in its source.

    Of an imported order it is asked whether it still waited for approval here: one that did not was binding before.
    """
    if order.confirmed_at is not None or order.provenance_id is None:
        return False
    asked = exists().where(ApprovalRequest.tenant_id == work.actor.tenant, ApprovalRequest.document_id == order.id)
    return bool(work.session.scalar(select(asked)))


def why_unconfirmed(_: Work, order: Document, __: Any) -> None:
    """Effect: what did not come will not, and why is said."""
    if order.reason is None:
        raise NotReady("Say why the order is not confirmed; what came of it stays.", path=("reason",))
