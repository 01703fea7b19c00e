"""How comments come onto a paper, are edited by their writers, and put away.

Nothing here locks the paper: who comments waits neither for other comments nor for somebody who edits the paper.
"""

from __future__ import annotations

from sqlalchemy.orm import selectinload

from domain.access.user import User
from domain.comments.comment import Comment, CommentRevision
from domain.comments.mentioning import mention, people_called
from domain.comments.readers import READ, readable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.documents import Document
from domain.kernel.errors import Archived, BadInput, Forbidden, at
from domain.kernel.following import follow
from domain.kernel.text import paragraph
from domain.kernel.work import Work

RIGHT, MODERATE = "paper.comment", "paper.moderate"
TEXT = "Plain text, up to 10,000 characters. @account mentions a person who may see the paper; else it is just text."
SEEN = "The version you saw; refused if it has changed since."


@command(right=RIGHT, answers=Comment)
class AddComment(Command):
    """Say something about a paper, in whatever state. Its version stays; you and whom you mention follow it."""

    document: Ref = said("The paper.")
    text: str = said(TEXT)
    reply_to: Ref | None = said("The comment on the same paper that this one answers.", default=None)

    def act(self, work: Work) -> Comment:
        with at("document"):
            paper = readable(work, self.document)
        with at("text"):
            text = paragraph(self.text)
        answered = None if self.reply_to is None else _answered(work, paper, self.reply_to)
        comment = Comment(
            document_id=paper.id, company_id=paper.company_id, reply_to_id=answered,
            author_name=_name(work), text=text, mentions=[],
        )  # fmt: skip
        new = mention(work, comment, people_called(work, paper, text))
        work.add(comment)
        _let_follow(work, paper, new)
        return comment


@command(right=RIGHT, answers=Comment)
class UpdateComment(Command):
    """Change the text of a comment of your own. What it said before stays in its `revisions`."""

    id: Ref = said("The comment.")
    expected_version: int = said(SEEN)
    text: str = said(TEXT)

    def act(self, work: Work) -> Comment:
        comment = _locked(work, self.id, self.expected_version)
        if comment.created_by != work.actor.signature:
            raise Forbidden("Only who wrote a comment may change it; answer it instead.")
        if comment.archived_at is not None:
            raise Archived("The comment was put away; restore it first.", path=("id",))
        with at("text"):
            text = paragraph(self.text)
        if text != comment.text:
            _rewrite(work, comment, text)
        return comment


@command(right=RIGHT, answers=Comment)
class ArchiveComment(Command):
    """Put a comment away: your own or, with the right to moderate, anybody's. It leaves the list, not the record."""

    id: Ref = said("The comment.")
    expected_version: int | Absent = said(SEEN, default=ABSENT)

    def act(self, work: Work) -> Comment:
        comment = _locked(work, self.id, self.expected_version)
        _must_be_yours(work, comment.created_by == work.actor.signature)
        if comment.archived_at is None:
            comment.archived_at = work.now
            work.note(comment, "archived")
        return comment


@command(right=RIGHT, answers=Comment)
class RestoreComment(Command):
    """Bring back a comment that you put away yourself or, with the right to moderate, that anybody did."""

    id: Ref = said("The comment.")
    expected_version: int | Absent = said(SEEN, default=ABSENT)

    def act(self, work: Work) -> Comment:
        comment = _locked(work, self.id, self.expected_version)
        if comment.archived_at is not None:
            _must_be_yours(work, comment.created_by == comment.updated_by == work.actor.signature)
            comment.archived_at = None
            work.note(comment, "restored")
        return comment


def _locked(work: Work, named: Ref, version: int | Absent) -> Comment:
    work.actor.must(READ)
    seen = None if version is ABSENT else version
    return work.locked(Comment, named, seen, selectinload(Comment.mentions))


def _must_be_yours(work: Work, yours: bool) -> None:  # noqa: FBT001 - a fact, no switch
    if not yours and not work.actor.may(MODERATE):
        raise Forbidden(
            f"It is not yours to put away or bring back; that needs the right {MODERATE!r}.", right=MODERATE
        )


def _rewrite(work: Work, comment: Comment, text: str) -> None:
    work.add(CommentRevision(comment_id=comment.id, text=comment.text, replaced_at=work.now))
    comment.text, comment.edited_at = text, work.now
    paper = work.find(Document, comment.document_id)
    new = mention(work, comment, people_called(work, paper, text))
    work.note(comment, "edited")
    _let_follow(work, paper, new)


def _let_follow(work: Work, paper: Document, mentioned: list[User]) -> None:
    follow(work, paper, {**{one.id: "mentioned" for one in mentioned}, work.actor.user: "commented"})


def _answered(work: Work, paper: Document, named: Ref) -> object:
    other = work.find(Comment, named, "replyTo")
    if other.document_id != paper.id:
        raise BadInput("That comment is on another paper; answer it there.", path=("replyTo",))
    return other.id


def _name(work: Work) -> str:
    """What the author is called; a program has the name of its key."""
    person = work.session.get(User, (work.actor.tenant, work.actor.user)) if work.actor.user else None
    return person.name if person is not None else work.actor.name
