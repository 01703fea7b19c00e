"""Where a value comes from: a column, several joined, or a constant; and the steps it goes through."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.intake.mistakes import Mistake
from domain.intake.notation import TEXT
from domain.intake.transforms import BECOMES, KINDS, REFERENCE, Assumption, Look, Lookup, Reference, Step, run, step


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a row. `gives` is its kind after all steps."""

    columns: tuple[str, ...]
    steps: tuple[Step, ...]
    gives: str
    constant: Any = None
    between: str | None = None
    parts: tuple[Value, ...] = ()

    def read(self, row: Mapping[str, str], look: Look, assumed: list[Assumption] | None = None) -> Any:
        """The value for a row; BadInput if the text there does not fit. What was assumed on the way is noted."""
        noted: list[Assumption] = [] if assumed is None else assumed
        return run(self.steps, self._origin(row, look, noted), look, noted)

    def shown(self, row: Mapping[str, str]) -> str:
        """What stands in the file, for a report."""
        return " | ".join(row[column.lower()] for column in self.columns)

    @property
    def lookups(self) -> set[Lookup]:
        own = {one.change for one in self.steps if isinstance(one.change, Lookup)}
        return own.union(*(part.lookups for part in self.parts))

    @property
    def reference(self) -> Reference | None:
        """What this refers to, if it is a reference."""
        return next((one.change for one in self.steps if isinstance(one.change, Reference)), None)

    def _origin(self, row: Mapping[str, str], look: Look, assumed: list[Assumption]) -> Any:
        if self.between is not None:
            found = [part.read(row, look, assumed) for part in self.parts]
            return self.between.join(str(one) for one in found if one is not None)
        return row[self.columns[0].lower()] if self.columns else self.constant


def value(written: Any) -> Value:
    """The value that stands in a mapping: a column's heading, or a table of its origin and steps; else Mistake."""
    if isinstance(written, str):
        return Value((written,), (), TEXT)
    origins = [name for name in _ORIGINS if isinstance(written, dict) and name in written]
    if len(origins) != 1:
        raise Mistake(f"{written!r} is no value; give a heading, or a table with one of {', '.join(_ORIGINS)}")
    if stray := sorted(written.keys() - {*origins, "do", *(["with"] if origins == ["join"] else [])}):
        raise Mistake(f"{stray[0]!r} means nothing beside {origins[0]!r}; transforms stand in `do`")
    origin = _ORIGINS[origins[0]](written)
    steps, gives = _steps(written.get("do", []), origin.gives)
    return Value(origin.columns, steps, gives, origin.constant, origin.between, origin.parts)


def fit(found: Value, kind: str) -> Value:
    """The value, if it can fill what wants this kind."""
    if found.gives not in BECOMES[kind]:
        instead = 'end its steps with { reference = "…" }' if kind == REFERENCE else "change its steps"
        raise Mistake(f"it wants {kind}, and this gives {found.gives}; {instead}")
    return found


def _steps(written: Any, kind: str) -> tuple[tuple[Step, ...], str]:
    steps: list[Step] = []
    for one in written if isinstance(written, list) else [written]:
        steps.append(step(one, kind))
        kind = steps[-1].gives or kind
    return tuple(steps), kind


def _column(written: dict[str, Any]) -> Value:
    if not isinstance(written["column"], str):
        raise Mistake("`column` wants a heading")
    return Value((written["column"],), (), TEXT)


def _constant(written: dict[str, Any]) -> Value:
    if type(written["constant"]) not in KINDS:
        raise Mistake("`constant` wants a text, a number, a date, true or false")
    return Value((), (), KINDS[type(written["constant"])], constant=written["constant"])


def _join(written: dict[str, Any]) -> Value:
    between = written.get("with", " ")
    if not isinstance(written["join"], list) or not isinstance(between, str):
        raise Mistake("`join` wants a list of values, and `with` the text between them")
    parts = tuple(fit(value(one), TEXT) for one in written["join"])
    return Value(tuple(column for part in parts for column in part.columns), (), TEXT, between=between, parts=parts)


_ORIGINS = {"column": _column, "join": _join, "constant": _constant}
