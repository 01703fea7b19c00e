"""What bills and invoices come to: what of a bill pays for goods received, what is a difference in price, its taxes."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from domain.accounting.crediting import Named, credited
from domain.accounting.links import Link, linked, linking
from domain.accounting.portions import AHEAD, PRICE, RECEIVED, ROLES, SERVICES, Portion, Seen, Taxed, portions
from domain.accounting.standing import Standing, standing
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Charge, Line, TaxAmount
from domain.kernel.totals import BUYING, shares_of
from domain.stock import ledger

RECEIPT, ORDER = "receipt", "purchase_order"
Part = Line | Charge | TaxAmount
Split = Mapping[str, Sequence[Portion]]


@dataclass(frozen=True, slots=True)
class Ground:
    """What stands that one line, so much in stock units, may take down, first to last; how much was billed ahead of it.

    What came `elsewhere` is in other books; None if nothing of what came is in these.
    """

    quantity: Decimal
    stands: Sequence[tuple[str, UUID, Standing]]
    ahead: Decimal
    order: UUID | None
    elsewhere: Decimal | None


def valued(seen: Seen) -> dict[Part, tuple[Decimal, Decimal]]:
    """By line, charge and tax: what it comes to in the paper's currency, and its value; the values sum to the total's.

    Tax that a buyer does not recover is with the lines and charges, as their cost.
    """
    return cast("dict[Part, tuple[Decimal, Decimal]]", seen.once("valued", lambda: _valued(seen)))


def _valued(seen: Seen) -> dict[Part, tuple[Decimal, Decimal]]:
    paper = seen.paper
    shares = shares_of(paper) if paper.direction == BUYING else {}
    lost = {part: share.unrecoverable for part, share in shares.items()}
    amounts: list[tuple[Part, Decimal]] = [(one, one.amount + lost.get(one, ZERO)) for one in paper.lines]
    amounts += [(one, one.amount + lost.get(one, ZERO)) for one in paper.charges]
    amounts += [(one, one.amount - (one.unrecoverable if shares else ZERO)) for one in paper.taxes]
    found, running = {}, ZERO
    for part, amount in amounts:
        found[part] = amount, seen.worth(running + amount) - seen.worth(running)
        running += amount
    return found


def _told(name: str) -> Callable[[Seen], Iterable[Portion]]:
    return lambda seen: split(seen)[name]


billed_receipts = portions(RECEIVED)(_told(RECEIVED))
billed_before_receipt = portions(AHEAD)(_told(AHEAD))
price_difference = portions(PRICE)(_told(PRICE))
billed_services = portions(SERVICES)(_told(SERVICES))


@portions("tax_deducted")
def tax_deducted(seen: Seen) -> Iterator[Portion]:
    """The tax on a bill that is recovered; where it is self-assessed, that has its base."""
    for tax in seen.paper.taxes:
        amount, value = valued(seen)[tax]
        base = ZERO if tax.self_assessed else seen.worth(tax.base)
        yield _tax(seen, tax, value, amount, base)


@portions("tax_self_assessed")
def tax_self_assessed(seen: Seen) -> Iterator[Portion]:
    """The tax that the buyer owes in the vendor's place, and deducts."""
    for tax in seen.paper.taxes:
        if tax.self_assessed:
            yield _tax(seen, tax, seen.worth(tax.self_assessed), tax.self_assessed, seen.worth(tax.base))


@portions("sold")
def sold(seen: Seen) -> Iterator[Portion]:
    """What an invoice asks for its lines and charges, untaxed."""
    repriced = _repriced(seen)
    for line in seen.paper.lines:
        amount, value = valued(seen)[line]
        whole = _of_line(seen, line, value, amount, line.in_stock_units(line.quantity))
        yield replace(whole, quantity=None) if line.id in repriced else whole
    for charge in seen.paper.charges:
        amount, value = valued(seen)[charge]
        yield Portion(value=value, amount=amount, currency=seen.paper.currency)


@portions("tax_charged")
def tax_charged(seen: Seen) -> Iterator[Portion]:
    """The taxes on an invoice, those at 0 too."""
    for tax in seen.paper.taxes:
        amount, value = valued(seen)[tax]
        yield _tax(seen, tax, value, amount, seen.worth(tax.base))


def split(seen: Seen) -> Split:
    """The lines and charges of a bill, or of a vendor's credit note, by what they pay for."""
    return cast("Split", seen.once("split", lambda: _split(seen)))


def _split(seen: Seen) -> Split:
    found: dict[str, list[Portion]] = {name: [] for name in (RECEIVED, AHEAD, PRICE, SERVICES)}
    goods = ledger.stocked(seen.work, [line.product_id for line in seen.paper.lines])
    lines = [line for line in seen.paper.lines if line.product_id in goods]
    grounds = _grounds(seen, lines) if seen.kind == "vendor_bill" else {}
    billed = credited(seen) if seen.kind != "vendor_bill" else {}
    repriced = _repriced(seen) & {line.id for line in lines}
    for line in seen.paper.lines:
        amount, value = valued(seen)[line]
        ground = grounds.get(line.id)
        whole = _of_line(seen, line, value, amount, ground.quantity if ground else line.measured(line.quantity))
        parts = _of_goods(seen, whole, ground) if ground else billed.get(line.id, ())
        rest = (PRICE, replace(whole, quantity=None)) if line.id in repriced else (SERVICES, whole)
        for name, part in _with_difference(whole, parts) if parts else [rest]:
            found[name].append(part)
    for charge in seen.paper.charges:
        amount, value = valued(seen)[charge]
        found[SERVICES].append(Portion(value=value, amount=amount, currency=seen.paper.currency))
    return found


