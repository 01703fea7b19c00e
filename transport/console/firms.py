"""`tenant`, `user` and `key`: firms, and who comes in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from transport.console.running import Roles, Tenant, Trouble, moment, number, within

if TYPE_CHECKING:
    from uuid import UUID

    from domain.access.user import ApiKey
    from domain.kernel.actor import Actor
    from domain.kernel.commands import Command
    from domain.kernel.work import Database, Work

tenants = typer.Typer(no_args_is_help=True, help="Firms that share the installation and never see each other.")
users = typer.Typer(no_args_is_help=True, help="People, who sign in with account and password.")
keys = typer.Typer(no_args_is_help=True, help="API keys, with which programs come in.")


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
    from domain.stock.founding import CompanyEntry

    entry = CompanyEntry(
        code=company, name=name, country=country, currency=currency, time_zone=time_zone,
        approval_threshold=number(threshold),
    )  # fmt: skip
    within(lambda owner, _: found(owner, code, name, entry))
    typer.echo(f"Tenant {code} is founded. Let somebody in with `user create` or `key create`.")


@tenants.command("list")
def list_tenants() -> None:
    """The codes of all tenants."""
    from domain.intake.founding import operators

    for code in within(lambda owner, _: operators(owner)):
        typer.echo(code)


@users.command("create")
def create_user(
    account: Annotated[str, Argument(help="What they sign in with.")],
    name: Annotated[str, Argument(help="What they are called.")],
    password: Annotated[
        str,
        Option(
            envvar="TRADEGRAPH_NEW_PASSWORD", help="Better not given here: it is asked for.", show_envvar=True,
            prompt=True, hide_input=True, confirmation_prompt=True,
        ),
    ],
    *,
    role: Roles = None,
    tenant: Tenant = None,
) -> None:  # fmt: skip
    """Let a person in, for all companies of the tenant."""
    from domain.access.people import CreateUser

    _perform(
        tenant,
        lambda operator: CreateUser(
            account=account, name=name, password=password, roles=role or [], companies=_companies(operator)
        ),
    )
    typer.echo(f"{account} may sign in.")


@keys.command("create")
def create_key(
    name: Annotated[str, Argument(help="What the key is for.")],
    *,
    role: Roles = None,
    right: Annotated[list[str] | None, Option(help="A right besides those of the roles; may be repeated.")] = None,
    expires: Annotated[str | None, Option(help="When it ends by itself, such as 2030-12-31T23:59:00Z.")] = None,
    tenant: Tenant = None,
) -> None:
    """Make a key for all companies of the tenant. It is printed this once; whoever holds it may do what it says."""
    from domain.access.keys import CreateApiKey

    if not role and not right:
        raise Trouble("A key without rights opens nothing; give --role or --right.")
    disclosed = _perform(
        tenant,
        lambda operator: CreateApiKey(
            name=name, roles=role or [], rights=right or [], companies=_companies(operator),
            expires_at=moment(expires) if expires else None,
        ),
    )  # fmt: skip
    typer.echo(disclosed["secret"])


@keys.command("list")
def list_keys(*, tenant: Tenant = None) -> None:
    """The keys of a tenant that have not been revoked."""
    for one in _in_use(tenant):
        ends = f", ends {one.expires_at:%Y-%m-%d %H:%M %Z}" if one.expires_at else ""
        owned = ", acts for a person" if one.user_id else f", {' '.join([*one.roles, *one.rights])}"
        typer.echo(f"{one.hint}  {one.name}{owned}{ends}")


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, Argument(help="Its name, or as much of it as `key list` shows.")], *, tenant: Tenant = None
) -> None:
    """End a key at once and for ever."""
    from domain.access.keys import RevokeApiKey
    from domain.kernel.commands import Ref

    meant = [one for one in _in_use(tenant) if key in {one.name, one.hint, one.hint.rstrip("…")}]
    if len(meant) != 1:
        raise Trouble(f"{len(meant) or 'No'} keys in use are called {key!r}; see `key list`.")
    _perform(tenant, lambda _: RevokeApiKey(id=Ref(id=meant[0].id)))
    typer.echo(f"{meant[0].name} opens nothing any more.")


def _perform(tenant: str | None, command: Callable[[Actor], Command]) -> dict[str, str]:
    from domain.intake.founding import tenant_of

    async def act(owner: Database, database: Database) -> dict[str, str]:
        operator, disclosed = await tenant_of(owner, tenant), dict[str, str]()
        await database.perform(operator, command(operator), disclosed=disclosed)
        return disclosed

    return within(act)


def _in_use(tenant: str | None) -> list[ApiKey]:
    from sqlalchemy import select

    from domain.access.user import ApiKey
    from domain.intake.founding import tenant_of

    def read(work: Work) -> list[ApiKey]:
        statement = select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.created_at)
        return list(work.session.scalars(statement))

    async def act(owner: Database, database: Database) -> list[ApiKey]:
        return await database.transact(await tenant_of(owner, tenant), read)

    return within(act)


def _companies(operator: Actor) -> list[Any]:
    from domain.kernel.commands import Ref

    known: list[UUID] = sorted(operator.companies)
    return [Ref(id=one) for one in known]
