"""A value as a cell of a sheet: a number where it is exact to fifteen digits, a date as a date, all else as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from transport.exporting.form import cell

LONGEST = 32_767
"""How many characters a cell of a sheet may hold."""
MOST_DIGITS = 15
LETTERS = 26
DAY_ZERO = datetime(1899, 12, 30, tzinfo=UTC)
FIRST_DAY = date(1900, 3, 1)
"""Before it, sheets count a day that never was."""
DAY = timedelta(days=1)

PLAIN, BOLD, ON_DAY, AT_MOMENT = range(4)
CODES = {ON_DAY: "yyyy-mm-dd", AT_MOMENT: "yyyy-mm-dd hh:mm:ss"}
SCALES = {scale: AT_MOMENT + scale for scale in range(1, 7)}
"""The style of numbers with so many decimals."""
_UNFIT = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")


class TooLongError(ValueError):
    """A text is longer than a cell of a sheet may be; take CSV or JSON lines."""


def written(place: str, value: Any, kind: str) -> str:
    """The XML of a cell with a value of the GraphQL type `kind`; nothing for null."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return f'<c r="{place}" t="b"><v>{int(value)}</v></c>'
    if kind in _KINDS and (number := _KINDS[kind](str(value))) is not None:
        text, style = number
        return f'<c r="{place}" s="{style}"><v>{text}</v></c>' if style else f'<c r="{place}"><v>{text}</v></c>'
    return text_cell(place, cell(value))


def text_cell(place: str, text: str, style: int = PLAIN) -> str:
    """The XML of a cell with a text."""
    if len(text) > LONGEST:
        raise TooLongError(TooLongError.__doc__)
    styled = f' s="{style}"' if style else ""
    return f'<c r="{place}"{styled} t="inlineStr"><is><t xml:space="preserve">{_fit(text)}</t></is></c>'


@cache
def letters(column: int) -> str:
    """What a sheet calls a column, counted from 0."""
    before, place = divmod(column, LETTERS)
    return (letters(before - 1) if before else "") + chr(ord("A") + place)


def _fit(text: str) -> str:
    return escape(_UNFIT.sub(lambda found: f"_x{ord(found[0]):04X}_", text))


def _number(text: str) -> tuple[str, int] | None:
    number = Decimal(text)
    if len(number.normalize().as_tuple().digits) > MOST_DIGITS:
        return None
    return text, SCALES.get(len(text.partition(".")[2]), PLAIN)


def _day(text: str) -> tuple[str, int] | None:
    day = date.fromisoformat(text)
    return (str(day.toordinal() - DAY_ZERO.toordinal()), ON_DAY) if day >= FIRST_DAY else None


def _moment(text: str) -> tuple[str, int] | None:
    moment = datetime.fromisoformat(text)
    if moment.date() < FIRST_DAY:
        return None
    days = Decimal((moment - DAY_ZERO) // timedelta(microseconds=1)) / (DAY // timedelta(microseconds=1))
    return f"{days:.11f}", AT_MOMENT


_KINDS: dict[str, Callable[[str], tuple[str, int] | None]] = {
    "Decimal": _number,
    "Int": _number,
    "Float": _number,
    "Date": _day,
    "DateTime": _moment,
}
