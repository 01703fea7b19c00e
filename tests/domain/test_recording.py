"""Orders of the past are entered as their source states them: nothing is lost, nothing is made up."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from domain.access.role import ROLES
from domain.approvals.approval import ApprovalRequest
from domain.catalog.category_entry import CreateCategory
from domain.catalog.product import Product
from domain.drafts.lines import OrderCharge
from domain.exceptions.exception import ImportException, SourceRow
from domain.flow.recording import RecordedLine, RecordPurchaseOrder, record_all
from domain.kernel.commands import Ref
from domain.kernel.documents import Document, Line, Provenance
from domain.kernel.errors import Conflict, Forbidden, NotUnique, Refused
from domain.kernel.events import Event
from domain.kernel.references import ExternalKey, ExternalReference
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.purchase.order import PurchaseOrder
from domain.purchase.writing import CreatePurchaseOrder
from domain.stock.move import Move
from domain.verification import verify
from tests.domain.test_purchase import lines_of, paper, position, ref, rows
from tests.firm import TODAY, Firm

PAST = date(2014, 3, 1)
TOMORROW = TODAY.date() + timedelta(days=1)


def line(firm: Firm, received: str = "0", rejected: str = "0", **told: Any) -> RecordedLine:
    given = {
        "product": ref(firm["bolt"]), "quantity": Decimal(10), "unit_price": Decimal("1.25"),
        "received": Decimal(received), "rejected": Decimal(rejected),
    }  # fmt: skip
    return RecordedLine(**given | told)


def order_of(firm: Firm, **told: Any) -> RecordPurchaseOrder:
    number = told.pop("number", "4001")
    given = {
        "number": number, "vendor": ref(firm["vendor"]), "dated": PAST, "state": "closed", "received_on": PAST,
        "lines": [line(firm, "10")], "external": ExternalKey(source="past", key=number),
    }  # fmt: skip
    return RecordPurchaseOrder(**given | told)


async def recorded(firm: Firm, **told: Any) -> UUID:
    return await firm.database.perform(firm.actor("administrator"), order_of(firm, **told))


async def refused(firm: Firm, **told: Any) -> list[tuple[str, Any]]:
    with pytest.raises(Refused) as found:
        await recorded(firm, **told)
    return [(one.code, one.path) for one in found.value.each]


async def all_recorded(firm: Firm, told: list[RecordPurchaseOrder]) -> list[Any]:
    def act(work: Work) -> list[Any]:
        return [one if isinstance(one, Refused) else one.id for one in record_all(work, told)]

    return await firm.database.transact(firm.actor("administrator"), act)


async def whole(firm: Firm) -> None:
    async with firm.database.session(firm.actor("viewer")) as session:
        assert await session.run_sync(verify) == []


async def types_of(firm: Firm, record: UUID) -> list[str]:
    async with firm.database.session(firm.actor("viewer")) as session:
        statement = select(Event.type).where(Event.record_id == record).order_by(Event.sequence)
        return list(await session.scalars(statement))


async def named(firm: Firm, model: Any, key: str) -> UUID:
    def find(work: Work) -> UUID:
        return work.find(model, Ref(source="past", key=key)).id

    return await firm.database.transact(firm.actor("viewer"), find)


async def test_a_finished_order_enters_with_its_receipt_and_its_goods(firm: Firm) -> None:
    came = line(firm, "9", "2", key="77", reason="short", source_amount=Decimal("12.4975"))
    order = await recorded(
        firm, status="4", received_on_inferred=True, source_total=Decimal("12.4975"), lines=[came]
    )  # fmt: skip
    row, (mine,) = await paper(firm, order), await lines_of(firm, order)
    assert (row.number, row.state, row.dated, row.total) == ("4001", "closed", PAST, Decimal("12.50"))
    assert (row.receipt_state, row.billing_state, row.approval_state) == ("partial", "unknown", "none")
    assert (mine.received, mine.rejected, mine.accepted, mine.open_quantity, mine.closed) == (9, 2, 7, 0, 3)
    assert (mine.price_source, mine.reason, mine.source_amount) == ("imported", "short", Decimal("12.4975"))
    (receipt,) = await rows(firm, Document, kind="receipt")
    assert (receipt.number, receipt.state, receipt.dated, receipt.dated_inferred) == ("4001", "posted", PAST, True)
    assert [one.reason for one in await lines_of(firm, receipt.id)] == ["short"]
    (move,) = await rows(firm, Move)
    assert (move.quantity, move.dated, move.dated_inferred, move.to_location_id) == (7, PAST, True, firm["receiving"])
    assert await position(firm) == (7, 0)
    (source,) = await rows(firm, Provenance)
    assert (source.status, source.total, source.key) == ("4", Decimal("12.4975"), "4001")
    assert row.provenance_id == receipt.provenance_id == source.id
    assert await types_of(firm, order) == ["purchase_order.recorded"]
    assert await types_of(firm, receipt.id) == ["receipt.recorded"]
    assert (await named(firm, PurchaseOrder, "4001"), await named(firm, Line, "77")) == (order, mine.id)
    await whole(firm)


async def test_nobody_is_made_up_who_submitted_approved_or_confirmed(firm: Firm) -> None:
    row = await paper(firm, await recorded(firm))
    assert (row.submitted_by, row.edited_by, row.confirmed_at, row.approved_digest) == (None, None, None, None)
    assert (row.payment_term_id, row.partner_reference, row.assignee_id) == (None, None, None)
    assert await rows(firm, ApprovalRequest) == []


async def test_a_pending_order_waits_for_approval_and_what_came_is_flagged(firm: Firm) -> None:
    early = date(2014, 2, 1)
    at = SourceRow("past", "lines.csv", 7)
    order = await recorded(
        firm, state="submitted", status="1",
        lines=[line(firm, "4", expected_on=early, at=at), line(firm, expected_on=PAST)],
    )  # fmt: skip
    row, (mine, other) = await paper(firm, order), await lines_of(firm, order)
    assert (row.state, row.approval_state, row.receipt_state) == ("submitted", "requested", "partial")
    assert [(one.accepted, one.open_quantity) for one in (mine, other)] == [(4, 0), (0, 0)]
    (request,) = await rows(firm, ApprovalRequest)
    assert (request.state, request.requested_by, request.edited_by) == ("open", None, None)
    assert request.why == "The order was waiting for approval (1) in past, from which it was imported."
    flagged = await rows(firm, ImportException)
    assert {(one.kind, one.line_id) for one in flagged} == {
        ("received_before_approval", mine.id),
        ("due_before_ordered", mine.id),
    }
    assert {(one.source, one.file, one.row) for one in flagged} == {("past", "lines.csv", 7)}
    assert await types_of(firm, order) == ["purchase_order.recorded"]
    assert await position(firm) == (4, 0)
    await whole(firm)


async def test_what_came_before_its_order_or_beyond_measure_is_flagged(firm: Firm) -> None:
    lines = [line(firm, "12"), line(firm, "12", "2"), line(firm, "10"), line(firm)]
    order = await recorded(firm, received_on=PAST - timedelta(days=1), lines=lines, reason="closed there")
    over, replaced, came, missing = await lines_of(firm, order)
    flagged = {(one.kind, one.line_id): one.message for one in await rows(firm, ImportException)}
    assert flagged == {
        ("over_received", over.id): "12 of line 1 were accepted, 10 ordered; 0 % more are tolerated.",
        **{
            ("received_before_ordered", one.id): (
                f"{one.received} of line {one.position} came by 2014-02-28, before the order was written on 2014-03-01."
            )
            for one in (over, replaced, came)
        },
    }
    assert missing.received == 0
    await whole(firm)


async def test_what_is_tolerated_is_not_flagged(firm: Firm) -> None:
    def tolerate(work: Work) -> None:
        work.find(Partner, firm["vendor"]).over_receipt_percent = Decimal(20)

    await firm.database.transact(firm.actor("buyer"), tolerate)
    await recorded(firm, lines=[line(firm, "12")])
    assert await rows(firm, ImportException) == []
    await recorded(firm, number="4002", lines=[line(firm, "13")])
    assert [one.kind for one in await rows(firm, ImportException)] == ["over_received"]


async def test_a_confirmed_order_expects_what_has_not_come(firm: Firm) -> None:
    later = date(2014, 5, 1)
    lines = [line(firm, "10", expected_on=PAST), line(firm, "4", "1"), line(firm, expected_on=later)]
    order = await recorded(firm, state="confirmed", lines=lines)
    row, mine = await paper(firm, order), await lines_of(firm, order)
    assert (row.receipt_state, row.billing_state, row.expected_on) == ("partial", "unknown", later)
    assert [one.open_quantity for one in mine] == [0, 7, 10]
    assert await position(firm) == (13, 17)
    await whole(firm)


async def test_goods_all_refused_at_inspection_never_enter_stock(firm: Firm) -> None:
    order = await recorded(firm, reason="Refused at inspection.", lines=[line(firm, "10", "10")])
    row, (mine,) = await paper(firm, order), await lines_of(firm, order)
    assert (row.receipt_state, row.billing_state) == ("pending", "none")
    assert (mine.accepted, mine.closed, mine.reason) == (0, 10, "Refused at inspection.")
    assert (await rows(firm, Move), await position(firm)) == ([], (0, 0))
    await whole(firm)


async def test_an_order_of_which_nothing_came_has_no_receipt(firm: Firm) -> None:
    order = await recorded(firm, state="confirmed", received_on=None, lines=[line(firm)])
    assert (await paper(firm, order)).billing_state == "none"
    assert await rows(firm, Document, kind="receipt") == []
    assert await position(firm) == (0, 10)
    await whole(firm)


async def test_boxes_services_and_more_than_was_ordered_are_entered_as_they_came(firm: Firm) -> None:
    def retire(work: Work) -> UUID:
        work.find(Partner, firm["vendor"]).archived_at = work.now
        return work.add(Product(sku="CARE", name="Care", unit_id=firm["piece"], is_stocked=False)).id

    care = line(firm, "10", product=ref(await firm.database.transact(firm.actor("buyer"), retire)))
    box = line(firm, "3", unit=ref(firm["box"]), quantity=Decimal(2), unit_price=Decimal(15))
    service = line(firm, "1", product=None, category=await category(firm), quantity=Decimal(1), unit=ref(firm["piece"]))
    order = await recorded(firm, lines=[box, service, care])
    boxed, served, _ = await lines_of(firm, order)
    assert (boxed.accepted, boxed.closed, served.text) == (3, 0, "Repairs")
    assert await position(firm) == (36, 0)
    assert [one.quantity for one in await rows(firm, Move)] == [36]
    await whole(firm)


async def category(firm: Firm) -> Ref:
    made = CreateCategory(code="REP", name="Repairs")
    return ref(await firm.database.perform(firm.actor("buyer"), made))


async def test_charges_and_taxes_are_reckoned_as_on_any_paper_and_the_sources_figures_kept(firm: Firm) -> None:
    order = await recorded(
        firm, charges=[OrderCharge(text="Freight", amount=Decimal("5.0265"))],
        lines=[line(firm, "10", tax=ref(firm["tax8"]), price_base=Decimal(2), discount_percent=Decimal(10))],
        source_lines_amount=Decimal("5.625"), source_tax=Decimal("0.45"), source_charges_amount=Decimal("5.0265"),
        source_total=Decimal("11.1015"),
    )  # fmt: skip
    row = await paper(firm, order)
    assert (str(row.lines_amount), str(row.charges_amount), str(row.tax)) == ("5.63", "5.03", "0.45")
    (source,) = await rows(firm, Provenance)
    assert (str(source.lines_amount), str(source.charges_amount), str(source.tax)) == ("5.625", "5.0265", "0.45")
    await whole(firm)


async def test_a_total_may_differ_from_the_sources_by_five_cents(firm: Firm) -> None:
    for number, total in enumerate(["12.55", "12.45", "12.5549"]):
        await recorded(firm, number=str(number), source_total=Decimal(total))
    for total in ["12.56", "12.444", "-12.50"]:
        with pytest.raises(Refused, match=f"The source makes {total} of the order, we make 12.50") as found:
            await recorded(firm, source_total=Decimal(total))
        assert found.value.path == ("sourceTotal",)


async def test_every_sum_of_the_head_must_agree_be_the_total_right_or_not(firm: Firm) -> None:
    taxed = {
        "lines": [line(firm, "10", tax=ref(firm["tax8"]))],
        "charges": [OrderCharge(text="Freight", amount=Decimal("5.0265"))],
        "source_total": Decimal("18.53"),
    }
    near = {"lines_amount": "12.4501", "charges_amount": "5.08", "tax": "1.05"}
    await recorded(firm, **taxed, **{f"source_{name}": Decimal(amount) for name, amount in near.items()})
    wrong = {"source_lines_amount": Decimal("9999.99"), "source_charges_amount": Decimal(5), "source_tax": Decimal(500)}
    assert await refused(firm, number="2", **taxed | wrong) == [
        ("BAD_INPUT", ("sourceLinesAmount",)), ("BAD_INPUT", ("sourceTax",))
    ]  # fmt: skip
    assert await refused(firm, number="2", **taxed | {"source_charges_amount": Decimal("5.09")}) == [
        ("BAD_INPUT", ("sourceChargesAmount",))
    ]


async def test_an_amount_of_a_line_may_differ_by_what_rounding_makes(firm: Firm) -> None:
    price = {"quantity": Decimal(1), "unit_price": Decimal("0.125"), "received": Decimal(1)}
    await recorded(firm, lines=[line(firm, **price, source_amount=Decimal("0.125"))])
    wrong = line(firm, **price, source_amount=Decimal("0.1249"))
    assert await refused(firm, number="2", lines=[line(firm, "10"), wrong]) == [
        ("BAD_INPUT", ("lines", 1, "sourceAmount"))
    ]


async def test_every_mistake_is_told_at_once_at_its_place(firm: Firm) -> None:
    nowhere = ref(firm["receiving"])
    lines = [
        line(firm, product=nowhere),
        line(firm, "2", "3"),
        line(firm, quantity=Decimal(0)),
        line(firm, unit_price=Decimal(-1)),
        line(firm, unit=ref(firm["kilogram"])),
        line(firm, tax=nowhere),
        line(firm, "-1"),
        line(firm, "1.5"),
        line(firm, category=nowhere),
        line(firm, source_amount=Decimal("NaN")),
    ]
    charges = [OrderCharge(text="Freight", amount=Decimal("Infinity"))]
    told = {"vendor": nowhere, "dated": TOMORROW, "received_on": None, "state": "lost", "number": " "}
    assert await refused(firm, **told, external=ExternalKey(source="past", key="1"), lines=lines, charges=charges) == [
        ("BAD_INPUT", ("number",)),
        ("NOT_FOUND", ("vendor",)),
        ("BAD_INPUT", ("state",)),
        ("BAD_INPUT", ("dated",)),
        ("BAD_INPUT", ("receivedOn",)),
        ("NOT_FOUND", ("lines", 0, "product")),
        ("BAD_INPUT", ("lines", 1, "rejected")),
        ("BAD_INPUT", ("lines", 2, "quantity")),
        ("BAD_INPUT", ("lines", 3, "unitPrice")),
        ("BAD_INPUT", ("lines", 4, "unit")),
        ("NOT_FOUND", ("lines", 5, "tax")),
        ("BAD_INPUT", ("lines", 6, "received")),
        ("BAD_INPUT", ("lines", 7, "received")),
        ("BAD_INPUT", ("lines", 8, "product")),
        ("BAD_INPUT", ("lines", 9, "sourceAmount")),
        ("BAD_INPUT", ("charges", 0, "amount")),
    ]
    assert await rows(firm, Document) == []


async def test_what_cannot_be_is_refused(firm: Firm) -> None:
    for path, told in {
        ("receivedOn",): {"received_on": TOMORROW},
        ("currency",): {"currency": "XXY"},
        ("lines",): {"lines": []},
        ("custom", "colour"): {"custom": {"colour": "red"}},
        ("sourceTax",): {"source_tax": Decimal("NaN")},
        ("status",): {"status": "\n"},
        ("external", "key"): {"external": ExternalKey(source="past", key="")},
        ("lines", 0, "key"): {"lines": [line(firm, "10", key="\0")]},
        ("vendor",): {"vendor": ref(firm["customer"])},
    }.items():
        assert await refused(firm, **told) == [("BAD_INPUT", path)]
    assert await refused(firm, currency="CHF") == [("RATE_MISSING", ("currency",))]


async def test_what_a_closed_order_did_not_get_needs_a_reason(firm: Firm) -> None:
    assert await refused(firm, lines=[line(firm, "10"), line(firm, "9")]) == [("BAD_INPUT", ("lines", 1, "reason"))]
    order = await recorded(firm, lines=[line(firm, "9")], reason="The vendor went out of business.")
    assert [one.reason for one in await lines_of(firm, order)] == ["The vendor went out of business."]
    (receipt,) = await rows(firm, Document, kind="receipt")
    assert [one.reason for one in await lines_of(firm, receipt.id)] == [None]


async def test_numbers_and_keys_are_each_used_once(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10", key="a")])
    other = ExternalKey(source="past", key="4002")
    assert await refused(firm, external=other) == [("NOT_UNIQUE", ("number",))]
    assert await refused(firm, number="4002", external=ExternalKey(source="past", key="4001")) == [
        ("NOT_UNIQUE", ("external", "key"))
    ]
    keys = [line(firm, "10", key="b"), line(firm, "10", key=" a")]
    assert await refused(firm, number="4002", lines=keys) == [("NOT_UNIQUE", ("lines", 1, "key"))]
    twice = [line(firm, "10", key="b"), line(firm, "10", key="b")]
    assert await refused(firm, number="4002", lines=twice) == [("NOT_UNIQUE", ("lines", 1, "key"))]
    await recorded(firm, number="4002", external=ExternalKey(source="elsewhere", key="4001"))
    assert len(await rows(firm, Document, kind="purchase_order")) == 2


async def test_of_many_orders_a_bad_one_costs_no_other(firm: Firm) -> None:
    told = [
        order_of(firm, number="1"),
        order_of(firm, number="2", dated=TOMORROW),
        order_of(firm, number="1", external=ExternalKey(source="past", key="3")),
        order_of(firm, number="4", state="submitted"),
        order_of(firm, number="5", state="confirmed", lines=[line(firm)]),
    ]
    outcomes = await all_recorded(firm, told)
    assert [getattr(one, "code", "entered") for one in outcomes] == [
        "entered", "BAD_INPUT", "NOT_UNIQUE", "entered", "entered",
    ]  # fmt: skip
    assert [(await paper(firm, one)).number for one in outcomes if isinstance(one, UUID)] == ["1", "4", "5"]
    assert await position(firm) == (20, 10)
    await whole(firm)


async def test_a_key_that_is_taken_meanwhile_takes_everything_back(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    await recorded(firm)
    monkeypatch.setattr("domain.flow.entering.referred", lambda *_: {})
    with pytest.raises(Conflict):
        await recorded(firm, number="4002", external=ExternalKey(source="past", key="4001"))
    assert len(await rows(firm, Document)) == 2


async def test_a_part_is_known_by_its_key_under_its_own_type(firm: Firm) -> None:
    await recorded(firm, lines=[line(firm, "10", key="4001")])
    found = await rows(firm, ExternalReference, key="4001")
    assert {one.type for one in found} == {"purchase_order", "line"}


async def test_only_an_administrator_may_record_the_past(firm: Firm) -> None:
    for role in ROLES.keys() - {"administrator"}:
        with pytest.raises(Forbidden):
            await firm.database.perform(firm.actor(role), order_of(firm))
    assert await rows(firm, Document) == []


async def test_a_number_that_a_live_order_has_is_taken(firm: Firm) -> None:
    made = CreatePurchaseOrder(vendor=ref(firm["vendor"]))
    live = await paper(firm, await firm.database.perform(firm.actor("buyer"), made))
    with pytest.raises(NotUnique):
        await recorded(firm, number=live.number)


quantities = st.integers(0, 12)


@st.composite
def pasts(draw: st.DrawFn) -> tuple[str, list[tuple[int, int, int, Decimal]]]:
    """A state, and of each line: ordered, received, rejected, price."""
    lines = []
    for _ in range(draw(st.integers(1, 4))):
        received = draw(quantities)
        price = draw(st.decimals(0, 1000, places=4))
        lines.append((draw(st.integers(1, 10)), received, draw(st.integers(0, received)), price))
    return draw(st.sampled_from(["submitted", "confirmed", "closed"])), lines


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(past=st.lists(pasts(), min_size=1, max_size=3))
async def test_whatever_the_past_was_every_projection_follows_from_it(firm: Firm, past: list[Any]) -> None:
    had = len(await rows(firm, Document, kind="purchase_order"))
    told = [
        order_of(
            firm, number=str(had + index), state=state, reason="Given up.",
            lines=[
                line(firm, str(received), str(rejected), quantity=Decimal(ordered), unit_price=price, tax=tax)
                for ordered, received, rejected, price in lines
                for tax in [ref(firm["tax8"])]
            ],
        )
        for index, (state, lines) in enumerate(past)
    ]  # fmt: skip
    orders = await all_recorded(firm, told)
    await whole(firm)
    for order, (state, lines) in zip(orders, past, strict=True):
        for row, (ordered, received, rejected, _) in zip(await lines_of(firm, order), lines, strict=True):
            assert (row.received, row.rejected, row.accepted) == (received, rejected, received - rejected)
            assert row.open_quantity == 0 or state == "confirmed"
            assert row.closed == 0 or state == "closed"
            if state != "submitted":
                over = max(Decimal(0), row.accepted - row.returned - ordered)
                assert ordered + over == row.accepted - row.returned + row.open_quantity + row.closed
