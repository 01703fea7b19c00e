"""How a text of a file becomes a value: a small declared table of steps, none of which executes anything."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from domain.exceptions.exception import KINDS as EXCEPTIONS
from domain.intake.mistakes import Mistake
from domain.intake.notation import BOOLEAN, DATE, DECIMAL, INTEGER, TEXT, day, number, truth, whole
from domain.intake.reading import within
from domain.kernel.errors import BadInput

REFERENCE, ANY = "reference", "any"
KINDS: dict[type, str] = {str: TEXT, bool: BOOLEAN, int: INTEGER, Decimal: DECIMAL, date: DATE}
BECOMES: dict[str, frozenset[str]] = {
    TEXT: frozenset({TEXT, INTEGER, ANY}),
    DECIMAL: frozenset({TEXT, DECIMAL, INTEGER, ANY}),
    INTEGER: frozenset({TEXT, DECIMAL, INTEGER, ANY}),
    BOOLEAN: frozenset({TEXT, BOOLEAN, ANY}),
    DATE: frozenset({TEXT, DATE, ANY}),
    REFERENCE: frozenset({REFERENCE}),
}
"""From which kinds of value each kind of field can be filled."""
ANYTHING = "*"
DEFAULT, EXCEPTION = "default", "exception"


@dataclass(frozen=True, slots=True)
class Lookup:
    """A value that stands in another file: in the column `value`, where the column `key` says what this row says."""

    file: str
    key: str
    value: str

    def __call__(self, value: Any, look: Look) -> str | None:
        return look(self, str(value))


@dataclass(frozen=True, slots=True)
class Reference:
    """Another record: by its key in a source (by default the mapping's) or, with `by`, by a column such as its code."""

    kind: str
    source: str | None
    by: str | None
    key: str = ""

    def __call__(self, value: Any, _: Look) -> Reference:
        return Reference(self.kind, self.source, self.by, str(value).strip())


Look = Callable[[Lookup, str], "str | None"]
Change = Callable[[Any, Look], Any]


Assumption = tuple[str, str]
"""What kind of exception is raised because a value was assumed, and what it says."""


@dataclass(frozen=True, slots=True)
class Transform:
    """One row of the table: kinds of value it takes, the kind it gives (None: the same), and what makes a step of it.

    `make` checks the argument that stands in the mapping; Mistake says what it wants. One that is `flagging` may name,
    beside its argument, the kind of exception to raise where it assumes something.
    """

    takes: frozenset[str]
    gives: str | None
    make: Callable[[Any], Change]
    flagging: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A transform with its argument."""

    name: str
    takes: frozenset[str]
    change: Change
    gives: str | None
    exception: str | None = None

    def note(self, value: Any, assumed: list[Assumption]) -> None:
        """Note what is assumed where nothing is known."""
        if self.exception is not None:
            assumed.append((self.exception, f"The source says nothing here; {value} was assumed."))


TRANSFORMS: dict[str, Transform] = {}


def step(written: Any, kind: str) -> Step:
    """The step that stands in a mapping, to be done on a kind of value: a name, or a name with its argument."""
    told = {**written} if isinstance(written, dict) else {str(written): None}
    flag = told.pop(EXCEPTION, None)
    if len(told) != 1 or (name := str(next(iter(told)))) not in TRANSFORMS:
        raise Mistake(f"{written!r} is no transform; known: {', '.join(TRANSFORMS)}")
    found = TRANSFORMS[name]
    if kind not in found.takes | {ANY}:
        raise Mistake(f"{name!r} takes {' or '.join(sorted(found.takes))}, not {kind}")
    if flag is not None and not (found.flagging and flag in EXCEPTIONS):
        raise Mistake(f"{name!r}: `{EXCEPTION}` stands beside `default` and wants one of {', '.join(EXCEPTIONS)}")
    try:
        return Step(name, found.takes, found.make(told[name]), found.gives, flag)
    except Mistake as error:
        raise Mistake(f"{name!r}: {error}") from None


def run(steps: Iterable[Step], value: Any, look: Look, assumed: list[Assumption]) -> Any:
    """The value after all steps. An empty text is none, and none passes through every step but `default`."""
    value = None if value == "" else value
    for one in steps:
        if value is None and one.name == DEFAULT:
            value = one.change(value, look)
            one.note(value, assumed)
        elif value is not None:
            if KINDS[type(value)] not in one.takes:
                raise BadInput(f"{one.name!r} cannot be done with {value!r}; change the steps before it.")
            value = one.change(value, look)
            value = None if value == "" else value
    return value


Make = Callable[[Any], Change]


def _named(name: str, *takes: str, gives: str | None = None, flagging: bool = False) -> Callable[[Make], Make]:
    def enter(make: Make) -> Make:
        TRANSFORMS[name] = Transform(frozenset(takes), gives, make, flagging)
        return make

    return enter


def _on_text(name: str, change: Callable[[str], Any]) -> None:
    """Enter a transform that wants no argument."""

    @_named(name, TEXT)
    def make(argument: Any) -> Change:
        _nothing(argument)
        return lambda value, _: change(value)


_on_text("trim", str.strip)
_on_text("squeeze", lambda text: " ".join(text.split()))
_on_text("upper", str.upper)
_on_text("lower", str.lower)


@_named("prefix", TEXT, INTEGER, gives=TEXT)
def _prefix(argument: Any) -> Change:
    front = _a(str, argument, "a text")
    return lambda value, _: f"{front}{value}"


@_named("null_if", TEXT, INTEGER, DECIMAL)
def _null_if(argument: Any) -> Change:
    unknown = {_a((str, int, Decimal), one, "a text, a number, or a list of these") for one in _list(argument)}
    numbers = {Decimal(one) for one in unknown if not isinstance(one, str)}
    return lambda value, _: None if value in unknown or _number_or_none(value) in numbers else value


@_named(DEFAULT, TEXT, INTEGER, DECIMAL, BOOLEAN, gives=ANY, flagging=True)
def _default(argument: Any) -> Change:
    instead = _a((str, int, Decimal), argument, "a text, a number, true or false")
    return lambda value, _: instead if value is None else value


@_named("map", TEXT, gives=ANY)
def _map(argument: Any) -> Change:
    wants = 'a table of texts, numbers, true or false, such as { A = true, "*" = false }'
    known: dict[str, Any] = _a(dict, argument, wants)
    for one in known.values():
        _a((str, int, Decimal), one, wants)
    patterns = {word: instead for word, instead in known.items() if ANYTHING in word}

    def mapped(value: str, _: Look) -> Any:
        if value in known:
            return known[value]
        for pattern, instead in patterns.items():
            if _fits(pattern, value):
                return instead
        raise BadInput(f"The mapping knows only {', '.join(known)}; add this value to it.")

    return mapped


def _fits(pattern: str, value: str) -> bool:
    """Whether a text is what a pattern says, each * in it being any text."""
    first, *between, last = pattern.split(ANYTHING)
    place, end = len(first), len(value) - len(last)
    if place > end or not (value.startswith(first) and value.endswith(last)):
        return False
    for part in between:
        if (found := value.find(part, place, end)) < 0:
            return False
        place = found + len(part)
    return True


@_named("lookup", TEXT, INTEGER, gives=TEXT)
def _lookup(argument: Any) -> Change:
    told = _table(argument, needs={"file", "key", "value"})
    return Lookup(within(told["file"]), told["key"], told["value"])


@_named(REFERENCE, TEXT, INTEGER, gives=REFERENCE)
def _reference(argument: Any) -> Change:
    told = _table(argument if isinstance(argument, dict) else {"kind": argument}, needs={"kind"}, may={"source", "by"})
    return Reference(told["kind"], told.get("source"), told.get("by"))


@_named(DECIMAL, TEXT, gives=DECIMAL)
def _decimal(argument: Any) -> Change:
    marks = _table(argument or {}, may={"point", "group"})
    read = number(**marks)
    return lambda value, _: read(value)


@_named(INTEGER, TEXT, DECIMAL, gives=INTEGER)
def _integer(argument: Any) -> Change:
    _nothing(argument)
    return lambda value, _: whole(value)


@_named(BOOLEAN, TEXT, gives=BOOLEAN)
def _boolean(argument: Any) -> Change:
    words = _table(argument, needs={"true", "false"}) if argument else {}
    read = truth(**{f"{word}_words": _list(them) for word, them in words.items()})
    return lambda value, _: read(value)


@_named(DATE, TEXT, gives=DATE)
def _date(argument: Any) -> Change:
    read = day(*([_a(str, argument, 'a format such as "%d.%m.%Y"')] if argument else []))
    return lambda value, _: read(value)


def _number_or_none(value: Any) -> Decimal | None:
    try:
        return number()(value) if isinstance(value, str) else Decimal(value)
    except BadInput:
        return None


def _nothing(argument: Any) -> None:
    if argument is not None and argument is not True:
        raise Mistake("wants no argument")


def _a(type_: Any, argument: Any, wants: str) -> Any:
    if not isinstance(argument, type_):
        raise Mistake(f"wants {wants}")
    return argument


def _list(argument: Any) -> list[Any]:
    return argument if isinstance(argument, list) else [argument]


def _table(argument: Any, *, needs: Iterable[str] = (), may: Iterable[str] = ()) -> dict[str, Any]:
    known = {*needs, *may}
    if not isinstance(argument, dict) or argument.keys() - known or set(needs) - argument.keys():
        raise Mistake(f"wants a table of {', '.join(sorted(known))}")
    if needs != {"true", "false"} and not all(isinstance(one, str) for one in argument.values()):
        raise Mistake(f"wants texts for {', '.join(sorted(known))}")
    return argument
