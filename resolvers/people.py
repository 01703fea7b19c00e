"""Who asks, and how they come in and go out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access import entrance
from domain.access.role import RIGHTS, ROLES
from domain.access.user import ApiKey, User
from domain.kernel.errors import Refused
from domain.kernel.tenancy import view
from resolvers.context import Context
from resolvers.nodes import Nouns
from resolvers.told import told
from resolvers.values import used


async def me(context: Context, _nouns: Nouns) -> dict[str, Any]:
    """The person or the program that asks, with the rights of this moment."""
    actor = context.asking
    return {
        "name": actor.name,
        "user_id": actor.user,
        "roles": await roles_of(context),
        "rights": sorted(actor.rights),
        "companies": [str(key) for key in sorted(actor.companies)],
        "partner_id": actor.partner,
    }


async def roles(_context: Context, _nouns: Nouns) -> list[dict[str, Any]]:
    """All roles, each with what it may do."""
    return [{"name": name, "rights": _rights(rights)} for name, rights in ROLES.items()]


async def sign_in(context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
    """Open a session; the context knows it from here on, for whoever writes the answer."""
    await context.close()
    try:
        opened = await entrance.sign_in(
            context.database,
            used(given["account"], "account"),
            used(given["password"], "password"),
            used(given.get("tenant"), "tenant"),
        )
    except Refused as refused:
        return {"token": None, "expiresAt": None, "me": None, "errors": [told(one) for one in refused.each]}
    context.actor, context.opened, context.in_cookie = opened.actor, opened, bool(given.get("cookie"))
    token = None if context.in_cookie else opened.token
    return {"token": token, "expiresAt": opened.expires_at, "errors": ()}


async def sign_out(context: Context) -> dict[str, Any]:
    """End the session that the actor came with."""
    actor = context.asking
    await context.close()
    try:
        await entrance.sign_out(context.database, actor)
    except Refused as refused:
        return {"done": False, "errors": [told(one) for one in refused.each]}
    context.ended = True
    return {"done": True, "errors": ()}


async def roles_of(context: Context) -> list[str]:
    """The roles of the key or else, for a key that lends all its person may do, of the person."""
    actor = context.asking
    own = await _roles_of(context, ApiKey, actor.key)
    return own or await _roles_of(context, User, actor.user)


async def _roles_of(context: Context, model: type[ApiKey | User], key: UUID | None) -> list[str]:
    table = view(model)
    rows = await context.reading.rows(select(table.c.roles).where(table.c.id == key))
    return list(rows[0]["roles"]) if rows else []


def _rights(names: frozenset[str]) -> list[dict[str, str]]:
    return [{"name": name, "description": RIGHTS[name]} for name in RIGHTS if name in names]
