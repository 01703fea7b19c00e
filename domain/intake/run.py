"""The whole of an import: files are checked, then read section by section and written batch by batch."""

from __future__ import annotations

import re
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from domain.intake.drafting import Draft
from domain.intake.figures import Figures
from domain.intake.mapping import Mapping, Section
from domain.intake.memory import Memory
from domain.intake.planning import learn, plan
from domain.intake.progress import Course, known
from domain.intake.raising import counted
from domain.intake.report import WAITS, Outcome, Progress, Refusal, Report
from domain.intake.sections import Passage
from domain.kernel.actor import Actor
from domain.kernel.recall import forget
from domain.kernel.references import referred
from domain.kernel.retry import translated
from domain.kernel.work import Database, Work

BATCH = 500
"""So many rows of all files of a section are written and committed at once."""
KIBIBYTE = 1 << 10


@dataclass(frozen=True, slots=True)
class Written:
    """What came of a batch: what became of each draft, the exceptions raised, and what its records come to."""

    outcomes: list[Outcome]
    exceptions: Counter[str]
    figures: Figures


Act = Callable[[Work], Written]
Transact = Callable[[Act], Awaitable[Written]]


async def run(
    database: Database,
    actor: Actor,
    path: Path,
    mapping: Mapping,
    *,
    dry_run: bool = False,
    progress: Callable[[Progress], None] = lambda _: None,
    refused: Callable[[Refusal], None] = lambda _: None,
) -> Report:
    """Import a folder, or one file of it, by a mapping. Every batch is committed; none, if this is a dry run.

    BadMapping tells of a file or a column that is missing before anything is written. Rows that are refused are told
    to `refused` as they are found, and cost no other row.
    """
    actor.must("import.write")
    report, began = Report(dry_run=dry_run, told=refused), actor.clock()
    planned = plan(path, mapping)
    with Memory() as memory:
        unfit = learn(path, planned, memory, report)
        async with database.session(actor) as session:
            course = Course(actor.clock, planned, await known(session, planned), progress)
        async with _rehearsed(database, actor) if dry_run else _committed(database, actor) as transact:
            for one in planned:
                passage = Passage(one, memory, report)
                if await _passed(passage, transact, course, report, unfit):
                    unfit.add(one.section.name)
    report.took, report.memory = actor.clock() - began, most_memory()
    return report


async def _passed(passage: Passage, transact: Transact, course: Course, report: Report, unfit: set[str]) -> bool:
    """Bring one section in; whether anything of it was refused."""
    if not passage.may(unfit):
        course.tell(passage.planned, passage.tally, **passage.progress)
        return True
    write = _write_known if passage.barred else _write
    for batch in passage.batches(BATCH):
        if batch:
            written = await transact(lambda work, batch=batch: write(work, passage.section, batch))  # type: ignore[misc]
            passage.count(batch, written.outcomes)
            report.exceptions += written.exceptions
            if written.figures.groups:
                report.figures.setdefault(passage.section.name, Figures()).join(written.figures)
        course.tell(passage.planned, passage.tally, **passage.progress)
    return passage.finish()


def _write(work: Work, section: Section, batch: list[Draft]) -> Written:
    kind = section.kind
    with counted(work.session) as exceptions:
        outcomes = kind.write(work, section, batch)
    if kind.reckon is None:
        return Written(outcomes, exceptions, Figures())
    ids = referred(work.session, kind.word, section.source, [draft.key for draft in batch])
    return Written(outcomes, exceptions, kind.reckon(work, [*ids.values()]))


def _write_known(work: Work, section: Section, batch: list[Draft]) -> Written:
    """Only what went in earlier, which is compared and stays; what is new waits."""
    known = referred(work.session, section.kind.word, section.source, [draft.key for draft in batch])
    written = _write(work, section, [draft for draft in batch if draft.key in known])
    outcomes = iter(written.outcomes)
    return replace(written, outcomes=[next(outcomes) if draft.key in known else WAITS for draft in batch])


def most_memory() -> int:
    """The most that this process has held, in bytes; macOS counts in these, others in kibibytes.

    Linux reckons among it what the process that started this one held at that moment, but tells elsewhere what this
    one held by itself.
    """
    status = Path("/proc/self/status")
    if own := re.search(r"VmHWM:\s*(\d+) kB", status.read_text() if status.exists() else ""):
        return int(own[1]) * KIBIBYTE
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * KIBIBYTE


@asynccontextmanager
async def _committed(database: Database, actor: Actor) -> AsyncIterator[Transact]:
    async def transact(act: Act) -> Written:
        return await database.transact(actor, act)

    yield transact


@asynccontextmanager
async def _rehearsed(database: Database, actor: Actor) -> AsyncIterator[Transact]:
    """One transaction for all, never committed: what a batch would have written is there for those that follow."""
    async with database.session(actor) as session:
        work = await session.run_sync(lambda inner: Work(inner, actor, database))

        def act_and_forget(act: Act) -> Written:
            written = act(work)
            work.close()
            work.forget()
            work.session.expunge_all()
            forget(work)
            return written

        async def transact(act: Act) -> Written:
            try:
                return await session.run_sync(lambda _: act_and_forget(act))
            except DBAPIError as error:
                raise translated(error) from error

        yield transact
