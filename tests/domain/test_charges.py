"""Charges go over whole and once, to whichever paper is there, and come back in the parts that are told."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.charging import CreditedCharge
from domain.flow.taking import BilledLine, CreditedLine
from domain.invoicing.invoice import CreditNote
from domain.kernel.documents import Charge
from domain.kernel.errors import NothingLeft
from tests.domain.books import sound
from tests.domain.test_papers import do, line, state
from tests.domain.test_purchase import confirmed, paper, received, ref, rows
from tests.firm import Firm

D = Decimal


async def charges(firm: Firm, paper: UUID) -> list[Charge]:
    return sorted(await rows(firm, Charge, document_id=paper), key=lambda one: one.position)


async def amounts(firm: Firm, paper: UUID) -> list[str]:
    return [str(one.amount) for one in await charges(firm, paper)]


async def ordered(firm: Firm) -> UUID:
    """A confirmed sales order for four bolts, with freight of 5 and an allowance of 1."""
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=D(4), unit_price=D("2.50"))]
    told = [OrderCharge(text="Freight", amount=D("5.00")), OrderCharge(text="Allowance", amount=D("-1.00"))]
    order = await do(firm, "seller", "CreateSalesOrder", customer=ref(firm["customer"]), lines=lines, charges=told)
    await do(firm, "seller", "ConfirmSalesOrder", id=ref(order))
    await received(firm, await confirmed(firm, "4"), "4")
    await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    return order


async def invoiced(firm: Firm, order: UUID, quantity: int) -> UUID:
    lines = [BilledLine(line=ref((await line(firm, order)).id), quantity=D(quantity))]
    return await do(firm, "accountant", "InvoiceSalesOrder", id=ref(order), lines=lines)


async def credited(firm: Firm, invoice: UUID, quantity: int | None = None, **told: Any) -> UUID:
    lines = [CreditedLine(line=ref((await line(firm, invoice)).id), quantity=D(quantity))] if quantity else None
    return await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=lines, **told)


async def test_freight_goes_with_the_first_invoice_there_is_and_with_another_if_that_is_given_up(firm: Firm) -> None:
    order = await ordered(firm)
    first, second = await invoiced(firm, order, 1), await invoiced(firm, order, 1)
    assert (await amounts(firm, first), await amounts(firm, second)) == (["5.00", "-1.00"], [])
    await do(firm, "accountant", "CancelCustomerInvoice", id=ref(first), reason="x")
    third = await invoiced(firm, order, 1)
    assert await amounts(firm, third) == ["5.00", "-1.00"]
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(third))
    assert await amounts(firm, await invoiced(firm, order, 1)) == []
    await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(third), reason="x")
    assert await amounts(firm, await invoiced(firm, order, 1)) == ["5.00", "-1.00"]
    await sound(firm)


async def test_freight_comes_back_with_the_last_of_the_goods_or_in_the_parts_that_are_told(firm: Firm) -> None:
    invoice = await invoiced(firm, await ordered(firm), 4)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    freight = (await charges(firm, invoice))[0]
    part = [CreditedCharge(charge=ref(freight.id), amount=D("2.00"))]
    for quantity, told, found in ((1, None, []), (1, part, ["2.00"]), (None, None, ["3.00", "-1.00"])):
        note = await credited(firm, invoice, quantity, charges=told)
        assert await amounts(firm, note) == found
        await do(firm, "accountant", "PostCreditNote", id=ref(note))
    assert await state(firm, invoice, "credit_state") == ("posted", "credited")
    notes = await rows(firm, CreditNote)
    assert sum((one.total for one in notes), D(0)) == (await paper(firm, invoice)).total
    await sound(firm)


@pytest.mark.parametrize("amount", ["5.01", "-0.01", "0"])
async def test_no_more_of_a_charge_comes_back_than_is_left(firm: Firm, amount: str) -> None:
    invoice = await invoiced(firm, await ordered(firm), 4)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    freight = (await charges(firm, invoice))[0]
    with pytest.raises(NothingLeft, match=r"Of Freight 5.00 is left") as refused:
        await credited(firm, invoice, 1, charges=[CreditedCharge(charge=ref(freight.id), amount=D(amount))])
    assert refused.value.path == ("charges", 0, "amount")


async def test_of_two_drafts_that_give_the_same_freight_back_one_is_posted(firm: Firm) -> None:
    invoice = await invoiced(firm, await ordered(firm), 4)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    told = [CreditedCharge(charge=ref((await charges(firm, invoice))[0].id), amount=D("5.00"))]
    one, other = [await credited(firm, invoice, 1, charges=told) for _ in range(2)]
    await do(firm, "accountant", "PostCreditNote", id=ref(one))
    with pytest.raises(NothingLeft, match=r"Of Freight 0.00 is left") as refused:
        await do(firm, "accountant", "PostCreditNote", id=ref(other))
    assert refused.value.path == ("charges", 0, "amount")


async def test_no_more_is_given_back_than_was_asked(firm: Firm) -> None:
    invoice = await invoiced(firm, await ordered(firm), 4)
    await do(firm, "accountant", "PostCustomerInvoice", id=ref(invoice))
    dear = [CreditedLine(line=ref((await line(firm, invoice)).id), quantity=D(1), unit_price=D(9999))]
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=dear)
    with pytest.raises(NothingLeft, match=r"Only 10.00 of the amount of line 1") as refused:
        await do(firm, "accountant", "PostCreditNote", id=ref(note))
    assert refused.value.path == ("lines", 0, "unitPrice")
