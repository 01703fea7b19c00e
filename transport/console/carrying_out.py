"""How a command of the domain is carried out, and rows are looked up, on behalf of whoever runs the installation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import typer

from transport.console.running import Trouble, within

if TYPE_CHECKING:
    from domain.kernel.base import Record
    from domain.kernel.commands import Command, Ref
    from domain.kernel.work import Database, Work

Answer = TypeVar("Answer")


def carry_out(tenant: str | None, command: Callable[[Work], Command]) -> dict[str, str]:
    """Carry out what `command` makes of the rows as they are; what it discloses."""
    from domain.intake.founding import tenant_of

    async def act(owner: Database, database: Database) -> dict[str, str]:
        operator, disclosed = await tenant_of(owner, tenant), dict[str, str]()
        made = await database.transact(operator, command)
        await database.perform(operator, made, disclosed=disclosed)
        return disclosed

    return within(act)


def look_up(tenant: str | None, question: Callable[[Work], Answer]) -> Answer:
    """What `question` answers, asked of the tenant's rows."""
    from domain.intake.founding import tenant_of

    async def act(owner: Database, database: Database) -> Answer:
        return await database.transact(await tenant_of(owner, tenant), question)

    return within(act)


def called(work: Work, model: type[Record], column: str, word: str) -> Any:
    """The record that has `word` in a column of its own, such as an account or a code."""
    from sqlalchemy import select

    from domain.kernel.editing import noun

    row = work.session.scalars(select(model).where(getattr(model, column) == word)).one_or_none()
    if row is None:
        raise Trouble(f"There is no {noun(model)} {word!r}.")
    return row


def companies(work: Work, codes: Iterable[str] | None) -> list[Ref]:
    """The companies with these codes; all there are if none is named."""
    from domain.kernel.commands import Ref
    from domain.parties.company import Company

    named = [called(work, Company, "code", code).id for code in codes or ()]
    return [Ref(id=id) for id in named or sorted(work.actor.companies)]


def company(work: Work, code: str | None) -> Ref | None:
    """The company with this code."""
    return companies(work, [code])[0] if code else None


def firm(work: Work, number: str | None) -> Ref | None:
    """The partner with this number."""
    from domain.kernel.commands import Ref
    from domain.parties.partner import Partner

    return Ref(id=called(work, Partner, "number", number).id) if number else None


def given(**options: Any) -> dict[str, Any]:
    """Those of the options that were given."""
    return {name: value for name, value in options.items() if value is not None}


def show(rows: Iterable[Sequence[Any]]) -> None:
    """Print rows as columns; nothing is shown as -."""
    lines = [["-" if cell in {None, ""} else str(cell) for cell in row] for row in rows]
    widths = [max(map(len, cells)) for cells in zip(*lines, strict=True)]
    for line in lines:
        typer.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
