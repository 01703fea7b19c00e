"""The unit of work: one transaction for one actor, and the only place that commits.

Rules are plain synchronous functions that take a Work; `Database` runs them on its asynchronous engine. A deadlock or a
serialisation failure runs the whole command again. Lock order, for every rule: idempotency key, papers sorted by id
(all found before the first write), partner, stock rows, number series.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from datetime import date
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session
from sqlalchemy.util import await_only

from domain.kernel.actor import Actor
from domain.kernel.address import engine_at
from domain.kernel.aside import Aside
from domain.kernel.base import Owned, Record
from domain.kernel.commands import Command, Ref
from domain.kernel.errors import Archived, NotFound, Refused, VersionConflict, at
from domain.kernel.events import Journal, record_type
from domain.kernel.idempotency import Once, claim, settle
from domain.kernel.numbering import Series, draw, in_force, is_taken
from domain.kernel.outlook import Outlook
from domain.kernel.references import referred
from domain.kernel.retry import repeatable, retried
from domain.kernel.tenancy import ENTER, PICTURE

Row = TypeVar("Row", bound=Owned)
Answer = TypeVar("Answer")
CHUNK = 1000


class Work:
    """What a rule works with: the rows, the actor, the time, and the journal of what happens."""

    def __init__(self, session: Session, actor: Actor, database: Database, *, trial: bool = False) -> None:
        self.session = session
        self.actor = actor
        self.now = actor.clock()
        self.disclosed: dict[str, str] = {}
        self.held: dict[UUID, Owned] = {}
        self._database = database
        self._trial = trial
        self._journal = Journal(session, actor, self.now)

    def add(self, row: Row) -> Row:
        """Bring a new row in; tenant, signature and version follow by themselves."""
        self.session.add(row)
        return row

    def disclose(self, name: str, secret: str) -> None:
        """Tell the client, once, something that is kept nowhere in clear; the command declares it in `discloses`."""
        self.disclosed[name] = secret

    def note(self, record: Record, action: str) -> None:
        """Name what was done to the record; what changed on it since is that event's changes."""
        self._journal.note(record, action)

    def find(self, model: type[Row], ref: Ref | UUID, *path: str | int, options: Iterable[Any] = ()) -> Row:
        """The record a request names. NotFound at `path` for an unknown, a foreign or a mistyped id alike."""
        with at(*path):
            row = self.session.get(model, (self.actor.tenant, self.id_of(model, ref)), options=list(options))
            if row is None or not self.sees(row):
                raise NotFound
            return row

    def find_all(self, model: type[Row], refs: Iterable[Ref | UUID | None], *options: Any) -> dict[Ref | UUID, Row]:
        """The records that many references name, in a few statements; what is unknown or foreign is left out."""
        named = {ref for ref in refs if ref is not None}
        ids = self._ids(model, named)
        rows: dict[UUID, Row] = {}
        for chunk in batched(sorted(set(ids.values())), CHUNK):
            statement = select(model).where(model.tenant_id == self.actor.tenant, model.id.in_(chunk)).options(*options)
            rows |= {row.id: row for row in self.session.scalars(statement) if self.sees(row)}
        return {ref: rows[id] for ref, id in ids.items() if id in rows}

    def choose(self, model: type[Row], ref: Ref | UUID, *path: str | int, options: Iterable[Any] = ()) -> Row:
        """As `find`, for something to be put on new papers: raises Archived if it is no longer in use."""
        row = self.find(model, ref, *path, options=options)
        if getattr(row, "archived_at", None) is not None:
            raise Archived(path=path)
        return row

    def lock(self, model: type[Row], ids: Iterable[UUID], *options: Any) -> dict[UUID, Row]:
        """Lock rows in the order of their ids and read them afresh."""
        statement = (
            select(model)
            .where(model.tenant_id == self.actor.tenant, model.id.in_(set(ids)))
            .order_by(model.id)
            .with_for_update(of=model, key_share=model.open_to_references)
            .options(*options)
            .execution_options(populate_existing=True)
        )
        return {row.id: row for row in self.session.scalars(statement)}

    def hold(self, model: type[Row], ids: Iterable[UUID], *options: Any) -> dict[UUID, Row]:
        """Lock many rows: they are `held`, and `locked` finds them as they are, one by one."""
        rows = self.lock(model, ids, *options)
        self.held |= rows
        return rows

    def locked(self, model: type[Row], ref: Ref | UUID, version: int | None, *options: Any) -> Row:
        """The one record an action is about, locked; VersionConflict if it is no longer as the client saw it."""
        with at("id"):
            id = self.id_of(model, ref)
            row = self.held.get(id) or self.lock(model, [id], *options).get(id)
            if not isinstance(row, model) or not self.sees(row):
                raise NotFound
        if version is not None and isinstance(row, Record) and row.version != version:
            raise VersionConflict(path=("expectedVersion",), current=row.version, record=row.id)
        return row

    def id_of(self, model: type[Row], ref: Ref | UUID) -> UUID:
        """The id a reference stands for; NotFound if it names another type or an unknown external key."""
        if isinstance(ref, UUID):
            return ref
        kind = record_type(model)
        if ref.id is not None:
            if ref.type not in {None, kind}:
                raise NotFound
            return ref.id
        found = referred(self.session, kind, ref.source or "", [ref.key or ""])
        if not found:
            raise NotFound
        return found[ref.key or ""]

    def _ids(self, model: type[Row], refs: set[Ref | UUID]) -> dict[Ref | UUID, UUID]:
        kind = record_type(model)
        ids: dict[Ref | UUID, UUID] = {ref: ref for ref in refs if isinstance(ref, UUID)}
        named = [ref for ref in refs if isinstance(ref, Ref)]
        ids |= {ref: ref.id for ref in named if ref.id and ref.type in {None, kind}}
        for source in {ref.source for ref in named if ref.source}:
            there = {ref.key: ref for ref in named if ref.source == source and ref.key}
            ids |= {there[key]: id for key, id in referred(self.session, kind, source, list(there)).items()}
        return ids

    def number(self, series: Series) -> str | None:
        """A number from a series in which gaps do not matter, of those that no paper has; none for a trial."""
        if self._trial:
            return None
        connection = self.session.connection()
        source = in_force(connection, series)
        while is_taken(connection, series, number := await_only(self._database.aside.number(source))):
            pass
        return number

    def legal_number(self, series: Series, dated: date | None) -> str | None:
        """The next number of a series without gaps, drawn as the last thing before the work ends; none for a trial."""
        if self._trial:
            return None
        connection = self.session.connection()
        return draw(connection, in_force(connection, series), dated=dated).numbers[0]

    def forget(self) -> None:
        """Tell nothing of what a savepoint has taken back."""
        self._journal.forget()

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """What is refused or fails inside is taken back alone, its events with it, and raised again."""
        mark = self._journal.mark()
        try:
            with self.session.begin_nested():
                yield
        except BaseException:
            self._journal.reset(mark)
            raise

    def close(self) -> int:
        """Write the events; returns their number."""
        return self._journal.close()

    def sees(self, row: Owned) -> bool:
        """Whether the row is there for the actor."""
        return row.seen_by(self.actor)


