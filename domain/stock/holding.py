"""What reservations keep back: summed at the moment of asking, used by whom it is kept for, given back on reversal.

Whoever changes what lies or is reserved at a place holds its position, so that two never share the last piece.
Reservations are locked before positions, as all papers are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, select, tuple_

from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.work import CHUNK, Work, batched
from domain.kernel.workflow import take
from domain.stock.move import Move
from domain.stock.reservation import Reservation, is_live, live

if TYPE_CHECKING:
    from domain.stock.ledger import Leg, Place

USES = "uses"
"""A line that took goods `uses` the lines of the reservations that had kept them."""
RESERVES = "reserves"
"""A line of a reservation `reserves` for a line of another paper."""


Claimed = tuple[UUID, UUID, UUID]
"""A partner, a product and a location."""


@dataclass(frozen=True, slots=True)
class Claim:
    """For whom goods are taken: a partner and, if there is one, the line of the order that asks for them.

    What was reserved for another line of that partner is not theirs to use.
    """

    partner: UUID
    line: UUID | None = None


def reserved(work: Work, places: Iterable[Place]) -> dict[Place, Decimal]:
    """What is kept back at these places now; nothing where a place is missing."""
    found: dict[Place, Decimal] = {}
    for some in batched(sorted(set(places)), CHUNK):
        statement = (
            select(Line.product_id, Line.location_id, func.sum(Line.open_quantity).label("kept"))
            .join(Reservation, (Reservation.tenant_id == Line.tenant_id) & (Reservation.id == Line.document_id))
            .where(Line.tenant_id == work.actor.tenant, tuple_(Line.product_id, Line.location_id).in_(some))
            .where(Line.open_quantity > 0, live(work))
            .group_by(Line.product_id, Line.location_id)
        )
        found |= {(row.product_id, row.location_id): row.kept for row in work.session.execute(statement)}
    return found


def lock_claimed(work: Work, wanted: set[Claimed], lines: Iterable[UUID] = ()) -> dict[UUID, Reservation]:
    """The reservations that keep anything of this, and those of these lines, locked before any position is."""
    named = _claimed(work, wanted) | _papers_of(work, set(lines))
    return work.lock(Reservation, named, *Document.whole()) if named else {}


def let_go(work: Work, order: Document, _: Any) -> None:
    """Effect of an order's end: what is kept for its lines is kept no more. No position is held yet."""
    statement = (
        select(Line.id)
        .join(LineLink, (LineLink.tenant_id == Line.tenant_id) & (LineLink.from_line_id == Line.id))
        .where(Line.tenant_id == work.actor.tenant, Line.open_quantity > 0, LineLink.relation == RESERVES)
        .where(LineLink.to_line_id.in_([line.id for line in order.lines]))
    )
    kept = set(work.session.scalars(statement))
    for paper in lock_claimed(work, set(), kept).values():
        mine = [line for line in paper.lines if line.id in kept and line.open_quantity]
        for line in mine:
            line.closed, line.open_quantity = line.closed + line.open_quantity, ZERO
        if mine:
            take(work, paper, "let_go" if any(line.open_quantity for line in paper.lines) else "end")


class Keeping:
    """The reservations that some moves use up or restore, locked in the order of their ids."""

    def __init__(self, work: Work, legs: Sequence[Leg]) -> None:
        self._work, self._legs = work, legs
        self._before = _used_before(work, [leg.reverses for leg in legs if leg.reverses])
        claimed = {(leg.claim.partner, leg.product, leg.origin) for leg in legs if leg.claim}
        self._papers = lock_claimed(work, claimed, {link.to_line_id for link in self._before})

    def settle(self) -> None:
        """Use what is kept for those who take, and keep again what comes back. The positions are held."""
        if self._papers:
            self._use(_reserved_for(self._work, self._papers))
            self._restore()

    def _use(self, kept_for: dict[UUID, UUID]) -> None:
        used: defaultdict[tuple[UUID, UUID], Decimal] = defaultdict(Decimal)
        for leg in self._legs:
            needed = leg.quantity if leg.claim and leg.line else ZERO
            for paper, line in self._usable(leg, kept_for):
                if taken := min(needed, line.open_quantity):
                    needed -= taken
                    line.open_quantity -= taken
                    used[leg.line or paper.id, line.id] += taken
        for (mine, theirs), quantity in used.items():
            self._work.add(LineLink(from_line_id=mine, to_line_id=theirs, relation=USES, quantity=quantity))
        self._tell("use", {line for _, line in used})

    def _usable(self, leg: Leg, kept_for: dict[UUID, UUID]) -> list[tuple[Reservation, Line]]:
        """What may be used for a move: first what was reserved for its line, then what runs out first."""
        if leg.claim is None:
            return []
        found = [
            (paper, line)
            for paper in self._papers.values()
            if paper.partner_id == leg.claim.partner and is_live(self._work, paper)
            for line in paper.lines
            if (line.product_id, line.location_id) == (leg.product, leg.origin)
            and kept_for.get(line.id) in {None, leg.claim.line}
        ]
        return sorted(found, key=lambda one: (one[1].id not in kept_for, one[0].held_until, one[1].id))

    def _restore(self) -> None:
        lines = {line.id: (paper, line) for paper in self._papers.values() for line in paper.lines}
        for link in self._before:
            paper, line = lines[link.to_line_id]
            if paper.state == "released":
                line.closed += link.quantity
            else:
                line.open_quantity += link.quantity
        self._tell("take_back", {link.to_line_id for link in self._before})

    def _tell(self, action: str, lines: set[UUID]) -> None:
        for paper in self._papers.values():
            if any(line.id in lines for line in paper.lines):
                take(self._work, paper, action)


def _claimed(work: Work, wanted: Iterable[Claimed]) -> set[UUID]:
    """The reservations that keep anything of this."""
    statement = (
        select(Reservation.id)
        .join(Line, (Line.tenant_id == Reservation.tenant_id) & (Line.document_id == Reservation.id))
        .where(Reservation.tenant_id == work.actor.tenant, live(work), Line.open_quantity > 0)
        .where(tuple_(Reservation.partner_id, Line.product_id, Line.location_id).in_(sorted(wanted)))
    )
    return set(work.session.scalars(statement)) if wanted else set()


def _used_before(work: Work, moves: Sequence[UUID]) -> list[LineLink]:
    """What of reservations the moves had used that are now taken back."""
    if not moves:
        return []
    statement = (
        select(LineLink)
        .join(Move, (Move.tenant_id == LineLink.tenant_id) & (Move.line_id == LineLink.from_line_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation == USES, Move.id.in_(moves))
        .distinct()
        .order_by(LineLink.id)
    )
    return list(work.session.scalars(statement))


def _papers_of(work: Work, lines: set[UUID]) -> set[UUID]:
    if not lines:
        return set()
    statement = select(Line.document_id).where(Line.tenant_id == work.actor.tenant, Line.id.in_(lines))
    return set(work.session.scalars(statement))


def _reserved_for(work: Work, papers: Iterable[UUID]) -> dict[UUID, UUID]:
    """By line of these reservations: the line of another paper that it reserves for, if there is one."""
    statement = (
        select(LineLink.from_line_id, LineLink.to_line_id)
        .join(Line, (Line.tenant_id == LineLink.tenant_id) & (Line.id == LineLink.from_line_id))
        .where(LineLink.tenant_id == work.actor.tenant, LineLink.relation == RESERVES)
        .where(Line.document_id.in_(list(papers)))
    )
    return {mine: theirs for mine, theirs in work.session.execute(statement)}  # noqa: C416 - rows are no pairs to mypy
