"""What of a line still stands on an account by its role: the ground on which later papers take it down."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select

from domain.accounting.entry import Posting
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO
from domain.kernel.work import Work


@dataclass(slots=True)
class Standing:
    """What stands there, debit above nothing; what is taken leaves the rest, so that all parts sum to the whole."""

    value: Decimal
    amount: Decimal
    quantity: Decimal
    currency: str
    home: str

    def take(self, quantity: Decimal) -> tuple[Decimal, Decimal]:
        """The value and amount of so much of the quantity."""
        value = self._share(self.value, quantity, self.home)
        amount = self._share(self.amount, quantity, self.currency)
        self.value, self.amount, self.quantity = self.value - value, self.amount - amount, self.quantity - quantity
        return value, amount

    def add(self, value: Decimal, amount: Decimal, quantity: Decimal) -> None:
        """So much more stands there."""
        self.value, self.amount, self.quantity = self.value + value, self.amount + amount, self.quantity + quantity

    def _share(self, figure: Decimal, quantity: Decimal, currency: str) -> Decimal:
        if quantity == self.quantity or not self.quantity:
            return figure
        return money(ratio(product_of(figure, quantity), self.quantity), currency)


def standing(work: Work, roles: Iterable[str], lines: Iterable[UUID], home: str) -> dict[UUID, Standing]:
    """By line: what was posted for it and not yet taken down, on the accounts of these roles."""
    of = func.coalesce(Posting.settles_id, Posting.line_id)
    sums = [func.sum(column) for column in (Posting.debit - Posting.credit, Posting.amount, Posting.quantity)]
    statement = (
        select(of, *sums, func.min(Posting.currency))
        .where(Posting.tenant_id == work.actor.tenant, Posting.role.in_([*roles]), of.in_([*lines]))
        .group_by(of)
        .order_by(of)
    )
    return {
        line: Standing(value, amount, quantity or ZERO, currency, home)
        for line, value, amount, quantity, currency in work.session.execute(statement)
    }
