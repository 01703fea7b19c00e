"""What posted papers kept under names of the inside is found under those of the API."""

from __future__ import annotations

import json
from importlib import import_module
from types import SimpleNamespace

import asyncpg
import pytest

from domain.parties.letterhead import AddressEntry
from tests.domain.test_papers import do
from tests.domain.test_payments import invoice, term
from tests.domain.test_purchase import paper, ref
from tests.firm import Firm


async def test_a_posted_paper_is_found_as_one_that_is_posted_now(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    address = {
        "role": "legal",
        "street": 'Says "postal_code": 1',
        "postal_code": "1010",
        "city": "Wien",
        "country": "AT",
    }
    await do(
        firm, "administrator", "UpdatePartner", id=ref(firm["customer"]), expected_version=1,
        addresses=[AddressEntry(**address)],
    )  # fmt: skip
    id = await invoice(firm, "100", payment_term=await term(firm))
    now = (await paper(firm, id)).frozen
    before = json.loads(json.dumps(now))
    for place in (before["partner"]["address"], before["delivery"]):
        place["postal_code"] = place.pop("postalCode")
    for row in before["terms"]["instalments"]:
        row["end_of_month"] = row.pop("endOfMonth")
    before["units"] = {str(firm["piece"]): {"code": "PCE", "unece": "C62"}}
    asked: list[str] = []
    step = import_module("migrations.versions.0013_what_is_kept_speaks_as_the_api")
    monkeypatch.setattr(step, "op", SimpleNamespace(execute=asked.append))
    step.upgrade()
    owner = await asyncpg.connect(firm.owner_url)
    await owner.execute("update document set frozen = $1 where id = $2", json.dumps(before), id)
    assert (await paper(firm, id)).frozen == before
    for statement in asked:
        await owner.execute(statement)
    await owner.close()
    assert (await paper(firm, id)).frozen == now
