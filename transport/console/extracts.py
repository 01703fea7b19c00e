"""`export`: what a query selects, as a file, for whoever operates the house."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from transport.console.running import Tenant, Trouble, house, within

if TYPE_CHECKING:
    from domain.kernel.work import Database
    from schema.build import House
    from schema.export import Export
    from transport.exporting.form import Form

STANDARD = "-"
UNFINISHED = ".part"


def export(
    query: Annotated[str, Argument(help="A file with a GraphQL query for one list; - is the standard input.")],
    *,
    form: Annotated[
        str | None, Option("--format", help="csv, xlsx or jsonl; if not given, as the output's name ends.")
    ] = None,
    output: Annotated[str, Option(help="The file to write; - is the standard output.")] = STANDARD,
    variables: Annotated[str, Option(help='The query\'s variables as JSON, such as {"since": "2026-01-01"}.')] = "{}",
    operation: Annotated[str | None, Option(help="Which operation of the file, if it has several.")] = None,
    bom: Annotated[bool, Option("--bom", help="Begin CSV with a byte-order mark, for old spreadsheets.")] = False,
    raw: Annotated[bool, Option("--raw", help="Leave texts of CSV that a spreadsheet may run as formulas.")] = False,
    tenant: Tenant = None,
) -> None:
    """Export what a query selects: every row, of one moment, as CSV, XLSX or JSON lines."""
    from transport.exporting.form import Wishes
    from transport.exporting.pages import FORMS

    ending = form or Path(output).suffix.lstrip(".").lower()
    if ending not in FORMS:
        raise Trouble(f"Give --format {', '.join(FORMS)}, or an output whose name ends so.")
    schema = house()
    with _read(query) as text:
        asked = _asked(schema, text, operation, variables)
        made = FORMS[ending](asked, Wishes(bom=bom, raw=raw))
    _run(schema, asked, made, output, tenant)
    typer.echo(f"{made.count} rows.", err=True)


@contextmanager
def _read(query: str) -> Iterator[str]:
    """The text of the query; whatever is wrong with it is told with the name of its file."""
    from graphql import GraphQLError

    from transport.request import Unfit

    try:
        yield sys.stdin.read() if query == STANDARD else Path(query).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise Trouble(f"{query} cannot be read: {error}") from error
    except (GraphQLError, Unfit) as error:
        raise Trouble(f"{query}: {error.message}") from error


def _asked(schema: House, text: str, operation: str | None, variables: str) -> Export:
    from schema.export import export as read
    from transport.operation import parsed, understood
    from transport.request import asked, decoded

    question = asked({"query": text, "operationName": operation, "variables": decoded(variables)})
    understood(question)
    return read(schema, parsed(text), question.operation, question.variables)


def _run(schema: House, asked: Export, form: Form, output: str, tenant: str | None) -> None:
    from contextlib import aclosing

    from domain.intake.founding import tenant_of
    from transport import operation
    from transport.exporting.pages import FailedError, pieces
    from transport.log import Trace

    async def act(owner: Database, database: Database) -> None:
        actor, running = await tenant_of(owner, tenant), operation.House(schema, database, None)
        asked.check(actor)
        with _written(output) as file:
            async with (
                running.picture(Trace("export"), actor) as context,
                aclosing(pieces(running, context, asked, form)) as found,
            ):
                async for piece in found:
                    file.write(piece)

    try:
        within(act)
    except FailedError as error:
        raise Trouble(str(error)) from error


@contextmanager
def _written(output: str) -> Iterator[IO[bytes]]:
    """Where to write to. A file has its name only once it is whole."""
    if output == STANDARD:
        yield sys.stdout.buffer
        return
    path, unfinished = Path(output), Path(output + UNFINISHED)
    try:
        with unfinished.open("wb") as file:
            yield file
        unfinished.replace(path)
    except OSError as error:
        raise Trouble(f"{output} cannot be written: {error.strerror}") from error
    finally:
        unfinished.unlink(missing_ok=True)
