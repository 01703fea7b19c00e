"""What operators see and set: health, figures, lines of log, settings, an orderly end."""

import asyncio
import json
import logging
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest
import structlog
from alembic.script import ScriptDirectory
from sqlalchemy.exc import DBAPIError

from domain.kernel.work import Database
from migrations.embedded import Cluster
from migrations.upgrade import config
from tests.firm import Firm
from tests.protocol.serving import Served, serving
from tests.protocol.toy import toys
from transport.app import application, listen
from transport.health import Readiness, checks
from transport.log import configure, logger
from transport.settings import DEVELOPMENT, Settings, WrongSettingError

WORD = "confidential"
HEADS = frozenset(ScriptDirectory.from_config(config()).get_heads())


async def ready(database: Database, heads: Any = HEADS, **beside: Any) -> tuple[int, dict[str, str]]:
    answer = await Readiness(checks(database, heads, beside)).tell(None)  # type: ignore[arg-type]
    told = json.loads(bytes(answer.body))
    assert told["ready"] == (answer.status_code == 200)
    return answer.status_code, told["checks"]


class Beside:
    def __init__(self, *, alive: bool) -> None:
        self.alive = alive


async def test_it_is_ready_when_database_revisions_and_sealer_are(database: Database) -> None:
    assert await ready(database, sealer=Beside(alive=True)) == (
        200,
        {"database": "ok", "migrations": "ok", "sealer": "ok"},
    )
    assert (await ready(database, frozenset({"ffff"})))[1]["migrations"].startswith("run ")
    status, told = await ready(database, sealer=Beside(alive=False))
    assert (status, told["sealer"]) == (503, "not running, or without the database")


async def test_without_the_database_it_lives_and_is_not_ready() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    gone = Database(f"postgresql://nobody:secret@127.0.0.1:{port}/none")
    status, told = await ready(gone)
    assert (status, told["database"]) == (503, "the database does not answer")
    assert "secret" not in json.dumps(told)
    await gone.close()


async def test_life_readiness_and_the_page_are_there_for_everybody(served: Served) -> None:
    assert (await served.http.get("/healthz")).json() == {"alive": True}
    assert (await served.http.get("/readyz")).status_code == 200
    page = await served.http.get("/")
    assert f"127.0.0.1:{served.port}/graphql" in page.text
    assert "src=" not in page.text
    assert page.headers["content-security-policy"].startswith("default-src 'none'")
    forged = await served.http.get("/", headers={"Host": "<script>alert(1)</script>"})
    assert "<script" not in forged.text


async def figures(served: Served) -> dict[str, float]:
    page = (await served.http.get("/metrics")).text
    lines = [line.rpartition(" ") for line in page.splitlines() if not line.startswith("#")]
    return {name: float(value) for name, _, value in lines}


async def test_what_happens_is_counted(firm: Firm) -> None:
    async with serving(firm, toys()) as served:
        await served.ask("{ name }")
        await served.ask("{ broken }")
        await served.ask("{")
        await served.ask("{ name }", headers={"Authorization": "Bearer wrong"})
        async with served.socket() as talk:
            await talk.ask("1", "subscription { ticks(until: 100, seconds: 0.1) }")
            await talk.hear()
            during = await figures(served)
        await asyncio.sleep(0.1)
        after = await figures(served)
    requests = {
        (kind, outcome): after[f'tradegraph_requests_total{{outcome="{outcome}",transport="http",type="{kind}"}}']
        for kind, outcome in [("query", "ok"), ("query", "errors"), ("none", "refused")]
    }
    assert requests == {("query", "ok"): 1, ("query", "errors"): 1, ("none", "refused"): 2}
    assert (during["tradegraph_sockets"], during["tradegraph_subscriptions"]) == (1, 1)
    assert (after["tradegraph_sockets"], after["tradegraph_subscriptions"]) == (0, 0)
    assert after['tradegraph_request_seconds_count{type="query"}'] == 2
    assert after["tradegraph_events_unsealed"] > 0
    assert after["tradegraph_horizon_lag"] >= 0
    assert 'tradegraph_pool_connections{state="in use"}' in after


