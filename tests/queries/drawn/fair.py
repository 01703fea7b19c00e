"""A firm that has traded in everything: two companies, every kind of paper in several states, a foreign firm beside."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.access.role import RIGHTS, ROLES
from domain.access.user import ApiKey
from domain.drafts.lines import OrderCharge, OrderLine
from domain.kernel.actor import Actor
from domain.kernel.references import ExternalKey
from domain.kernel.work import Database
from domain.stock.counting import RecordStockCount
from domain.stock.founding import CreateCompany
from domain.stock.reserving import ReservedLine
from domain.warehouse.writing import AdjustedLine
from migrations.embedded import Cluster
from migrations.upgrade import application_url
from tests.domain.test_papers import do, every_paper
from tests.domain.test_purchase import ref
from tests.domain.test_recording import recorded
from tests.domain.test_verification import sealed
from tests.domain.trader import Trader
from tests.firm import BARE, TODAY, Firm, copied, found
from tests.queries.drawn.masters import SOURCE, furnish

FOREIGN = 2
D = Decimal


@asynccontextmanager
async def fair(cluster: Cluster, pattern: Firm, *, steps: int = 0) -> AsyncIterator[Firm]:
    """Such a firm in a database of its own. With `steps`, somebody has traded there at random as well.

    Its actors are whoever may look at it, by what they are.
    """
    async with copied(cluster, pattern.name) as owner:
        firm = pattern.at(Database(application_url(owner, f"{BARE}_app")), owner)
        try:
            await _trade(firm, steps)
            strange = await found(firm.database, owner, tenant=FOREIGN)
            await sealed(firm)
            firm.actors = await _onlookers(firm) | {"a stranger": strange.actor("administrator")}
            yield firm
        finally:
            await firm.database.close()


async def _trade(firm: Firm, steps: int) -> None:
    await every_paper(firm)
    await _trade_more(firm)
    await firm.database.transact(firm.actor("administrator"), lambda work: furnish(work, firm))
    await _elsewhere(firm)
    if steps:
        trader = Trader(firm, random.Random(1))
        await trader.settle_in()
        await trader.live(steps)


async def _trade_more(firm: Firm) -> None:
    """What `every_paper` leaves out: drafts, questions of approval, what was taken back, settings, periods."""
    vendor, bolt = ref(firm["vendor"]), ref(firm["bolt"])
    lines = [
        OrderLine(product=bolt, quantity=D(100), unit_price=D("12.345678"), price_base=D(100), tax=ref(firm["tax20"])),
        OrderLine(product=ref(firm["wire"]), quantity=D("1.125"), unit_price=D(3), expected_on=date(2026, 3, 20)),
    ]
    given = {"vendor": vendor, "lines": lines, "charges": [OrderCharge(text="freight", amount=D("7.5"))]}
    draft = await do(firm, "buyer", "CreatePurchaseOrder", **given, custom={"incoterm": "FCA"}, note="100 % sure_")
    much = [OrderLine(product=bolt, quantity=D(2000))]
    waiting = await do(firm, "buyer", "CreatePurchaseOrder", vendor=vendor, lines=much, custom={"incoterm": "CIF"})
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(waiting))
    agreed = await do(firm, "buyer", "CopyPurchaseOrder", id=ref(waiting))
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(agreed))
    await do(firm, "approver", "ApprovePurchaseOrder", id=ref(agreed), expected_version=2, reason="Agreed.")
    await recorded(firm)
    stuff = [AdjustedLine(product=bolt, location=ref(firm["shelf"]), difference=D(6), reason="behind the shelf")]
    adjusted = await do(firm, "storekeeper", "CreateStockAdjustment", lines=stuff)
    await do(firm, "storekeeper", "PostStockAdjustment", id=ref(adjusted))
    await do(firm, "storekeeper", "ReverseStockAdjustment", id=ref(adjusted), reason="It was not ours.")
    held = {"customer": ref(firm["customer"]), "held_until": TODAY + timedelta(days=3)}
    await do(firm, "seller", "CreateReservation", lines=[ReservedLine(product=bolt, quantity=D(2))], **held)
    firm.ids |= {"draft": draft, "waiting": waiting}
    await _talk(firm, draft)
    await do(firm, "administrator", "SetSetting", name="bill.by", value="ordered", company=ref(firm.company))
    counted = {"product": ref(firm["wire"]), "location": ref(firm["receiving"]), "dated": date(2014, 9, 1)}
    key = ExternalKey(source=SOURCE, key="count")
    count = RecordStockCount(quantity=D("4.5"), external=key, **counted)
    await firm.database.perform(firm.actor("administrator"), count)
    await do(firm, "accountant", "CreateFiscalYear", starts_on=date(2026, 1, 1))
    await do(firm, "accountant", "LockBooks", locked_until=date(2026, 1, 31))


async def _talk(firm: Firm, paper: UUID) -> None:
    """Words about a paper, and lists that people keep."""
    word = await do(firm, "buyer", "AddComment", document=ref(paper), text="Is that all, @accountant?")
    answer = {"document": ref(paper), "reply_to": ref(word)}
    rash = await do(firm, "accountant", "AddComment", text="Ask @buyer: 100 % of it", **answer)
    await do(firm, "accountant", "UpdateComment", id=ref(rash), expected_version=1, text="Ask @buyer again")
    away = await do(firm, "buyer", "AddComment", document=ref(paper), text="Never mind, @accountant")
    await do(firm, "buyer", "ArchiveComment", id=ref(away))
    await do(firm, "buyer", "AssignDocument", id=ref(paper), assignee=ref(firm["user:accountant"]))
    mine = {"on": "purchaseOrders", "filter": {"state": {"eq": "DRAFT"}, "createdBy": {"id": {"eq": "$me"}}}}
    await do(firm, "buyer", "CreateView", name="Mine", **mine, order_by=[{"field": "NUMBER"}], search="PO")
    late = {"on": "expectedReceipts", "filter": {"expectedOn": {"lt": "$today"}}}
    await do(firm, "buyer", "CreateView", name="Late", shared=True, **late)


async def _elsewhere(firm: Firm) -> None:
    """Another company of the same firm, with an order and what came of it."""
    entry = CreateCompany(
        code="SIDE", name="Side GmbH", country="DE", currency="EUR", time_zone="Europe/Berlin",
        approval_threshold=D(1000),
    )  # fmt: skip
    firm.ids["side"] = await firm.database.perform(firm.actor("administrator"), entry)
    there = firm.at(firm.database, firm.owner_url)
    there.actors = {role: of_both(firm, role) for role in ("buyer", "storekeeper", "accountant")}
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(5), unit_price=D("2.2"))]
    given = {"vendor": ref(firm["other_vendor"]), "lines": lines, "company": ref(firm["side"])}
    order = await do(there, "buyer", "CreatePurchaseOrder", **given)
    for verb in ("SubmitPurchaseOrder", "ConfirmPurchaseOrder"):
        await do(there, "buyer", verb, id=ref(order))
    receipt = await do(there, "storekeeper", "ReceivePurchaseOrder", id=ref(order))
    await do(there, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="S-1")


def of_both(firm: Firm, role: str) -> Actor:
    """Somebody who works for both companies."""
    return replace(firm.actor(role), companies=frozenset({firm.company, firm["side"]}))


async def _onlookers(firm: Firm) -> dict[str, Any]:
    async with firm.database.session(firm.actor("administrator")) as session:
        keys = dict((await session.execute(select(ApiKey.name, ApiKey.id))).all())
    program = replace(firm.actor("viewer"), user=None, key=keys["program's key"], name="program's key")
    partners = {
        f"a key of a {word}": replace(
            program, name=f"{word}'s key", key=keys[f"{word}'s key"], partner=firm[word], rights=ROLES["partner"]
        )
        for word in ("vendor", "customer")
    }
    return {
        "one with all rights": replace(of_both(firm, "administrator"), rights=frozenset(RIGHTS)),
        "an administrator": of_both(firm, "administrator"),
        "an accountant": of_both(firm, "accountant"),
        "a buyer of one company": firm.actor("buyer"),
        "a seller": firm.actor("seller"),
        "a storekeeper": firm.actor("storekeeper"),
        "an approver": firm.actor("approver"),
        "a person of a vendor": replace(firm.actor("partner"), partner=firm["vendor"]),
        **partners,
        "a key for master records": replace(program, rights=frozenset({"master.read"})),
        "a key for nothing": replace(program, rights=frozenset(), companies=frozenset()),
        "nobody": None,
    }
