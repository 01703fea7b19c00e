"""What each kind of paper does to the books."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from domain.catalog.category_entry import CreateCategory
from domain.catalog.product import Product
from domain.catalog.product_entry import UpdateProduct
from domain.catalog.tax import CreateTax
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.taking import BilledLine, ReturnedLine
from domain.parties.payment_term import CreatePaymentTerm, InstalmentEntry
from domain.parties.rate import RateEntry, SetRates
from domain.parties.setting_entry import SetSetting
from tests.domain.books import balances, entered, sound, told
from tests.domain.test_counting import counted
from tests.domain.test_papers import do, line, sold
from tests.domain.test_purchase import act, confirmed, received, ref, rows, written
from tests.domain.test_stock_papers import act as act_on_stock
from tests.domain.test_stock_papers import arrived, sent
from tests.domain.test_stock_papers import found as adjusted
from tests.domain.test_taking_goods import cuts_ordered
from tests.firm import TODAY, Firm

D = Decimal


async def billed(firm: Firm, source: UUID, verb: str = "BillReceipt", **asked: Any) -> UUID:
    """A posted bill of a receipt, or of an order."""
    number = str(len(await entered(firm)))
    bill = await do(firm, "accountant", verb, id=ref(source), **{"vendor_reference": number, **asked})
    return await do(firm, "accountant", "PostVendorBill", id=ref(bill))


async def of_line(firm: Firm, source: UUID, quantity: str, price: str | None = None) -> list[BilledLine]:
    one = ref((await line(firm, source)).id)
    return [BilledLine(line=one, quantity=D(quantity), unit_price=None if price is None else D(price))]


async def credited(firm: Firm, bill: UUID, quantity: str, price: str | None = None) -> UUID:
    note = await do(
        firm, "accountant", "CreditVendorBill", id=ref(bill), lines=await of_line(firm, bill, quantity, price),
        vendor_reference=f"C{len(await entered(firm))}",
    )  # fmt: skip
    return await do(firm, "accountant", "PostVendorCreditNote", id=ref(note))


async def returned(firm: Firm, receipt: UUID, quantity: str) -> UUID:
    back = [ReturnedLine(line=ref((await line(firm, receipt)).id), quantity=D(quantity), reason="bent")]
    return await do(firm, "storekeeper", "ReturnReceipt", id=ref(receipt), lines=back)


async def bought(firm: Firm, *lines: OrderLine, **asked: Any) -> UUID:
    order = await written(firm, lines=list(lines), **asked)
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    return order


def bolts(firm: Firm, quantity: str, price: str, **asked: Any) -> OrderLine:
    return OrderLine(product=ref(firm["bolt"]), quantity=D(quantity), unit_price=D(price), **asked)


async def test_a_bill_pays_for_what_was_received(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    receipt = await received(firm, order, "8")
    bill = await billed(firm, receipt)
    assert await told(firm, bill) == {"received_not_billed": "10.00", "payables": "-10.80", "input_tax": "0.80"}
    assert await told(firm, order) == {"commitments": "2.50", "commitments_contra": "-2.50"}
    assert await balances(firm) == {"1400": D("10.00"), "1300": D("0.80"), "2100": D("-10.80")}
    await sound(firm)


async def test_what_a_bill_asks_beyond_the_receipt_is_a_difference_in_price(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "8")
    bill = await billed(firm, receipt, lines=await of_line(firm, receipt, "8", "1.30"))
    assert await told(firm, bill) == {
        "received_not_billed": "10.00", "price_difference": "0.40", "payables": "-11.23", "input_tax": "0.83",
    }  # fmt: skip
    await sound(firm)


async def test_what_a_bill_leaves_open_is_billed_by_the_next_one_to_the_cent(firm: Firm) -> None:
    order = await bought(firm, bolts(firm, "3", "0.333333"))
    receipt = await received(firm, order, "3")
    assert await told(firm, receipt) == {"stock": "1.00", "received_not_billed": "-1.00"}
    first = await billed(firm, receipt, lines=await of_line(firm, receipt, "1"))
    assert (await told(firm, first))["received_not_billed"] == "0.33"
    for _ in range(2):
        await billed(firm, receipt, lines=await of_line(firm, receipt, "1"))
    assert "2150" not in await balances(firm)
    await sound(firm)


async def test_what_is_billed_in_parts_of_a_stock_unit_pays_for_what_came(firm: Firm) -> None:
    """Three cuts are one rod, and a bill for one cut is one for a third of it; however dear, nothing is left of all."""
    receipt = await received(firm, await cuts_ordered(firm, "6", "30000"), "6")
    assert await told(firm, receipt) == {"stock": "180000.00", "received_not_billed": "-180000.00"}
    bills = [await billed(firm, receipt, lines=await of_line(firm, receipt, part)) for part in ("1", "2", "1", "1")]
    for bill, part in zip(bills, (30000, 60000, 30000, 30000), strict=True):
        assert abs(D((await told(firm, bill))["received_not_billed"]) - part) < D("0.10")
    some, whole = [await credited(firm, bill, "1") for bill in (bills[1], bills[3])]
    assert abs(D((await told(firm, some))["received_not_billed"]) + 30000) < D("0.10")
    assert await told(firm, whole) == {role: str(-D(value)) for role, value in (await told(firm, bills[3])).items()}
    await sound(firm)
    await billed(firm, receipt)
    assert await balances(firm) == {"1400": D("180000.00"), "2100": D("-180000.00")}
    assert sum(row.quantity for row in await entered(firm, role="received_not_billed")) == 0
    await sound(firm)


async def test_a_bill_of_an_order_pays_for_its_receipts_the_oldest_first(firm: Firm) -> None:
    order = await confirmed(firm, "10")
    first, second = await received(firm, order, "4"), await received(firm, order, "6")
    bill = await billed(firm, order, "BillPurchaseOrder", lines=await of_line(firm, order, "5"))
    taken = [
        (row.settles_id, row.value, row.quantity) for row in await entered(firm, document_id=bill) if row.settles_id
    ]
    assert taken == [((await line(firm, first)).id, D("5.00"), 4), ((await line(firm, second)).id, D("1.25"), 1)]
    await sound(firm)


async def test_what_is_billed_before_it_comes_waits_on_an_account_of_its_own(firm: Firm) -> None:
    await firm.database.perform(firm.actor("administrator"), SetSetting(name="bill.by", value="ordered"))
    order = await confirmed(firm, "10")
    bill = await billed(firm, order, "BillPurchaseOrder")
    assert await told(firm, bill) == {"billed_not_received": "12.50", "payables": "-13.50", "input_tax": "1.00"}
    assert await told(firm, order) == {"commitments": "0.00", "commitments_contra": "0.00"}
    receipt = await received(firm, order, "4")
    assert await told(firm, receipt) == {"stock": "5.00", "billed_not_received": "-5.00"}
    await do(firm, "storekeeper", "ReverseReceipt", id=ref(receipt), reason="wrong")
    await received(firm, order, "10")
    assert await balances(firm) == {"1400": D("12.50"), "1300": D("1.00"), "2100": D("-13.50")}
    await sound(firm)


async def test_services_and_charges_of_a_bill_are_an_expense(firm: Firm) -> None:
    services = await firm.database.perform(firm.actor("buyer"), CreateCategory(code="SRV", name="Services"))
    lines = [
        OrderLine(
            category=ref(services), text="Advice", quantity=D(1), unit=ref(firm["piece"]), unit_price=D(100), tax=None
        )
    ]
    half = CreateTax(code="H", name="Half", rate=D(20), recoverable_percent=D(50))
    tax = await firm.database.perform(firm.actor("administrator"), half)
    charges = [OrderCharge(text="Freight", amount=D(5), tax=ref(tax))]
    draft = await do(
        firm, "accountant", "CreateVendorBill", vendor=ref(firm["vendor"]), lines=lines, charges=charges,
        vendor_reference="S1",
    )  # fmt: skip
    bill = await do(firm, "accountant", "PostVendorBill", id=ref(draft))
    assert await told(firm, bill) == {"expense": "105.50", "payables": "-106.00", "input_tax": "0.50"}
    await sound(firm)


async def test_tax_that_the_buyer_reckons_is_owed_and_deducted(firm: Firm) -> None:
    tax = await firm.database.perform(
        firm.actor("buyer"),
        CreateTax(
            code="RC", name="Reverse charge", rate=D(0), category="AE", reverse_charge_rate=D(19),
            exemption_code="VATEX-EU-AE", recoverable_percent=D(50),
        ),
    )  # fmt: skip
    receipt = await received(firm, await bought(firm, bolts(firm, "10", "10", tax=ref(tax))), "10")
    assert await told(firm, receipt) == {"stock": "109.50", "received_not_billed": "-109.50"}
    bill = await billed(firm, receipt)
    assert await told(firm, bill) == {
        "received_not_billed": "109.50", "payables": "-100.00", "input_tax": "9.50", "output_tax": "-19.00",
    }  # fmt: skip
    assert {(row.role, row.tax_base) for row in await entered(firm, document_id=bill) if row.tax_base is not None} == {
        ("input_tax", D("100.00")), ("output_tax", D("-100.00")),
    }  # fmt: skip
    await sound(firm)


async def test_a_rate_that_changed_between_receipt_and_bill_is_a_difference_in_price(firm: Firm) -> None:
    receipt = await received(firm, await bought(firm, bolts(firm, "10", "10"), currency="EUR"), "10")
    today = TODAY.date()
    new = SetRates(rates=[RateEntry(base="EUR", quote="USD", dated=today, rate=D("1.20"))])
    await firm.database.perform(firm.actor("buyer"), new)
    bill = await billed(firm, receipt)
    assert await told(firm, bill) == {
        "received_not_billed": "110.00", "price_difference": "10.00", "payables": "-129.60", "input_tax": "9.60",
    }  # fmt: skip
    amounts = {row.role: row.amount for row in await entered(firm, document_id=bill)}
    assert amounts["payables"] == D("-108.00")
    await sound(firm)


async def test_what_is_owed_is_posted_by_the_days_on_which_it_is_due(firm: Firm) -> None:
    thirds = [InstalmentEntry(percent=D("33.3333"), days=10), InstalmentEntry(percent=None, days=40)]
    term = await firm.database.perform(firm.actor("buyer"), CreatePaymentTerm(name="Thirds", instalments=thirds))
    receipt = await received(firm, await bought(firm, bolts(firm, "10", "1.25"), payment_term=ref(term)), "8")
    bill = await billed(firm, receipt)
    owed = [(str(row.due_on), row.value) for row in await entered(firm, document_id=bill, role="payables")]
    assert owed == [("2026-03-12", D("-3.60")), ("2026-04-11", D("-7.20"))]
    await sound(firm)


async def test_what_takes_a_bill_back_leaves_what_was_received_unbilled(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "8")
    before = await balances(firm)
    bill = await billed(firm, receipt)
    await do(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="twice")
    assert await balances(firm) == before
    assert (await told(firm, await billed(firm, receipt)))["received_not_billed"] == "10.00"
    await sound(firm)


@pytest.mark.parametrize("first", ["return", "credit"])
async def test_goods_that_go_back_and_are_credited_leave_nothing_in_whichever_order(firm: Firm, first: str) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "8")
    bill = await billed(firm, receipt)
    if first == "return":
        assert await told(firm, await returned(firm, receipt, "2")) == {
            "stock": "-2.50", "received_not_billed": "2.50",
        }  # fmt: skip
    assert await told(firm, await credited(firm, bill, "2")) == {
        "received_not_billed": "-2.50", "payables": "2.70", "input_tax": "-0.20",
    }  # fmt: skip
    if first == "credit":
        await sound(firm)
        await returned(firm, receipt, "2")
    assert await balances(firm) == {"1400": D("7.50"), "1300": D("0.60"), "2100": D("-8.10")}
    await sound(firm)


@pytest.mark.parametrize("order", ["CRR", "RCR", "RRC"])
async def test_what_went_back_and_was_credited_leaves_no_cent_however_it_was_divided(firm: Firm, order: str) -> None:
    """Seven of ten for two cents: 1.4 cents together, 0.6 and then 0.57 in parts."""
    bought_ = await bought(firm, bolts(firm, "10", "0.002"))
    receipt = await received(firm, bought_, "10")
    bill = await billed(firm, receipt)
    parts = iter(("3", "4"))
    for step in order:
        await (credited(firm, bill, "7") if step == "C" else returned(firm, receipt, next(parts)))
    assert (await balances(firm)).get("2150", 0) == 0
    await credited(firm, bill, "3")
    await returned(firm, receipt, "3")
    assert {code: value for code, value in (await balances(firm)).items() if code in {"1400", "2150"}} == {}
    await sound(firm)


async def test_what_is_left_of_a_receipt_goes_back_for_what_stands_for_it(firm: Firm) -> None:
    receipt = await received(firm, await bought(firm, bolts(firm, "10", "0.002")), "10")
    await billed(firm, receipt, lines=await of_line(firm, receipt, "3"))
    await returned(firm, receipt, "7")
    assert (await balances(firm)).get("2150", 0) == 0
    await sound(firm)


async def test_goods_that_go_back_before_the_bill_are_not_billed(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "8")
    await returned(firm, receipt, "3")
    assert (await balances(firm))["2150"] == D("-6.25")
    assert (await told(firm, await billed(firm, receipt)))["received_not_billed"] == "6.25"
    await sound(firm)


async def test_what_is_delivered_costs_what_it_came_in_at_and_comes_back_at_that(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, "4")))
    assert await told(firm, delivery) == {"cost_of_goods": "5.00", "stock": "-5.00"}
    await received(firm, await bought(firm, bolts(firm, "10", "2")), "10")
    back = [ReturnedLine(line=ref((await line(firm, delivery)).id), quantity=D(1), reason="bent")]
    returning = await do(firm, "storekeeper", "ReturnDelivery", id=ref(delivery), lines=back)
    assert await told(firm, returning) == {"stock": "1.25", "cost_of_goods": "-1.25"}
    later = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, "2")))
    assert await told(firm, later) == {"cost_of_goods": "4.00", "stock": "-4.00"}
    await sound(firm)


async def test_what_never_came_by_a_receipt_costs_its_standard_or_nothing(firm: Firm) -> None:
    await counted(firm, 20)
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, "4")))
    assert await told(firm, delivery) == {"cost_of_goods": "0.00", "stock": "0.00"}
    product = (await rows(firm, Product, id=firm["bolt"]))[0]
    await firm.database.perform(
        firm.actor("buyer"),
        UpdateProduct(id=ref(firm["bolt"]), expected_version=product.version, standard_cost=D("0.9")),
    )
    delivery = await do(firm, "storekeeper", "DeliverSalesOrder", id=ref(await sold(firm, "3")))
    assert await told(firm, delivery) == {"cost_of_goods": "2.70", "stock": "-2.70"}
    await sound(firm)


async def invoiced(firm: Firm, *lines: OrderLine, **asked: Any) -> UUID:
    draft = await do(
        firm, "accountant", "CreateCustomerInvoice", customer=ref(firm["customer"]), lines=list(lines), **asked
    )
    return await do(firm, "accountant", "PostCustomerInvoice", id=ref(draft))


async def test_an_invoice_is_owed_by_the_customer_and_a_credit_note_gives_back(firm: Firm) -> None:
    invoice = await invoiced(firm, bolts(firm, "4", "2.50", tax=ref(firm["tax20"])))
    assert await told(firm, invoice) == {"receivables": "12.00", "income": "-10.00", "output_tax": "-2.00"}
    draft = await do(
        firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=await of_line(firm, invoice, "1")
    )
    note = await do(firm, "accountant", "PostCreditNote", id=ref(draft))
    assert await told(firm, note) == {"income": "2.50", "receivables": "-3.00", "output_tax": "0.50"}
    await sound(firm)


async def test_a_tax_of_nothing_tells_its_base(firm: Firm) -> None:
    export = CreateTax(code="X", name="Export", rate=D(0), category="G", exemption_code="VATEX-EU-G")
    tax = await firm.database.perform(firm.actor("buyer"), export)
    invoice = await invoiced(firm, bolts(firm, "4", "2.50", tax=ref(tax)))
    assert await told(firm, invoice) == {"receivables": "10.00", "income": "-10.00", "output_tax": "0.00"}
    (row,) = await entered(firm, document_id=invoice, role="output_tax")
    assert row.tax_base == D("-10.00")
    await sound(firm)


async def test_what_is_found_or_lost_changes_stock_at_what_it_cost(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    found = await adjusted(firm, {"difference": D(3)})
    assert await told(firm, found) == {"stock": "3.75", "stock_gain": "-3.75"}
    lost = await adjusted(firm, {"difference": D(-2)})
    assert await told(firm, lost) == {"stock_loss": "2.50", "stock": "-2.50"}
    await act_on_stock(firm, "ReverseStockAdjustment", lost, reason="there it is")
    assert await balances(firm) == {"1400": D("16.25"), "2150": D("-12.50"), "4800": D("-3.75")}
    await sound(firm)


async def test_a_transfer_is_not_entered_but_what_is_lost_on_its_way_is(firm: Firm) -> None:
    await received(firm, await confirmed(firm, "10"), "10")
    transfer = await sent(firm, "4", how="ShipStockTransfer")
    assert await told(firm, transfer) == {}
    await arrived(firm, transfer, "3")
    lost = await act_on_stock(firm, "WriteOffStockTransfer", transfer)
    assert await told(firm, lost) == {"stock_loss": "1.25", "stock": "-1.25"}
    await sound(firm)
