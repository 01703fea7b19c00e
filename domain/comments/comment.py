"""What people say to each other about a paper, inside the house: a comment, what it said before, and whom it names."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from domain.kernel.base import Owned, Record, personal, ref, to_many, to_one, unique
from domain.kernel.events import Part


class Comment(Record):
    """A remark on a paper; a record of its own, so that the paper's version and approval stand as they are.

    `created_by` wrote it; `author_name` is what they were called then, and stays when they are gone. The text may speak
    of anybody, so it is personal: events tell that something was said, about which paper and to whom, never what.
    """

    __tablename__ = "comment"
    open_to_references = True

    document_id: Mapped[UUID] = ref("document")
    company_id: Mapped[UUID] = ref("company", indexed=False)
    reply_to_id: Mapped[UUID | None] = ref("comment")
    author_name: Mapped[str] = personal()
    text: Mapped[str] = personal()
    edited_at: Mapped[datetime | None]

    mentions: Mapped[list[Mention]] = to_many(
        "Mention.comment_id", "Comment", order="Mention.id", back_populates="comment"
    )


class CommentRevision(Owned):
    """What a comment said until it was edited. No part of it: a text belongs into no event."""

    __tablename__ = "comment_revision"

    comment_id: Mapped[UUID] = ref("comment")
    text: Mapped[str] = personal()
    replaced_at: Mapped[datetime]


class Mention(Owned, Part):
    """That a comment names a person of the house; `read_at` is when they saw it."""

    __tablename__ = "mention"
    __table_args__ = (unique("comment_id", "user_id"), Index(None, "tenant_id", "user_id", "mentioned_at"))
    whole = "comment"

    comment_id: Mapped[UUID] = ref("comment", indexed=False)
    user_id: Mapped[UUID] = ref("user_account", indexed=False)
    mentioned_at: Mapped[datetime]
    read_at: Mapped[datetime | None]

    comment: Mapped[Comment] = to_one("Mention.comment_id", "Comment", back_populates="mentions")
