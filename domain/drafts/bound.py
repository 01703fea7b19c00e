"""An order is edited only as far as what came of it allows; goods of an imported one may have come before approval."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from domain.exceptions.exception import ImportException
from domain.kernel.documents import Document, Line, LineLink
from domain.kernel.errors import BadInput
from domain.kernel.work import Work
from domain.kernel.workflow import barred

What = tuple[UUID | None, UUID | None, UUID]
"""Product, category and unit of a line."""


class Bound:
    """The lines of an order that receipts refer to, or something that import found."""

    def __init__(self, work: Work, order: Document) -> None:
        self._order = order
        ids = [line.id for line in order.lines]
        linked = select(LineLink.to_line_id).where(LineLink.tenant_id == order.tenant_id, LineLink.to_line_id.in_(ids))
        flagged = select(ImportException.line_id).where(
            ImportException.tenant_id == order.tenant_id, ImportException.line_id.in_(ids)
        )
        self._linked = set(work.session.scalars(linked)) if ids else set()
        self._flagged = set(work.session.scalars(flagged)) if ids else set()

    def may_go(self, lines: Iterable[Line]) -> None:
        """Raises WrongState if one of these lines cannot be taken out of the order."""
        for line in lines:
            if line.id in self._linked:
                raise barred(self._order, f"Goods of line {line.position} were received; keep the line.", "lines")
            if line.id in self._flagged:
                raise barred(
                    self._order,
                    f"Import flagged something about line {line.position}, which stays on file; keep the line, "
                    "or cancel the order and write another.",
                    "lines",
                )

    def may_be(self, line: Line, before: What) -> None:
        """Raises BadInput if a line of which goods came is no longer of them, or for fewer than were accepted."""
        if line.links and what(line) != before:
            raise BadInput("This line was made from that of another paper; product and unit stay.", path=("product",))
        if line.id not in self._linked:
            return
        if what(line)[:2] != before[:2]:
            raise BadInput("Goods of this line were received; its product stays.", path=("product",))
        if what(line) != before:
            raise BadInput("Goods of this line were received; its unit stays.", path=("unit",))
        if line.quantity < line.accepted:
            raise BadInput(f"{line.accepted} were accepted already; give at least that.", path=("quantity",))


def what(line: Line) -> What:
    """What a line is of, and how it is counted."""
    return line.product_id, line.category_id, line.unit_id
