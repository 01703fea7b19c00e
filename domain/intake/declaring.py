"""A mapping as written becomes a mapping as used; every mistake in it is told at once, by section and key."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as Table
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from domain.intake.conditions import Condition, condition
from domain.intake.kinds import kind_called, natural_keys
from domain.intake.mapping import Details, Mapping, Place, Section
from domain.intake.mistakes import BadMapping, Mistake, Mistakes
from domain.intake.notation import TEXT
from domain.intake.reading import Format, checked_format, within
from domain.intake.shapes import Field, Kind
from domain.intake.values import Value, fit, value

TOP = ("source", "format", "section")
KEYS = ("name", "file", "kind", "key", "columns", "where", "match", "creates", "after", "format")
DETAILS = ("file", "by", "where", "format", "columns")
MOST_SECTIONS = 500
_ASIDE = re.compile(r"""#[^\n]*|\"{3}(?:[^\\]|\\.)*?\"{3,5}|'{3}.*?'{3,5}|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""", re.DOTALL)
"""Remarks and texts."""
_DOTTED = re.compile(r"\.(?:[^.,=\[\]{}\n]*\.){20}")


def load(path: Path) -> Mapping:
    """The mapping in a file; BadMapping tells every mistake in it."""
    try:
        written = _parsed(path.read_text(encoding="utf-8-sig"))
    except RecursionError:
        raise BadMapping(f"{path.name} is nested too deeply; a mapping needs few levels.") from None
    except OSError as error:
        raise BadMapping(f"{path} cannot be read ({error.strerror}); check the path.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadMapping(f"{path.name} is no TOML: {error}.") from None
    return declared(written, path.name)


def _parsed(text: str) -> dict[str, Any]:
    """What TOML says. A key of very many parts is no mapping's, and would be read for hours."""
    if _DOTTED.search(_ASIDE.sub("", text)):
        raise RecursionError
    return tomllib.loads(text, parse_float=Decimal)


def declared(written: Table[str, Any], name: str) -> Mapping:
    """The mapping that a table read from TOML stands for; BadMapping if it does not stand for one."""
    mistakes = Mistakes()
    top = {"source": "", "format": {}, "section": [], **written}
    with mistakes.at("at the top"):
        _known(written, TOP)
        if ":" in _text(top, "source"):
            raise Mistake("'source' has no colon: people write external:SOURCE:KEY to name a record")
    sections = _sections(top, name, mistakes)
    mistakes.settle(name)
    return Mapping(name=name, sections=tuple(sections))


def _sections(top: Table[str, Any], mapping: str, mistakes: Mistakes) -> list[Section]:
    form, written = Format(), top["section"]
    with mistakes.at("at the top, format"):
        form = checked_format(top["format"], form)
    with mistakes.at("at the top"):
        if not isinstance(written, list) or not written or not all(isinstance(one, dict) for one in written):
            raise Mistake("there are no sections; write each under [[section]]")
        if len(written) > MOST_SECTIONS:
            raise Mistake(f"these are {len(written)} sections; divide them into mappings of at most {MOST_SECTIONS}")
        titles = [str(one.get("name", f"number {index}")) for index, one in enumerate(written, 1)]
        if twice := next((title for title in titles if titles.count(title) > 1), None):
            raise Mistake(f"two sections are called {twice!r}; give each a name of its own")
        ground = _Ground(mapping, top["source"], form, {})
        earlier = [titles[:place] for place in range(len(titles))]
        declarations = [_Declaration(*one, mistakes) for one in zip(titles, written, earlier, strict=True)]
        return [section for one in declarations if (section := one.section(ground))]
    return []


@dataclass(frozen=True, slots=True)
class _Ground:
    """What all sections of a mapping stand on. How each file is laid down is noted in `forms`."""

    mapping: str
    source: str
    form: Format
    forms: dict[str, Format]


class _Declaration:
    """One section in the making."""

    def __init__(self, title: str, written: dict[str, Any], earlier: list[str], mistakes: Mistakes) -> None:
        self._title, self._written, self._earlier, self._mistakes = title, written, earlier, mistakes
        columns = written.get("columns")
        self._columns: dict[str, Any] = columns if isinstance(columns, dict) else {}

    def section(self, ground: _Ground) -> Section | None:
        """The section; None if a mistake was found in it."""
        before = len(self._mistakes.found)
        with self._at():
            _known(self._written, KEYS)
        file, form = self._file(ground)
        with self._at("kind"):
            kind = kind_called(_text(self._written, "kind"))
            key, where, after = self._key(kind), self._where(), self._after()
            values, wanted = self._values(kind)
            details = self._details(kind, ground, form)
            match, creates = self._match(kind, values), self._creates(kind)
            self._constant([*key, *values.values()], where or details)
        if len(self._mistakes.found) > before:
            return None
        return Section(
            name=self._title, file=file or ground.mapping, constant=not file, kind=kind, source=ground.source, key=key,
            values=values, fields=wanted, lists=self._lists(kind), details=details, where=where, match=match,
            creates=creates, after=after, form=form, forms=ground.forms,
        )  # fmt: skip

    def _file(self, ground: _Ground) -> tuple[str, Format]:
        file, form = "", ground.form
        with self._at("file"):
            file = within(_text(self._written, "file")) if "file" in self._written else ""
        with self._at("format"):
            form = checked_format(self._written.get("format", {}), form)
            ground.forms[file] = form
        return file, form

    def _constant(self, values: list[Value], other: Any) -> None:
        with self._at("file"):
            if "file" not in self._written and (other or any(one.columns for one in values)):
                raise Mistake("it is needed: without one, a section is a single record made of constants")

    def _after(self) -> tuple[str, ...]:
        with self._at("after"):
            written = self._written.get("after", [])
            names = tuple(written if isinstance(written, list) else [written])
            if stray := [name for name in names if name not in self._earlier]:
                raise Mistake(f"{stray[0]!r} is no section before this one")
            return names
        return ()

    def _at(self, *place: str) -> Any:
        return self._mistakes.at(f"section {self._title!r}", *place)

    def _key(self, kind: Kind) -> tuple[Value, ...]:
        with self._at("key"):
            written = self._written.get("key", [])
            parts = tuple(fit(value(one), TEXT) for one in (written if isinstance(written, list) else [written]))
            if bool(parts) == bool(kind.key):
                wants = f"{kind.word} is known by {', '.join(kind.key)}; leave this out" if kind.key else "it is needed"
                raise Mistake(wants)
            return parts
        return ()

    def _where(self) -> tuple[Condition, ...]:
        with self._at("where"):
            return _conditions(self._written)
        return ()

    def _values(self, kind: Kind) -> tuple[dict[Place, Value], dict[Place, Field]]:
        values: dict[Place, Value] = {}
        wanted: dict[Place, Field] = {}
        with self._at("columns"):
            if not self._columns:
                raise Mistake("it is needed, as a table of fields")
        for name, told in self._columns.items():
            with self._at(f"columns.{name}"):
                if (field := kind.field(name)) is None:
                    raise Mistake(f"{kind.word} has no such field; known: {', '.join(kind.fields)}")
                if _elsewhere(field, told):
                    continue
                for place, (one, inner) in _filled(field, told).items():
                    with self._at(".".join(map(str, ("columns", name, *place)))):
                        wanted[name, *place] = inner
                        values[name, *place] = _fit(value(one), inner)
        return values, wanted

    def _details(self, kind: Kind, ground: _Ground, form: Format) -> dict[str, Details]:
        found: dict[str, Details] = {}
        for name, told in self._columns.items():
            if (field := kind.field(name)) and _elsewhere(field, told):
                with self._at(f"columns.{name}"):
                    found[name] = self._detail(name, told, field, ground, form)
        return found

    def _detail(self, name: str, told: Any, field: Field, ground: _Ground, form: Format) -> Details:
        _known(told, DETAILS)
        file, parts = within(_text(told, "file")), field.parts or {}
        form = ground.forms[file] = checked_format(told.get("format", {}), form)
        by, columns = told.get("by"), told.get("columns")
        if not isinstance(by, dict) or not by or not all(isinstance(one, str) for one in by.values()):
            raise Mistake("`by` wants a table: which columns of the file say what which columns of the section's say")
        if not isinstance(columns, dict) or columns.keys() - parts.keys():
            raise Mistake(f"`columns` wants a table of {', '.join(parts)}")
        if missing := [inner for inner, one in parts.items() if one.needed and inner not in columns]:
            raise Mistake(f"`columns` needs {', '.join(missing)}")
        values: dict[str, Value] = {}
        for inner, one in columns.items():
            with self._at(f"columns.{name}.columns.{inner}"):
                values[inner] = _fit(value(one), parts[inner])
        return Details(
            name=name, section=self._title, file=file, form=form, by=by, where=_conditions(told), values=values,
            fields={inner: parts[inner] for inner in columns},
        )  # fmt: skip

    def _lists(self, kind: Kind) -> dict[str, Field]:
        named = {name: kind.field(name) for name in self._columns}
        return {name: field for name, field in named.items() if field and field.listed}

    def _match(self, kind: Kind, values: Table[Place, Value]) -> str | None:
        match = self._written.get("match")
        with self._at("match"):
            if match is not None and (match not in kind.natural or (match,) not in values):
                wants = f"one of {', '.join(kind.natural)}, filled under columns" if kind.natural else "to be left out"
                raise Mistake(f"for {kind.word} it wants {wants}")
        return match

    def _creates(self, kind: Kind) -> bool:
        creates = self._written.get("creates", True)
        with self._at("creates"):
            if not isinstance(creates, bool):
                raise Mistake("it wants true or false")
            if kind.final and not creates:
                raise Mistake(f"{kind.word} is only ever created; leave this out")
        with self._at("columns"):
            missing = [name for name, field in kind.fields.items() if field.needed and name not in self._columns]
            if creates and missing and self._columns:
                raise Mistake(f"to create a {kind.word}, fill {', '.join(missing)} too, or say creates = false")
        return bool(creates)


def _elsewhere(field: Field, told: Any) -> bool:
    """Whether a field is filled from the rows of another file."""
    return field.parts is not None and isinstance(told, dict)


def _conditions(written: Table[str, Any]) -> tuple[Condition, ...]:
    found = written.get("where", [])
    return tuple(condition(one) for one in (found if isinstance(found, list) else [found]))


def _filled(field: Field, told: Any) -> dict[Place, tuple[Any, Field]]:
    """What is written for a field, by the place below it; a list of parts has a place for each field of each."""
    if not field.listed:
        return {(): (told, field)}
    if not isinstance(told, list):
        raise Mistake("this is a list; write [ … ]" + (", or name a file of its parts" if field.parts else ""))
    if field.parts is None:
        return {(index,): (one, field) for index, one in enumerate(told)}
    found: dict[Place, tuple[Any, Field]] = {}
    for index, part in enumerate(told):
        if not isinstance(part, dict) or part.keys() - field.parts.keys():
            raise Mistake(f"each part is a table of {', '.join(field.parts)}")
        if missing := [name for name, inner in field.parts.items() if inner.needed and name not in part]:
            raise Mistake(f"part {index + 1} needs {', '.join(missing)}")
        found |= {(index, name): (one, field.parts[name]) for name, one in part.items()}
    return found


def _fit(found: Value, field: Field) -> Value:
    if (reference := found.reference) and reference.by not in {None, *natural_keys(reference.kind)}:
        raise Mistake(f"{reference.kind} cannot be found by {reference.by!r}")
    return fit(found, field.kind)


def _known(written: Table[str, Any], known: tuple[str, ...]) -> None:
    if stray := sorted(written.keys() - set(known)):
        raise Mistake(f"{stray[0]!r} means nothing here; known: {', '.join(known)}")


def _text(written: Table[str, Any], name: str) -> str:
    if not isinstance(found := written.get(name), str) or not found.strip():
        raise Mistake(f"{name!r} is needed, as a text")
    return found
