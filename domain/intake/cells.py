"""What stands in a cell of a sheet, as the text that a file of texts would hold: exact numbers, ISO dates, words."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from functools import cache

DATE, MOMENT, TIME = "date", "moment", "time"
DAY_ZERO = {False: date(1899, 12, 30), True: date(1904, 1, 1)}
"""From which day a workbook counts, by whether it counts as the first Macintosh did."""
PHANTOM = 60
"""The 29th of February 1900, which never was: before it, days count from one day later."""
END = {way: (date.max - zero).days + 1 for way, zero in DAY_ZERO.items()}
"""Where the year 10000 begins, by the way in which days are counted."""
MOST_DIGITS = 400
SECONDS = 86_400
TRUTHS = {"1": "true", "0": "false"}

_AS_SHOWN = Context(prec=15, rounding=ROUND_HALF_EVEN)
_BUILT_IN = {
    **dict.fromkeys((14, 15, 16, 17, *range(27, 32), 36, *range(50, 55), 57, 58), DATE),
    **dict.fromkeys((18, 19, 20, 21, 32, 33, 34, 35, 45, 46, 47, 55, 56), TIME),
    22: MOMENT,
}
"""The formats that every workbook knows without saying so."""
_DECORATION = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!h+\]|m+\]|s+\])[^\]]*\]', re.IGNORECASE)
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")


@cache
def shows(number: int, code: str | None = None) -> str | None:
    """What a number format shows: a date, a moment, a time, or None for a number."""
    if code is None or code.lower() == "general":
        return _BUILT_IN.get(number)
    letters = set(_DECORATION.sub("", code.partition(";")[0]).lower().replace("am/pm", "").replace("a/p", ""))
    timed = bool(letters & set("hs"))
    dated = bool(letters & set("dy")) or ("m" in letters and not timed)
    return {(True, True): MOMENT, (True, False): DATE, (False, True): TIME}.get((dated, timed))


def number_as_text(written: str) -> str:
    """A number to fifteen digits, which is as many as a sheet keeps; a whole one to all. ValueError if it is none."""
    number = _number(written)
    if number != number.to_integral_value():
        number = _AS_SHOWN.plus(number)
    text = f"{number:f}" if number else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text


def moment_as_text(written: str, kind: str, *, since_1904: bool) -> str:
    """A date, moment or time as ISO 8601 writes it, to the second. ValueError if the number stands for none."""
    number = _number(written)
    if not 0 <= number < END[since_1904]:
        raise ValueError(written)
    seconds = int((number * SECONDS).to_integral_value(ROUND_HALF_EVEN))
    days, rest = divmod(seconds, SECONDS)
    if days >= END[since_1904]:
        raise ValueError(written)
    time = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    if kind == TIME:
        return f"{seconds // 3600:02}{time[2:]}"
    day = DAY_ZERO[since_1904] + timedelta(days=days + int(not since_1904 and days < PHANTOM))
    return day.isoformat() if kind == DATE else f"{day}T{time}"


def unescaped(text: str) -> str:
    """A text in which characters that XML cannot hold stand as _x000D_."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def _number(written: str) -> Decimal:
    try:
        number = Decimal(written)
    except InvalidOperation:
        raise ValueError(written) from None
    if not number.is_finite() or abs(number.adjusted()) >= MOST_DIGITS:
        raise ValueError(written)
    return number
