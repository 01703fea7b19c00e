"""What is printed besides what people wrote, in the languages of the files in `words/`; each file has every word."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter

from domain.kernel.errors import BadInput

FOLDER = Path(__file__).parent / "words"
ENGLISH = "en"
LANGUAGES: tuple[str, ...] = tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))
SPOKEN = {"nb": "no", "nn": "no"}
"""Languages that are written to in the words of another: both forms of Norwegian."""

Words = Mapping[str, str]


class Wordless(ValueError):
    """A language lacks words; write them into its file."""


@cache
def words(language: str) -> Words:
    """The words of a language; Wordless unless they are those of English, with the same gaps to be filled."""
    found, wanted = _read(language), _read(ENGLISH)
    if lacking := wanted.keys() - found.keys():
        raise Wordless(f"words/{language}.toml lacks {', '.join(sorted(lacking))}; translate them from words/en.toml.")
    if unknown := found.keys() - wanted.keys():
        raise Wordless(f"words/{language}.toml has {', '.join(sorted(unknown))}, which words/en.toml has not.")
    for name, word in found.items():
        if not word.strip() or gaps(word) != gaps(wanted[name]):
            raise Wordless(f"words/{language}.toml: {name} must have a text with the gaps of {wanted[name]!r}.")
    return found


def in_all(name: str) -> Iterator[str]:
    """What stands under a name in each of the languages."""
    return (words(language)[name] for language in LANGUAGES)


def gaps(word: str) -> set[str]:
    """The names in braces, in whose place something is put."""
    return {name for _, name, _, _ in Formatter().parse(word) if name is not None}


def chosen(asked: str | None, known: str | None) -> str:
    """The tag of the language to print in: the one asked for, else the partner's if it is one of ours, else English.

    BadInput at `language` if the one asked for is none of ours.
    """
    if asked is not None:
        if language_of(asked) is None:
            possible = ", ".join(LANGUAGES)
            raise BadInput(f"There are no pages in {asked[:20]!r}; choose one of {possible}.", path=("language",))
        return asked
    return known if known and language_of(known) else ENGLISH


def language_of(tag: str) -> str | None:
    """Which of our languages a tag such as de-CH stands for."""
    base = tag.replace("_", "-").partition("-")[0].lower()
    found = SPOKEN.get(base, base)
    return found if found in LANGUAGES else None


def _read(language: str) -> Words:
    return tomllib.loads((FOLDER / f"{language}.toml").read_text("utf-8"))
