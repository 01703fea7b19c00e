"""Figures about a list say what its rows would say, to whoever may see them all; both executors say the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import asyncpg
import pytest
from graphql import GraphQLError

from domain.kernel.plugin import CustomField, Plugin, discover, graft
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.parties.rate import Rate
from schema.answering import Answer as Read
from schema.build import House, build
from tests.domain.test_payments import bill, paid
from tests.domain.test_purchase import confirmed, received
from tests.firm import Firm
from tests.queries.api import Answer, Client, client, house, id_of, statements

MONEY = "{ currency sum average minimum maximum }"
OF_VENDORS = f"""{{ partners(orderBy: [{{field: NUMBER}}]) {{ nodes {{
  number purchaseOrders {{ totalCount aggregates {{ count untaxed {MONEY} dated {{ minimum maximum }} }} }} }} }} }}"""


async def told(who: Client, query: str, *, by: House | None = None, **variables: Any) -> Answer:
    """Ask the read engine and the reference; they must say the same."""
    speaker = by or house()
    read = await speaker.answer(query, variables, who.context())
    assert isinstance(read, Read), "the engine declined"
    known = await speaker.execute(query, variable_values=variables, context_value=who.context())
    assert read.value == known.data
    assert sorted(map(error_of, read.errors)) == sorted(map(error_of, known.errors or []))
    return Answer(read.value, read.errors or None)


def error_of(error: GraphQLError) -> tuple[Any, ...]:
    return error.message, list(error.path or []), (error.extensions or {})["code"]


def barred(asked: Answer) -> list[str]:
    """What is forbidden, as a path."""
    assert {error_of(one)[2] for one in asked.errors or []} <= {"FORBIDDEN"}
    return sorted(".".join(map(str, one.path or [])) for one in asked.errors or [])


async def figures(who: Client, on: str, selection: str) -> Any:
    """What a list is told to come to, where nothing is refused."""
    asked = await told(who, f"{{ {on} {{ aggregates {{ {selection} }} }} }}")
    assert asked.errors is None
    return next(iter(asked.data.values()))["aggregates"]


async def order(who: Client, vendor: str, currency: str, price: str, quantity: str = "1") -> None:
    lines = [{"product": id_of(who.firm, "bolt", "product"), "quantity": quantity, "unitPrice": price}]
    named = id_of(who.firm, vendor, "partner")
    assert (await who.do("createPurchaseOrder", vendor=named, currency=currency, lines=lines))["errors"] == []


@pytest.fixture(name="trading")
async def some_orders(firm: Firm) -> Client:
    """Two vendors with orders in two currencies, and a third partner without any."""
    who = client(firm)
    await order(who, "vendor", "USD", "1.25", "10")
    await order(who, "vendor", "USD", "0.03")
    await order(who, "vendor", "EUR", "4.00")
    await order(who, "other_vendor", "EUR", "6.00", "2")
    return who


async def test_amounts_are_added_by_currency_and_averages_rounded_half_up(trading: Client) -> None:
    found = await figures(trading, "purchaseOrders(first: 1)", f"count untaxed {MONEY}")
    assert found == {
        "count": 4,
        "untaxed": [
            {"currency": "EUR", "sum": "16.00", "average": "8.00", "minimum": "4.00", "maximum": "12.00"},
            {"currency": "USD", "sum": "12.53", "average": "6.27", "minimum": "0.03", "maximum": "12.50"},
        ],
    }


async def test_a_currency_may_stand_behind_a_relation(trading: Client) -> None:
    found = await figures(
        trading, "purchaseOrders", "untaxed { currency sum } companyUntaxed { currency sum } total { currency }"
    )
    assert found["companyUntaxed"] == [{"currency": "USD", "sum": "30.13"}]
    assert found["untaxed"] == [{"currency": "EUR", "sum": "16.00"}, {"currency": "USD", "sum": "12.53"}]
    assert found["total"] == [{"currency": "EUR"}, {"currency": "USD"}]


async def test_the_parts_of_a_filter_add_up_to_the_whole(trading: Client) -> None:
    asked = await told(
        trading,
        """query ($c: CurrencyCode!, $more: Decimal!) {
          euros: purchaseOrders(filter: {currency: {eq: $c}}) { totalCount aggregates { count untaxed { sum } } }
          others: purchaseOrders(filter: {not: {currency: {eq: $c}}}) { aggregates { count untaxed { sum } } }
          large: purchaseOrders(filter: {untaxed: {gt: $more}}, last: 1) { aggregates { count untaxed { sum } } }
        }""",
        c="EUR",
        more="4.00",
    )
    assert asked.data == {
        "euros": {"totalCount": 2, "aggregates": {"count": 2, "untaxed": [{"sum": "16.00"}]}},
        "others": {"aggregates": {"count": 2, "untaxed": [{"sum": "12.53"}]}},
        "large": {"aggregates": {"count": 2, "untaxed": [{"sum": "12.00"}, {"sum": "12.50"}]}},
    }


async def test_pages_search_and_what_is_archived_mean_what_they_do_for_rows(trading: Client) -> None:
    def put_away(work: Work) -> None:
        work.find(Partner, trading.firm["customer"]).archived_at = work.now

    await trading.firm.database.transact(trading.actor, put_away)
    for arguments, count in (
        ("", 2), ("archived: true", 3), ('search: "nut"', 1), ('filter: {number: {eq: "V1"}}', 1), ("first: 0", 2),
    ):  # fmt: skip
        found = await figures(trading, f"partners({arguments})" if arguments else "partners", "count rating { sum }")
        assert found == {"count": count, "rating": {"sum": None}}, arguments


async def test_of_no_rows_there_is_nothing_to_tell(trading: Client) -> None:
    nothing = dict.fromkeys(("sum", "average", "minimum", "maximum"))
    selection = f"count untaxed {MONEY} exchangeRate {MONEY.replace('currency', '')} dated {{ minimum maximum }}"
    found = await figures(trading, 'purchaseOrders(filter: {number: {eq: "none"}})', selection)
    empty = {"minimum": None, "maximum": None}
    assert found == {"count": 0, "untaxed": [], "exchangeRate": nothing, "dated": empty}


async def test_a_row_without_a_value_does_not_count(firm: Firm) -> None:
    def come(work: Work) -> None:
        for number, rating in (("A1", 1), ("A2", 2), ("A3", 5), ("A4", None)):
            work.add(Partner(number=number, name=number, rating=rating, is_vendor=True, currency=None))

    await firm.database.transact(firm.actor("buyer"), come)
    who = client(firm)
    found = await figures(who, "partners", "count rating { sum average minimum maximum }")
    assert found == {"count": 7, "rating": {"sum": "8", "average": "2.666667", "minimum": 1, "maximum": 5}}
    asked = await told(who, '{ partners(filter: {number: {eq: "A4"}}) { aggregates { rating { sum maximum } } } }')
    assert asked.data["partners"]["aggregates"]["rating"] == {"sum": None, "maximum": None}


async def test_an_average_is_rounded_once_from_the_exact_quotient(firm: Firm) -> None:
    """PostgreSQL divides to some sixteen digits; rounded again, this would end in 1."""

    def come(work: Work) -> None:
        for day in range(101):
            rate = Decimal(10) ** 11 + (Decimal("0.00005") if day == 0 else 0)
            work.add(Rate(base="GBP", quote="USD", dated=date(2020, 1, 1) + timedelta(day), rate=rate))
        for day, last in ((1, "1"), (2, "0")):
            work.add(Rate(base="CHF", quote="USD", dated=date(2020, 1, day), rate=Decimal(f"1.00000{last}")))

    await firm.database.transact(firm.actor("buyer"), come)
    found = await figures(client(firm), 'rates(filter: {base: {eq: "GBP"}})', "rate { average } dated { maximum }")
    assert found == {"rate": {"average": "100000000000.000000"}, "dated": {"maximum": "2020-04-10"}}
    found = await figures(client(firm), 'rates(filter: {base: {eq: "CHF"}})', "rate { average }")
    assert found == {"rate": {"average": "1.000001"}}


async def test_each_parent_has_figures_of_its_own(trading: Client) -> None:
    asked = await told(trading, OF_VENDORS)
    found = {one["number"]: one["purchaseOrders"] for one in asked.data["partners"]["nodes"]}
    today = {"minimum": "2026-03-02", "maximum": "2026-03-02"}
    assert found == {
        "C1": {"totalCount": 0, "aggregates": {"count": 0, "untaxed": [], "dated": {"minimum": None, "maximum": None}}},
        "V1": {
            "totalCount": 3,
            "aggregates": {
                "count": 3,
                "untaxed": [
                    {"currency": "EUR", "sum": "4.00", "average": "4.00", "minimum": "4.00", "maximum": "4.00"},
                    {"currency": "USD", "sum": "12.53", "average": "6.27", "minimum": "0.03", "maximum": "12.50"},
                ],
                "dated": today,
            },
        },
        "V2": {
            "totalCount": 1,
            "aggregates": {
                "count": 1,
                "untaxed": [
                    {"currency": "EUR", "sum": "12.00", "average": "12.00", "minimum": "12.00", "maximum": "12.00"}
                ],
                "dated": today,
            },
        },
    }


async def test_however_many_parents_there_are_it_is_one_scan(trading: Client) -> None:
    with statements(trading.firm.database) as sent:
        assert isinstance(await house().answer(OF_VENDORS, {}, trading.context()), Read)
    (only,) = sent
    assert only.count("read.purchase_order") == 1
    with statements(trading.firm.database) as sent:
        assert (await house().execute(OF_VENDORS, context_value=trading.context())).errors is None
    assert len([one for one in sent if "purchase_order" in one]) == 3, "a count, plain figures, those by currency"


async def test_figures_under_several_names_are_told_under_each(trading: Client) -> None:
    asked = await told(
        trading,
        """query ($no: Boolean = false) { purchaseOrders {
          a: aggregates { __typename n: count ...Sums } b: aggregates { ...Sums dated @include(if: $no) { maximum } }
          totalCount aggregates { custom: version { __typename minimum } } } }
        fragment Sums on PurchaseOrderAggregates { untaxed { __typename c: currency } untaxed { sum } }""",
    )
    sums = [
        {"__typename": "MoneyAggregate", "c": "EUR", "sum": "16.00"},
        {"__typename": "MoneyAggregate", "c": "USD", "sum": "12.53"},
    ]
    assert asked.data["purchaseOrders"] == {
        "a": {"__typename": "PurchaseOrderAggregates", "n": 4, "untaxed": sums},
        "b": {"untaxed": sums},
        "totalCount": 4,
        "aggregates": {"custom": {"__typename": "IntAggregate", "minimum": 1}},
    }


async def test_without_the_right_a_guarded_column_is_null_with_an_error(trading: Client) -> None:
    query = "{ purchaseOrders { aggregates { count untaxed { sum } exchangeRate { average } } } }"
    asked = await told(client(trading.firm, "storekeeper"), query)
    assert asked.data["purchaseOrders"]["aggregates"]["untaxed"] is None
    assert asked.data["purchaseOrders"]["aggregates"]["count"] == 4
    assert barred(asked) == ["purchaseOrders.aggregates.untaxed"]


async def test_a_right_that_depends_on_the_row_is_needed_for_all_rows(trading: Client) -> None:
    """A seller sees what is sold for how much, and nobody's costs: papers of both sorts have no sum for them."""
    seller, lines = client(trading.firm, "seller"), [{"quantity": "2", "unitPrice": "3.00"}]
    lines[0]["product"] = id_of(trading.firm, "bolt", "product")
    for currency in ("USD", "EUR"):
        customer = id_of(trading.firm, "customer", "partner")
        made = await seller.do("createSalesOrder", customer=customer, currency=currency, lines=lines)
        assert made["errors"] == []
    selection = "{ aggregates { count untaxed { currency sum } companyUntaxed { currency average } } }"
    asked = await told(seller, f"{{ documents {selection} salesOrders {selection} }}")
    assert asked.data["documents"]["aggregates"] == {"count": 6, "untaxed": None, "companyUntaxed": None}
    assert asked.data["salesOrders"]["aggregates"] == {
        "count": 2,
        "untaxed": [{"currency": "EUR", "sum": "6.00"}, {"currency": "USD", "sum": "6.00"}],
        "companyUntaxed": [{"currency": "USD", "average": "6.30"}],
    }
    assert barred(asked) == ["documents.aggregates.companyUntaxed", "documents.aggregates.untaxed"]
    (whole,) = (await figures(trading, "documents", "untaxed { currency sum }"))["untaxed"][1:]
    assert whole == {"currency": "USD", "sum": "18.53"}


