"""Whoever looks after the firm is told with an answer how its statements were carried out; nobody else is."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from migrations.embedded import Cluster
from resolvers.explaining import RIGHT, shown
from tests.firm import Firm, found, standing
from tests.protocol.serving import Served, serving
from tests.queries.api import client, house

PLAN = {"extensions": {"plan": True}}
ASKED = "query ($name: String) { partners(filter: { name: { startsWith: $name } }) { totalCount nodes { name } } }"
RENAME = "mutation ($input: UpdatePartnerInput!) { updatePartner(input: $input) { partner { name } errors { code } } }"


@pytest.fixture(scope="module", name="firm")
async def a_firm_with_a_neighbour(cluster: Cluster) -> AsyncIterator[Firm]:
    async with standing(cluster) as firm:
        await found(firm.database, firm.owner_url, tenant=2)
        yield firm


@pytest.fixture(scope="module")
async def office(firm: Firm) -> AsyncIterator[Served]:
    async with serving(firm, house()) as served:
        yield served


async def test_an_administrator_is_told_how_a_query_was_carried_out(office: Served) -> None:
    given: dict[str, Any] = {"variables": {"name": "bolt"}, **PLAN}
    first, second = [(await office.ask(ASKED, "administrator", **given)).json() for _ in range(2)]
    (plan,) = second["extensions"]["plan"]
    assert second["data"] == {"partners": {"totalCount": 1, "nodes": [{"name": "Bolt & Sons"}]}} == first["data"]
    assert plan["statement"].startswith("SELECT")
    assert "read.partner" in plan["statement"]
    assert (plan["rows"], plan["cached"], first["extensions"]["plan"][0]["cached"]) == (1, True, False)
    assert plan["arguments"] == 1
    assert 0 < plan["milliseconds"] < 10_000
    assert plan["explain"][0]["Execution Time"] > 0
    assert plan["explain"][0]["Plan"]["Actual Loops"] == 1
    assert second["extensions"]["cost"]["requested"] > 0


async def test_nobody_is_told_who_did_not_ask(office: Served) -> None:
    for more in ({}, {"extensions": {}}, {"extensions": {"plan": False}}):
        answer = (await office.ask(ASKED, "administrator", **more)).json()
        assert set(answer["extensions"]) == {"cost"}


@pytest.mark.parametrize("role", ["buyer", "accountant", "viewer", "partner"])
async def test_others_are_refused_before_anything_is_done(office: Served, role: str) -> None:
    answer = (await office.ask(ASKED, role, **PLAN)).json()
    assert "data" not in answer
    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert RIGHT in answer["errors"][0]["message"]
    stranger = await office.ask(ASKED, None, **PLAN)
    assert (stranger.status_code, stranger.json()["errors"][0]["extensions"]["code"]) == (401, "NOT_AUTHENTICATED")


async def test_what_is_asked_must_be_a_truth(office: Served) -> None:
    answer = await office.ask(ASKED, "administrator", extensions={"plan": "yes"})
    assert (answer.status_code, answer.json()["errors"][0]["message"]) == (
        400, "`extensions.plan` must be true or false.",
    )  # fmt: skip


async def test_each_statement_of_an_answer_is_told(office: Served) -> None:
    query = "{ partners(first: 1) { nodes { id } } firm: tenant { id } }"
    answer = (await office.ask(query, "administrator", **PLAN)).json()
    assert len(answer["extensions"]["plan"]) == 2, answer
    schema = (await office.ask("{ __schema { queryType { name } } }", "administrator", **PLAN)).json()
    assert schema["extensions"]["plan"] == []


async def test_a_command_is_carried_out_once_and_told_by_what_it_reads(office: Served) -> None:
    firm = office.firm
    given = {"input": {"id": (await client(firm).ask("{ partners { nodes { id } } }"))["partners"]["nodes"][0]["id"]}}
    given["input"] |= {"expectedVersion": 1, "note": "once"}
    answer = (await office.ask(RENAME, "administrator", variables=given, **PLAN)).json()
    assert answer["data"]["updatePartner"]["errors"] == []
    assert answer["extensions"]["plan"]
    assert all(one["statement"].startswith("SELECT") for one in answer["extensions"]["plan"])


async def test_over_a_socket_it_is_told_as_well(office: Served) -> None:
    async with office.socket("administrator") as talk:
        await talk.ask("1", ASKED, **PLAN)
        (plan,) = (await talk.hear())["payload"]["extensions"]["plan"]
        assert plan["explain"][0]["Plan"]
        assert (await talk.hear())["type"] == "complete"
    async with office.socket("buyer") as talk:
        await talk.ask("1", ASKED, **PLAN)
        told = await talk.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")
        await talk.ask("2", "subscription { events { type } }", **PLAN)
        told = await talk.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "FORBIDDEN")


def names(explained: Any) -> set[str]:
    if isinstance(explained, list):
        return set().union(*map(names, explained))
    if not isinstance(explained, dict):
        return set()
    return set(explained) | names(list(explained.values()))


async def test_nothing_is_told_that_follows_from_the_rows_of_others(office: Served) -> None:
    """Estimates are made from the statistics of whole tables, and counts of what was passed over count everybody's."""
    answer = (await office.ask(ASKED, "administrator", variables={"name": "b"}, **PLAN)).json()
    told = names([one["explain"] for one in answer["extensions"]["plan"]])
    assert {"Node Type", "Actual Rows"} <= told
    assert {one for one in told if one.startswith(("Plan ", "Rows ", "Startup", "Total"))} == set()
    bitmap = {"Plan": {"Node Type": "Bitmap Index Scan", "Actual Rows": 7, "Plan Rows": 3, "Index Cond": "(a = 1)"}}
    assert shown([bitmap]) == [{"Plan": {"Node Type": "Bitmap Index Scan", "Index Cond": "(a = 1)"}}]
