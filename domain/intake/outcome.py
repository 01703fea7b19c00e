"""How far an import has come, and what came of it, is written down for whoever follows it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, insert, select

from domain.intake.job import RIGHT, Import, ImportRefusal, ImportReport
from domain.intake.leasing import Claim, release
from domain.intake.report import KEPT, Progress, Refusal, Report
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.errors import NotReady
from domain.kernel.work import Work
from domain.kernel.workflow import take

LONGEST_REASON = 10_000


def progressed(work: Work, job: Import, progress: Progress) -> None:
    """Tell how far it has come, if that is news."""
    found = progress.section, progress.done, progress.total
    if (job.section, job.done, job.total) != found:
        job.section, job.done, job.total = found
        job.expected_at = None if progress.left is None else work.now + progress.left
        work.note(job, "progressed")


def forgotten(work: Work, held: Claim) -> None:
    """Forget what came of an earlier run."""
    for model in (ImportReport, ImportRefusal):
        work.session.execute(delete(model).where(model.tenant_id == held.tenant, model.job_id == held.job))


def finished(work: Work, held: Claim, report: Report, progress: Progress | None) -> None:
    """It came to its end."""
    job = release(work, held)
    _keep(work, held, report.refusals)
    work.add(ImportReport(job_id=held.job, text="\n".join(report.lines()), content=report.content()))
    if job is not None:
        if progress is not None:
            job.section, job.done, job.total = progress.section, progress.done, progress.total
        take(work, job, "finish")


def broken_off(work: Work, held: Claim, refusals: Sequence[Refusal], reason: str | None) -> None:
    """It stopped before its end: for a reason, or because it was cancelled."""
    job = release(work, held)
    _keep(work, held, refusals)
    if job is not None and reason is not None:
        take(work, job, "fail", reason[:LONGEST_REASON])


def handed_back(work: Work, held: Claim) -> None:
    """The process ends; another goes on."""
    job = release(work, held)
    if job is not None:
        take(work, job, "hand_back")


def report_of(work: Work, named: Ref) -> ImportReport:
    """The report on an import; NotFound for one that the actor may not see, NotReady if there is none yet."""
    work.actor.must(RIGHT)
    job = work.find(Import, named)
    found = work.session.scalars(select(ImportReport).where(ImportReport.job_id == job.id)).first()
    if found is None:
        raise NotReady(f"There is no report: the import is {job.state}.")
    return found


def _keep(work: Work, held: Claim, refusals: Iterable[Refusal]) -> None:
    rows = [
        {
            "tenant_id": held.tenant, "id": uuid7(), "job_id": held.job, "position": position, "file": one.file,
            "row": one.line, "heading": one.column, "value": _fit(one.value), "code": one.code,
            "message": _fit(one.reason),
        }
        for position, one in enumerate([*refusals][:KEPT], start=1)
    ]  # fmt: skip
    if rows:
        work.session.execute(insert(ImportRefusal), rows)


def _fit(text: str) -> str:
    """What the database can keep of a text."""
    return text.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
