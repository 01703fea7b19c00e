"""`key`: API keys, with which programs come in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from transport.console.carrying_out import carry_out, companies, firm, look_up, show
from transport.console.people import Firm, Roles
from transport.console.running import Tenant, Trouble, moment

if TYPE_CHECKING:
    from domain.access.user import ApiKey
    from domain.kernel.work import Work

keys = typer.Typer(no_args_is_help=True, help="API keys, with which programs come in.")


@keys.command("create")
def create_key(
    name: Annotated[str, Argument(help="What the key is for.")],
    *,
    role: Roles = None,
    right: Annotated[list[str] | None, Option(help="A right besides those of the roles; may be repeated.")] = None,
    company: Annotated[list[str] | None, Option(help="The code of a company it works for; may be repeated.")] = None,
    partner: Firm = None,
    expires: Annotated[str | None, Option(help="When it ends by itself, such as 2030-12-31T23:59:00Z.")] = None,
    tenant: Tenant = None,
) -> None:
    """Make a key, for all companies of the tenant if none is named.

    It is printed this once; whoever holds it may do what it says.
    """
    from domain.access.keys import CreateApiKey

    if not role and not right:
        raise Trouble("A key without rights opens nothing; give --role or --right.")
    disclosed = carry_out(
        tenant,
        lambda work: CreateApiKey(
            name=name, roles=role or [], rights=right or [], companies=companies(work, company),
            partner=firm(work, partner), expires_at=moment(expires) if expires else None,
        ),
    )  # fmt: skip
    typer.echo(disclosed["secret"])


@keys.command("list")
def list_keys(*, tenant: Tenant = None) -> None:
    """The keys of a tenant that have not been revoked."""
    show(
        (
            one.hint,
            one.name,
            "acts for a person" if one.user_id else " ".join([*one.roles, *one.rights]),
            f"ends {one.expires_at:%Y-%m-%d %H:%M %Z}" if one.expires_at else "has no end",
        )
        for one in look_up(tenant, _in_use)
    )


@keys.command("revoke")
def revoke_key(
    key: Annotated[str, Argument(help="Its name, or as much of it as `key list` shows.")], *, tenant: Tenant = None
) -> None:
    """End a key at once and for ever."""
    from domain.access.keys import RevokeApiKey
    from domain.kernel.commands import Ref

    def revoking(work: Work) -> RevokeApiKey:
        meant = [one for one in _in_use(work) if key in {one.name, one.hint, one.hint.rstrip("…")}]
        if len(meant) != 1:
            raise Trouble(f"{len(meant) or 'No'} keys in use are called {key!r}; see `key list`.")
        return RevokeApiKey(id=Ref(id=meant[0].id))

    carry_out(tenant, revoking)
    typer.echo(f"{key} opens nothing any more.")


def _in_use(work: Work) -> list[ApiKey]:
    from sqlalchemy import select

    from domain.access.user import ApiKey

    return list(work.session.scalars(select(ApiKey).where(ApiKey.revoked_at.is_(None)).order_by(ApiKey.created_at)))
