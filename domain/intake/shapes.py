"""What a mapping may fill: the kinds of records that files bring, their fields, and how each kind is written."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping, Sequence
from dataclasses import MISSING, dataclass, fields
from dataclasses import Field as Told
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from domain.intake.figures import Figures
from domain.intake.notation import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT
from domain.intake.report import Outcome
from domain.intake.transforms import REFERENCE
from domain.kernel import plugin
from domain.kernel.base import Record
from domain.kernel.commands import COMMANDS, Absent, Command, Ref
from domain.kernel.errors import Refused
from domain.kernel.work import Work

if TYPE_CHECKING:
    from domain.intake.drafting import Draft
    from domain.intake.mapping import Section

ARCHIVED = "archived"
"""Beside the fields of the commands: whether the record shall be out of use."""
AT = "at"
"""Where a command learns which row of which file it is from; import fills it by itself."""
CUSTOM = "custom."
Writer = Callable[[Work, "Section", "Sequence[Draft]"], list[Outcome]]
"""Writes the drafts of a batch; what became of each, in their order."""
Entry = Callable[[Work, Sequence[Any]], Sequence[Record | Refused]]
"""Carries many commands out together; what became of each, in their order."""
Reckoner = Callable[[Work, Sequence[UUID]], Figures]
"""What the records of a batch come to."""
_OWN = frozenset({"id", "expected_version", "external", "custom", AT})
_KINDS = {str: TEXT, Decimal: DECIMAL, int: INTEGER, bool: BOOLEAN, date: DATE, Ref: REFERENCE}
_CUSTOM_KINDS = {"text": TEXT, "choice": TEXT, "decimal": DECIMAL, "boolean": BOOLEAN, "date": DATE}


@dataclass(frozen=True, kw_only=True)
class Field:
    """One thing a mapping may fill. `parts` are the fields of each part if this is a list of parts.

    Where it is `needed`, a mapping must fill it; where it is `solid`, it cannot be empty if a mapping does.
    """

    kind: str
    needed: bool = False
    solid: bool = False
    listed: bool = False
    shape: type | None = None
    parts: Mapping[str, Field] | None = None


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of records. `natural` are the columns by one of which it can be found without an external key.

    A kind with a `key` of its own fields has no external keys at all. `creating` is the command that enters one, if
    they are entered one by one; `together` enters many at once; what they enter is for good if the kind is `final`.
    `reckon` says what records come to. `effort` is about what one row costs, in microseconds: when it is new, and when
    it is known.
    """

    word: str
    fields: Mapping[str, Field]
    write: Writer
    creating: type[Any] = object
    natural: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    final: bool = False
    together: Entry | None = None
    reckon: Reckoner | None = None
    effort: tuple[int, int] = (4500, 600)

    def verb(self, verb: str) -> Callable[..., Command]:
        """The command that does this to records of the kind."""
        return COMMANDS[f"{verb}{self.creating.answers.__name__}"]

    def field(self, name: str) -> Field | None:
        """The field a mapping names; custom fields are named custom.<name>."""
        if name.startswith(CUSTOM):
            told = plugin.GRAFTED.on(self.word).get(name.removeprefix(CUSTOM))
            return Field(kind=_CUSTOM_KINDS[told.kind]) if told else None
        return self.fields.get(name)


def fields_of(shape: Any) -> dict[str, Field]:
    """The fields of a command, or of a part of one, that a mapping may fill."""
    hints = get_type_hints(shape)
    return {one.name: _field(hints[one.name], one) for one in fields(shape) if one.name not in _OWN}


def _field(hint: Any, told: Told[Any]) -> Field:
    needed = told.default is MISSING and told.default_factory is MISSING
    members = _members(hint)
    (inner,) = [one for one in members if one not in {Absent, types.NoneType}]
    if get_origin(inner) is Sequence or inner is Sequence:
        (inner,) = get_args(inner)
        if inner not in _KINDS:
            return Field(kind="part", needed=needed, listed=True, shape=inner, parts=fields_of(inner))
        return Field(kind=_KINDS[inner], needed=needed, listed=True)
    return Field(kind=_KINDS[inner], needed=needed, solid=types.NoneType not in members)


def _members(hint: Any) -> tuple[Any, ...]:
    return get_args(hint) if get_origin(hint) in {Union, types.UnionType} else (hint,)
