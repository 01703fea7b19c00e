"""The parts of a record are given as a whole list, and only what differs from the rows there are is touched."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.kernel.base import Owned
from domain.kernel.errors import BadInput, Refusals
from domain.kernel.fields import Fields, Values, entered

if TYPE_CHECKING:
    from domain.kernel.work import Work

MOST = 500


@dataclass(frozen=True, kw_only=True)
class Parts:
    """The rows of one class that belong to a record.

    Rows equal in `key` are the same part, changed; if `distinct`, none may be given twice. `tidy` sees the values of a
    part together, and answers with those to be kept.
    """

    model: type[Owned]
    fields: Fields
    key: tuple[str, ...]
    distinct: bool = False
    tidy: Callable[[Values], Values] = dict

    def entered(
        self, work: Work, path: str, given: Sequence[Any], *, refusals: Refusals, rows: Sequence[Any]
    ) -> list[Values]:
        """The values of all parts given; what is refused is collected at its place below `path`."""
        found: dict[tuple[Any, ...], Values] = {}
        with refusals.at(path):
            if len(given) > MOST:
                raise BadInput(f"Too many; give at most {MOST}.")
            for index, one in enumerate(given):
                with refusals.at(path, index):
                    values = self._part(work, one, rows)
                    key = tuple(values.get(name) for name in self.key) if self.distinct else (index,)
                    if key in found:
                        raise BadInput("Given twice; leave one out.")
                    found[key] = values
        return list(found.values())

    def fit(self, rows: list[Any], wanted: Sequence[Values]) -> None:
        """Make the rows what is wanted: those equal in all stay, then those equal in key are changed."""
        left, new = list(rows), list(wanted)
        for same in (tuple(name for values in wanted[:1] for name in values), self.key):
            for values in list(new):
                twin = next((row for row in left if _equal(row, values, same)), None)
                if twin is not None:
                    left.remove(twin)
                    new.remove(values)
                    _change(twin, values)
        for row in left:
            rows.remove(row)
        rows.extend(self.model(**values) for values in new)

    def _part(self, work: Work, given: Any, rows: Sequence[Any]) -> Values:
        refusals = Refusals()
        values = entered(work, self.model, self.fields, given, refusals=refusals, rows=rows)
        refusals.settle()
        return self.tidy(values)


def _equal(row: Any, values: Values, names: Sequence[str]) -> bool:
    return all(getattr(row, name) == values[name] for name in names)


def _change(row: Any, values: Values) -> None:
    for name, value in values.items():
        setattr(row, name, value)
