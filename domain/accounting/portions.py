"""What a paper comes to, in portions: each so much money in both currencies, and what it is for.

Every amount that `rules` names is told by one function, registered here; adding one is adding a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from uuid import UUID

from domain.kernel.decimals import money, product_of
from domain.kernel.documents import Document
from domain.kernel.work import Work
from domain.parties.company import Company


@dataclass(frozen=True, slots=True)
class Taxed:
    """A tax as it was when the paper was written; `base`, in the company's currency, is what it was taken of."""

    tax: UUID | None
    rate: Decimal
    category: str | None
    base: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So much on its way between two accounts: `value` in the company's currency, `amount` in `currency`."""

    value: Decimal
    amount: Decimal
    currency: str
    line: UUID | None = None
    settles: UUID | None = None
    move: UUID | None = None
    product: UUID | None = None
    quantity: Decimal | None = None
    taxed: Taxed | None = None
    partner: UUID | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Seen:
    """A paper as it is looked at when it is entered; it and all that it did is written."""

    work: Work
    paper: Document

    @cached_property
    def company(self) -> Company:
        return self.work.find(Company, self.paper.company_id)

    def worth(self, amount: Decimal, rate: Decimal | None = None) -> Decimal:
        """An amount in the company's currency, at the paper's rate or another."""
        return money(product_of(amount, self.paper.exchange_rate if rate is None else rate), self.company.currency)


Teller = Callable[[Seen], Iterable[Portion]]
PORTIONS: dict[str, Teller] = {}


def portions(name: str) -> Callable[[Teller], Teller]:
    """Registers what tells the amount that the rules call so."""

    def register(teller: Teller) -> Teller:
        PORTIONS[name] = teller
        return teller

    return register
