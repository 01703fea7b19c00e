"""An import over the API: files go up, a job runs by itself, whoever follows it sees it to its end."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest
from sqlalchemy.util import await_only

from domain.intake import run as running
from domain.intake.job_entry import CreateImport
from domain.intake.leasing import MOST_INTERRUPTIONS, Claim, Leased, Superseded, claim
from domain.intake.shelf import Shelf
from domain.kernel.actor import Actor
from domain.kernel.base import uuid7
from domain.kernel.commands import COMMANDS, Ref
from domain.kernel.errors import NotReady
from domain.kernel.work import Database, Work
from domain.parties.partner import Partner
from migrations.embedded import Cluster
from resolvers.hub import Hub
from resolvers.ids import global_id, key_of
from resolvers.importing import Importing
from resolvers.sealing import Sealing
from tests.firm import BARE, Firm, copied, found, standing
from tests.protocol import test_command_line as command_line
from tests.protocol.serving import Served, serving
from tests.queries.api import house
from transport.app import shelf
from transport.settings import Settings

DIRTY = Path(__file__).parents[1] / "data" / "dirty"
LIMIT = 400_000
LEASE = timedelta(seconds=2)
PATIENCE = 40
BOOTSTRAP = "chosen-by-the-operator"
WHOLE = """id state dryRun failure cleared startedBy { account } files { name size sha256 }
  progress { section done total expectedAt } report { text json }
  refusals(first: 250) { totalCount nodes { position file row column value code message } }""".replace(
    "cleared ", "clearedAt "
)
SLOW = """
create function slow() returns trigger language plpgsql as $$ begin perform pg_sleep(0.02); return new; end $$;
create trigger slow before insert on partner for each row when (new.number like 'slow-%') execute function slow()"""
VENDORS = """source = "many"
[[section]]
name = "Vendors"
file = "vendors.csv"
kind = "partner"
key = "No"
[section.columns]
number = "No"
name = "Name"
is_vendor = { constant = true }
"""


def paths(folder: Path) -> set[Path]:
    """Everything that lies in a folder."""
    return set(folder.rglob("*"))


def contents(folder: Path) -> dict[str, bytes]:
    """The files of a folder."""
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}


@dataclass
class Office:
    """Where somebody imports."""

    served: Served
    var: Path
    importing: Any = None
    elsewhere: str = ""
    """An import of another firm."""

    async def ask(self, query: str, role: str = "administrator", **variables: Any) -> Any:
        answer = (await self.served.ask(query, role, variables=variables)).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def do(self, verb: str, role: str = "administrator", **given: Any) -> Any:
        shape = f"{verb[0].upper()}{verb[1:]}Input"
        selection = f"import {{ {WHOLE} }} errors {{ code message path ... on Forbidden {{ right }} }}"
        query = f"mutation ($input: {shape}!) {{ it: {verb}(input: $input) {{ {selection} }} }}"
        return (await self.ask(query, role, input=given))["it"]

    async def created(self, mapping: str = "mapping.toml", **given: Any) -> str:
        told = await self.do("createImport", name="Masters", mapping=mapping, **given)
        assert told["errors"] == []
        return str(told["import"]["id"])

    async def put(self, job: str, name: str, content: bytes | str, role: str = "administrator") -> httpx.Response:
        return await self.served.http.put(
            f"/imports/{job}/files/{name}", content=content, headers=self.served.bearer(role)
        )

    async def get(self, job: str, name: str, role: str = "administrator") -> httpx.Response:
        return await self.served.http.get(f"/imports/{job}/{name}", headers=self.served.bearer(role))

    async def filled(self, job: str, folder: Path = DIRTY) -> str:
        for name, content in contents(folder).items():
            assert (await self.put(job, name, content)).status_code == 201
        return job

    async def slow(self, word: str, **given: Any) -> str:
        """An import that takes four seconds at least, a fiftieth of a second for each vendor."""
        return await self.many(f"slow-{word}-", 200, **given)

    async def many(self, word: str, count: int, **given: Any) -> str:
        """An import of vendors whose numbers begin with a word."""
        job = await self.created("many.toml", **given)
        rows = "".join(f"{word}{number},Vendor {number}\n" for number in range(count))
        assert (await self.put(job, "vendors.csv", f"No,Name\n{rows}")).status_code == 201
        assert (await self.put(job, "many.toml", VENDORS)).status_code == 201
        return job

    async def started(self, job: str, **given: Any) -> str:
        told = await self.do("startImport", id=job, **given)
        assert (told["errors"], told["import"]["state"]) == ([], "QUEUED")
        return job

    async def seen(self, job: str) -> Any:
        return (await self.ask(f"query ($id: ID!) {{ import(id: $id) {{ {WHOLE} }} }}", id=job))["import"]

    async def ended(self, job: str) -> Any:
        """The import once it has finished or failed."""
        async with asyncio.timeout(PATIENCE):
            while True:
                found = await self.seen(job)
                if found["state"] in {"FINISHED", "FAILED"}:
                    return found
                await asyncio.sleep(0.1)

    async def come(self, word: str, count: int) -> int:
        """Wait until there are so many vendors at least; answers how many there are."""
        async with asyncio.timeout(PATIENCE):
            while True:
                if (found := await self.there(word)) >= count:
                    return found
                await asyncio.sleep(0.05)

    async def events(self, job: str) -> list[str]:
        """What happened to an import, its course left out."""
        query = "query ($id: ID!) { import(id: $id) { history(first: 250) { nodes { type } } } }"
        nodes = (await self.ask(query, id=job))["import"]["history"]["nodes"]
        types = [node["type"].removeprefix("import_job.") for node in nodes]
        return [one for one in types if one not in {"created", "file_kept", "progressed"}]

    async def owner(self, statement: str, *values: Any) -> Any:
        """The first value of what the tables' owner asks."""
        owner = await asyncpg.connect(self.served.firm.owner_url)
        found = await owner.fetchval(statement, *values)
        await owner.close()
        return found

    async def there(self, word: str) -> int:
        """How many vendors there are whose numbers begin with a word; each as it was made."""
        assert await self.owner("select count(*) from partner where number like $1 and version <> 1", f"{word}%") == 0
        return int(await self.owner("select count(*) from partner where number like $1", f"{word}%"))

    async def none(self, of: str, seconds: float = PATIENCE) -> None:
        """Wait until there is no row of a kind."""
        async with asyncio.timeout(seconds):
            while True:
                if await self.owner(f"select count(*) from {of}") == 0:
                    return
                await asyncio.sleep(0.05)


