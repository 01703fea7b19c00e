"""The administrator's desk: tenant, companies, series, settings and people, over the API."""

from __future__ import annotations

from typing import Any

import pytest

from domain.kernel.papers import kinds
from resolvers.ids import global_id, key_of
from tests.firm import Firm, found
from tests.queries.api import Client, client, id_of

SETTINGS = """query ($company: ID) {
  settings(company: $company) { name value default scope kind decidedBy { id company { code } } } }"""
SERIES = """{ numberSeries(orderBy: [{ field: KIND }]) {
  nodes { kind company { code } year pattern nextNumber lastDate } } }"""
EVENTS = "query ($types: [String!]) { events(filter: { type: $types }) { nodes { type } } }"
SUB = {"code": "SUB", "name": "Sub SA", "country": "FR", "currency": "EUR", "timeZone": "Europe/Paris"}


@pytest.fixture
def desk(firm: Firm) -> Client:
    return client(firm, "administrator")


def why(answered: dict[str, Any]) -> list[tuple[str, list[str]]]:
    return [(one["code"], one["path"]) for one in answered["errors"]]


async def events(desk: Client, *types: str) -> list[str]:
    """The types of the events of these types, as far as they are sealed."""
    await desk.firm.database.knock("select count(*) from (select seal_events(1000)) sealed")
    found = await desk.ask(
        "query ($types: [String!]) { events(filter: { type: $types }) { nodes { type } } }", types=types
    )
    return [one["type"] for one in found["events"]["nodes"]]


async def test_an_administrator_renames_their_own_tenant_and_sees_no_other(firm: Firm, desk: Client) -> None:
    other = await found(firm.database, firm.owner_url, tenant=2)
    before = (await desk.ask("{ tenant { id code name version } }"))["tenant"]
    assert (before["code"], before["name"]) == ("firm1", "Firm 1")
    renamed = await desk.do("updateTenant", selection="tenant { name version }", name=" Bolts & Co ", expectedVersion=1)
    assert renamed == {"tenant": {"name": "Bolts & Co", "version": 2}, "errors": []}
    stale = await desk.do("updateTenant", name="Again", expectedVersion=1)
    assert why(stale) == [("VERSION_CONFLICT", ["expectedVersion"])]
    assert why(await desk.do("updateTenant", name=" ", expectedVersion=2)) == [("BAD_INPUT", ["name"])]
    assert await events(desk, "firm.updated") == ["firm.updated"]
    theirs = client(other, "administrator")
    assert (await theirs.ask("{ tenant { code name } }"))["tenant"] == {"code": "firm2", "name": "Firm 2"}
    assert (await theirs.ask("query ($id: ID!) { node(id: $id) { id } }", id=before["id"]))["node"] is None


async def test_a_founded_company_is_answered_complete_and_its_founder_works_for_it(firm: Firm, desk: Client) -> None:
    selection = "company { id code country currency timeZone approvalThreshold }"
    tried = await desk.do("createCompany", selection=selection, **SUB, validateOnly=True)
    assert tried["company"]["code"] == "SUB"
    assert (await desk.ask("{ companies { totalCount } }"))["companies"]["totalCount"] == 1
    made = (await desk.do("createCompany", selection=selection, **SUB, approvalThreshold="500"))["company"]
    expected = {**SUB, "id": made["id"], "approvalThreshold": "500"}
    assert made == {name: value for name, value in expected.items() if name != "name"}
    assert why(await desk.do("createCompany", **SUB)) == [("NOT_UNIQUE", ["code"])]
    me = "query ($id: ID!) { user(id: $id) { companies { code } } }"
    desk = renewed(desk, made["id"])
    mine = await desk.ask(me, id=id_of(firm, "user:administrator", "user_account"))
    assert [one["code"] for one in mine["user"]["companies"]] == ["MAIN", "SUB"]
    places = "query ($id: ID!) { locations(filter: { company: { id: { eq: $id } } }) { nodes { kind } } }"
    assert len((await desk.ask(places, id=made["id"]))["locations"]["nodes"]) == 7
    told = await events(desk, "company.created", "user_account.updated")
    assert told == ["company.created", "company.created", "user_account.updated"]


def renewed(desk: Client, company: str) -> Client:
    """The same person at the next request."""
    actor = desk.firm.actor("administrator")
    return client(desk.firm, "administrator", companies=actor.companies | {key_of(company)[1]})


