"""`user` and `role`: people, and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from transport.console.carrying_out import called, carry_out, companies, firm, given, look_up, show
from transport.console.running import Tenant

if TYPE_CHECKING:
    from domain.kernel.commands import Command
    from domain.kernel.work import Work

users = typer.Typer(no_args_is_help=True, help="People, who sign in with account and password.")
roles = typer.Typer(no_args_is_help=True, help="What people and keys may do.")
Account = Annotated[str, Argument(help="What they sign in with; see `user list`.")]
Roles = Annotated[list[str] | None, Option("--role", help="A role, such as buyer; may be repeated. See `role list`.")]
Companies = Annotated[
    list[str] | None, Option("--company", help="The code of a company they work for; may be repeated.")
]
Firm = Annotated[
    str | None,
    Option("--partner", help="The number of the firm they belong to, for the role partner and only for it."),
]
Email = Annotated[str | None, Option(help="Where mail reaches them.")]
Language = Annotated[str | None, Option(help="A language tag, such as en or de-AT.")]
Password = Annotated[
    str,
    Option(
        envvar="TRADEGRAPH_NEW_PASSWORD", help="Better not given here: it is asked for.", show_envvar=True,
        prompt=True, hide_input=True, confirmation_prompt=True,
    ),
]  # fmt: skip


@users.command("list")
def list_users(*, tenant: Tenant = None) -> None:
    """Everybody: account, name, roles, companies, and whether they can come in."""
    show(look_up(tenant, _everybody))


@users.command("create")
def create_user(
    account: Annotated[str, Argument(help="What they sign in with.")],
    name: Annotated[str, Argument(help="What they are called.")],
    password: Password,
    *,
    role: Roles = None,
    company: Companies = None,
    partner: Firm = None,
    email: Email = None,
    language: Language = None,
    tenant: Tenant = None,
) -> None:
    """Let a person in, for all companies of the tenant if none is named."""
    from domain.access.people import CreateUser

    carry_out(
        tenant,
        lambda work: CreateUser(
            account=account, name=name, password=password, roles=role or [], companies=companies(work, company),
            partner=firm(work, partner), email=email, language=language,
        ),
    )  # fmt: skip
    typer.echo(f"{account} may sign in.")


@users.command("update")
def update_user(
    account: Account,
    *,
    name: Annotated[str | None, Option(help="What they are called.")] = None,
    role: Roles = None,
    company: Companies = None,
    partner: Annotated[
        str | None,
        Option(help="The number of the firm they belong to, for the role partner; '' if they belong to none any more."),
    ] = None,
    email: Email = None,
    language: Language = None,
    tenant: Tenant = None,
) -> None:
    """Change a person. Roles and companies that are given replace all they had; what is not given stays."""
    from domain.access.people import UpdateUser

    def changing(work: Work) -> Command:
        person = _person(work, account)
        work_for = companies(work, company) if company else None
        changes = given(name=name, roles=role, companies=work_for, email=email, language=language)
        if partner is not None:
            changes["partner"] = firm(work, partner)
        return UpdateUser(id=_ref(person), expected_version=person.version, **changes)

    carry_out(tenant, changing)
    typer.echo(f"{account} is changed, from the next request on.")


@users.command("password")
def set_password(account: Account, password: Password, *, tenant: Tenant = None) -> None:
    """Give a person another password. Their sessions end."""
    from domain.access.people import SetPassword

    carry_out(tenant, lambda work: SetPassword(id=_ref(_person(work, account)), password=password))
    typer.echo(f"{account} has another password.")


@users.command("lock")
def lock_user(account: Account, *, tenant: Tenant = None) -> None:
    """Lock a person out for a while: sessions end, keys that act for them rest."""
    _do(tenant, "LockUser", account)
    typer.echo(f"{account} is locked out.")


@users.command("unlock")
def unlock_user(account: Account, *, tenant: Tenant = None) -> None:
    """Lift a lock, be it yours or that of failed sign-ins."""
    _do(tenant, "UnlockUser", account)
    typer.echo(f"{account} is not locked.")


@users.command("archive")
def archive_user(account: Account, *, tenant: Tenant = None) -> None:
    """Shut a person out and take them off the lists."""
    _do(tenant, "ArchiveUser", account)
    typer.echo(f"{account} is archived.")


@users.command("restore")
def restore_user(account: Account, *, tenant: Tenant = None) -> None:
    """Let an archived person in again, with the roles they had."""
    _do(tenant, "RestoreUser", account)
    typer.echo(f"{account} is back.")


@roles.command("list")
def list_roles() -> None:
    """The roles, and the rights of each."""
    from domain.access.role import RIGHTS, ROLES

    show((role, ", ".join(right for right in RIGHTS if right in held)) for role, held in ROLES.items())
    typer.echo("")
    show(RIGHTS.items())


def _do(tenant: str | None, verb: str, account: str) -> None:
    from domain.access import people

    command: type[Any] = getattr(people, verb)
    carry_out(tenant, lambda work: command(id=_ref(_person(work, account))))


def _person(work: Work, account: str) -> Any:
    from domain.access.entrance import spelled
    from domain.access.user import User

    return called(work, User, "account", spelled(account))


def _ref(row: Any) -> Any:
    from domain.kernel.commands import Ref

    return Ref(id=row.id)


def _everybody(work: Work) -> list[tuple[Any, ...]]:
    from sqlalchemy import select

    from domain.access.user import User
    from domain.parties.company import Company

    codes = {str(one.id): one.code for one in work.session.scalars(select(Company))}
    return [
        (one.account, one.name, ",".join(one.roles), ",".join(codes[id] for id in one.companies), _standing(one))
        for one in work.session.scalars(select(User).order_by(User.account))
    ]


def _standing(person: Any) -> str:
    marks = {"archived": person.archived_at, "locked": person.locked_at, "no password": not person.password_hash}
    return ", ".join(mark for mark, holds in marks.items() if holds) or "comes in"
