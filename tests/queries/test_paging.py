"""Pages are parts of one order, whichever way and in whichever steps one walks it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.vendor_price import VendorPrice
from domain.kernel.work import Work
from domain.parties.partner import Partner
from tests.firm import Firm
from tests.queries.api import Client, client, id_of

PAGE = """query ($orderBy: [PartnerOrder!], $first: Int, $last: Int, $after: String, $before: String) {
  partners(orderBy: $orderBy, first: $first, last: $last, after: $after, before: $before) {
    totalCount edges { cursor node { number } } nodes { number }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
FIELDS = ["NAME", "CURRENCY", "RATING", "IS_VENDOR", "OVER_RECEIPT_PERCENT", "CREATED_AT", "ARCHIVED_AT", "NUMBER"]
orders = st.lists(
    st.fixed_dictionaries({"field": st.sampled_from(FIELDS), "direction": st.sampled_from(["ASC", "DESC"])}),
    max_size=3,
)


@pytest.fixture(name="crowd")
async def many_partners(firm: Firm) -> Client:
    """Forty partners with many ties and many nulls."""

    def come(work: Work) -> None:
        for index in range(37):
            work.add(
                Partner(
                    number=f"P{index:02}",
                    name=["Ärger", "ärger", "bolt", "Bolt", "zinc"][index % 5],
                    currency=[None, "EUR", "USD"][index % 3],
                    rating=[None, 1, None, 5][index % 4],
                    is_vendor=index % 2 == 0,
                    over_receipt_percent=[None, "0.5", "12.50", "7"][index % 4],
                )
            )

    await firm.database.transact(firm.actor("buyer"), come)
    return client(firm)


async def walk(who: Client, order: list[Any], step: int, *, backward: bool) -> list[str]:
    size, start, end = ("last", "before", "startCursor") if backward else ("first", "after", "endCursor")
    more = "hasPreviousPage" if backward else "hasNextPage"
    seen: list[str] = []
    cursor = None
    for _ in range(100):
        page = (await who.ask(PAGE, orderBy=order, **{size: step, start: cursor}))["partners"]
        numbers = [node["number"] for node in page["nodes"]]
        assert [edge["node"]["number"] for edge in page["edges"]] == numbers
        assert len(numbers) <= step
        seen = [*numbers, *seen] if backward else [*seen, *numbers]
        cursor = page["pageInfo"][end]
        if not page["pageInfo"][more]:
            return seen
    raise AssertionError("the walk does not end")


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=orders, step=st.integers(1, 13))
async def test_walking_either_way_visits_each_row_once_and_in_the_same_order(
    crowd: Client, order: list[Any], step: int
) -> None:
    whole = (await crowd.ask(PAGE, orderBy=order, first=250))["partners"]
    numbers = [node["number"] for node in whole["nodes"]]
    assert len(set(numbers)) == len(numbers) == whole["totalCount"] == 40
    assert await walk(crowd, order, step, backward=False) == numbers
    assert await walk(crowd, order, step, backward=True) == numbers


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
async def test_rows_without_a_value_are_last_either_way(crowd: Client, direction: str) -> None:
    query = f"{{ partners(orderBy: [{{field: RATING, direction: {direction}}}]) {{ nodes {{ rating }} }} }}"
    ratings = [node["rating"] for node in (await crowd.ask(query))["partners"]["nodes"]]
    known = [rating for rating in ratings if rating is not None]
    assert known == sorted(known, reverse=direction == "DESC")
    assert ratings == known + [None] * (len(ratings) - len(known))


async def test_a_cursor_holds_while_rows_come_and_go(crowd: Client) -> None:
    order = [{"field": "NUMBER"}]
    first = (await crowd.ask(PAGE, orderBy=order, first=10))["partners"]
    gone = first["nodes"][-1]["number"]

    def change(work: Work) -> None:
        row = work.session.query(Partner).filter_by(number=gone).one()
        row.archived_at = work.now
        work.add(Partner(number="AAA", name="Before everything"))
        work.add(Partner(number=f"{gone}x", name="Just after"))

    await crowd.firm.database.transact(crowd.firm.actor("buyer"), change)
    then = (await crowd.ask(PAGE, orderBy=order, first=2, after=first["pageInfo"]["endCursor"]))["partners"]
    assert [node["number"] for node in then["nodes"]] == [f"{gone}x", "P09"]


async def test_a_window_may_be_cut_on_both_sides(crowd: Client) -> None:
    order = [{"field": "NUMBER"}]
    edges = (await crowd.ask(PAGE, orderBy=order, first=20))["partners"]["edges"]
    ends = {"after": edges[3]["cursor"], "before": edges[12]["cursor"]}
    for size in ({"first": 4}, {"last": 4}):
        page = (await crowd.ask(PAGE, orderBy=order, **ends, **size))["partners"]
        within = [edge["node"]["number"] for edge in edges[4:12]]
        assert [node["number"] for node in page["nodes"]] == (within[:4] if "first" in size else within[-4:])


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        ({"first": -1}, ["first"]),
        ({"first": 251}, ["first"]),
        ({"last": -5}, ["last"]),
        ({"first": 1, "last": 1}, ["last"]),
        ({"after": "nonsense"}, ["after"]),
        ({"before": "W10"}, ["before"]),
        ({"after": "ü"}, ["after"]),
    ],
)
async def test_a_window_that_cannot_be_is_refused_at_its_argument(
    firm: Firm, arguments: dict[str, Any], path: list[str]
) -> None:
    assert await client(firm).refused(PAGE, **arguments) == [("BAD_INPUT", path)]


