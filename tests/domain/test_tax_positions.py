"""Which taxes take the place of the usual ones: by where a partner is, whether it has a VAT number, and who buys."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st
from sqlalchemy.orm import selectinload

from domain.catalog.product_entry import UpdateProduct
from domain.catalog.tax import ArchiveTax, CreateTax
from domain.catalog.tax_position import TaxPosition, TaxSubstitution, chosen, has_vat_number, is_there, position_for
from domain.catalog.tax_position_entry import (
    ArchiveTaxPosition,
    CreateTaxPosition,
    TaxSubstitutionEntry,
    UpdateTaxPosition,
)
from domain.catalog.unit import Unit, must_have_codes
from domain.drafts.lines import OrderCharge, OrderLine
from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.documents import TaxAmount
from domain.kernel.errors import NotReady
from domain.kernel.text import COUNTRIES, EUROPEAN_UNION
from domain.kernel.work import Work
from domain.parties.company import Company
from domain.parties.company_entry import UpdateCompany
from domain.parties.letterhead import AddressEntry, BankAccountEntry, TaxNumberEntry
from domain.parties.partner import Partner
from domain.parties.partner_entry import CreatePartner, UpdatePartner
from domain.purchase.writing import CreatePurchaseOrder, UpdatePurchaseOrder
from tests.domain.test_catalog import do, of, refused, row
from tests.domain.test_papers import do as carry_out
from tests.domain.test_purchase import lines_of, paper, ref, rows, written
from tests.domain.test_verification import differences
from tests.firm import Firm

HOME = "DE"
OURS = Company(id=uuid7(), code="A", name="A", country=HOME, currency="EUR")


def position(**said: Any) -> TaxPosition:
    return TaxPosition(**{"code": "X", "name": "X", "priority": 0, "place": "anywhere", "countries": [], **said})


def choose(found: list[TaxPosition], country: str | None, *vat: str) -> TaxPosition | None:
    return chosen(found, company=OURS, country=country, vat_countries=vat)


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ("anywhere", [None, "DE", "FR", "US"]), ("abroad", ["FR", "US"]), ("outside_eu", ["US"]), ("eu", ["FR"]),
        ("home", ["DE"]), ("countries", ["US", "DE"]),
    ],
)  # fmt: skip
def test_a_position_is_for_a_place(place: str, there: list[str | None]) -> None:
    one = position(place=place, countries=["US", "DE"])
    assert [country for country in (None, "DE", "FR", "US") if is_there(one, country, home=HOME)] == sorted(
        there, key=[None, "DE", "FR", "US"].index
    )


def test_a_vat_number_of_another_member_state_will_do_within_the_union() -> None:
    assert has_vat_number("FR", ["FR"], home="DE")
    assert has_vat_number("FR", ["AT"], home="DE")
    assert not has_vat_number("FR", ["DE", "CH"], home="DE")
    assert not has_vat_number("US", ["AT"], home="DE")
    assert not has_vat_number("DE", ["AT"], home="DE")
    assert has_vat_number("DE", ["DE"], home="DE")
    assert not has_vat_number(None, ["DE"], home="DE")


def test_the_nearer_position_goes_before_the_more_general() -> None:
    ranks = [
        position(), position(), position(direction="sale"), position(vat_number=True), position(place="abroad"),
        position(place="eu"), position(place="countries", countries=["FR"]), position(company_id=OURS.id),
        position(priority=1),
    ]  # fmt: skip
    for more in range(1, len(ranks) + 1):
        assert choose(ranks[:more], "FR", "FR") is ranks[more - 1]
        assert choose(ranks[:more][::-1], "FR", "FR") is ranks[more - 1]


SOME = st.sampled_from(["DE", "FR", "US", "AT"])
POSITIONS = st.lists(
    st.builds(
        position,
        priority=st.integers(-1, 1),
        company_id=st.sampled_from([None, OURS.id]),
        place=st.sampled_from(["anywhere", "abroad", "outside_eu", "eu", "home", "countries"]),
        countries=st.lists(SOME, max_size=2),
        vat_number=st.none() | st.booleans(),
        direction=st.sampled_from([None, "sale"]),
    ),
    max_size=8,
)
ORDER = ["anywhere", "abroad", "outside_eu", "eu", "home", "countries"]


def goes_before(one: TaxPosition, other: TaxPosition) -> bool:
    """One criterion after the other, as it is told."""
    for differ in (
        lambda it: it.priority, lambda it: it.company_id is not None, lambda it: ORDER.index(it.place),
        lambda it: it.vat_number is not None, lambda it: it.direction is not None, lambda it: it.id,
    ):  # fmt: skip
        if differ(one) != differ(other):
            return bool(differ(one) > differ(other))
    return False


@settings(max_examples=300)
@drawn(POSITIONS, st.none() | SOME, st.sets(SOME))
def test_no_other_position_has_a_better_claim(found: list[TaxPosition], country: str | None, vat: set[str]) -> None:
    known = has_vat_number(country, vat, home=HOME)
    claims = [one for one in found if is_there(one, country, home=HOME) and one.vat_number in {None, known}]
    best = choose(found, country, *vat)
    assert (best is None) == (claims == [])
    assert best is None or (best in claims and not any(goes_before(one, best) for one in claims))
    assert all(one is other or goes_before(one, other) != goes_before(other, one) for one in found for other in found)


def test_a_tax_becomes_another_or_none_and_is_taken_back() -> None:
    usual, reduced, export, strange = (uuid7() for _ in range(4))
    one = position(
        taxes=[TaxSubstitution(tax_id=usual, becomes_id=export), TaxSubstitution(tax_id=reduced, becomes_id=export)]
    )
    assert [one.becomes(tax) for tax in (usual, reduced, export, strange, None)] == [
        export, export, export, strange, None,
    ]  # fmt: skip
    assert [one.origin(export, usual), one.origin(export, reduced), one.origin(export), one.origin(strange)] == [
        usual, reduced, export, strange,
    ]  # fmt: skip


def test_the_union_has_27_members_all_of_which_are_countries() -> None:
    assert len(EUROPEAN_UNION) == 27
    assert EUROPEAN_UNION < COUNTRIES


async def untaxed(firm: Firm, code: str, category: str, **said: Any) -> Ref:
    return Ref(id=await do(firm, CreateTax(code=code, name=code, rate=Decimal(0), category=category, **said)))


def becomes(firm: Firm, to: Ref | None, *words: str) -> list[TaxSubstitutionEntry]:
    return [TaxSubstitutionEntry(tax=of(firm, word), becomes=to) for word in words]


async def reverse(firm: Firm, **said: Any) -> UUID:
    """What is bought in Germany from who has a VAT number: the buyer reckons 19 per cent."""
    tax = await untaxed(firm, "AE19", "AE", reverse_charge_rate=Decimal(19))
    usual = {"direction": "purchase", "place": "countries", "countries": ["de"], "vat_number": True}
    taxes = becomes(firm, tax, "tax8", "tax20")
    return await do(firm, CreateTaxPosition(code="RC", name="Reverse charge", taxes=taxes, **{**usual, **said}))


async def german(firm: Firm, **said: Any) -> UUID:
    numbers = [TaxNumberEntry(country="DE", number="DE136695976")]
    values = {"name": "Nut", "country": "DE", "is_vendor": True, "tax_numbers": numbers, **said}
    return await do(firm, CreatePartner(**values))


async def found(firm: Firm, partner: UUID, direction: str = "purchase", country: str | None = None) -> UUID | None:
    def find(work: Work) -> UUID | None:
        company, who = work.find(Company, firm.company), work.find(Partner, partner)
        one = position_for(work, company=company, partner=who, direction=direction, country=country)
        return one.id if one else None

    return await firm.database.transact(firm.actor("buyer"), find)


async def test_a_position_is_found_by_country_number_and_direction(firm: Firm) -> None:
    partner = await german(firm)
    assert await found(firm, partner) is None
    id = await reverse(firm)
    assert await found(firm, partner) == id
    assert await found(firm, partner, "sale") is None
    assert await found(firm, partner, country="FR") is None
    assert await found(firm, await german(firm, tax_numbers=[])) is None
    address = AddressEntry(role="legal", street="1", city="X", country="DE")
    depot = AddressEntry(role="delivery", street="2", city="Y", country="FR")
    somewhere = await german(firm, country=None, addresses=[depot, address])
    assert await found(firm, somewhere) == id
    await do(firm, ArchiveTaxPosition(id=Ref(id=id)))
    assert await found(firm, partner) is None


async def test_the_partner_s_own_position_goes_before_all_others(firm: Firm) -> None:
    await reverse(firm, priority=1000)
    own = await do(firm, CreateTaxPosition(code="OWN", name="Own", direction="purchase", priority=-5))
    partner = await german(firm, tax_position=Ref(id=own))
    assert await found(firm, partner) == own
    assert await found(firm, partner, "sale") is None


async def test_lines_and_charges_of_an_order_are_taxed_by_its_position(firm: Firm) -> None:
    id = await reverse(firm)
    vendor = await german(firm)
    line = OrderLine(product=of(firm, "bolt"), quantity=Decimal(10), unit_price=Decimal(10))
    freight = OrderCharge(text="Freight", amount=Decimal(5), tax=of(firm, "tax20"))
    command = {"lines": [line], "charges": [freight], "currency": "USD"}
    order = await written(firm, **command)
    before = await paper(firm, order)
    assert (before.tax_position_id, str(before.tax)) == (None, "9.00")
    moved = UpdatePurchaseOrder(id=ref(order), expected_version=before.version, vendor=Ref(id=vendor))
    await do(firm, moved)
    after = await paper(firm, order)
    assert (after.tax_position_id, str(after.tax), str(after.total)) == (id, "0.00", "105.00")
    (tax,) = await rows(firm, TaxAmount, document_id=order)
    assert (tax.category, str(tax.self_assessed)) == ("AE", "19.95")
    back = UpdatePurchaseOrder(id=ref(order), expected_version=after.version, vendor=of(firm, "vendor"))
    await do(firm, back)
    again = await paper(firm, order)
    assert again.tax_position_id is None
    assert [line.tax_id for line in await lines_of(firm, order)] == [firm["tax8"]]
    need = await carry_out(firm, "buyer", "CreatePurchaseRequisition", lines=[line], charges=[freight])
    await carry_out(firm, "buyer", "SubmitPurchaseRequisition", id=ref(need))
    order = await carry_out(firm, "buyer", "OrderPurchaseRequisition", id=ref(need), vendor=Ref(id=vendor))
    assert (await paper(firm, order)).tax_position_id == id
    (tax,) = await rows(firm, TaxAmount, document_id=order)
    assert (tax.category, tax.self_assessed > 0) == ("AE", True)
    assert await differences(firm) == []


async def test_an_archived_tax_in_place_of_another_is_refused_where_it_is_needed(firm: Firm) -> None:
    id = await reverse(firm)
    one = await row(firm, TaxPosition, id)
    vendor = await german(firm)
    tax = (await rows(firm, TaxSubstitution, position_id=one.id))[0].becomes_id
    await do(firm, ArchiveTax(id=Ref(id=tax)))
    bolts = OrderLine(product=of(firm, "bolt"), quantity=Decimal(1), unit_price=Decimal(1))
    order = CreatePurchaseOrder(currency="USD", vendor=Ref(id=vendor), lines=[bolts])
    assert await refused(firm, order) == [("ARCHIVED", ("lines", 0, "tax"))]


async def test_a_position_says_one_thing(firm: Firm) -> None:
    export = await untaxed(firm, "G", "G")
    make = CreateTaxPosition(code="P", name="P")
    assert await refused(firm, replace(make, place="countries")) == [("BAD_INPUT", ("countries",))]
    assert await refused(firm, replace(make, countries=["US"])) == [("BAD_INPUT", ("place",))]
    assert await refused(firm, replace(make, place="countries", countries=["US", "QQ"])) == [
        ("BAD_INPUT", ("countries", 1))
    ]
    circle = [*becomes(firm, export, "tax8"), TaxSubstitutionEntry(tax=export, becomes=of(firm, "tax20"))]
    assert await refused(firm, replace(make, taxes=circle)) == [("BAD_INPUT", ("taxes", 0, "becomes"))]
    twice = becomes(firm, export, "tax8", "tax8")
    assert await refused(firm, replace(make, taxes=twice)) == [("BAD_INPUT", ("taxes", 1))]
    id = await do(firm, replace(make, taxes=becomes(firm, None, "tax8")))
    assert await refused(firm, make) == [("NOT_UNIQUE", ("code",))]
    await do(firm, UpdateTaxPosition(id=Ref(id=id), expected_version=1, taxes=becomes(firm, export, "tax20")))
    kept = await rows(firm, TaxSubstitution, position_id=id)
    assert [(one.tax_id, one.becomes_id) for one in kept] == [(firm["tax20"], export.id)]


async def test_a_company_has_what_the_head_of_an_invoice_needs(firm: Firm) -> None:
    async def change(**said: Any) -> UUID:
        command = UpdateCompany(id=ref(firm.company), expected_version=(await company()).version, **said)
        return await firm.database.perform(firm.actor("administrator"), command)

    async def company() -> Any:
        parts = [selectinload(part) for part in (Company.addresses, Company.tax_numbers, Company.bank_accounts)]
        return await firm.database.transact(
            firm.actor("buyer"), lambda work: work.find(Company, firm.company, options=parts)
        )

    await change(
        addresses=[AddressEntry(role="legal", street="1 Mill Road", city="Bath", country="GB")],
        tax_numbers=[TaxNumberEntry(country="DE", number="DE 136 695 976")],
        bank_accounts=[BankAccountEntry(bank="Bank", number="GB82 WEST 1234 5698 7654 32", bic="deutdeff")],
        electronic_address="5790000435975", electronic_scheme="0088",
    )  # fmt: skip
    made = await company()
    assert [one.number for one in made.tax_numbers] == ["DE136695976"]
    assert [(one.number, one.bic) for one in made.bank_accounts] == [("GB82WEST12345698765432", "DEUTDEFF")]
    assert (made.addresses[0].city, made.electronic_scheme) == ("Bath", "0088")
    for said, path in [
        ({"bank_accounts": [BankAccountEntry(bank="B", number="GB82WEST12345698765433")]}, "IBAN"),
        ({"bank_accounts": [BankAccountEntry(bank="B", number="1", bic="X")]}, "BIC"),
        ({"electronic_scheme": "GLN"}, "EAS"), ({"electronic_scheme": None}, "both"),
    ]:  # fmt: skip
        with pytest.raises(Exception, match=path):
            await change(**said)
    other = [BankAccountEntry(bank="B", number="12-3456")]
    await change(bank_accounts=other, electronic_scheme=None, electronic_address=None)
    assert [one.number for one in (await company()).bank_accounts] == ["12-3456"]


async def test_a_partner_has_an_electronic_address_and_a_reference(firm: Firm) -> None:
    change = UpdatePartner(
        id=of(firm, "customer"), expected_version=1, electronic_address="991-33333TEST-33", electronic_scheme="0204",
        buyer_reference="04011000-1234512345-35",
    )  # fmt: skip
    assert await refused(firm, replace(change, electronic_scheme=None)) == [("BAD_INPUT", ("electronicScheme",))]
    await do(firm, change)
    assert (await row(firm, Partner, firm["customer"])).electronic_scheme == "0204"


def test_electronic_papers_need_codes_of_units() -> None:
    piece, odd = Unit(code="PCE", unece="C62"), Unit(code="ODD")
    must_have_codes([piece])
    with pytest.raises(NotReady, match="ODD"):
        must_have_codes([piece, odd])


async def test_a_price_that_holds_a_tax_is_asked_without_it_where_another_takes_its_place(firm: Firm) -> None:
    held = Ref(id=await do(firm, CreateTax(code="INC", name="VAT 19 %, included", rate=Decimal(19), included=True)))
    export = await untaxed(firm, "G", "G")
    await do(firm, UpdateProduct(id=of(firm, "bolt"), expected_version=1, sales_tax=held, list_price=Decimal(119)))
    abroad = TaxSubstitutionEntry(tax=held, becomes=export)
    await do(firm, CreateTaxPosition(code="EX", name="Export", direction="sale", place="abroad", taxes=[abroad]))
    for country, price, untaxed_price in (("US", "119.00", "100.00"), ("NO", "100.00", "100.00")):
        customer = await do(firm, CreatePartner(name=country, is_customer=True, country=country, currency="USD"))
        for line in (
            OrderLine(product=of(firm, "bolt"), quantity=Decimal(1)),
            OrderLine(product=of(firm, "bolt"), quantity=Decimal(1), unit_price=Decimal(price)),
        ):
            order = await carry_out(firm, "seller", "CreateSalesOrder", customer=ref(customer), lines=[line])
            assert str((await paper(firm, order)).untaxed) == untaxed_price
            assert (await lines_of(firm, order))[0].unit_price == Decimal(price)
