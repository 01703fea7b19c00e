"""An order of the past begets one receipt: what came of it by the day that the source names."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date
from typing import cast
from uuid import UUID

from domain.flow.settling import link
from domain.kernel.documents import Line
from domain.kernel.recall import once
from domain.kernel.work import Work
from domain.purchase.order import PurchaseOrder
from domain.purchase.receipt import Receipt
from domain.purchase.recorded import products
from domain.stock import ledger


def receipt_of(order: PurchaseOrder, dated: date | None, *, inferred: bool) -> Receipt | None:
    """The receipt of what came of the order's lines, under its number; None if nothing did."""
    if dated is None or not arrived(order):
        return None
    receipt = Receipt(
        company_id=order.company_id, partner_id=order.partner_id, state="posted", number=order.number, dated=dated,
        dated_inferred=inferred, currency=order.currency, exchange_rate=order.exchange_rate,
        location_id=order.location_id,
    )  # fmt: skip
    for line in arrived(order):
        reason = line.reason if line.rejected else None
        receipt.count(line, quantity=line.received, rejected=line.rejected, reason=reason)
    return receipt


def put_away(work: Work, pairs: Sequence[tuple[PurchaseOrder, Receipt]]) -> None:
    """Link receipts to their orders, and move what was accepted into stock; all are written."""
    kept = _stocked(work, [line.product_id for order, _ in pairs for line in order.lines])
    legs: defaultdict[UUID, list[ledger.Leg]] = defaultdict(list)
    for order, receipt in pairs:
        for mine, line in zip(receipt.lines, arrived(order), strict=True):
            link(work, mine, line, "receives", quantity=line.received, rejected=line.rejected)
            if line.product_id in kept and line.in_stock_units(line.accepted):
                legs[order.company_id].append(_leg(work, receipt, mine, line))
    for company, some in legs.items():
        ledger.post(work, company, some)


def _leg(work: Work, receipt: Receipt, mine: Line, line: Line) -> ledger.Leg:
    company = receipt.company_id
    origin = once(work, ("vendors", company), lambda: ledger.virtual_location(work, company, "vendor"))
    return ledger.Leg(
        product=cast("UUID", line.product_id), origin=origin, target=cast("UUID", receipt.location_id), line=mine.id,
        quantity=line.in_stock_units(line.accepted), dated=receipt.dated, inferred=receipt.dated_inferred,
    )  # fmt: skip


def _stocked(work: Work, ids: Iterable[UUID | None]) -> set[UUID | None]:
    return {product.id for product in products(work, ids).values() if product.is_stocked}


def arrived(order: PurchaseOrder) -> list[Line]:
    """The lines of which something came."""
    return [line for line in order.lines if line.received]