def _repriced(seen: Seen) -> set[UUID]:
    """The lines that are about a price alone; no goods come or go with them."""
    return {*linked(seen.work, "reprices", [line.id for line in seen.paper.lines])}


def _with_difference(whole: Portion, parts: Sequence[Named]) -> Iterator[Named]:
    """The parts, and what the paper asks for the line beyond them."""
    yield from parts
    value = whole.value - sum((part.value for _, part in parts), ZERO)
    amount = whole.amount - sum((part.amount for _, part in parts), ZERO)
    if value or amount:
        yield PRICE, replace(whole, value=value, amount=amount, quantity=None)


def _of_goods(seen: Seen, whole: Portion, ground: Ground) -> list[Named]:
    """First what stands for the line, then what is billed ahead; goods that other books received are bought here."""
    found: list[Named] = []
    quantity = left = whole.quantity or ZERO
    for name, line, stands in ground.stands:
        if (taken := min(left, -stands.quantity)) > 0:
            value, amount = stands.take(-taken)
            found.append((name, replace(whole, value=-value, amount=-amount, quantity=taken, settles=line)))
            left -= taken
    ahead = min(left, ground.ahead)
    elsewhere = left - ahead if ground.elsewhere is None else min(left - ahead, ground.elsewhere)
    for name, some, of in ((AHEAD, ahead, ground.order), (SERVICES, elsewhere, None)):
        if some > 0:
            share = [ratio(product_of(figure, some), quantity) for figure in (whole.value, whole.amount)]
            value, amount = money(share[0], seen.company.currency), money(share[1], whole.currency)
            found.append((name, replace(whole, value=value, amount=amount, quantity=some, settles=of)))
    return found or [(PRICE, whole)]


def _grounds(seen: Seen, lines: Sequence[Line]) -> dict[UUID, Ground]:
    """What stands for each line of an order: by the receipts it bills, then by all others of that order."""
    work, home = seen.work, seen.company.currency
    links = linked(work, "bills", [line.id for line in lines])
    orders = {line: _of(some, ORDER) for line, some in links.items()}
    came = linking(work, "receives", [one for some in orders.values() for one in some])
    receipts = {
        line: list(dict.fromkeys([*_of(some, RECEIPT), *_came(orders[line], came)])) for line, some in links.items()
    }
    stands = {
        name: standing(work, [role], {one for some in kinds.values() for one in some}, home)
        for (name, role), kinds in zip(ROLES.items(), (receipts, orders), strict=True)
    }
    known = work.find_all(Line, {one for some in orders.values() for one in some})
    ahead, quantities = _ahead(known.values()), _quantities(lines, orders, known)
    return {
        line: Ground(
            quantities[line],
            [(name, one, stands[name][one]) for name, some in ((RECEIVED, receipts[line]), (AHEAD, orders[line]))
             for one in some if one in stands[name]],
            sum((ahead[one] for one in orders[line]), ZERO),
            next(iter(orders[line]), None),
            _elsewhere(links[line], stands[RECEIVED]) if stands[RECEIVED].keys() & receipts[line] else None,
        )
        for line in links
    }  # fmt: skip


def _elsewhere(links: Iterable[Link], known: Container[UUID]) -> Decimal:
    return sum((link.stock for link in links if link.kind == RECEIPT and link.line not in known), ZERO)


def _of(links: Iterable[Link], kind: str) -> list[UUID]:
    return list(dict.fromkeys(link.line for link in links if link.kind == kind))


def _came(orders: Iterable[UUID], came: Mapping[UUID, Sequence[Link]]) -> list[UUID]:
    return [link.line for order in orders for link in came.get(order, ()) if link.kind == RECEIPT]


def _ahead(orders: Iterable[Line]) -> dict[UUID, Decimal]:
    """By line of an order: how much more was billed of it than came, this bill included, in stock units."""
    return {
        line.id: line.measured(max(ZERO, -(line.accepted - line.returned - line.billed + line.credited)))
        for line in orders
    }


def _quantities(
    lines: Sequence[Line], orders: Mapping[UUID, Sequence[UUID]], known: Mapping[Any, Line]
) -> dict[UUID, Decimal]:
    """By line of a bill, in stock units: what it adds to what is billed of an order's; the parts sum to the whole."""
    billed = {order.id: order.billed - order.credited for order in known.values()}
    found: dict[UUID, Decimal] = {}
    for line in reversed(lines):
        order = next((known[id] for id in orders.get(line.id, ())), None)
        if order is None:
            found[line.id] = line.measured(line.quantity)
            continue
        after = billed[order.id]
        billed[order.id] = after - line.quantity
        found[line.id] = order.measured(after) - order.measured(billed[order.id])
    return found


def _of_line(seen: Seen, line: Line, value: Decimal, amount: Decimal, quantity: Decimal) -> Portion:
    return Portion(
        value=value, amount=amount, currency=seen.paper.currency, line=line.id, product=line.product_id,
        quantity=quantity if line.product_id else None,
    )  # fmt: skip


def _tax(seen: Seen, tax: TaxAmount, value: Decimal, amount: Decimal, base: Decimal) -> Portion:
    taxed = Taxed(tax.tax_id, tax.rate or tax.reverse_charge_rate or ZERO, tax.category, base)
    return Portion(value=value, amount=amount, currency=seen.paper.currency, taxed=taxed)
