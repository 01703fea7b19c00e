"""What a paper comes to, in portions: each so much money in both currencies, and what it is for.

Every amount that `rules` names is told by one function, registered here; adding one is adding a function.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from domain.kernel.decimals import money, product_of
from domain.kernel.documents import Document
from domain.kernel.events import record_type
from domain.kernel.work import Work
from domain.parties.company import Company

RECEIVED, AHEAD, PRICE, SERVICES = "billed_receipts", "billed_before_receipt", "price_difference", "billed_services"
"""What a bill, or a vendor's credit note, is split into."""
ROLES = {RECEIVED: "received_not_billed", AHEAD: "billed_not_received"}
"""On which role's account that stands which a line of these takes down."""


@dataclass(frozen=True, slots=True)
class Taxed:
    """A tax as it was when the paper was written; `base`, in the company's currency, is what it was taken of."""

    tax: UUID | None
    rate: Decimal
    category: str | None
    base: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """So much on its way between two accounts: `value` in the company's currency, `amount` in `currency`.

    What `settles` a line does so on both accounts, or on that of the role `settles_as` alone.
    """

    value: Decimal
    amount: Decimal
    currency: str
    line: UUID | None = None
    settles: UUID | None = None
    settles_as: str | None = None
    move: UUID | None = None
    product: UUID | None = None
    quantity: Decimal | None = None
    taxed: Taxed | None = None
    partner: UUID | None = None
    item: UUID | None = None
    due_on: date | None = None


@dataclass(frozen=True)
class Seen:
    """A paper as it is looked at when it is entered; it and all that it did is written."""

    work: Work
    paper: Document
    memo: dict[str, Any] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        return record_type(type(self.paper))

    def once(self, name: str, find: Callable[[], Any]) -> Any:
        """What `find` answers, asked once."""
        if name not in self.memo:
            self.memo[name] = find()
        return self.memo[name]

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