async def test_numbers_of_papers_are_seen_and_set(firm: Firm, desk: Client) -> None:
    company = (await desk.do("createCompany", selection="company { id }", **SUB))["company"]["id"]
    desk = renewed(desk, company)
    listed = (await desk.ask(SERIES))["numberSeries"]["nodes"]
    found = {(one["kind"], one["company"]["code"], one["year"], one["pattern"], one["nextNumber"]) for one in listed}
    assert found == {(word.upper(), "SUB", 2026, kind.series, 1) for word, kind in kinds().items()}
    selection = "numberSeries { pattern year nextNumber version }"
    given = {"kind": "PURCHASE_ORDER", "company": company}
    done = await desk.do("setNumberSeries", selection=selection, **given, pattern="B-{number:04d}", nextNumber=4013)
    assert done["numberSeries"] == {"pattern": "B-{number:04d}", "year": 0, "nextNumber": 4013, "version": 1}
    for wrong, path in (
        ({"pattern": "{year.__class__.__init__.__globals__}{number}"}, "pattern"),
        ({"pattern": "PO"}, "pattern"),
        ({"nextNumber": 4012}, "nextNumber"),
        ({"company": global_id("company", firm["vendor"])}, "company"),
    ):
        assert why(await desk.do("setNumberSeries", **{**given, **wrong})) == [
            ("NOT_FOUND" if path == "company" else "BAD_INPUT", [path])
        ]
    assert why(await desk.do("setNumberSeries", kind="RECEIPT", nextNumber=7)) == [("BAD_INPUT", ["company"])]
    patterns = {one["kind"]: one["pattern"] for one in (await desk.ask(SERIES))["numberSeries"]["nodes"]}
    assert (patterns["PURCHASE_ORDER"], patterns["RECEIPT"]) == ("B-{number:04d}", "GR{year}-{number:05d}")
    assert len(await events(desk, "number_series.created", "number_series.updated")) == len(kinds()) + 2


async def test_settings_tell_what_holds_and_where_it_was_set(firm: Firm, desk: Client) -> None:
    here = global_id("company", firm.company)

    async def tolerance(company: str | None = None) -> dict[str, Any]:
        found = (await desk.ask(SETTINGS, company=company))["settings"]
        return next(one for one in found if one["name"] == "receipt.over_percent")

    name = "receipt.over_percent"
    assert await tolerance() == {
        "name": name, "value": "0", "default": "0", "scope": "COMPANY", "kind": "DECIMAL", "decidedBy": None,
    }  # fmt: skip
    assert why(await desk.do("setSetting", name=name, value="5")) == []
    made = await desk.do(
        "setSetting", selection="settingValue { name value company { code } }", name=name, value="7.5", company=here
    )
    assert made["settingValue"] == {"name": name, "value": "7.5", "company": {"code": "MAIN"}}
    assert [(await tolerance(company))["value"] for company in (None, here)] == ["5", "7.5"]
    assert (await tolerance(here))["decidedBy"]["company"] == {"code": "MAIN"}
    assert why(await desk.do("setSetting", name=name, company=here)) == []
    assert (await tolerance(here))["value"] == "5"
    assert why(await desk.do("setSetting", name="nothing", value="5")) == [("NOT_FOUND", ["name"])]
    unknown = global_id("company", firm["vendor"])
    assert await desk.refused(SETTINGS, company=unknown) == [("NOT_FOUND", ["company"])]
    assert len(await events(desk, "setting_value.created", "setting_value.updated")) == 3


async def test_a_person_is_locked_and_unlocked(firm: Firm, desk: Client) -> None:
    buyer = id_of(firm, "user:buyer", "user_account")
    locked = await desk.do("lockUser", selection="user { lockedAt archivedAt }", id=buyer)
    assert locked["user"]["lockedAt"] is not None
    assert locked["user"]["archivedAt"] is None
    free = await desk.do("unlockUser", selection="user { lockedAt }", id=buyer)
    assert free["user"] == {"lockedAt": None}
    assert await events(desk, "user_account.locked", "user_account.unlocked") == [
        "user_account.locked",
        "user_account.unlocked",
    ]
    me = id_of(firm, "user:administrator", "user_account")
    assert why(await desk.do("lockUser", id=me)) == [("NOT_READY", ["id"])]


MUTATIONS: dict[str, dict[str, Any]] = {
    "updateTenant": {"name": "Mine", "expectedVersion": 1},
    "createCompany": SUB,
    "setNumberSeries": {"kind": "RECEIPT", "nextNumber": 9},
    "setSetting": {"name": "sign_in.hours", "value": "1"},
}


async def test_the_desk_is_the_administrator_s_alone(firm: Firm) -> None:
    for role in ("buyer", "accountant", "partner"):
        party = client(firm, role)
        for verb, given in MUTATIONS.items():
            assert why(await party.do(verb, **given)) == [("FORBIDDEN", [])], (role, verb)
        assert why(await party.do("lockUser", id=id_of(firm, "user:buyer", "user_account"))) == [("FORBIDDEN", [])]
    outsider = client(firm, "partner")
    for query in ("{ tenant { name } }", SERIES, "{ settings { name } }"):
        assert [code for code, _ in await outsider.refused(query)] == ["FORBIDDEN"], query
