"""How an import is ordered, started, called off and put away."""

from __future__ import annotations

from domain.intake.job import RIGHT, Import, ImportLease
from domain.intake.ordering import SUFFIX, is_mapping, shipped
from domain.intake.shelf import fitting
from domain.kernel.actions import verbs
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.errors import BadInput, Refusals, WrongState
from domain.kernel.text import line
from domain.kernel.work import Work
from domain.parties.company import Company


@command(right=RIGHT, answers=Import)
class CreateImport(Command):
    """Prepare an import. Upload its files to /imports/ID/files/NAME, then start it."""

    name: str = said("What people call it.")
    mapping: str = said("A mapping that comes along, such as adventureworks, or the name of a .toml file to upload.")
    company: Ref | None = said(
        "The company to import for; needed only if you work for several, and the files say not which.", default=None
    )
    dry_run: bool = said("Only check and count everything; write nothing.", default=False)

    def act(self, work: Work) -> Import:
        found = Refusals()
        job = Import(state=Import.workflow.initial, dry_run=self.dry_run)
        with found.at("name"):
            job.name = line(self.name)
        with found.at("mapping"):
            job.mapping = _mapping(self.mapping)
        with found.at():
            job.company_id = None if self.company is None else work.choose(Company, self.company, "company").id
        found.settle()
        work.add(job)
        work.session.flush()
        work.add(ImportLease(job_id=job.id))
        return job


verbs(Import)


@command(right=RIGHT, answers=Import)
class RemoveImport(Command):
    """Put an import away. Its files are removed; the report and the history stay."""

    id: Ref = said("The import.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> Import:
        job = work.locked(Import, self.id, None if self.expected_version is ABSENT else self.expected_version)
        if job.state in {"queued", "running"}:
            raise WrongState("It is under way; cancel it first.", state=job.state, possible=["cancel"])
        if job.archived_at is None:
            job.archived_at = work.now
            work.note(job, "removed")
        return job


def _mapping(name: str) -> str:
    if is_mapping(name):
        return fitting(name)
    if name not in shipped():
        known = ", ".join(shipped())
        raise BadInput(f"There is no mapping {name!r}; name one of {known}, or a file such as mine{SUFFIX} to upload.")
    return name
