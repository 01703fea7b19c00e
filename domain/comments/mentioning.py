"""A comment that says @account calls a person: only somebody who is there and may read the paper; else it is text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from sqlalchemy import select, update

from domain.access.entrance import spelled
from domain.access.user import User
from domain.comments.comment import Comment, Mention
from domain.comments.readers import READ, may_read, readable
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.documents import Document
from domain.kernel.errors import Forbidden, at
from domain.kernel.work import Work

_CALL = re.compile(r"(?<![\w@+-])@([\w.@+-]+)")
"""Not within a word: an address such as ann@example.com calls nobody."""
LONGEST = 100
"""So many characters may an account have."""
_STOPS = ".@+-"
"""What may be in an account, but at the end of a word is punctuation unless the account has it, too."""


def called(text: str) -> list[list[str]]:
    """For each @word of a text the accounts that it may mean, the longest first."""
    return [list(_readings(spelled(word))) for word in _CALL.findall(text)]


def people_called(work: Work, paper: Document, text: str) -> list[User]:
    """Those who are mentioned in a text on a paper, each once, in the order of the text."""
    words = called(text)
    accounts = {reading for readings in words for reading in readings}
    known = {one.account: one for one in _people(work, accounts) if may_read(one, paper)} if accounts else {}
    meant = [next((known[one] for one in readings if one in known), None) for readings in words]
    return list(dict.fromkeys(one for one in meant if one is not None))


def mention(work: Work, comment: Comment, people: Sequence[User]) -> list[User]:
    """Make the mentions of a comment those of these people; answers whom it did not mention before.

    Whoever mentions themselves has read it.
    """
    earlier = {one.user_id: one for one in comment.mentions}
    for user in earlier.keys() - {one.id for one in people}:
        comment.mentions.remove(earlier[user])
    new = [one for one in people if one.id not in earlier]
    for one in new:
        read_at = work.now if one.id == work.actor.user else None
        comment.mentions.append(Mention(user_id=one.id, mentioned_at=work.now, read_at=read_at))
    return new


@command(right=READ, answers=User)
class MarkMentionsRead(Command):
    """Take note of comments that mention you: all, those on one paper, or some. Answers with you."""

    document: Ref | None = said("Those on this paper alone.", default=None)
    mentions: Sequence[Ref] | None = said("These alone; others than yours are passed over.", default=None)

    def act(self, work: Work) -> User:
        if work.actor.user is None:
            raise Forbidden("Only people are mentioned; sign in with an account.")
        marked = update(Mention).where(Mention.user_id == work.actor.user, Mention.read_at.is_(None))
        if self.document is not None:
            with at("document"):
                paper = readable(work, self.document)
            on_it = select(Comment.id).where(Comment.document_id == paper.id)
            marked = marked.where(Mention.comment_id.in_(on_it))
        if self.mentions is not None:
            some = work.find_all(Mention, self.mentions).values()
            marked = marked.where(Mention.id.in_({one.id for one in some}))
        work.session.execute(marked.values(read_at=work.now))
        return work.find(User, work.actor.user)


def _readings(word: str) -> Iterator[str]:
    least = max(len(word.rstrip(_STOPS)), 1)
    return (word[:length] for length in range(min(len(word), LONGEST), least - 1, -1))


def _people(work: Work, accounts: set[str]) -> list[User]:
    found = select(User).where(User.tenant_id == work.actor.tenant, User.account.in_(accounts))
    return list(work.session.scalars(found))
