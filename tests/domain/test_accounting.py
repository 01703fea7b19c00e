"""Papers write balanced entries, which stay as they are."""

from __future__ import annotations

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.accounting.account import Account, AccountRole
from domain.accounting.account_entry import ArchiveAccount, CreateAccount, SetAccountRole
from domain.accounting.chart import ROLES
from domain.accounting.entry import JOURNALS
from domain.accounting.periods import Books
from domain.accounting.portions import PORTIONS
from domain.accounting.rules import RULES
from domain.catalog.category_entry import CreateCategory
from domain.catalog.product import Product
from domain.catalog.product_entry import UpdateProduct
from domain.catalog.tax import CreateTax
from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.reversing import ReverseReceipt
from domain.kernel.documents import Document
from domain.kernel.errors import BadInput, Forbidden, NotReady, Refused
from domain.parties.rate import RateEntry, SetRates
from domain.stock.founding import CreateCompany
from migrations.upgrade import application_url
from tests.domain.books import balances, entered, sound, told
from tests.domain.test_purchase import act, confirmed, paper, received, ref, rows, written
from tests.domain.test_recording import line, recorded
from tests.firm import BARE, TODAY, Firm

NOTHING: dict[str, Decimal] = {}


async def reversed_(firm: Firm, receipt: UUID) -> UUID:
    return await firm.database.perform(firm.actor("storekeeper"), ReverseReceipt(id=ref(receipt), reason="wrong"))


def test_the_table_names_only_what_is_there() -> None:
    assert {rule.amount for rule in RULES} == PORTIONS.keys() | {"committed"}
    assert {role for rule in RULES for role in (rule.debit, rule.credit)} <= ROLES.keys()
    assert {rule.journal for rule in RULES} <= JOURNALS.keys()


async def test_a_receipt_brings_what_was_accepted_into_stock_against_what_is_not_billed(firm: Firm) -> None:
    receipt = await received(firm, await confirmed(firm, "10"), "6", rejected="2")
    stock, unbilled = await entered(firm, document_id=receipt)
    assert (stock.journal, stock.role, stock.code, stock.value, stock.quantity) == (
        "stock", "stock", "1400", Decimal("5.00"), Decimal(4),
    )  # fmt: skip
    assert (unbilled.role, unbilled.code, unbilled.value, unbilled.partner_id) == (
        "received_not_billed", "2150", Decimal("-5.00"), firm["vendor"],
    )  # fmt: skip
    assert (str(stock.accounting_date), stock.postponed) == ("2026-03-02", None)
    await sound(firm)


async def test_goods_of_a_foreign_vendor_come_at_the_rate_of_the_order(firm: Firm) -> None:
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(3), unit_price=Decimal("0.35"))]
    order = await written(firm, lines=lines, currency="EUR")
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    later = [RateEntry(base="EUR", quote="USD", dated=TODAY.date(), rate=Decimal("1.20"))]
    await firm.database.perform(firm.actor("buyer"), SetRates(rates=later))
    receipt = await received(firm, order, "3")
    assert (await paper(firm, receipt)).exchange_rate == Decimal("1.10")
    stock, unbilled = await entered(firm, document_id=receipt)
    assert (stock.value, stock.amount, stock.currency) == (Decimal("1.16"), Decimal("1.05"), "EUR")
    assert (unbilled.value, unbilled.amount) == (Decimal("-1.16"), Decimal("-1.05"))


async def test_tax_that_is_not_recovered_is_part_of_what_goods_cost(firm: Firm) -> None:
    half = await firm.database.perform(
        firm.actor("buyer"), CreateTax(code="H", name="Half", rate=Decimal(10), recoverable_percent=Decimal(50))
    )
    lines = [OrderLine(product=ref(firm["bolt"]), quantity=Decimal(10), unit_price=Decimal(2), tax=ref(half))]
    order = await written(firm, lines=lines)
    await act(firm, "buyer", "Submit", order)
    await act(firm, "buyer", "Confirm", order)
    assert await told(firm, await received(firm, order, "5")) == {"stock": "10.50", "received_not_billed": "-10.50"}
    assert await told(firm, order) == {"commitments": "20.00", "commitments_contra": "-20.00"}


async def test_a_receipt_of_which_nothing_was_accepted_or_of_services_is_not_entered(firm: Firm) -> None:
    order = await confirmed(firm)
    assert await entered(firm, document_id=await received(firm, order, "2", rejected="2")) == []
    await sound(firm)


