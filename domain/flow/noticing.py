"""What is odd about an order of the past is flagged line by line, for somebody to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.exceptions.exception import SourceRow, flag
from domain.kernel.documents import Line
from domain.kernel.work import Work
from domain.purchase.order import PurchaseOrder

if TYPE_CHECKING:
    from domain.flow.recording import RecordPurchaseOrder


def notice(work: Work, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    """Flag what is odd; the order and its lines are written."""
    for line, one in zip(order.lines, told.lines, strict=True):
        where = one.at or told.at or SourceRow(told.external.source, "", 0)
        for kind, message in _oddities(order, line, told):
            flag(work, kind, order, where, message, line=line.id)


def _oddities(order: PurchaseOrder, line: Line, told: RecordPurchaseOrder) -> Iterator[tuple[str, str]]:
    if order.state == "submitted" and line.received:
        yield (
            "received_before_approval",
            f"{line.received} of line {line.position} came by {told.received_on}; the order is not approved.",
        )
    if line.expected_on and line.expected_on < order.dated:
        yield (
            "due_before_ordered",
            f"Line {line.position} was due on {line.expected_on}, before the order was written on {order.dated}.",
        )
