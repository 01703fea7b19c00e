"""What people type, made fit to keep: trimmed, bounded, free of control characters, and known where a list is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import cache

from domain.kernel.decimals import currency_digits
from domain.kernel.errors import BadInput

LINE = 200
CODE = 50
PARAGRAPH = 10_000

_SECOND_LETTERS = {
    "A": "DEFGILMOQRSTUWXZ", "B": "ABDEFGHIJLMNOQRSTVWYZ", "C": "ACDFGHIKLMNORUVWXYZ", "D": "EJKMOZ",
    "E": "CEGHRST", "F": "IJKMOR", "G": "ABDEFGHILMNPQRSTUWY", "H": "KMNRTU", "I": "DELMNOQRST", "J": "EMOP",
    "K": "EGHIMNPRWYZ", "L": "ABCIKRSTUVY", "M": "ACDEFGHKLMNOPQRSTUVWXYZ", "N": "ACEFGILOPRUZ", "O": "M",
    "P": "AEFGHKLMNRSTWY", "Q": "A", "R": "EOSUW", "S": "ABCDEGHIJKLMNORSTVXYZ", "T": "CDFGHJKLMNORTVWZ",
    "U": "AGMSYZ", "V": "ACEGINU", "W": "FS", "X": "K", "Y": "ET", "Z": "AMW",
}  # fmt: skip
COUNTRIES = frozenset(first + second for first, letters in _SECOND_LETTERS.items() for second in letters)
"""ISO 3166-1 alpha-2, and XK, under which Kosovo trades."""
EUROPEAN_UNION = frozenset({
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK",
})  # fmt: skip
"""Its member states."""
NO_MONEY = frozenset({"XTS", "XXX"})
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def line(value: str, most: int = LINE) -> str:
    """One line of text: trimmed, not empty, at most so many characters, all of them printable."""
    return _fit(value, most, allowed="\t")


def paragraph(value: str) -> str:
    """Text of several lines."""
    return _fit(value.replace("\r\n", "\n"), PARAGRAPH, allowed="\t\n")


def code(value: str) -> str:
    """A short word by which people and scanners name a record."""
    return line(value, CODE)


def country(value: str) -> str:
    """A country by ISO 3166-1 alpha-2."""
    found = value.strip().upper()
    if found not in COUNTRIES:
        raise BadInput(f"{value!r} is not an ISO 3166-1 country code; use two letters such as US.")
    return found


def currency(value: str) -> str:
    """A currency by ISO 4217."""
    found = value.strip().upper()
    if found in NO_MONEY:
        raise BadInput(f"{found} stands for no currency; use a code such as EUR.")
    currency_digits(found)
    return found


def currency_of_any_time(value: str) -> str:
    """A currency by ISO 4217, or one withdrawn: its rates stay facts."""
    found = value.strip().upper()
    return found if found in _ever() else currency(found)


@cache
def _ever() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies()) - NO_MONEY


def language(value: str) -> str:
    """A language as people write it into letters and programs into headers: en, de-CH, zh-Hant."""
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(value.strip().replace("_", "-"), sep="-")).replace("_", "-")
    except (UnknownLocaleError, ValueError):
        raise BadInput(f"{value!r} is not a known language; use a tag such as en or de-CH.") from None


def email(value: str) -> str:
    """An address of the shape name@host.domain; whether it answers only a letter can tell."""
    found = line(value, 254)
    if not _EMAIL.fullmatch(found):
        raise BadInput(f"{found!r} is not an e-mail address; it has the shape name@example.com.")
    return found


def website(value: str) -> str:
    """A web address, with or without http:// or https:// before it; no other scheme is let in."""
    found = line(value, 2000)
    scheme = _SCHEME.match(found)
    if any(letter.isspace() for letter in found) or (scheme and not found.lower().startswith(("http://", "https://"))):
        raise BadInput(f"{found!r} is not a web address; it looks like https://example.com.")
    return found


@cache
def one_of(*words: str) -> Callable[[str], str]:
    """One of these words, in whichever case it is written."""

    def check(value: str) -> str:
        for word in words:
            if value.strip().casefold() == word.casefold():
                return word
        raise BadInput(f"{value!r} is not known here; choose one of {', '.join(words)}.")

    return check


def _fit(value: str, most: int, *, allowed: str) -> str:
    if not isinstance(value, str):
        raise BadInput("Not a text; give one.")
    found = value.strip()
    if all(unicodedata.category(letter) == "Cf" or letter.isspace() for letter in found):
        raise BadInput("Empty; give at least one character.")
    if len(found) > most:
        raise BadInput(f"Too long; give at most {most} characters.")
    if any(unicodedata.category(letter) in {"Cc", "Cs"} and letter not in allowed for letter in found):
        raise BadInput("It holds a control character; remove it.")
    return found
