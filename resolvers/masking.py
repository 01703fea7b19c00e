"""The changes an event tells, in the words of the API, as far as the reader may see the fields; the rest reads ***."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.events import HIDDEN
from domain.kernel.fields import camel
from resolvers.ids import global_id
from resolvers.reading import Reading
from resolvers.scope import limited_to_own, may_enter, may_see
from resolvers.sources import COST, Column, Field, Found, Many, Noun, One, OneOf, Pages

Changes = Mapping[str, Any]


async def changes(reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any]]:
    """What changed, by field: [before, after]; of parts, by `part.place`."""
    return [_of_event(row, reading.actor) for row in rows]


def _of_event(row: Found, actor: Actor) -> dict[str, Any]:
    target = row.of.fields["record"].target
    nouns = target.kinds if target is not None else {}
    noun = nouns.get(row["record_type"])
    told: Changes = row["changes"]
    barred = noun is None or not may_enter(noun, actor)
    strict = barred or (noun is not None and limited_to_own(noun, actor))
    return _masked(told, None if barred else noun, nouns, actor, strict=strict)


def _masked(
    told: Changes, noun: Noun | None, nouns: Mapping[str, Noun], actor: Actor, *, strict: bool
) -> dict[str, Any]:
    known, parts = fields_of(noun), nouns if noun is not None else {}
    within = replace(actor, rights=actor.rights | {COST}) if noun is not None and noun.sold else actor
    told = {name: _with_word(change, known.get(name), told) for name, change in told.items()}
    return {
        _name(name, known.get(name)): _part(name, change, parts, within, strict=strict)
        if isinstance(change, Mapping)
        else _shown(change, known.get(name), actor, strict=strict)
        for name, change in told.items()
    }


def _name(column: str, fields: list[Field] | None) -> str:
    """What the API calls a column, or the part of a record in a place of its own."""
    word, dot, place = column.partition(".")
    return fields[0].name if fields else f"{camel(word.removesuffix('_id'))}{dot}{place}"


def _part(name: str, change: Changes, nouns: Mapping[str, Noun], actor: Actor, *, strict: bool) -> dict[str, Any]:
    noun = nouns.get(name.partition(".")[0])
    barred = noun is None or (noun.right is not None and not may_enter(noun, actor))
    return _masked(change, None if barred else noun, nouns, actor, strict=strict or barred)


def _shown(change: Any, fields: list[Field] | None, actor: Actor, *, strict: bool) -> Any:
    open_ = not strict if fields is None else any(may_see(field.source, actor) for field in fields)
    if not isinstance(change, list):
        return change if open_ else HIDDEN
    return [(_value(fields, value) if open_ else HIDDEN) if value is not None else None for value in change]


def _value(fields: list[Field] | None, value: Any) -> Any:
    """A value as the field shows it: ids are global, words of the domain are enum values."""
    if fields is None or value == HIDDEN:
        return value
    field = fields[0]
    if isinstance(field.source, One) and field.target is not None:
        return global_id(field.target.word, UUID(value))
    return value.upper() if isinstance(field.source, Column) and field.source.words else value


def _with_word(change: Any, fields: list[Field] | None, told: Changes) -> Any:
    """An id of a record of any type as a global one, where the change tells the type as well."""
    source = fields[0].source if fields else None
    if not isinstance(source, OneOf) or not isinstance(change, list):
        return change
    words = told.get(source.word) or [None] * len(change)
    return [global_id(word, UUID(id)) if word and id else id for word, id in zip(words, change, strict=False)]


def fields_of(noun: Noun | None) -> dict[str, list[Field]]:
    """By column: the fields that show it."""
    known: dict[str, list[Field]] = {}
    for field in noun.fields.values() if noun is not None else ():
        if (column := getattr(field.source, "column", None)) and not isinstance(field.source, Many | Pages):
            known.setdefault(column, []).append(field)
    return known
