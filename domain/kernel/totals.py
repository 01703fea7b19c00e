"""The amounts of a paper, from its lines and charges.

A line is quantity / price base x unit price less discount, rounded to the currency once. Tax is reckoned for each tax
over the whole document and rounded once, as EN 16931 asks (BR-CO-17), charges and allowances included; or once a line,
where the paper's `tax_rounding` is "line". Where prices include the tax, the gross amounts stand: the net of all is
gross / (1 + rate), and is handed down to the parts by the largest remainder, so that no cent is made or lost.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from domain.kernel.decimals import (
    LIMIT,
    apportioned,
    currency_digits,
    money,
    percentage,
    product_of,
    ratio,
    rounded,
    total_of,
)  # fmt: skip
from domain.kernel.documents import ZERO, Charge, Document, Line, TaxAmount
from domain.kernel.errors import BadInput, at
from domain.kernel.taxed import COPIED, HUNDRED

BUYING = "purchase"
BY_LINE = "line"
Bearer = Line | Charge
Terms = tuple[Any, ...]
"""All that a tax says, as a part bears it."""


@dataclass(frozen=True, slots=True)
class Share:
    """What of the taxes of a paper is one part's: the parts sum to the whole."""

    tax: Decimal
    self_assessed: Decimal
    unrecoverable: Decimal


def line_amount(line: Line, currency: str) -> Decimal:
    """What a line comes to at its price, with the tax if that is included, in whole minor units.

    BadInput from 10^15 on, where sums would not be exact.
    """
    share = 1 - line.discount_percent / 100
    amount = money(ratio(product_of(line.quantity, line.unit_price, share), line.price_base), currency)
    if amount >= LIMIT:
        raise BadInput("The amount is too large; give a smaller quantity or price.", path=("quantity",))
    return amount


def reckon(paper: Document, *, company_currency: str) -> None:
    """Set every amount of the paper anew from its lines and charges, which must be loaded."""
    for index, line in enumerate(paper.lines):
        with at("lines", index):
            line.amount = line_amount(line, paper.currency)
    for charge in paper.charges:
        charge.amount = stated(charge)
        charge.gross = charge.amount if charge.tax_included else None
    _settle_taxes(paper)
    paper.lines_amount = total_of((line.amount for line in paper.lines), paper.currency)
    paper.charges_amount = total_of((charge.amount for charge in paper.charges), paper.currency)
    paper.untaxed = paper.lines_amount + paper.charges_amount
    paper.tax = total_of((one.amount for one in paper.taxes), paper.currency)
    paper.total = paper.untaxed + paper.tax
    paper.company_untaxed = money(product_of(paper.untaxed, paper.exchange_rate), company_currency)


def stated(charge: Charge) -> Decimal:
    """The amount of a charge as it was given: with its tax, where that is included."""
    return charge.amount if charge.gross is None else charge.gross


def shares_of(paper: Document) -> dict[Bearer, Share]:
    """What of its taxes each line and charge bears, largest remainders first; those without a tax are left out.

    Of a paper that was reckoned, with lines, charges and taxes loaded.
    """
    groups = _groups(paper)
    found: dict[Bearer, Share] = {}
    for tax in paper.taxes:
        parts = groups.get(_terms_of(tax), [])
        found |= dict(zip(parts, _shares(paper, tax, parts), strict=True))
    return found


def unrecoverable_of(part: Bearer) -> Decimal:
    """The tax on a line or charge that is not recovered, and so is part of its cost; for all at once: `shares_of`."""
    share = shares_of(part.document).get(part)
    return rounded(ZERO, currency_digits(part.document.currency)) if share is None else share.unrecoverable


def _settle_taxes(paper: Document) -> None:
    groups = _groups(paper)
    known = {_terms_of(one): one for one in paper.taxes}
    for terms in known.keys() - groups.keys():
        paper.taxes.remove(known[terms])
    for terms in sorted(groups, key=_place):
        if terms not in known:
            known[terms] = TaxAmount(**dict(zip(_KEPT, terms, strict=True)))
            paper.taxes.append(known[terms])
        _settle(paper, known[terms], groups[terms])


