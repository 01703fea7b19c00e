"""The firms of the measurements, founded as any firm is; what they trade is poured in by `filling`."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from bench.store import Size
from domain import rows, verbs
from domain.access.keys import CreateApiKey
from domain.catalog.tax import CreateTax
from domain.catalog.unit_entry import CreateUnit
from domain.intake.founding import found
from domain.kernel.actor import Actor
from domain.kernel.commands import Command, Ref
from domain.kernel.plugin import discover, graft
from domain.kernel.work import Database
from domain.stock.founding import CreateCompany
from domain.stock.location_entry import CreateLocation

PLACES = 4
"""Internal places of each company, of which one is where goods come in."""
RATE = Decimal(20)
UNLIMITED = Decimal(10**9)
__all__ = ["Firm", "founded", "rows", "verbs"]


@dataclass(frozen=True, slots=True)
class Firm:
    """One firm, how much it trades, and the key of the program that asks on its behalf."""

    tenant: int
    key: str
    vendors: int
    products: int
    orders: int


async def founded(owner_url: str, application_url: str, size: Size) -> list[Firm]:
    """All firms of a size, the largest first."""
    graft(discover())
    owner, database = Database(owner_url, size=1), Database(application_url, size=1)
    try:
        return [await _founded(owner, database, size, place) for place in range(size.tenants)]
    finally:
        await database.close()
        await owner.close()


async def _founded(owner: Database, database: Database, size: Size, place: int) -> Firm:
    name, share = f"Firm {place + 1}", size.shares[place]
    company = CreateCompany(code="MAIN", name=name, country="DE", currency="EUR", approval_threshold=UNLIMITED)
    founder = await found(owner, f"firm{place + 1}", name, company)
    for command in _masters():
        await database.perform(founder, command)
    return Firm(
        founder.tenant,
        await _key(database, founder),
        vendors=max(5, round(size.vendors * share)),
        products=max(20, round(size.products * share)),
        orders=max(20, round(size.orders * share)),
    )


def _masters() -> list[Command]:
    places = [CreateLocation(code=f"W{place}", name=f"Warehouse {place}") for place in range(2, PLACES + 1)]
    return [
        CreateUnit(code="PCE", name="Piece", digits=0, unece="C62"),
        CreateTax(code="S20", name="VAT 20 %", rate=RATE),
        *places,
    ]


async def _key(database: Database, founder: Actor) -> str:
    """A key that sees all of buying and of stock, prices and costs included, and may write orders."""
    disclosed: dict[str, str] = {}
    companies = [Ref(id=one) for one in sorted(founder.companies)]
    key = CreateApiKey(name="bench", roles=["buyer", "storekeeper"], companies=companies)
    await database.perform(founder, key, disclosed=disclosed)
    return disclosed["secret"]
