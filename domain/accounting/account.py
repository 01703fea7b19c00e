"""An account of a company, and which one takes what: by role and, where it matters, by product category or tax."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, unique

TYPES: dict[str, str] = {
    "asset": "What the company has, or is owed.",
    "liability": "What the company owes.",
    "equity": "What belongs to its owners.",
    "income": "What it earns.",
    "expense": "What it spends.",
    "memo": "Beside the books: it balances among its like and is in no balance sheet.",
}


class Account(Record):
    """`reconcile` marks accounts whose postings settle each other, such as payables."""

    __tablename__ = "account"
    __table_args__ = (unique("company_id", "code"), CheckConstraint(f"type in {tuple(TYPES)}", name="type"))

    company_id: Mapped[UUID] = ref("company", indexed=False)
    code: Mapped[str]
    name: Mapped[str]
    type: Mapped[str]
    reconcile: Mapped[bool] = mapped_column(default=False)


class AccountRole(Record):
    """The account that plays a role; for products of a category, for a tax, or else for all.

    Of several that fit, that of the nearest category counts, and of equals that of the tax itself.
    """

    __tablename__ = "account_role"
    __table_args__ = (unique("company_id", "role", "category_id", "tax_id", postgresql_nulls_not_distinct=True),)

    company_id: Mapped[UUID] = ref("company", indexed=False)
    role: Mapped[str]
    category_id: Mapped[UUID | None] = ref("category", indexed=False)
    tax_id: Mapped[UUID | None] = ref("tax", indexed=False)
    account_id: Mapped[UUID] = ref("account")
