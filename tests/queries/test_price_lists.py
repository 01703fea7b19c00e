"""Price lists over the API, and what a customer would be asked."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from tests.firm import Firm
from tests.queries.api import Client, client, id_of

ASKED = """query ($product: ID!, $partner: ID, $quantity: Decimal!, $currency: CurrencyCode, $unit: ID) {
  salesPrice(product: $product, partner: $partner, quantity: $quantity, currency: $currency, unit: $unit) {
    unitPrice { amount currency } priceBase discountPercent unit { code } source
    priceListItem { minimum priceList { code } } } }"""


async def test_a_list_is_made_given_and_asked(firm: Firm) -> None:
    buyer, product = client(firm, "buyer"), id_of(firm, "bolt", "product")
    made = await buyer.do(
        "createPriceList", selection="priceList { id general company { id } }", code="W", name="W", currency="EUR"
    )
    assert made["priceList"]["general"] is False
    prices = {"priceList": made["priceList"]["id"], "product": product}
    items = [{**prices, "price": "4.20"}, {**prices, "price": "3.90", "minimum": "100"}, {**prices}]
    answered = await buyer.do(
        "createPriceListItems", selection="answers { errors { code path } priceListItem { price } }", items=items,
        policy="SKIP_FAILED",
    )  # fmt: skip
    assert [one["priceListItem"] and one["priceListItem"]["price"] for one in answered["answers"]] == [
        "4.20", "3.90", None,
    ]  # fmt: skip
    customer = id_of(firm, "customer", "partner")
    given = {"id": customer, "expectedVersion": 1, "priceList": made["priceList"]["id"]}
    changed = await buyer.do("updatePartner", selection="partner { priceList { code items { totalCount } } }", **given)
    assert changed["partner"]["priceList"] == {"code": "W", "items": {"totalCount": 2}}
    asked = {"product": product, "partner": customer, "currency": "EUR"}
    found = (await buyer.ask(ASKED, **asked, quantity="10", unit=id_of(firm, "box", "unit")))["salesPrice"]
    assert found == {
        "unitPrice": {"amount": "46.80", "currency": "EUR"}, "priceBase": "1", "discountPercent": "0",
        "unit": {"code": "BX"}, "source": "PRICE_LIST",
        "priceListItem": {"minimum": "100", "priceList": {"code": "W"}},
    }  # fmt: skip
    assert await buyer.refused(ASKED, product=product, quantity="10", currency="EUR") == [
        ("PRICE_MISSING", ["product"])
    ]
    assert await buyer.refused(ASKED, product=product, quantity="0.5", currency="EUR") == [("BAD_INPUT", ["quantity"])]
    keeper = client(firm, "storekeeper")
    assert await keeper.refused(ASKED, **asked, quantity="10") == [("FORBIDDEN", [])]
    listed = "{ priceListItems(filter: { minimum: { isNull: true } }) { nodes { price product { sku } } } }"
    assert await buyer.ask(listed) == {"priceListItems": {"nodes": [{"price": "4.20", "product": {"sku": "BOLT"}}]}}


async def test_people_of_another_firm_are_told_the_prices_of_their_own_alone(firm: Firm) -> None:
    buyer, product = client(firm, "buyer"), id_of(firm, "bolt", "product")
    customer, vendor = (id_of(firm, word, "partner") for word in ("customer", "vendor"))
    made = await buyer.do(
        "createPriceList", selection="priceList { id }", code="W", name="W", currency="USD", general=True
    )
    prices = {"priceList": made["priceList"]["id"], "product": product}
    for price, whose in (("5", {}), ("4", {"partner": customer})):
        answer = await buyer.do("createPriceListItem", **prices, **whose, price=price)
        assert answer["errors"] == []
    theirs, asked = client(firm, "partner", partner=firm["customer"]), {"product": product, "quantity": "1"}
    for named in ({}, {"partner": customer}):
        told = (await theirs.ask(ASKED, **asked, **named))["salesPrice"]
        assert Decimal(told["unitPrice"]["amount"]) == 4
    assert await theirs.refused(ASKED, **asked, partner=vendor) == [("NOT_FOUND", ["partner"])]
    stranger = client(firm, "partner", partner=firm["vendor"])
    assert await stranger.refused(ASKED, **asked, partner=customer) == [("NOT_FOUND", ["partner"])]
    for named in ({}, {"partner": vendor}):
        assert await stranger.refused(ASKED, **asked, **named) == [("FORBIDDEN", ["partner"])]
    narrow = Client(firm, replace(firm.actor("buyer"), rights=frozenset({"purchase.price"})))
    assert await narrow.refused(ASKED, **asked) == [("FORBIDDEN", [])]
