"""What is odd about an order of the past is flagged line by line, for somebody to look at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.exceptions.exception import SourceRow, flag
from domain.kernel.documents import Line
from domain.kernel.work import Work
from domain.purchase.order import PurchaseOrder
from domain.purchase.tolerance import Tolerance

if TYPE_CHECKING:
    from domain.flow.recording import RecordPurchaseOrder


def notice(work: Work, order: PurchaseOrder, told: RecordPurchaseOrder) -> None:
    """Flag what is odd; the order and its lines are written."""
    for line, one in zip(order.lines, told.lines, strict=True):
        where = one.at or told.at or SourceRow(told.external.source, "", 0)
        for kind, message in (*_oddities(order, line, told), *_too_much(work, order, line)):
            flag(work, kind, order, where, message, line=line.id)


def _oddities(order: PurchaseOrder, line: Line, told: RecordPurchaseOrder) -> Iterator[tuple[str, str]]:
    if order.state == "submitted" and line.received:
        yield (
            "received_before_approval",
            f"{line.received} of line {line.position} came by {told.received_on}; the order is not approved.",
        )
    if line.received and told.received_on and told.received_on < order.dated:
        yield (
            "received_before_ordered",
            f"{line.received} of line {line.position} came by {told.received_on}, "
            f"before the order was written on {order.dated}.",
        )
    if line.expected_on and line.expected_on < order.dated:
        yield (
            "due_before_ordered",
            f"Line {line.position} was due on {line.expected_on}, before the order was written on {order.dated}.",
        )


def _too_much(work: Work, order: PurchaseOrder, line: Line) -> Iterator[tuple[str, str]]:
    if line.accepted <= line.quantity:
        return
    percent = Tolerance(work, [order]).percent(line)
    if (line.accepted - line.quantity) * 100 > line.quantity * percent:
        yield (
            "over_received",
            f"{line.accepted} of line {line.position} were accepted, {line.quantity} ordered; "
            f"{percent} % more are tolerated.",
        )
