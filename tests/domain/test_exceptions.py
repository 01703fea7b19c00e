"""What import flagged is settled by people, with a reason, and no sooner than it is put right."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from domain.catalog.product import Product
from domain.catalog.product_entry import UpdateProduct
from domain.catalog.vendor_price import VendorPrice
from domain.drafts.lines import OrderLine
from domain.exceptions.exception import KINDS, ImportException, SourceRow, flag
from domain.exceptions.settling import STANDS, ResolveException, SettleException, SettleExceptions, WaiveException
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS, Command, Ref
from domain.kernel.documents import Line
from domain.kernel.errors import BadInput, Forbidden, NotFound, NotReady, VersionConflict, WrongState
from domain.kernel.tenancy import view
from domain.kernel.work import Work
from domain.parties.partner import Address, Partner, TaxNumber
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder
from tests.firm import Firm

AT = SourceRow(source="legacy", file="orders.csv", row=7)
REASON = "Rang them up."


async def flagged(firm: Firm, kind: str, model: Any, record: UUID, line: UUID | None = None) -> UUID:
    def raise_it(work: Work) -> UUID:
        row = work.find(model, record)
        assert flag(work, kind, row, AT, "Something is wrong.", line=line)
        work.session.flush()
        found = work.session.query(ImportException).filter_by(kind=kind, record_id=record, line_id=line)
        return found.one().id

    return await firm.database.transact(firm.actor("administrator"), raise_it)


async def added(firm: Firm, row: Any) -> None:
    await firm.database.transact(firm.actor("administrator"), lambda work: work.session.add(row))


async def changed(firm: Firm, statement: Any) -> None:
    def write(work: Work) -> None:
        work.session.execute(statement)

    await firm.database.transact(firm.actor("administrator"), write)


async def settle(firm: Firm, verb: type[Command], exception: UUID, role: str = "accountant", **given: Any) -> Any:
    await firm.database.perform(firm.actor(role), verb(**{"id": Ref(id=exception), "reason": REASON, **given}))
    return await seen(firm, exception)


async def seen(firm: Firm, exception: UUID) -> Any:
    table = view(ImportException)
    async with firm.database.session(firm.actor("viewer")) as session:
        return (await session.execute(table.select().where(table.c.id == exception))).one()


async def ordered(firm: Firm, quantity: str = "1000") -> UUID:
    line = OrderLine(product=Ref(id=firm["bolt"]), quantity=Decimal(quantity), expected_on=date(2026, 2, 1))
    order = CreatePurchaseOrder(vendor=Ref(id=firm["vendor"]), dated=date(2026, 2, 20), lines=[line])
    made: UUID = await firm.database.perform(firm.actor("buyer"), order)
    return made


def test_of_every_kind_one_can_see_whether_it_still_stands() -> None:
    assert STANDS.keys() == KINDS.keys()


async def test_a_waived_exception_stays_as_it_is_with_the_reason(firm: Firm) -> None:
    exception = await flagged(firm, "missing_address", Partner, firm["vendor"])
    row = await settle(firm, WaiveException, exception)
    assert (row.state, row.settlement, row.settled_by) == ("waived", REASON, firm["user:accountant"])
    assert row.settled_at == firm.actor("accountant").clock()


async def test_what_is_settled_is_settled(firm: Firm) -> None:
    exception = await flagged(firm, "missing_address", Partner, firm["vendor"])
    await settle(firm, WaiveException, exception)
    for verb in (WaiveException, ResolveException):
        with pytest.raises(WrongState, match="waived already"):
            await settle(firm, verb, exception)


async def test_a_reason_is_needed(firm: Firm) -> None:
    exception = await flagged(firm, "missing_address", Partner, firm["vendor"])
    with pytest.raises(BadInput) as refused:
        await settle(firm, WaiveException, exception, reason="  ")
    assert refused.value.path == ("reason",)
    assert (await seen(firm, exception)).state == "open"


async def test_only_those_with_the_right_settle_and_only_what_is_theirs_to_see(firm: Firm) -> None:
    exception = await flagged(firm, "missing_address", Partner, firm["vendor"])
    for role in ("approver", "storekeeper", "viewer", "partner"):
        with pytest.raises(Forbidden):
            await settle(firm, WaiveException, exception, role=role)
    order = await ordered(firm)
    theirs = await flagged(firm, "received_before_approval", PurchaseOrder, order)
    firm.actors["accountant"] = replace(firm.actor("accountant"), companies=frozenset({uuid7()}))
    with pytest.raises(NotFound):
        await settle(firm, WaiveException, theirs)


async def test_the_version_seen_is_the_version_settled(firm: Firm) -> None:
    exception = await flagged(firm, "missing_address", Partner, firm["vendor"])
    with pytest.raises(VersionConflict):
        await settle(firm, WaiveException, exception, expected_version=2)
    assert (await settle(firm, WaiveException, exception, expected_version=1)).version == 2


async def stands(firm: Firm, exception: UUID) -> bool:
    """Whether it cannot be resolved, without settling it; then one is told of the other way."""
    async with firm.database.session(firm.actor("accountant")) as session:
        resolve = ResolveException(id=Ref(id=exception), reason=REASON)
        try:
            await firm.database.attempt(session, firm.actor("accountant"), resolve)
        except NotReady as refused:
            return "waive" in refused.message
    return False


async def test_partners_are_put_right_by_an_address_and_a_tax_number(firm: Firm) -> None:
    address = await flagged(firm, "missing_address", Partner, firm["vendor"])
    number = await flagged(firm, "missing_tax_number", Partner, firm["vendor"])
    assert await stands(firm, address)
    assert await stands(firm, number)
    place = Address(partner_id=firm["vendor"], role="legal", street="1", city="Rome", country="IT")
    await added(firm, place)
    assert (await stands(firm, address), await stands(firm, number)) == (False, True)
    await added(firm, TaxNumber(partner_id=firm["vendor"], country="IT", kind="vat", number="1"))
    assert not await stands(firm, number)
    assert (await settle(firm, ResolveException, number)).state == "resolved"


@pytest.mark.parametrize("price", [{"list_price": Decimal(3)}, {"standard_cost": Decimal(2)}])
async def test_a_product_is_put_right_by_a_price_or_a_cost(firm: Firm, price: dict[str, Decimal]) -> None:
    exception = await flagged(firm, "unknown_price", Product, firm["wire"])
    await changed(firm, update(Product).where(Product.id == firm["wire"]).values(list_price=Decimal(0)))
    assert await stands(firm, exception)
    await changed(firm, update(Product).where(Product.id == firm["wire"]).values(**price))
    assert not await stands(firm, exception)


async def test_an_assumed_unit_is_put_right_by_a_vendor_price_or_by_a_change(firm: Firm) -> None:
    known = await flagged(firm, "missing_unit", Product, firm["bolt"])
    unknown = await flagged(firm, "missing_unit", Product, firm["wire"])
    assert (await stands(firm, known), await stands(firm, unknown)) == (False, True)
    await changed(firm, update(VendorPrice).values(archived_at=firm.actor("buyer").clock()))
    assert await stands(firm, known)
    later = firm.actor("buyer").clock().replace(hour=12)
    buyer = replace(firm.actor("buyer"), clock=lambda: later)
    renamed = UpdateProduct(id=Ref(id=firm["wire"]), expected_version=1, name="Wire of steel")
    await firm.database.perform(buyer, renamed)
    assert await stands(firm, unknown)
    counted = UpdateProduct(id=Ref(id=firm["wire"]), expected_version=2, unit=Ref(id=firm["piece"]))
    await firm.database.perform(buyer, counted)
    assert not await stands(firm, unknown)


async def test_what_the_source_said_of_its_orders_can_only_be_waived(firm: Firm) -> None:
    exception = await flagged(firm, "on_order_mismatch", VendorPrice, firm["bolt_price"])
    assert await stands(firm, exception)
    assert (await settle(firm, WaiveException, exception)).state == "waived"


async def test_goods_received_early_are_put_right_by_the_approval(firm: Firm) -> None:
    order = await ordered(firm)
    exception = await flagged(firm, "received_before_approval", PurchaseOrder, order)
    await firm.database.perform(firm.actor("buyer"), COMMANDS["SubmitPurchaseOrder"](id=Ref(id=order)))
    assert await stands(firm, exception)
    approve = COMMANDS["ApprovePurchaseOrder"](id=Ref(id=order), expected_version=2)
    await firm.database.perform(firm.actor("approver"), approve)
    assert not await stands(firm, exception)


async def test_a_line_due_early_is_put_right_by_another_date_or_none(firm: Firm) -> None:
    order = await ordered(firm)
    table = view(Line)
    async with firm.database.session(firm.actor("viewer")) as session:
        line = (await session.execute(table.select().where(table.c.document_id == order))).one().id
    exception = await flagged(firm, "due_before_ordered", PurchaseOrder, order, line)
    for due, left in ((None, False), (date(2026, 2, 19), True), (date(2026, 2, 20), False)):
        await changed(firm, update(Line).where(Line.id == line).values(expected_on=due))
        assert await stands(firm, exception) == left, due


async def test_many_are_settled_at_once_each_with_an_answer(firm: Firm) -> None:
    one = await flagged(firm, "missing_address", Partner, firm["vendor"])
    other = await flagged(firm, "missing_tax_number", Partner, firm["vendor"])
    items = [
        SettleException(id=Ref(id=one), waive=True, reason=REASON),
        SettleException(id=Ref(id=other), waive=False, reason=REASON),
    ]
    accountant = firm.actor("accountant")
    answers = await firm.database.perform(accountant, SettleExceptions(settlements=items))
    assert not answers.done
    assert [[why.path for why in each.refusals] for each in answers.each] == [[], [("settlements", 1, "id")]]
    assert [(await seen(firm, each)).state for each in (one, other)] == ["open", "open"]
    answers = await firm.database.perform(accountant, SettleExceptions(settlements=items, policy="skip_failed"))
    assert answers.done
    assert [each.record for each in answers.each] == [one, other]
    assert [(await seen(firm, each)).state for each in (one, other)] == ["waived", "open"]


async def test_two_who_settle_the_same_at_once_settle_it_once(firm: Firm) -> None:
    exceptions = [await flagged(firm, "missing_address", Partner, firm[word]) for word in ("vendor", "customer")]

    async def waive(order: list[UUID], role: str) -> Any:
        items = [SettleException(id=Ref(id=one), waive=True, reason=role) for one in order]
        command = SettleExceptions(settlements=items, policy="skip_failed")
        return await firm.database.perform(firm.actor(role), command)

    answers = await asyncio.gather(
        waive(exceptions, "accountant"), waive(exceptions[::-1], "buyer"), waive(exceptions, "administrator")
    )
    assert sorted(sum(not each.refusals for each in one.each) for one in answers) == [0, 0, 2]
    assert len({(await seen(firm, one)).settlement for one in exceptions}) == 1
