"""Master records are archived in place of deleted: they stay on the papers they are on, and come onto no new ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from domain.kernel.base import Record
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, said
from domain.kernel.editing import noun
from domain.kernel.work import Work

Row = TypeVar("Row", bound=Record)


def archivable(
    model: type[Row],
    *,
    right: str = "master.write",
    before_archiving: Callable[[Work, Row], None] | None = None,
    before_restoring: Callable[[Work, Row], None] | None = None,
) -> tuple[Any, Any]:
    """Register and answer the commands that archive and restore records of a class, each with what may forbid it."""

    def archive(self: Any, work: Work) -> Row:
        row = _row(work, model, self)
        if row.archived_at is None:
            if before_archiving is not None:
                before_archiving(work, row)
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

    register, called = command(right=right, answers=model), noun(model)
    archives = f"Take a {called} out of use. It stays on the papers it is on, and cannot be put on new ones."
    archiving = register(_command("Archive", model, archive, archives))
    restoring = register(_command("Restore", model, restore, f"Bring an archived {called} back into use."))
    return archiving, restoring


def _command(verb: str, model: type[Record], act: Callable[..., Any], manual: str) -> type[Command]:
    body = {
        "__annotations__": {"id": Ref, "expected_version": int | Absent},
        "__doc__": manual,
        "__module__": model.__module__,
        "act": act,
        "id": said(f"The {noun(model)}."),
        "expected_version": said("The version you saw; refused if it has changed since.", default=ABSENT),
    }
    return type(f"{verb}{model.__name__}", (Command,), body)


def _row(work: Work, model: type[Row], given: Any) -> Row:
    return work.locked(model, given.id, None if given.expected_version is ABSENT else given.expected_version)
