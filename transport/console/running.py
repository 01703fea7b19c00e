"""How a command runs: settings are read, the database is opened, and whatever goes wrong is told in one line."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

if TYPE_CHECKING:
    from domain.kernel.work import Database
    from migrations.opening import Addresses
    from schema.build import House
    from transport.settings import Settings

Answer = TypeVar("Answer")
Tenant = Annotated[str | None, typer.Option("--tenant", help="The tenant's code; needed only if there are several.")]


MENDED = {
    "domain.kernel.errors": "Refused",
    "migrations.opening": "Unusable",
    "migrations.embedded": "EmbeddedError",
    "transport.settings": "WrongSettingError",
}
"""What else an operator can mend, by module."""


class Trouble(Exception):
    """What an operator can mend."""


def settings() -> Settings:
    """The settings, as the environment has them."""
    from transport.settings import Settings

    return Settings.read()


def house() -> House:
    """The schema with the plugins that are installed; they are the process's from here on."""
    from domain.kernel.plugin import discover
    from schema.build import build

    try:
        return build(discover())
    except ValueError as error:
        raise Trouble(f"The plugins do not fit: {error}") from error


def within(act: Callable[[Database, Database], Awaitable[Answer]], *, upgrading: bool = False) -> Answer:
    """Do something with the database as its owner sees it and as the application does."""
    given = settings()
    from domain.kernel.plugin import discover, graft
    from migrations.opening import found

    graft(discover())
    with found(given.database_url, given.database_app_url, given.var / "postgres") as addresses:
        return asyncio.run(opened(addresses, act, upgrading=upgrading))


async def opened(
    addresses: Addresses, act: Callable[[Database, Database], Awaitable[Answer]], *, upgrading: bool
) -> Answer:
    """The same, where the addresses are known already."""
    from migrations import opening

    async with opening.opened(addresses, upgrading=upgrading) as (owner, application):
        return await act(owner, application)


def told(open_house: Callable[[], None]) -> int:
    """Run the command line and tell in one line what went wrong; the exit code: 2 if an operator can mend it."""
    try:
        open_house()
    except Exception as error:
        if os.environ.get("TRADEGRAPH_DEBUG"):
            raise
        line, code = _line(error)
        print(f"tradegraph: {line}", file=sys.stderr)  # noqa: T201 - this is what a command line is for
        return code
    return 0


def number(text: str) -> Decimal:
    """A number as people type it."""
    try:
        return Decimal(text)
    except InvalidOperation:
        raise Trouble(f"{text!r} is no number; write one such as 5000.") from None


def moment(text: str) -> datetime:
    """A time as people type it."""
    try:
        return datetime.fromisoformat(text).astimezone()
    except ValueError:
        raise Trouble(f"{text!r} is no time; write one such as 2030-12-31T23:59:00Z.") from None


def _line(error: Exception) -> tuple[str, int]:
    """What to tell, and the exit code. A class whose module was never imported has not been raised."""
    known = tuple(getattr(sys.modules[module], name) for module, name in MENDED.items() if module in sys.modules)
    if isinstance(error, (Trouble, *known)):
        each = getattr(error, "each", (error,))
        return "; ".join(map(_sentence, each)), 2
    return f"something broke: {type(error).__name__}: {_sentence(error)}; TRADEGRAPH_DEBUG=1 shows where", 1


def _sentence(error: Exception) -> str:
    path = ".".join(map(str, getattr(error, "path", ())))
    text = " ".join(str(error).split())
    return f"{path}: {text}" if path else text
