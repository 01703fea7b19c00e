"""What a customer is asked: which item of which list applies, by a stated order that leaves no doubt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from domain.catalog.category_entry import CreateCategory
from domain.catalog.price_list import PriceList, PriceListItem
from domain.catalog.price_list_entry import (
    ArchivePriceListItem,
    CreatePriceList,
    CreatePriceListItem,
    CreatePriceListItems,
    RestorePriceListItem,
    UpdatePriceListItem,
)
from domain.catalog.pricing import Price, Wanted, _in_unit, price_for
from domain.catalog.product import Category, Product, conversion
from domain.catalog.product_entry import UpdateProduct
from domain.catalog.tax import CreateTax
from domain.catalog.tax_position_entry import CreateTaxPosition, TaxSubstitutionEntry
from domain.drafts.lines import OrderCharge, OrderLine
from domain.kernel.commands import Ref
from domain.kernel.documents import TaxAmount
from domain.kernel.errors import BadInput, PriceMissing
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.letterhead import AddressEntry
from domain.parties.partner import Address, Partner
from domain.parties.partner_entry import CreatePartner, UpdatePartner
from domain.parties.setting_entry import SetSetting
from tests.domain.test_catalog import do, of, refused, row
from tests.domain.test_papers import do as carried_out
from tests.domain.test_papers import is_whole, state
from tests.domain.test_purchase import confirmed, lines_of, received, ref, rows
from tests.firm import TODAY, Firm
from tests.queries.api import statements

DAY = date(2026, 3, 2)


async def shop(firm: Firm) -> dict[str, UUID]:
    """Bolts and wire in a tree of three categories, two customers, and lists of every sort."""
    ids: dict[str, UUID] = {}
    above = None
    for word in ("all", "metal", "bolts"):
        above = await do(firm, CreateCategory(code=word, name=word, parent=Ref(id=above) if above else None))
        ids[word] = above
    for sku, category, price in (("bolt", "bolts", "2.40"), ("wire", "metal", None)):
        change = UpdateProduct(
            id=of(firm, sku), expected_version=1, category=Ref(id=ids[category]),
            list_price=Decimal(price) if price else None,
        )  # fmt: skip
        await do(firm, change)
    for word, said in {
        "general": {"general": True}, "given": {}, "other": {}, "euro": {"currency": "EUR", "general": True},
        "ours": {"general": True, "company": Ref(id=firm.company)},
        "late": {"general": True, "valid_from": DAY + timedelta(days=1)},
        "spring": {"general": True, "valid_from": DAY - timedelta(days=2), "valid_to": DAY + timedelta(days=2)},
    }.items():  # fmt: skip
        ids[word] = await do(firm, CreatePriceList(**{"code": word, "name": word, "currency": "USD", **said}))
    given = Ref(id=ids["given"])
    ids["regular"] = await do(firm, CreatePartner(name="Regular", is_customer=True, price_list=given))
    ids["passer-by"] = await do(firm, CreatePartner(name="Passer-by", is_customer=True))
    return ids


LISTS = ["general", "given", "other", "euro", "ours", "late", "spring"]
DAYS = st.none() | st.integers(-2, 2).map(lambda days: DAY + timedelta(days=days))


@st.composite
def items(draw: Any) -> dict[str, Any]:
    """An item of one of the lists, by words."""
    thing = draw(st.sampled_from(["bolt", "bolt", "wire", "bolts", "metal", "all"]))
    price = draw(st.none() | st.integers(0, 400).map(lambda cents: Decimal(cents).scaleb(-2)))
    return {
        "list": draw(st.sampled_from(LISTS)), "thing": thing, "price": price,
        "partner": draw(st.sampled_from([None, None, "regular", "passer-by"])),
        "unit": draw(st.sampled_from([None, None, "piece", "box", "kilogram"])),
        "minimum": draw(st.none() | st.sampled_from([1, 2, 12, 24]).map(Decimal)),
        "price_base": draw(st.sampled_from([1, 1, 100]).map(Decimal)),
        "discount_percent": None if price is not None else Decimal(draw(st.integers(0, 100))),
        "valid_from": draw(DAYS), "valid_to": draw(DAYS), "archived": draw(st.sampled_from([False] * 5 + [True])),
    }  # fmt: skip


ASKS = st.tuples(
    st.sampled_from([("bolt", "piece"), ("bolt", "box"), ("wire", "kilogram")]), st.sampled_from([1, 2, 11, 12, 24])
)


def stock_units(product: Product, unit: UUID) -> Fraction:
    """How many of them one of the unit is."""
    numerator, denominator = conversion(product, unit)
    return Fraction(numerator) / Fraction(denominator)


class Naive:
    """The order of prices as the documentation tells it, one line and one item at a time."""

    def __init__(self, firm: Firm, ids: dict[str, UUID], session: Session, partner: str) -> None:
        tables = (PriceList, PriceListItem, Category, Product)
        self.lists, self.items, self.categories, self.products = (
            {one.id: one for one in session.scalars(select(table))} for table in tables
        )
        self.firm, self.ids, self.partner = firm, ids, partner

    def best(self, product: Product, quantity: int, unit: UUID, currency: str) -> PriceListItem | None:
        claims = [one for one in self.items.values() if self.applies(one, product, quantity, unit, currency)]
        for one in claims:
            if all(one is other or self.before(one, other, product) for other in claims):
                return one
        assert not claims, "two items tie"
        return None

    def distance(self, item: PriceListItem, product: Product) -> int | None:
        if item.product_id is not None:
            return 0 if item.product_id == product.id else None
        at, far = product.category_id, 1
        while at is not None and at != item.category_id:
            at, far = self.categories[at].parent_id, far + 1
        return far if at else None

    def stock(self, item: PriceListItem, product: Product) -> Fraction | None:
        try:
            return stock_units(product, item.unit_id or product.unit_id)
        except BadInput:
            return None

    def applies(self, item: PriceListItem, product: Product, quantity: int, unit: UUID, currency: str) -> bool:
        of = self.lists[item.price_list_id]
        mine = item.partner_id == self.ids[self.partner] if item.partner_id else (
            of.general or (self.partner == "regular" and of.id == self.ids["given"])
        )  # fmt: skip
        lasting = all((one.valid_from or date.min) <= DAY <= (one.valid_to or date.max) for one in (of, item))
        stock = self.stock(item, product)
        priced = item.price is not None or (product.list_price is not None and currency == "USD")
        reached = stock is not None and (
            Fraction(item.minimum or 0) * stock <= quantity * stock_units(product, unit)
        )  # fmt: skip
        there = self.distance(item, product) is not None and of.currency == currency
        return bool(mine and lasting and priced and reached and there and item.archived_at is None)

    def before(self, one: PriceListItem, other: PriceListItem, product: Product) -> bool:
        criteria: list[Callable[[PriceListItem], Any]] = [
            lambda it: (
                it.partner_id is not None
                or (Fraction(1, 2) if self.partner == "regular" and it.price_list_id == self.ids["given"] else 0)
            ),
            lambda it: -(self.distance(it, product) or 0),
            lambda it: Fraction(it.minimum or 0) * (self.stock(it, product) or 0),
            lambda it: it.valid_from or self.lists[it.price_list_id].valid_from or date.min,
            lambda it: self.lists[it.price_list_id].company_id is not None,
            lambda it: it.id,
        ]
        for criterion in criteria:
            if criterion(one) != criterion(other):
                return bool(criterion(one) > criterion(other))
        return False


async def test_all_lines_at_once_get_what_the_stated_order_gives_each(firm: Firm) -> None:
    ids = await shop(firm) | firm.ids

    def prove(session: Session) -> None:
        work = Work(session, firm.actor("buyer"), firm.database, trial=True)

        @settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
        @drawn(
            st.lists(items(), max_size=14), st.lists(ASKS, min_size=1, max_size=6),
            st.sampled_from(["regular", "passer-by"]), st.sampled_from(["USD", "USD", "USD", "EUR"]),
        )  # fmt: skip
        def holds(found: list[dict[str, Any]], asks: list[Any], partner: str, currency: str) -> None:
            with session.begin_nested() as point:
                session.add_all(made(one, ids) for one in found)
                session.flush()
                agree(work, ids, asks, partner, currency)
                point.rollback()

        holds()

    def agree(work: Work, ids: dict[str, UUID], asks: list[Any], partner: str, currency: str) -> None:
        products = {
            word: work.find(Product, ids[word], options=[selectinload(Product.units)]) for word in ("bolt", "wire")
        }
        wanted = [
            Wanted(product=products[word], quantity=Decimal(many), unit_id=ids[unit]) for (word, unit), many in asks
        ]
        company, who = work.find(Company, firm.company), work.find(Partner, ids[partner])
        prices = price_for(work, company=company, partner=who, wanted=wanted, currency=currency, dated=DAY)
        naive = Naive(firm, ids, work.session, partner)
        for one, price in zip(wanted, prices, strict=True):
            best = naive.best(one.product, int(one.quantity), one.unit_id, currency)
            if best is None and (one.product.list_price is None or currency != "USD"):
                assert isinstance(price, PriceMissing)
                continue
            assert isinstance(price, Price)
            assert price.item == (best.id if best else None)
            assert price.source == ("price_list" if best else "list_price")
            unit = stock_units(one.product, one.unit_id)
            each = Fraction(price.unit_price) / Fraction(price.price_base) / unit
            assert abs(each - stated(best, one.product)) <= Fraction(1, 10**6)

    def stated(best: PriceListItem | None, product: Product) -> Fraction:
        """The price of a stock unit."""
        if best is None or best.price is None:
            return Fraction(product.list_price or 0)
        unit = stock_units(product, best.unit_id or product.unit_id)
        return Fraction(best.price) / Fraction(best.price_base) / unit

    async with firm.database.session(firm.actor("buyer")) as session:
        await session.run_sync(prove)


def made(said: dict[str, Any], ids: dict[str, UUID]) -> PriceListItem:
    plain = ("minimum", "price", "price_base", "discount_percent", "valid_from", "valid_to")
    values = {name: said[name] for name in plain}
    kind = "product_id" if said["thing"] in {"bolt", "wire"} else "category_id"
    return PriceListItem(
        price_list_id=ids[said["list"]], partner_id=ids[said["partner"]] if said["partner"] else None,
        unit_id=ids[said["unit"]] if said["unit"] else None, **{kind: ids[said["thing"]]}, **values,
        archived_at=TODAY if said["archived"] else None, created_at=TODAY, updated_at=TODAY, custom={},
    )  # fmt: skip


async def test_the_more_special_goes_first_step_by_step(firm: Firm) -> None:
    ids = await shop(firm)
    ranks: list[dict[str, Any]] = [
        {"price_list": "general", "category": "all"}, {"price_list": "general", "category": "metal"},
        {"price_list": "general", "category": "bolts"}, {"price_list": "general", "product": "bolt"},
        {"price_list": "ours", "product": "bolt"}, {"price_list": "spring", "product": "bolt"},
        {"price_list": "general", "product": "bolt", "minimum": Decimal(5)},
        {"price_list": "given", "category": "all"}, {"price_list": "other", "category": "all", "partner": "regular"},
    ]  # fmt: skip
    assert await asked(firm, ids) == (Decimal("2.40"), "list_price")
    for rank, said in enumerate(ranks, start=1):
        named = {name: Ref(id=(ids | firm.ids)[word]) if isinstance(word, str) else word for name, word in said.items()}
        await do(firm, CreatePriceListItem(**named, price=Decimal(rank)))
        assert await asked(firm, ids) == (Decimal(rank), "price_list")
    assert await asked(firm, ids, partner="passer-by") == (Decimal(7), "price_list")
    assert await asked(firm, ids, partner="passer-by", quantity="4") == (Decimal(6), "price_list")


async def asked(
    firm: Firm, ids: dict[str, UUID], *, partner: str = "regular", quantity: str = "10", currency: str = "USD",
    unit: str = "piece", product: str = "bolt",
) -> tuple[Any, ...]:  # fmt: skip
    (price,) = await priced(firm, ids, [(product, unit, quantity)], partner=partner, currency=currency)
    return (price.unit_price, price.source) if isinstance(price, Price) else (price.code, price.path)


async def priced(
    firm: Firm, ids: dict[str, UUID], lines: list[tuple[str, str, str]], *, partner: str = "regular",
    currency: str = "USD",
) -> list[Price | PriceMissing]:  # fmt: skip
    def find(work: Work) -> list[Price | PriceMissing]:
        products = work.find_all(Product, {firm[word] for word, _, _ in lines}, selectinload(Product.units))
        wanted = [
            Wanted(product=products[firm[word]], quantity=Decimal(many), unit_id=firm[unit])
            for word, unit, many in lines
        ]
        company, who = work.find(Company, firm.company), work.find(Partner, ids[partner])
        return price_for(work, company=company, partner=who, wanted=wanted, currency=currency, dated=DAY)

    return await firm.database.transact(firm.actor("buyer"), find)


async def test_prices_and_breaks_are_told_in_the_unit_of_the_line(firm: Firm) -> None:
    ids = await shop(firm)
    general = Ref(id=ids["general"])
    box = CreatePriceListItem(
        price_list=general, product=of(firm, "bolt"), unit=of(firm, "box"), price=Decimal("12.50"), minimum=Decimal(2)
    )
    await do(firm, box)
    assert await asked(firm, ids, unit="box", quantity="1") == (Decimal("28.80"), "list_price")
    assert await asked(firm, ids, unit="box", quantity="2") == (Decimal("12.50"), "price_list")
    (by_piece,) = await priced(firm, ids, [("bolt", "piece", "24")])
    assert isinstance(by_piece, Price)
    assert (by_piece.unit_price, by_piece.price_base) == (Decimal("12.50"), 12)
    assert await asked(firm, ids, quantity="23") == (Decimal("2.40"), "list_price")
    half = replace(box, unit=None, price=None, discount_percent=Decimal(50), minimum=Decimal(100))
    id = await do(firm, half)
    (off,) = await priced(firm, ids, [("bolt", "box", "9")])
    assert off == Price(
        unit_price=Decimal("28.80"), price_base=Decimal(1), discount_percent=Decimal(50), source="price_list", item=id
    )


async def test_without_a_price_the_refusal_says_what_to_add(firm: Firm) -> None:
    ids = await shop(firm)
    assert await asked(firm, ids, product="wire", unit="kilogram") == ("PRICE_MISSING", ("unitPrice",))
    (dollars,) = await priced(firm, ids, [("wire", "kilogram", "1")])
    (euros,) = await priced(firm, ids, [("bolt", "piece", "1")], currency="EUR")
    assert isinstance(dollars, PriceMissing)
    assert "give the product a list price" in dollars.message
    assert isinstance(euros, PriceMissing)
    assert (euros.details["currency"], "list price" in euros.message) == ("EUR", False)
    off = CreatePriceListItem(price_list=Ref(id=ids["euro"]), product=of(firm, "bolt"), discount_percent=Decimal(5))
    await do(firm, off)
    assert await asked(firm, ids, currency="EUR") == ("PRICE_MISSING", ("unitPrice",))
    await do(firm, replace(off, discount_percent=None, price=Decimal(2), minimum=Decimal(3)))
    assert await asked(firm, ids, currency="EUR") == (Decimal(2), "price_list")


async def test_a_thousand_lines_cost_as_many_statements_as_one(firm: Firm) -> None:
    ids = await shop(firm)
    counts = []
    for many in (1, 1000):
        with statements(firm.database) as said:
            await priced(firm, ids, [("bolt", "piece", "5")] * many)
        counts.append(len(said))
    assert counts[0] == counts[1] <= 8


async def test_an_item_is_for_one_thing_at_one_price(firm: Firm) -> None:
    ids = await shop(firm)
    make = CreatePriceListItem(price_list=Ref(id=ids["general"]), product=of(firm, "bolt"), price=Decimal(1))
    for wrong, path in [
        ({"category": Ref(id=ids["all"])}, "product"), ({"product": None}, "product"), ({"price": None}, "price"),
        ({"discount_percent": Decimal(1)}, "price"), ({"partner": of(firm, "vendor")}, "partner"),
        ({"unit": of(firm, "kilogram")}, "unit"), ({"minimum": Decimal("0.5")}, "minimum"),
        ({"valid_from": DAY, "valid_to": DAY - timedelta(days=1)}, "validTo"), ({"price": Decimal(-1)}, "price"),
    ]:  # fmt: skip
        assert await refused(firm, replace(make, **wrong)) == [("BAD_INPUT", (path,))]  # type: ignore[arg-type]
    foreign = await do(
        firm, CreatePriceList(code="F", name="F", currency="EUR", company=Ref(id=firm.company), general=True)
    )
    off = replace(make, price_list=Ref(id=foreign), price=None, discount_percent=Decimal(5))
    assert await refused(firm, off) == [("BAD_INPUT", ("discountPercent",))]


async def test_no_two_items_say_different_things_from_the_same_day_on(firm: Firm) -> None:
    ids = await shop(firm)
    make = CreatePriceListItem(price_list=Ref(id=ids["ours"]), product=of(firm, "bolt"), price=Decimal(1))
    id = await do(firm, make)
    assert (await row(firm, PriceListItem, id)).company_id == firm.company
    assert await refused(firm, make) == [("NOT_UNIQUE", ("validFrom",))]
    await do(firm, replace(make, valid_from=DAY))
    await do(firm, ArchivePriceListItem(id=Ref(id=id)))
    again = await do(firm, make)
    assert await refused(firm, RestorePriceListItem(id=Ref(id=id))) == [("NOT_UNIQUE", ("validFrom",))]
    later = UpdatePriceListItem(id=Ref(id=again), expected_version=1, valid_from=DAY)
    assert await refused(firm, later) == [("NOT_UNIQUE", ("validFrom",))]


async def test_many_items_are_entered_at_once(firm: Firm) -> None:
    ids = await shop(firm)
    lines = [
        CreatePriceListItem(
            price_list=Ref(id=ids["general"]), product=of(firm, "bolt"), price=Decimal(9 - few), minimum=Decimal(few)
        )
        for few in range(1, 6)
    ]
    answered = await firm.database.perform(firm.actor("buyer"), CreatePriceListItems(items=lines))
    assert (answered.done, len(answered.each)) == (True, 5)
    assert await asked(firm, ids, quantity="3") == (Decimal(6), "price_list")


@pytest.mark.parametrize(
    ("price", "base", "ratio", "told"),
    [
        ("12.50", 1, Fraction(1, 12), ("12.50", "12")), ("1.25", 1, Fraction(12), ("15.00", "1")),
        ("1.00", 100, Fraction(12), ("12.00", "100")), ("1.00", 1, Fraction(3, 7), ("0.428571", "1")),
        ("0.000001", 1, Fraction(1, 3), ("0.000001", "3")), ("5", 1, Fraction(1), ("5", "1")),
    ],
)  # fmt: skip
def test_a_price_in_another_unit_is_exact_where_it_can_be(price: str, base: int, ratio: Fraction, told: Any) -> None:
    found = _in_unit(Decimal(price), Decimal(base), ratio)
    assert tuple(str(one) for one in found) == told


async def test_a_sale_abroad_is_priced_by_the_list_and_taxed_by_the_position_to_the_end(firm: Firm) -> None:
    """The customer is at home here, but wants the goods in Canada: exported, on every paper that follows."""
    ids = await shop(firm)
    await do(
        firm, CreatePriceListItem(price_list=Ref(id=ids["given"]), product=of(firm, "bolt"), price=Decimal("3.10"))
    )
    export = Ref(id=await do(firm, CreateTax(code="G", name="Export", rate=Decimal(0), category="G")))
    abroad = [TaxSubstitutionEntry(tax=of(firm, word), becomes=export) for word in ("tax8", "tax20")]
    position = await do(
        firm, CreateTaxPosition(code="EX", name="Export", direction="sale", place="outside_eu", taxes=abroad)
    )
    product = await row(firm, Product, firm["bolt"])
    taxed = UpdateProduct(id=of(firm, "bolt"), expected_version=product.version, sales_tax=of(firm, "tax20"))
    await do(firm, taxed)
    home = AddressEntry(role="delivery", street="1 Front Street", city="Toronto", country="CA")
    who = UpdatePartner(id=Ref(id=ids["regular"]), expected_version=1, country="US", addresses=[home])
    await do(firm, who)
    (address,) = await rows(firm, Address, partner_id=ids["regular"])
    asked = {"customer": Ref(id=ids["regular"]), "lines": [OrderLine(product=of(firm, "bolt"), quantity=Decimal(10))]}
    at_home = await carried_out(firm, "seller", "CreateSalesOrder", **asked)
    assert [str(one) for one in await state(firm, at_home, "untaxed", "tax")][1:] == ["31.00", "6.20"]
    freight = [OrderCharge(text="Freight", amount=Decimal(5), tax=of(firm, "tax20"))]
    order = await carried_out(
        firm, "seller", "CreateSalesOrder", delivery_address=Ref(id=address.id), charges=freight, **asked
    )
    (line,) = await lines_of(firm, order)
    assert (line.unit_price, line.price_source, line.tax_id) == (Decimal("3.10"), "price_list", export.id)
    assert (await state(firm, order, "tax_position_id", "tax", "total"))[1:] == (position, 0, 36)
    await received(firm, await confirmed(firm, "10"), "10")
    await carried_out(firm, "seller", "ConfirmSalesOrder", id=ref(order))
    delivery = await carried_out(firm, "storekeeper", "DeliverSalesOrder", id=ref(order))
    invoice = await carried_out(firm, "accountant", "InvoiceDelivery", id=ref(delivery))
    (billed,) = await lines_of(firm, invoice)
    assert billed.price_list_item_id == line.price_list_item_id is not None
    (tax,) = await rows(firm, TaxAmount, document_id=invoice)
    assert (tax.category, tax.exemption_code, tax.base) == ("G", "VATEX-EU-G", 36)
    assert await state(firm, invoice, "tax_position_id", "tax_rounding") == ("draft", position, "document")
    await is_whole(firm)


async def test_a_bill_rounded_line_by_line_is_reversed_as_it_was(firm: Firm) -> None:
    await firm.database.perform(firm.actor("administrator"), SetSetting(name="tax.rounding", value="line"))
    lines = [OrderLine(product=of(firm, "bolt"), quantity=Decimal(1), unit_price=Decimal("0.07"))] * 3
    order = await carried_out(firm, "buyer", "CreatePurchaseOrder", vendor=of(firm, "vendor"), lines=lines)
    for verb in ("Submit", "Confirm"):
        await carried_out(firm, "buyer", f"{verb}PurchaseOrder", id=ref(order))
    await firm.database.perform(firm.actor("administrator"), SetSetting(name="tax.rounding", value="document"))
    receipt = await carried_out(firm, "storekeeper", "ReceivePurchaseOrder", id=ref(order))
    bill = await carried_out(firm, "accountant", "BillReceipt", id=ref(receipt), vendor_reference="1")
    assert str((await state(firm, bill, "tax"))[1]) == "0.03"
    await carried_out(firm, "accountant", "PostVendorBill", id=ref(bill))
    mirror = await carried_out(firm, "accountant", "ReverseVendorBill", id=ref(bill), reason="mistyped")
    assert (await state(firm, mirror, "tax_rounding", "tax"))[1:] == ("line", Decimal("0.03"))
    await is_whole(firm)
