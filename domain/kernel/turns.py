"""Where a rule looks at rows that are not there yet, writers take turns: no lock on rows could keep them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import func, select

if TYPE_CHECKING:
    from domain.kernel.work import Work


def take_turn(work: Work, *what: object) -> None:
    """Wait until nobody else in the tenant is at this; held until the transaction ends."""
    name = ":".join(map(str, (work.actor.tenant, *what)))
    work.session.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(name, 0))))
