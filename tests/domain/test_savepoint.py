"""A savepoint takes back what failed inside it, and its events, and nothing else."""

from collections.abc import Callable
from contextlib import suppress
from decimal import Decimal

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from domain.kernel.errors import BadInput
from domain.kernel.work import Work
from domain.parties.partner import Partner
from domain.stock import ledger
from domain.stock.move import Position
from tests.domain.test_purchase import rows
from tests.firm import TODAY, Firm


async def events(firm: Firm, record: str) -> list[tuple[str, int, dict[str, object]]]:
    async with firm.database.session(firm.actor("buyer")) as session:
        rows = await session.execute(
            text("select type, sequence, changes from event where record_id = :id order by xid, id"),
            {"id": firm[record]},
        )
        return [(row.type, row.sequence, row.changes) for row in rows]


def failing(work: Work, act: Callable[[], object]) -> None:
    """Do something in a savepoint that fails in the end."""
    with suppress(BadInput), work.savepoint():
        act()
        raise BadInput


async def test_what_fails_in_a_savepoint_leaves_no_row_and_no_event(firm: Firm) -> None:
    def three(work: Work) -> None:
        for number in ("V10", "V12"):
            with work.savepoint():
                work.add(Partner(number=number, name="New", is_vendor=True))
            failing(work, lambda: (work.add(Partner(number="V11", name="New")), work.session.flush()))

    await firm.database.transact(firm.actor("buyer"), three)
    async with firm.database.session(firm.actor("buyer")) as session:
        numbers = list(await session.scalars(text("select number from partner where name = 'New' order by number")))
        told = await session.scalar(text("select count(*) from event where changes->'name'->>1 = 'New'"))
    assert numbers == ["V10", "V12"]
    assert told == 2


async def test_the_database_may_fail_a_savepoint_and_the_work_goes_on(firm: Firm) -> None:
    def doubled(work: Work) -> None:
        vendor = work.find(Partner, firm["vendor"])
        vendor.website = "https://bolt.example"
        with suppress(IntegrityError), work.savepoint():
            work.add(Partner(number="V1", name="Twin", is_vendor=True))
        vendor.note = "still here"

    await firm.database.transact(firm.actor("buyer"), doubled)
    _, told = await events(firm, "vendor")
    assert told[:2] == ("partner.updated", 2)
    assert set(told[2]) == {"website", "note"}


async def test_each_savepoint_that_holds_makes_events_of_its_own(firm: Firm) -> None:
    def twice(work: Work) -> None:
        vendor = work.find(Partner, firm["vendor"])
        for note in ("first", "second"):
            with work.savepoint():
                vendor.note = note

    await firm.database.transact(firm.actor("buyer"), twice)
    assert [(type, sequence) for type, sequence, _ in await events(firm, "vendor")] == [
        ("partner.created", 1),
        ("partner.updated", 2),
        ("partner.updated", 3),
    ]


async def test_goods_that_came_in_a_savepoint_that_failed_did_not_and_come_after_it(firm: Firm) -> None:
    def come(work: Work) -> None:
        leg = ledger.Leg(product=firm["bolt"], origin=firm["vendors"], target=firm["shelf"], quantity=Decimal(5))
        failing(work, lambda: ledger.post(work, firm.company, [leg], dated=TODAY.date()))
        ledger.post(work, firm.company, [leg], dated=TODAY.date())

    await firm.database.transact(firm.actor("storekeeper"), come)
    assert [row.on_hand for row in await rows(firm, Position, location_id=firm["shelf"])] == [5]


async def test_an_inner_savepoint_falls_with_the_outer_one(firm: Firm) -> None:
    def outer(work: Work, vendor: Partner) -> None:
        vendor.website = "https://outer.example"
        with work.savepoint():
            vendor.note = "inner"

    def nested(work: Work) -> None:
        vendor = work.add(Partner(number="V20", name="Nested", is_vendor=True))
        failing(work, lambda: outer(work, vendor))
        firm.ids["nested"] = vendor.id

    await firm.database.transact(firm.actor("buyer"), nested)
    (told,) = await events(firm, "nested")
    assert told[:2] == ("partner.created", 1)
    assert not {"website", "note"} & set(told[2])


async def test_a_change_taken_back_does_not_count_as_a_version(firm: Firm) -> None:
    def wrong(work: Work, vendor: Partner) -> None:
        vendor.website = "https://wrong.example"
        work.note(vendor, "approved")

    def tried(work: Work) -> None:
        vendor = work.find(Partner, firm["vendor"])
        failing(work, lambda: wrong(work, vendor))
        assert vendor.website is None
        vendor.website = "https://bolt.example"

    await firm.database.transact(firm.actor("buyer"), tried)
    assert [(type, sequence) for type, sequence, _ in await events(firm, "vendor")] == [
        ("partner.created", 1),
        ("partner.updated", 2),
    ]