@asynccontextmanager
async def opened(firm: Firm, var: Path) -> AsyncIterator[Office]:
    """A serving process with all that runs beside it."""
    settings = {"TRADEGRAPH_VAR": var, "TRADEGRAPH_UPLOAD_LIMIT": LIMIT}
    hub, sealing = Hub(firm.database), Sealing(firm.database)
    importing = Importing(firm.database, shelf(Settings.read(**settings)), lease=LEASE)
    for one in (hub, sealing, importing):
        await one.start()
    async with serving(firm, house(), hub, **settings) as served:
        yield Office(served, var, importing)
    for one in (importing, sealing, hub):
        await one.stop()


@pytest.fixture(scope="session")
async def import_office(cluster: Cluster, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    async with standing(cluster) as firm, opened(firm, tmp_path_factory.mktemp("var")) as office:
        owner = await asyncpg.connect(firm.owner_url)
        await owner.execute(SLOW)
        await owner.close()
        other = await found(firm.database, firm.owner_url, tenant=2)
        theirs = CreateImport(name="Theirs", mapping="adventureworks")
        key = await firm.database.perform(other.actor("administrator"), theirs)
        yield replace(office, elsewhere=global_id("import_job", key))


@pytest.fixture
def office(import_office: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(running, "BATCH", 20)
    return import_office


async def test_files_go_up_and_the_job_brings_them_in(office: Office) -> None:
    job = await office.filled(await office.created())
    listed = (await office.seen(job))["files"]
    assert listed == [
        {"name": name, "size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
        for name, content in contents(DIRTY).items()
    ]
    await office.started(job, dryRun=True)
    rehearsed = await office.ended(job)
    assert (rehearsed["state"], rehearsed["dryRun"]) == ("FINISHED", True)
    assert await office.there("V-") == 0
    await office.started(job, dryRun=False)
    found = await office.ended(job)
    totals = found["report"]["json"]["totals"]
    assert totals == rehearsed["report"]["json"]["totals"]
    assert totals["created"] > 10
    assert await office.owner("select count(*) from partner where number like 'V-%'") == 5
    assert found["refusals"] == rehearsed["refusals"]
    assert found["refusals"]["totalCount"] == totals["refused"] == 26
    first = found["refusals"]["nodes"][0]
    assert (first["position"], first["file"], first["row"], first["column"], first["code"]) == (
        1, "vendors.csv", 5, "", "BAD_ROW",
    )  # fmt: skip
    assert found["startedBy"] == {"account": "administrator"}
    assert await office.events(job) == ["queued", "started", "finished", "queued", "started", "finished"]


async def test_the_report_is_there_as_json_and_as_text(office: Office) -> None:
    job = await office.filled(await office.created(dryRun=True))
    early = await office.get(job, "report.json")
    assert (early.status_code, early.json()["errors"][0]["extensions"]["code"]) == (409, "NOT_READY")
    await office.started(job)
    found = await office.ended(job)
    assert (await office.get(job, "report.json")).json() == found["report"]["json"]
    text = await office.get(job, "report.txt")
    assert text.headers["content-type"].startswith("text/plain")
    assert text.text == found["report"]["text"] + "\n"
    assert "Nothing was written" in text.text
    assert (await office.get(job, "report.txt", role="buyer")).status_code == 403
    assert (await office.served.http.get(f"/imports/{job}/report.txt")).status_code == 401


async def test_whoever_follows_an_import_sees_each_step_and_its_course(office: Office) -> None:
    job = await office.slow("course")
    seen: list[Any] = []
    async with office.served.socket("administrator") as talk:
        query = f"subscription ($id: ID!) {{ importChanged(id: $id) {{ {WHOLE} }} }}"
        await talk.ask("1", query, variables={"id": job})
        seen.append((await talk.hear(PATIENCE))["payload"]["data"]["importChanged"])
        await office.started(job)
        while seen[-1]["state"] not in {"FINISHED", "FAILED"}:
            seen.append((await talk.hear(PATIENCE))["payload"]["data"]["importChanged"])
    states = [one["state"] for one in seen]
    assert states == sorted(states, key=["COLLECTING", "QUEUED", "RUNNING", "FINISHED"].index)
    assert {"COLLECTING", "RUNNING", "FINISHED"} <= set(states)
    assert seen[-1]["report"]["json"]["totals"]["created"] == 200
    course = [one["progress"]["done"] for one in seen if one["progress"]]
    assert course == sorted(course)
    assert seen[-1]["progress"] == {"section": "Vendors", "done": 200, "total": 200, "expectedAt": None}


async def test_a_dry_run_can_be_followed_though_the_log_stands_still(office: Office) -> None:
    job = await office.slow("dry", dryRun=True)
    query = "subscription ($id: ID!) { importChanged(id: $id) { state progress { done } } }"
    told: list[Any] = [{"state": ""}]
    async with office.served.socket("administrator") as talk:
        await talk.ask("1", query, variables={"id": job})
        await office.started(job)
        while told[-1]["state"] != "FINISHED":
            told.append((await talk.hear(PATIENCE))["payload"]["data"]["importChanged"])
    assert [one for one in told if one["state"] == "RUNNING" and one["progress"] and one["progress"]["done"] < 200]


async def test_nobody_follows_or_sees_what_is_not_for_them(office: Office) -> None:
    job = await office.created()
    query = "subscription ($id: ID!) { importChanged(id: $id) { state } }"
    for role, id, code in [("buyer", job, "FORBIDDEN"), ("administrator", office.elsewhere, "NOT_FOUND")]:
        async with office.served.socket(role) as talk:
            await talk.ask("1", query, variables={"id": id})
            told = await talk.hear()
            assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", code)
    told = (await office.served.ask("{ imports { totalCount } }", "buyer")).json()
    assert told["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    refused = await office.do("createImport", "buyer", name="Mine", mapping="adventureworks")
    assert [(one["code"], one["right"]) for one in refused["errors"]] == [("FORBIDDEN", "import.write")]


async def test_files_are_taken_from_whoever_may_import_alone(office: Office) -> None:
    job = await office.created()
    http, address = office.served.http, f"/imports/{job}/files/units.csv"
    assert (await office.put(job, "units.csv", "x", role="buyer")).status_code == 403
    assert (await http.put(address, content="x")).status_code == 401
    assert (await http.put(address, content="x", headers={"Authorization": "Bearer wrong"})).status_code == 401
    elsewhere = {"Cookie": "tradegraph=anything", "Origin": "https://evil.example"}
    assert (await http.put(address, content="x", headers=elsewhere)).status_code == 403
    for missing in (office.elsewhere, "nonsense", (await office.ask("{ me { user { id } } }"))["me"]["user"]["id"]):
        for answer in (await office.put(missing, "units.csv", "x"), await office.get(missing, "report.json")):
            assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (404, "NOT_FOUND")
    assert (await http.delete(address, headers=office.served.bearer("buyer"))).status_code == 403
    assert (await office.seen(job))["files"] == []
    preflight = {"Origin": "http://localhost:5173", "Access-Control-Request-Method": "PUT"}
    assert (await http.options(address, headers=preflight)).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["..%2Funits.csv", "%2e%2e%2fsecret.csv", ".units.csv", "units", "units.exe", "units.csv.exe", "u%00.csv", "~.csv",
     "%20.csv", "C%3A%5Cunits.csv", "a%5Cb.csv", "u%0A.csv", "x" * 120 + ".csv", "%F0%A0%80%80" * 80 + ".csv",
     "-rf.csv", "%E2%80%AEcsv.txt"],
)  # fmt: skip
async def test_a_name_that_might_lead_elsewhere_is_refused(office: Office, name: str) -> None:
    job = await office.created()
    before = paths(office.var)
    assert (await office.put(job, name, "x")).status_code in {400, 404}
    assert paths(office.var) == before


async def test_a_file_takes_the_place_of_the_one_before_and_can_be_taken_away(office: Office) -> None:
    job, name = await office.created(), "Ärzte & Söhne (2).CSV"
    assert (await office.put(job, name, "one")).status_code == 201
    again = await office.put(job, name, "three")
    assert (again.status_code, again.json()) == (
        200, {"name": name, "size": 5, "sha256": hashlib.sha256(b"three").hexdigest()}
    )  # fmt: skip
    assert [(one["name"], one["size"]) for one in (await office.seen(job))["files"]] == [(name, 5)]
    assert [path.read_text() for path in office.var.rglob(name)] == ["three"]
    address = f"/imports/{job}/files/{name}"
    taken = [await office.served.http.delete(address, headers=office.served.bearer("administrator")) for _ in "12"]
    assert [one.status_code for one in taken] == [204, 404]
    assert [*office.var.rglob(name)] == []


async def test_of_two_uploads_at_once_one_is_kept_whole(office: Office) -> None:
    job = await office.created()
    bodies = [bytes([letter]) * 200_000 for letter in b"abcdef"]
    answers = await asyncio.gather(*(office.put(job, "big.csv", body) for body in bodies))
    assert {one.status_code for one in answers} == {200, 201}
    (file,) = (await office.seen(job))["files"]
    (kept,) = office.var.rglob("big.csv")
    assert hashlib.sha256(kept.read_bytes()).hexdigest() == file["sha256"]
    assert kept.read_bytes() in bodies


async def test_what_is_too_large_or_breaks_off_leaves_nothing(office: Office) -> None:
    job = await office.created()
    before = paths(office.var)

    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b"x" * 50_000

    told = await office.put(job, "big.csv", "x" * (LIMIT + 1))
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (413, "TOO_MUCH")
    assert (await office.put(job, "big.csv", pieces(9))).status_code == 413
    assert (await office.put(job, "big.csv", pieces(8))).status_code == 201
    _, writer = await asyncio.open_connection("127.0.0.1", office.served.port)
    key = office.served.keys["administrator"]
    head = f"PUT /imports/{job}/files/cut.csv HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {key}\r\n"
    writer.write(f"{head}Content-Length: 1000\r\n\r\nhalf".encode())
    await writer.drain()
    await asyncio.sleep(0.3)
    writer.close()
    await asyncio.sleep(0.3)
    assert [path.name for path in paths(office.var) - before if path.is_file()] == ["big.csv"]


async def test_a_mapping_with_mistakes_is_refused_as_it_arrives(office: Office) -> None:
    job = await office.created("mine.toml")
    told = await office.put(job, "mine.toml", 'source = "x"\n[[section]]\nname = "Units"\nkind = "tree"\n')
    assert (told.status_code, told.json()["errors"][0]["extensions"]["code"]) == (400, "BAD_INPUT")
    assert told.json()["errors"][0]["message"].startswith("mine.toml: section 'Units', kind: 'tree' is no kind")
    refused = await office.do("createImport", name="x", mapping="nothing")
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("BAD_INPUT", ["mapping"])]
    assert (await office.put(job, "vendors.csv", "No,Name\n")).status_code == 201
    refused = await office.do("startImport", id=job)
    assert [(one["code"], one["path"]) for one in refused["errors"]] == [("NOT_READY", ["mapping"])]


async def test_files_that_do_not_fit_the_mapping_end_the_import_with_the_reason(office: Office) -> None:
    job = await office.many("one", 1)
    assert (await office.put(job, "vendors.csv", "No,Title\n1,x\n")).status_code == 200
    await office.started(job)
    found = await office.ended(job)
    assert (found["state"], found["report"]) == ("FAILED", None)
    assert "'Name'" in found["failure"]
    assert str(office.var) not in found["failure"]
    assert (await office.put(job, "vendors.csv", "No,Name\n1,x\n")).status_code == 409
    assert (await office.do("reopenImport", id=job))["errors"] == []
    assert (await office.put(job, "vendors.csv", "No,Name\n1,x\n")).status_code == 200
    await office.started(job)
    assert (await office.ended(job))["state"] == "FINISHED"
    assert await office.events(job) == ["queued", "started", "failed", "reopened", "queued", "started", "finished"]


async def test_an_import_without_one_of_its_files_says_which_to_upload(office: Office) -> None:
    job = await office.created("mine.toml")
    sections = "".join(
        f'[[section]]\nname = "{name}"\nfile = "{name}.csv"\nkind = "unit"\nkey = "Id"\n'
        '[section.columns]\ncode = "Id"\nname = "Id"\n'
        for name in ("here", "missing")
    )
    assert (await office.put(job, "mine.toml", f'source = "x"\n{sections}')).status_code == 201
    assert (await office.put(job, "here.csv", "Id\nA1\n")).status_code == 201
    await office.started(job)
    found = await office.ended(job)
    assert found["state"] == "FAILED"
    assert "missing.csv cannot be read (No such file or directory); upload it under this name." in found["failure"]
    assert "path" not in found["failure"]


async def test_a_file_that_is_not_what_was_uploaded_is_not_imported(office: Office) -> None:
    job = await office.many("one", 1)
    for path in office.var.rglob("vendors.csv"):
        path.write_text("No,Name\n666,Mallory\n")
    await office.started(job)
    found = await office.ended(job)
    assert found["state"] == "FAILED"
    assert "vendors.csv is not there as it was uploaded" in found["failure"]


async def test_an_import_that_is_called_off_stops_at_once_and_can_be_started_again(office: Office) -> None:
    job = await office.started(await office.slow("off"))
    await office.come("slow-off", 20)
    assert (await office.do("cancelImport", id=job))["import"]["state"] == "CANCELLED"
    await office.none("import_lease where until is not null", 2.5)
    there = await office.there("slow-off")
    assert 20 <= there < 200
    await asyncio.sleep(0.5)
    assert (await office.there("slow-off"), (await office.seen(job))["state"]) == (there, "CANCELLED")
    assert (await office.do("cancelImport", id=job))["errors"][0]["code"] == "WRONG_STATE"
    await office.started(job)
    totals = (await office.ended(job))["report"]["json"]["totals"]
    assert (totals["unchanged"], totals["created"], totals["refused"]) == (there, 200 - there, 0)
    assert await office.there("slow-off") == 200


async def test_it_goes_by_the_rights_that_its_starter_has_while_it_runs(office: Office) -> None:
    job = await office.started(await office.slow("shut"))
    await office.come("slow-shut", 20)
    await office.owner("update user_account set archived_at = now() where account = 'administrator' and tenant_id = 1")
    await office.none("import_job where state = 'running'")
    await office.owner("update user_account set archived_at = null where account = 'administrator'")
    found = await office.seen(job)
    assert (found["state"], found["failure"][:41]) == ("FAILED", "Whoever started it has been shut out, or ")
    assert await office.there("slow-shut") < 200


@pytest.mark.parametrize(
    ("mapping", "held", "lacking"),
    [
        ("many.toml", ["import.write"], "master.write"),
        ("adventureworks", ["import.write", "master.write"], "history.record"),
    ],
)
async def test_whoever_starts_it_has_every_right_that_the_mapping_asks_for(
    office: Office, mapping: str, held: list[str], lacking: str
) -> None:
    made = 'mutation ($rights: [String!]!) { createApiKey(input: { name: "half", rights: $rights }) { secret } }'
    office.served.keys["half"] = (await office.ask(made, rights=held))["createApiKey"]["secret"]
    job = await office.created(mapping)
    for name, content in {"vendors.csv": "No,Name\n", "many.toml": VENDORS}.items():
        assert (await office.put(job, name, content)).status_code == 201
    refused = await office.do("startImport", "half", id=job, idempotencyKey="1")
    assert [(one["code"], one["right"]) for one in refused["errors"]] == [("FORBIDDEN", lacking)]
    assert (await office.seen(job))["state"] == "COLLECTING"


async def test_two_processes_never_run_one_import_twice(office: Office) -> None:
    other = Database(office.served.firm.database.url)
    second = Importing(other, Shelf(office.var / "imports"), lease=LEASE)
    await second.start()
    jobs = [await office.many(f"twice{number}-", 40) for number in range(4)]
    await asyncio.gather(*(office.started(job) for job in jobs))
    found = [await office.ended(job) for job in jobs]
    assert [one["report"]["json"]["totals"]["created"] for one in found] == [40] * 4
    assert [await office.events(job) for job in jobs] == [["queued", "started", "finished"]] * 4
    await second.stop()
    await other.close()


async def test_a_process_that_lost_its_lease_writes_no_more_and_another_finishes(office: Office) -> None:
    job = await office.started(await office.slow("lost"))
    await office.come("slow-lost", 20)
    await office.owner(
        "update import_lease set holder = gen_random_uuid(), until = now() + interval '3 seconds' where until > now()"
    )
    await asyncio.sleep(1.5)
    there = await office.there("slow-lost")
    await asyncio.sleep(1)
    assert (await office.there("slow-lost"), (await office.seen(job))["state"]) == (there, "RUNNING")
    assert (await office.ended(job))["report"]["json"]["totals"]["unchanged"] == there
    assert await office.there("slow-lost") == 200
    assert await office.owner("select interruptions from import_job where id = $1", key_of(job)[1]) == 1
    assert await office.events(job) == ["queued", "started", "resumed", "finished"]


async def test_an_import_that_its_processes_die_of_is_given_up(office: Office) -> None:
    await office.importing.stop()
    job = await office.started(await office.many("poison", 1))
    died = "update import_job set state = 'running', interruptions = $2 where id = $1"
    await office.owner(died, key_of(job)[1], MOST_INTERRUPTIONS)
    await office.importing.start()
    found = await office.ended(job)
    assert (found["state"], found["failure"][:22]) == ("FAILED", "It broke off 25 times;")
    assert await office.there("poison") == 0


async def test_a_batch_is_written_by_whoever_holds_the_lease_alone(office: Office) -> None:
    await office.importing.stop()
    firm = office.served.firm
    nobody, key = (
        Actor(tenant=firm.tenant, name="import"),
        key_of(await office.started(await office.many("held", 1)))[1],
    )

    async def claimed(length: timedelta) -> Claim | None:
        return await firm.database.transact(nobody, lambda work: claim(work, key, uuid7(), length))

    held = await claimed(timedelta(milliseconds=500))
    assert held is not None
    database, begun, written = Leased(firm.database.url, held), asyncio.Event(), asyncio.Event()

    def batch(work: Work) -> None:
        work.add(Partner(number="held-a", name="A"))
        work.session.flush()
        begun.set()
        await_only(written.wait())

    writing = asyncio.create_task(database.transact(held.actor, batch))
    await begun.wait()
    assert await claimed(LEASE) is None
    await asyncio.sleep(0.6)
    assert await claimed(LEASE) is None, "the lease has ended, but a batch is still being written under it"
    written.set()
    await writing
    assert await claimed(LEASE) is not None
    with pytest.raises(Superseded):
        await database.transact(held.actor, lambda work: work.add(Partner(number="held-b", name="B")))
    assert await office.there("held-") == 1
    await database.close()
    await office.importing.start()


async def test_a_process_that_ends_in_good_order_hands_its_import_back(office: Office) -> None:
    job = await office.started(await office.slow("back"))
    await office.come("slow-back", 20)
    await office.importing.stop()
    there = await office.there("slow-back")
    assert ((await office.seen(job))["state"], 20 <= there < 200) == ("QUEUED", True)
    await office.importing.start()
    assert (await office.ended(job))["report"]["json"]["totals"]["unchanged"] == there
    assert await office.events(job) == ["queued", "started", "handed_back", "started", "finished"]


async def test_killed_in_the_middle_the_server_finishes_when_it_is_there_again(
    cluster: Cluster, tmp_path: Path
) -> None:
    async with copied(cluster, BARE) as url:
        variables = {
            "DATABASE_URL": url, "TRADEGRAPH_VAR": str(tmp_path), "TRADEGRAPH_BOOTSTRAP_KEY": BOOTSTRAP,
            "TRADEGRAPH_IMPORT_LEASE": "2",
        }  # fmt: skip
        async with process(variables) as (server, office):
            job = await office.started(await office.many("again", 1200))
            there = await office.come("again", 500)
            server.kill()
            await server.wait()
        async with process(variables) as (_, office):
            totals = (await office.ended(job))["report"]["json"]["totals"]
            assert there <= totals["unchanged"] == 1200 - totals["created"] < 1200
            assert await office.there("again") == 1200
            assert await office.events(job) == ["queued", "started", "resumed", "finished"]


@asynccontextmanager
async def process(variables: dict[str, str]) -> AsyncIterator[tuple[asyncio.subprocess.Process, Office]]:
    """A server in a process of its own, and an office of its demo firm."""
    async with command_line.serving("--demo", **variables) as (server, address, _):
        base = address.removesuffix("/graphql")
        async with httpx.AsyncClient(base_url=base, timeout=30) as http:
            firm = SimpleNamespace(owner_url=variables["DATABASE_URL"])
            served = Served(firm, None, None, 0, http, {"administrator": BOOTSTRAP})  # type: ignore[arg-type]
            yield server, Office(served, Path(variables["TRADEGRAPH_VAR"]))


async def test_an_import_that_is_put_away_starts_no_more_though_its_files_are_still_there(office: Office) -> None:
    job = Ref(id=key_of(await office.many("put-away", 3))[1])

    def away(work: Work) -> None:
        COMMANDS["RemoveImport"](id=job).act(work)
        with pytest.raises(NotReady, match="Its files were removed"):
            COMMANDS["StartImport"](id=job).act(work)

    firm = office.served.firm
    await firm.database.transact(firm.actor("administrator"), away)


async def test_an_import_that_is_put_away_loses_its_files_and_keeps_its_report(office: Office) -> None:
    job = await office.many("away", 3)
    await office.started(job)
    refused = await office.do("removeImport", id=job)
    await office.ended(job)
    assert [one["code"] for one in refused["errors"]] in ([], ["WRONG_STATE"])
    assert (await office.do("removeImport", id=job))["errors"] == []
    await office.none("import_job where archived_at is not null and cleared_at is null")
    found = await office.seen(job)
    assert found["clearedAt"] is not None
    assert found["report"]["json"]["totals"]["created"] + found["report"]["json"]["totals"]["unchanged"] == 3
    assert [*office.var.rglob(f"{key_of(job)[1]}*")] == []
    assert (await office.do("startImport", id=job))["errors"][0]["code"] == "NOT_READY"
    assert (await office.put(job, "vendors.csv", "x")).status_code == 409