async def test_a_currency_without_a_single_amount_is_not_told(firm: Firm) -> None:
    """What comes to stock bears no tax, and so no base of one."""
    await received(firm, await confirmed(firm), "4")
    accountant = client(firm, "accountant")
    found = await figures(accountant, "postings", "count debit { currency sum } taxBase { currency } taxRate { sum }")
    assert found == {
        "count": 4,
        "debit": [{"currency": "USD", "sum": "17.50"}],
        "taxBase": [],
        "taxRate": {"sum": None},
    }


async def test_amounts_whose_currency_is_on_a_paper_that_is_hidden_are_not_told(firm: Firm) -> None:
    """A vendor sees the payment, and not the bill that was never issued to them."""
    owing = await bill(firm, "100")
    await paid(firm, "60", settles=[(owing, "60")])
    connection = await asyncpg.connect(firm.owner_url)
    await connection.execute("update document set issued_at = case when kind = 'payment' then now() end")
    await connection.close()
    selection = "count amount { currency sum } used { currency sum }"
    used = [{"currency": "USD", "sum": "60.00"}]
    vendor = client(firm, "partner", partner=firm["vendor"])
    assert await figures(client(firm, "accountant"), "allocations", selection) == {
        "count": 1,
        "amount": used,
        "used": used,
    }
    assert await figures(vendor, "allocations", selection) == {"count": 1, "amount": [], "used": used}


