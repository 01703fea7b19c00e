"""The amounts of a paper, from its lines and charges.

A line is quantity / price base x unit price less discount, rounded to the currency once. Tax is reckoned per rate over
the whole document and rounded once a rate, as EN 16931 asks (BR-CO-17), charges and allowances included.
"""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal

from domain.kernel.decimals import LIMIT, currency_digits, money, percentage, product_of, ratio, rounded
from domain.kernel.documents import ZERO, Charge, Document, Line, TaxAmount
from domain.kernel.errors import BadInput, at


def line_amount(line: Line, currency: str) -> Decimal:
    """The untaxed amount of a line in whole minor units; BadInput from 10^15 on, where sums would not be exact."""
    share = 1 - line.discount_percent / 100
    amount = money(ratio(product_of(line.quantity, line.unit_price, share), line.price_base), currency)
    if amount >= LIMIT:
        raise BadInput("The amount is too large; give a smaller quantity or price.", path=("quantity",))
    return amount


def reckon(paper: Document, *, company_currency: str) -> None:
    """Set every amount of the paper anew from its lines and charges, which must be loaded."""
    currency = paper.currency
    for index, line in enumerate(paper.lines):
        with at("lines", index):
            line.amount = line_amount(line, currency)
    zero = rounded(ZERO, currency_digits(currency))
    paper.lines_amount = sum((line.amount for line in paper.lines), zero)
    paper.charges_amount = sum((charge.amount for charge in paper.charges), zero)
    paper.untaxed = paper.lines_amount + paper.charges_amount
    _group_taxes(paper)
    paper.tax = sum((one.amount for one in paper.taxes), zero)
    paper.total = paper.untaxed + paper.tax
    paper.company_untaxed = money(product_of(paper.untaxed, paper.exchange_rate), company_currency)


def _group_taxes(paper: Document) -> None:
    bases: defaultdict[Decimal, Decimal] = defaultdict(Decimal)
    parts: list[Line | Charge] = [*paper.lines, *paper.charges]
    for part in parts:
        if part.tax_id is not None:
            bases[part.tax_rate.normalize()] += part.amount
    known = {one.rate.normalize(): one for one in paper.taxes}
    for rate in known.keys() - bases.keys():
        paper.taxes.remove(known[rate])
    for rate, base in sorted(bases.items()):
        if rate not in known:
            known[rate] = TaxAmount(rate=rounded(rate, max(0, -int(rate.as_tuple().exponent))))
            paper.taxes.append(known[rate])
        known[rate].base, known[rate].amount = base, money(percentage(base, rate), paper.currency)
