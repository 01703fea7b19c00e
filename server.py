"""The whole house, put together: settings, database, plugins, schema, transport, command line. Nobody imports this."""

from __future__ import annotations

import asyncio
import os
import secrets
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from datetime import timedelta
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from transport.console import checks, companies, extracts, keys, masters, people, reservations, running, tenants

if TYPE_CHECKING:
    from domain.kernel.work import Database
    from transport.settings import Settings

HERE = Path(__file__).parent
ROOMS = ("transport", "schema", "resolvers", "domain", "migrations", "plugins")
MANUAL = """Tradegraph: vendors, purchasing, stock and approvals behind one GraphQL API.

Settings come from the environment:

DATABASE_URL, the PostgreSQL to use as the owner of the tables; else one of our own, under var/\n
DATABASE_APP_URL, the same as the application role; derived from DATABASE_URL if not given\n
HOST and PORT, where to serve: 127.0.0.1 and 8000\n
TRADEGRAPH_CORS, the origins whose pages may call, separated by commas\n
TRADEGRAPH_BOOTSTRAP_KEY, taken as the API key of the demo's administrator\n
TRADEGRAPH_LOG, console or json, which is for files; TRADEGRAPH_VAR, where files are kept\n
TRADEGRAPH_DEBUG=1 shows tracebacks"""
DEMO = """
The demo firm has a key for each role; its people sign in with the role as account and the password {password}.
{keys}

A query to begin with:
  curl {url} -H 'Authorization: Bearer {key}' -H 'Content-Type: application/json' \\
    -d '{{"query": "{{ purchaseOrders(first: 5) {{ totalCount nodes {{ number state total {{ amount }} }} }} }}"}}'"""
NOBODY = """
There is no firm in this database yet, so nobody can sign in. Found one, then let its people in:
  python server.py tenant create --help
  python server.py user create --help
To look around in a demo firm whose password everybody knows, start with `serve --demo`."""

cli = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, add_completion=False, help=MANUAL)


@cli.command()
def serve(
    *,
    demo: Annotated[
        bool, typer.Option("--demo", help="Make the demo firm in the database of DATABASE_URL too, if it has no firm.")
    ] = False,
) -> None:
    """Serve the API. Sets the database up first; one of our own gets a demo firm if there is no firm yet."""
    settings = running.settings()
    from migrations.opening import found
    from transport import log
    from transport.app import Server, listen

    log.configure(settings.log)
    with (
        listen(settings) as listener,
        found(settings.database_url, settings.database_app_url, _cluster(settings)) as at,
    ):
        schema = running.house()
        shown = asyncio.run(running.opened(at, lambda *both: _furnish(settings, *both, demo=demo), upgrading=True))
        app = _application(settings, at.application, schema)
        Server(app, settings, lambda: _welcome(listener.getsockname(), shown)).run([listener])
    typer.echo("Stopped.")


@cli.command()
def migrate() -> None:
    """Bring the database to the shape of this version. Can be run again at any time."""

    async def nothing(_owner: Database, _database: Database) -> None: ...

    running.within(nothing, upgrading=True)
    typer.echo("The database has the shape of this version.")


@cli.command()
def seed() -> None:
    """Make the demo firm, if there is no firm yet."""
    from domain.intake.demo import seed as sow

    secret = _secret(running.settings())
    made = running.within(lambda owner, database: sow(owner, database, secret), upgrading=True)
    typer.echo(
        "The demo firm is there; `serve` shows its keys." if made else "There is a firm already: nothing was done."
    )


cli.command("import")(masters.import_)
cli.command()(extracts.export)
cli.command()(checks.schema)
cli.command()(checks.papers)
cli.command()(checks.verify)
cli.command()(reservations.expire)
cli.add_typer(tenants.tenants, name="tenant")
cli.add_typer(people.users, name="user")
cli.add_typer(people.roles, name="role")
cli.add_typer(keys.keys, name="key")
cli.add_typer(companies.companies, name="company")
cli.add_typer(companies.series, name="series")
cli.add_typer(companies.settings, name="setting")


def _cluster(settings: Settings) -> Path:
    return settings.var / "postgres"


async def _furnish(settings: Settings, owner: Database, database: Database, *, demo: bool) -> dict[str, str] | None:
    """The keys of the demo firm that may be shown, or None where there is no firm; the operator's key is let in.

    Everybody knows the demo's password, so a database that somebody set up gets one only if it is asked for.
    """
    from domain.intake.demo import BOOTSTRAP, TENANT, admit, opening, seed
    from domain.intake.founding import operators

    if demo or settings.database_url is None:
        await seed(owner, database, _secret(settings))
    firms = await operators(owner)
    if settings.bootstrap_key is not None:
        if TENANT not in firms:
            raise running.Trouble(
                f"{BOOTSTRAP}: there is no demo firm here; use `key create`, or `serve --demo` where there is no firm"
            )
        await admit(database, firms[TENANT], settings.bootstrap_key)
    if TENANT in firms:
        return await opening(database, _secret(settings))
    return {} if firms else None


def _secret(settings: Settings) -> str:
    """What the demo's keys are derived from, so that every start shows the same; for its owner's eyes alone."""
    path = settings.var / "demo.secret"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with (
            suppress(FileExistsError),
            os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as file,
        ):
            file.write(secrets.token_hex(32))
        return path.read_text()
    except OSError as error:
        raise running.Trouble(f"TRADEGRAPH_VAR: {path} cannot be used: {error.strerror}") from error


def _application(settings: Settings, address: str, schema: Any) -> Any:
    from domain.kernel.work import Database
    from migrations.opening import heads
    from resolvers.hub import Hub
    from resolvers.importing import Importing
    from resolvers.sealing import Sealing
    from transport.app import application, shelf

    database = Database(address)
    hub, sealing = Hub(database), Sealing(database)
    importing = Importing(
        database, shelf(settings),
        lease=timedelta(seconds=settings.import_lease), kept_for=timedelta(days=settings.import_days),
    )  # fmt: skip
    life = _life(database, hub, sealing, importing)
    return application(
        settings, database, schema, hub, heads=heads(), sealing=sealing, importing=importing, lifespan=life
    )


def _life(database: Database, *beside: Any) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def life(_app: Any) -> AsyncIterator[None]:
        for one in beside:
            await one.start()
        try:
            yield
        finally:
            for one in reversed(beside):
                await one.stop()
            await database.close()

    return life


def _welcome(address: tuple[Any, ...], shown: dict[str, str] | None) -> None:
    from domain.intake.demo_firm import PASSWORD

    host, port = address[:2]
    url = f"http://{f'[{host}]' if ':' in host else host}:{port}/graphql"
    typer.echo(f"Tradegraph answers at {url}. Stop it with Ctrl-C.")
    if shown is None:
        typer.echo(NOBODY)
    elif shown:
        table = "\n".join(f"  {role:14} {key}" for role, key in shown.items())
        typer.echo(DEMO.format(password=PASSWORD, keys=table, url=url, key=shown.get("buyer", "YOUR_KEY")))
    sys.stdout.flush()


def _at_home() -> None:
    """PyPI has unrelated packages of the names of our rooms; whichever comes first on the path would be imported."""
    for room in ROOMS:
        spec = find_spec(room)
        if spec is None or list(spec.submodule_search_locations or []) != [str(HERE / room)]:
            raise running.Trouble(
                f"{room} is imported from {spec and spec.origin}; run server.py in its own environment"
            )


def main() -> None:
    _at_home()
    cli()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(running.told(main))