async def test_an_outsider_s_figures_are_of_their_own_papers(trading: Client) -> None:
    asked = "purchaseOrders", "count untaxed { sum }"
    outsider = client(trading.firm, "partner", partner=trading.firm["other_vendor"])
    assert await figures(outsider, *asked) == {"count": 0, "untaxed": []}
    (mine,) = (await trading.ask('{ purchaseOrders(filter: {untaxed: {eq: "12.00"}}) { nodes { id } } }'))[
        "purchaseOrders"
    ]["nodes"]
    for verb in ("submitPurchaseOrder", "confirmPurchaseOrder"):
        assert (await trading.do(verb, id=mine["id"]))["errors"] == []
    assert await figures(outsider, *asked) == {"count": 1, "untaxed": [{"sum": "12.00"}]}
    inner = await told(outsider, "{ purchaseOrders { aggregates { untaxed { average } exchangeRate { sum } } } }")
    assert inner.data["purchaseOrders"]["aggregates"] == {"untaxed": [{"average": "12.00"}], "exchangeRate": None}
    assert barred(inner) == ["purchaseOrders.aggregates.exchangeRate"]


def test_columns_that_are_not_shown_have_no_figures() -> None:
    fields = house()._schema.type_map["EventAggregates"].fields  # type: ignore[attr-defined]
    assert set(fields) == {"count", "at", "sequence"}


