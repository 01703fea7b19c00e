"""Filters mean what they say, a filter and its opposite part the rows in two, and nobody learns by them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.vendor_price import VendorPrice
from domain.kernel.work import Work
from domain.parties.partner import Address, Partner
from tests.firm import Firm
from tests.queries.api import Client, client, id_of

FOUND = "query ($filter: PartnerFilter) { partners(filter: $filter) { nodes { number } } }"


async def numbers(who: Client, filter: dict[str, Any]) -> set[str]:
    return {node["number"] for node in (await who.ask(FOUND, filter=filter))["partners"]["nodes"]}


@pytest.fixture(name="crowd")
async def a_few_partners(firm: Firm) -> Client:
    """Partners that differ in everything one filters by, nulls included."""

    def come(work: Work) -> None:
        for index in range(12):
            partner = Partner(
                number=f"P{index:02}",
                name=["50%_off", "Café", "bolt"][index % 3],
                currency=[None, "EUR", "USD"][index % 3],
                rating=[None, 1, 5][index % 3],
                is_vendor=index % 2 == 0,
                over_receipt_percent=[None, "0.5", "12.50"][index % 3],
            )
            for city in ["Rome", "Oslo"][: index % 3]:
                partner.addresses.append(Address(role="legal", street="1", city=city, country="IT"))
            work.add(partner)

    await firm.database.transact(firm.actor("buyer"), come)
    return client(firm)


leaves = st.one_of(
    st.builds(
        lambda op, value: {"name": {op: value}},
        st.sampled_from(["eq", "ne", "contains", "startsWith", "lt", "gte"]),
        st.sampled_from(["bolt", "50%", "É", "", "_"]),
    ),
    st.builds(
        lambda op, value: {"rating": {op: value}}, st.sampled_from(["eq", "ne", "lt", "lte", "gt"]), st.integers(0, 5)
    ),
    st.builds(lambda op, values: {"currency": {op: values}}, st.sampled_from(["in", "notIn"]), st.just(["EUR"])),
    st.builds(lambda value: {"overReceiptPercent": {"isNull": value}}, st.booleans()),
    st.builds(
        lambda quantifier, city: {"addresses": {quantifier: {"city": {"eq": city}}}},
        st.sampled_from(["some", "every", "none"]),
        st.sampled_from(["Rome", "Oslo"]),
    ),
)
filters = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.builds(lambda many: {"and": many}, st.lists(inner, max_size=2)),
        st.builds(lambda many: {"or": many}, st.lists(inner, max_size=2)),
        st.builds(lambda one: {"not": one}, inner),
    ),
    max_leaves=4,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(filter=filters)
async def test_a_filter_and_its_opposite_part_all_rows_in_two(crowd: Client, filter: dict[str, Any]) -> None:
    met, unmet = await numbers(crowd, filter), await numbers(crowd, {"not": filter})
    assert not met & unmet, json.dumps(filter)
    assert len(met | unmet) == 15, json.dumps(filter)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ({"name": {"contains": "BOLT"}}, {"V1", "P02", "P05", "P08", "P11"}),
        ({"name": {"contains": "%_"}}, {"P00", "P03", "P06", "P09"}),
        ({"name": {"startsWith": "caf"}}, {"P01", "P04", "P07", "P10"}),
        ({"number": {"in": ["P00", "V2"]}}, {"P00", "V2"}),
        ({"number": {"in": []}}, set()),
        ({"or": []}, set()),
        ({"overReceiptPercent": {"gt": "0.50"}, "number": {"lt": "P05"}}, {"P02"}),
        ({"rating": {"ne": 1}, "number": {"startsWith": "p0"}}, {"P00", "P02", "P03", "P05", "P06", "P08", "P09"}),
        ({"addresses": {"some": {"city": {"eq": "Oslo"}}}}, {"P02", "P05", "P08", "P11"}),
        ({"addresses": {"some": {}, "every": {"postalCode": {"ne": "1"}}}}, {f"P{n:02}" for n in range(12) if n % 3}),
        ({"addresses": {"some": {}, "every": {"postalCode": {"lt": "1"}}}}, set()),
        ({"vendorPrices": {"some": {"product": {"sku": {"eq": "BOLT"}}}}}, {"V1"}),
    ],
)
async def test_a_filter_finds(crowd: Client, filter: dict[str, Any], found: set[str]) -> None:
    assert await numbers(crowd, filter) == found


async def test_records_are_found_by_their_ids_and_by_what_they_refer_to(firm: Firm) -> None:
    vendor, bolt = id_of(firm, "vendor", "partner"), id_of(firm, "bolt", "product")
    query = "query ($filter: VendorPriceFilter) { vendorPrices(filter: $filter) { nodes { itemNumber } } }"
    for filter, count in (
        ({"partner": {"id": {"eq": vendor}}}, 1),
        ({"partner": {"id": {"in": [bolt]}}}, 0),
        ({"partner": {"id": {"ne": vendor}}}, 0),
        ({"partner": {"id": {"isNull": False}}}, 1),
        ({"not": {"createdBy": {"id": {"isNull": True}}}}, 1),
        ({"id": {"isNull": True}}, 0),
        ({"createdAt": {"gte": "2026-03-02T10:00:00+01:00"}}, 1),
        ({"createdAt": {"gt": "2026-03-02T09:00:00Z"}}, 0),
        ({"price": {"eq": 1}}, 0),
        ({"price": {"eq": "1.250"}}, 1),
    ):
        found = (await client(firm).ask(query, filter=filter))["vendorPrices"]["nodes"]
        assert len(found) == count, filter


@pytest.mark.parametrize(
    ("filter", "path"),
    [
        ({"id": {"eq": "nonsense"}}, ["filter", "id", "eq"]),
        ({"overReceiptPercent": {"gt": "abc"}}, ["filter", "overReceiptPercent", "gt"]),
        ({"overReceiptPercent": {"in": ["1", "NaN"]}}, ["filter", "overReceiptPercent", "in"]),
        ({"overReceiptPercent": {"gt": "1e99999"}}, ["filter", "overReceiptPercent", "gt"]),
        ({"createdAt": {"lt": "2026-03-02"}}, ["filter", "createdAt", "lt"]),
        ({"name": {"eq": "a\0b"}}, ["filter", "name", "eq"]),
        ({"name": {"eq": None}}, ["filter", "name", "eq"]),
        ({"or": [{"name": {"eq": "a"}}, {"name": {"contains": "\ud800"}}]}, ["filter", "or", "1", "name", "contains"]),
        ({"name": {"in": ["x"] * 1001}}, ["filter", "name", "in"]),
        ({"or": [{"name": {"eq": "x"}}] * 201}, ["filter"]),
    ],
)
async def test_what_cannot_be_compared_is_refused_at_its_place(
    firm: Firm, filter: dict[str, Any], path: list[str]
) -> None:
    assert await client(firm).refused(FOUND, filter=filter) == [("BAD_INPUT", path)]


async def test_a_filter_cannot_be_nested_without_end(firm: Firm) -> None:
    filter: dict[str, Any] = {"name": {"eq": "x"}}
    for _ in range(20):
        filter = {"not": filter}
    assert await client(firm).refused(FOUND, filter=filter) == [("BAD_INPUT", ["filter"])]


async def test_a_search_looks_at_what_people_look_for(firm: Firm) -> None:
    who = client(firm)
    partners = await who.ask('{ partners(search: "BOLT") { nodes { number } } }')
    products = await who.ask('{ products(search: "400638") { nodes { sku } } }')
    assert partners["partners"]["nodes"] == [{"number": "V1"}]
    assert products["products"]["nodes"] == [{"sku": "BOLT"}]
    assert await who.refused('{ partners(search: "\\u0000") { nodes { number } } }') == [("BAD_INPUT", ["search"])]


async def test_a_plugin_s_field_filters_and_orders(firm: Firm) -> None:
    who = client(firm)
    for term in ("FOB", "EXW", None):
        made = await who.do("createPurchaseOrder", vendor=id_of(firm, "vendor", "partner"), custom={"incoterm": term})
        assert made["errors"] == []
    query = """query ($filter: PurchaseOrderFilter) {
      purchaseOrders(filter: $filter, orderBy: [{field: CUSTOM_INCOTERM}]) { nodes { custom { incoterm } } } }"""

    async def terms(filter: dict[str, Any]) -> list[str]:
        found = await who.ask(query, filter=filter)
        return [node["custom"]["incoterm"] for node in found["purchaseOrders"]["nodes"]]

    assert await terms({}) == ["EXW", "FOB", None]
    assert await terms({"custom": {"incoterm": {"eq": "FOB"}}}) == ["FOB"]
    assert await terms({"custom": {"incoterm": {"isNull": True}}}) == [None]
    assert await terms({"not": {"custom": {"incoterm": {"in": ["EXW", "FOB"]}}}}) == [None]


async def test_prices_of_one_s_own_alone_are_seen_through_a_filter(firm: Firm) -> None:
    """An outsider's filter must not tell what other vendors ask."""

    def price(work: Work) -> None:
        work.add(
            VendorPrice(
                partner_id=firm["other_vendor"], product_id=firm["bolt"], unit_id=firm["piece"], currency="USD",
                price="0.99",
            )
        )  # fmt: skip

    await firm.database.transact(firm.actor("buyer"), price)
    outsider = client(firm, "partner", partner=firm["vendor"])
    query = """{ purchaseOrders(filter: {lines: {some: {product: {vendorPrices: {some: {price: {lt: "1"}}}}}}}) {
      nodes { id } } }"""
    path = ["filter", "lines", "some", "product", "vendorPrices"]
    assert await outsider.refused(query) == [("FORBIDDEN", path)]


async def test_null_is_no_condition_wherever_it_stands(firm: Firm) -> None:
    for wanted, path in (
        ({"custom": None}, ["custom"]),
        ({"custom": {"incoterm": None}}, ["custom", "incoterm"]),
        ({"custom": {"incoterm": {"eq": None}}}, ["custom", "incoterm", "eq"]),
        ({"partner": {"name": None}}, ["partner", "name"]),
        ({"partner": {"name": {"eq": None}}}, ["partner", "name", "eq"]),
    ):
        query = "query ($filter: PurchaseOrderFilter) { purchaseOrders(filter: $filter) { totalCount } }"
        assert await client(firm).refused(query, filter=wanted) == [("BAD_INPUT", ["filter", *path])], wanted
