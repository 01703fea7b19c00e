"""`import`: master data and history from files, with a bar that moves and a report to keep."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer import Argument, Option

from transport.console.running import Tenant, Trouble, within

if TYPE_CHECKING:
    from domain.intake.report import Progress, Refusal, Report
    from domain.kernel.work import Database

FORMS: dict[str, Callable[[Report], str]] = {
    ".json": lambda report: json.dumps(report.content(), indent=2, ensure_ascii=False) + "\n",
    ".txt": lambda report: "\n".join([*report.lines(), *map(str, report.refusals)]) + "\n",
}
"""How a report is written down, by the ending of the file's name."""


def import_(
    path: Annotated[Path, Argument(help="A folder of files, or one file of it: CSV, XLSX or JSON lines.")],
    mapping: Annotated[str, Option(help="A mapping (TOML), or the name of one that comes along: adventureworks.")],
    *,
    tenant: Tenant = None,
    dry_run: Annotated[bool, Option("--dry-run", help="Check and count everything; write nothing.")] = False,
    report: Annotated[list[Path] | None, Option(help="Keep the report: as .json or as .txt; may be repeated.")] = None,
) -> None:
    """Import master data and papers of the past. It can be stopped at any moment, and run again to finish."""
    from domain.intake.declaring import load
    from domain.intake.founding import survey, tenant_of
    from domain.intake.ordering import SHIPPED
    from domain.intake.run import run
    from domain.kernel.plugin import discover, graft

    graft(discover())
    shipped = SHIPPED / f"{mapping}.toml"
    chosen = load(shipped if shipped.exists() else Path(mapping))

    async def act(owner: Database, database: Database) -> Report:
        actor = await tenant_of(owner, tenant)
        with _watched() as (progress, refused):
            done = await run(database, actor, path, chosen, dry_run=dry_run, progress=progress, refused=refused)
        if not dry_run:
            await owner.transact(actor, survey)
        return done

    keepers = [keeper(path) for path in report or ()]
    try:
        done = within(act)
    except KeyboardInterrupt:
        typer.echo("Stopped. What is written stays; run it again to finish the rest.", err=True)
        raise typer.Exit(130) from None
    for keep in keepers:
        keep(done)
    typer.echo("\n".join(done.lines()))
    raise typer.Exit(1 if done.total("refused") else 0)


def keeper(path: Path) -> Callable[[Report], object]:
    """What writes a report to a file; Trouble, before anything is read, if it cannot be."""
    if path.suffix not in FORMS or not path.parent.is_dir():
        raise Trouble(f"--report: {path} cannot be; name a file in a folder that is there, ending in .json or .txt")
    return lambda report: path.write_text(FORMS[path.suffix](report), encoding="utf-8")


@contextmanager
def _watched() -> Iterator[tuple[Callable[[Progress], None], Callable[[Refusal], None]]]:
    """What to call with each step and each refused row; both are shown beside the report, on standard error."""
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn
    from rich.progress import Progress as Bar

    console = Console(stderr=True)
    with Bar(
        TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[left]}"),
        console=console,
    ) as bar:  # fmt: skip
        tasks = {}

        def progress(step: Progress) -> None:
            if step.section not in tasks:
                tasks[step.section] = bar.add_task(step.section, total=step.total, left="")
            left = f"{step.left.total_seconds():.0f} s left in all" if step.left and step.done < step.total else ""
            bar.update(tasks[step.section], completed=step.done, left=left)

        yield progress, lambda refusal: console.print(escape(str(refusal)), soft_wrap=True, highlight=False)
