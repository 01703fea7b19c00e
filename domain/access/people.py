"""People: their accounts, roles and passwords. A tenant always keeps somebody who can let others in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.util import await_only

from domain.access.entrance import end, spelled
from domain.access.granting import administered, companies_given, fitting, partner_given, roles_given
from domain.access.password import accepted, apart, hashed, judged
from domain.access.user import SignIn, User
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.errors import BadInput, Forbidden, NotReady, NotUnique, Refusals, VersionConflict, at
from domain.kernel.fields import entered
from domain.kernel.text import email, language, line
from domain.kernel.work import Work

ADMINISTRATOR = "administrator"
ACCOUNT = re.compile(r"[\w.@+-]{2,100}")
THEIRS = ("name", "roles", "partner", "email", "language")
"""What of a person only those change who work for all of their companies; each gives and takes companies of their own.
"""
PARTICULARS = {"name": line, "email": email, "language": language}


@command(right="access.write", answers=User)
class CreateUser(Command):
    """Let a person in. Without a password they cannot sign in until they are given one."""

    account: str = said("What they sign in with; letters, digits and . _ @ + -, capitals do not matter.")
    name: str = said("What they are called.")
    password: str | None = said("At least 12 characters.", default=None, secret=True)
    roles: Sequence[str] = said("What they may do; see `roles`.", default=())
    companies: Sequence[Ref] = said("The companies they work for; of others they see nothing.", default=())
    partner: Ref | None = said("The firm they belong to; for the role partner, and only for it.", default=None)
    email: str | None = said("Where mail reaches them.", default=None)
    language: str | None = said("A language tag, such as en or de-AT.", default=None)

    def act(self, work: Work) -> User:
        found = Refusals()
        person = User(account=spelled(self.account))
        with found.at("account"):
            _free(work, person.account)
        _edit(work, person, self, found)
        with found.at("password"):
            word = None if self.password is None else accepted(self.password, person.account)
        found.settle()
        person.password_hash = None if word is None else await_only(apart(hashed, word))
        return work.add(person)


@command(right="access.write", answers=User)
class UpdateUser(Command):
    """Change a person's roles, companies or particulars. What is not given stays; it holds from the next request on."""

    id: Ref = said("The person.")
    expected_version: int = said("The version you saw; refused if it has changed since.")
    name: str | Absent = said("What they are called.", default=ABSENT)
    roles: Sequence[str] | Absent = said("All their roles from now on.", default=ABSENT)
    companies: Sequence[Ref] | Absent = said(
        "All companies they work for from now on, of those that you work for.", default=ABSENT
    )
    partner: Ref | Absent | None = said("The firm they belong to; for the role partner only.", default=ABSENT)
    email: str | Absent | None = said("Where mail reaches them.", default=ABSENT)
    language: str | Absent | None = said("A language tag, such as en or de-AT.", default=ABSENT)

    def act(self, work: Work) -> User:
        found = Refusals()
        person = _locked(work, self.id, self.expected_version)
        if any(getattr(self, name) is not ABSENT for name in THEIRS):
            administered(work, person, "id")
        before = set(person.companies or ()) if ADMINISTRATOR in person.roles else set()
        _edit(work, person, self, found)
        found.settle()
        _somebody_left(work)
        _each_administered(work, before - set(person.companies or ()))
        return person


@command(right="access.write", answers=User)
class SetPassword(Command):
    """Give a person another password. Their sessions end; a lock after failed sign-ins is lifted."""

    id: Ref = said("The person.")
    password: str = said("At least 12 characters.", secret=True)

    def act(self, work: Work) -> User:
        with at("id"):
            account = administered(work, work.find(User, self.id)).account
        word = _chosen(self.password, account, "password")
        person = administered(work, work.locked(User, self.id, None), "id")
        person.password_hash = word
        end(work, SignIn.user_id == person.id)
        _forgive(work, person)
        work.note(person, "password_set")
        return person


@command(right="access.self", answers=User)
class ChangePassword(Command):
    """Choose another password for oneself. All other sessions end."""

    old: str = said("The present password.", secret=True)
    new: str = said("At least 12 characters.", secret=True)

    def act(self, work: Work) -> User:
        if work.actor.user is None or work.actor.sign_in is None:
            raise Forbidden("A password is changed by the person themselves, signed in with it.")
        before = work.find(User, work.actor.user)
        known = before.password_hash
        if not await_only(apart(judged, self.old, known)).right:
            raise BadInput("This is not your present password.", path=("old",))
        word = _chosen(self.new, before.account, "new")
        person = work.locked(User, work.actor.user, None)
        if person.password_hash != known:
            raise VersionConflict(
                "Your password was changed meanwhile; sign in with the new one.",
                current=person.version, record=person.id,
            )  # fmt: skip
        person.password_hash = word
        end(work, SignIn.user_id == person.id, SignIn.id != work.actor.sign_in)
        work.note(person, "password_changed")
        return person


