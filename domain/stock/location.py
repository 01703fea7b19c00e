"""A place where goods are; a vendor and a loss are places too, so that every move has two ends."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from domain.kernel.base import Record, ref, unique

KINDS = ("internal", "vendor", "customer", "loss", "transit", "production", "unrecorded")


class Location(Record):
    """`kind` is internal (counted as ours), or virtual: vendor, customer, loss, transit, production, unrecorded.

    An unrecorded place stands for what came and went without a paper here, such as before the firm moved in.

    Goods come in at the company's location with `receives`, unless a paper names another.
    """

    __tablename__ = "location"
    __table_args__ = (
        unique("company_id", "code"),
        Index(None, "tenant_id", "company_id", unique=True, postgresql_where=text("receives")),
        CheckConstraint(f"kind in {KINDS}", name="kind"),
    )

    company_id: Mapped[UUID] = ref("company", indexed=False)
    code: Mapped[str]
    name: Mapped[str]
    kind: Mapped[str]
    receives: Mapped[bool] = mapped_column(default=False)
