"""One credit, spent on debts until nothing is left of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from domain.invoicing.allocation import Allocation
from domain.invoicing.exchange import Exchange, exchange
from domain.invoicing.instalment import Instalment
from domain.invoicing.standing import share, stand, take
from domain.kernel.decimals import checked, currency_digits, money, product_of, ratio
from domain.kernel.documents import ZERO, Document
from domain.kernel.errors import NothingLeft, at
from domain.kernel.setting import setting, whole_number
from domain.kernel.work import Work
from domain.parties.company import Company

SMALL = setting(
    "payment.small_difference",
    "What little may be left of a bill, an invoice or a payment when the rest is settled, and is given up: in minor "
    "units of its currency, such as cents. 0: nothing is.",
    whole_number(0, 10_000),
    default=0,
    scope="company",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A debt that is to be settled: with how much, in its currency, or with all there is; with its discount or not.

    Where nobody says, the discount is taken if there is not enough without it.
    """

    debt: Document
    amount: Decimal | None = None
    discount: bool | None = None


class Purse:
    """What is open of a credit, and what becomes of it."""

    def __init__(self, work: Work, credit: Document, row: Instalment) -> None:
        self._work, self._credit, self._row = work, credit, row
        self._home = work.find(Company, credit.company_id).currency
        self._small = SMALL.of(work, credit.company_id)
        self._exchanges: dict[UUID, Exchange] = {}
        self.made: list[Allocation] = []

    def is_short(self, wanted: Sequence[Wanted], rows: Mapping[UUID, Sequence[Instalment]]) -> bool:
        """Whether there is less than is open of all that is wanted without saying how much."""
        debts = [one.debt for one in wanted if one.amount is None]
        return sum((self.exchange(debt).cost(open_of(rows[debt.id])) for debt in debts), ZERO) > self._row.residual

    def spend(self, one: Wanted, rows: Sequence[Instalment], day: date, *, discounted: bool) -> None:
        """Settle one debt, what is due first before the rest, as far as the amount that is wanted goes and there is."""
        rates, left = self.exchange(one.debt), self._limit(one, rows)
        for row in rows:
            if not row.residual or not self._row.residual:
                continue
            cut = discount(row, self._credit.dated, one.debt.currency) if discounted else ZERO
            paid, used = rates.pay(min(left, row.residual - cut), self._row.residual)
            if cut and paid < row.residual - cut:
                cut = ZERO
                paid, used = rates.pay(min(left, row.residual), self._row.residual)
            left -= paid
            if paid or cut:
                self._settle(one.debt, row, day, Allocation(amount=paid, discount=cut, used=used))
        if one.amount is not None and left and open_of(rows):
            raise NothingLeft(
                f"Only {one.amount - left} of it can be paid with what is left of this; take no more than that.",
                left=one.amount - left, path=("amount",),
            )  # fmt: skip

    def round_off(self) -> None:
        """Give up what little is left of the credit, once it was spent on something."""
        if self.made and self._is_little(self._row.residual, self._credit.currency):
            last = self.made[-1]
            last.credit_written_off = self._row.residual
            last.credit_written_off_value = take(self._row, self._row.residual, self._home)
            last.credit_value += last.credit_written_off_value

    def _limit(self, one: Wanted, rows: Sequence[Instalment]) -> Decimal:
        open_ = open_of(rows)
        if one.amount is None:
            return open_
        with at("amount"):
            amount = checked(one.amount, digits=currency_digits(one.debt.currency), above=ZERO)
            if amount > open_:
                raise NothingLeft(f"Only {open_} of it is open; pay no more than that.", left=open_)
        return amount

    def _settle(self, debt: Document, row: Instalment, day: date, made: Allocation) -> None:
        made.credit_id, made.debt_id, made.company_id = self._credit.id, debt.id, debt.company_id
        made.credit_instalment_id, made.debt_instalment_id = self._row.id, row.id
        made.dated, made.allocated_at, made.allocated_by = day, self._work.now, self._work.actor.signature
        rest = row.residual - made.amount - made.discount
        made.written_off = rest if self._is_little(rest, debt.currency) else ZERO
        made.credit_written_off = made.credit_written_off_value = ZERO
        whole = made.settled
        made.debt_value, made.credit_value = take(row, whole, self._home), take(self._row, made.used, self._home)
        made.discount_value = share(made.debt_value, made.discount, whole, self._home)
        both = share(made.debt_value, made.discount + made.written_off, whole, self._home)
        made.written_off_value = both - made.discount_value
        gain = made.debt_value - both - made.credit_value
        side = stand(debt)
        made.exchange_gain = gain if side is not None and side.side == "payables" else -gain
        self.made.append(self._work.add(made))

    def exchange(self, debt: Document) -> Exchange:
        """At which rates a debt is paid."""
        if debt.id not in self._exchanges:
            with at("document"):
                self._exchanges[debt.id] = exchange(self._work, self._credit, debt, self._home)
        return self._exchanges[debt.id]

    def _is_little(self, rest: Decimal, currency: str) -> bool:
        return 0 < rest <= Decimal(self._small).scaleb(-currency_digits(currency))


def discount(row: Instalment, on: date, currency: str) -> Decimal:
    """What may be taken off what is open of an instalment if it is paid on a day."""
    if row.discount_until is None or on > row.discount_until or not row.residual:
        return ZERO
    return money(ratio(product_of(row.discount, row.residual), row.amount), currency)


def open_of(rows: Iterable[Instalment]) -> Decimal:
    """What is open of instalments."""
    return sum((row.residual for row in rows), ZERO)
