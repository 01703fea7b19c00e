"""`schema` and `verify`: what is committed and what is stored equal what they follow from."""

from __future__ import annotations

from difflib import unified_diff
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from transport.console.running import Tenant, Trouble, house, within

if TYPE_CHECKING:
    from domain.kernel.work import Database

ROOT = Path(__file__).parents[2]
SDL = ROOT / "schema" / "schema.graphql"


def schema(*, check: Annotated[bool, Option("--check", help="Change nothing; fail if it differs.")] = False) -> None:
    """Write schema/schema.graphql, the API in its own language."""
    from schema.build import sdl

    text, known = sdl(house()), SDL.read_text(encoding="utf-8") if SDL.exists() else ""
    if check and text != known:
        typer.echo("\n".join(unified_diff(known.splitlines(), text.splitlines(), "committed", "built", "", "", 1, "")))
        raise Trouble("schema/schema.graphql is not what the code says; run `make schema` and commit it.")
    if text != known:
        SDL.write_text(text, encoding="utf-8")
    typer.echo(f"schema/schema.graphql is {'up to date' if text == known else 'written'}.")


def verify(
    *, tenant: Tenant = None, chain: Annotated[bool, Option("--chain", help="Check the log of events too.")] = False
) -> None:
    """Check that what is stored for speed equals its definition; list what does not, and fail."""
    from domain import verification
    from domain.intake.founding import operators, tenant_of

    checks = [verification.verify, *([verification.verify_chain] if chain else [])]

    async def act(owner: Database, database: Database) -> list[str]:
        every = await operators(owner) if tenant is None else {tenant: await tenant_of(owner, tenant)}
        lines = []
        for code, actor in every.items():
            async with database.session(actor) as session:
                found = [one for check in checks for one in await session.run_sync(check)]
            lines += [
                f"{code}: {one.check}: {one.record} says {one.stored}, should say {one.expected}" for one in found
            ]
        return lines

    differences = within(act)
    typer.echo("\n".join(differences) or "Everything equals its definition.")
    raise typer.Exit(1 if differences else 0)
