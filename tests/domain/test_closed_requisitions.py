"""What was ordered of a requisition before it was closed may be ordered anew, and nothing more."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import pytest

from domain.drafts.lines import OrderLine
from domain.kernel.errors import NothingLeft
from tests.domain.test_owing import part
from tests.domain.test_papers import do, is_whole, line, state
from tests.domain.test_purchase import paper, ref
from tests.firm import Firm

D = Decimal


async def needed(firm: Firm) -> UUID:
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(10))]
    id = await do(firm, "storekeeper", "CreatePurchaseRequisition", lines=lines)
    return await do(firm, "storekeeper", "SubmitPurchaseRequisition", id=ref(id))


async def drafted(firm: Firm, requisition: UUID, quantity: str) -> UUID:
    lines = await part(firm, requisition, quantity)
    told = {"vendor": ref(firm["vendor"]), "lines": lines}
    return await do(firm, "buyer", "OrderPurchaseRequisition", id=ref(requisition), **told)


async def changed(firm: Firm, order: UUID, quantity: str) -> None:
    mine = await line(firm, order)
    lines = [OrderLine(id=ref(mine.id), product=ref(firm["bolt"]), quantity=D(quantity), unit_price=D("1.25"))]
    version = (await paper(firm, order)).version
    await do(firm, "buyer", "UpdatePurchaseOrder", id=ref(order), expected_version=version, lines=lines)


async def test_an_order_that_is_revised_after_its_requisition_was_closed_is_submitted_again(firm: Firm) -> None:
    requisition = await needed(firm)
    order, late = await drafted(firm, requisition, "6"), await drafted(firm, requisition, "2")
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    await do(firm, "storekeeper", "ClosePurchaseRequisition", id=ref(requisition), reason="enough")
    assert [(one.ordered, one.closed) for one in [await line(firm, requisition)]] == [(6, 4)]
    with pytest.raises(NothingLeft):
        await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(late))

    await do(firm, "buyer", "RevisePurchaseOrder", id=ref(order))
    await changed(firm, order, "7")
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert refused.value.details["left"] == 6
    await changed(firm, order, "5")
    await do(firm, "buyer", "SubmitPurchaseOrder", id=ref(order))
    assert await state(firm, order) == ("approved",)
    assert [(one.ordered, one.closed) for one in [await line(firm, requisition)]] == [(5, 4)]
    assert await state(firm, requisition, "ordering_state") == ("closed", "partial")
    await is_whole(firm)
