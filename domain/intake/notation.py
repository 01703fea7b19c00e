"""How numbers, truths and dates are written: exactly one reading for each, or a refusal; nothing is guessed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from domain.intake.mistakes import Mistake
from domain.kernel.errors import BadInput

TEXT, DECIMAL, INTEGER, BOOLEAN, DATE = "text", "decimal", "integer", "boolean", "date"
LONGEST_NUMBER = 60
MARKS = frozenset(".,'_ \N{NO-BREAK SPACE}\N{NARROW NO-BREAK SPACE}\N{RIGHT SINGLE QUOTATION MARK}")
_EXAMPLE = date(2011, 5, 31)


@cache
def number(*, point: str = ".", group: str = "") -> Callable[[str], Decimal]:
    """A reader of decimals. Marks between groups must stand before every three digits, or be left out altogether."""
    if len(point) != 1 or len(group) > 1 or point == group or not MARKS.issuperset(point + group):
        raise Mistake('wants two different marks of one character: { point = ",", group = "." }')
    grouped = rf"[0-9]{{1,3}}(?:{re.escape(group)}[0-9]{{3}})+|" if group else ""
    pattern = re.compile(rf"([+-]?)({grouped}[0-9]+)(?:{re.escape(point)}([0-9]+))?([eE][+-]?[0-9]{{1,2}})?")

    def read(text: str) -> Decimal:
        found = pattern.fullmatch(text.strip())
        if found is None or len(text) > LONGEST_NUMBER:
            raise BadInput(f"This is not a number written as 1234{point}5; correct it.")
        sign, digits, decimals, power = found.groups(default="")
        return Decimal(f"{sign}{digits.replace(group or ' ', '')}{decimals and '.'}{decimals}{power}")

    return read


def whole(value: str | Decimal) -> int:
    """A whole number; 14.0 is one."""
    try:
        found = number()(value) if isinstance(value, str) else value
    except BadInput:
        found = Decimal("NaN")
    if found != found.to_integral_value():
        raise BadInput("This is not a whole number; correct it.")
    return int(found)


def truth(
    true_words: Iterable[Any] = ("true", "yes", "1"), false_words: Iterable[Any] = ("false", "no", "0")
) -> Callable[[str], bool]:
    """A reader of yes and no."""
    words = {str(word).lower(): said for said, them in ((True, true_words), (False, false_words)) for word in them}

    def read(text: str) -> bool:
        if text.strip().lower() not in words:
            raise BadInput(f"This is neither true nor false; write one of {', '.join(words)}.")
        return words[text.strip().lower()]

    return read


@cache
def day(form: str = "%Y-%m-%d") -> Callable[[str], date]:
    """A reader of dates. The format must have a year, a month and a day; a time of day may stand in it, and is left."""
    try:
        complete = _read_day(_EXAMPLE.strftime(form), form) == _EXAMPLE
    except (ValueError, re.error):
        complete = False
    if not complete:
        raise Mistake('wants a format with year, month and day, such as "%d.%m.%Y"')

    def read(text: str) -> date:
        try:
            return _read_day(text.strip(), form)
        except ValueError:
            raise BadInput(f"This is not a date written as {_EXAMPLE.strftime(form)}; correct it.") from None

    return read


def _read_day(text: str, form: str) -> date:
    return datetime.strptime(text, form).replace(tzinfo=UTC).date()


STANDARD: dict[str, dict[type, Callable[[Any], Any]]] = {
    TEXT: {int: str},
    DECIMAL: {str: number(), int: Decimal},
    INTEGER: {str: whole, Decimal: whole},
    BOOLEAN: {str: truth()},
    DATE: {str: day()},
}
"""How a value becomes the kind that a field wants where the mapping does not say: by that kind, and by its type."""

TYPES: dict[str, type] = {TEXT: str, DECIMAL: Decimal, INTEGER: int, BOOLEAN: bool, DATE: date}


def fitting(value: Any, kind: str) -> Any:
    """The value as the kind that a field wants; BadInput if it can be none."""
    if type(value) is not TYPES[kind]:
        if type(value) not in STANDARD[kind]:
            raise BadInput(f"A {kind} is wanted here; correct the value.")
        value = STANDARD[kind][type(value)](value)
    return value
