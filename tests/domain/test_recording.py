"""Orders of the past are entered as their source states them: nothing is lost, nothing is made up."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.approvals.approval import ApprovalRequest
from domain.exceptions.exception import ImportException
from domain.flow.recording import RecordedLine, RecordPurchaseOrder
from domain.kernel.commands import Ref
from domain.kernel.documents import Document, Provenance
from domain.kernel.events import Event
from domain.kernel.references import ExternalKey
from domain.stock.move import Move
from domain.verification import verify
from tests.domain.test_purchase import lines_of, paper, position, ref, rows
from tests.firm import Firm

PAST = date(2014, 3, 1)


def line(firm: Firm, **told: Any) -> RecordedLine:
    given = {"product": ref(firm["bolt"]), "quantity": Decimal(10), "unit_price": Decimal("1.25")} | told
    return RecordedLine(**given)


def order_of(firm: Firm, **told: Any) -> RecordPurchaseOrder:
    number = told.pop("number", "4001")
    given = {
        "number": number, "vendor": ref(firm["vendor"]), "dated": PAST, "state": "closed", "received_on": PAST,
        "lines": [line(firm, received=Decimal(10))], "external": ExternalKey(source="past", key=number),
    } | told  # fmt: skip
    return RecordPurchaseOrder(**given)


async def recorded(firm: Firm, **told: Any) -> UUID:
    return await firm.database.perform(firm.actor("administrator"), order_of(firm, **told))


async def whole(firm: Firm) -> None:
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def types_of(firm: Firm, record: UUID) -> list[str]:
    async with firm.database.session(firm.actor("viewer")) as session:
        statement = select(Event.type).where(Event.record_id == record).order_by(Event.sequence)
        return list(await session.scalars(statement))


async def receipt_of(firm: Firm) -> Any:
    (found,) = [one for one in await rows(firm, Document, kind="receipt") if one.number == "4001"]
    return found


async def test_a_finished_order_enters_with_its_receipt_and_its_goods(firm: Firm) -> None:
    order = await recorded(
        firm, status="4", received_on_inferred=True, source_total=Decimal("12.4975"),
        lines=[line(firm, received=Decimal(9), rejected=Decimal(2), key="77", reason="short")],
    )  # fmt: skip
    row, (mine,) = await paper(firm, order), await lines_of(firm, order)
    assert (row.number, row.state, row.dated, row.total) == ("4001", "closed", PAST, Decimal("12.50"))
    assert (row.receipt_state, row.billing_state, row.approval_state) == ("partial", "unknown", "none")
    assert (row.submitted_by, row.edited_by, row.confirmed_at, row.approved_digest) == (None, None, None, None)
    assert (mine.received, mine.rejected, mine.accepted, mine.open_quantity, mine.closed) == (9, 2, 7, 0, 3)
    assert (mine.price_source, mine.reason) == ("imported", "short")
    receipt = await receipt_of(firm)
    assert (receipt.state, receipt.dated, receipt.dated_inferred) == ("posted", PAST, True)
    (move,) = await rows(firm, Move)
    assert (move.quantity, move.dated, move.dated_inferred, move.to_location_id) == (7, PAST, True, firm["receiving"])
    assert await position(firm) == (7, 0)
    (source,) = await rows(firm, Provenance)
    assert (source.status, source.total, row.provenance_id) == ("4", Decimal("12.4975"), source.id)
    assert await types_of(firm, order) == ["purchase_order.recorded"]
    assert await types_of(firm, receipt.id) == ["receipt.recorded"]
    assert await named(firm, "77") == mine.id
    await whole(firm)


async def named(firm: Firm, key: str) -> UUID:
    from domain.kernel.documents import Line

    return await firm.database.transact(
        firm.actor("viewer"), lambda work: work.find(Line, Ref(source="past", key=key)).id
    )


async def test_a_pending_order_waits_for_approval_and_what_came_is_flagged(firm: Firm) -> None:
    order = await recorded(
        firm, state="submitted", lines=[line(firm, received=Decimal(4), expected_on=date(2014, 2, 1))]
    )
    row, (mine,) = await paper(firm, order), await lines_of(firm, order)
    assert (row.state, row.approval_state, row.receipt_state) == ("submitted", "requested", "partial")
    assert (mine.accepted, mine.open_quantity) == (4, 0)
    (request,) = await rows(firm, ApprovalRequest)
    assert (request.state, request.requested_by, request.edited_by) == ("open", None, None)
    flagged = {one.kind for one in await rows(firm, ImportException, line_id=mine.id)}
    assert flagged == {"received_before_approval", "due_before_ordered"}
    assert await position(firm) == (4, 0)
    await whole(firm)


async def test_a_confirmed_order_expects_what_has_not_come(firm: Firm) -> None:
    order = await recorded(firm, state="confirmed", lines=[line(firm, received=Decimal(4))])
    row, (mine,) = await paper(firm, order), await lines_of(firm, order)
    assert (row.receipt_state, mine.open_quantity) == ("partial", 6)
    assert await position(firm) == (4, 6)
    await whole(firm)