async def test_what_takes_a_receipt_back_is_its_mirror(firm: Firm) -> None:
    order = await confirmed(firm)
    before = await balances(firm)
    receipt = await received(firm, order, "4")
    back = await reversed_(firm, receipt)
    assert await told(firm, receipt) == {"stock": "5.00", "received_not_billed": "-5.00"}
    assert await told(firm, back) == {"stock": "-5.00", "received_not_billed": "5.00"}
    assert await balances(firm) == before
    await sound(firm)


async def test_a_confirmed_order_commits_to_all_of_it_with_its_charges(firm: Firm) -> None:
    order = await written(firm, "10", charges=[OrderCharge(text="Freight", amount=Decimal("2.50"))])
    await act(firm, "buyer", "Submit", order)
    assert await told(firm, order) == {}
    await act(firm, "buyer", "Confirm", order)
    assert await told(firm, order) == {"commitments": "15.00", "commitments_contra": "-15.00"}
    assert await balances(firm) == NOTHING


@pytest.mark.parametrize("end", ["Close", "Cancel"])
async def test_closing_and_cancelling_release_what_was_committed(firm: Firm, end: str) -> None:
    order = await confirmed(firm)
    await act(firm, "buyer", end, order, reason="not needed")
    assert await told(firm, order) == {"commitments": "0.00", "commitments_contra": "0.00"}
    await sound(firm)


async def test_reopening_commits_again(firm: Firm) -> None:
    order = await confirmed(firm)
    await act(firm, "buyer", "Close", order, reason="not needed")
    await act(firm, "buyer", "Reopen", order)
    assert await told(firm, order) == {"commitments": "12.50", "commitments_contra": "-12.50"}
    await sound(firm)


async def test_papers_of_the_past_are_facts_of_another_ledger(firm: Firm) -> None:
    order = await recorded(firm, state="confirmed", lines=[line(firm, "10", "0")], reason=None)
    past = (await rows(firm, Document, kind="receipt"))[0]
    assert await entered(firm) == []
    await reversed_(firm, past.id)
    assert await entered(firm) == []
    assert await told(firm, await received(firm, order, "1")) != {}
    await sound(firm)


async def test_a_company_is_founded_with_a_chart_in_which_every_role_is_played(firm: Firm) -> None:
    company = await firm.database.perform(
        firm.actor("administrator"), CreateCompany(code="SUB", name="Sub SA", country="FR", currency="EUR")
    )
    assert {one.role for one in await rows(firm, AccountRole, company_id=company)} == ROLES.keys()
    assert {one.code for one in await rows(firm, Account, company_id=company)} == {one.code for one in ROLES.values()}
    assert len(await rows(firm, Books, company_id=company)) == 1


async def test_a_company_without_a_chart_gets_one_with_its_first_entry(firm: Firm) -> None:
    owner = await asyncpg.connect(firm.owner_url)
    await owner.execute("delete from account_role; delete from account; delete from books")
    await owner.close()
    order = await confirmed(firm, "20")
    came = await asyncio.gather(*(received(firm, order, "2") for _ in range(4)))
    assert len(await entered(firm, journal="stock")) == 2 * len(came)
    assert len(await rows(firm, Account)) == len(ROLES)


async def test_the_nearest_category_decides_which_account_it_is(firm: Firm) -> None:
    accountant, buyer = firm.actor("accountant"), firm.actor("buyer")
    metal = await firm.database.perform(buyer, CreateCategory(code="METAL", name="Metal"))
    bolts = await firm.database.perform(buyer, CreateCategory(code="BOLTS", name="Bolts", parent=ref(metal)))
    product = (await rows(firm, Product, id=firm["bolt"]))[0]
    await firm.database.perform(
        buyer, UpdateProduct(id=ref(firm["bolt"]), expected_version=product.version, category=ref(bolts))
    )
    order = await confirmed(firm)
    for code, category in (("1410", metal), ("1420", bolts)):
        account = await firm.database.perform(accountant, CreateAccount(code=code, name=code, type="asset"))
        await firm.database.perform(
            accountant, SetAccountRole(role="stock", category=ref(category), account=ref(account))
        )
        assert (await entered(firm, document_id=await received(firm, order, "1")))[0].code == code
    await firm.database.perform(accountant, SetAccountRole(role="stock", category=ref(bolts)))
    assert (await entered(firm, document_id=await received(firm, order, "1")))[0].code == "1410"


