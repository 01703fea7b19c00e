"""What is said to be possible with a paper is, and what is said not to be is refused for the reason that was told."""

from __future__ import annotations

import random
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.flow.table import FLOW
from domain.kernel.commands import COMMANDS
from domain.kernel.documents import Document
from domain.kernel.errors import NothingLeft, Refused
from domain.kernel.papers import kinds
from domain.kernel.work import Work
from domain.kernel.workflow import availability
from domain.purchase.quotation import QuotedLine
from tests.domain.test_owing import billed, part
from tests.domain.test_papers import do
from tests.domain.test_payments import allocations, bill, invoice, paid
from tests.domain.test_purchase import confirmed, received, ref
from tests.domain.trader import Trader
from tests.domain.wares import actor
from tests.firm import Firm

D = Decimal
BESIDE = {"INSUFFICIENT_STOCK", "NOT_UNIQUE", "DATES_GO_BACK", "FORBIDDEN"}
"""What the paper itself cannot know: other goods, other papers, and who asks."""


async def possible(firm: Firm, id: UUID) -> dict[str, Refused | None]:
    """By action: None if it is allowed, or the reason why it is not."""

    def ask(work: Work) -> dict[str, Refused | None]:
        paper = work.session.scalars(select(Document).where(Document.id == id).options(*Document.whole())).one()
        return {one.action: one.refusal for one in availability(work, paper)}

    return await firm.database.transact(actor(firm, "any"), ask)  # type: ignore[no-any-return]


async def reason(firm: Firm, id: UUID, action: str) -> str | None:
    found = (await possible(firm, id))[action]
    return found and str(found.message)


async def test_a_paid_invoice_says_that_it_cannot_be_reversed_and_why(firm: Firm) -> None:
    id = await invoice(firm, "100")
    assert await reason(firm, id, "reverse") is None
    payment = await do(firm, "accountant", "PayCustomerInvoice", id=ref(id))
    told = await reason(firm, id, "reverse")
    with pytest.raises(Refused) as refused:
        await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(id), reason="x")
    assert told == refused.value.message
    assert "paid" in told
    await do(firm, "accountant", "Unallocate", id=ref((await allocations(firm, credit_id=payment))[0].id))
    assert await reason(firm, id, "reverse") is None


async def test_a_credited_bill_and_a_billed_receipt_say_what_was_made_from_them(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    bill = await billed(firm, receipt, "1")
    credit = await do(firm, "accountant", "CreditVendorBill", id=ref(bill), vendor_reference="c")
    assert await reason(firm, bill, "reverse") is None
    await do(firm, "accountant", "PostVendorCreditNote", id=ref(credit))
    for id, verb in ((bill, "ReverseVendorBill"), (receipt, "ReverseReceipt")):
        told = await reason(firm, id, "reverse")
        with pytest.raises(Refused) as refused:
            await do(firm, "accountant" if id == bill else "storekeeper", verb, id=ref(id), reason="x")
        assert told == refused.value.message
        assert "was made from it" in told


async def test_a_draft_for_which_nothing_is_left_any_more_cannot_be_posted(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6")
    drafts = [
        await do(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference=number, lines=lines)
        for number, lines in (("1", None), ("2", await part(firm, receipt, "6")))
    ]
    assert [await reason(firm, id, "post") for id in drafts] == [None, None]
    await do(firm, "accountant", "PostVendorBill", id=ref(drafts[0]))
    assert (await possible(firm, drafts[1]))["post"].code == "NOTHING_LEFT"
    with pytest.raises(Refused):
        await do(firm, "accountant", "PostVendorBill", id=ref(drafts[1]))


async def test_a_reversal_is_not_reversed(firm: Firm) -> None:
    id = await invoice(firm, "100")
    back = await do(firm, "accountant", "ReverseCustomerInvoice", id=ref(id), reason="x")
    assert "itself a reversal" in (await reason(firm, back, "reverse") or "")


async def test_what_is_to_be_paid_and_what_can_settle_say_so_and_why_not(firm: Firm) -> None:
    first, second = await bill(firm, "100"), await bill(firm, "50")
    assert "pay" not in await possible(firm, await bill(firm, "1", post=False))
    assert [await reason(firm, id, "pay") for id in (first, second)] == [None, None]
    payment = await do(firm, "accountant", "PayVendorBill", id=ref(first), amount=D(120), keep_rest=True)
    assert await reason(firm, payment, "allocate") is None
    await is_refused_as_told(firm, first, "pay", "PayVendorBill")
    await do(firm, "accountant", "AllocatePayment", id=ref(payment))
    await is_refused_as_told(firm, payment, "allocate", "AllocatePayment")
    assert await reason(firm, second, "pay") is None
    alone = await paid(firm, "10", partner="other_vendor")
    await is_refused_as_told(firm, alone, "allocate", "AllocatePayment")


async def is_refused_as_told(firm: Firm, id: UUID, action: str, verb: str) -> None:
    told = await reason(firm, id, action)
    with pytest.raises(NothingLeft) as refused:
        await do(firm, "accountant", verb, id=ref(id))
    assert told == refused.value.message


@pytest.mark.parametrize("seed", [0, *(pytest.param(more, marks=pytest.mark.soak) for more in range(1, 8))])
async def test_after_any_life_whatever_is_said_to_be_possible_is_and_nothing_else(firm: Firm, seed: int) -> None:
    trader = Trader(firm, random.Random(seed))
    await trader.settle_in()
    await trader.live(60)
    await trader.look()
    wrong = []
    for paper in trader.papers:
        for action, refusal in (await possible(firm, paper.id)).items():
            told = await tried(trader, paper, action)
            beside = BESIDE | (LESS if action in BEGETTING else set())
            if (refusal.code not in told and action not in GIVEN) if refusal else not told <= beside:
                wrong.append((paper.kind, paper.state, action, refusal and refusal.code, told))
    assert wrong == []


BEGETTING = {row.verb for row in FLOW}
LESS = {"NOT_READY", "OVER_RECEIPT", "NOTHING_LEFT"}
"""All that is left may be wanted by drafts, or be more than another paper of the same goods allows: ask for less."""
GIVEN = {"approve", "reject"}
"""What another than who asks here would have to try."""


async def tried(trader: Trader, paper: Any, action: str) -> set[str]:
    """The codes with which an action is refused when it is tried."""
    kind = kinds()[paper.kind]
    verb = f"{action.title().replace('_', '')}{kind.__name__}"
    lines = [QuotedLine(line=ref(one.id), unit_price=D("3.5")) for one in trader.lines.get(paper.id, [])]
    asked = trader.asked(
        verb, id=ref(paper.id), lines=lines if action == "offer" else None, expected_version=paper.version
    )
    who = actor(trader.firm, verb)
    async with trader.firm.database.session(who) as session:
        try:
            await trader.firm.database.attempt(session, who, COMMANDS[verb](**asked))
        except Refused as refused:
            return {one.code for one in refused.each}
    return set()
