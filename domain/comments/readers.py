"""Who in the house may read a paper, and with it what is said about it."""

from __future__ import annotations

from domain.access.role import rights_of
from domain.access.user import User
from domain.kernel.commands import Ref
from domain.kernel.documents import Document
from domain.kernel.papers import kind_of
from domain.kernel.work import Work

READ = "purchase.read"


def readable(work: Work, named: Ref) -> Document:
    """The paper of whichever kind that a request names, for somebody of the house; nobody else may get here."""
    work.actor.must(READ)
    return work.find(kind_of(work, named), named)


def may_read(person: User, paper: Document) -> bool:
    """Whether a person is of the house, may see papers, and works for the company of this one."""
    inside = person.archived_at is None and person.partner_id is None
    return inside and READ in rights_of(person.roles) and str(paper.company_id) in person.companies
