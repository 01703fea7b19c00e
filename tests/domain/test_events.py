"""Events tell what was committed, once and in order."""

from sqlalchemy import text

from domain.kernel.work import Work
from domain.parties.partner import Address, Partner
from tests.firm import Firm


async def test_a_change_and_its_event_commit_together(firm: Firm) -> None:
    def move_in(work: Work) -> None:
        vendor = work.find(Partner, firm["vendor"])
        work.session.refresh(vendor, ["addresses"])
        vendor.addresses.append(Address(role="legal", street="1 Main St", city="Springfield", country="US"))
        vendor.website = "https://bolt.example"

    await firm.database.transact(firm.actor("buyer"), move_in)
    async with firm.database.session(firm.actor("buyer")) as session:
        rows = (
            await session.execute(
                text("select type, sequence, changes from event where record_id = :id order by xid, id"),
                {"id": firm["vendor"]},
            )
        ).all()
    assert [(row.type, row.sequence) for row in rows] == [("partner.created", 1), ("partner.updated", 2)]
    assert rows[1].changes["website"] == [None, "https://bolt.example"]
