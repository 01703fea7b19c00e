"""`company`, `series` and `setting`: legal entities, how their papers are numbered, and what else may be set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer import Argument, Option

from transport.console.carrying_out import called, carry_out, given, look_up, show
from transport.console.carrying_out import company as one_company
from transport.console.running import Tenant, number

if TYPE_CHECKING:
    from domain.kernel.commands import Command
    from domain.kernel.work import Work

companies = typer.Typer(no_args_is_help=True, help="Legal entities of a tenant.")
series = typer.Typer(no_args_is_help=True, help="How papers are numbered, by company and kind.")
settings = typer.Typer(no_args_is_help=True, help="What may be set, for a tenant or for one of its companies.")
Company = Annotated[str | None, Option("--company", help="The code of the company; needed only if there are several.")]


@companies.command("list")
def list_companies(*, tenant: Tenant = None) -> None:
    """The companies: code, name, country, currency, time zone, and from which total on orders need approval."""
    from sqlalchemy import select

    from domain.parties import company

    def all_of_them(work: Work) -> list[tuple[Any, ...]]:
        return [
            (one.code, one.name, one.country, one.currency, one.time_zone, one.approval_threshold)
            for one in work.session.scalars(select(company.Company).order_by(company.Company.code))
        ]

    show(look_up(tenant, all_of_them))


@companies.command("create")
def create_company(
    code: Annotated[str, Argument(help="A short code; for good.")],
    name: Annotated[str, Argument(help="Its name as it stands on papers.")],
    country: Annotated[str, Option(help="Where it is registered, by ISO 3166-1, such as US; for good.")],
    currency: Annotated[str, Option(help="The currency it reckons in, by ISO 4217, such as USD; for good.")],
    *,
    time_zone: Annotated[str, Option(help="The IANA time zone of its business dates.")] = "UTC",
    threshold: Annotated[str, Option(help="From which untaxed total on its orders need approval.")] = "0",
    tenant: Tenant = None,
) -> None:
    """Found a company, with the places that goods need and its series of numbers."""
    from domain.stock.founding import CreateCompany

    made = CreateCompany(
        code=code, name=name, country=country, currency=currency, time_zone=time_zone,
        approval_threshold=number(threshold),
    )  # fmt: skip
    carry_out(tenant, lambda _: made)
    typer.echo(f"Company {code} is founded. Let people work for it with `user update`.")


@companies.command("update")
def update_company(
    code: Annotated[str, Argument(help="Its code.")],
    *,
    name: Annotated[str | None, Option(help="Its name as it stands on papers.")] = None,
    time_zone: Annotated[str | None, Option(help="The IANA time zone of its business dates.")] = None,
    threshold: Annotated[str | None, Option(help="From which untaxed total on its orders need approval.")] = None,
    tenant: Tenant = None,
) -> None:
    """Change a company. What is not given stays."""
    from domain.kernel.commands import Ref
    from domain.parties import company, company_entry

    def changing(work: Work) -> Command:
        row = called(work, company.Company, "code", code)
        changes = given(name=name, time_zone=time_zone, approval_threshold=number(threshold) if threshold else None)
        return company_entry.UpdateCompany(id=Ref(id=row.id), expected_version=row.version, **changes)

    carry_out(tenant, changing)
    typer.echo(f"Company {code} is changed.")


@series.command("list")
def list_series(*, tenant: Tenant = None) -> None:
    """The series in use: company, kind of paper, year, pattern, next number, date of the last legal paper."""
    show(look_up(tenant, _series))


@series.command("set")
def set_series(
    kind: Annotated[str, Argument(help="The kind of paper, such as purchase_order.")],
    *,
    pattern: Annotated[str | None, Option(help="Such as 'PO-{year}-{number:05d}'; {year} may be left out.")] = None,
    next: Annotated[int | None, Option(help="The count of the next number; it can only be raised.")] = None,
    company: Company = None,
    tenant: Tenant = None,
) -> None:
    """Say how papers of a kind are numbered from now on."""
    from domain.parties.series_entry import SetNumberSeries

    changes = given(pattern=pattern, next_number=next)
    carry_out(tenant, lambda work: SetNumberSeries(kind=kind, company=one_company(work, company), **changes))
    typer.echo(f"{kind} is numbered so from now on.")


@settings.command("list")
def list_settings(
    *,
    company: Annotated[str | None, Option(help="The code of a company, to see what holds for it.")] = None,
    tenant: Tenant = None,
) -> None:
    """All settings: name, what holds, the default, and what it is for."""
    from domain import verbs  # noqa: F401 - a room declares its settings when it is imported
    from domain.kernel.setting import SETTINGS

    def holding(work: Work) -> list[tuple[Any, ...]]:
        ref = one_company(work, company)
        return [
            (name, one.of(work, ref.id if ref else None), f"(default {one.default})", one.description)
            for name, one in sorted(SETTINGS.items())
        ]

    show(look_up(tenant, holding))


@settings.command("set")
def set_setting(
    name: Annotated[str, Argument(help="Which one; see `setting list`.")],
    value: Annotated[str | None, Argument(help="What to set it to; without it, it is set no more.")] = None,
    *,
    company: Annotated[str | None, Option(help="The code of the company it is for; the whole tenant if none.")] = None,
    tenant: Tenant = None,
) -> None:
    """Set a setting, or have what is next in line hold again."""
    from domain import verbs  # noqa: F401 - a room declares its settings when it is imported
    from domain.parties.setting_entry import SetSetting

    carry_out(tenant, lambda work: SetSetting(name=name, value=value, company=one_company(work, company)))
    typer.echo(f"{name} is {'set no more' if value is None else value}.")


def _series(work: Work) -> list[tuple[Any, ...]]:
    from sqlalchemy import select

    from domain.kernel.numbering import NumberSeries
    from domain.parties.company import Company

    codes = {one.id: one.code for one in work.session.scalars(select(Company))}
    in_use = select(NumberSeries).where(NumberSeries.archived_at.is_(None)).order_by(NumberSeries.kind)
    return [
        (codes[one.company_id], one.kind, one.fiscal_year or "all years", one.pattern, one.next_number, one.last_date)
        for one in work.session.scalars(in_use.order_by(NumberSeries.fiscal_year))
    ]
