"""How a firm begins: a tenant, its first company, and the places that every company needs.

This is the work of whoever owns the tables: the application role knows no tenant but the one it serves.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, text

from domain.access.role import ROLES
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.errors import BadInput, NotFound, NotUnique, at
from domain.kernel.tenancy import Tenant
from domain.kernel.text import line
from domain.kernel.work import Database, Work
from domain.parties.company import Company
from domain.parties.firm import Firm
from domain.stock.founding import CreateCompany, found_company

CODE = re.compile(r"[a-z0-9][a-z0-9-]{0,49}")


async def found(owner: Database, code: str, name: str, company: CreateCompany) -> Actor:
    """Found a firm as the tables' owner, all or nothing. Answers with an actor who may do what administrators may."""
    unborn = Actor(tenant=0, name="founder")
    tenant = await owner.transact(unborn, lambda work: int(work.session.scalar(select(_NEXT)) or 0))
    founder = replace(unborn, tenant=tenant, rights=ROLES["administrator"], companies=frozenset({uuid7()}))
    await owner.transact(founder, lambda work: _settle(work, code, name, company))
    return founder


async def operators(owner: Database) -> dict[str, Actor]:
    """For each tenant by its code: an actor who may do there what administrators may, for all its companies."""
    return await owner.transact(Actor(tenant=0, name="operator"), _operators)


async def firms(owner: Database) -> dict[str, Firm]:
    """The firm of each tenant by the tenant's code."""

    def all_of_them(work: Work) -> dict[str, Firm]:
        found = work.session.execute(select(Tenant.code, Firm).join(Firm, Firm.tenant_id == Tenant.id))
        return dict(found.all())

    return await owner.transact(Actor(tenant=0, name="operator"), all_of_them)


async def tenant_of(owner: Database, code: str | None) -> Actor:
    """Such an actor for the tenant with this code, or for the only one there is."""
    found = await operators(owner)
    if code is None and len(found) > 1:
        raise BadInput(f"There are several tenants; name one of {', '.join(sorted(found))}.")
    if not found or (code is not None and code not in found):
        raise NotFound(f"There is no tenant {code!r}." if code else "There is no tenant yet; create one.")
    return next(iter(found.values())) if code is None else found[code]


def survey(work: Work) -> None:
    """As the owner of the tables: have the database survey what they hold, so that it plans well what is asked next."""
    work.session.execute(text("set local statement_timeout = 0"))
    work.session.execute(text("analyze"))


_NEXT = func.nextval(func.pg_get_serial_sequence("tenant", "id"))


def _settle(work: Work, code: str, name: str, entry: CreateCompany) -> None:
    _make_tenant(work, code, name, work.now)
    found_company(work, entry, id=next(iter(work.actor.companies)))


def _make_tenant(work: Work, code: str, name: str, now: datetime) -> None:
    with at("code"):
        if not CODE.fullmatch(code):
            raise BadInput(f"{code!r} is no code of a tenant; use up to 50 of a to z, 0 to 9 and -.")
        if work.session.scalar(select(Tenant.id).where(Tenant.code == code)) is not None:
            raise NotUnique(f"There is a tenant {code!r} already; choose another code.")
    work.session.add(Tenant(id=work.actor.tenant, code=code, created_at=now))
    work.session.flush()
    with at("name"):
        work.add(Firm(name=line(name)))


def _operators(work: Work) -> dict[str, Actor]:
    companies: defaultdict[int, set[UUID]] = defaultdict(set)
    for tenant, company in work.session.execute(select(Company.tenant_id, Company.id)):
        companies[tenant].add(company)
    return {
        one.code: Actor(
            tenant=one.id, name="operator", rights=ROLES["administrator"], companies=frozenset(companies[one.id])
        )
        for one in work.session.scalars(select(Tenant).order_by(Tenant.code))
    }
