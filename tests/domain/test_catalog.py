"""Units, taxes, categories and products: what may be entered, what stays for good, and how units convert."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import strategies as st
from sqlalchemy.orm import selectinload
from sqlalchemy.util import await_only

from domain.catalog.category_entry import CreateCategory, UpdateCategory
from domain.catalog.product import Category, Product, ProductUnit, conversion
from domain.catalog.product_entry import CreateProduct, ProductUnitEntry, UpdateProduct
from domain.catalog.tax import CreateTax, Tax, UpdateTax
from domain.catalog.unit import Unit, quantity
from domain.catalog.unit_entry import ArchiveUnit, CreateUnit, UpdateUnit
from domain.drafts.lines import OrderLine
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.documents import Line
from domain.kernel.errors import BadInput, Refused
from domain.kernel.references import ExternalKey
from domain.kernel.work import Work
from domain.purchase.writing import CreatePurchaseOrder
from tests.firm import Firm


async def do(firm: Firm, command: Any) -> UUID:
    return await firm.database.perform(firm.actor("buyer"), command)


async def refused(firm: Firm, command: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(Refused) as caught:
        await do(firm, command)
    return [(one.code, one.path) for one in caught.value.each]


async def row(firm: Firm, model: Any, id: UUID) -> Any:
    return await firm.database.transact(firm.actor("buyer"), lambda work: work.find(model, id))


async def product(firm: Firm, id: UUID) -> Product:
    def read(work: Work) -> Product:
        return work.find(Product, id, options=[selectinload(Product.units)])

    return await firm.database.transact(firm.actor("buyer"), read)


def of(firm: Firm, word: str) -> Ref:
    return Ref(id=firm[word])


def nut(firm: Firm, **values: Any) -> CreateProduct:
    return CreateProduct(**{"sku": "NUT", "name": "Nut M8", "unit": of(firm, "piece"), **values})


def box(firm: Firm, numerator: str = "12", denominator: str = "1") -> ProductUnitEntry:
    return ProductUnitEntry(unit=of(firm, "box"), numerator=Decimal(numerator), denominator=Decimal(denominator))


async def test_a_product_is_entered_with_units_taxes_and_prices(firm: Firm) -> None:
    id = await do(
        firm,
        nut(
            firm, barcode=" 96385074 ", units=[box(firm)], purchase_unit=of(firm, "box"), purchase_tax=of(firm, "tax8"),
            list_price=Decimal("1.250000"), standard_cost=Decimal(0), external=ExternalKey(source="shop", key="n"),
        ),
    )  # fmt: skip
    made = await product(firm, id)
    assert (made.barcode, made.purchase_unit_id, str(made.list_price)) == ("96385074", firm["box"], "1.250000")
    assert conversion(made, firm["box"]) == (12, 1)
    assert conversion(made, firm["piece"]) == (1, 1)
    with pytest.raises(BadInput, match="NUT knows its stock unit and BX only"):
        conversion(made, firm["kilogram"])
    await do(firm, UpdateProduct(id=Ref(source="shop", key="n"), expected_version=1, units=[box(firm, "10")]))
    again = await product(firm, id)
    assert conversion(again, firm["box"]) == (10, 1)
    assert [one.id for one in again.units] == [one.id for one in made.units]


async def test_bad_products_are_refused_with_every_mistake(firm: Firm) -> None:
    wrong = nut(
        firm, sku="", name="x\x00", barcode="4006381333932", unit=Ref(id=uuid7()), category=of(firm, "piece"),
        list_price=Decimal("0.0000001"), standard_cost=Decimal(-1), over_receipt_percent=Decimal("100.1"),
        units=[box(firm, "0"), box(firm, "1e30"), box(firm, "1", "NaN")],
    )  # fmt: skip
    assert await refused(firm, wrong) == [
        ("BAD_INPUT", ("sku",)), ("BAD_INPUT", ("name",)), ("BAD_INPUT", ("barcode",)), ("NOT_FOUND", ("category",)),
        ("NOT_FOUND", ("unit",)), ("BAD_INPUT", ("listPrice",)), ("BAD_INPUT", ("standardCost",)),
        ("BAD_INPUT", ("overReceiptPercent",)), ("BAD_INPUT", ("units", 0, "numerator")),
        ("BAD_INPUT", ("units", 1, "numerator")), ("BAD_INPUT", ("units", 2, "denominator")),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"sku": " BOLT "}, ("NOT_UNIQUE", ("sku",))),
        ({"barcode": "4006381333931"}, ("NOT_UNIQUE", ("barcode",))),
        ({"barcode": "one two"}, ("BAD_INPUT", ("barcode",))),
        ({"sales_unit": "kilogram"}, ("BAD_INPUT", ("salesUnit",))),
        ({"purchase_unit": "box"}, ("BAD_INPUT", ("purchaseUnit",))),
        ({"external": ExternalKey(source=" ", key="k")}, ("BAD_INPUT", ("external",))),
    ],
)
async def test_what_contradicts_itself_or_others_is_refused(firm: Firm, values: Any, refusal: Any) -> None:
    named = {name: of(firm, value) if name.endswith("_unit") else value for name, value in values.items()}
    assert await refused(firm, nut(firm, **named)) == [refusal]


async def test_units_are_given_once_and_never_the_stock_unit(firm: Firm) -> None:
    assert await refused(firm, nut(firm, units=[box(firm), box(firm, "6")])) == [("BAD_INPUT", ("units", 1))]
    stock = replace(box(firm), unit=of(firm, "piece"))
    assert await refused(firm, nut(firm, units=[stock])) == [("BAD_INPUT", ("units",))]


async def test_codes_of_ones_own_are_barcodes_too(firm: Firm) -> None:
    for index, barcode in enumerate(["SHELF-7", "1234567", "036000291452", "00012345600012"]):
        id = await do(firm, nut(firm, sku=f"N{index}", barcode=barcode))
        assert (await product(firm, id)).barcode == barcode


async def test_two_products_entered_at_once_do_not_share_a_sku(firm: Firm) -> None:
    outcomes = await asyncio.gather(*(do(firm, nut(firm, name=str(n))) for n in range(6)), return_exceptions=True)
    assert sum(isinstance(one, UUID) for one in outcomes) == 1
    assert {type(one).__name__ for one in outcomes} == {"UUID", "NotUnique"}


async def test_stock_unit_and_nature_are_for_good_once_a_paper_counts_on_them(firm: Firm) -> None:
    free = await do(firm, nut(firm, units=[box(firm)]))
    change = {"expected_version": 1, "unit": of(firm, "kilogram")}
    assert await refused(firm, UpdateProduct(id=Ref(id=free), **change)) == [("BAD_INPUT", ("units",))]
    await do(firm, UpdateProduct(id=Ref(id=free), **change, units=[], is_stocked=False))
    made = await product(firm, free)
    assert (made.unit_id, made.is_stocked) == (firm["kilogram"], False)
    line = OrderLine(product=of(firm, "bolt"), quantity=Decimal(5))
    await do(firm, CreatePurchaseOrder(vendor=of(firm, "vendor"), lines=[line]))
    counted = UpdateProduct(id=of(firm, "bolt"), **change, units=[])
    assert await refused(firm, counted) == [("BAD_INPUT", ("unit",))]
    served = UpdateProduct(id=of(firm, "bolt"), expected_version=1, is_stocked=False)
    assert await refused(firm, served) == [("BAD_INPUT", ("isStocked",))]


async def test_a_unit_in_use_may_grow_finer_but_not_coarser(firm: Firm) -> None:
    kilogram = Ref(id=firm["kilogram"])
    assert await refused(firm, UpdateUnit(id=kilogram, expected_version=1, digits=2)) == [("BAD_INPUT", ("digits",))]
    await do(firm, UpdateUnit(id=kilogram, expected_version=1, digits=4))
    fresh = await do(firm, CreateUnit(code="LTR", name="Litre", digits=3, unece="ltr"))
    await do(firm, UpdateUnit(id=Ref(id=fresh), expected_version=1, digits=1))
    assert ((await row(firm, Unit, fresh)).digits, (await row(firm, Unit, fresh)).unece) == (1, "LTR")


@pytest.mark.parametrize("values", [{"digits": 7}, {"digits": -1}, {"digits": True}, {"unece": "K"}, {"unece": "KG-M"}])
async def test_bad_units_are_refused(firm: Firm, values: Any) -> None:
    found = await refused(firm, replace(CreateUnit(code="X", name="X"), **values))
    assert found == [("BAD_INPUT", (next(iter(values)),))]
    assert await refused(firm, CreateUnit(code="PCE", name="Pieces")) == [("NOT_UNIQUE", ("code",))]


async def test_an_archived_unit_comes_onto_no_new_product(firm: Firm) -> None:
    await do(firm, ArchiveUnit(id=of(firm, "box")))
    assert await refused(firm, nut(firm, units=[box(firm)])) == [("ARCHIVED", ("units", 0, "unit"))]
    await do(firm, UpdateProduct(id=of(firm, "bolt"), expected_version=1, units=[box(firm, "24")]))
    assert conversion(await product(firm, firm["bolt"]), firm["box"]) == (24, 1)


async def test_only_taxing_categories_have_a_rate(firm: Firm) -> None:
    exempt = CreateTax(code="E0", name="Exempt", rate=Decimal(0), category="e", exemption_reason="Small firm")
    id = await do(firm, exempt)
    assert (await row(firm, Tax, id)).category == "E"
    update = UpdateTax(id=Ref(id=id), expected_version=1, rate=Decimal(5))
    assert await refused(firm, update) == [("BAD_INPUT", ("rate",))]
    taxed = UpdateTax(id=Ref(id=id), expected_version=1, rate=Decimal("5.5"), category="S", exemption_reason=None)
    await do(firm, taxed)
    for values in ({"rate": Decimal("100.01")}, {"rate": Decimal("1.00001")}, {"category": "Q"}):
        assert await refused(firm, replace(exempt, code="Q", **values)) == [("BAD_INPUT", (next(iter(values)),))]  # type: ignore[arg-type]


async def grown(firm: Firm) -> list[UUID]:
    """Four categories, each below the one before."""
    ids: list[UUID] = []
    for code in "ABCD":
        parent = Ref(id=ids[-1]) if ids else None
        ids.append(await do(firm, CreateCategory(code=code, name=code, parent=parent)))
    return ids


async def test_a_category_cannot_lie_below_itself(firm: Firm) -> None:
    top, *_, bottom = await grown(firm)
    for parent in (top, bottom):
        circle = UpdateCategory(id=Ref(id=top), expected_version=1, parent=Ref(id=parent))
        assert await refused(firm, circle) == [("BAD_INPUT", ("parent",))]
    await do(firm, UpdateCategory(id=Ref(id=bottom), expected_version=1, parent=Ref(id=top)))
    assert (await row(firm, Category, bottom)).parent_id == top


async def test_two_who_move_trees_below_each_other_make_no_circle(firm: Firm) -> None:
    """Each moves a top below the other's leaf, so that no row is in both hands."""
    oak, elm = [await do(firm, CreateCategory(code=code, name=code)) for code in ("OAK", "ELM")]
    tops = {"ACORN": oak, "SAMARA": elm}
    acorn, samara = [
        await do(firm, CreateCategory(code=code, name=code, parent=Ref(id=top))) for code, top in tops.items()
    ]
    first = UpdateCategory(id=Ref(id=oak), expected_version=1, parent=Ref(id=samara))
    second = UpdateCategory(id=Ref(id=elm), expected_version=1, parent=Ref(id=acorn))
    outcomes = await asyncio.gather(slowly(firm, first), do(firm, second), return_exceptions=True)
    assert sorted(type(one).__name__ for one in outcomes) == ["BadInput", "UUID"]


