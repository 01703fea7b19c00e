"""Master records are archived in place of deleted: they stay on the papers they are on, and come onto no new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from domain.kernel.base import Record
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.work import Work

Row = TypeVar("Row", bound=Record)


def archivable(
    model: type[Row], *, right: str = "master.write", before_restoring: Callable[[Work, Row], None] | None = None
) -> None:
    """Register the commands that archive and restore records of a class."""

    def archive(self: Any, work: Work) -> Row:
        row = _row(work, model, self)
        if row.archived_at is None:
            row.archived_at = work.now
            work.note(row, "archived")
        return row

    def restore(self: Any, work: Work) -> Row:
        row = _row(work, model, self)
        if row.archived_at is not None:
            if before_restoring is not None:
                before_restoring(work, row)
            row.archived_at = None
            work.note(row, "restored")
        return row

    noun = _noun(model)
    archives = f"Take the {noun} out of use. It stays on the papers it is on, and cannot be put on new ones."
    for verb, act, manual in (
        ("Archive", archive, archives),
        ("Restore", restore, f"Bring an archived {noun} back into use."),
    ):
        command(right=right, answers=model)(_command(verb, model, act, manual))


def _command(verb: str, model: type[Record], act: Callable[..., Any], manual: str) -> type[Command]:
    body = {
        "__annotations__": {"id": Ref, "expected_version": int | Absent},
        "__doc__": manual,
        "__module__": model.__module__,
        "act": act,
        "id": said(f"The {_noun(model)}."),
        "expected_version": said("The version you saw; refused if it has changed since.", default=ABSENT),
    }
    return type(f"{verb}{model.__name__}", (Command,), body)


def _row(work: Work, model: type[Row], given: Any) -> Row:
    return work.locked(model, given.id, None if given.expected_version is ABSENT else given.expected_version)


def _noun(model: type[Record]) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__).strip()
