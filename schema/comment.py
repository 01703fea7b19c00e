"""What the house says about its papers, to whom, and who minds them; people of other firms see none of it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from domain.comments import comment
from domain.kernel import following
from resolvers.selections import unless_archived
from schema.declare import Connection, argument, column, connection, describes, many, one, word
from schema.record import Node, Record
from schema.words import FOLLOWING_REASONS

if TYPE_CHECKING:
    from schema.access import User
    from schema.company import Company
    from schema.document import Document

READ = "purchase.read"
ARCHIVED = {"archived": argument(bool | None, "Whether to list those put away too; they are hidden otherwise.")}


@describes(comment.Comment, right=READ, part_of=("document_id", "Document"), searched=("text",))
class Comment(Record):
    """A remark on a paper, for the house alone. It does not change the paper's version."""

    document: Document = one("document_id", "The paper.")
    company: Company = one("company_id", "The company whose paper it is.")
    author: User | None = one("created_by", "Who wrote it; null if a program did, or the person is no longer known.")
    author_name: str = column("What the author was called when they wrote.")
    text: str = column("Plain text. Each @account that is among `mentions` stands for a person.")
    reply_to: Comment | None = one("reply_to_id", "The comment that it answers.")
    replies: Connection[Comment] = connection(
        "reply_to_id", "The comments that answer it.", where=unless_archived, arguments=ARCHIVED
    )
    mentions: list[Mention] = many("comment_id", "The people it mentions.")
    edited_at: datetime | None = column("When its text was last changed; null if never.")
    revisions: list[CommentRevision] = many("comment_id", "What it said before, oldest first.", order="replaced_at")


@describes(comment.CommentRevision, part_of=("comment_id", "Comment"))
class CommentRevision(Node):
    """What a comment said until it was edited."""

    comment: Comment = one("comment_id", "The comment.")
    text: str = column("What it said.")
    replaced_at: datetime = column("When that was replaced.")


@describes(comment.Mention, part_of=("comment_id", "Comment"))
class Mention(Node):
    """That a comment calls a person by @account."""

    comment: Comment = one("comment_id", "The comment.")
    user: User = one("user_id", "The person.")
    mentioned_at: datetime = column("When it was written.")
    read_at: datetime | None = column("When they took note of it; null until then.")


@describes(following.Follower, right=READ, part_of=("document_id", "Document"))
class Follower(Node):
    """That a person follows a paper."""

    document: Document = one("document_id", "The paper.")
    user: User = one("user_id", "The person.")
    because: str = word(FOLLOWING_REASONS, "What made them follow it.")
    since: datetime = column("Since when.")