@pytest.fixture
def logging_as_before() -> Iterator[None]:
    structures, handlers = structlog.get_config(), logging.getLogger().handlers[:]
    yield
    structlog.configure(**structures)
    logging.getLogger().handlers[:] = handlers


@pytest.mark.usefixtures("logging_as_before")
async def test_each_request_is_one_line_without_secrets(served: Served, capsys: pytest.CaptureFixture[str]) -> None:
    configure("json")
    secret = served.keys["buyer"]
    query = "query Mine($t: String!) { echo(text: $t) }"
    await served.ask(query, variables={"t": "confidential"}, headers={"X-Request-Id": "r-7"})
    await served.ask("{ broken }", headers={"X-Request-Id": "r-8"})
    await served.http.get("/graphql", params={"query": '{ echo(text: "confidential") }'}, headers=served.bearer())
    async with served.socket() as talk:
        await talk.ask("1", query, variables={"t": "confidential"})
        await talk.hear()
    await asyncio.sleep(0.05)
    told = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    text = json.dumps(told)
    assert [one for one in ("confidential", secret, "echo", "Bearer") if one in text] == []
    first = next(one for one in told if one["request_id"] == "r-7")
    assert {name: value for name, value in first.items() if name not in {"ms", "timestamp"}} == {
        "event": "request", "level": "info", "method": "POST", "path": "/graphql", "status": 200, "operation": "Mine",
        "type": "query", "outcome": "ok", "actor": "buyer", "tenant": 1, "request_id": "r-7",
    }  # fmt: skip
    assert {one["event"] for one in told if one.get("operation") == "Mine" and one.get("transport")} == {"operation"}
    assert [one["outcome"] for one in told if one.get("method") == "WEBSOCKET"] == ["1000"]


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize("form", ["json", "console"])
async def test_a_failure_is_told_with_its_place_and_without_what_was_in_hand(
    database: Database, capsys: pytest.CaptureFixture[str], form: str
) -> None:
    configure(form)
    password = "correct horse battery"
    try:
        await database.knock("select 1 / :zero, :word", zero=0, word=WORD)
    except DBAPIError:
        logger().exception("broken", request_id="r-1")
    told = capsys.readouterr().err
    assert "test_service.py" in told
    assert "knock" in told
    assert [word for word in (password, WORD) if word in told] == []


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "HOST", "PORT", "TRADEGRAPH_CORS", "TRADEGRAPH_LOG", "TRADEGRAPH_VAR"):
        monkeypatch.delenv(name, raising=False)
    assert (Settings.read().host, Settings.read().port, Settings.read().origins) == ("127.0.0.1", 8000, DEVELOPMENT)
    monkeypatch.setenv("TRADEGRAPH_CORS", "https://App.example.com, http://localhost:3000")
    monkeypatch.setenv("PORT", "9000")
    monkeypatch.setenv("DATABASE_URL", "postgres://u:p@db/x")
    read = Settings.read()
    assert (read.port, read.origins) == (9000, ("https://app.example.com", "http://localhost:3000"))
    assert read.database_url == "postgresql://u:p@db/x"
    monkeypatch.delenv("TRADEGRAPH_CORS")
    monkeypatch.setenv("HOST", "0.0.0.0")
    assert Settings.read().origins == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PORT", "http"), ("PORT", "70000"), ("PORT", "-1"), ("HOST", ""), ("DATABASE_URL", "mysql://x"),
        ("TRADEGRAPH_LOG", "xml"), ("TRADEGRAPH_CORS", "*"), ("TRADEGRAPH_CORS", "localhost"),
        ("TRADEGRAPH_CORS", "https://a.example/path"), ("TRADEGRAPH_BOOTSTRAP_KEY", "short"),
        ("TRADEGRAPH_BOOTSTRAP_KEY", "with a blank in it"), ("TRADEGRAPH_BODY_LIMIT", "0"),
    ],
)  # fmt: skip
def test_a_wrong_setting_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(WrongSettingError) as caught:
        Settings.read()
    assert str(caught.value).startswith(f"{name}: ")
    assert "\n" not in str(caught.value)


