"""A small firm for tests: one tenant, one company, people of each role, a vendor, products, prices, places."""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from uuid import UUID

import asyncpg
from sqlalchemy.engine import make_url

from domain.access.role import ROLES
from domain.access.user import User
from domain.accounting.chart import complete
from domain.catalog.product import Product, ProductUnit
from domain.catalog.tax import Tax
from domain.catalog.unit import Unit
from domain.catalog.vendor_price import VendorPrice
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.work import Database, Work
from domain.parties import firm as tenant
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.rate import Rate
from domain.stock.location import Location
from migrations.embedded import Cluster
from migrations.upgrade import application_url

BARE = "tradegraph"
"""The database that has every table and no row, of which all others are copies."""
TODAY = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Firm:
    """What tests need to name. `actors` are by role; `ids` are by word."""

    database: Database
    owner_url: str
    tenant: int
    company: UUID
    ids: dict[str, UUID] = field(default_factory=dict)
    actors: dict[str, Actor] = field(default_factory=dict)

    def __getitem__(self, word: str) -> UUID:
        return self.ids[word]

    def actor(self, role: str) -> Actor:
        return self.actors[role]

    @property
    def name(self) -> str:
        """What its database is called."""
        return make_url(self.owner_url).database or ""

    def at(self, database: Database, owner_url: str) -> Firm:
        """The same firm in a copy of its database."""
        return replace(self, database=database, owner_url=owner_url, ids=dict(self.ids), actors=dict(self.actors))


async def found(database: Database, owner_url: str, *, tenant: int = 1) -> Firm:
    """Found the firm in an empty database (or another firm beside it, with another tenant's number)."""
    connection = await asyncpg.connect(owner_url)
    await connection.execute(
        "insert into tenant (id, code, created_at) values ($1, $2, now())",
        tenant,
        f"firm{tenant}",
    )
    await connection.close()
    company = uuid7()
    founder = Actor(tenant=tenant, name="founder", companies=frozenset({company}), clock=lambda: TODAY)
    firm = Firm(database, owner_url, tenant, company)
    firm.ids = await database.transact(founder, lambda work: _furnish(work, company))
    for role, rights in ROLES.items():
        firm.actors[role] = replace(founder, name=role, rights=rights, user=firm.ids[f"user:{role}"])
    return firm


@asynccontextmanager
async def copied(cluster: Cluster, template: str, name: str | None = None) -> AsyncIterator[str]:
    """The owner's URL of a copy of a database, which is dropped in the end; of a name of its own if none is given."""
    name = name or f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(cluster.url("postgres", "tradegraph"))
    try:
        await admin.execute(f'create database "{name}" template "{template}"')
        yield cluster.url(name, "tradegraph")
    finally:
        await admin.execute(f'drop database if exists "{name}" with (force)')
        await admin.close()


@asynccontextmanager
async def standing(cluster: Cluster) -> AsyncIterator[Firm]:
    """A firm in a database of its own, for tests that share one because they leave no trace."""
    async with copied(cluster, BARE) as owner:
        database = Database(application_url(owner, f"{BARE}_app"))
        yield await found(database, owner)
        await database.close()


async def kept(cluster: Cluster, name: str, template: str) -> str:
    """The owner's URL of a copy of a database that stays, to be copied itself once nobody is connected to it."""
    admin = await asyncpg.connect(cluster.url("postgres", "tradegraph"))
    await admin.execute(f'create database "{name}" template "{template}"')
    await admin.close()
    return cluster.url(name, "tradegraph")


async def furnished(cluster: Cluster) -> Firm:
    """A firm in a database that stays, to be copied: nobody is connected to it any more."""
    owner = await kept(cluster, "firm", BARE)
    database = Database(application_url(owner, f"{BARE}_app"))
    firm = await found(database, owner)
    await database.close()
    return firm


def _furnish(work: Work, company: UUID) -> dict[str, UUID]:
    work.add(tenant.Firm(name=f"Firm {work.actor.tenant}"))
    work.add(
        Company(
            id=company, code="MAIN", name="Main Ltd", country="US", currency="USD", approval_threshold=Decimal(1000)
        )
    )
    rows = {
        "piece": Unit(code="PCE", name="Piece", digits=0, unece="C62"),
        "box": Unit(code="BX", name="Box", digits=0, unece="BX"),
        "kilogram": Unit(code="KGM", name="Kilogram", digits=3, unece="KGM"),
        "tax8": Tax(code="S8", name="Sales tax 8 %", rate=Decimal(8)),
        "tax20": Tax(code="S20", name="VAT 20 %", rate=Decimal(20)),
        "vendor": Partner(number="V1", name="Bolt & Sons", is_vendor=True, country="US"),
        "other_vendor": Partner(number="V2", name="Nut GmbH", is_vendor=True, country="DE", currency="EUR"),
        "customer": Partner(number="C1", name="Wheel Store", is_customer=True),
        "receiving": Location(company_id=company, code="IN", name="Receiving", kind="internal", receives=True),
        "shelf": Location(company_id=company, code="A1", name="Shelf A1", kind="internal"),
        "vendors": Location(company_id=company, code="VENDOR", name="Vendors", kind="vendor"),
        "customers": Location(company_id=company, code="CUSTOMER", name="Customers", kind="customer"),
        "transit": Location(company_id=company, code="TRANSIT", name="In transit", kind="transit"),
        "losses": Location(company_id=company, code="LOSS", name="Losses", kind="loss"),
        "unrecorded": Location(company_id=company, code="UNRECORDED", name="Outside the records", kind="unrecorded"),
    }
    for role in ROLES:
        rows[f"user:{role}"] = User(account=role, name=role.title(), roles=[role], companies=[str(company)])
    for row in rows.values():
        work.add(row)
    work.session.flush()
    complete(work, company)
    bolt = Product(
        sku="BOLT", name="Bolt M8", barcode="4006381333931", unit_id=rows["piece"].id, purchase_tax_id=rows["tax8"].id
    )
    wire = Product(sku="WIRE", name="Wire", unit_id=rows["kilogram"].id, purchase_tax_id=rows["tax20"].id)
    bolt.units.append(ProductUnit(unit_id=rows["box"].id, numerator=Decimal(12)))
    work.add(bolt), work.add(wire)
    work.session.flush()
    price = VendorPrice(
        partner_id=rows["vendor"].id, product_id=bolt.id, unit_id=rows["piece"].id, currency="USD",
        price=Decimal("1.25"), lead_days=7, item_number="B-8",
    )  # fmt: skip
    work.add(price)
    work.add(Rate(base="EUR", quote="USD", dated=date(2026, 2, 27), rate=Decimal("1.10")))
    rows |= {"bolt": bolt, "wire": wire, "bolt_price": price}
    return {word: row.id for word, row in rows.items()}
