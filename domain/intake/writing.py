"""Drafts become records by the commands that the API uses; a bad row does not spoil its batch."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from domain.intake.composing import composed
from domain.intake.drafting import Draft, traced
from domain.intake.links import Links
from domain.intake.mapping import Section
from domain.intake.raising import raise_on
from domain.intake.report import CREATED, UNCHANGED, UPDATED, Outcome
from domain.intake.shapes import ARCHIVED
from domain.intake.transforms import Reference
from domain.kernel.base import Record
from domain.kernel.commands import Command, Ref
from domain.kernel.errors import BadInput, NotFound, Refusals, Refused
from domain.kernel.references import ExternalKey, attach
from domain.kernel.retry import RACES, sqlstate, translated
from domain.kernel.work import Work


def write(work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Create or update a record for each draft; what became of each, in their order."""
    return written(Masters, work, section, drafts)


def written(scribe: type[Scribe], work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Write all drafts together, which is quick; where one is refused, each by itself."""
    try:
        with work.savepoint():
            return scribe(work, section, drafts).all()
    except (Refused, DBAPIError) as error:
        _of_the_rows(error)
    return scribe(work, section, drafts).each()


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


class Scribe:
    """Writes the drafts of one batch. All that they are about, and all that they refer to, is found beforehand."""

    def __init__(self, work: Work, section: Section, drafts: Sequence[Draft]) -> None:
        self._work, self._section, self._drafts = work, section, drafts
        self._links = Links(work, section.source)
        told = [value for draft in drafts for value in draft.values.values() if isinstance(value, Reference)]
        self._links.follow([*told, *map(self._known, drafts), *self._matches(drafts)])

    def all(self) -> list[Outcome]:
        """Write all of them; Refused, or an error of the database, if one cannot be written."""
        return [self._write(draft) for draft in self._drafts]

    def each(self) -> list[Outcome]:
        """Write each of them, or take back whatever was begun of it."""
        return [self._outcome(draft) for draft in self._drafts]

    def _outcome(self, draft: Draft) -> Outcome:
        try:
            with self._work.savepoint():
                return self._write(draft)
        except Refused as refused:
            return traced(self._section, draft, refused)
        except DBAPIError as error:
            return traced(self._section, draft, refused_by(error))

    def _write(self, draft: Draft) -> str:
        raise AssertionError(draft)

    def _creating(self, draft: Draft, given: Mapping[str, Any]) -> Any:
        """The command that enters a new record."""
        external = ExternalKey(source=self._section.source, key=draft.key)
        return self._section.kind.creating(**given, external=external)

    def _enter(self, draft: Draft, command: Any) -> Record:
        """Enter a new record; what it lacks is flagged."""
        record: Record = done(self._work, command)
        raise_on(self._work, self._section, draft, record, command)
        self._links.know(self._known(draft), record)
        return record

    def _known(self, draft: Draft) -> Reference:
        return Reference(self._section.kind.word, None, None, draft.key)

    def _matches(self, drafts: Iterable[Draft]) -> Iterator[Reference]:
        """By which column a record made elsewhere can be found; only wanted where the key is not known."""
        if match := self._section.match:
            for draft in drafts:
                yield Reference(self._section.kind.word, None, match, str(draft.values[match,]).strip())


class Masters(Scribe):
    """Creates master records, and brings those up to date that are known."""

    def __init__(self, work: Work, section: Section, drafts: Sequence[Draft]) -> None:
        super().__init__(work, section, drafts)
        self._update = section.kind.verb("Update")
        self._changeable = {one.name for one in fields(self._update)}  # type: ignore[arg-type]

    def _write(self, draft: Draft) -> str:
        given = composed(self._section, draft, self._links.ref)
        archived = given.pop(ARCHIVED, None)
        record, outcome = self._existing(draft)
        if record is None:
            record, outcome = self._enter(draft, self._creating(draft, given)), CREATED
        elif self._change(record, given):
            outcome = UPDATED
        if archived is not None and archived is (record.archived_at is None):
            with self._work.savepoint():  # an event of its own, so that nothing is archived that was never created
                done(self._work, self._section.kind.verb("Archive" if archived else "Restore")(id=Ref(id=record.id)))
            outcome = CREATED if outcome == CREATED else UPDATED
        return outcome

    def _existing(self, draft: Draft) -> tuple[Record | None, str]:
        if (record := self._links.record(self._known(draft))) is not None:
            return record, UNCHANGED
        for match in self._matches([draft]):
            if (record := self._links.record(match)) is not None:
                attach(self._work, record, ExternalKey(source=self._section.source, key=draft.key))
                self._links.know(self._known(draft), record)
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


def _of_the_rows(error: Refused | DBAPIError) -> None:
    """Raises the error again if it is not about rows."""
    if isinstance(error, DBAPIError):
        refused_by(error)


def _is(record: Record, name: str, value: Any) -> bool:
    """Whether a record has this value for certain; of lists and of what plugins add, only its command can tell."""
    if isinstance(value, Ref):
        return getattr(record, f"{name}_id") == value.id  # type: ignore[no-any-return]
    column = f"{name}_id" if value is None and not hasattr(type(record), name) else name
    return column in record.__table__.columns and column != "custom" and getattr(record, column) == value


def _must_stay(record: Record, name: str, value: Any) -> None:
    if not _is(record, name, value):
        raise BadInput("This is for good once it is entered; enter a new record, under another key.")
