"""Before anything is written, every file is opened and every column found; what is missing is told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from domain.intake.drafting import broken
from domain.intake.mapping import Details, Section
from domain.intake.mapping import Mapping as Whole
from domain.intake.memory import Memory
from domain.intake.mistakes import Mistake, Mistakes
from domain.intake.reading import Broken, Row, Table
from domain.intake.report import Report, Tally
from domain.intake.transforms import Lookup


@dataclass(frozen=True, slots=True)
class Planned:
    """A section to be read, its file (None if it has none), and the number of rows in it and in its other files."""

    section: Section
    table: Table | None
    rows: int
    details: Mapping[str, tuple[Table, int]] = field(default_factory=dict)

    @property
    def all_rows(self) -> int:
        """How many rows there are to read in all files."""
        return self.rows + sum(count for _, count in self.details.values())

    def read(self) -> Iterator[Row | Broken]:
        """Row by row; what stands in the mapping itself is one row without columns."""
        return self.table.rows() if self.table else iter([Row(1, {})])


def plan(path: Path, mapping: Whole) -> list[Planned]:
    """What is to be done with the folder, or the one file, `path`; BadMapping if it cannot be done."""
    mistakes = Mistakes()
    opened: list[tuple[Section, Table | None, dict[str, Table]]] = []
    for section in _chosen(path, mapping, mistakes):
        with mistakes.at(f"section {section.name!r}"):
            opened.append((section, *_tables(_folder(path), section)))
    mistakes.settle(mapping.name)
    return [
        Planned(
            section, table, table.count() if table else 1,
            {name: (inner, inner.count()) for name, inner in details.items()},
        )
        for section, table, details in opened
    ]  # fmt: skip


def learn(path: Path, planned: list[Planned], memory: Memory, report: Report) -> set[str]:
    """Read the files in which values are looked up, and those of details; their broken rows are told here.

    The answer names the sections whose details cannot all be read: nobody could say which of their records are whole.
    """
    told = {one.section.file for one in planned}
    counted = {details.file for one in planned for details in one.section.details.values()}
    for lookup, section in {lookup: one.section for one in planned for lookup in one.section.lookups}.items():
        unread: list[Broken] = []
        memory.learn(lookup, _pairs(lookup, Table(_folder(path) / lookup.file, section.form_of(lookup.file)), unread))
        if unread and lookup.file not in told | counted:
            report.tallies.append(Tally("Look-ups", "value", lookup.file, refused=len(unread)))
        _tell(report, lookup.file, unread, told)
    unfit = set[str]()
    for one in planned:
        for name, (table, _) in one.details.items():
            details, unread = one.section.details[name], []
            memory.keep(details, _whole(table, unread))
            unfit |= {one.section.name} if unread else set()
            _tell(report, details.file, unread, told)
    return unfit


def _tell(report: Report, file: str, unread: list[Broken], told: set[str]) -> None:
    """Tell of the broken rows of a file, unless a section reads it, or they have been told."""
    if unread and file not in told:
        told.add(file)
        for row in unread:
            report.refuse(broken(file, row))


def _pairs(lookup: Lookup, table: Table, unread: list[Broken]) -> Iterator[tuple[str, str]]:
    for row in _whole(table, unread):
        yield row.values[lookup.key.lower()].strip(), row.values[lookup.value.lower()].strip()


def _whole(table: Table, unread: list[Broken]) -> Iterator[Row]:
    for row in table.rows():
        if isinstance(row, Broken):
            unread.append(row)
        else:
            yield row


def _folder(path: Path) -> Path:
    return path if path.is_dir() else path.parent


def _chosen(path: Path, mapping: Whole, mistakes: Mistakes) -> list[Section]:
    if path.is_dir():
        return [*mapping.sections]
    named = [one for one in mapping.sections if not one.constant and _named(one.file, path)]
    chosen = [one for one in named if not _awaited(one, mapping, named)]
    with mistakes.at(str(path)):
        if not named:
            reads = ", ".join(dict.fromkeys(one.file for one in mapping.sections if not one.constant))
            raise Mistake(f"this is no folder, and no section reads a file of this name; they read {reads}")
        if not chosen:
            raise Mistake(f"{named[0].name!r} comes after {_awaited(named[0], mapping, named)}; name the folder")
    return chosen


def _awaited(section: Section, mapping: Whole, chosen: list[Section]) -> str:
    """Which papers a section is built on that would not be brought in with it: a count before them is for good."""
    papers = [one for one in mapping.sections if one.kind.final and one not in chosen]
    return ", ".join(repr(one.name) for one in papers if one.name in section.after)


def _named(file: str, path: Path) -> bool:
    return Path(file).name == path.name


def _tables(folder: Path, section: Section) -> tuple[Table | None, dict[str, Table]]:
    """The section's files, once they and those it looks values up in have all columns it needs."""
    for lookup in section.lookups:
        Table(folder / lookup.file, section.form_of(lookup.file)).must_have({lookup.key, lookup.value})
    details = {name: _detailed(folder, one) for name, one in section.details.items()}
    if section.constant:
        return None, details
    table = Table(folder / section.file, section.form)
    table.must_have(section.reads)
    return table, details


def _detailed(folder: Path, details: Details) -> Table:
    table = Table(folder / details.file, details.form)
    table.must_have(details.reads)
    return table
