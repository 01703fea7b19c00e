"""`tenant`: firms that share the installation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from transport.console.carrying_out import carry_out, show
from transport.console.running import number, within

if TYPE_CHECKING:
    from domain.kernel.work import Work

tenants = typer.Typer(no_args_is_help=True, help="Firms that share the installation and never see each other.")
Code = Annotated[str, Argument(help="Its code; see `tenant list`.")]


@tenants.command("create")
def create_tenant(
    code: Annotated[str, Argument(help="A word for it: a to z, 0 to 9 and -.")],
    name: Annotated[str, Argument(help="What people call it.")],
    company: Annotated[str, Option(help="The code of its first company.")],
    country: Annotated[str, Option(help="Where that company is, by ISO 3166-1, such as US.")],
    currency: Annotated[str, Option(help="The currency it reckons in, by ISO 4217, such as USD.")],
    *,
    time_zone: Annotated[str, Option(help="The IANA time zone of its business dates.")] = "UTC",
    threshold: Annotated[str, Option(help="From which untaxed total on its orders need approval.")] = "0",
) -> None:
    """Found a firm: a tenant, its first company, and the places that every company needs."""
    from domain.intake.founding import found
    from domain.stock.founding import CreateCompany

    first = CreateCompany(
        code=company, name=name, country=country, currency=currency, time_zone=time_zone,
        approval_threshold=number(threshold),
    )  # fmt: skip
    within(lambda owner, _: found(owner, code, name, first))
    typer.echo(f"Tenant {code} is founded. Let somebody in with `user create` or `key create`.")


@tenants.command("list")
def list_tenants() -> None:
    """The codes and names of all tenants, and since when those are closed that are."""
    from domain.intake.founding import firms

    show((code, firm.name, _closed(firm.archived_at)) for code, firm in within(lambda owner, _: firms(owner)).items())


@tenants.command("rename")
def rename_tenant(code: Code, name: Annotated[str, Argument(help="What people shall call it.")]) -> None:
    """Give a tenant another name. Its code is for good."""
    from domain.parties.firm import UpdateTenant, firm_of

    def renaming(work: Work) -> UpdateTenant:
        return UpdateTenant(expected_version=firm_of(work).version, name=name)

    carry_out(code, renaming)
    typer.echo(f"Tenant {code} is called {name}.")


@tenants.command("archive")
def archive_tenant(code: Code) -> None:
    """Close a tenant: nobody comes in any more, and what is kept there stays."""
    from domain.parties.firm import ArchiveTenant

    carry_out(code, lambda _: ArchiveTenant())
    typer.echo(f"Tenant {code} is closed.")


@tenants.command("restore")
def restore_tenant(code: Code) -> None:
    """Open a closed tenant again."""
    from domain.parties.firm import RestoreTenant

    carry_out(code, lambda _: RestoreTenant())
    typer.echo(f"Tenant {code} is open.")


def _closed(since: object) -> str:
    return f"closed since {since:%Y-%m-%d}" if since else "open"
