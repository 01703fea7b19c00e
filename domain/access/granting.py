"""What may be given to whom: checks that people and keys share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TypeVar
from uuid import UUID

from domain.access.role import OUTSIDERS, PERSONAL, RIGHTS, ROLES, rights_of
from domain.access.user import ApiKey, User
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, Forbidden, Refusals, at
from domain.kernel.events import record_class
from domain.kernel.work import Work

Holder = TypeVar("Holder", User, ApiKey)
OUTSIDE = frozenset().union(*(ROLES[role] for role in OUTSIDERS))


def roles_given(names: Iterable[str]) -> list[str]:
    """Known roles, each once. A role for outsiders goes with no other."""
    given = _known(names, ROLES.keys(), "role", "roles")
    if OUTSIDERS & set(given) and len(given) > 1:
        raise BadInput("The role partner is for people of another firm; give no other role beside it.", path=("roles",))
    return given


def rights_given(names: Iterable[str]) -> list[str]:
    """Known rights, each once."""
    return _known(names, RIGHTS.keys() - PERSONAL, "right", "rights")


def companies_given(work: Work, refs: Sequence[Ref]) -> list[str]:
    """Companies of the tenant that are in use, each once."""
    found = Refusals()
    companies: dict[UUID, None] = {}
    for index, ref in enumerate(refs):
        with found.at("companies", index):
            companies[work.choose(record_class("company"), ref).id] = None
    found.settle()
    return [str(id) for id in companies]


def administered(work: Work, person: User, *path: str) -> User:
    """The person, if the actor works for all companies that they do: who comes in as them does so in each of these."""
    if not _all_mine(work, person.companies):
        raise Forbidden(
            f"{person.name} also works for companies that you do not work for; only who works for all of them, "
            "or the operator at the command line, may do this.",
            path=path, right="access.write",
        )  # fmt: skip
    return person


def must_administer(work: Work, key: ApiKey) -> None:
    """The same of a key, which works for its own companies or else for those of its person."""
    if key.user_id is not None and not key.companies:
        administered(work, work.find(User, key.user_id), "id")
    elif not _all_mine(work, key.companies):
        raise Forbidden(
            "The key works for companies that you do not work for; only who works for all of them, "
            "or the operator at the command line, may do this.",
            path=("id",), right="access.write",
        )  # fmt: skip


def _all_mine(work: Work, companies: Iterable[str] | None) -> bool:
    return set(companies or ()) <= {str(id) for id in work.actor.companies}


def join(work: Work, company: UUID) -> None:
    """The actor works for the company from now on: the person, and the key they came with if it names companies."""
    person = _own(work, User, work.actor.user)
    key = _own(work, ApiKey, work.actor.key)
    for row in (person, key):
        if row is not None and (row is person or row.companies or person is None):
            row.companies = [*row.companies, str(company)]


def partner_given(work: Work, ref: Ref | None) -> UUID | None:
    return None if ref is None else work.choose(record_class("partner"), ref, "partner").id


def fitting(partner: UUID | None, roles: list[str], rights: Iterable[str] = ()) -> None:
    """Outsiders belong to a partner, and nobody else does."""
    held = rights_of(roles) | set(rights)
    outside = "purchase.read.own" in held
    with at("partner"):
        if outside and partner is None:
            raise BadInput("Whoever sees the papers of their own firm only must belong to one; name the partner.")
        if partner is not None and (not outside or held - OUTSIDE):
            raise BadInput("Only those with the role partner belong to a partner; leave it out, or change the roles.")


def _own(work: Work, model: type[Holder], id: UUID | None) -> Holder | None:
    return work.lock(model, [id]).get(id) if id is not None else None


def _known(names: Iterable[str], known: Iterable[str], noun: str, field: str) -> list[str]:
    given = list(dict.fromkeys(names))
    for index, name in enumerate(given):
        if name not in known:
            raise BadInput(f"{name!r} is no {noun}; known are {', '.join(sorted(known))}.", path=(field, index))
    return given
