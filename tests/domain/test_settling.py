"""Whatever is paid of whatever, at any rates: the books balance, and nothing is left of what is paid."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.drafts.lines import OrderLine
from domain.invoicing.exchange import Exchange
from domain.invoicing.paying import SettledPaper
from domain.kernel.base import uuid7
from domain.kernel.decimals import currency_digits, money
from domain.kernel.errors import NothingLeft
from domain.parties.payment_term import InstalmentEntry
from domain.parties.rate import RateEntry
from tests.domain.books import entered, sound
from tests.domain.test_papers import do
from tests.domain.test_payments import allocations
from tests.domain.test_purchase import paper, ref
from tests.firm import Firm

D = Decimal
CURRENCIES = ("JPY", "USD", "EUR", "BHD")
DIGITS = {"JPY": 0, "USD": 2, "EUR": 2, "BHD": 3}
DAY = date(2026, 3, 2)

rate = st.decimals(D("0.0003"), D(400), places=4)
rates = st.fixed_dictionaries(dict.fromkeys(CURRENCIES, rate))
minor = st.integers(1, 3_000_000)
share = st.sampled_from([D("0.01"), D("0.333"), D("0.5"), D("0.99"), None])


@st.composite
def stories(draw: st.DrawFn) -> dict[str, Any]:
    """What is owed, what is paid, at which rates, and what settles what in which order."""
    debts = draw(st.lists(st.tuples(st.sampled_from(CURRENCIES), minor, st.integers(0, 2)), min_size=1, max_size=3))
    credits = draw(st.lists(st.tuples(st.sampled_from(CURRENCIES), minor), min_size=1, max_size=3))
    pair = st.tuples(
        st.integers(0, len(credits) - 1), st.integers(0, len(debts) - 1), share, st.sampled_from([None, True, False])
    )
    return {
        "home": draw(st.sampled_from(["USD", "JPY", "BHD"])), "buys": draw(st.booleans()), "debts": debts,
        "credits": credits, "before": draw(rates), "after": draw(rates), "small": draw(st.sampled_from(["0", "3"])),
        "steps": draw(st.lists(st.one_of(pair, st.just("release")), max_size=6)),
    }  # fmt: skip


@pytest.fixture
async def world(firm: Firm) -> Firm:
    """The firm, with companies that keep their books in currencies of 0, 2 and 3 digits, and terms of payment."""
    firm.ids["home:USD"] = firm.company
    for code in ("JPY", "BHD"):
        new = {"code": code, "name": code, "country": "US", "currency": code}
        firm.ids[f"home:{code}"] = await do(firm, "administrator", "CreateCompany", **new)
    everywhere = frozenset(firm.ids[f"home:{code}"] for code in ("USD", "JPY", "BHD"))
    firm.actors = {role: replace(actor, companies=everywhere) for role, actor in firm.actors.items()}
    service = {"code": "S", "name": "Services", "unit": ref(firm["piece"])}
    firm.ids["service"] = await do(firm, "buyer", "CreateCategory", **service)
    parts = [InstalmentEntry(percent=D("33.3333"), days=10), InstalmentEntry(days=40)]
    hasty = {"discount_percent": D("2.5"), "discount_days": 5}
    firm.ids["term:1"] = await do(firm, "buyer", "CreatePaymentTerm", name="hasty", instalments=parts[1:], **hasty)
    firm.ids["term:2"] = await do(firm, "buyer", "CreatePaymentTerm", name="parts", instalments=parts, **hasty)
    return firm


class Tale:
    """A story as it happens, with partners of its own."""

    def __init__(self, firm: Firm, story: dict[str, Any]) -> None:
        self.firm, self.story = firm, story
        self.side = "payables" if story["buys"] else "receivables"
        self.kind, self.role = ("VendorBill", "vendor") if story["buys"] else ("CustomerInvoice", "customer")
        self.company = ref(firm[f"home:{story['home']}"])
        self.payments: list[UUID] = []

    async def act(self, verb: str, **asked: Any) -> UUID:
        return await do(self.firm, "accountant", verb, **asked)

    async def quote(self, worth: dict[str, Decimal]) -> None:
        home = self.story["home"]
        given = [RateEntry(base=code, quote=home, dated=DAY, rate=worth[code]) for code in CURRENCIES if code != home]
        await do(self.firm, "buyer", "SetRates", rates=given)

    async def begin(self) -> None:
        """The debts and credits come to be, each at the rates of its moment."""
        told = {"number": str(uuid7()), "name": "Somebody", f"is_{self.role}": True}
        self.partner = ref(await do(self.firm, "buyer", "CreatePartner", **told))
        small = {"name": "payment.small_difference", "value": self.story["small"], "company": self.company}
        await do(self.firm, "administrator", "SetSetting", **small)
        await self.quote(self.story["before"])
        self.debts = [await self.owe(*debt) for debt in self.story["debts"]]
        await self.quote(self.story["after"])
        self.credits = [await self.pay(*credit) for credit in self.story["credits"]]

    async def owe(self, currency: str, amount: int, term: int) -> UUID:
        price = D(amount).scaleb(-DIGITS[currency])
        line = OrderLine(
            category=ref(self.firm["service"]),
            text="Work",
            quantity=D(1),
            unit_price=price,
            tax=ref(self.firm["tax20"]),
        )
        asked = {self.role: self.partner, "company": self.company, "currency": currency, "lines": [line]}
        asked |= {"payment_term": ref(self.firm[f"term:{term}"])} if term else {}
        asked |= {"vendor_reference": str(uuid7())} if self.role == "vendor" else {}
        return await self.act(f"Post{self.kind}", id=ref(await self.act(f"Create{self.kind}", **asked)))

    async def pay(self, currency: str, amount: int) -> UUID:
        direction = "out" if self.role == "vendor" else "in"
        asked = {"partner": self.partner, "company": self.company, "currency": currency, "direction": direction}
        draft = await self.act("CreatePayment", amount=D(amount).scaleb(-DIGITS[currency]), **asked)
        self.payments.append(await self.act("PostPayment", id=ref(draft), allocations=[]))
        return self.payments[-1]

    async def step(self, step: Any) -> None:
        if step == "release":
            for one in (await allocations(self.firm))[-1:]:
                await self.act("Unallocate", id=ref(one.id))
            return
        credit, debt, part, discount = step
        if credit >= len(self.credits) or debt >= len(self.debts):
            return
        open_ = await paper(self.firm, self.debts[debt])
        amount = None if part is None else money(open_.residual * part, open_.currency) or None
        stated = [SettledPaper(document=ref(self.debts[debt]), amount=amount, take_discount=discount)]
        try:
            await self.act("AllocatePayment", id=ref(self.credits[credit]), allocations=stated)
        except NothingLeft:
            return

    async def end(self) -> None:
        """Whatever is still open of the debts is paid."""
        for debt in self.debts:
            if (await paper(self.firm, debt)).residual:
                self.payments.append(await self.act(f"Pay{self.kind}", id=ref(debt)))

    async def standing(self) -> dict[str, tuple[Decimal, Decimal]]:
        """What each paper of the partner stands at in the books, in both currencies, those at 0 left out."""
        found: dict[str, tuple[Decimal, Decimal]] = {}
        for row in await entered(self.firm, role=self.side, partner_id=self.partner.id):
            amount, value = found.get(row.item_id, (D(0), D(0)))
            found[row.item_id] = amount + row.amount, value + row.value
        return {id: both for id, both in found.items() if both != (0, 0)}

    async def totals(self) -> dict[str, Decimal]:
        """What the partner's papers did to each account, those at 0 left out."""
        found: dict[str, Decimal] = {}
        for row in await entered(self.firm, partner_id=self.partner.id):
            found[row.code] = found.get(row.code, D(0)) + row.value
        return {code: value for code, value in found.items() if value}


SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


@settings(max_examples=6, suppress_health_check=SHARED)
@given(story=stories())
async def test_what_is_paid_is_settled_in_both_currencies_and_what_is_taken_back_is_as_it_was(
    world: Firm, story: dict[str, Any]
) -> None:
    await happens(world, story)


@pytest.mark.soak
@pytest.mark.timeout(1200)
@settings(max_examples=60, suppress_health_check=SHARED)
@given(story=stories())
async def test_so_it_is_in_many_stories(world: Firm, story: dict[str, Any]) -> None:
    await happens(world, story)


async def happens(world: Firm, story: dict[str, Any]) -> None:
    """Debts are settled as the story has it and then paid; all payments are taken back, and then the debts."""
    tale = Tale(world, story)
    await tale.begin()
    for step in story["steps"]:
        await tale.step(step)
    await tale.end()
    await sound(world)
    papers = [await paper(world, debt) for debt in tale.debts]
    assert [(one.residual, one.payment_state) for one in papers] == [(0, "paid")] * len(papers)
    assert not (await tale.standing()).keys() & {*tale.debts}
    for one in tale.payments:
        await tale.act("ReversePayment", id=ref(one), reason="it bounced")
    papers = [await paper(world, debt) for debt in tale.debts]
    assert [(one.residual, one.payment_state) for one in papers] == [(one.total, "unpaid") for one in papers]
    assert (await tale.standing()).keys() == {*tale.debts}
    await sound(world)
    for debt in tale.debts:
        await tale.act(f"Reverse{tale.kind}", id=ref(debt), reason="it never was")
    assert await tale.totals() == {}


@given(
    wanted=minor,
    have=minor,
    debt=st.sampled_from(CURRENCIES),
    credit=st.sampled_from(CURRENCIES),
    at=st.tuples(rate, rate),
)
def test_a_debt_is_paid_with_no_more_than_there_is_and_for_nothing_never(
    wanted: int, have: int, debt: str, credit: str, at: tuple[Decimal, Decimal]
) -> None:
    want, purse = D(wanted).scaleb(-DIGITS[debt]), D(have).scaleb(-DIGITS[credit])
    paid, used = Exchange(debt, credit, *(at if debt != credit else (at[0], at[0]))).pay(want, purse)
    assert 0 <= paid <= want
    assert 0 <= used <= purse
    assert bool(paid) == bool(used)
    assert paid == want or used in {0, purse}
    assert paid == money(paid, debt)
    assert used == money(used, credit)
    assert currency_digits(debt) == DIGITS[debt]
