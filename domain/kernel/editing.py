"""To every command that enters a record belongs one that changes it: the same fields, none of which must be given."""

from __future__ import annotations

from dataclasses import fields
from typing import Any, get_type_hints

from domain.kernel.base import Record
from domain.kernel.commands import ABSENT, Absent, Command, Ref, devised, said
from domain.kernel.forms import Form
from domain.kernel.work import Work

MANUAL = "Change a {noun}. What is not given stays as it is; a list, where given, replaces all there was."


def editable(creating: type[Command], form: Form[Any], *, fixed: frozenset[str] = frozenset()) -> Any:
    """Register and answer the command that changes what `creating` makes, save what is `fixed` for good."""
    model, hints = form.model, get_type_hints(creating)
    asked: dict[str, tuple[Any, Any]] = {
        "id": (Ref, said(f"The {noun(model)}.")),
        "expected_version": (int, said("The version you saw; refused if it has changed since.")),
    }
    for one in fields(creating):  # type: ignore[arg-type]
        if one.name not in fixed | {"external"}:
            asked[one.name] = (hints[one.name] | Absent, said(one.metadata["description"], default=ABSENT))

    def act(self: Any, work: Work) -> Any:
        return form.update(work, self)

    manual = MANUAL.format(noun=noun(model))
    return devised(
        f"Update{model.__name__}", manual, asked, act, right=creating.right, answers=model, module=creating.__module__
    )


def noun(model: type[Record]) -> str:
    """What people call a class of records: vendor price."""
    return "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in model.__name__).strip()
