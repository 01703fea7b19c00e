"""A partner is known once, and everything there is to say of it is entered and changed from one place."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import selectinload

from domain.kernel.commands import Ref
from domain.kernel.errors import Forbidden, NotFound, Refused, VersionConflict
from domain.kernel.references import ExternalKey
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.parties.partner_entry import (
    AddressEntry,
    ArchivePartner,
    ContactEntry,
    ContractTermEntry,
    CreatePartner,
    DeliveryDayEntry,
    RestorePartner,
    TaxNumberEntry,
    UpdatePartner,
)
from domain.parties.payment_term import (
    ArchivePaymentTerm,
    CreatePaymentTerm,
    InstalmentEntry,
    PaymentTerm,
    UpdatePaymentTerm,
)
from tests.firm import Firm

PARTS = (Partner.addresses, Partner.contacts, Partner.tax_numbers, Partner.contracts, Partner.delivery_days)
ACME = CreatePartner(
    number="V100", name="  Acme  ", is_vendor=True, country="de", currency="eur", language="de_AT", lead_days=5,
    website="acme.example/shop", rating=2, over_receipt_percent=Decimal("2.5"), note="pays late\r\nbut pays",
    addresses=[
        AddressEntry(role="LEGAL", street="Ring 1", city="Wien", country="AT"),
        AddressEntry(role="delivery", street="Hafen 2", city="Linz", country="AT", postal_code="4020"),
    ],
    contacts=[ContactEntry(name="Ada", job="orders", email="ada@acme.example", phone="+43 1 555")],
    tax_numbers=[
        TaxNumberEntry(country="DE", number="136 695 976"), TaxNumberEntry(country="US", kind="other", number="9-1"),
    ],
    contracts=[ContractTermEntry(title="Warranty", text="Two years.", valid_from=date(2026, 1, 1))],
    delivery_days=[DeliveryDayEntry(weekday=2), DeliveryDayEntry(weekday=4)],
    external=ExternalKey(source="old", key="77"),
)  # fmt: skip


async def do(firm: Firm, command: Any, role: str = "buyer") -> UUID:
    return await firm.database.perform(firm.actor(role), command)


async def whole(firm: Firm, id: UUID) -> Partner:
    def read(work: Work) -> Partner:
        return work.find(Partner, id, options=[selectinload(part) for part in PARTS])

    return await firm.database.transact(firm.actor("buyer"), read)


async def events(firm: Firm, id: UUID) -> list[tuple[str, dict[str, Any]]]:
    async with firm.database.session(firm.actor("buyer")) as session:
        rows = await session.execute(
            text("select type, changes from event where record_id = :id order by xid, id"), {"id": id}
        )
        return [(row.type, row.changes) for row in rows]


async def refused(firm: Firm, command: Any, role: str = "buyer") -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(Refused) as caught:
        await do(firm, command, role)
    return [(one.code, one.path) for one in caught.value.each]


def changed(row: Partner, **values: Any) -> Any:
    return UpdatePartner(id=Ref(id=row.id), expected_version=row.version, **values)


async def test_everything_is_entered_at_once_and_kept_in_one_form(firm: Firm) -> None:
    acme = await whole(firm, await do(firm, ACME))
    assert (acme.number, acme.name, acme.country, acme.currency, acme.language) == (
        "V100",
        "Acme",
        "DE",
        "EUR",
        "de-AT",
    )
    assert acme.note == "pays late\nbut pays"
    assert [(one.role, one.city) for one in acme.addresses] == [("legal", "Wien"), ("delivery", "Linz")]
    assert [one.name for one in acme.contacts] == ["Ada"]
    assert [(one.country, one.number) for one in acme.tax_numbers] == [("DE", "DE136695976"), ("US", "9-1")]
    assert [one.title for one in acme.contracts] == ["Warranty"]
    assert [one.weekday for one in acme.delivery_days] == [2, 4]
    assert acme.version == 1


async def test_a_partner_is_named_by_its_key_elsewhere(firm: Firm) -> None:
    id = await do(firm, ACME)
    update = UpdatePartner(id=Ref(source="old", key="77"), expected_version=1, name="Acme AG")
    assert await do(firm, update) == id
    assert (await whole(firm, id)).name == "Acme AG"


async def test_a_key_elsewhere_belongs_to_one_partner(firm: Firm) -> None:
    await do(firm, ACME)
    assert await refused(firm, replace(ACME, number="V101")) == [("NOT_UNIQUE", ("external", "key"))]


async def test_a_number_belongs_to_one_partner(firm: Firm) -> None:
    assert await refused(firm, CreatePartner(number=" V1 ", name="Twin")) == [("NOT_UNIQUE", ("number",))]
    customer = await whole(firm, firm["customer"])
    assert await refused(firm, changed(customer, number="V1")) == [("NOT_UNIQUE", ("number",))]
    await do(firm, changed(customer, number="C1", name="Same number, new name"))


async def test_a_partner_without_a_number_gets_one(firm: Firm) -> None:
    numbers = {(await whole(firm, await do(firm, CreatePartner(name="Nobody")))).number for _ in range(3)}
    assert len(numbers) == 3
    assert all(number.startswith("P-") for number in numbers)


async def test_the_same_again_changes_nothing_and_tells_nothing(firm: Firm) -> None:
    id = await do(firm, ACME)
    again = {name: getattr(ACME, name) for name in ("name", "country", "rating", "over_receipt_percent", "note")}
    parts = {
        name: getattr(ACME, name) for name in ("addresses", "contacts", "tax_numbers", "contracts", "delivery_days")
    }
    before = await whole(firm, id)
    await do(firm, changed(before, **again, **parts))
    after = await whole(firm, id)
    assert after.version == 1
    assert [name for name, _ in await events(firm, id)] == ["partner.created"]
    assert [one.id for one in after.addresses] == [one.id for one in before.addresses]


async def test_only_parts_that_differ_are_touched(firm: Firm) -> None:
    id = await do(firm, ACME)
    before = await whole(firm, id)
    legal, delivery = ACME.addresses
    invoice = AddressEntry(role="invoice", street="Post 9", city="Graz", country="AT")
    moved = replace(delivery, street="Hafen 3")
    await do(firm, changed(before, addresses=[invoice, moved, legal], delivery_days=[DeliveryDayEntry(weekday=4)]))
    after = await whole(firm, id)
    ids = {one.role: one.id for one in before.addresses}
    assert {one.role: one.street for one in after.addresses} == {
        "legal": "Ring 1",
        "delivery": "Hafen 3",
        "invoice": "Post 9",
    }
    assert {one.id for one in after.addresses} > set(ids.values())
    told = (await events(firm, id))[-1][1]
    assert told[f"address.{ids['delivery']}"] == {"street": ["Hafen 2", "Hafen 3"]}
    assert f"address.{ids['legal']}" not in told
    assert told["delivery_day.2"] == {"deleted": [None, True]}
    assert after.version == 2


async def test_an_empty_list_removes_all_parts_and_a_list_not_given_none(firm: Firm) -> None:
    id = await do(firm, ACME)
    await do(firm, changed(await whole(firm, id), contacts=[], name="Acme 2"))
    after = await whole(firm, id)
    assert after.contacts == []
    assert len(after.addresses) == 2


async def test_a_tax_number_may_change_its_kind(firm: Firm) -> None:
    id = await do(firm, ACME)
    as_other = TaxNumberEntry(country="DE", kind="other", number="DE136695976")
    await do(firm, changed(await whole(firm, id), tax_numbers=[as_other]))
    assert [(one.kind, one.number) for one in (await whole(firm, id)).tax_numbers] == [("other", "DE136695976")]


async def test_persons_are_not_named_in_the_log(firm: Firm) -> None:
    id = await do(firm, ACME)
    told = str(await events(firm, id))
    assert "Ada" not in told
    assert "ada@acme.example" not in told


async def test_all_mistakes_are_told_at_once_each_at_its_place(firm: Firm) -> None:
    wrong = CreatePartner(
        name=" ", country="XX", currency="DEM", language="xx-nowhere", website="javascript:alert(1)", rating=6,
        over_receipt_percent=Decimal("NaN"), lead_days=-1, note="bell\x07",
        addresses=[
            AddressEntry(role="home", street="a", city="b", country="US"),
            AddressEntry(role="legal", street="", city="b", country="US"),
        ],
        contacts=[ContactEntry(name="x" * 201, email="nobody")],
        tax_numbers=[
            TaxNumberEntry(country="DE", number="123"), TaxNumberEntry(country="US", number="1"),
            TaxNumberEntry(country="GB", number="980780684"), TaxNumberEntry(country="GB", number="GB 980 7806 84"),
        ],
        contracts=[ContractTermEntry(title="t", text="t", valid_from=date(2026, 2, 1), valid_to=date(2026, 1, 1))],
        delivery_days=[DeliveryDayEntry(weekday=8), DeliveryDayEntry(weekday=1), DeliveryDayEntry(weekday=1)],
        payment_term=Ref(id=firm["bolt"]),
    )  # fmt: skip
    found = await refused(firm, wrong)
    assert sorted(found, key=str) == sorted(
        [
            ("BAD_INPUT", ("name",)), ("BAD_INPUT", ("country",)), ("BAD_INPUT", ("currency",)),
            ("BAD_INPUT", ("language",)), ("BAD_INPUT", ("website",)), ("BAD_INPUT", ("rating",)),
            ("BAD_INPUT", ("overReceiptPercent",)), ("BAD_INPUT", ("leadDays",)), ("BAD_INPUT", ("note",)),
            ("BAD_INPUT", ("addresses", 0, "role")), ("BAD_INPUT", ("addresses", 1, "street")),
            ("BAD_INPUT", ("contacts", 0, "name")), ("BAD_INPUT", ("contacts", 0, "email")),
            ("BAD_INPUT", ("taxNumbers", 0, "number")), ("BAD_INPUT", ("taxNumbers", 1, "kind")),
            ("BAD_INPUT", ("taxNumbers", 3)), ("BAD_INPUT", ("contracts", 0, "validTo")),
            ("BAD_INPUT", ("deliveryDays", 0, "weekday")), ("BAD_INPUT", ("deliveryDays", 2)),
            ("NOT_FOUND", ("paymentTerm",)),
        ],
        key=str,
    )  # fmt: skip


async def test_a_refused_partner_leaves_nothing_behind(firm: Firm) -> None:
    await refused(firm, replace(ACME, rating=9))
    await do(firm, ACME)


@pytest.mark.parametrize(
    ("country", "number", "kept"),
    [
        ("AT", "U13585627", "ATU13585627"),
        ("GR", "EL 094259216", "EL094259216"),
        ("FR", "FR 40 303 265 045", "FR40303265045"),
        ("CH", "CHE-107.787.577 IVA", "CHE107787577IVA"),
        ("NO", "995 525 828 MVA", "995525828MVA"),
        ("AU", "83 914 571 673", "83914571673"),
    ],
)
async def test_vat_numbers_are_kept_in_their_compact_form(firm: Firm, country: str, number: str, kept: str) -> None:
    id = await do(firm, CreatePartner(name="x", tax_numbers=[TaxNumberEntry(country=country, number=number)]))
    assert [one.number for one in (await whole(firm, id)).tax_numbers] == [kept]


async def test_a_bad_tax_number_is_refused_with_the_reason(firm: Firm) -> None:
    with pytest.raises(Refused) as caught:
        await do(firm, CreatePartner(name="x", tax_numbers=[TaxNumberEntry(country="DE", number="136695977")]))
    assert "checksum" in caught.value.each[0].message


async def test_an_edit_of_an_outdated_partner_is_refused(firm: Firm) -> None:
    vendor = await whole(firm, firm["vendor"])
    await do(firm, changed(vendor, name="First"))
    with pytest.raises(VersionConflict) as caught:
        await do(firm, changed(vendor, name="Second"))
    assert caught.value.details["current"] == 2


async def test_null_empties_what_may_be_empty_and_nothing_else(firm: Firm) -> None:
    vendor = await whole(firm, firm["other_vendor"])
    assert await refused(firm, changed(vendor, name=None, is_vendor=None)) == [
        ("BAD_INPUT", ("name",)),
        ("BAD_INPUT", ("isVendor",)),
    ]
    await do(firm, changed(vendor, currency=None, country=""))
    after = await whole(firm, vendor.id)
    assert (after.currency, after.country) == (None, None)


async def test_an_archived_payment_term_stays_but_comes_onto_no_new_partner(firm: Firm) -> None:
    net = await do(firm, CreatePaymentTerm(name="Net", instalments=[InstalmentEntry(days=30)]))
    partner = await do(firm, CreatePartner(name="x", payment_term=Ref(id=net)))
    await do(firm, ArchivePaymentTerm(id=Ref(id=net)))
    assert await refused(firm, CreatePartner(name="y", payment_term=Ref(id=net))) == [("ARCHIVED", ("paymentTerm",))]
    await do(firm, changed(await whole(firm, partner), payment_term=Ref(id=net), name="z"))
    assert (await whole(firm, partner)).payment_term_id == net


async def test_archiving_and_restoring_are_told_once(firm: Firm) -> None:
    who = Ref(id=firm["vendor"])
    for verb in (ArchivePartner, ArchivePartner, RestorePartner, RestorePartner):
        await do(firm, verb(id=who))
    assert [name for name, _ in await events(firm, firm["vendor"])] == [
        "partner.created", "partner.archived", "partner.restored"]  # fmt: skip
    assert (await whole(firm, firm["vendor"])).archived_at is None


async def test_master_data_needs_the_right_to_write_it(firm: Firm) -> None:
    with pytest.raises(Forbidden):
        await do(firm, ACME, "viewer")


async def test_a_partner_of_another_tenant_is_not_there(firm: Firm, database: Any, database_url: str) -> None:
    from tests.firm import found

    other = await found(database, database_url, tenant=2)
    with pytest.raises(NotFound):
        await do(firm, UpdatePartner(id=Ref(id=other["vendor"]), expected_version=1, name="Mine"))


TERM = CreatePaymentTerm(
    name="Thirds",
    instalments=[
        InstalmentEntry(percent=Decimal(30), days=0),
        InstalmentEntry(percent=Decimal("30.5"), days=30, end_of_month=True),
        InstalmentEntry(days=60),
    ],
    discount_percent=Decimal(2),
    discount_days=10,
)


async def test_instalments_make_up_the_whole(firm: Firm) -> None:
    id = await do(firm, TERM)
    row = await firm.database.transact(firm.actor("buyer"), lambda work: work.find(PaymentTerm, id))
    assert row.instalments == [
        {"percent": "30", "days": 0, "endOfMonth": False},
        {"percent": "30.5", "days": 30, "endOfMonth": True},
        {"percent": None, "days": 60, "endOfMonth": False},
    ]
    await do(firm, UpdatePaymentTerm(id=Ref(id=id), expected_version=1, instalments=TERM.instalments))
    assert [name for name, _ in await events(firm, id)] == ["payment_term.created"]


@pytest.mark.parametrize(
    ("instalments", "path"),
    [
        ([], ("instalments",)),
        ([InstalmentEntry(percent=Decimal(99), days=0)], ("instalments",)),
        ([InstalmentEntry(percent=Decimal(100), days=0), InstalmentEntry(days=9)], ("instalments",)),
        ([InstalmentEntry(days=9), InstalmentEntry(percent=Decimal(1), days=0)], ("instalments", 0, "percent")),
        ([InstalmentEntry(percent=Decimal(0), days=0), InstalmentEntry(days=1)], ("instalments", 0, "percent")),
        ([InstalmentEntry(percent=Decimal("NaN"), days=0)], ("instalments", 0, "percent")),
        ([InstalmentEntry(days=-1)], ("instalments", 0, "days")),
        ([InstalmentEntry(days=1)] * 61, ("instalments",)),
    ],
)
async def test_instalments_that_do_not_add_up_are_refused(firm: Firm, instalments: Any, path: Any) -> None:
    assert ("BAD_INPUT", path) in await refused(firm, replace(TERM, instalments=instalments))


async def test_a_discount_needs_its_days(firm: Firm) -> None:
    assert await refused(firm, replace(TERM, discount_days=None)) == [("BAD_INPUT", ("discountDays",))]
