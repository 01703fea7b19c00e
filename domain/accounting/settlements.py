"""What payments come to in the books, and what credits and debts take down of each other.

Credit and debt may be in two currencies: both pass over the account of exchange differences, where what the rates made
of it stays. What a discount takes off was part base, part tax; the tax is corrected at the rates of the debt.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import cast

from domain.accounting.portions import Portion, Seen, Taxed, portions
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Document, TaxAmount
from domain.kernel.totals import BUYING


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What a credit settles of a debt: of each part so much, and what that stood in the books at."""

    amount: Decimal
    amount_value: Decimal
    used: Decimal
    used_value: Decimal
    discount: Decimal
    discount_value: Decimal
    written_off: Decimal
    written_off_value: Decimal
    credit_written_off: Decimal
    credit_written_off_value: Decimal
    debt_due: date
    credit_due: date


@dataclass(frozen=True)
class Settling(Seen):
    """A debt, the paper, as it is looked at when a credit settles it."""

    credit: Document | None = None
    figures: Figures | None = None


@portions("paid_out")
def paid_out(seen: Seen) -> Iterator[Portion]:
    """Money that went to a vendor; below nothing if it came back."""
    if seen.paper.payment_side == "payables":
        yield _money(seen, 1 if seen.paper.payment_direction == "out" else -1)


@portions("paid_in")
def paid_in(seen: Seen) -> Iterator[Portion]:
    """Money that came from a customer; below nothing if it went back."""
    if seen.paper.payment_side == "receivables":
        yield _money(seen, 1 if seen.paper.payment_direction == "in" else -1)


def _money(seen: Seen, sign: int) -> Portion:
    paper = seen.paper
    return Portion(value=sign * seen.worth(paper.total), amount=sign * paper.total, currency=paper.currency)


@portions("settled")
def settled(seen: Seen) -> Iterator[Portion]:
    """What is taken down of a debt by what was paid."""
    figures = _figures(seen)
    yield _of_debt(seen, figures.amount_value, figures.amount)


@portions("spent")
def spent(seen: Seen) -> Iterator[Portion]:
    """What is taken down of the credit by what it pays."""
    figures = _figures(seen)
    yield _of_credit(seen, figures.used_value, figures.used)


@portions("discounted")
def discounted(seen: Seen) -> Iterator[Portion]:
    """What a discount takes off, without the tax on it."""
    figures, taxes = _figures(seen), _discounted_taxes(seen)
    amount = figures.discount - sum((amount for _, amount, _, _ in taxes), ZERO)
    value = figures.discount_value - sum((value for _, _, value, _ in taxes), ZERO)
    yield _of_debt(seen, value, amount)


@portions("discounted_tax")
def discounted_tax(seen: Seen) -> Iterator[Portion]:
    """The tax on what a discount takes off, by the rates of the debt; where it is self-assessed, that has its base."""
    for tax, amount, value, base in _discounted_taxes(seen):
        taxed = _taxed(tax, ZERO if tax.self_assessed else base)
        yield replace(_of_debt(seen, value, amount), taxed=taxed)


@portions("discounted_assessment")
def discounted_assessment(seen: Seen) -> Iterator[Portion]:
    """The tax that the buyer had reckoned in the vendor's place on what a discount takes off."""
    paper = seen.paper
    for tax, _, _, base in _discounted_taxes(seen):
        if tax.self_assessed:
            amount = _part(_figures(seen).discount, tax.self_assessed, paper.total, paper.currency)
            yield Portion(value=seen.worth(amount), amount=amount, currency=paper.currency, taxed=_taxed(tax, base))


@portions("written_off")
def written_off(seen: Seen) -> Iterator[Portion]:
    """What little of a debt is given up."""
    figures = _figures(seen)
    yield _of_debt(seen, figures.written_off_value, figures.written_off)


@portions("credit_written_off")
def credit_written_off(seen: Seen) -> Iterator[Portion]:
    """What little of a credit is given up."""
    figures = _figures(seen)
    yield _of_credit(seen, figures.credit_written_off_value, figures.credit_written_off)


def _of_debt(seen: Seen, value: Decimal, amount: Decimal) -> Portion:
    return Portion(
        value=value, amount=amount, currency=seen.paper.currency, item=seen.paper.id, due_on=_figures(seen).debt_due
    )


def _of_credit(seen: Seen, value: Decimal, amount: Decimal) -> Portion:
    credit, due = _credit(seen), _figures(seen).credit_due
    return Portion(value=value, amount=amount, currency=credit.currency, item=credit.id, due_on=due)


def _discounted_taxes(seen: Seen) -> Sequence[tuple[TaxAmount, Decimal, Decimal, Decimal]]:
    """Of every tax of the debt: what of a discount it is, that in the company's currency, and of which base there."""
    paper, figures, found = seen.paper, _figures(seen), []
    if not figures.discount:
        return ()
    for tax in paper.taxes:
        part = tax.amount - (tax.unrecoverable if paper.direction == BUYING else ZERO)
        amount = _part(figures.discount, part, paper.total, paper.currency)
        value = _part(figures.discount_value, amount, figures.discount, seen.company.currency)
        base = _part(figures.discount, tax.base, paper.total, paper.currency)
        found.append((tax, amount, value, seen.worth(base)))
    return found


def _part(whole: Decimal, some: Decimal, of: Decimal, currency: str) -> Decimal:
    return money(ratio(product_of(whole, some), of), currency)


def _taxed(tax: TaxAmount, base: Decimal) -> Taxed:
    return Taxed(tax.tax_id, tax.rate or tax.reverse_charge_rate or ZERO, tax.category, base)


def _figures(seen: Seen) -> Figures:
    return cast("Figures", cast("Settling", seen).figures)


def _credit(seen: Seen) -> Document:
    return cast("Document", cast("Settling", seen).credit)
