"""What must be there before an import may be started, and what each step of its life leaves on it."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.kernel.commands import ABSENT, Absent, given, said
from domain.kernel.errors import NotReady, at

if TYPE_CHECKING:
    from domain.intake.job import Import
    from domain.intake.mapping import Mapping
    from domain.intake.shapes import Kind
    from domain.kernel.work import Work

SHIPPED = Path(__file__).parent / "mappings"
SUFFIX = ".toml"


@given
class Start:
    """How to start."""

    dry_run: bool | Absent = said(
        "Whether to check and count everything and write nothing; as the import says if not given.", default=ABSENT
    )


def has_its_files(_: Work, job: Import) -> None:
    """Guard. Of an import that was put away, the files are about to go."""
    if job.cleared_at is not None or job.archived_at is not None:
        raise NotReady("Its files were removed; create another import.")


def has_files(work: Work, job: Import) -> None:
    """Guard."""
    has_its_files(work, job)
    if all(one.name == job.mapping for one in job.files):
        raise NotReady("There is no file to read; upload at least one to /imports/ID/files/NAME.", path=("files",))


def is_allowed(work: Work, job: Import) -> None:
    """Guard: whoever starts it has every right that its mapping asks for."""
    for right in asked_by(job):
        work.actor.must(right)


def queue(work: Work, job: Import, start: Start) -> None:
    """Effect: it goes by the rights of whoever starts it."""
    job.started_by, job.started_key = work.actor.user, work.actor.key
    job.queued_at, job.started_at, job.ended_at, job.interruptions = work.now, None, None, 0
    job.section = job.done = job.total = job.expected_at = job.failure = None
    if start.dry_run is not ABSENT:
        job.dry_run = start.dry_run


def begin(work: Work, job: Import, _: Any) -> None:
    """Effect."""
    job.started_at = work.now


def resume(_: Work, job: Import, __: Any) -> None:
    """Effect."""
    job.interruptions += 1


def end(work: Work, job: Import, _: Any) -> None:
    """Effect."""
    job.ended_at, job.expected_at = work.now, None


def fail(work: Work, job: Import, reason: str) -> None:
    """Effect."""
    end(work, job, None)
    job.failure = reason


def asked_by(job: Import) -> list[str]:
    """The rights that the mapping of an import asks for; NotReady if the mapping is not there."""
    for one in job.files:
        if one.name == job.mapping:
            return one.rights
    with at("mapping"):
        return _asked_by_shipped(job.mapping)


@cache
def _asked_by_shipped(name: str) -> list[str]:
    return rights_of(loaded(name, ()))


def loaded(name: str, folders: Iterable[Path]) -> Mapping:
    """The mapping of this name: from one of the folders, if it is a file, or one that comes along."""
    from domain.intake.declaring import load

    if is_mapping(name):
        found = next((folder / name for folder in folders if (folder / name).is_file()), None)
    else:
        found = SHIPPED / f"{name}{SUFFIX}" if name in shipped() else None
    if found is None:
        raise NotReady(f"There is no mapping {name}; upload it, or name one of {', '.join(shipped())}.")
    return load(found)


def is_mapping(name: str) -> bool:
    """Whether a file of this name is a mapping."""
    return name.lower().endswith(SUFFIX)


def shipped() -> list[str]:
    """The names of the mappings that come along."""
    return sorted(one.stem for one in SHIPPED.glob(f"*{SUFFIX}"))


def rights_of(mapping: Mapping) -> list[str]:
    """Every right that a mapping asks of whoever imports by it."""
    from domain.intake.job import RIGHT

    return sorted({RIGHT, *(_right(section.kind) for section in mapping.sections)})


def _right(kind: Kind) -> str:
    """What one needs to bring in records of a kind; a check of what is there brings in none."""
    from domain.intake.job import RIGHT

    return getattr(kind.creating, "right", RIGHT if kind.final else "master.write")
