"""A mapping as written becomes a mapping as used; every mistake in it is told at once, by section and key."""

from __future__ import annotations

from collections.abc import Mapping as Table
from pathlib import PurePath
from typing import Any

from domain.intake.conditions import Condition, condition
from domain.intake.kinds import Field, Kind, kind_called, natural_keys
from domain.intake.mapping import Mapping, Place, Section
from domain.intake.mistakes import Mistake, Mistakes
from domain.intake.reading import Format, checked_format
from domain.intake.transforms import BECOMES
from domain.intake.values import Value, value

TOP = ("source", "format", "section")
PARTS = ("name", "file", "kind", "key", "columns", "where", "match", "creates", "format")


def declared(written: Table[str, Any], name: str) -> Mapping:
    """The mapping that a table read from TOML stands for; BadMapping if it does not stand for one."""
    mistakes = Mistakes()
    top = {"source": "", "format": {}, "section": [], **written}
    with mistakes.at("at the top"):
        _known(written, TOP)
        _text(top, "source")
    sections = _sections(top, mistakes)
    mistakes.settle(name)
    return Mapping(name=name, sections=tuple(sections))


def _sections(top: Table[str, Any], mistakes: Mistakes) -> list[Section]:
    form, written = Format(), top["section"]
    with mistakes.at("at the top, format"):
        form = checked_format(top["format"], form)
    with mistakes.at("at the top"):
        if not isinstance(written, list) or not written or not all(isinstance(one, dict) for one in written):
            raise Mistake("there are no sections; write each under [[section]]")
        titles = [str(one.get("name", f"number {index}")) for index, one in enumerate(written, 1)]
        if twice := next((title for title in titles if titles.count(title) > 1), None):
            raise Mistake(f"two sections are called {twice!r}; give each a name of its own")
        forms: dict[str, Format] = {}
        drafts = [_Draft(title, one, mistakes) for title, one in zip(titles, written, strict=True)]
        return [section for draft in drafts if (section := draft.section(top["source"], form, forms))]
    return []


class _Draft:
    """One section in the making."""

    def __init__(self, title: str, written: dict[str, Any], mistakes: Mistakes) -> None:
        self._title, self._written, self._mistakes = title, written, mistakes

    def section(self, source: str, form: Format, forms: dict[str, Format]) -> Section | None:
        """The section; None if a mistake was found in it. How its file is laid down is noted in `forms`."""
        before = len(self._mistakes.found)
        with self._at():
            _known(self._written, PARTS)
        with self._at("file"):
            file = _file(_text(self._written, "file"))
        with self._at("format"):
            form = checked_format(self._written.get("format", {}), form)
            forms[file] = form
        with self._at("kind"):
            kind = kind_called(_text(self._written, "kind"))
            key, where = self._key(kind), self._where()
            values, wanted = self._values(kind)
            match, creates = self._match(kind, values), self._creates(kind, values)
        if len(self._mistakes.found) > before:
            return None
        return Section(
            name=self._title, file=file, kind=kind, source=source, key=key, values=values, fields=wanted,
            lists=self._lists(kind), where=where, match=match, creates=creates, form=form, forms=forms,
        )  # fmt: skip

    def _at(self, *place: str) -> Any:
        return self._mistakes.at(f"section {self._title!r}", *place)

    def _key(self, kind: Kind) -> tuple[Value, ...]:
        with self._at("key"):
            written = self._written.get("key", [])
            parts = tuple(value(one) for one in (written if isinstance(written, list) else [written]))
            if bool(parts) == bool(kind.key):
                wants = f"{kind.word} is known by {', '.join(kind.key)}; leave this out" if kind.key else "it is needed"
                raise Mistake(wants)
            return parts
        return ()

    def _where(self) -> tuple[Condition, ...]:
        with self._at("where"):
            written = self._written.get("where", [])
            return tuple(condition(one) for one in (written if isinstance(written, list) else [written]))
        return ()

    def _values(self, kind: Kind) -> tuple[dict[Place, Value], dict[Place, Field]]:
        values: dict[Place, Value] = {}
        wanted: dict[Place, Field] = {}
        columns = self._written.get("columns")
        if not isinstance(columns, dict) or not columns:
            with self._at("columns"):
                raise Mistake("it is needed, as a table of fields")
        for name, told in columns.items() if isinstance(columns, dict) else ():
            with self._at(f"columns.{name}"):
                if (field := kind.field(name)) is None:
                    raise Mistake(f"{kind.word} has no such field; known: {', '.join(kind.fields)}")
                for place, (one, inner) in _filled(field, told).items():
                    with self._at(".".join(map(str, ("columns", name, *place)))):
                        wanted[name, *place] = inner
                        values[name, *place] = _fit(value(one), inner)
        return values, wanted

    def _lists(self, kind: Kind) -> dict[str, Field]:
        named = {name: kind.field(name) for name in self._written["columns"]}
        return {name: field for name, field in named.items() if field and field.listed}

    def _match(self, kind: Kind, values: Table[Place, Value]) -> str | None:
        match = self._written.get("match")
        with self._at("match"):
            if match is not None and (match not in kind.natural or (match,) not in values):
                wants = f"one of {', '.join(kind.natural)}, filled under columns" if kind.natural else "to be left out"
                raise Mistake(f"for {kind.word} it wants {wants}")
        return match

    def _creates(self, kind: Kind, values: Table[Place, Value]) -> bool:
        creates = self._written.get("creates", True)
        with self._at("creates"):
            if not isinstance(creates, bool):
                raise Mistake("it wants true or false")
        with self._at("columns"):
            missing = [name for name, field in kind.fields.items() if field.needed and (name,) not in values]
            if creates and missing:
                raise Mistake(f"to create a {kind.word}, fill {', '.join(missing)} too, or say creates = false")
        return bool(creates)


def _filled(field: Field, told: Any) -> dict[Place, tuple[Any, Field]]:
    """What is written for a field, by the place below it; a list of parts has a place for each field of each."""
    if not field.listed:
        return {(): (told, field)}
    if not isinstance(told, list):
        raise Mistake("this is a list; write [ … ]")
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
    if found.gives not in BECOMES[field.kind]:
        instead = 'end its steps with { reference = "kind" }' if field.kind == "reference" else "change its steps"
        raise Mistake(f"it wants a {field.kind}, and this is a {found.gives}; {instead}")
    if (reference := found.reference) and reference.by not in {None, *natural_keys(reference.kind)}:
        raise Mistake(f"{reference.kind} cannot be found by {reference.by!r}")
    return found


def _known(written: Table[str, Any], known: tuple[str, ...]) -> None:
    if stray := sorted(written.keys() - set(known)):
        raise Mistake(f"{stray[0]!r} means nothing here; known: {', '.join(known)}")


def _text(written: Table[str, Any], name: str) -> str:
    if not isinstance(found := written.get(name), str) or not found.strip():
        raise Mistake(f"{name!r} is needed, as a text")
    return found


def _file(name: str) -> str:
    if PurePath(name).is_absolute() or ".." in PurePath(name).parts:
        raise Mistake(f"{name!r} leads out of the folder; name a file within it")
    return name
