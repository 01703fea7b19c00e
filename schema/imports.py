"""Imports as jobs: what goes in, how far it has come, what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.intake import job
from resolvers.outcomes import progress, reports
from resolvers.values import JSON
from schema.declare import Connection, column, computed, connection, describes, many, one, shape, value, word
from schema.record import Node, Record
from schema.words import IMPORT_STATES

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company


@describes(job.Import, right=job.RIGHT, searched=("name",))
class Import(Record):
    """Files that are brought in by a mapping, while whoever started it does something else."""

    name: str = column("What people call it.")
    company: Company | None = one("company_id", "The company it is for; null if it is for all that its starter has.")
    mapping: str = column("The mapping: one that comes along, or the name of an uploaded file.")
    dry_run: bool = column("Whether it only checks and counts everything, and writes nothing.")
    state: str = word(IMPORT_STATES, "Where it is in its life.")
    progress: ImportProgress | None = computed(
        "How far it has come; null before it has.", progress, needs=("section", "done", "total", "expected_at")
    )
    started_by: User | None = one("started_by", "By whose rights it goes; null if by those of a program.")
    queued_at: datetime | None = column("When it was started, to wait for its turn.")
    started_at: datetime | None = column("When its turn came.")
    ended_at: datetime | None = column("When it finished, failed or was cancelled.")
    failure: str | None = column("Why it could not go on, and what to do about it.")
    files: list[ImportFile] = many("job_id", "The files that were uploaded for it, by their names.", order="name")
    report: ImportReport | None = computed("What came of it; null until it has finished.", reports)
    refusals: Connection[ImportRefusal] = connection(
        "job_id", "Rows that did not go in, the first thousand, each with the reason.", order=("position",)
    )
    cleared_at: datetime | None = column("When its files were removed; null while they are kept.")


@shape
class ImportProgress:
    """How far an import has come."""

    section: str = value("The section of the mapping that is being read.")
    done: int = value("How many rows of it are done.")
    total: int = value("How many rows it has.")
    expected_at: datetime | None = value("When the whole import should end; null while that cannot be said.")


@describes(job.ImportFile, part_of=("job_id", "Import"))
class ImportFile:
    """A file that was uploaded for an import."""

    name: str = column("Its name, by which the mapping knows it.")
    size: int = column("How many bytes it has.", compared=False)
    sha256: str = column("The SHA-256 of its bytes, in hexadecimal digits.")
    uploaded_at: datetime = column("When it came.")


@shape
class ImportReport:
    """What came of an import."""

    text: str = value("As people read it.")
    json: JSON = value("As programs do: totals, tallies by section, refused rows.")


@describes(job.ImportRefusal, part_of=("job_id", "Import"))
class ImportRefusal(Node):
    """A row that did not go in, and why."""

    position: int = column("Its place among the refused rows, from 1.")
    file: str = column("The file.")
    row: int = column("The line of the file on which the row begins; 1 is the headings.")
    column_: str = column("The column that is to blame; empty if the whole row is.", of="heading")
    value: str = column("What stands there.")
    code: str = column("A word for programs, such as BAD_INPUT.")
    message: str = column("What is wrong, and what to do about it.")
