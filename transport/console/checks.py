"""`schema`, `papers` and `verify`: what is committed and what is stored equal what they follow from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Option

from transport.console.running import Tenant, house, within
from transport.console.written import written

if TYPE_CHECKING:
    from domain.kernel.work import Database

SDL = Path(__file__).parents[2] / "schema" / "schema.graphql"


def schema(*, check: Annotated[bool, Option("--check", help="Change nothing; fail if it differs.")] = False) -> None:
    """Write schema/schema.graphql, the API in its own language."""
    from schema.build import sdl

    written(SDL, sdl(house()), check=check)


def papers(*, check: Annotated[bool, Option("--check", help="Change nothing; fail if it differs.")] = False) -> None:
    """Write docs/papers.md: each kind of paper with its states and actions, and what begets what."""
    from transport.console.papers import PAGE, page

    written(PAGE, page(), check=check)


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
