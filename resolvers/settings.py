"""The settings there are, each with what holds: for the whole tenant, or for one company."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from domain.kernel.errors import NotFound, at
from domain.kernel.setting import SETTINGS, Setting, SettingValue
from domain.kernel.tenancy import view_name
from resolvers.context import Context
from resolvers.ids import ref
from resolvers.nodes import Nouns, key_in
from resolvers.relations import one
from resolvers.scope import must_enter
from resolvers.sources import Found


async def settings(context: Context, nouns: Nouns, *, company: str | None = None) -> list[dict[str, Any]]:
    """All settings by name; with a company, as they hold for it."""
    noun, reading = nouns[view_name(SettingValue)], context.reading
    must_enter(noun, context.asking)
    key = await _company(context, nouns, company)
    table = noun.table
    set_here = select(table).where(
        table.c.value.is_not(None), or_(table.c.company_id.is_(None), table.c.company_id == key)
    )
    rows = await reading.found(set_here.order_by(table.c.company_id.nulls_first()), noun)
    decisive = {row["name"]: row for row in rows}
    return [_told(setting, decisive.get(name)) for name, setting in sorted(SETTINGS.items())]


async def _company(context: Context, nouns: Nouns, given: str | None) -> UUID | None:
    if given is None:
        return None
    with at("company"):
        key = await key_in(context.reading, nouns["company"], ref(given))
        if await one(context.reading, nouns["company"], key) is None:
            raise NotFound
    return key


def _told(setting: Setting[Any], row: Found | None) -> dict[str, Any]:
    return {
        "name": setting.name,
        "description": setting.description,
        "kind": setting.kind.word,
        "scope": setting.scope,
        "default": str(setting.default),
        "value": str(setting.default) if row is None else row["value"],
        "decided_by": None if row is None else row["id"],
    }
