"""The whole of an import: files are checked, then read section by section and written batch by batch."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from domain.intake.drafting import Draft, Drafter
from domain.intake.mapping import Mapping
from domain.intake.memory import Memory
from domain.intake.planning import Planned, learn, plan
from domain.intake.rates import write_rates
from domain.intake.report import REFUSED, SKIPPED, Progress, Refusal, Report, Tally
from domain.intake.writing import Outcome, write
from domain.kernel.actor import Actor
from domain.kernel.retry import translated
from domain.kernel.work import Database, Work

BATCH = 500
Act = Callable[[Work], list[Outcome]]
Transact = Callable[[Act], Awaitable[list[Outcome]]]


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
    report = Report(dry_run=dry_run, told=refused)
    planned = plan(path, mapping)
    with Memory() as memory:
        learn(path, planned, memory, report)
        course = _Course(actor, planned, progress)
        async with _rehearsed(database, actor) if dry_run else _committed(database, actor) as transact:
            for one in planned:
                tally = Tally(one.section.name, one.section.kind.word, one.section.file)
                report.tallies.append(tally)
                for batch in _batches(one, Drafter(one.section, memory), report, tally):
                    await _write(one, batch, transact, report, tally)
                    course.tell(one, tally)
    return report


async def _write(one: Planned, batch: list[Draft], transact: Transact, report: Report, tally: Tally) -> None:
    if not batch:
        return
    write_all = write_rates if one.section.kind.key else write
    for outcome in await transact(lambda work: write_all(work, one.section, batch)):
        _count(outcome, report, tally)


def _batches(one: Planned, drafter: Drafter, report: Report, tally: Tally) -> Iterator[list[Draft]]:
    """The drafts of so many rows at a time. What is no draft is counted by the way."""
    batch: list[Draft] = []
    for number, row in enumerate(one.table.rows(), start=1):
        draft = drafter.draft(row)
        if isinstance(draft, Draft):
            batch.append(draft)
        else:
            _count(draft or SKIPPED, report, tally)
        if number % BATCH == 0:
            yield batch
            batch = []
    yield batch


def _count(outcome: Outcome, report: Report, tally: Tally) -> None:
    tally.count(outcome if isinstance(outcome, str) else REFUSED)
    for refusal in outcome if isinstance(outcome, list) else ():
        report.refuse(refusal)


class _Course:
    """How far the import has come, and how long it will go on."""

    def __init__(self, actor: Actor, planned: list[Planned], progress: Callable[[Progress], None]) -> None:
        self._clock, self._progress = actor.clock, progress
        self._began, self._total = actor.clock(), sum(one.rows for one in planned)
        self._done: dict[str, int] = {}

    def tell(self, one: Planned, tally: Tally) -> None:
        self._done[one.section.name] = tally.rows
        done = sum(self._done.values())
        left = (self._clock() - self._began) / done * (self._total - done) if done else None
        self._progress(Progress(one.section.name, tally.rows, one.rows, left))


@asynccontextmanager
async def _committed(database: Database, actor: Actor) -> AsyncIterator[Transact]:
    async def transact(act: Act) -> list[Outcome]:
        return await database.transact(actor, act)

    yield transact


@asynccontextmanager
async def _rehearsed(database: Database, actor: Actor) -> AsyncIterator[Transact]:
    """One transaction for all, never committed: what a batch would have written is there for those that follow."""
    async with database.session(actor) as session:
        work = await session.run_sync(lambda inner: Work(inner, actor, database))

        def act_and_forget(act: Act) -> list[Outcome]:
            outcomes = act(work)
            work.close()
            work.forget()
            work.session.expunge_all()
            return outcomes

        async def transact(act: Act) -> list[Outcome]:
            try:
                return await session.run_sync(lambda _: act_and_forget(act))
            except DBAPIError as error:
                raise translated(error) from error

        yield transact
