"""People, programs and what they may do."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.access import user
from domain.comments.attending import RIGHT
from resolvers.colleagues import COLLEAGUES
from resolvers.values import ID
from schema.declare import among, column, describes, id_of, one, selects, shape, value
from schema.record import Record

if TYPE_CHECKING:
    from schema.company import Company
    from schema.partner import Partner

ACCESS = "access.read"


@describes(user.User, right=ACCESS, oneself="id", searched=("account", "name"))
class User(Record):
    """A person who may sign in. Of yourself you see all; what needs a right is of others."""

    name: str = column("Who it is.")
    account: str = column("What they sign in with.", guard=ACCESS)
    email: str | None = column("Where to write to them.", guard=ACCESS)
    language: str | None = column("The language they prefer.", guard=ACCESS)
    roles: list[str] = column("What they may do, by the names of `roles`.", guard=ACCESS, compared=False)
    companies: list[Company] = among("companies", "The companies they work for.", guard=ACCESS)
    partner: Partner | None = one("partner_id", "The firm they belong to, if it is another.", guard=ACCESS)
    locked_at: datetime | None = column("Since when an administrator has them locked out.", guard=ACCESS)


@selects(COLLEAGUES, word="colleague", right=RIGHT, searched=("account", "name"))
class Colleague:
    """Somebody of the house who may be mentioned in comments, or be given a paper."""

    id: ID = id_of(user.User, "The person's id, as `assignDocument` takes it.")
    name: str = column("Who it is.")
    account: str = column("What comments call them by, after an @.")


@describes(user.ApiKey, right=ACCESS)
class ApiKey(Record):
    """A key by which a program comes in. The key itself is shown once, when it is made."""

    name: str = column("What it is for.")
    hint: str = column("How it begins, to tell it from others.")
    roles: list[str] = column("What it may do, by the names of `roles`.", compared=False)
    rights: list[str] = column("What it may do besides, right by right.", compared=False)
    companies: list[Company] = among("companies", "The companies it works for.")
    partner: Partner | None = one("partner_id", "The firm whose program it is, if it is another.")
    user: User | None = one("user_id", "The person it acts for; then it may do no more than they.")
    expires_at: datetime | None = column("When it ends by itself.")
    revoked_at: datetime | None = column("When it was revoked.")


@shape
class Right:
    """Something one may do."""

    name: str = value("The name, as errors tell it.")
    description: str = value("What it allows.")


@shape
class Role:
    """A set of rights that people and keys are given."""

    name: str = value("The name.")
    rights: list[Right] = value("What it allows.")


@shape
class Me:
    """Who asks, with the rights of this moment."""

    name: str = value("What the log calls you.")
    user: User | None = one("user_id", "You, if you are a person.")
    roles: list[str] = value("Your roles.")
    rights: list[str] = value("All you may do.")
    companies: list[Company] = among("companies", "The companies you work for.")
    partner: Partner | None = one("partner_id", "The firm you belong to, if it is another.")
