"""A company is founded with its places; one of them receives; what a place is stays so once goods were there."""

import asyncio
from dataclasses import replace
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.kernel.base import uuid7
from domain.kernel.commands import Ref
from domain.kernel.errors import Forbidden, NotFound, NotReady, NotUnique, Refused
from domain.kernel.work import Work
from domain.parties.company import Company, company_of
from domain.parties.company_entry import UpdateCompany
from domain.stock import ledger
from domain.stock.founding import CreateCompany, found_company
from domain.stock.ledger import Leg
from domain.stock.location import KINDS, Location
from domain.stock.location_entry import ArchiveLocation, CreateLocation, RestoreLocation, UpdateLocation
from tests.firm import TODAY, Firm


async def do(firm: Firm, command: Any, role: str = "administrator") -> UUID:
    return await firm.database.perform(firm.actor(role), command)


async def refused(firm: Firm, command: Any) -> list[tuple[str, tuple[str | int, ...]]]:
    with pytest.raises(Refused) as caught:
        await do(firm, command)
    return [(one.code, one.path) for one in caught.value.each]


async def row(firm: Firm, model: Any, id: UUID) -> Any:
    return await firm.database.transact(firm.actor("buyer"), lambda work: work.find(model, id))


def to_company(firm: Firm, **values: Any) -> UpdateCompany:
    return UpdateCompany(id=Ref(id=firm.company), expected_version=1, **values)


def to_place(firm: Firm, word: str, **values: Any) -> Any:
    return UpdateLocation(id=Ref(id=firm[word]), expected_version=1, **values)


async def founded(firm: Firm, **values: Any) -> UUID:
    """A second company, for which the administrator and the buyer work too."""
    id = uuid7()
    usual = {"code": "SUB", "name": "Sub SA", "country": "fr", "currency": "eur", "time_zone": "Europe/Paris"}
    for role in ("administrator", "buyer"):
        actor = firm.actors[role]
        firm.actors[role] = replace(actor, companies=actor.companies | {id})
    entry = CreateCompany(**usual | values)
    await firm.database.transact(firm.actor("administrator"), lambda work: found_company(work, entry, id=id).id)
    return id


async def test_a_company_is_founded_with_a_place_of_every_kind(firm: Firm) -> None:
    id = await founded(firm, approval_threshold=Decimal(500))
    company = await row(firm, Company, id)
    assert (company.country, company.currency, company.approval_threshold) == ("FR", "EUR", 500)

    def places(work: Work) -> list[Any]:
        kinds = list(work.session.scalars(select(Location.kind).where(Location.company_id == id)))
        found = [ledger.virtual_location(work, id, kind) for kind in KINDS[1:]]
        return [kinds, found, ledger.receiving_location(work, id)]

    kinds, found, receiving = await firm.database.transact(firm.actor("buyer"), places)
    assert sorted(kinds) == sorted(KINDS)
    assert len({*found, receiving}) == len(KINDS)


async def test_a_company_with_mistakes_is_not_founded(firm: Firm) -> None:
    with pytest.raises(Refused) as caught:
        await founded(firm, country="XX", currency="XXX", time_zone="Europe", approval_threshold=Decimal(-1))
    paths = [one.path for one in caught.value.each]
    assert paths == [("country",), ("currency",), ("timeZone",), ("approvalThreshold",)]
    with pytest.raises(NotUnique):
        await founded(firm, code="MAIN")


async def test_a_company_changes_by_those_who_may_and_by_nobody_else(firm: Firm) -> None:
    await do(firm, to_company(firm, name="Main AG", time_zone="Europe/Vienna", approval_threshold=Decimal("99.95")))
    company = await row(firm, Company, firm.company)
    assert (company.name, company.approval_threshold, company.version) == ("Main AG", Decimal("99.95"), 2)
    assert str(company.today(TODAY.replace(hour=23, minute=30))) == "2026-03-03"
    with pytest.raises(Forbidden):
        await do(firm, to_company(firm, approval_threshold=Decimal(10**9)), "buyer")


@pytest.mark.parametrize(
    ("values", "path"),
    [
        ({"time_zone": "Mars/Olympus"}, "timeZone"), ({"time_zone": "../UTC"}, "timeZone"),
        ({"time_zone": "Europe"}, "timeZone"),
        ({"approval_threshold": Decimal("0.001")}, "approvalThreshold"),
        ({"approval_threshold": Decimal("NaN")}, "approvalThreshold"), ({"name": ""}, "name"),
    ],
)  # fmt: skip
async def test_a_company_is_not_spoiled(firm: Firm, values: Any, path: str) -> None:
    assert await refused(firm, to_company(firm, **values)) == [("BAD_INPUT", (path,))]


async def test_a_company_one_does_not_work_for_is_not_there(firm: Firm) -> None:
    id = await founded(firm)
    command = UpdateCompany(id=Ref(id=id), expected_version=1, name="x")
    actor = replace(firm.actor("administrator"), companies=frozenset({firm.company}))
    with pytest.raises(NotFound):
        await firm.database.perform(actor, command)


