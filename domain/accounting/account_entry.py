"""How accounts are entered and changed, and which of them play which role."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import exists, select

from domain.accounting.account import TYPES, Account, AccountRole
from domain.accounting.chart import ROLES
from domain.accounting.entry import Posting
from domain.catalog.product import Category
from domain.catalog.tax import Tax
from domain.kernel.archiving import archivable
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.editing import editable
from domain.kernel.errors import BadInput, NotReady
from domain.kernel.fields import Values, as_given
from domain.kernel.forms import Form
from domain.kernel.references import EXTERNAL, ExternalKey
from domain.kernel.text import code, line, one_of
from domain.kernel.turns import take_turn
from domain.kernel.work import Work
from domain.parties.company import Company, company_of


def _keeps_its_type(work: Work, account: Account | None, after: Values) -> None:
    if account is None or after["type"] == account.type:
        return
    if work.session.scalar(select(exists().where(Posting.account_id == account.id))):
        raise BadInput("Something was posted to it; enter a new account for another type.", path=("type",))


FORM = Form(
    model=Account,
    fields={"company": Company, "code": code, "name": line, "type": one_of(*TYPES), "reconcile": as_given},
    unique=(("company_id", "code"),),
    rules=(_keeps_its_type,),
)


@command(right="accounting.write", answers=Account)
class CreateAccount(Command):
    """Enter an account of a company; a role makes use of it (`setAccountRole`)."""

    company: Ref | None = said("Whose it is; needed only if you work for several companies.", default=None)
    code: str = said("Its number in the chart; unique in the company.")
    name: str = said("Its name.")
    type: str = said("What it holds: asset, liability, equity, income, expense or memo; for good, once posted to.")
    reconcile: bool = said("Whether its postings settle each other, as with payables.", default=False)
    custom: dict[str, Any] | None = said("Fields that plugins add.", default=None)
    external: ExternalKey | Absent = said(EXTERNAL, default=ABSENT)

    def act(self, work: Work) -> Account:
        return FORM.create(work, replace(self, company=Ref(id=company_of(work, self.company, "company").id)))


UpdateAccount = editable(CreateAccount, FORM, fixed=frozenset({"company"}))


def _plays_no_role(work: Work, account: Account) -> None:
    plays = exists().where(AccountRole.account_id == account.id, AccountRole.archived_at.is_(None))
    if work.session.scalar(select(plays)):
        raise NotReady("It plays a role; let another account play it first.")


ArchiveAccount, RestoreAccount = archivable(Account, right="accounting.write", before_archiving=_plays_no_role)


@command(right="accounting.write", answers=AccountRole)
class SetAccountRole(Command):
    """Say which account plays a role from now on: for all, or for products of a category or for a tax.

    Where several fit, that of the nearest category counts, and of equals that of the tax itself.
    """

    company: Ref | None = said("Whose it is; needed only if you work for several companies.", default=None)
    role: str = said("The role.")
    category: Ref | None = said("Only for products of this category and those below it.", default=None)
    tax: Ref | None = said("Only for this tax.", default=None)
    account: Ref | None = said(
        "The account; none to do without one for this category or tax from now on.", default=None
    )

    def act(self, work: Work) -> AccountRole:
        company = company_of(work, self.company, "company")
        if self.role not in ROLES:
            raise BadInput(f"{self.role!r} is no role; known are {', '.join(ROLES)}.", path=("role",))
        category = work.choose(Category, self.category, "category").id if self.category else None
        tax = work.choose(Tax, self.tax, "tax").id if self.tax else None
        if self.account is None and category is None and tax is None:
            raise BadInput("Every role needs an account; give another one.", path=("account",))
        take_turn(work, "chart", company.id)
        row = self._row(work, AccountRole(company_id=company.id, role=self.role, category_id=category, tax_id=tax))
        if self.account is not None:
            row.account_id = self._account(work, company)
        row.archived_at = work.now if self.account is None else None
        work.session.add(row)
        return row

    def _row(self, work: Work, new: AccountRole) -> AccountRole:
        same = select(AccountRole).where(
            AccountRole.tenant_id == work.actor.tenant, AccountRole.company_id == new.company_id,
            AccountRole.role == new.role, AccountRole.category_id.is_not_distinct_from(new.category_id),
            AccountRole.tax_id.is_not_distinct_from(new.tax_id),
        )  # fmt: skip
        known = work.session.scalars(same.with_for_update()).one_or_none()
        if known is None and self.account is None:
            raise BadInput("There is none for this category and tax.", path=("account",))
        return known or new

    def _account(self, work: Work, company: Company) -> Any:
        account = work.choose(Account, self.account or Ref(), "account")
        if account.company_id != company.id:
            raise BadInput("Choose an account of the same company.", path=("account",))
        return account.id