@command(right="access.write", answers=User)
class ArchiveUser(Command):
    """Shut a person out. Their sessions end, and the API keys that act for them rest."""

    id: Ref = said("The person.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> User:
        person = administered(work, _locked(work, self.id, self.expected_version), "id")
        if person.archived_at is None:
            person.archived_at = work.now
            _somebody_left(work)
            end(work, SignIn.user_id == person.id)
            work.note(person, "archived")
        return person


@command(right="access.write", answers=User)
class RestoreUser(Command):
    """Let an archived person in again, with the roles they had."""

    id: Ref = said("The person.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> User:
        person = administered(work, _locked(work, self.id, self.expected_version), "id")
        if person.archived_at is not None:
            person.archived_at = None
            work.note(person, "restored")
        return person


@command(right="access.write", answers=User)
class LockUser(Command):
    """Lock a person out for a while. Their sessions end, and the API keys that act for them rest."""

    id: Ref = said("The person.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> User:
        person = administered(work, _locked(work, self.id, self.expected_version), "id")
        if person.locked_at is None:
            person.locked_at = work.now
            _somebody_left(work)
            end(work, SignIn.user_id == person.id)
            work.note(person, "locked")
        return person


@command(right="access.write", answers=User)
class UnlockUser(Command):
    """Lift the lock on an account, be it an administrator's or that of failed sign-ins."""

    id: Ref = said("The person.")

    def act(self, work: Work) -> User:
        person = administered(work, work.locked(User, self.id, None), "id")
        person.locked_at = None
        _forgive(work, person)
        work.note(person, "unlocked")
        return person


def _locked(work: Work, ref: Ref, version: int | Absent) -> User:
    """The person, locked after all administrators in the order of ids, so that two cannot remove each other at once."""
    with at("id"):
        wanted = work.find(User, ref).id
    work.lock(User, {wanted, *work.session.scalars(select(User.id).where(*_ADMINISTRATORS))})
    return work.locked(User, wanted, None if version is ABSENT else version)


def _somebody_left(work: Work) -> None:
    work.session.flush()
    if not work.session.scalars(select(User.id).where(*_ADMINISTRATORS).limit(1)).all():
        raise NotReady("This is the last administrator; make somebody else one first.", path=("id",))


def _each_administered(work: Work, taken: set[str]) -> None:
    """Only who works for a company can give it, so one that is taken must be left to an administrator."""
    for company in sorted(taken):
        theirs = select(User.id).where(*_ADMINISTRATORS, User.companies.contains([company]))
        if work.session.scalars(theirs.limit(1)).first() is None:
            raise NotReady(
                "No administrator would work for this company any more; give it to another one first.",
                path=("companies",),
            )


_ADMINISTRATORS = (User.roles.contains([ADMINISTRATOR]), User.archived_at.is_(None), User.locked_at.is_(None))


def _edit(work: Work, person: User, given: Any, found: Refusals) -> None:
    for column, value in entered(work, User, PARTICULARS, given, refusals=found).items():
        setattr(person, column, value)
    with found.at():
        if given.roles is not ABSENT:
            person.roles = roles_given(given.roles)
        if given.companies is not ABSENT:
            person.companies = [*companies_given(work, given.companies), *_beyond(work, person)]
        if given.partner is not ABSENT:
            person.partner_id = partner_given(work, given.partner)
        fitting(person.partner_id, person.roles)


def _beyond(work: Work, person: User) -> list[str]:
    """The companies of a person that the actor does not work for: not theirs to take."""
    mine = {str(id) for id in work.actor.companies}
    return [id for id in person.companies or () if id not in mine]


def _free(work: Work, account: str) -> None:
    if not ACCOUNT.fullmatch(account):
        raise BadInput("Use 2 to 100 letters, digits and . _ @ + -.")
    if work.session.scalars(select(User.id).where(User.account == account)).first() is not None:
        raise NotUnique("This account exists already; choose another, or restore the person.")


def _chosen(password: str, account: str, field: str) -> str:
    with at(field):
        word = accepted(password, account)
    return await_only(apart(hashed, word))


def _forgive(work: Work, person: User) -> None:
    tenant = work.actor.tenant
    work.session.execute(text("select door_forgive(:tenant, :account)"), {"tenant": tenant, "account": person.account})