def _settle(paper: Document, tax: TaxAmount, parts: Sequence[Bearer]) -> None:
    stated_in_all = total_of((part.amount for part in parts), paper.currency)
    if tax.included:
        nets = _nets(paper, tax, parts)
        for part, net in zip(parts, nets, strict=True):
            part.amount = net
    tax.base = total_of((part.amount for part in parts), paper.currency)
    tax.amount = stated_in_all - tax.base if tax.included else _percent(paper, parts, tax.base, tax.rate)
    buys = paper.direction == BUYING
    tax.self_assessed = _percent(paper, parts, tax.base, (tax.reverse_charge_rate if buys else None) or ZERO)
    lost = HUNDRED - tax.recoverable_percent if buys else ZERO
    tax.unrecoverable = money(percentage(tax.amount + tax.self_assessed, lost), paper.currency)


def _nets(paper: Document, tax: TaxAmount, parts: Sequence[Bearer]) -> list[Decimal]:
    exact = [ratio(part.amount, 1 + tax.rate / HUNDRED) for part in parts]
    if paper.tax_rounding == BY_LINE:
        return [money(one, paper.currency) for one in exact]
    gross = total_of((part.amount for part in parts), paper.currency)
    return apportioned(money(ratio(gross, 1 + tax.rate / HUNDRED), paper.currency), exact, paper.currency)


def _percent(paper: Document, parts: Sequence[Bearer], base: Decimal, rate: Decimal) -> Decimal:
    if paper.tax_rounding == BY_LINE:
        return total_of((money(percentage(part.amount, rate), paper.currency) for part in parts), paper.currency)
    return money(percentage(base, rate), paper.currency)


def _shares(paper: Document, tax: TaxAmount, parts: Sequence[Bearer]) -> list[Share]:
    def share(whole: Decimal, exact: Sequence[Decimal]) -> list[Decimal]:
        return apportioned(whole, exact, paper.currency)

    due = _dues(paper, tax, parts)
    rate = tax.reverse_charge_rate if tax.self_assessed and tax.reverse_charge_rate else ZERO
    assessed = share(tax.self_assessed, [_exact(paper, part, rate) for part in parts])
    lost = HUNDRED - tax.recoverable_percent if tax.unrecoverable else ZERO
    costs = share(tax.unrecoverable, [percentage(a + b, lost) for a, b in zip(due, assessed, strict=True)])
    return [Share(*one) for one in zip(due, assessed, costs, strict=True)]


def _dues(paper: Document, tax: TaxAmount, parts: Sequence[Bearer]) -> list[Decimal]:
    if tax.included:
        return [_gross(paper, part) - part.amount for part in parts]
    return apportioned(tax.amount, [_exact(paper, part, tax.rate) for part in parts], paper.currency)


def _gross(paper: Document, part: Bearer) -> Decimal:
    return line_amount(part, paper.currency) if isinstance(part, Line) else stated(part)


def _exact(paper: Document, part: Bearer, rate: Decimal) -> Decimal:
    exact = percentage(part.amount, rate)
    return money(exact, paper.currency) if paper.tax_rounding == BY_LINE else exact


_KEPT = [{"id": "tax_id"}.get(name, name) for name in COPIED.values()]


def _groups(paper: Document) -> dict[Terms, list[Bearer]]:
    groups: defaultdict[Terms, list[Bearer]] = defaultdict(list)
    parts: list[Bearer] = [*paper.lines, *paper.charges]
    for part in parts:
        if part.tax_id is not None:
            groups[_alike([getattr(part, name) for name in COPIED])].append(part)
    return groups


def _terms_of(tax: TaxAmount) -> Terms:
    return _alike([getattr(tax, name) for name in _KEPT])


def _alike(values: Sequence[Any]) -> Terms:
    """8 and 8.00 are the same rate; what a row that is not written yet leaves out is its default."""
    found = dict(zip(COPIED, values, strict=True))
    found["tax_included"] = bool(found["tax_included"])
    if found["tax_recoverable_percent"] is None:
        found["tax_recoverable_percent"] = HUNDRED
    return tuple(_plain(value) if isinstance(value, Decimal) else value for value in found.values())


def _plain(value: Decimal) -> Decimal:
    normal = value.normalize()
    return rounded(normal, max(0, -int(normal.as_tuple().exponent)))


def _place(terms: Terms) -> tuple[Decimal, str]:
    return terms[1], str(terms)
