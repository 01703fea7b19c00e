from __future__ import annotations

import asyncio
import json
import os
import re
import secrets
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import httpx
import pytest
import typer
from typer.testing import CliRunner

from domain.kernel.errors import BadInput, NotFound, NotReady, NotUnique
from migrations import opening
from migrations.embedded import Cluster
from migrations.opening import Addresses, Unusable
from migrations.upgrade import application_url
from server import cli
from tests.firm import BARE, Firm
from transport.console import checks
from transport.console.running import Trouble
from transport.settings import Settings

ROOT = Path(__file__).parents[2]
BOOTSTRAP = "chosen-by-the-operator"


@pytest.fixture
async def bare(cluster: Cluster) -> AsyncIterator[str]:
    """The owner's URL of a database in which there is nothing."""
    name = f"test_{secrets.token_hex(6)}"
    admin = await asyncpg.connect(cluster.url("postgres", "tradegraph"))
    await admin.execute(f'create database "{name}"')
    yield cluster.url(name, "tradegraph")
    await admin.execute(f'drop database "{name}" with (force)')
    await admin.execute(f'drop role if exists "{name}_app"')
    await admin.close()


@pytest.fixture
def stranger() -> Iterator[int]:
    """The port of something that listens and is no PostgreSQL: it says nothing, and hangs up."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener.getsockname()[1]


async def started(*words: str, **variables: str) -> asyncio.subprocess.Process:
    inherited = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return await asyncio.create_subprocess_exec(
        sys.executable, str(ROOT / "server.py"), *words, cwd=ROOT, env=inherited | variables,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip


async def ran(*words: str, **variables: str) -> tuple[int, str, str]:
    """The exit code of a command, what it said, and what it complained of."""
    process = await started(*words, **variables)
    said, complained = await asyncio.wait_for(process.communicate(), 60)
    return process.returncode or 0, said.decode(), complained.decode()


async def complaint(*words: str, **variables: str) -> str:
    """What a command complains of, in its one line."""
    code, said, complained = await ran(*words, **variables)
    assert (code, said, complained.count("\n")) == (2, "", 1), complained
    assert complained.startswith("tradegraph: ")
    return complained


def commands(group: Any, *above: str) -> Iterator[str]:
    """The group itself and whatever is below it, as they are typed."""
    yield " ".join(above)
    for name, one in getattr(group, "commands", {}).items():
        yield from commands(one, *above, name)


async def test_every_command_explains_itself() -> None:
    (code, manual, complained), found = await ran("--help"), sorted(commands(typer.main.get_command(cli)))
    assert (code, complained) == (0, "")
    assert all(name in manual for name in ("DATABASE_URL", "TRADEGRAPH_BOOTSTRAP_KEY", "PORT", "verify"))
    assert {"", "serve", "import", "export", "key create", "series set"} < {*found}
    for command in found:
        answer = CliRunner().invoke(cli, [*command.split(), "--help"], prog_name="server.py")
        assert answer.exit_code == 0, command
        assert f"Usage: server.py {command}".strip() in answer.output


def is_empty(folder: Path) -> bool:
    return not [*folder.iterdir()]


async def test_what_is_wrong_with_the_settings_is_told_in_one_line(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        var = str(tmp_path)
        words = await asyncio.gather(
            complaint("serve", PORT="http", TRADEGRAPH_VAR=var),
            complaint("serve", PORT=port, TRADEGRAPH_VAR=var),
            complaint("serve", TRADEGRAPH_BOOTSTRAP_KEY="too short", TRADEGRAPH_VAR=var),
            complaint("migrate", DATABASE_URL="mysql://here", TRADEGRAPH_VAR=var),
            complaint("import", "nowhere", "--mapping", "nothing.toml", TRADEGRAPH_VAR=var),
        )
    for line, word in zip(
        words, ["PORT", port, "TRADEGRAPH_BOOTSTRAP_KEY", "DATABASE_URL", "nothing.toml"], strict=True
    ):
        assert word in line
    assert is_empty(tmp_path)


async def test_what_is_wrong_with_the_database_is_told_in_one_line(bare: str) -> None:
    connection = await asyncpg.connect(bare)
    await connection.execute("create table tenant (taken integer)")
    await connection.close()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        free = silent.getsockname()[1]
    nobody, taken = await asyncio.gather(
        complaint("migrate", DATABASE_URL=f"postgresql://a:confidential@127.0.0.1:{free}/x"),
        complaint("migrate", DATABASE_URL=bare),
    )
    assert str(free) in nobody
    assert 'relation "tenant" already exists' in taken
    assert [secret for secret in ("confidential", urlsplit(bare).password or "") if secret in nobody + taken] == []


@pytest.mark.parametrize(
    ("found", "put", "reason"),
    [
        ("tradegraph:", "stranger:", "password"),
        ("/test_", "/nothing_", "does not exist"),
        ("", "", "server.py migrate"),
    ],
)
async def test_a_database_that_does_not_fit_says_why(bare: str, found: str, put: str, reason: str) -> None:
    address = bare.replace(found, put, 1) if found else bare
    with pytest.raises(Unusable, match=reason) as caught:
        async with opening.opened(Addresses(address, address), upgrading=False):
            pass
    assert str(urlsplit(bare).password) not in str(caught.value)


async def test_an_old_postgresql_and_what_is_none_are_refused(
    database_url: str, stranger: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "PATIENCE", 0.3)
    for address, reason in {
        database_url: "needs 99 or newer",
        f"postgresql://a@127.0.0.1:{stranger}/x": "no answer",
    }.items():
        monkeypatch.setattr(opening, "OLDEST", 99)
        with pytest.raises(Unusable, match=reason):
            async with opening.opened(Addresses(address, address), upgrading=False):
                pass


async def test_a_traceback_is_shown_to_who_asks_for_it() -> None:
    code, _, complained = await ran("serve", PORT="http", TRADEGRAPH_DEBUG="1")
    assert (code, "Traceback" in complained) == (1, True)


async def test_a_firm_is_founded_and_let_in_by_the_command_line(bare: str) -> None:
    await asyncio.to_thread(found_acme, bare)


def found_acme(bare: str) -> None:
    def done(*words: str, **variables: str) -> str:
        answer = CliRunner().invoke(cli, words, env={"DATABASE_URL": bare, **variables})
        assert answer.exit_code == 0, answer.exception
        return answer.output

    def refused(*words: str, error: type[Exception], reason: str) -> None:
        answer = CliRunner().invoke(cli, words, env={"DATABASE_URL": bare})
        assert isinstance(answer.exception, error)
        assert reason in str(answer.exception)

    acme = ("tenant", "create", "acme", "Acme Ltd", "--company", "MAIN", "--country", "GB", "--currency", "GBP")
    refused(*acme, error=Unusable, reason="run `python server.py migrate`")
    done("migrate")
    refused("key", "list", error=NotFound, reason="no tenant yet")
    refused(*acme, "--threshold", "many", error=Trouble, reason="no number")
    done(*acme, "--threshold", "500", "--time-zone", "Europe/London")
    refused(*acme, error=NotUnique, reason="choose another code")
    done("user", "create", "ann", "Ann Lee", "--role", "administrator", TRADEGRAPH_NEW_PASSWORD="correct horse battery")
    key = done("key", "create", "Shop", "--role", "buyer", "--expires", "2999-01-01").strip()
    refused("key", "create", "Nothing", error=Trouble, reason="--role or --right")
    listed = done("key", "list")
    assert listed.startswith(f"{key[:8]}…  Shop  buyer  ends 2999-01-01")
    assert key not in listed
    assert done("verify", "--chain") == "Everything equals its definition.\n"
    refused("key", "revoke", "Shed", error=Trouble, reason="No keys in use")
    done("key", "revoke", "Shop")
    assert done("key", "list") == ""
    done("tenant", "create", "b2", "Second", "--company", "B", "--country", "DE", "--currency", "EUR")
    assert done("tenant", "list") == "acme  Acme Ltd  open\nb2    Second    open\n"
    refused("key", "list", error=BadInput, reason="acme, b2")
    assert done("key", "list", "--tenant", "b2") == ""


async def test_what_administrators_do_over_the_api_operators_do_at_the_command_line(firm: Firm) -> None:
    await asyncio.to_thread(administer, firm)


def administer(firm: Firm) -> None:
    where = {"DATABASE_URL": firm.owner_url, "DATABASE_APP_URL": application_url(firm.owner_url, f"{BARE}_app")}

    def done(*words: str, **variables: str) -> str:
        answer = CliRunner().invoke(cli, words, env=where | variables)
        assert answer.exit_code == 0, answer.exception
        return answer.output

    def refused(*words: str, error: type[Exception], reason: str, **variables: str) -> None:
        answer = CliRunner().invoke(cli, words, env=where | variables)
        assert isinstance(answer.exception, error), answer.output
        assert reason in str(answer.exception)

    def listed(noun: str, *words: str) -> dict[str, list[str]]:
        rows = [re.split("  +", line) for line in done(noun, "list", *words).splitlines()]
        return {row[0]: row[1:] for row in rows}

    done("tenant", "rename", "firm1", "Bolts & Co")
    done("company", "create", "SUB", "Sub SA", "--country", "FR", "--currency", "EUR", "--threshold", "500")
    done("company", "update", "SUB", "--name", "Sub SAS")
    refused("company", "update", "SUX", "--name", "Sub", error=Trouble, reason="no company 'SUX'")
    assert listed("company")["SUB"] == ["Sub SAS", "FR", "EUR", "UTC", "500"]
    done("user", "create", "Ann", "Ann Lee", "--role", "buyer", TRADEGRAPH_NEW_PASSWORD="correct horse battery")
    done("user", "update", "ann", "--role", "buyer", "--role", "approver", "--company", "SUB")
    done("user", "password", "ann", TRADEGRAPH_NEW_PASSWORD="another horse battery")
    assert listed("user")["ann"] == ["Ann Lee", "buyer,approver", "SUB", "comes in"]
    for verb, standing in (
        ("lock", "locked"),
        ("archive", "archived, locked"),
        ("restore", "locked"),
        ("unlock", "comes in"),
    ):
        done("user", verb, "ann")
        assert listed("user")["ann"][-1] == standing
    vic = ("user", "create", "vic", "Vic Reed", "--role", "partner")
    word = {"TRADEGRAPH_NEW_PASSWORD": "another horse battery"}
    refused(*vic, "--partner", "V99", error=Trouble, reason="no partner 'V99'", **word)
    refused(*vic, error=BadInput, reason="name the partner", **word)
    done(*vic, "--partner", "V1", **word)
    done("user", "update", "vic", "--role", "partner", "--partner", "V2")
    done("user", "update", "vic", "--role", "viewer", "--partner", "")
    done("user", "update", "vic", "--role", "partner", "--partner", "V1")
    assert listed("user")["vic"] == ["Vic Reed", "partner", "MAIN,SUB", "comes in"]
    done("key", "create", "Theirs", "--role", "partner", "--partner", "V1")
    assert " Theirs  partner " in done("key", "list")
    refused("user", "archive", "administrator", error=NotReady, reason="last administrator")
    refused("user", "lock", "nobody", error=Trouble, reason="no user 'nobody'")
    done("series", "set", "receipt", "--company", "SUB", "--pattern", "R/{number:03d}", "--next", "77")
    refused("series", "set", "receipt", "--company", "SUB", "--next", "76", error=BadInput, reason="77 or more")
    (series,) = [row for row in done("series", "list").splitlines() if row.startswith("SUB") and "receipt" in row]
    assert re.split("  +", series)[1:] == ["receipt", "all years", "R/{number:03d}", "77", "-"]
    done("setting", "set", "receipt.over_percent", "5")
    done("setting", "set", "receipt.over_percent", "7", "--company", "SUB")
    assert [listed("setting", *company)["receipt.over_percent"][0] for company in ((), ("--company", "SUB"))] == [
        "5",
        "7",
    ]
    done("setting", "set", "receipt.over_percent")
    assert listed("setting")["receipt.over_percent"][:2] == ["0", "(default 0)"]
    assert "purchase.approve" in listed("role")["approver"][0]
    done("tenant", "archive", "firm1")
    assert "closed since" in listed("tenant")["firm1"][1]
    done("tenant", "restore", "firm1")
    assert listed("tenant")["firm1"] == ["Bolts & Co", "open"]
    assert done("verify", "--chain") == "Everything equals its definition.\n"
    assert done("expire") == "Reservations whose time is over: told of 0.\n"


def test_the_committed_schema_is_checked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert "up to date" in CliRunner().invoke(cli, ["schema", "--check"]).output
    monkeypatch.setattr(checks, "SDL", tmp_path / "schema.graphql")
    answer = CliRunner().invoke(cli, ["schema", "--check"])
    assert isinstance(answer.exception, Trouble)
    assert "+type Query {" in answer.output
    assert "written" in CliRunner().invoke(cli, ["schema"]).output
    assert "up to date" in CliRunner().invoke(cli, ["schema", "--check"]).output


@asynccontextmanager
async def serving(
    *words: str, until: str = "curl", **variables: str
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str, str]]:
    """A server that runs, where it answers, and what it said."""
    process = await started("serve", *words, PORT="0", **variables)
    assert process.stdout is not None
    said = ""
    try:
        async with asyncio.timeout(60):
            while until not in said:
                line = await process.stdout.readline()
                assert line, (await process.communicate())[1].decode()
                said += line.decode()
        yield process, said.split("answers at ")[1].split(". ")[0], said
    finally:
        if process.returncode is None:
            process.terminate()
            await process.communicate()


async def test_serving_begins_with_a_demo_and_ends_when_told_to(bare: str, tmp_path: Path) -> None:
    variables = {"DATABASE_URL": bare, "TRADEGRAPH_VAR": str(tmp_path), "TRADEGRAPH_BOOTSTRAP_KEY": BOOTSTRAP}
    assert "serve --demo" in await complaint("serve", PORT="0", **variables)
    async with serving("--demo", **variables) as (process, address, said), httpx.AsyncClient() as client:
        keys = dict(line.split() for line in said.splitlines() if " tgk_" in line and "curl" not in line)
        for key, role in [(keys["storekeeper"], "storekeeper"), (BOOTSTRAP, "administrator")]:
            answer = await client.post(
                address, json={"query": "{ me { name } }"}, headers={"Authorization": f"Bearer {key}"}
            )
            assert answer.json()["data"] == {"me": {"name": role}}
        ready = await client.get(address.replace("/graphql", "/readyz"))
        assert (ready.status_code, set(ready.json()["checks"].values())) == (200, {"ok"})
        process.send_signal(signal.SIGINT)
        end, logged = await asyncio.wait_for(process.communicate(), 20)
    assert (process.returncode, end.decode().splitlines()[-1]) == (0, "Stopped.")
    assert [line for line in logged.decode().splitlines() if "Traceback" in json.loads(line).get("exception", "")] == []
    assert BOOTSTRAP not in logged.decode()
    assert (tmp_path / "demo.secret").stat().st_mode & 0o777 == 0o600
    async with serving(**variables) as (_, _, again):
        assert [key for key in keys.values() if key not in again] == []


async def test_a_database_that_somebody_set_up_gets_no_demo_unasked(bare: str, tmp_path: Path) -> None:
    variables = {"DATABASE_URL": bare, "TRADEGRAPH_VAR": str(tmp_path)}
    async with serving(until="--demo", **variables) as (_, address, said), httpx.AsyncClient() as client:
        assert "no firm in this database yet" in said
        assert "tgk_" not in said
        found = ("tenant", "create", "acme", "Acme Ltd", "--company", "MAIN", "--country", "GB", "--currency", "GBP")
        assert (await ran(*found, **variables))[0] == 0
        _, key, _ = await ran("key", "create", "Shop", "--role", "buyer", **variables)
        headers = {"Authorization": f"Bearer {key.strip()}"}
        answer = await client.post(address, json={"query": "{ me { name } }"}, headers=headers)
        assert answer.json()["data"] == {"me": {"name": "Shop"}}
    assert not (tmp_path / "demo.secret").exists()


def test_logs_are_for_the_eye_on_a_terminal_and_for_programs_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = os.openpty()
    with os.fdopen(theirs, "w") as terminal, os.fdopen(ours), Path(os.devnull).open("w") as file:
        for stream, form in ((terminal, "console"), (file, "json")):
            monkeypatch.setattr(sys, "stderr", stream)
            assert Settings.read().log == form
            assert Settings.read(TRADEGRAPH_LOG="json").log == "json"


async def test_verify_lists_what_is_wrong_and_fails_as_a_role_that_somebody_else_made(
    bare: str, tmp_path: Path
) -> None:
    """Where the owner of the tables may make no roles, the application's is named beside it."""
    url = urlsplit(bare)
    role = f"{url.path[1:]}_app"
    owner = await asyncpg.connect(bare)
    await owner.execute(f"create role \"{role}\" login password 'of it''s own'")
    variables = {
        "DATABASE_URL": bare,
        "DATABASE_APP_URL": f"postgresql://{role}:of%20it%27s%20own@{url.hostname}:{url.port}{url.path}?sslmode=prefer",
        "TRADEGRAPH_VAR": str(tmp_path),
    }
    assert await ran("seed", **variables) == (0, "The demo firm is there; `serve` shows its keys.\n", "")
    await owner.execute("update position set on_hand = on_hand + 1 where on_hand = 120.5")
    await owner.close()
    again, (code, said, _) = await asyncio.gather(ran("seed", **variables), ran("verify", **variables))
    assert "nothing was done" in again[1], again
    assert (code, said.count("\n")) == (1, 1)
    assert said.startswith("demo: on hand follows from the moves: ")
    assert "says 121.50, should say 120.50" in said
