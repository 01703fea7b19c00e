"""The lines of a paper as if they were given again: to edit it, or to write another like it."""

from __future__ import annotations

from uuid import UUID

from domain.drafts.lines import OrderCharge, OrderLine
from domain.drafts.pricing import LOOKED_UP
from domain.kernel import totals
from domain.kernel.commands import Ref
from domain.kernel.documents import Document, Line


def unchanged(order: Document) -> list[OrderLine]:
    """The lines of a paper as if they were given again; prices that came from vendor prices or lists may change.

    Those that came with the line of another paper stay.
    """
    return [
        _given(line, id=Ref(id=line.id, type="line"), price=not order.asks and (bool(line.links) or not _found(line)))
        for line in order.lines
    ]


def copied(order: Document) -> tuple[list[OrderLine], list[OrderCharge]]:
    """The lines and charges of an order for a new one, without dates."""
    lines = [_given(line, id=None, price=not order.asks and not _found(line)) for line in order.lines]
    return lines, [OrderCharge(text=one.text, amount=totals.stated(one), tax=_ref(one.tax_id)) for one in order.charges]


def _found(line: Line) -> bool:
    """Whether the price was looked up, and so is to be looked up again."""
    return line.vendor_price_id is not None or line.price_source in LOOKED_UP


def _given(line: Line, *, id: Ref | None, price: bool) -> OrderLine:
    return OrderLine(
        id=id, product=_ref(line.product_id), category=_ref(line.category_id), text=line.text, quantity=line.quantity,
        unit=_ref(line.unit_id), tax=_ref(line.tax_id), unit_price=line.unit_price if price else None,
        price_base=line.price_base if price else None, discount_percent=line.discount_percent if price else None,
        expected_on=line.expected_on if id else None,
    )  # fmt: skip


def _ref(id: UUID | None) -> Ref | None:
    return Ref(id=id) if id else None
