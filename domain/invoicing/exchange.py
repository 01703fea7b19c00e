"""What a debt in one currency costs a credit in another: both by the company's, at the rates of the credit's day."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from domain.kernel.decimals import currency_digits, money, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.work import Work
from domain.parties.rate import rate_on


@dataclass(frozen=True, slots=True)
class Exchange:
    """Both currencies, and what one unit of each is worth."""

    debt: str
    credit: str
    debt_rate: Decimal
    credit_rate: Decimal

    def pay(self, wanted: Decimal, have: Decimal) -> tuple[Decimal, Decimal]:
        """What is paid of a debt if so much is wanted and so much there: in the debt's currency, and in the credit's.

        Nothing is settled for nothing: what is paid costs a minor unit at least.
        """
        if not wanted:
            return ZERO, ZERO
        cost = self.cost(wanted)
        if cost <= have:
            return wanted, cost
        paid = min(wanted, self._worth(have))
        return (paid, have) if paid else (ZERO, ZERO)

    def cost(self, amount: Decimal) -> Decimal:
        """What so much of the debt costs the credit."""
        if self.debt == self.credit:
            return amount
        found = money(ratio(product_of(amount, self.debt_rate), self.credit_rate), self.credit)
        return found or Decimal(1).scaleb(-currency_digits(self.credit))

    def _worth(self, amount: Decimal) -> Decimal:
        if self.debt == self.credit:
            return amount
        return money(ratio(product_of(amount, self.credit_rate), self.debt_rate), self.debt)


def exchange(work: Work, credit: Document, debt: Document, home: str) -> Exchange:
    """How a credit is exchanged for a debt. RateMissing where the debt's currency has no rate on the credit's day."""
    same = debt.currency == credit.currency
    rate = credit.exchange_rate if same else rate_on(work, debt.currency, home, credit.dated)
    return Exchange(debt.currency, credit.currency, rate, credit.exchange_rate)
