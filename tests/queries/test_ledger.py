"""The books as the API tells them."""

from __future__ import annotations

from typing import Any

from domain.access.role import ROLES
from tests.domain.test_bookings import billed, bolts, invoiced, of_line
from tests.domain.test_papers import do
from tests.domain.test_purchase import confirmed, received, ref
from tests.firm import Firm
from tests.queries.api import client, id_of

TRIAL = """query ($company: ID!, $from: Date, $to: Date, $journal: Journal) {
  trialBalance(company: $company, from: $from, to: $to, journal: $journal) { totalCount nodes {
    code account { name type } opening { amount currency } debit { amount } credit { amount } closing { amount }
  } } }"""


def company(firm: Firm) -> str:
    return id_of(firm, "company", "company")


def figures(rows: Any) -> dict[str, tuple[str, ...]]:
    return {
        row["code"]: tuple(row[name]["amount"] for name in ("opening", "debit", "credit", "closing")) for row in rows
    }


async def test_the_trial_balance_tells_what_accounts_stood_at_and_what_came_to_them(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await received(firm, await confirmed(firm), "4")
    accountant = client(firm, "accountant")
    whole = await accountant.ask(TRIAL, company=company(firm))
    assert figures(whole["trialBalance"]["nodes"]) == {
        "1400": ("0.00", "5.00", "0.00", "5.00"),
        "2150": ("0.00", "0.00", "5.00", "-5.00"),
        "9000": ("0.00", "12.50", "0.00", "12.50"),
        "9010": ("0.00", "0.00", "12.50", "-12.50"),
    }
    assert whole["trialBalance"]["nodes"][0]["opening"]["currency"] == "USD"
    later = await accountant.ask(TRIAL, company=company(firm), **{"from": "2026-03-03"}, journal="STOCK")
    assert figures(later["trialBalance"]["nodes"]) == {
        "1400": ("5.00", "0.00", "0.00", "5.00"),
        "2150": ("-5.00", "0.00", "0.00", "-5.00"),
    }
    assert (await accountant.ask(TRIAL, company=company(firm), to="2026-03-01"))["trialBalance"]["nodes"] == []


async def test_what_came_and_was_not_billed_is_listed_by_line_as_of_a_day(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await received(firm, await confirmed(firm), "4")
    asked = """query ($company: ID!, $asOf: Date) { receivedNotBilled(company: $company, asOf: $asOf) { nodes {
      number quantity value { amount currency } partner { name } product { sku } line { position } } } }"""
    found = await client(firm, "accountant").ask(asked, company=company(firm))
    assert found["receivedNotBilled"]["nodes"] == [
        {
            "number": "GR2026-00001", "quantity": "4", "value": {"amount": "5.00", "currency": "USD"},
            "partner": {"name": "Bolt & Sons"}, "product": {"sku": "BOLT"}, "line": {"position": 1},
        }
    ]  # fmt: skip
    before = await client(firm, "accountant").ask(asked, company=company(firm), asOf="2026-03-01")
    assert before["receivedNotBilled"]["nodes"] == []


async def test_a_paper_tells_what_it_did_to_the_books(firm: Firm) -> None:
    await received(firm, await confirmed(firm), "4")
    asked = """{ receipts { nodes { entries { nodes { journal document { number } accountingDate postings { nodes {
      role account { code } debit { amount } credit { amount currency } amount { amount currency } } } } } } } }"""
    ((entry,),) = (
        one["entries"]["nodes"] for one in (await client(firm, "accountant").ask(asked))["receipts"]["nodes"]
    )
    assert (entry["journal"], entry["document"]["number"], entry["accountingDate"]) == (
        "STOCK",
        "GR2026-00001",
        "2026-03-02",
    )
    assert [(one["role"], one["account"]["code"], one["amount"]["amount"]) for one in entry["postings"]["nodes"]] == [
        ("STOCK", "1400", "5.00"),
        ("RECEIVED_NOT_BILLED", "2150", "-5.00"),
    ]


async def test_the_ledger_is_filtered_by_account_and_day(firm: Firm) -> None:
    await received(firm, await confirmed(firm), "4")
    asked = """{ postings(filter: { account: { code: { eq: "1400" } }, accountingDate: { gte: "2026-03-01" } }) {
      totalCount nodes { debit { amount } entry { document { number } } } } }"""
    found = (await client(firm, "accountant").ask(asked))["postings"]
    assert (found["totalCount"], found["nodes"][0]["debit"]["amount"]) == (1, "5.00")


async def test_only_who_may_read_the_books_sees_them(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await received(firm, await confirmed(firm), "4")
    may = {role for role, rights in ROLES.items() if "accounting.read" in rights}
    assert may == {"accountant", "administrator"}
    for role in ROLES:
        refused = await client(firm, role).refused(TRIAL, company=company(firm))
        assert (refused == []) == (role in may)


async def test_the_books_of_a_company_are_for_those_who_work_for_it(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    await received(firm, await confirmed(firm), "4")
    stranger = client(firm, "accountant", companies=frozenset())
    assert (await stranger.ask(TRIAL, company=company(firm)))["trialBalance"]["nodes"] == []
    assert (await stranger.ask("{ entries { totalCount } postings { totalCount } accounts { totalCount } }")) == {
        "entries": {"totalCount": 0}, "postings": {"totalCount": 0}, "accounts": {"totalCount": 0},
    }  # fmt: skip


async def test_accounts_are_kept_over_the_api(firm: Firm) -> None:
    accountant = client(firm, "accountant")
    made = await accountant.do(
        "createAccount", selection="account { id code }", code="1410", name="Steel", type="ASSET"
    )
    assert made["errors"] == []
    role = await accountant.do(
        "setAccountRole", selection="accountRole { role account { code } }", role="STOCK", account=made["account"]["id"]
    )
    assert role["accountRole"] == {"role": "STOCK", "account": {"code": "1410"}}
    locked = await accountant.do("lockBooks", selection="books { lockedUntil }", lockedUntil="2026-02-28")
    assert locked["books"] == {"lockedUntil": "2026-02-28"}
    year = await accountant.do(
        "createFiscalYear", selection="fiscalYear { name periods { name state } }", startsOn="2026-01-01"
    )
    assert year["fiscalYear"]["periods"][0] == {"name": "2026-01", "state": "OPEN"}


OPEN = """query ($company: ID!, $side: OwedSide, $partner: ID, $asOf: Date) {
  openItems(company: $company, side: $side, partner: $partner, asOf: $asOf) { nodes {
    side number dueOn partner { name } amount { amount currency } value { amount } document { kind } } } }"""
AGES = """query ($company: ID!, $side: OwedSide, $asOf: Date) { ageing(company: $company, side: $side, asOf: $asOf) {
  nodes { side partner { name } current { amount } days30 { amount } days60 { amount } days90 { amount }
    older { amount } total { amount } } } }"""
TAXES = """query ($company: ID!, $from: Date) { taxReport(company: $company, from: $from) { nodes {
  month side category rate base { amount } tax { amount currency } } } }"""


async def traded(firm: Firm) -> None:
    """A bill of 10.80 with 0.80 of tax, an invoice of 12.00 with 2.00, and a credit note of 3.00 with 0.50."""
    firm.ids["company"] = firm.company
    await billed(firm, await received(firm, await confirmed(firm, "10"), "8"))
    invoice = await invoiced(firm, bolts(firm, "4", "2.50", tax=ref(firm["tax20"])))
    lines = await of_line(firm, invoice, "1")
    note = await do(firm, "accountant", "CreditCustomerInvoice", id=ref(invoice), lines=lines)
    await do(firm, "accountant", "PostCreditNote", id=ref(note))


async def test_what_is_to_be_paid_is_listed_by_paper(firm: Firm) -> None:
    await traded(firm)
    accountant = client(firm, "accountant")
    found = (await accountant.ask(OPEN, company=company(firm)))["openItems"]["nodes"]
    assert sorted((one["side"], one["document"]["kind"], one["amount"]["amount"], one["dueOn"]) for one in found) == [
        ("PAYABLES", "VENDOR_BILL", "10.80", "2026-03-02"),
        ("RECEIVABLES", "CREDIT_NOTE", "-3.00", "2026-03-02"),
        ("RECEIVABLES", "CUSTOMER_INVOICE", "12.00", "2026-03-02"),
    ]
    of_vendor = await accountant.ask(OPEN, company=company(firm), partner=id_of(firm, "vendor", "partner"))
    assert [one["partner"]["name"] for one in of_vendor["openItems"]["nodes"]] == ["Bolt & Sons"]
    before = await accountant.ask(OPEN, company=company(firm), asOf="2026-03-01")
    assert before["openItems"]["nodes"] == []


async def test_what_is_to_be_paid_ages(firm: Firm) -> None:
    await traded(firm)
    for day, where in (("2026-03-02", "current"), ("2026-04-01", "days30"), ("2026-04-02", "days60"),
                       ("2026-05-31", "days90"), ("2026-06-01", "older")):  # fmt: skip
        found = await client(firm, "accountant").ask(AGES, company=company(firm), asOf=day, side="RECEIVABLES")
        (row,) = found["ageing"]["nodes"]
        figures = {name: row[name]["amount"] for name in ("current", "days30", "days60", "days90", "older", "total")}
        assert {name for name, amount in figures.items() if amount != "0.00"} == {where, "total"}
        assert (figures[where], row["partner"]["name"]) == ("9.00", "Wheel Store")
    (today,) = (await client(firm, "accountant").ask(AGES, company=company(firm), side="RECEIVABLES"))["ageing"][
        "nodes"
    ]
    assert today["current"]["amount"] == "9.00"


async def test_taxes_are_told_by_month_side_category_and_rate(firm: Firm) -> None:
    await traded(firm)
    accountant = client(firm, "accountant")
    found = (await accountant.ask(TAXES, company=company(firm)))["taxReport"]["nodes"]
    assert [(one["month"], one["side"], one["category"], one["rate"], one["base"]["amount"], one["tax"]["amount"])
            for one in found] == [
        ("2026-03-01", "INPUT_TAX", "S", "8", "10.00", "0.80"),
        ("2026-03-01", "OUTPUT_TAX", "S", "20", "7.50", "1.50"),
    ]  # fmt: skip
    later = await accountant.ask(TAXES, company=company(firm), **{"from": "2026-04-01"})
    assert later["taxReport"]["nodes"] == []


async def test_a_span_that_ends_before_it_begins_is_refused(firm: Firm) -> None:
    firm.ids["company"] = firm.company
    accountant = client(firm, "accountant")
    for report in ("trialBalance", "taxReport"):
        query = f'{{ {report}(company: "{company(firm)}", from: "2026-03-02", to: "2026-03-01") {{ totalCount }} }}'
        assert await accountant.refused(query) == [("BAD_INPUT", ["to"])]


async def test_reports_may_be_asked_as_of_the_last_day_there_is(firm: Firm) -> None:
    await traded(firm)
    for query, side in ((OPEN, "RECEIVABLES"), (AGES, "RECEIVABLES")):
        for day in ("0001-01-01", "9999-12-30", "9999-12-31"):
            answer = await client(firm, "accountant").answer(query, company=company(firm), side=side, asOf=day)
            assert answer.errors is None, (day, answer.errors)
