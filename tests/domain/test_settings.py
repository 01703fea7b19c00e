"""What is set for a company holds before what is set for all, and both before the default."""

import asyncio
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from domain.access.entrance import sign_in
from domain.access.people import SetPassword
from domain.access.user import SignIn
from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, Forbidden, NotFound, Refused
from domain.kernel.setting import SETTINGS, setting, whole_number
from domain.parties.setting_entry import SetSetting
from domain.purchase.tolerance import OVER_RECEIPT
from tests.firm import Firm, found


async def put(
    firm: Firm, name: str, value: str | None, *, company: Ref | None = None, role: str = "administrator"
) -> UUID:
    return await firm.database.perform(firm.actor(role), SetSetting(name=name, value=value, company=company))


async def tolerated(firm: Firm, company: UUID | None = None) -> Decimal:
    return await firm.database.transact(firm.actor("viewer"), lambda work: OVER_RECEIPT.of(work, company))


async def test_the_nearest_value_that_is_set_holds(firm: Firm) -> None:
    here = Ref(id=firm.company)
    assert await tolerated(firm, firm.company) == 0
    await put(firm, "receipt.over_percent", "5")
    await put(firm, "receipt.over_percent", "7.50", company=here)
    assert (await tolerated(firm), await tolerated(firm, firm.company)) == (Decimal(5), Decimal("7.50"))
    await put(firm, "receipt.over_percent", None, company=here)
    assert await tolerated(firm, firm.company) == 5


@pytest.mark.parametrize(
    ("name", "value", "error", "path"),
    [
        ("receipt.over", "5", NotFound, ("name",)),
        ("receipt.over_percent", "many", BadInput, ("value",)),
        ("receipt.over_percent", "NaN", BadInput, ("value",)),
        ("receipt.over_percent", "-1", BadInput, ("value",)),
        ("receipt.over_percent", "100.1", BadInput, ("value",)),
        ("sign_in.hours", "1.5", BadInput, ("value",)),
        ("sign_in.hours", "0", BadInput, ("value",)),
        ("sign_in.hours", "1_0", BadInput, ("value",)),
        ("sign_in.hours", "\N{ARABIC-INDIC DIGIT THREE}", BadInput, ("value",)),
        ("receipt.over_percent", "1_0", BadInput, ("value",)),
        ("receipt.over_percent", "1e1", BadInput, ("value",)),
    ],
)
async def test_a_value_that_does_not_fit_is_refused(
    firm: Firm, name: str, value: str, error: type[Refused], path: Any
) -> None:
    with pytest.raises(error) as caught:
        await put(firm, name, value)
    assert caught.value.path == path


async def test_what_is_the_tenant_s_is_set_for_no_company_and_by_nobody_without_the_right(firm: Firm) -> None:
    other = await found(firm.database, firm.owner_url, tenant=2)
    with pytest.raises(BadInput, match="whole tenant"):
        await put(firm, "sign_in.hours", "8", company=Ref(id=firm.company))
    with pytest.raises(NotFound):
        await put(firm, "receipt.over_percent", "8", company=Ref(id=other.company))
    with pytest.raises(Forbidden):
        await put(firm, "receipt.over_percent", "8", role="buyer")


async def test_a_setting_of_one_tenant_is_none_of_the_other_s(firm: Firm) -> None:
    other = await found(firm.database, firm.owner_url, tenant=2)
    await put(firm, "receipt.over_percent", "9")
    assert (await tolerated(firm), await tolerated(other)) == (Decimal(9), Decimal(0))


async def test_of_many_who_set_it_for_the_first_time_at_once_all_are_heard(firm: Firm) -> None:
    done = await asyncio.gather(*(put(firm, "receipt.over_percent", str(number)) for number in range(4)))
    assert len(set(done)) == 1


async def test_people_stay_signed_in_as_long_as_is_set(firm: Firm) -> None:
    me = firm.actor("administrator")
    await firm.database.perform(me, SetPassword(id=Ref(id=firm["user:buyer"]), password="four words make it"))
    await put(firm, "sign_in.hours", "2")
    opened = await sign_in(firm.database, "buyer", "four words make it")
    async with firm.database.session(me) as session:
        began = (await session.execute(select(SignIn.started_at))).scalar_one()
    assert (opened.expires_at - began).total_seconds() == 2 * 3600


async def test_a_setting_can_be_declared_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("domain.kernel.setting.SETTINGS", dict(SETTINGS))
    with pytest.raises(ValueError, match=r"sign_in\.hours"):
        setting("sign_in.hours", "Again.", whole_number(1, 2), default=1)
