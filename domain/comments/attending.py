"""Who minds a paper: people follow it as they like, and one of them may be the one who has it now."""

from __future__ import annotations

from uuid import UUID

from domain.access.user import User
from domain.comments.readers import READ, may_read, readable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, Forbidden, at
from domain.kernel.following import follow, leave
from domain.kernel.papers import kind_of
from domain.kernel.work import Work

RIGHT = "paper.comment"


@command(right=RIGHT, answers=Document)
class FollowDocument(Command):
    """Follow a paper: it is among those you follow from now on. Neither its version nor its history changes."""

    id: Ref = said("The paper.")

    def act(self, work: Work) -> Document:
        with at("id"):
            paper = readable(work, self.id)
        follow(work, paper, {_person(work): "asked"})
        return paper


@command(right=READ, answers=Document)
class UnfollowDocument(Command):
    """Follow a paper no more. Only a mention, an assignment or you yourself bring you back."""

    id: Ref = said("The paper.")

    def act(self, work: Work) -> Document:
        with at("id"):
            paper = readable(work, self.id)
        leave(work, paper, _person(work))
        return paper


@command(right=RIGHT, answers=Document)
class AssignDocument(Command):
    """Give a paper to somebody of the house, in whatever state it is; they follow it. Its approval stands."""

    id: Ref = said("The paper.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    assignee: Ref | Absent | None = said("Who shall have it; null if nobody. Must be given.", default=ABSENT)

    def act(self, work: Work) -> Document:
        work.actor.must(READ)
        with at("id"):
            kind = kind_of(work, self.id)
        paper = work.locked(kind, self.id, None if self.expected_version is ABSENT else self.expected_version)
        with at("assignee"):
            chosen = self._chosen(work, paper)
        if paper.assignee_id != chosen:
            paper.assignee_id = chosen
            work.note(paper, "assigned")
            follow(work, paper, {chosen: "assigned"})
        return paper

    def _chosen(self, work: Work, paper: Document) -> UUID | None:
        if self.assignee is ABSENT:
            raise BadInput("Say who shall have the paper; null if nobody.")
        if self.assignee is None:
            return None
        person = work.choose(User, self.assignee)
        if not may_read(person, paper):
            raise BadInput(f"{person.name} may not see this paper; first give them a role that may, and its company.")
        return person.id


def _person(work: Work) -> UUID:
    if work.actor.user is None:
        raise Forbidden("Only people follow papers; sign in with an account.")
    return work.actor.user
