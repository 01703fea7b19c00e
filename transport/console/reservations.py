"""`expire`: what is over by the hour is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from transport.console.running import Tenant, within

if TYPE_CHECKING:
    from domain.kernel.work import Database


def expire(*, tenant: Tenant = None) -> None:
    """Tell, as events, of reservations whose time is over. Can be run as often as the news is needed."""
    from domain.intake.founding import operators, tenant_of
    from domain.stock.expiring import expire as tell

    async def act(owner: Database, database: Database) -> int:
        every = await operators(owner) if tenant is None else {tenant: await tenant_of(owner, tenant)}
        told = 0
        for actor in every.values():
            while more := await database.transact(actor, tell):
                told += more
        return told

    typer.echo(f"Reservations whose time is over: told of {within(act)}.")