def test_an_address_in_use_is_told_in_one_line() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(WrongSettingError, match=r"^HOST, PORT: cannot serve on 127\.0\.0\.1:\d+: .*in use"),
    ):
        listen(Settings.read(PORT=taken.getsockname()[1]))
    with pytest.raises(WrongSettingError, match=r"cannot serve on no\.such\.host"):
        listen(Settings.read(HOST="no.such.host.invalid"))


async def test_sockets_are_told_when_the_server_goes_down_and_running_requests_end(toy_firm: Firm) -> None:
    async with serving(toy_firm, toys()) as served, served.socket() as talk:
        await talk.ask("1", "subscription { ticks(until: 100, seconds: 0.1) }")
        await talk.hear()
        request = asyncio.create_task(served.ask("{ slow(seconds: 0.5) }"))
        await asyncio.sleep(0.2)
        served.server.should_exit = True
        assert await talk.farewell() == (1001, "The server goes down; connect again")
        assert (await request).json() == {"data": {"slow": "done"}}


async def reachable(cluster: Cluster, firm: Firm, *, yes: bool) -> None:
    """Let nobody into the firm's database, and throw out who is in; or let them in again."""
    admin = await asyncpg.connect(cluster.url("postgres", "postgres"))
    await admin.execute(f'alter database "{firm.name}" with allow_connections {yes}')
    if not yes:
        await admin.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", firm.name)
    await admin.close()


async def test_it_outlives_a_database_that_goes_away_and_comes_back(cluster: Cluster, firm: Firm) -> None:
    async with serving(firm, toys(), TRADEGRAPH_RECHECK_SECONDS="0.05") as served, served.socket() as talk:
        await reachable(cluster, firm, yes=False)
        await asyncio.sleep(0.2)
        await talk.ask("1", "{ name }")
        told = await talk.hear()
        assert (told["type"], told["payload"][0]["extensions"]["code"]) == ("error", "INTERNAL")
        async with served.socket(role=None) as late:
            await late.say(type="connection_init", payload={"authorization": served.bearer()["Authorization"]})
            assert (await late.farewell())[0] == 1011
        answer = await served.ask("{ name }", headers={"X-Request-Id": "r-9"})
        assert (answer.status_code, answer.json()["errors"][0]["extensions"]) == (
            500,
            {"code": "INTERNAL", "request": "r-9"},
        )
        assert (await served.http.get("/readyz")).status_code == 503
        assert (await served.http.get("/healthz")).status_code == 200
        assert (await figures(served))["tradegraph_sockets"] == 1
        await reachable(cluster, firm, yes=True)
        assert (await served.ask("{ name }")).json() == {"data": {"name": "buyer"}}
        await talk.ask("2", "{ name }")
        assert (await talk.hear())["payload"] == {"data": {"name": "buyer"}}


PROGRAM = """
    from tests.protocol.toy import toys
    from domain.kernel.work import Database
    from transport.app import Server, application, listen
    from transport.settings import Settings
    settings = Settings.read()
    database = Database("postgresql://nobody@127.0.0.1:1/none")
    app = application(settings, database, toys())
    Server(app, settings, lambda: print("up", flush=True)).run([listen(settings)])
    print("closed in order", flush=True)
"""


async def test_a_signal_ends_the_server_in_order() -> None:
    root = Path(__file__).parents[2]
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-W", "error", "-c", textwrap.dedent(PROGRAM),
        stdout=subprocess.PIPE, cwd=root, env=os.environ | {"PORT": "0", "PYTHONPATH": str(root)},
    )  # fmt: skip
    assert process.stdout is not None
    async with asyncio.timeout(20):
        assert await process.stdout.readline() == b"up\n"
        process.send_signal(signal.SIGTERM)
        assert await process.stdout.readline() == b"closed in order\n"
        assert await process.wait() == 0


def test_the_application_is_built_without_touching_the_database() -> None:
    assert application(Settings.read(), Database("postgresql://nobody@127.0.0.1:1/none"), toys()).routes