async def test_a_cursor_of_another_order_is_refused(crowd: Client) -> None:
    page = (await crowd.ask(PAGE, orderBy=[{"field": "NAME"}], first=1))["partners"]
    cursor = page["pageInfo"]["endCursor"]
    assert await crowd.refused(PAGE, orderBy=[{"field": "NUMBER"}], after=cursor) == [("BAD_INPUT", ["after"])]


@pytest.mark.parametrize("selected", ["__typename", "totalCount", "nodes { id }"])
async def test_what_is_given_must_be_fit_to_be_used_whatever_is_read(firm: Firm, selected: str) -> None:
    """What a list is asked by is refused where it is wrong, though nothing that is selected depends on it."""
    asked = f"""query ($after: String, $text: String = "B", $document: PurchaseOrderFilter) {{
      partners(after: $after, filter: {{name: {{eq: $text}}}}) {{ {selected} }}
      purchaseOrders(filter: $document) {{ {selected} }} }}"""
    who = client(firm)
    assert await who.refused(asked, after="nonsense") == [("BAD_INPUT", ["after"])]
    assert await who.refused(asked, text="\0") == [("BAD_INPUT", ["filter", "name", "eq"])]
    never = {"and": [{"or": []}, {"number": {"eq": "\0"}}]}
    assert await who.refused(asked, document=never) == [("BAD_INPUT", ["filter", "and", "1", "number", "eq"])]
    assert await who.refused(asked) == []


async def test_a_variable_that_is_null_where_none_may_be_is_told_at_its_place(firm: Firm) -> None:
    asked = """query ($way: Direction = ASC) { units { totalCount }
      partners(orderBy: [{field: ID, direction: $way}]) { totalCount } }"""
    told = await client(firm).answer(asked, way=None)
    (error,) = told.errors or []
    assert (error.path, error.extensions["code"], "\n" in error.message) == (["partners"], "BAD_REQUEST", False)
    assert [(one.line, one.column) for one in error.locations] == [(2, 49)]
    assert told.data["units"] == {"totalCount": 3}


async def test_no_rows_are_a_page_too(crowd: Client) -> None:
    page = (await crowd.ask(PAGE, first=0))["partners"]
    assert page["nodes"] == []
    assert page["totalCount"] == 40
    assert page["pageInfo"] == {"hasNextPage": True, "hasPreviousPage": False, "startCursor": None, "endCursor": None}


async def test_connections_within_rows_page_for_each_row_by_itself(firm: Firm) -> None:
    def price(work: Work) -> None:
        for vendor, count in (("vendor", 4), ("other_vendor", 2)):
            for index in range(count):
                work.add(
                    VendorPrice(
                        partner_id=firm[vendor], product_id=firm["wire"], unit_id=firm["kilogram"], currency="USD",
                        price=f"{index}.25", item_number=f"{vendor}-{index}",
                    )
                )  # fmt: skip

    await firm.database.transact(firm.actor("buyer"), price)
    query = """query ($after: String) { partners(filter: {isVendor: {eq: true}}) { nodes { number
      vendorPrices(first: 2, after: $after, filter: {product: {sku: {eq: "WIRE"}}},
                   orderBy: [{field: PRICE, direction: DESC}]) {
        totalCount nodes { itemNumber } pageInfo { hasNextPage endCursor } } } } }"""
    found = {node["number"]: node["vendorPrices"] for node in (await client(firm).ask(query))["partners"]["nodes"]}
    assert [one["itemNumber"] for one in found["V1"]["nodes"]] == ["vendor-3", "vendor-2"]
    assert [one["itemNumber"] for one in found["V2"]["nodes"]] == ["other_vendor-1", "other_vendor-0"]
    assert (found["V1"]["totalCount"], found["V1"]["pageInfo"]["hasNextPage"]) == (4, True)
    assert (found["V2"]["totalCount"], found["V2"]["pageInfo"]["hasNextPage"]) == (2, False)
    after = found["V1"]["pageInfo"]["endCursor"]
    then = {node["number"]: node for node in (await client(firm).ask(query, after=after))["partners"]["nodes"]}
    assert [one["itemNumber"] for one in then["V1"]["vendorPrices"]["nodes"]] == ["vendor-1", "vendor-0"]


async def test_archived_rows_are_listed_only_when_asked_for(firm: Firm) -> None:
    def archive(work: Work) -> None:
        work.find(Partner, firm["customer"]).archived_at = work.now

    await firm.database.transact(firm.actor("buyer"), archive)
    counted = "{ partners%s { totalCount } }"
    who = client(firm)

    async def count(arguments: str) -> int:
        return int((await who.ask(counted % arguments))["partners"]["totalCount"])

    assert await count("") == 2
    assert await count("(archived: true)") == 3
    assert await count("(filter: {archivedAt: {isNull: false}})") == 1
    assert await count("(filter: {not: {archivedAt: {isNull: true}}})") == 1
    found = await who.ask("query ($id: ID!) { partner(id: $id) { name } }", id=id_of(firm, "customer", "partner"))
    assert found["partner"] == {"name": "Wheel Store"}
