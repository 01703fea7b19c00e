"""Uploaded files lie in a folder of their own for each import, under names that lead nowhere else."""

from __future__ import annotations

import hashlib
import os
import shutil
import unicodedata
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy import func, or_, select

from domain.intake.job import RIGHT, Import, ImportFile
from domain.intake.ordering import SUFFIX, is_mapping, rights_of
from domain.intake.reading import FORMATS
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, NotFound, NotReady, WrongState

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import timedelta

    from domain.kernel.work import Work

SUFFIXES = (*FORMATS, SUFFIX)
LONGEST, LONGEST_ENCODED = 120, 240
MOST_FILES = 100
LARGEST_MAPPING = 1 << 20
_SIGNS = frozenset(" ._-+,()&'@")


def fitting(name: str) -> str:
    """The name of a file as it is kept; BadInput if it might be anything but a plain name of a kind we read."""
    found = unicodedata.normalize("NFC", name)
    if not 0 < len(found) <= LONGEST or not found[0].isalnum() or not all(map(_fits, found)):
        raise BadInput(
            f"{name!r} is no plain name of a file; use up to {LONGEST} letters, digits, blanks and . _ - + , ( ) & ' @."
        )
    if len(found.encode()) > LONGEST_ENCODED:
        raise BadInput(f"{name!r} is too long; its letters take more than {LONGEST_ENCODED} bytes.")
    if PurePath(found).suffix.lower() not in SUFFIXES:
        raise BadInput(f"Files of this kind are not read; name one of {', '.join(SUFFIXES)}.")
    return found


@dataclass(slots=True)
class Arrival:
    """A file on its way in: a copy aside, which is gone when all is over."""

    name: str
    folder: Path
    size: int = 0
    rights: list[str] = field(default_factory=list)
    _hash: Any = field(default_factory=hashlib.sha256)

    @property
    def path(self) -> Path:
        return self.folder / self.name

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())

    def add(self, chunk: bytes) -> None:
        """Write a piece of it down."""
        with self.path.open("ab") as file:
            file.write(chunk)
        self._hash.update(chunk)
        self.size += len(chunk)

    def close(self) -> None:
        """See that it is on disk and, if it is a mapping, that it can be used; BadMapping tells every mistake in it."""
        from domain.intake.declaring import load

        with self.path.open("ab") as file:
            os.fsync(file.fileno())
        if not is_mapping(self.name):
            return
        if self.size > LARGEST_MAPPING:
            raise BadInput(f"A mapping has at most {LARGEST_MAPPING} bytes.")
        self.rights = rights_of(load(self.path))

    def discard(self) -> None:
        """Forget the copy aside."""
        shutil.rmtree(self.folder, ignore_errors=True)


class Shelf:
    """All uploaded files, under one folder that all processes share."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def files_of(self, tenant: int, job: UUID) -> Path:
        """The folder with the files of an import, and nothing else."""
        return self._folder / str(tenant) / str(job) / "files"

    def arrival(self, tenant: int, job: UUID, name: str) -> Arrival:
        """A place for a file to arrive at."""
        folder = self.files_of(tenant, job).parent / "arriving" / str(uuid7())
        folder.mkdir(parents=True, mode=0o700)
        (found := Arrival(fitting(name), folder)).add(b"")
        return found

    def keep(self, work: Work, job: UUID, arrived: Arrival) -> bool:
        """Put a file that has arrived in its place, in which another may lie; answers whether it is new there."""
        row = collecting(work, job)
        folder = self.files_of(work.actor.tenant, row.id)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        known = next((one for one in row.files if one.name == arrived.name), None)
        if known is None and len(row.files) >= MOST_FILES:
            raise NotReady(f"An import takes {MOST_FILES} files; drop one first, or create another import.")
        file = known or ImportFile(name=arrived.name)
        if known is None:
            row.files.append(file)
        file.size, file.sha256, file.rights = arrived.size, arrived.sha256, arrived.rights
        file.uploaded_at = work.now
        work.note(row, "file_kept")
        _put(arrived.path, folder / arrived.name)
        return known is None

    def drop(self, work: Work, job: UUID, name: str) -> None:
        """Take a file away again."""
        row = collecting(work, job)
        file = next((one for one in row.files if one.name == unicodedata.normalize("NFC", name)), None)
        if file is None:
            raise NotFound("The import has no such file; see its `files`.")
        row.files.remove(file)
        work.note(row, "file_dropped")
        (self.files_of(work.actor.tenant, row.id) / file.name).unlink(missing_ok=True)

    def check(self, tenant: int, job: UUID, files: Sequence[tuple[str, str]]) -> None:
        """See that the files (name, SHA-256) lie there as they were uploaded; NotReady if one does not."""
        for name, sha256 in files:
            path = self.files_of(tenant, job) / name
            if not path.is_file() or _sha256(path) != sha256:
                raise NotReady(
                    f"{name} is not there as it was uploaded; let the import take files again and upload it."
                )

    def clear(self, work: Work, job: UUID, kept_for: timedelta) -> bool:
        """Remove all files of an import that was put away, or rests for so long; answers whether there were any."""
        rests = or_(Import.archived_at.is_not(None), Import.updated_at < func.now() - kept_for)
        idle = select(Import).where(Import.id == job, Import.state.not_in(["queued", "running"]), rests)
        row = work.session.scalars(idle.where(Import.cleared_at.is_(None)).with_for_update(skip_locked=True)).first()
        if row is not None:
            shutil.rmtree(self.files_of(work.actor.tenant, job).parent, ignore_errors=True)
            row.cleared_at = work.now
            work.note(row, "cleared")
        return row is not None


def collecting(work: Work, job: UUID) -> Import:
    """The import, locked, if it takes files from this actor; NotFound for one that they may not see."""
    work.actor.must(RIGHT)
    row = work.locked(Import, Ref(id=job), None, *Import.whole())
    if row.state != "collecting" or row.archived_at is not None or row.cleared_at is not None:
        raise WrongState(
            f"It takes no files while {row.state}.", state=row.state, possible=Import.workflow.actions(row.state)
        )
    return row


def _fits(letter: str) -> bool:
    return letter.isalnum() or letter in _SIGNS or unicodedata.category(letter) in {"Mn", "Mc"}


def _put(source: Path, target: Path) -> None:
    """Exchange the file at once; the source stays, since a transaction that lost a race is run again."""
    link = source.with_name(f".{uuid7()}")
    os.link(source, link)
    link.replace(target)


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
