"""Payments as the API tells them: paid in one stroke, allocated, overdue, taken out."""

from __future__ import annotations

import csv
import io
from datetime import date

from tests.domain.test_payments import bill, invoice, paid, term
from tests.firm import Firm
from tests.protocol.serving import serving
from tests.queries.api import client, house, id_of

PAID = """payment { id number direction side total { amount currency } residual { amount } paymentState
  settles { nodes { id debt { number ... on VendorBill { residual { amount } dueOn } } amount { amount currency }
    used { amount } discount { amount } writtenOff { amount } exchangeGain { amount currency } instalment { position }
    entry { journal postings { totalCount } } allocatedBy { account } releasedOn } } }"""
ITEMS = """query ($company: ID!, $asOf: Date, $overdue: Boolean) {
  openItems(company: $company, asOf: $asOf, overdue: $overdue) { nodes { number dueOn amount { amount } } } }"""


async def test_a_bill_is_paid_over_the_api_and_taken_back(firm: Firm) -> None:
    firm.ids["bill"] = await bill(firm, "100")
    accountant = client(firm, "accountant")
    done = await accountant.do("payVendorBill", selection=PAID, id=id_of(firm, "bill", "vendor_bill"), amount="60")
    assert done["errors"] == []
    made = done["payment"]
    assert {name: made[name] for name in ("number", "direction", "side", "total", "residual", "paymentState")} == {
        "number": "PY2026-00001", "direction": "OUT", "side": "PAYABLES", "paymentState": "PAID",
        "total": {"amount": "60.00", "currency": "USD"}, "residual": {"amount": "0.00"},
    }  # fmt: skip
    (one,) = made["settles"]["nodes"]
    assert one["debt"] == {"number": "VB2026-00001", "residual": {"amount": "40.00"}, "dueOn": "2026-03-02"}
    assert (one["amount"], one["used"]["amount"], one["instalment"]) == (
        {"amount": "60.00", "currency": "USD"}, "60.00", {"position": 1},
    )  # fmt: skip
    assert (one["entry"]["journal"], one["allocatedBy"], one["releasedOn"]) == (
        "GENERAL",
        {"account": "accountant"},
        None,
    )
    freed = await accountant.do("unallocate", selection="allocation { releasedOn credit { number } }", id=one["id"])
    assert freed["allocation"] == {"releasedOn": "2026-03-02", "credit": {"number": "PY2026-00001"}}
    told = await accountant.ask(
        """{ payments(filter: { residual: { gt: "0" } }) { nodes { residual { amount } availableActions { action } } }
             vendorBills { nodes { paymentState settledBy { totalCount } } } }"""
    )
    assert told["payments"]["nodes"][0]["residual"] == {"amount": "60.00"}
    assert {one["action"] for one in told["payments"]["nodes"][0]["availableActions"]} == {"REVERSE", "ALLOCATE"}
    assert told["vendorBills"]["nodes"] == [{"paymentState": "UNPAID", "settledBy": {"totalCount": 1}}]
    back = await accountant.do("reversePayment", selection="payment { reverses { number } }", id=made["id"], reason="x")
    assert back["payment"] == {"reverses": {"number": "PY2026-00001"}}


async def test_a_payment_is_written_and_posted_with_what_it_settles(firm: Firm) -> None:
    firm.ids["invoice"] = await invoice(firm, "100")
    accountant, seller = client(firm, "accountant"), client(firm, "seller")
    asked = {"partner": id_of(firm, "customer", "partner"), "direction": "IN", "amount": "120"}
    draft = (await seller.do("createPayment", selection="payment { id state side }", **asked))["payment"]
    assert (draft["state"], draft["side"]) == ("DRAFT", "RECEIVABLES")
    refused = await seller.do("postPayment", selection="payment { id }", id=draft["id"])
    assert [one["code"] for one in refused["errors"]] == ["FORBIDDEN"]
    settles = [{"document": id_of(firm, "invoice", "customer_invoice"), "amount": "100.01"}]
    refused = await accountant.do("postPayment", selection="payment { id }", id=draft["id"], allocations=settles)
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [
        ("NOTHING_LEFT", ["allocations", "0", "amount"])
    ]
    done = await accountant.do("postPayment", selection=PAID, id=draft["id"])
    assert done["payment"]["residual"] == {"amount": "20.00"}
    outsider = client(firm, "storekeeper")
    assert await outsider.refused("{ payments { totalCount } }") == [("FORBIDDEN", [])]


async def test_what_is_overdue_is_asked_as_of_any_day(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    company = id_of(firm, "company", "company")
    await invoice(firm, "40", payment_term=await term(firm))
    await paid(firm, "25", partner="customer", settles=None)
    accountant = client(firm, "accountant")
    for day, overdue, found in (
        ("2026-03-01", None, []), ("2026-03-02", None, ["15.00"]), ("2026-04-01", True, []),
        ("2026-04-02", True, ["15.00"]), ("2026-04-02", False, []), (None, True, []), (None, False, ["15.00"]),
    ):  # fmt: skip
        rows = (await accountant.ask(ITEMS, company=company, asOf=day, overdue=overdue))["openItems"]["nodes"]
        assert [one["amount"]["amount"] for one in rows] == found, (day, overdue)


async def test_what_is_due_when_is_told_in_the_company_s_currency_too(firm: Firm) -> None:
    await invoice(firm, "40", payment_term=await term(firm))
    asked = """{ customerInvoices { nodes { instalments {
      position amount { amount } value { amount currency } openValue { amount currency } } } } }"""
    (found,) = (await client(firm, "accountant").ask(asked))["customerInvoices"]["nodes"]
    assert [one["value"] for one in found["instalments"]] == [{"amount": "40.00", "currency": "USD"}]
    assert [one["openValue"] for one in found["instalments"]] == [{"amount": "40.00", "currency": "USD"}]


async def test_the_accountants_desk_says_what_is_to_be_paid(firm: Firm) -> None:
    await invoice(firm, "40", dated=date(2026, 2, 20))
    await bill(firm, "30", payment_term=await term(firm))
    await bill(firm, "20")
    await paid(firm, "5")
    asked = '{ desk(role: "accountant") { views { name count } } }'
    views = (await client(firm, "accountant").ask(asked))["desk"]["views"]
    told = {one["name"]: one["count"] for one in views}
    names = ("Overdue invoices", "Bills due this week", "Payments to be posted", "Unallocated payments")
    assert [told[name] for name in names] == [1, 1, 0, 1]


async def test_payments_and_what_is_open_are_taken_out_as_csv(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await paid(firm, "25", settles=[])
    item = (
        f'{{ openItems(company: "{id_of(firm, "company", "company")}") {{ nodes {{ number amount {{ amount }} }} }} }}'
    )
    lists = {"{ payments { nodes { number residual { amount } } } }": "25.00", item: "-25.00"}
    async with serving(firm, house()) as served:
        for query, amount in lists.items():
            ask = {"query": query, "format": "csv"}
            answer = await served.http.post("/export", json=ask, headers=served.bearer("accountant"))
            assert answer.status_code == 200
            assert list(csv.reader(io.StringIO(answer.text.lstrip("\ufeff"))))[1] == ["PY2026-00001", amount]
