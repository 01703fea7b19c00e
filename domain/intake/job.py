"""An import that goes on by itself is a record: the files it takes, how far it has come, and what came of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index
from sqlalchemy.orm import Mapped, mapped_column, selectinload

from domain.intake import ordering
from domain.kernel.base import Owned, Record, ref, to_many, to_one, unique
from domain.kernel.events import Part
from domain.kernel.workflow import BY_RULE, Workflow, step

RIGHT = "import.write"


class Import(Record):
    """Files to be brought in by a mapping. `mapping` names one that comes along, or an uploaded file.

    `started_by` and `started_key` are whose rights it goes by. `interruptions` counts how often its process died.
    """

    __tablename__ = "import_job"
    __table_args__ = (Index(None, "state", "queued_at"),)

    company_id: Mapped[UUID | None] = ref("company", indexed=False)
    name: Mapped[str]
    mapping: Mapped[str]
    dry_run: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str]
    started_by: Mapped[UUID | None]
    started_key: Mapped[UUID | None]
    queued_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    section: Mapped[str | None]
    done: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(BigInteger)
    expected_at: Mapped[datetime | None]
    interruptions: Mapped[int] = mapped_column(default=0)
    failure: Mapped[str | None]
    cleared_at: Mapped[datetime | None]

    files: Mapped[list[ImportFile]] = to_many(
        "ImportFile.job_id", "Import", order="ImportFile.name", back_populates="job"
    )

    workflow = Workflow(
        "collecting",
        {
            "collecting": "Takes files; waits to be started.",
            "queued": "Waits for its turn; the imports of one firm go one after the other.",
            "running": "Is at work.",
            "finished": "Came to its end; the report says which rows were refused.",
            "failed": "Could not go on; `failure` says why. What was written stays; it may be started again.",
            "cancelled": "Called off. What was written stays; it may be started again.",
        },
        [
            step(
                "start", "collecting|failed|cancelled|finished", "queued", event="queued", right=RIGHT,
                description="Start an import, or start it again: what is in already is found and left alone. You need "
                "every right that its mapping asks for: master.write, history.record for papers of the past. It goes "
                "by your rights as they are while it runs.",
                guards=[ordering.has_files, ordering.is_allowed], effects=[ordering.queue], shape=ordering.Start,
            ),
            step(
                "cancel", "collecting|queued|running", "cancelled", event="cancelled", right=RIGHT,
                description="Call an import off. One that runs stops within two seconds; what it wrote stays.",
                effects=[ordering.end],
            ),
            step(
                "reopen", "failed|cancelled|finished", "collecting", event="reopened", right=RIGHT,
                description="Let an import take files again, to put other ones in place of those that were wrong.",
                guards=[ordering.has_its_files],
            ),
            step(
                "begin", "queued", "running", event="started", right=BY_RULE,
                description="A process takes it up.", effects=[ordering.begin],
            ),
            step(
                "resume", "running", "running", event="resumed", right=BY_RULE,
                description="Another process takes it up, as the first one died.", effects=[ordering.resume],
            ),
            step(
                "hand_back", "running", "queued", event="handed_back", right=BY_RULE,
                description="Its process ends in good order and leaves it to another.",
            ),
            step(
                "finish", "running", "finished", event="finished", right=BY_RULE,
                description="It came to its end.", effects=[ordering.end],
            ),
            step(
                "fail", "queued|running", "failed", event="failed", right=BY_RULE,
                description="It could not go on.", effects=[ordering.fail],
            ),
        ],
    )  # fmt: skip

    @classmethod
    def whole(cls) -> list[Any]:
        """Loader options for what guards look at."""
        return [selectinload(cls.files)]


class ImportFile(Owned, Part):
    """One uploaded file. `rights` are what its mapping asks of whoever starts the import, if it is a mapping."""

    __tablename__ = "import_file"
    __table_args__ = (unique("job_id", "name"),)
    whole = "job"

    job_id: Mapped[UUID] = ref("import_job", indexed=False)
    name: Mapped[str]
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str]
    rights: Mapped[list[str]] = mapped_column(default=list)
    uploaded_at: Mapped[datetime]

    job: Mapped[Import] = to_one("ImportFile.job_id", "Import", back_populates="files")

    @property
    def place(self) -> str:
        return self.name


class ImportReport(Owned):
    """What came of the last run. Beside the record, since events would carry it to whoever may see none of it."""

    __tablename__ = "import_report"
    __table_args__ = (unique("job_id"),)

    job_id: Mapped[UUID] = ref("import_job", indexed=False)
    text: Mapped[str]
    content: Mapped[dict[str, Any]] = mapped_column(JSON)


class ImportRefusal(Owned):
    """A row that the last run refused: where it stands, and why. `row` is the line on which it begins, from 1."""

    __tablename__ = "import_refusal"
    __table_args__ = (unique("job_id", "position"),)

    job_id: Mapped[UUID] = ref("import_job", indexed=False)
    position: Mapped[int]
    file: Mapped[str]
    row: Mapped[int]
    heading: Mapped[str]
    value: Mapped[str]
    code: Mapped[str]
    message: Mapped[str]


class ImportLease(Owned):
    """Which process runs an import, and until when it may. Renewed all the time, so no part of the record."""

    __tablename__ = "import_lease"
    __table_args__ = (unique("job_id"), Index(None, "tenant_id", "until"))

    job_id: Mapped[UUID] = ref("import_job", indexed=False)
    holder: Mapped[UUID | None]
    until: Mapped[datetime | None]
