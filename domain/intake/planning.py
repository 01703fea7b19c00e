"""Before anything is written, every file is opened and every column found; what is missing is told at once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.intake.mapping import Mapping, Section
from domain.intake.memory import Memory
from domain.intake.mistakes import Mistake, Mistakes
from domain.intake.reading import Broken, Table
from domain.intake.report import BAD_ROW, Refusal, Report, Tally
from domain.intake.transforms import Lookup


@dataclass(frozen=True, slots=True)
class Planned:
    """A section to be read, its file, and the number of rows in it."""

    section: Section
    table: Table
    rows: int


def plan(path: Path, mapping: Mapping) -> list[Planned]:
    """What is to be done with the folder, or the one file, `path`; BadMapping if it cannot be done."""
    mistakes = Mistakes()
    tables: list[tuple[Section, Table]] = []
    for section in _chosen(path, mapping, mistakes):
        with mistakes.at(f"section {section.name!r}"):
            tables.append((section, _table(_folder(path), section)))
    mistakes.settle(mapping.name)
    return [Planned(section, table, table.count()) for section, table in tables]


def learn(path: Path, planned: list[Planned], memory: Memory, report: Report) -> None:
    """Read the files in which values are looked up. Their broken rows are told here, if no section reads them."""
    read = {one.section.file for one in planned}
    lookups = {lookup: one.section for one in planned for lookup in one.section.lookups}
    for lookup, section in lookups.items():
        broken: list[Broken] = []
        memory.learn(lookup, _pairs(lookup, Table(_folder(path) / lookup.file, section.form_of(lookup.file)), broken))
        if broken and lookup.file not in read:
            read.add(lookup.file)
            report.tallies.append(Tally("Look-ups", "value", lookup.file, refused=len(broken)))
            for one in broken:
                report.refuse(Refusal(lookup.file, one.line, one.column, one.value, BAD_ROW, one.reason))


def _pairs(lookup: Lookup, table: Table, broken: list[Broken]) -> Iterator[tuple[str, str]]:
    for row in table.rows():
        if isinstance(row, Broken):
            broken.append(row)
        else:
            yield row.values[lookup.key.lower()].strip(), row.values[lookup.value.lower()].strip()


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _chosen(path: Path, mapping: Mapping, mistakes: Mistakes) -> list[Section]:
    chosen = [one for one in mapping.sections if path.is_dir() or Path(one.file).name == path.name]
    with mistakes.at(str(path)):
        if not chosen:
            reads = ", ".join(dict.fromkeys(one.file for one in mapping.sections))
            raise Mistake(f"this is no folder, and no section reads a file of this name; they read {reads}")
    return chosen


def _table(folder: Path, section: Section) -> Table:
    """The section's file, once it and those it looks values up in have all columns it needs."""
    for lookup in section.lookups:
        Table(folder / lookup.file, section.form_of(lookup.file)).must_have({lookup.key, lookup.value})
    table = Table(folder / section.file, section.form)
    table.must_have(section.reads)
    return table
