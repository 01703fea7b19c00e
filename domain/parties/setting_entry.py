"""Setting what may be set, for the whole tenant or for one company."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.errors import BadInput, at
from domain.kernel.setting import Setting, SettingValue, setting_named
from domain.kernel.work import Work
from domain.parties.company import Company


@command(right="company.write", answers=SettingValue)
class SetSetting(Command):
    """Set a setting, for the whole tenant or for one company. It holds from the next request on."""

    name: str = said("Which one; see `settings`.")
    value: str | None = said(
        "What to set it to, as text. Without a value it is set no more: what is next in line holds again.", default=None
    )
    company: Ref | None = said("The company it is for; if not given, all that have none of their own.", default=None)

    def act(self, work: Work) -> SettingValue:
        with at("name"):
            setting = setting_named(self.name)
        work.actor.must(setting.right)
        with at("value"):
            value = None if self.value is None else str(setting.kind.read(self.value))
        row = _row(work, setting, self._company(work, setting))
        row.value = value
        return row

    def _company(self, work: Work, setting: Setting[Any]) -> Company | None:
        if self.company is None:
            return None
        if setting.scope != "company":
            raise BadInput("This is set for the whole tenant alone; name no company.", path=("company",))
        return work.find(Company, self.company, "company")


def _row(work: Work, setting: Setting[Any], company: Company | None) -> SettingValue:
    known = select(SettingValue.id).where(
        SettingValue.tenant_id == work.actor.tenant,
        SettingValue.name == setting.name,
        SettingValue.company_id == company.id if company else SettingValue.company_id.is_(None),
    )
    rows = work.lock(SettingValue, work.session.scalars(known).all())
    row = next(iter(rows.values()), None)
    return row or work.add(SettingValue(name=setting.name, company_id=company.id if company else None))