async def slowly(firm: Firm, command: Any) -> UUID:
    """Do it, and take a while before it is committed."""

    def act(work: Work) -> UUID:
        id: UUID = command.act(work).id
        work.session.flush()
        await_only(asyncio.sleep(0.4))
        return id

    return await firm.database.transact(firm.actor("buyer"), act)


NUMBERS = st.decimals("0.000001", "999999999", places=6)
DIGITS = st.integers(0, 6)


def line_in(numerator: Decimal, denominator: Decimal, digits: int) -> Line:
    """A line in a unit of which one is numerator / denominator stock units."""
    return Line(stock_numerator=numerator, stock_denominator=denominator, stock_digits=digits)


@drawn(st.decimals("0", "99999999999999", places=6), NUMBERS, NUMBERS, DIGITS)
def test_conversions_are_exact_and_rounded_half_up(
    given: Decimal, numerator: Decimal, denominator: Decimal, digits: int
) -> None:
    """Against integers: q·n/d in units of 10^-digits is floor(x + 1/2)."""
    q, n, d = (int(value * 10**6) for value in (given, numerator, denominator))
    expected = (2 * q * n * 10**digits + d * 10**6) // (2 * d * 10**6)
    converted = line_in(numerator, denominator, digits).in_stock_units(given)
    assert converted.as_tuple().exponent == -digits
    assert int("".join(str(digit) for digit in converted.as_tuple().digits)) == expected