@pytest.fixture(name="grown")
def a_house_with_plugins_fields() -> Iterator[House]:
    """The API with a number, a day and a text that a plugin adds to partners."""
    fields = [
        CustomField(name=name, on="partner", kind=kind, label=f"{name.title()}.", because="tests")
        for name, kind in (("credit_score", "decimal"), ("audited_on", "date"), ("motto", "text"))
    ]
    known = discover()
    try:
        yield build([*known, Plugin(name="credit", version="1", description="", custom_fields=tuple(fields))])
    finally:
        graft(known)


async def test_plugins_numbers_and_days_have_figures_too(firm: Firm, grown: House) -> None:
    def come(work: Work) -> None:
        for number, custom in (
            ("A1", {"credit_score": "9.50", "audited_on": "2026-01-31", "motto": "x"}),
            ("A2", {"credit_score": "10.25", "audited_on": "2025-12-01"}),
            ("A3", {}),
        ):
            work.add(Partner(number=number, name=number, is_vendor=True, custom=custom))

    await firm.database.transact(firm.actor("buyer"), come)
    query = """{ partners { aggregates { count custom { __typename auditedOn { minimum maximum }
      creditScore { sum average minimum maximum } } } } }"""
    asked = await told(client(firm), query, by=grown)
    assert asked.data["partners"]["aggregates"] == {
        "count": 6,
        "custom": {
            "__typename": "PartnerCustomAggregates",
            "auditedOn": {"minimum": "2025-12-01", "maximum": "2026-01-31"},
            "creditScore": {"sum": "19.75", "average": "9.875000", "minimum": "9.50", "maximum": "10.25"},
        },
    }
    assert set(grown._schema.type_map["PartnerCustomAggregates"].fields) == {"creditScore", "auditedOn"}  # type: ignore[attr-defined]
