"""The verbs of a kind of paper, made from its table: one command per action that people may ask for."""

from __future__ import annotations

from dataclasses import MISSING, fields
from typing import Any

from domain.kernel.commands import ABSENT, Absent, Command, Ref, devised, said
from domain.kernel.documents import Document
from domain.kernel.errors import at
from domain.kernel.papers import hold
from domain.kernel.work import Work
from domain.kernel.workflow import BY_RULE, Step, take


def verbs(kind: type[Any], *, besides: frozenset[str] = frozenset()) -> None:
    """Register a command for every action of the kind's table, `besides` those that have one of their own.

    The kind is one of papers, or of other records with a `workflow` and a `whole`.
    """
    rows = {row.action: row for row in kind.workflow.steps if row.right != BY_RULE and row.action not in besides}
    for row in rows.values():
        _verb(kind, row)


def _verb(kind: type[Any], row: Step) -> type[Command]:
    noun = _words(kind.__name__)
    asked: dict[str, Any] = {
        "id": (Ref, said(f"The {noun}.")),
        "expected_version": (
            int | Absent,
            said("The version you saw; refused if it has changed since.", default=ABSENT),
        ),
        **(_shape(row.shape) if row.shape else {}),
    }

    def act(self: Any, work: Work) -> Any:
        version = None if self.expected_version is ABSENT else self.expected_version
        if issubclass(kind, Document):
            with at("id"):
                hold(work, [work.id_of(kind, self.id)])
        paper = work.locked(kind, self.id, version, *kind.whole())
        take(work, paper, row.action, self)
        return paper

    name = f"{row.action.title().replace('_', '')}{kind.__name__}"
    return devised(name, row.description, asked, act, right=row.right, answers=kind, module=kind.__module__)


def _shape(shape: type) -> dict[str, Any]:
    annotations: dict[str, Any] = {}
    for base in reversed(shape.__mro__):
        annotations |= getattr(base, "__annotations__", {})
    return {one.name: (annotations[one.name], _again(one)) for one in fields(shape)}


def _again(one: Any) -> Any:
    return said(one.metadata["description"], default=one.default, default_factory=one.default_factory or MISSING)


def _words(name: str) -> str:
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
