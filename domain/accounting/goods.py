"""What goods are worth on their way in and out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import cast
from uuid import UUID

from sqlalchemy import select

from domain.accounting.cost import cost_of
from domain.accounting.links import linked, linking
from domain.accounting.ordered import ordered
from domain.accounting.portions import Portion, Seen, portions
from domain.accounting.standing import standing
from domain.kernel.decimals import money, product_of, ratio
from domain.kernel.documents import ZERO, Line
from domain.stock.location import Location
from domain.stock.move import Move

Moves = Mapping[UUID, "Moved"]


@dataclass(frozen=True, slots=True)
class Moved:
    """What of a line was moved, in stock units: by which move (the first, if there are several), whether into stock."""

    move: UUID
    quantity: Decimal
    came: bool


@portions("goods_received")
def goods_received(seen: Seen) -> Iterator[Portion]:
    """What came into stock, at its order's net price and rate, with the tax that is not recovered."""
    yield from _of_ahead(seen, "received_not_billed")
    moves, ahead = moved(seen), _ahead(seen)
    prices = ordered(seen.work, [line.id for line in seen.paper.lines])
    for line in seen.paper.lines:
        if line.id in moves and (left := moves[line.id].quantity - _sum(ahead, line)) > 0:
            net, rate = prices.get(line.id, (ZERO, seen.paper.exchange_rate))
            net = net if left == moves[line.id].quantity else ratio(product_of(net, left), moves[line.id].quantity)
            worth = seen.worth(net, rate), money(net, seen.paper.currency)
            yield _portion(seen, line, moves[line.id], worth=worth, quantity=left)


@portions("goods_billed_before")
def goods_billed_before(seen: Seen) -> Iterator[Portion]:
    """What came into stock after it was billed, at what the bill asked."""
    return _of_ahead(seen, "billed_not_received")


def _of_ahead(seen: Seen, role: str) -> Iterator[Portion]:
    moves = moved(seen)
    for line in seen.paper.lines:
        for name, settles, worth, quantity in _ahead(seen).get(line.id, ()):
            if name == role:
                one = _portion(seen, line, moves[line.id], worth=worth, quantity=quantity, settles=settles)
                yield replace(one, settles_as=role)


@portions("goods_sent_back")
def goods_sent_back(seen: Seen) -> Iterator[Portion]:
    """What went back to the vendor, at what it came in at; what was waited for, at what still stands for it."""
    return _back(seen, "stock", closing="received_not_billed")


@portions("goods_delivered")
def goods_delivered(seen: Seen) -> Iterable[Portion]:
    """What went to a customer, at what the latest receipt on or before the day cost; else at its standard cost."""
    return _at_cost(seen)


@portions("goods_taken_back")
def goods_taken_back(seen: Seen) -> Iterator[Portion]:
    """What came back from a customer, at what it had gone out at."""
    return _back(seen, "cost_of_goods")


@portions("goods_found")
def goods_found(seen: Seen) -> Iterator[Portion]:
    """What an adjustment found, at what the latest receipt cost; else at its standard cost."""
    return (one for one in _at_cost(seen) if one.line and moved(seen)[one.line].came)


@portions("goods_lost")
def goods_lost(seen: Seen) -> Iterator[Portion]:
    """What an adjustment found missing, likewise."""
    return (one for one in _at_cost(seen) if one.line and not moved(seen)[one.line].came)


def moved(seen: Seen) -> Moves:
    """What was moved for the lines of a paper."""
    return cast("Moves", seen.once("moved", lambda: _moved(seen)))


def _moved(seen: Seen) -> Moves:
    statement = (
        select(Move.line_id, Move.id, Move.quantity, Location.kind)
        .join(Location, (Location.tenant_id == Move.tenant_id) & (Location.id == Move.to_location_id))
        .where(Move.tenant_id == seen.work.actor.tenant, Move.line_id.in_([line.id for line in seen.paper.lines]))
        .order_by(Move.id)
    )
    found: dict[UUID, Moved] = {}
    for line, move, quantity, kind in seen.work.session.execute(statement):
        if line is not None:
            earlier = found.get(line) or Moved(move, ZERO, kind == "internal")
            found[line] = Moved(earlier.move, earlier.quantity + quantity, earlier.came)
    return found


Ahead = Mapping[UUID, list[tuple[str, UUID, tuple[Decimal, Decimal], Decimal]]]
"""By line of a receipt: what of it was billed before: where that stands, of which line, with worth and quantity."""