class Database:
    """One PostgreSQL, as the application role sees it."""

    def __init__(self, url: str, *, size: int = 10) -> None:
        self.url = url.replace("postgresql+asyncpg://", "postgresql://", 1)
        self.engine = engine_at(url, size=size)
        self._outside = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self.aside = Aside(self.url)
        self.outlook = Outlook(self.url, size=size)

    async def close(self) -> None:
        await self.outlook.close()
        await self.aside.close()
        await self.engine.dispose()

    async def perform(
        self, actor: Actor, command: Command, once: Once | None = None, *, disclosed: dict[str, str] | None = None
    ) -> Any:
        """Run a command and commit; answers what it tells, mostly the id of a record. Refused has written nothing.

        What the command discloses comes into `disclosed`, for this one answer; a repeat discloses nothing.
        """

        def act(work: Work) -> Any:
            outcome = _perform(work, command, once)
            if disclosed is not None:
                disclosed.update(work.disclosed)
            return outcome

        return await self.transact(actor, act)

    async def transact(self, actor: Actor, act: Callable[[Work], Answer]) -> Answer:
        """Run `act` in one transaction and commit it with its events."""
        answer: Answer = await retried(lambda: self._attempt(actor, act))
        if isinstance(answer, Refused):
            raise answer
        return answer

    def session(self, actor: Actor) -> AbstractAsyncContextManager[AsyncSession]:
        """A session inside the actor's tenant, rolled back at the end: for reading, and for trying."""
        return self._opened(actor)

    def picture(self, actor: Actor) -> AbstractAsyncContextManager[AsyncSession]:
        """A session for reading alone, which sees the same moment from beginning to end; its reader may take long."""
        return self._opened(actor, *PICTURE)

    @asynccontextmanager
    async def _opened(self, actor: Actor, *first: str) -> AsyncIterator[AsyncSession]:
        async with AsyncSession(self.engine, expire_on_commit=False, autoflush=True) as session:
            for statement in first:
                await session.execute(text(statement))
            await session.execute(text(ENTER), {"tenant": str(actor.tenant), "now": actor.clock().isoformat()})
            try:
                yield session
            finally:
                await session.rollback()

    async def attempt(self, session: AsyncSession, actor: Actor, command: Command) -> Any:
        """Run a command in a session that will not be committed (`validateOnly`)."""
        return await session.run_sync(lambda inner: _tried(Work(inner, actor, self, trial=True), command))

    async def knock(self, question: str, **values: Any) -> Any:
        """The row with which one of the door's functions answers, before it is known whose tenant this is."""
        async with self._outside.connect() as connection:
            return (await connection.execute(text(question), values)).one_or_none()

    async def _attempt(self, actor: Actor, act: Callable[[Work], Answer]) -> Answer:
        with repeatable() as progress:
            async with self.session(actor) as session:
                answer, events = await session.run_sync(lambda inner: _run(Work(inner, actor, self), act))
                progress.commits = True
                await session.commit()
        if events:
            self.aside.tell()
        return answer


def batched(values: Sequence[Any], size: int) -> Iterator[Sequence[Any]]:
    """`values` in runs of at most `size`."""
    return (values[start : start + size] for start in range(0, len(values), size))


def _run(work: Work, act: Callable[[Work], Answer]) -> tuple[Answer, int]:
    answer = act(work)
    return answer, work.close()


def _tried(work: Work, command: Command) -> Any:
    outcome = _act(work, command)
    work.close()
    return outcome


def _act(work: Work, command: Command) -> Any:
    work.actor.must(command.right)
    answer = command.act(work)
    work.session.flush()
    return command.told(answer)


def _perform(work: Work, command: Command, once: Once | None) -> Any:
    """The answer of a command done once: a repeat gets the first one's outcome, be it an id or a refusal."""
    if once is None:
        return _act(work, command)
    earlier = claim(work, once)
    if earlier is not None:
        return earlier
    try:
        with work.session.begin_nested():
            outcome = _act(work, command)
    except Refused as refused:
        work.forget()
        settle(work, once, refused)
        return refused
    settle(work, once, outcome)
    return outcome
