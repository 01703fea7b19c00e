"""The stock ledger: moves in, positions kept equal to them.

Stock rows are locked in the order (product, location) before anything is written, whatever the caller's order is, and
reservations that are used before them.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import insert

from domain.catalog.product import Product
from domain.kernel.base import uuid7
from domain.kernel.documents import ZERO
from domain.kernel.errors import InsufficientStock, NotReady
from domain.kernel.recall import once
from domain.kernel.work import CHUNK, Work, batched
from domain.stock.holding import Claim, Keeping, reserved
from domain.stock.location import Location
from domain.stock.move import Move, Position

Place = tuple[UUID, UUID]
"""A product and a location."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leg:
    """A move to be made: `quantity` in the product's stock unit.

    `dated` if it counts for another day than the rest; `inferred` if that day is only the best a source has. With a
    `claim`, goods that are reserved for that partner may be taken, and are then no longer reserved.
    """

    product: UUID
    origin: UUID
    target: UUID
    quantity: Decimal
    line: UUID | None = None
    count: UUID | None = None
    reverses: UUID | None = None
    dated: date | None = None
    inferred: bool = False
    claim: Claim | None = None


def post(work: Work, company: UUID, legs: Iterable[Leg], *, dated: date | None = None) -> None:
    """Make moves, all or none; they count for the day `dated` unless they name their own.

    Raises InsufficientStock if an internal location would hold less than is reserved there for others, or nothing.
    """
    legs = list(legs)
    keeping = Keeping(work, legs)
    internal = _internal(work, {place for leg in legs for place in (leg.origin, leg.target)})
    deltas: defaultdict[Place, Decimal] = defaultdict(Decimal)
    for leg in legs:
        deltas[leg.product, leg.origin] -= leg.quantity
        deltas[leg.product, leg.target] += leg.quantity
    ours = {place: delta for place, delta in deltas.items() if place[1] in internal}
    held = positions(work, company, ours)
    keeping.settle()
    kept = reserved(work, [place for place, delta in ours.items() if delta < 0])
    for place, position in held.items():
        if ours[place] < 0:
            must_be_free(position, -ours[place], kept.get(place, ZERO))
        position.on_hand += ours[place]
        position.updated_at = work.now
    work.session.add_all(
        Move(
            company_id=company, product_id=leg.product, from_location_id=leg.origin, to_location_id=leg.target,
            quantity=leg.quantity, dated=leg.dated or dated, dated_inferred=leg.inferred, reverses_id=leg.reverses,
            line_id=leg.line, count_id=leg.count, moved_at=work.now, moved_by=work.actor.signature,
        )
        for leg in legs
    )  # fmt: skip


def must_be_free(position: Position, wanted: Decimal, kept: Decimal) -> None:
    """Raises InsufficientStock if less than `wanted` lies at a place beside what is kept there for others."""
    free = position.on_hand - kept
    if wanted > free:
        others = f", of which {kept} reserved for others" if kept else ""
        raise InsufficientStock(
            f"Only {position.on_hand} on hand at this location{others}; {wanted} would be taken.",
            on_hand=position.on_hand, reserved=kept, available=free, product=position.product_id,
            location=position.location_id,
        )  # fmt: skip


def expect(work: Work, company: UUID, deltas: Mapping[Place, Decimal], *, way: str) -> None:
    """Change what is `incoming` or `outgoing`, in stock units: more on confirmation, less as it comes or goes."""
    changed = {place: delta for place, delta in deltas.items() if delta}
    for place, position in positions(work, company, changed).items():
        setattr(position, way, getattr(position, way) + changed[place])
        position.updated_at = work.now


def positions(work: Work, company: UUID, places: Iterable[Place]) -> dict[Place, Position]:
    """The rows of these places, made if there are none, locked in the order (product, location).

    What is locked already since the last savepoint is not asked for again.
    """
    held: dict[Place, Position] = once(work, (Position, work.session.get_nested_transaction()), dict)
    wanted = sorted(set(places))
    for some in batched([place for place in wanted if place not in held], CHUNK):
        held |= _locked(work, company, some)
    return {place: held[place] for place in wanted}


def _locked(work: Work, company: UUID, places: Sequence[Place]) -> dict[Place, Position]:
    work.session.execute(insert(Position).on_conflict_do_nothing(), [_empty(work, company, place) for place in places])
    statement = (
        select(Position)
        .where(Position.tenant_id == work.actor.tenant, tuple_(Position.product_id, Position.location_id).in_(places))
        .order_by(Position.product_id, Position.location_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return {(row.product_id, row.location_id): row for row in work.session.scalars(statement)}


def at_home(work: Work, ends: Iterable[tuple[UUID | None, UUID]]) -> set[tuple[UUID | None, UUID | None]]:
    """Those of the ends of moves at which goods count as ours."""
    ends = set(ends)
    internal = _internal(work, {place for _, place in ends})
    return {(product, place) for product, place in ends if place in internal}


def stocked(work: Work, products: Iterable[UUID | None]) -> set[UUID | None]:
    """Those of the products that are goods kept in stock, not services."""
    wanted = {product for product in products if product is not None}
    known = once(work, stocked, dict[UUID, bool])
    if unknown := wanted - known.keys():
        statement = select(Product.id, Product.is_stocked).where(Product.tenant_id == work.actor.tenant)
        known |= {row.id: row.is_stocked for row in work.session.execute(statement.where(Product.id.in_(unknown)))}
    return {product for product in wanted if known.get(product)}


def receiving_location(work: Work, company: UUID) -> UUID:
    """Where goods come in unless a paper says otherwise."""
    return _one(work, company, Location.receives, "Name the location: the company has none that receives by default.")


def virtual_location(work: Work, company: UUID, kind: str) -> UUID:
    """The company's place for what is outside, such as vendor, customer or loss."""
    return _one(work, company, Location.kind == kind, f"The company has no location of the kind {kind}; add one.")


def reversed_legs(work: Work, lines: Iterable[UUID]) -> list[Leg]:
    """The moves that take back all moves made for these lines."""
    statement = select(Move).where(Move.tenant_id == work.actor.tenant, Move.line_id.in_(list(lines))).order_by(Move.id)
    return [
        Leg(product=move.product_id, origin=move.to_location_id, target=move.from_location_id,
            quantity=move.quantity, line=move.line_id, reverses=move.id)
        for move in work.session.scalars(statement)
    ]  # fmt: skip


def _empty(work: Work, company: UUID, place: Place) -> dict[str, object]:
    return {
        "tenant_id": work.actor.tenant, "id": uuid7(), "company_id": company, "product_id": place[0],
        "location_id": place[1], "on_hand": ZERO, "incoming": ZERO, "outgoing": ZERO, "updated_at": work.now,
    }  # fmt: skip


def _internal(work: Work, locations: set[UUID]) -> set[UUID]:
    statement = select(Location.id).where(
        Location.tenant_id == work.actor.tenant, Location.id.in_(locations), Location.kind == "internal"
    )
    return set(work.session.scalars(statement))


def _one(work: Work, company: UUID, condition: object, otherwise: str) -> UUID:
    statement = (
        select(Location.id)
        .where(Location.tenant_id == work.actor.tenant, Location.company_id == company, Location.archived_at.is_(None))
        .where(condition)  # type: ignore[arg-type]
        .order_by(Location.id)
        .limit(1)
    )
    found = work.session.scalars(statement).one_or_none()
    if found is None:
        raise NotReady(otherwise, path=("location",))
    return found