async def test_who_works_for_several_companies_says_which(firm: Firm) -> None:
    id = await founded(firm)

    def chosen(work: Work) -> UUID:
        return company_of(work, Ref(id=id), "company").id

    assert await firm.database.transact(firm.actor("buyer"), chosen) == id
    place = CreateLocation(code="B1", name="Shelf")
    assert await refused(firm, place) == [("BAD_INPUT", ("company",))]
    made = await do(firm, replace(place, company=Ref(id=id)))
    assert (await row(firm, Location, made)).company_id == id


async def test_the_mark_of_receiving_moves(firm: Firm) -> None:
    dock = await do(firm, CreateLocation(code="DOCK", name="Dock", receives=True))
    marks = [(await row(firm, Location, id)).receives for id in (dock, firm["receiving"])]
    assert marks == [True, False]
    await do(firm, UpdateLocation(id=Ref(id=firm["receiving"]), expected_version=2, receives=True))
    marks = [(await row(firm, Location, id)).receives for id in (dock, firm["receiving"])]
    assert marks == [False, True]
    await do(firm, to_place(firm, "shelf", name="Shelf A2"))


async def test_one_place_receives_however_many_are_set_at_once(firm: Firm) -> None:
    outcomes = await asyncio.gather(
        *(do(firm, CreateLocation(code=f"D{n}", name="Dock", receives=True)) for n in range(5))
    )
    assert len(set(outcomes)) == 5

    def receiving(work: Work) -> int:
        return len(work.session.scalars(select(Location.id).where(Location.receives)).all())

    assert await firm.database.transact(firm.actor("buyer"), receiving) == 1


async def test_a_place_that_receives_or_holds_goods_stays_in_use(firm: Firm) -> None:
    archive = ArchiveLocation(id=Ref(id=firm["receiving"]))
    with pytest.raises(NotReady, match="let another location receive"):
        await do(firm, archive)
    dock = await do(firm, CreateLocation(code="DOCK", name="Dock", receives=True))

    def put(quantity: int) -> Any:
        leg = ledger.Leg(
            product=firm["bolt"], origin=firm["vendors"], target=firm["receiving"], quantity=Decimal(quantity)
        )
        back = replace(leg, origin=leg.target, target=leg.origin, quantity=Decimal(-quantity))
        legs = [leg] if quantity > 0 else [back]
        return lambda work: ledger.post(work, firm.company, legs, dated=work.now.date())

    await firm.database.transact(firm.actor("storekeeper"), put(3))
    with pytest.raises(NotReady, match="Goods lie here"):
        await do(firm, archive)
    await firm.database.transact(firm.actor("storekeeper"), put(-3))
    await do(firm, archive)
    await do(firm, RestoreLocation(id=Ref(id=firm["receiving"])))
    marks = [(await row(firm, Location, id)).receives for id in (dock, firm["receiving"])]
    assert marks == [True, False]


async def test_goods_do_not_go_to_a_place_outside_that_was_put_away(firm: Firm) -> None:
    other = await do(firm, CreateLocation(code="SCRAP", name="Scrapped", kind="loss"))
    await do(firm, ArchiveLocation(id=Ref(id=firm["losses"])))

    def lost(work: Work) -> UUID:
        return ledger.virtual_location(work, firm.company, "loss")

    assert await firm.database.transact(firm.actor("storekeeper"), lost) == other


@pytest.mark.parametrize(
    ("values", "refusal"),
    [
        ({"code": "A1"}, ("NOT_UNIQUE", ("code",))),
        ({"kind": "shed"}, ("BAD_INPUT", ("kind",))),
        ({"kind": "loss", "receives": True}, ("BAD_INPUT", ("receives",))),
        ({"company": Ref(id=uuid7())}, ("NOT_FOUND", ("company",))),
    ],
)
async def test_bad_places_are_refused(firm: Firm, values: Any, refusal: Any) -> None:
    assert await refused(firm, CreateLocation(**{"code": "X", "name": "X", **values})) == [refusal]


async def test_two_companies_may_use_the_same_code(firm: Firm) -> None:
    id = await founded(firm)
    theirs = await do(firm, CreateLocation(company=Ref(id=id), code="A1", name="Shelf"))
    assert (await row(firm, Location, theirs)).code == (await row(firm, Location, firm["shelf"])).code


async def test_the_kind_is_for_good_once_goods_were_there(firm: Firm) -> None:
    await do(firm, to_place(firm, "shelf", kind="production"))
    await do(firm, UpdateLocation(id=Ref(id=firm["shelf"]), expected_version=2, kind="internal"))

    def bring(work: Work) -> None:
        leg = Leg(product=firm["bolt"], origin=firm["vendors"], target=firm["shelf"], quantity=Decimal(1))
        ledger.post(work, firm.company, [leg], dated=TODAY.date())

    await firm.database.transact(firm.actor("storekeeper"), bring)
    for word, version in (("shelf", 3), ("vendors", 1)):
        command = UpdateLocation(id=Ref(id=firm[word]), expected_version=version, kind="transit")
        assert await refused(firm, command) == [("BAD_INPUT", ("kind",))]