async def test_every_role_keeps_an_account_in_use(firm: Firm) -> None:
    accountant = firm.actor("accountant")
    with pytest.raises(BadInput, match="Every role needs an account"):
        await firm.database.perform(accountant, SetAccountRole(role="stock"))
    with pytest.raises(BadInput, match="no role"):
        await firm.database.perform(accountant, SetAccountRole(role="luck", account=ref(uuid4())))
    stock = (await rows(firm, Account, code="1400"))[0]
    with pytest.raises(NotReady, match="plays a role"):
        await firm.database.perform(accountant, ArchiveAccount(id=ref(stock.id)))


async def test_only_who_keeps_the_books_changes_the_chart(firm: Firm) -> None:
    for role in ("buyer", "administrator", "viewer"):
        with pytest.raises(Forbidden):
            await firm.database.perform(firm.actor(role), CreateAccount(code="1", name="x", type="asset"))


TAMPERING = (
    "update entry set memo = 'x'",
    "delete from entry",
    "update posting set debit = debit + 1 where debit > 0",
    "delete from posting",
    "insert into posting select (jsonb_populate_record(p, jsonb_build_object('id', gen_random_uuid(), 'position', 9)))"
    ".* from posting p limit 1",
)


@pytest.mark.parametrize("statement", TAMPERING)
@pytest.mark.parametrize("role", ["application", "owner"])
async def test_nobody_changes_what_was_entered(firm: Firm, statement: str, role: str) -> None:
    await received(firm, await confirmed(firm), "4")
    url = firm.owner_url if role == "owner" else application_url(firm.owner_url, f"{BARE}_app")
    connection = await asyncpg.connect(url)
    await connection.execute("select set_config('tradegraph.tenant', '1', false)")
    with pytest.raises(asyncpg.RestrictViolationError):
        await connection.execute(statement)
    await connection.close()


@pytest.mark.parametrize(
    ("debit", "amount", "what"),
    [("5", "4", "debit 5"), ("4", "5", "USD are left over"), (None, "4", "does not balance")],
)
async def test_the_database_refuses_what_does_not_balance(
    firm: Firm, debit: str | None, amount: str, what: str
) -> None:
    connection = await asyncpg.connect(application_url(firm.owner_url, f"{BARE}_app"))
    await connection.execute("select set_config('tradegraph.tenant', '1', false)")
    with pytest.raises(asyncpg.CheckViolationError, match=what):
        await entering(connection, debit, amount)
    assert await connection.fetchval("select count(*) from entry") == 0
    await connection.close()


async def entering(connection: Any, debit: str | None, amount: str) -> None:
    async with connection.transaction():
        await connection.execute(ENTRY)
        if debit is not None:
            await connection.execute(POSTING, 1, Decimal(debit), Decimal(0), Decimal(amount))
            await connection.execute(POSTING, 2, Decimal(0), Decimal(4), Decimal(-4))


ENTRY = """insert into entry (tenant_id, id, company_id, journal, dated, accounting_date, entered_at)
    select 1, gen_random_uuid(), id, 'general', '2026-03-02', '2026-03-02', now() from company"""
POSTING = """insert into posting (tenant_id, id, entry_id, company_id, accounting_date, position, account_id, role,
      debit, credit, currency, amount)
    select 1, gen_random_uuid(), e.id, e.company_id, e.accounting_date, $1, a.id, 'stock', $2, $3, 'USD', $4
    from entry e, account a where a.code = '1400'"""

STEPS = st.lists(
    st.sampled_from(["receive", "receive", "reject", "reverse", "Close", "Reopen", "Cancel"]), min_size=1, max_size=8
)


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
async def test_whatever_happens_the_books_balance_and_what_is_taken_back_leaves_no_trace(
    firm: Firm, steps: list[str]
) -> None:
    order = await confirmed(firm, "9")
    standing_at: list[tuple[UUID, dict[str, Decimal]]] = []
    for step in steps:
        try:
            if step in {"receive", "reject"}:
                before = await balances(firm)
                receipt = await received(firm, order, "2", rejected="1" if step == "reject" else "0")
                standing_at.append((receipt, before))
            elif step == "reverse" and standing_at:
                receipt, before = standing_at.pop()
                await reversed_(firm, receipt)
                assert await balances(firm) == before
            elif step != "reverse":
                await act(firm, "buyer", step, order, **({} if step == "Reopen" else {"reason": "x"}))
                standing_at = []
        except Refused:
            continue
    assert sum((await balances(firm, memo=True)).values()) == 0
    await sound(firm)
