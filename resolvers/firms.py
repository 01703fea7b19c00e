"""The tenant that one works in. Whoever asks sees no other: the walls see to that."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from domain.kernel.tenancy import Tenant, view_name
from domain.parties.firm import Firm
from resolvers.context import Context
from resolvers.nodes import Nouns
from resolvers.reading import Reading
from resolvers.scope import must_enter
from resolvers.sources import Named


async def tenant(context: Context, nouns: Nouns) -> Named | None:
    """The actor's own."""
    noun = nouns[view_name(Firm)]
    must_enter(noun, context.asking)
    found = await context.reading.rows(select(noun.table.c.id))
    return Named(noun.word, found[0]["id"]) if found else None


async def codes(reading: Reading, firms: list[Any]) -> list[str]:
    """The code of the actor's tenant, for each of its firms: there is one."""
    rows = await reading.rows(select(Tenant.code).where(Tenant.id == reading.actor.tenant))
    return [rows[0]["code"]] * len(firms)
