"""The same request twice is done once: the second gets the outcome of the first, refusals included."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel import errors
from domain.kernel.base import Owned, unique
from domain.kernel.bulk import Answers, Each
from domain.kernel.errors import KeyReused, Refused

if TYPE_CHECKING:
    from domain.kernel.work import Work

KEPT = timedelta(hours=24)


class IdempotencyKey(Owned):
    """A key as one actor used it on one field of the API, what it stood for, and what came of it."""

    __tablename__ = "idempotency_key"
    __table_args__ = (unique("actor_id", "field", "key"),)

    actor_id: Mapped[UUID]
    field: Mapped[str]
    key: Mapped[str]
    fingerprint: Mapped[str]
    at: Mapped[datetime] = mapped_column(index=True)
    record_id: Mapped[UUID | None]
    refusals: Mapped[dict[str, Any] | None]
    answers: Mapped[dict[str, Any] | None]


@dataclass(frozen=True, slots=True)
class Once:
    """A key, the root field it is used on, and the canonical text of the input."""

    key: str
    field: str
    canonical: str

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(self.canonical.encode()).hexdigest()


def claim(work: Work, once: Once) -> UUID | Answers | None:
    """Take the key, waiting for whoever holds it; the outcome of an earlier use, or None if this is the first.

    Raises the earlier refusal if there was one, KeyReused if the key stood for something else, Conflict (by the lock
    timeout) if the first use is still running.
    """
    actor = work.actor.signature
    mine = (IdempotencyKey.actor_id == actor, IdempotencyKey.field == once.field, IdempotencyKey.key == once.key)
    work.session.execute(delete(IdempotencyKey).where(*mine, IdempotencyKey.at < work.now - KEPT))
    row = {"tenant_id": work.actor.tenant, "actor_id": actor, "field": once.field, "key": once.key}
    taken = work.session.execute(
        insert(IdempotencyKey)
        .values(**row, fingerprint=once.fingerprint, at=work.now)
        .on_conflict_do_nothing()
        .returning(IdempotencyKey.id)
    ).one_or_none()
    if taken is not None:
        return None
    earlier = work.session.execute(select(IdempotencyKey).where(*mine)).scalar_one()
    if earlier.fingerprint != once.fingerprint:
        raise KeyReused
    if earlier.refusals is not None:
        raise _recalled(earlier.refusals)
    return _answered(earlier.answers) if earlier.answers is not None else earlier.record_id


def settle(work: Work, once: Once, outcome: UUID | Answers | Refused) -> None:
    """Keep the outcome beside the key."""
    mine = (
        IdempotencyKey.actor_id == work.actor.signature,
        IdempotencyKey.field == once.field,
        IdempotencyKey.key == once.key,
    )
    work.session.execute(update(IdempotencyKey).where(*mine).values(**_columns(outcome)))


def _columns(outcome: UUID | Answers | Refused) -> dict[str, Any]:
    if isinstance(outcome, Refused):
        return {"refusals": {"each": [_kept(one) for one in outcome.each]}}
    if not isinstance(outcome, Answers):
        return {"record_id": outcome}
    each = [{"record": _text(one.record), "each": [_kept(refused) for refused in one.refusals]} for one in outcome.each]
    return {"answers": {"done": outcome.done, "each": each}}


def _text(id: UUID | None) -> str | None:
    return None if id is None else str(id)


def _kept(refused: Refused) -> dict[str, Any]:
    from domain.kernel.events import plain

    details = {name: plain(value) for name, value in refused.details.items()}
    return {"class": type(refused).__name__, "message": refused.message, "path": list(refused.path), "details": details}


def _recalled(kept: dict[str, Any]) -> Refused:
    found = errors.Refusals()
    for one in kept["each"]:
        with found.at():
            raise _again(one)
    return found


def _again(kept: dict[str, Any]) -> Refused:
    """The refusal as it was kept, whatever its kind asks of new ones today."""
    kind: type[Refused] = getattr(errors, kept["class"])
    refused = kind.__new__(kind)
    Refused.__init__(refused, kept["message"], path=tuple(kept["path"]), **kept["details"])
    return refused


def _answered(kept: dict[str, Any]) -> Answers:
    each = [
        Each(one["record"] and UUID(one["record"]), tuple(_again(refused) for refused in one["each"]))
        for one in kept["each"]
    ]
    return Answers(tuple(each), done=kept["done"])
