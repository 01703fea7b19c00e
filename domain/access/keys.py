"""API keys: how programs come in. A key has rights of its own, or acts for a person and does no more than they may."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from domain.access.credential import KEY, digest, fresh, hint
from domain.access.granting import (
    administered,
    companies_given,
    fitting,
    must_administer,
    partner_given,
    rights_given,
    roles_given,
)
from domain.access.user import ApiKey, User
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.text import line
from domain.kernel.work import Work


@command(
    right="access.write",
    answers=ApiKey,
    discloses={"secret": "The key itself. It is shown this once and kept nowhere; null if the request is a repeat."},
)
class CreateApiKey(Command):
    """Make a key for a program. The answer alone shows it; whoever holds it may do what it says."""

    name: str = said("What the key is for.")
    roles: Sequence[str] = said("Roles whose rights it has.", default=())
    rights: Sequence[str] = said("Rights it has besides.", default=())
    companies: Sequence[Ref] = said("The companies it works for; of others it sees nothing.", default=())
    partner: Ref | None = said("The firm it belongs to; for the role partner, and only for it.", default=None)
    user: Ref | None = said(
        "The person it acts for: it may do what they may, less if roles, rights or companies are given as well.",
        default=None,
    )
    expires_at: datetime | None = said("When it ends by itself; never if not given.", default=None)

    def act(self, work: Work) -> ApiKey:
        found = Refusals()
        secret = fresh(KEY)
        key = ApiKey(name=self.name, digest=digest(secret), hint=hint(secret), expires_at=self.expires_at)
        with found.at("name"):
            key.name = line(self.name)
        with found.at("expiresAt"):
            self._check_end(work)
        with found.at():
            self._grant(work, key)
        found.settle()
        work.disclose("secret", secret)
        return work.add(key)

    def _check_end(self, work: Work) -> None:
        if self.expires_at is None:
            return
        if self.expires_at.tzinfo is None:
            raise BadInput("Give a time with its offset, such as 2030-01-31T12:00:00Z.")
        if self.expires_at <= work.now:
            raise BadInput("A key that has expired is of no use; give a time to come.")

    def _grant(self, work: Work, key: ApiKey) -> None:
        person = None if self.user is None else administered(work, work.choose(User, self.user, "user"), "user")
        key.user_id = None if person is None else person.id
        key.roles, key.rights = roles_given(self.roles), rights_given(self.rights)
        key.companies = companies_given(work, self.companies)
        key.partner_id = partner_given(work, self.partner)
        if key.user_id is None:
            fitting(key.partner_id, key.roles, key.rights)
        elif key.partner_id is not None:
            raise BadInput("A key that acts for a person belongs to their firm; leave this out.", path=("partner",))


@command(right="access.write", answers=ApiKey)
class RevokeApiKey(Command):
    """End a key at once and for ever."""

    id: Ref = said("The key.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)

    def act(self, work: Work) -> ApiKey:
        key = work.locked(ApiKey, self.id, None if self.expected_version is ABSENT else self.expected_version)
        must_administer(work, key)
        if key.revoked_at is None:
            key.revoked_at = work.now
            work.note(key, "revoked")
        return key
