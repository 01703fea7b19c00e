"""Which account plays a role for a product and a tax: the nearest category decides, then the tax, then the company."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from domain.accounting.account import AccountRole
from domain.accounting.chart import complete
from domain.catalog.product import Category, Product
from domain.kernel.recall import once
from domain.kernel.work import Work

Chosen = Mapping[tuple[str, UUID | None, UUID | None], UUID]
"""Accounts by role, category and tax."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of a company, and the category of each product with all that lie above it."""

    chosen: Chosen
    above: Mapping[UUID, UUID | None]
    categories: Mapping[UUID, UUID | None]

    def of(self, role: str, product: UUID | None, tax: UUID | None) -> UUID:
        """The account for a role."""
        for category in (*self._path(product), None):
            for one in (tax, None) if tax else (None,):
                if (found := self.chosen.get((role, category, one))) is not None:
                    return found
        raise LookupError(role)

    def _path(self, product: UUID | None) -> list[UUID]:
        found: list[UUID] = []
        here = self.categories.get(product) if product else None
        while here is not None and here not in found:
            found.append(here)
            here = self.above.get(here)
        return found


def accounts_of(work: Work, company: UUID, roles: set[str], products: set[UUID]) -> Accounts:
    """The accounts of a company for these roles and products; a chart that lacks any of them is completed."""
    chosen = once(work, ("account roles", company), lambda: _chosen(work, company))
    if roles - {role for role, category, tax in chosen if category is None and tax is None}:
        complete(work, company)
        chosen = _chosen(work, company)
    if not any(category for _, category, _ in chosen):
        return Accounts(chosen, {}, {})
    above = select(Category.id, Category.parent_id).where(Category.tenant_id == work.actor.tenant)
    of = select(Product.id, Product.category_id).where(Product.tenant_id == work.actor.tenant, Product.id.in_(products))
    return Accounts(chosen, dict(work.session.execute(above).all()), dict(work.session.execute(of).all()))


def _chosen(work: Work, company: UUID) -> Chosen:
    statement = select(AccountRole).where(
        AccountRole.tenant_id == work.actor.tenant, AccountRole.company_id == company, AccountRole.archived_at.is_(None)
    )
    return {(row.role, row.category_id, row.tax_id): row.account_id for row in work.session.scalars(statement)}
