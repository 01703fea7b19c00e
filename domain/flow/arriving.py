"""An order of the past begets one receipt: what came of it by the day that the source names."""

from __future__ import annotations

from datetime import date

from domain.flow.settling import RECEIVES, link
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


def put_away(work: Work, order: PurchaseOrder, receipt: Receipt) -> None:
    """Link the receipt to the order, and move what was accepted into stock; both are written."""
    lines = arrived(order)
    for mine, line in zip(receipt.lines, lines, strict=True):
        link(work, mine, line, RECEIVES, quantity=line.received, rejected=line.rejected)
    known = products(work, [line.product_id for line in lines])
    kept = {product.id for product in known.values() if product.is_stocked}
    company = order.company_id
    origin = once(work, ("vendors", company), lambda: ledger.virtual_location(work, company, "vendor"))
    legs = [
        ledger.Leg(
            product=line.product_id, origin=origin, target=receipt.location_id,
            quantity=line.in_stock_units(line.accepted), line=mine.id,
        )
        for mine, line in zip(receipt.lines, lines, strict=True)
        if line.product_id in kept and line.product_id and receipt.location_id and line.in_stock_units(line.accepted)
    ]  # fmt: skip
    ledger.post(work, company, legs, dated=receipt.dated, inferred=receipt.dated_inferred)


def arrived(order: PurchaseOrder) -> list[Line]:
    """The lines of which something came."""
    return [line for line in order.lines if line.received]
