"""Drafts become records by the commands that the API uses, one savepoint each: a bad row does not spoil its batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from domain.intake.composing import composed
from domain.intake.drafting import Draft, traced
from domain.intake.kinds import ARCHIVED
from domain.intake.links import Links
from domain.intake.mapping import Section
from domain.intake.report import CREATED, UNCHANGED, UPDATED, Refusal
from domain.intake.transforms import Reference
from domain.kernel.base import Record
from domain.kernel.commands import Command, Ref
from domain.kernel.errors import BadInput, NotFound, Refusals, Refused
from domain.kernel.references import ExternalKey, attach
from domain.kernel.retry import RACES, sqlstate, translated
from domain.kernel.work import Work

Outcome = str | list[Refusal]


def write(work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Create or update a record for each draft; what became of each, in their order."""
    writer = _Writer(work, section)
    writer.prepare(drafts)
    return [writer.outcome(draft) for draft in drafts]


def done(work: Work, command: Command) -> Any:
    """Do a command in the midst of other work."""
    work.actor.must(command.right)
    record = command.act(work)
    work.session.flush()
    return record


def refused_by(error: DBAPIError) -> Refused:
    """What the database has against a row; raises the error again if it is not about the row."""
    found = translated(error)
    if sqlstate(error) in RACES or not isinstance(found, Refused | IntegrityError | DataError):
        raise error
    return found if isinstance(found, Refused) else BadInput(f"The database refuses this: {error.orig}.")


class _Writer:
    def __init__(self, work: Work, section: Section) -> None:
        self._work, self._section = work, section
        self._links = Links(work, section.source)
        self._create, self._update = section.kind.verb("Create"), section.kind.verb("Update")
        self._changeable = {one.name for one in fields(self._update)}  # type: ignore[arg-type]

    def prepare(self, drafts: Sequence[Draft]) -> None:
        """Find the records that the drafts are about, and all that they refer to."""
        told = [value for draft in drafts for value in draft.values.values() if isinstance(value, Reference)]
        self._links.follow([*told, *map(self._known, drafts), *self._matches(drafts)])

    def outcome(self, draft: Draft) -> Outcome:
        """Write one draft, or take back whatever was begun of it."""
        try:
            with self._work.savepoint():
                record, outcome = self._write(draft)
        except Refused as refused:
            return traced(self._section, draft, refused)
        except DBAPIError as error:
            return traced(self._section, draft, refused_by(error))
        self._links.know(self._known(draft), record)
        return outcome

    def _write(self, draft: Draft) -> tuple[Record, str]:
        given = composed(self._section, draft, self._links.ref)
        archived = given.pop(ARCHIVED, None)
        record, outcome = self._existing(draft)
        if record is None:
            external = ExternalKey(source=self._section.source, key=draft.key)
            record, outcome = done(self._work, self._create(**given, external=external)), CREATED
        elif self._change(record, given):
            outcome = UPDATED
        if archived is not None and archived is (record.archived_at is None):
            with self._work.savepoint():  # an event of its own, so that nothing is archived that was never created
                done(self._work, self._section.kind.verb("Archive" if archived else "Restore")(id=Ref(id=record.id)))
            outcome = CREATED if outcome == CREATED else UPDATED
        return record, outcome

    def _existing(self, draft: Draft) -> tuple[Record | None, str]:
        if (record := self._links.record(self._known(draft))) is not None:
            return record, UNCHANGED
        for match in self._matches([draft]):
            if (record := self._links.record(match)) is not None:
                attach(self._work, record, ExternalKey(source=self._section.source, key=draft.key))
                return record, UPDATED
        if not self._section.creates:
            raise NotFound(f"No {self._section.kind.word} has this key, and this section creates none.", path=("key",))
        return None, CREATED

    def _change(self, record: Record, given: dict[str, Any]) -> bool:
        fixed = Refusals()
        for name in given.keys() - self._changeable:
            with fixed.at(name):
                _must_stay(record, name, given[name])
        fixed.settle()
        version, wanted = record.version, {name: value for name, value in given.items() if name in self._changeable}
        if not all(_is(record, name, value) for name, value in wanted.items()):
            done(self._work, self._update(id=Ref(id=record.id), expected_version=version, **wanted))
        return record.version != version

    def _known(self, draft: Draft) -> Reference:
        return Reference(self._section.kind.word, None, None, draft.key)

    def _matches(self, drafts: Iterable[Draft]) -> Iterator[Reference]:
        """By which column a record made elsewhere can be found; only wanted where the key is not known."""
        if match := self._section.match:
            for draft in drafts:
                yield Reference(self._section.kind.word, None, match, str(draft.values[match,]).strip())


def _is(record: Record, name: str, value: Any) -> bool:
    """Whether a record has this value for certain; of lists and of what plugins add, only its command can tell."""
    if isinstance(value, Ref):
        return getattr(record, f"{name}_id") == value.id  # type: ignore[no-any-return]
    column = f"{name}_id" if value is None and not hasattr(type(record), name) else name
    return column in record.__table__.columns and column != "custom" and getattr(record, column) == value


def _must_stay(record: Record, name: str, value: Any) -> None:
    if not _is(record, name, value):
        raise BadInput("This is for good once it is entered; enter a new record, under another key.")
