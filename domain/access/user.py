"""Who may come in: people with an account and a password, integrations with a key; each with roles."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Base, Owned, Record, personal, ref, unique


class User(Record):
    """A person. `roles` are names of `access.role`; `companies` (ids) are those they work for.

    While they are locked, they cannot come in.
    """

    __tablename__ = "user_account"
    __table_args__ = (unique("account"),)

    account: Mapped[str]
    name: Mapped[str] = personal()
    email: Mapped[str | None] = personal()
    password_hash: Mapped[str | None] = mapped_column(info={"secret": True})
    roles: Mapped[list[str]] = mapped_column(default=list)
    companies: Mapped[list[str]] = mapped_column(default=list)
    partner_id: Mapped[UUID | None] = ref("partner", indexed=False)
    language: Mapped[str | None]
    locked_at: Mapped[datetime | None]


class ApiKey(Record):
    """A key for a program: 256 random bits, of which only the SHA-256 is kept. Shown once, when it is made."""

    __tablename__ = "api_key"
    __table_args__ = (Index(None, "digest", unique=True),)

    name: Mapped[str]
    digest: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    hint: Mapped[str]
    rights: Mapped[list[str]] = mapped_column(default=list)
    roles: Mapped[list[str]] = mapped_column(default=list)
    companies: Mapped[list[str]] = mapped_column(default=list)
    partner_id: Mapped[UUID | None] = ref("partner", indexed=False)
    user_id: Mapped[UUID | None] = ref("user_account")
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]


class SignIn(Owned):
    """A person's session: a token of 256 random bits, of which only the SHA-256 is kept, for a short time."""

    __tablename__ = "sign_in"
    __table_args__ = (Index(None, "digest", unique=True),)

    user_id: Mapped[UUID] = ref("user_account")
    digest: Mapped[bytes] = mapped_column(LargeBinary, info={"secret": True})
    started_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class Guess(Base):
    """Sign-ins that failed in a row under one name, be there such an account or not, so that nobody can tell.

    `name` is the SHA-256 of the tenant's code and the account. Forgotten after a day of quiet.
    """

    __tablename__ = "sign_in_guess"

    name: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    locked_until: Mapped[datetime | None]
    at: Mapped[datetime] = mapped_column(index=True)
