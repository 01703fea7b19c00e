"""From declarations to nouns: annotations become relations, and plugins' fields are grafted on."""

from __future__ import annotations

import sys
import types
import typing
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from inspect import get_annotations
from typing import Any

from sqlalchemy import table

from domain.kernel.plugin import CustomField, Graft
from resolvers.sources import COST, PRICE, Amount, Column, Custom, Field, Grafted, Noun, Source, Value, Words
from resolvers.values import camel
from schema.declare import DECLARED, Connection, Declaration

KINDS: dict[str, Any] = {"text": str, "decimal": Decimal, "boolean": bool, "date": date, "choice": str}


@dataclass(frozen=True, slots=True)
class Member:
    """A field of a declared class: what it is to the resolvers, and the annotation that says its shape."""

    name: str
    field: Field
    annotation: Any


@dataclass(frozen=True, slots=True)
class Linked:
    """All declarations of one schema, tied together."""

    nouns: dict[str, Noun]
    named: dict[str, Noun]
    members: dict[str, list[Member]]

    def of(self, root: type) -> list[Member]:
        """The fields of a class that is a root, and as such no declared type."""
        return list(_members(root, self.named))


def link(graft: Graft) -> Linked:
    """Tie the declared classes together; the nouns know each other and the plugins' fields."""
    named = {name: _noun(name, one) for name, one in DECLARED.items() if one.table is not None or one.interface}
    for name, one in DECLARED.items():
        if one.part_of is not None:
            named[name].part_of = (one.part_of[0], named[one.part_of[1]])
    members = {name: [_costing(one, member) for member in _members(one.shape, named)] for name, one in DECLARED.items()}
    for name, noun in named.items():
        members[name] += _grafted(noun, graft)
        noun.fields.update({member.field.name: member.field for member in members[name]})
        noun.kinds.update(_kinds(name, named))
        _must_hold_all(noun)
    nouns = {noun.word: noun for noun in named.values() if noun.word}
    return Linked(nouns, named, members)


def stripped(annotation: Any) -> Any:
    """The type within an optional, a list or a connection."""
    origin = typing.get_origin(annotation)
    if origin in {typing.Union, types.UnionType}:
        return stripped(next(one for one in typing.get_args(annotation) if one is not type(None)))
    return stripped(typing.get_args(annotation)[0]) if origin in {list, Connection} else annotation


def interfaces_of(shape: type) -> list[str]:
    """The declared interfaces that a declared class implements."""
    return [
        base.__name__
        for base in shape.__mro__[1:]
        if base.__name__ in DECLARED and DECLARED[base.__name__].shape is base and DECLARED[base.__name__].interface
    ]


def _noun(name: str, one: Declaration) -> Noun:
    return Noun(
        name=name,
        word=one.word,
        table=one.table if one.table is not None else table(name.lower()),
        right=one.right,
        owned=one.owned,
        seen=one.seen,
        company=one.company,
        oneself=one.oneself,
        searched=one.searched,
        sold=one.sold,
        sells=one.sells,
    )


def _costing(one: Declaration, member: Member) -> Member:
    """Amounts of papers, and of what is part of them, tell what things cost unless they are of selling."""
    whole = DECLARED[one.part_of[1]] if one.part_of is not None else one
    if whole.paper and not whole.sold and PRICE in member.field.source.guard:
        member.field.source = replace(member.field.source, bought=(COST,))
    return member


def _kinds(name: str, named: dict[str, Noun]) -> dict[str, Noun]:
    if not DECLARED[name].interface:
        return {}
    return {
        named[other].word: named[other]
        for other, one in DECLARED.items()
        if not one.interface and one.table is not None and name in interfaces_of(one.shape)
    }


def _must_hold_all(noun: Noun) -> None:
    """A row read as one of several kinds must hold what the kind alone declares."""
    for kind in noun.kinds.values() if noun.word else ():
        if lacking := set(kind.table.c.keys()) - set(noun.table.c.keys()):
            raise ValueError(f"{noun.name} is read without the columns {sorted(lacking)} of {kind.name}")


def _members(shape: type, named: dict[str, Noun]) -> Iterator[Member]:
    """Every field once: as the class itself declares it, or else the nearest class above."""
    return iter({member.name: member for member in _declared(shape, named)}.values())


def _declared(shape: type, named: dict[str, Noun]) -> Iterator[Member]:
    declared = {name: one.shape for name, one in DECLARED.items()}
    for base in reversed(shape.__mro__):
        known = {**vars(sys.modules[base.__module__]), **declared}
        for name, annotation in get_annotations(base).items():
            if isinstance(source := base.__dict__.get(name), Source):
                spelled = eval(annotation, known) if isinstance(annotation, str) else annotation  # noqa: S307 - our own
                yield Member(name, _field(name, source, spelled, named), spelled)


def _field(name: str, source: Source, annotation: Any, named: dict[str, Noun]) -> Field:
    inner = stripped(annotation)
    target = named.get(inner.__name__) if isinstance(inner, type) and inner.__name__ in DECLARED else None
    if isinstance(source, Column | Amount):
        source = replace(source, column=source.column or name)
    if isinstance(source, Value):
        source = replace(source, key=source.key or name)
    kind = Decimal if isinstance(source, Amount) else inner
    return Field(name=camel(name), source=source, kind=kind, target=target)


def _grafted(noun: Noun, graft: Graft) -> list[Member]:
    fields = {camel(one.name): _custom(noun, one) for one in graft.on(noun.word).values()} if not noun.kinds else {}
    if not fields:
        return []
    source = Grafted(description="Fields that plugins add.", fields=fields)
    return [Member("custom", Field(name="custom", source=source), dict)]


def _custom(noun: Noun, one: CustomField) -> Field:
    words = None
    if one.kind == "choice":
        meanings = {choice: f"{choice}. {one.label}" for choice in one.choices}
        words = Words(name=f"{noun.name}{one.name.title().replace('_', '')}", description=one.label, values=meanings)
    source = Custom(description=one.label, name=one.name, kind=one.kind, words=words)
    return Field(name=camel(one.name), source=source, kind=KINDS[one.kind])