@drawn(st.integers(1, 10**6), st.integers(1, 500))
def test_whole_boxes_convert_without_loss(boxes: int, pieces: int) -> None:
    one = Product(sku="P", name="P", unit_id=uuid7())
    one.units.append(ProductUnit(unit_id=uuid7(), numerator=Decimal(pieces), denominator=Decimal(1)))
    fraction = conversion(one, one.units[0].unit_id)
    assert line_in(*fraction, 0).in_stock_units(Decimal(boxes)) == boxes * pieces
    assert line_in(*reversed(fraction), 0).in_stock_units(Decimal(boxes * pieces)) == boxes


@drawn(st.integers(1, 10**20), DIGITS)
def test_a_quantity_no_finer_than_its_unit_is_kept(units: int, digits: int) -> None:
    value = Decimal(units).scaleb(-digits)
    unit = Unit(code="U", name="u", digits=digits)
    if value < 10**15:
        assert quantity(value, unit) == value
        return
    with pytest.raises(BadInput):
        quantity(value, unit)


@pytest.mark.parametrize(
    "value",
    ["0", "-0", "-1", "0.0001", "1.2345", "1e15", "1e30", "-1e30", "NaN", "sNaN", "Infinity", "-Infinity", "1e-20",
     "0.00000000000000000001", "1e999999", "1e-999999"],
)  # fmt: skip
def test_what_is_no_quantity_is_refused(value: str) -> None:
    with pytest.raises(BadInput):
        quantity(Decimal(value), Unit(code="KGM", name="Kilogram", digits=3))
