"""An import is run by the one process that holds its lease, and whoever lost it can write nothing more.

A process renews the lease while it runs the import; when it dies, the lease ends and another takes the import up. Each
batch is written under the lease, so that a process which was only stopped for a while does no harm when it wakes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import exists, func, select, update

from domain.access.entrance import present
from domain.intake.job import Import, ImportLease
from domain.intake.ordering import asked_by
from domain.kernel.actor import Actor
from domain.kernel.errors import Forbidden, NotReady, Refused
from domain.kernel.turns import take_turn
from domain.kernel.work import Database, Work
from domain.kernel.workflow import take

Answer = TypeVar("Answer")
MOST_INTERRUPTIONS = 25
NAMES = ("due_imports(interval)",)
FUNCTIONS = [
    """
create or replace function due_imports(kept interval) returns table (tenant integer, job uuid, ended boolean)
language sql stable security definer set search_path = pg_catalog, public, pg_temp as $$
  (select j.tenant_id, j.id, false from import_job j
   where j.state in ('queued', 'running') and not exists (
     select from import_lease l where l.tenant_id = j.tenant_id and l.until > clock_timestamp())
   order by j.queued_at limit 10)
  union all
  (select j.tenant_id, j.id, true from import_job j
   where j.state not in ('queued', 'running') and j.cleared_at is null
     and (j.archived_at is not null or j.updated_at < clock_timestamp() - kept) limit 10)
$$
""",
]
"""What waits for a process, over all tenants: imports to be run, and ended ones whose files are to be removed."""


class Superseded(Exception):
    """Another process has taken the import up."""


@dataclass(frozen=True, kw_only=True)
class Claim:
    """An import in the hands of one process, until its lease ends."""

    tenant: int
    job: UUID
    holder: UUID
    actor: Actor
    mapping: str
    dry_run: bool
    files: tuple[tuple[str, str], ...]

    @property
    def own(self) -> list[Any]:
        """The condition under which the lease is still this one."""
        return [ImportLease.job_id == self.job, ImportLease.holder == self.holder]


def claim(work: Work, job: UUID, holder: UUID, length: timedelta) -> Claim | None:
    """Take an import up, if it waits for that; None if it does not, or another process is quicker."""
    take_turn(work, "imports")
    statement = select(Import).where(Import.id == job, Import.state.in_(["queued", "running"]), ~_another_runs(work))
    row = work.session.scalars(statement.options(*Import.whole()).with_for_update(skip_locked=True, of=Import)).first()
    actor = None if row is None else _able(work, row)
    if row is None or actor is None or not _leased(work, job, holder, length):
        return None
    take(work, row, "begin" if row.state == "queued" else "resume")
    return Claim(
        tenant=work.actor.tenant, job=job, holder=holder, actor=actor, mapping=row.mapping, dry_run=row.dry_run,
        files=tuple((one.name, one.sha256) for one in row.files),
    )  # fmt: skip


def starter(work: Work, job: Import) -> Actor:
    """Whoever started the import, with the rights of this moment; Forbidden if they no longer suffice."""
    actor = present(work, user=job.started_by, key=job.started_key)
    if actor is None:
        raise Forbidden("Whoever started it has been shut out, or the key has ended; let somebody else start it again.")
    for right in asked_by(job):
        actor.must(right)
    if job.company_id is None:
        return actor
    if job.company_id not in actor.companies:
        raise Forbidden("Whoever started it no longer works for the company; let somebody else start it again.")
    return replace(actor, companies=frozenset({job.company_id}))


def renew(work: Work, held: Claim, length: timedelta) -> Import | None:
    """Hold on for so long from now; the import, locked, if it is still to go on, or None."""
    mine = update(ImportLease).where(*held.own).values(until=func.clock_timestamp() + length)
    if not work.session.execute(mine.returning(ImportLease.id)).all():
        raise Superseded
    running = select(Import).where(Import.id == held.job, Import.state == "running")
    return work.session.scalars(running.options(*Import.whole()).with_for_update(of=Import)).first()


def release(work: Work, held: Claim) -> Import | None:
    """Give the lease up; the import, locked, if it is this process that has still to say what became of it."""
    mine = update(ImportLease).where(*held.own).values(until=None, holder=None)
    if not work.session.execute(mine.returning(ImportLease.id)).all():
        raise Superseded
    running = select(Import).where(Import.id == held.job, Import.state == "running")
    return work.session.scalars(running.with_for_update(of=Import)).first()


class Leased(Database):
    """The database for whoever holds a lease: nothing is committed by it once another process holds it."""

    def __init__(self, url: str, held: Claim) -> None:
        super().__init__(url, size=2)
        self._held = held

    async def transact(self, actor: Actor, act: Callable[[Work], Answer]) -> Answer:
        return await super().transact(actor, lambda work: self._under_lease(work, act))

    def _under_lease(self, work: Work, act: Callable[[Work], Answer]) -> Answer:
        live = select(ImportLease.id).where(*self._held.own, ImportLease.until > func.clock_timestamp())
        if work.session.scalars(live.with_for_update(read=True, key_share=True)).first() is None:
            raise Superseded
        return act(work)


def _another_runs(work: Work) -> Any:
    return exists().where(ImportLease.tenant_id == work.actor.tenant, ImportLease.until > func.clock_timestamp())


def _leased(work: Work, job: UUID, holder: UUID, length: timedelta) -> bool:
    """Take the lease. Who writes a batch under it holds it a moment longer than it lasts."""
    free = select(ImportLease).where(ImportLease.job_id == job).with_for_update(skip_locked=True)
    lease = work.session.scalars(free).first()
    if lease is not None:
        lease.holder, lease.until = holder, func.clock_timestamp() + length
        work.session.flush()
    return lease is not None


def _able(work: Work, job: Import) -> Actor | None:
    """By whose rights it is run; None, and it has failed, if it cannot be."""
    try:
        if job.interruptions >= MOST_INTERRUPTIONS:
            raise NotReady(f"It broke off {MOST_INTERRUPTIONS} times; the server's log tells more.")
        return starter(work, job)
    except Refused as refused:
        take(work, job, "fail", refused.message)
        return None