def _ahead(seen: Seen) -> Ahead:
    return cast("Ahead", seen.once("ahead", lambda: _billed_ahead(seen)))


def _billed_ahead(seen: Seen) -> Ahead:
    """Goods that were billed before they came, and goods in place of those that went back after they were billed."""
    moves, links = moved(seen), linked(seen.work, "receives", [line.id for line in seen.paper.lines])
    orders = {link.line for some in links.values() for link in some}
    gone = _to_replace(seen, orders)
    places = [("billed_not_received", orders), ("received_not_billed", {one for some in gone.values() for one in some})]
    stands = {role: standing(seen.work, [role], lines, seen.company.currency) for role, lines in places}
    found: dict[UUID, list[tuple[str, UUID, tuple[Decimal, Decimal], Decimal]]] = {}
    for line, some in links.items():
        left = moves[line].quantity if line in moves else ZERO
        for link in some:
            billed = [("billed_not_received", link.line, left)]
            billed += [("received_not_billed", one, most) for one, most in gone.get(link.line, {}).items()]
            for role, one, most in billed:
                stand = stands[role].get(one)
                if stand is not None and (taken := min(left, most, stand.quantity)) > 0:
                    found.setdefault(line, []).append((role, one, stand.take(taken), taken))
                    left -= taken
    return found


def _to_replace(seen: Seen, orders: Iterable[UUID]) -> dict[UUID, dict[UUID, Decimal]]:
    """By line of an order: the lines of receipts of which goods went back to be replaced, and how much, in stock."""
    came = linking(seen.work, "receives", orders)
    lines = seen.work.find_all(Line, [link.line for some in came.values() for link in some])
    back = {id: line.measured(line.to_replace) for id, line in lines.items() if line.to_replace}
    return {order: {link.line: back[link.line] for link in some if link.line in back} for order, some in came.items()}


def _sum(ahead: Ahead, line: Line) -> Decimal:
    return sum((quantity for *_, quantity in ahead.get(line.id, ())), ZERO)


def _at_cost(seen: Seen) -> list[Portion]:
    return cast("list[Portion]", seen.once("at cost", lambda: list(_costs(seen))))


def _costs(seen: Seen) -> Iterator[Portion]:
    moves, home = moved(seen), seen.company.currency
    for line in seen.paper.lines:
        if line.id in moves and line.product_id is not None:
            unit = cost_of(seen.work, seen.paper.company_id, line.product_id, seen.paper.dated)
            value = money(product_of(unit.cost, moves[line.id].quantity), home)
            yield _portion(seen, line, moves[line.id], worth=(value, value), currency=home)


def _back(seen: Seen, role: str, *, closing: str = "") -> Iterator[Portion]:
    """Goods that go back, at what stands for the line they came or went by; where nothing does, at what they cost.

    Where they are all that is `closing` on that account, nothing stays there, were it a cent.
    """
    moves, links = moved(seen), linked(seen.work, "returns", [line.id for line in seen.paper.lines])
    of = {link.line for some in links.values() for link in some}
    stands = standing(seen.work, [role], of, seen.company.currency)
    rests = standing(seen.work, [closing], of, seen.company.currency)
    for line in seen.paper.lines:
        if line.id not in moves:
            continue
        origin = next((one.line for one in links.get(line.id, ()) if one.line in stands), None)
        if origin is None:
            yield from (one for one in _at_cost(seen) if one.line == line.id)
            continue
        worth = stands[origin].take(moves[line.id].quantity)
        if (rest := rests.get(origin)) is not None and -rest.quantity == moves[line.id].quantity:
            worth = -rest.value, -rest.amount
        yield _portion(seen, line, moves[line.id], worth=worth, settles=origin, currency=stands[origin].currency)


def _portion(
    seen: Seen,
    line: Line,
    move: Moved,
    *,
    worth: tuple[Decimal, Decimal],
    quantity: Decimal | None = None,
    settles: UUID | None = None,
    currency: str | None = None,
) -> Portion:
    """So much of a line's goods; all that were moved, if not said."""
    return Portion(
        value=worth[0], amount=worth[1], currency=currency or seen.paper.currency, line=line.id, settles=settles,
        move=move.move, product=line.product_id, quantity=move.quantity if quantity is None else quantity,
    )  # fmt: skip
