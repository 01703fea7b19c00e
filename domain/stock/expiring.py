"""That the time of a reservation is over is counted when it is read; here it is told, so that listeners learn of it."""

from __future__ import annotations

from sqlalchemy import select

from domain.kernel.documents import Document
from domain.kernel.work import CHUNK, Work
from domain.kernel.workflow import take
from domain.stock.reservation import Reservation


def expire(work: Work) -> int:
    """Tell of reservations whose time is over, each once; answers of how many, and may be called again until of none.

    Those at which somebody is at work are left for the next time.
    """
    statement = (
        select(Reservation)
        .where(Reservation.tenant_id == work.actor.tenant, Reservation.state == "active")
        .where(Reservation.held_until <= work.now, Reservation.expired_at.is_(None))
        .order_by(Reservation.held_until, Reservation.id)
        .limit(CHUNK)
        .options(*Document.whole())
        .with_for_update(skip_locked=True, key_share=True, of=Document)
    )
    over = work.session.scalars(statement).all()
    for paper in over:
        paper.expired_at = work.now
        take(work, paper, "expire")
    return len(over)
