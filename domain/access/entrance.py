"""Coming in and going out: a password opens a session, a token or a key makes an actor.

Every failure answers alike in words and in time, whether the account exists or not; a lock is told to whoever asks,
since unknown accounts are locked as well, and says nothing about the password given while it lasts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import Executable, delete, func, null, or_, select, update

from domain.access.credential import TOKEN, digest, fresh
from domain.access.password import Verdict, apart, judged
from domain.access.role import PERSONAL, RIGHTS, rights_of
from domain.access.user import ApiKey, SignIn, User
from domain.kernel.actor import Actor
from domain.kernel.errors import BadInput, Forbidden, SignInFailed, SignInLocked
from domain.kernel.setting import setting, whole_number
from domain.kernel.work import Database, Work

Names = tuple[str, ...]

LIFE = setting("sign_in.hours", "For how many hours a person stays signed in.", whole_number(1, 720), default=12)
REMEMBERED = timedelta(days=90)
_AT_LARGE = (User.archived_at.is_(None), User.locked_at.is_(None))
_SESSION, _KEY = "select * from door_sign_in($1)", "select * from door_key($1)"
_LISTS = ("roles", "rights", "companies", "user_roles", "user_companies")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A session that has just begun. The token is nowhere else."""

    token: str
    expires_at: datetime
    actor: Actor


async def sign_in(database: Database, account: str, password: str, tenant: str | None = None) -> SignedIn:
    """Open a session. Raises SignInFailed, SignInLocked, or BadInput if a firm must be named and is not."""
    named = {"account": spelled(account), "tenant": tenant}
    found = await database.knock("select * from door_account(:account, :tenant)", **named)
    if found is None:
        raise BadInput("Several firms use this service; say which one.", path=("tenant",))
    _wait(found.wait)
    verdict = await apart(judged, password, found.password_hash)
    counted = await database.knock("select door_guess(:guess, :right) as wait", guess=found.guess, right=verdict.right)
    _wait(counted.wait)
    if not verdict.right:
        raise SignInFailed
    token = fresh(TOKEN)
    newcomer = Actor(tenant=found.tenant_id, name=named["account"] or "", user=found.user_id)
    expires_at = await database.transact(newcomer, lambda work: _begin(work, token, found.password_hash, verdict))
    actor = await actor_of(database, token)
    if actor is None:
        raise SignInFailed
    return SignedIn(token, expires_at, actor)


async def sign_out(database: Database, actor: Actor) -> None:
    """End the session the actor came with; an API key has none."""
    if actor.sign_in is None:
        raise Forbidden("Only a session can be ended, and you came with an API key; revoke it instead.")
    await database.transact(actor, lambda work: end(work, SignIn.id == actor.sign_in))


async def actor_of(database: Database, credential: str) -> Actor | None:
    """Who holds a token or a key, with the rights of this moment; None if it is unknown, ended, expired or revoked."""
    question = _SESSION if credential.startswith(TOKEN) else _KEY
    row = await database.outlook.first(question, digest(credential))
    return None if row is None else _actor(_Row(**row))


def present(work: Work, *, user: UUID | None, key: UUID | None) -> Actor | None:
    """Who began something that goes on without them, with the rights of this moment; None if they may not come in."""
    statement = _person(user) if key is None else _program(key)
    row = work.session.execute(statement).one_or_none()
    return None if row is None else _actor(row)


def end(work: Work, *which: Any) -> None:
    """End the sessions that `which` selects."""
    work.session.execute(update(SignIn).where(*which, SignIn.ended_at.is_(None)).values(ended_at=work.now))


def spelled(account: str) -> str:
    """An account as it is kept: capitals and blanks around it do not matter."""
    return account.strip().casefold()


def _person(user: UUID | None) -> Executable:
    nothing = null()
    return select(
        User.tenant_id, User.account.label("name"), nothing.label("key_id"), nothing.label("sign_in_id"),
        User.id.label("user_id"), User.partner_id, nothing.label("roles"), nothing.label("rights"),
        nothing.label("companies"), User.roles.label("user_roles"), User.companies.label("user_companies"),
    ).where(User.id == user, *_AT_LARGE)  # fmt: skip


def _program(key: UUID) -> Executable:
    lasts = or_(ApiKey.expires_at.is_(None), ApiKey.expires_at > func.now())
    return (
        select(
            ApiKey.tenant_id, func.coalesce(User.account, ApiKey.name).label("name"), ApiKey.id.label("key_id"),
            null().label("sign_in_id"), User.id.label("user_id"),
            func.coalesce(ApiKey.partner_id, User.partner_id).label("partner_id"), ApiKey.roles, ApiKey.rights,
            ApiKey.companies, User.roles.label("user_roles"), User.companies.label("user_companies"),
        )
        .join_from(ApiKey, User, (User.tenant_id == ApiKey.tenant_id) & (User.id == ApiKey.user_id), isouter=True)
        .where(ApiKey.id == key, ApiKey.archived_at.is_(None), ApiKey.revoked_at.is_(None), lasts)
        .where(*_AT_LARGE)
    )  # fmt: skip


def _wait(seconds: int | None) -> None:
    if seconds is not None:
        raise SignInLocked(
            f"Too many attempts failed; wait {seconds} seconds, or ask an administrator to unlock the account.",
            retry_after=seconds,
        )


def _begin(work: Work, token: str, verified: str, verdict: Verdict) -> datetime:
    """Begin the session, unless the person was archived or given another password since the verdict."""
    person = work.lock(User, [work.actor.user] if work.actor.user else []).popitem()[1]
    if person.archived_at is not None or person.locked_at is not None or person.password_hash != verified:
        raise SignInFailed
    if verdict.better is not None:
        work.session.execute(update(User).where(User.id == person.id).values(password_hash=verdict.better))
    work.session.execute(delete(SignIn).where(SignIn.user_id == person.id, SignIn.expires_at < work.now - REMEMBERED))
    ends = work.now + timedelta(hours=LIFE.of(work))
    session = SignIn(user_id=person.id, digest=digest(token), started_at=work.now, expires_at=ends)
    return work.add(session).expires_at


class _Row(SimpleNamespace):
    """What the door tells, with its lists, which the driver takes for text."""

    def __init__(self, **told: Any) -> None:
        lists = {name: None if told[name] is None else json.loads(told[name]) for name in _LISTS}
        super().__init__(**{**told, **lists})


def _actor(row: Any) -> Actor:
    return Actor(
        tenant=row.tenant_id,
        name=row.name,
        rights=_rights(
            None if row.key_id is None else (tuple(row.roles), tuple(row.rights)),
            None if row.user_id is None else tuple(row.user_roles),
        ),
        companies=frozenset(UUID(one) for one in _narrowed(row.companies, row.user_companies)),
        user=row.user_id,
        key=row.key_id,
        partner=row.partner_id,
        sign_in=row.sign_in_id,
    )


@lru_cache
def _rights(key: tuple[Names, Names] | None, person: Names | None) -> frozenset[str]:
    """The rights by the roles and rights of a key, and the roles of a person; those of one standing share one set.

    A key of a person may never do more than the person may at this moment.
    """
    own = rights_of(person or ())
    if key is None:
        return own | PERSONAL
    roles, rights = key
    lent = frozenset((rights_of(roles) | set(rights)) & RIGHTS.keys())
    if person is None:
        return lent
    return lent & own if roles or rights else own


def _narrowed(lent: Iterable[str] | None, own: Iterable[str] | None) -> set[str]:
    if own is None or lent is None:
        return set(own or lent or ())
    return set(own) & set(lent) if lent else set(own)
