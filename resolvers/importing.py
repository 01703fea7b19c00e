"""The loop that runs imports which were started, one at a time in each process, and removes the files of old ones.

The import itself goes on in a thread; here its lease is renewed, its course is told, and it is heard whether somebody
called it off. A process that ends hands its import back; when one dies, the lease ends, and another goes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from time import monotonic
from uuid import UUID

from sqlalchemy.exc import DBAPIError

from domain.intake.leasing import Claim, Leased, Superseded, claim, renew, starter
from domain.intake.ordering import loaded
from domain.intake.outcome import broken_off, finished, forgotten, handed_back, progressed
from domain.intake.reading import ABSENT
from domain.intake.report import KEPT, Progress, Refusal, Report
from domain.intake.run import run
from domain.intake.shelf import Shelf
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.errors import Busy, Conflict, Refused
from domain.kernel.retry import sqlstate
from domain.kernel.sealer import CHANNEL_COMMITTED
from domain.kernel.work import Database, Work
from resolvers.apart import Apart, Halted
from resolvers.listening import PAUSE, Watch

log = logging.getLogger("tradegraph")
REST = 5.0
"""Seconds between two looks for work while nothing is heard."""
BREATH = 0.25
"""Seconds between two looks at least, however much is committed."""
BEAT = 1.0
"""Seconds between two looks at whether an import shall go on."""
NEWS = 2.0
"""Seconds between two events about its course."""
LEASE = timedelta(seconds=15)
KEPT_FOR = timedelta(days=30)
DUE = "select coalesce(jsonb_agg(to_jsonb(d)), '[]') as due from due_imports(:kept) d"
GONE = {"08", "53", "57"}
"""Classes of errors by which PostgreSQL says that it is not there, or has no room."""
BROKEN = "Internal error; the server's log tells more."


@dataclass(slots=True)
class Course:
    """What the thread tells of the import while it goes on."""

    progress: Progress | None = None
    refusals: list[Refusal] = field(default_factory=list)
    told_at: float = field(default_factory=monotonic)

    def go(self, progress: Progress) -> None:
        self.progress = progress

    def refuse(self, refusal: Refusal) -> None:
        if len(self.refusals) < KEPT:
            self.refusals.append(refusal)

    def news(self) -> Progress | None:
        """How far it has come, if that is to be told now."""
        if self.progress is None or monotonic() - self.told_at < NEWS:
            return None
        self.told_at = monotonic()
        return self.progress


class Importing(Watch):
    """Runs the imports of all tenants. Any number of processes may; each import is run by one of them."""

    def __init__(
        self, database: Database, shelf: Shelf, *, lease: timedelta = LEASE, kept_for: timedelta = KEPT_FOR
    ) -> None:
        super().__init__(database, CHANNEL_COMMITTED)
        self._shelf, self._lease, self._kept_for = shelf, lease, kept_for

    async def _run(self) -> None:
        async with self._ear:
            while True:
                await self._see_to_all()
                await asyncio.sleep(BREATH)
                await self._ear.told(REST)

    async def _see_to_all(self) -> None:
        """See to what is due, until nothing is. Whatever goes wrong with one, the others are not to wait for ever."""
        try:
            while await self._see_to_some():
                pass
        except (OSError, DBAPIError, Busy, Conflict) as error:
            log.warning("imports wait, trying again: %s", error)
            await asyncio.sleep(PAUSE)
        except Exception:
            log.exception("imports wait, trying again")
            await asyncio.sleep(PAUSE)

    async def _see_to_some(self) -> bool:
        """See to what is due; answers whether there was anything to be done."""
        row = await self._database.knock(DUE, kept=self._kept_for)
        done = [await self._see_to(one["tenant"], UUID(one["job"]), ended=one["ended"]) for one in row.due]
        return any(done)

    async def _see_to(self, tenant: int, job: UUID, *, ended: bool) -> bool:
        nobody = _nobody(tenant)
        if ended:
            return await self._database.transact(nobody, lambda work: self._shelf.clear(work, job, self._kept_for))
        held = await self._database.transact(nobody, lambda work: self._claim(work, job))
        if held is not None:
            await self._carry(held)
        return held is not None

    def _claim(self, work: Work, job: UUID) -> Claim | None:
        held = claim(work, job, uuid7(), self._lease)
        if held is not None:
            forgotten(work, held)
        return held

    async def _carry(self, held: Claim) -> None:
        """Run an import and write down what came of it."""
        course = Course()
        try:
            report = await self._accompanied(held, course)
        except asyncio.CancelledError:
            await self._write(held, lambda work: handed_back(work, held))
            raise
        except Halted:
            await self._write(held, lambda work: broken_off(work, held, course.refusals, None))
        except Exception as error:  # noqa: BLE001 - whoever waits for the import must learn of it
            if (reason := self._reason(held, error)) is not None:
                await self._write(held, lambda work: broken_off(work, held, course.refusals, reason))
        else:
            await self._write(held, lambda work: finished(work, held, report, course.progress))

    async def _accompanied(self, held: Claim, course: Course) -> Report:
        """The report of an import; when this is left in any way, nothing of the import goes on."""
        apart = Apart(lambda: self._import(held, course))
        try:
            renewed = monotonic()
            while not (await asyncio.wait([apart.ended], timeout=BEAT))[0]:
                try:
                    await self._database.transact(_nobody(held.tenant), lambda work: self._go_on(work, held, course))
                    renewed = monotonic()
                except (OSError, DBAPIError, Busy, Conflict):
                    if monotonic() - renewed > self._lease.total_seconds() / 2:
                        raise
            return await apart.ended
        finally:
            apart.halt()
            await asyncio.gather(apart.ended, return_exceptions=True)

    def _go_on(self, work: Work, held: Claim, course: Course) -> None:
        """Hold on to the import, and tell how far it has come; raises what ends it."""
        job = renew(work, held, self._lease)
        if job is None:
            raise Halted
        if (news := course.news()) is not None:
            starter(work, job)
            progressed(work, job, news)

    async def _import(self, held: Claim, course: Course) -> Report:
        folder = self._shelf.files_of(held.tenant, held.job)
        database = Leased(self._database.url, held)
        try:
            self._shelf.check(held.tenant, held.job, held.files)
            mapping = loaded(held.mapping, [folder])
            return await run(
                database, held.actor, folder, mapping, dry_run=held.dry_run, progress=course.go, refused=course.refuse
            )
        finally:
            await database.close()

    async def _write(self, held: Claim, act: Callable[[Work], None]) -> None:
        try:
            await self._database.transact(_nobody(held.tenant), act)
        except (Superseded, OSError, DBAPIError, Busy, Conflict) as error:
            log.warning("what came of import %s could not be written: %r", held.job, error)

    def _reason(self, held: Claim, error: Exception) -> str | None:
        """Why an import has failed; None if it has not, and is to be taken up again."""
        if isinstance(error, Superseded) or _passes(error):
            log.warning("import %s is left to whoever takes it up: %r", held.job, error)
            return None
        if not isinstance(error, Refused):
            log.error("import %s failed", held.job, exc_info=error)
            return BROKEN
        folder = self._shelf.files_of(held.tenant, held.job)
        told = " ".join(one.message.replace(f"{folder}/", "") for one in error.each)
        return told.replace(ABSENT, "upload it under this name")


def _passes(error: Exception) -> bool:
    """Whether the same may go well after a while."""
    if isinstance(error, DBAPIError):
        return error.connection_invalidated or (sqlstate(error) or "")[:2] in GONE
    return isinstance(error, OSError | Busy | Conflict)


def _nobody(tenant: int) -> Actor:
    return Actor(tenant=tenant, name="import")
