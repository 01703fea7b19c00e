"""The fields that may be entered into a row are a table: each with its check, or the class of record it refers to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

from domain.kernel.base import Owned, Record
from domain.kernel.commands import ABSENT
from domain.kernel.decimals import checked, rounded
from domain.kernel.errors import Archived, BadInput, Refusals

if TYPE_CHECKING:
    from domain.kernel.work import Work

Values = dict[str, Any]
Check = Callable[[Any], Any]
"""Answers with what is to be kept, or raises BadInput."""
Fields = Mapping[str, Check | type[Record]]
EARLIEST, LATEST = date(1900, 1, 1), date(2999, 12, 31)


def entered(
    work: Work, model: type[Owned], fields: Fields, given: Any, *, refusals: Refusals, rows: Sequence[Any] = ()
) -> Values:
    """The values of the fields that were given, by column of `model`; what is refused is collected.

    Null and blank text empty a column, if it may be empty. `rows` hold what was chosen before: that may be given
    again, even if it has been archived since.
    """
    values: Values = {}
    for name, check in fields.items():
        value = getattr(given, name, ABSENT)
        if value is ABSENT:
            continue
        with refusals.at(camel(name)):
            column = f"{name}_id" if isinstance(check, type) else name
            if _is_blank(value):
                _must_allow_blank(model, column)
                values[column] = None
            elif isinstance(check, type):
                values[column] = _chosen(work, check, value, {getattr(row, column) for row in rows})
            else:
                values[column] = check(value)
    return values


def camel(name: str) -> str:
    """A field's name as the API has it."""
    first, *rest = name.split("_")
    return first + "".join(word.title() for word in rest)


def as_given(value: Any) -> Any:
    """For values that are right by their type."""
    return value


def whole(least: int, most: int) -> Check:
    """A whole number within bounds."""

    def check(value: int) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput("Not a whole number; give one.")
        if not least <= value <= most:
            raise BadInput(f"Out of range; give a number from {least} to {most}.")
        return value

    return check


def decimal(*, digits: int, least: int | None = None, above: int | None = None, most: int | None = None) -> Check:
    """An exact decimal within bounds, kept with the decimals it was written with."""

    def check(value: Decimal) -> Decimal:
        if not isinstance(value, Decimal):
            raise BadInput("Not an exact decimal; give one as a string, such as 12.50.")
        low, over = (None if bound is None else Decimal(bound) for bound in (least, above))
        found = checked(value, digits=digits, least=low, above=over)
        if most is not None and found > most:
            raise BadInput(f"Too large; give at most {most}.")
        written = -int(value.as_tuple().exponent)
        return rounded(found, min(max(written, 0), digits))

    return check


def day(value: date) -> date:
    """A date that a business may have to do with."""
    if not EARLIEST <= value <= LATEST:
        raise BadInput(f"Out of range; give a date from {EARLIEST} to {LATEST}.")
    return value


def in_order(low: Any, high: Any, *, path: str) -> None:
    """BadInput at `path`, the field of the upper bound, if it lies below the lower one; an open end fits."""
    if low is not None and high is not None and high < low:
        raise BadInput(f"{high} lies before {low}; exchange them.", path=(path,))


def _is_blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _must_allow_blank(model: type[Owned], column: str) -> None:
    if not model.__table__.c[column].nullable:
        raise BadInput("Needed; it cannot be empty.")


def _chosen(work: Work, model: type[Record], ref: Any, earlier: set[UUID | None]) -> UUID:
    row = work.find(model, ref)
    if row.archived_at is not None and row.id not in earlier:
        raise Archived
    return row.id
