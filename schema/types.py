"""The output types: one object per noun and shape, one connection per noun that is listed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args, get_origin

from strawberry.types.base import StrawberryList

from resolvers.fields import fetched, plain
from resolvers.pages import Connection as Connected
from resolvers.sources import (
    Argument,
    ById,
    Column,
    Custom,
    Field,
    Found,
    Grafted,
    Many,
    Noun,
    Pages,
    Source,
    Value,
    Words,
)
from resolvers.values import ID
from schema.aggregates import aggregates
from schema.declare import DECLARED, Connection
from schema.link import Linked, Member, interfaces_of, stripped
from schema.pieces import ApiField, Type, define, enum_of, give, optional

ONE = {"id": Argument(kind=ID, description="The id, or `external:SOURCE:KEY`.")}


class Types:
    """Makes every type of one schema, each once and when it is first needed."""

    def __init__(self, linked: Linked) -> None:
        self.linked = linked
        self.known: dict[str, Any] = {}

    def made(self, name: str, make: Callable[[], Any]) -> Any:
        """The type of this name, made by `make` if it is not there yet."""
        if name not in self.known:
            self.known[name] = make()
        return self.known[name]

    def enum(self, words: Words) -> Type:
        return self.made(words.name, lambda: enum_of(words))

    def of(self, annotation: Any, words: Words | None = None) -> Type:
        """The type an annotation stands for."""
        origin, inner = get_origin(annotation), stripped(annotation)
        if type(None) in get_args(annotation):
            return optional(self.of(_without_null(annotation), words))
        if origin is list:
            return StrawberryList(self.of(get_args(annotation)[0], words))
        if origin is Connection:
            return self.connection(self.linked.named[inner.__name__])
        if words is not None:
            return self.enum(words)
        return self.declared(inner.__name__) if getattr(inner, "__name__", "") in DECLARED else annotation

    def declared(self, name: str) -> Type:
        """The type of a declared class."""
        if name in self.known:
            return self.known[name]
        one = DECLARED[name]
        above = [self.declared(other) for other in interfaces_of(one.shape)]
        made = define(
            name,
            described(one.shape),
            is_interface=one.interface,
            interfaces=above,
            type_of=_type_of if one.interface else None,
        )
        self.known[name] = made
        return give(made, [self.field(member) for member in self.linked.members[name] if _shown(member)])

    def field(self, member: Member) -> ApiField:
        """A field of a declared class."""
        field, source = member.field, member.field.source
        if isinstance(source, Grafted):
            return ApiField("custom", self._custom(source), source.description, plain=lambda row: row)
        type_ = self.of(member.annotation, getattr(source, "words", None))
        if source.guard or _may_be_barred(field):
            type_ = optional(type_)
        simple = plain(field)
        return ApiField(
            field.name,
            type_,
            source.description,
            plain=simple,
            fetched=None if simple else fetched(field),
            arguments=self.arguments(field),
            declared=field,
        )

    def arguments(self, field: Field) -> list[Any]:
        """The arguments of a connection; further kinds of fields have none."""
        from schema.filters import paging
        from schema.inputs import arguments_of

        if isinstance(field.source, ById):
            return arguments_of(self, ONE)
        return paging(self, field) if isinstance(field.source, Pages) else []

    def connection(self, noun: Noun) -> Type:
        """A part of a list of a noun."""
        name = f"{noun.name}Connection"
        if name not in self.known:
            self.known[name] = define(name, f"A part of a list: {described(DECLARED[noun.name].shape)}")
            give(self.known[name], self._connected(noun))
        return self.known[name]

    def _connected(self, noun: Noun) -> list[ApiField]:
        row = self.declared(noun.name)
        edge = self.made(f"{noun.name}Edge", lambda: self._edge(noun, row))
        return [
            ApiField("edges", StrawberryList(edge), "The rows, each with its cursor.", fetched=_edges),
            ApiField("nodes", StrawberryList(row), "The rows.", fetched=_rows),
            ApiField("pageInfo", self.made("PageInfo", _page_info), "Where this part lies.", fetched=_page),
            ApiField("totalCount", int, "How many rows the whole list has; counted only if asked for.", fetched=_count),
            ApiField(
                "aggregates",
                aggregates(self, noun),
                "Figures about all rows of the list, whatever part of it is asked for; worked out only if asked for.",
                plain=lambda connected: connected,
            ),
        ]

    def _edge(self, noun: Noun, row: Type) -> Type:
        edge = define(f"{noun.name}Edge", f"A row of a list, with its place there: {noun.name}.")
        return give(
            edge,
            [
                ApiField("cursor", str, "The place of the row; good for `after` and `before`.", plain=_entry(0)),
                ApiField("node", row, "The row.", plain=_entry(1)),
            ],
        )

    def _custom(self, source: Grafted) -> Type:
        owner = next(noun for noun in self.linked.named.values() if _custom_of(noun) is source)
        name = f"{owner.name}Custom"
        if name not in self.known:
            self.known[name] = define(name, f"Fields that plugins add to the type {owner.name}.")
            give(self.known[name], [self._custom_field(one) for one in source.fields.values()])
        return self.known[name]

    def _custom_field(self, field: Field) -> ApiField:
        words = field.source.words if isinstance(field.source, Custom) else None
        type_ = optional(self.enum(words) if words is not None else field.kind)
        return ApiField(field.name, type_, field.source.description, plain=plain(field))


def described(shape: type) -> str:
    """The docstring of a class, as one paragraph a line."""
    paragraphs = (shape.__doc__ or "").strip().split("\n\n")
    return "\n".join(" ".join(one.split()) for one in paragraphs)


def _custom_of(noun: Noun) -> Source | None:
    return noun.fields["custom"].source if "custom" in noun.fields else None


def _without_null(annotation: Any) -> Any:
    return next(one for one in get_args(annotation) if one is not type(None))


def _shown(member: Member) -> bool:
    return not isinstance(member.field.source, Column) or member.field.source.shown


def _may_be_barred(field: Field) -> bool:
    lists = isinstance(field.source, Many | Pages)
    return lists and field.target is not None and field.target.right is not None


def _type_of(value: Any) -> str:
    return str(value.of.name) if isinstance(value, Found) else type(value).__name__


def _entry(index: int) -> Callable[[Any], Any]:
    return lambda pair: pair[index]


async def _edges(connected: Connected, _context: Any, _given: Mapping[str, Any]) -> list[tuple[str, Found]]:
    part = await connected.part()
    return [(connected.order.cursor(row), row) for row in part.rows]


async def _rows(connected: Connected, _context: Any, _given: Mapping[str, Any]) -> list[Found]:
    return (await connected.part()).rows


async def _count(connected: Connected, _context: Any, _given: Mapping[str, Any]) -> int:
    return await connected.count()


async def _page(connected: Connected, _context: Any, _given: Mapping[str, Any]) -> dict[str, Any]:
    part = await connected.part()
    return {
        "hasNextPage": part.more_after,
        "hasPreviousPage": part.more_before,
        "startCursor": connected.order.cursor(part.rows[0]) if part.rows else None,
        "endCursor": connected.order.cursor(part.rows[-1]) if part.rows else None,
    }


def _page_info() -> Type:
    described_by = {
        "hasNextPage": (bool, "Whether there is more after this part, or was where it was cut off."),
        "hasPreviousPage": (bool, "Whether there is more before this part, or was where it was cut off."),
        "startCursor": (str, "The place of the first row; go back from here with `before`."),
        "endCursor": (str, "The place of the last row; go on from here with `after`."),
    }
    fields = [
        ApiField(
            name,
            kind if kind is bool else optional(kind),
            description,
            plain=plain(Field(name=name, source=Value(description=description, key=name), kind=kind)),
        )
        for name, (kind, description) in described_by.items()
    ]
    return give(define("PageInfo", "Where a part of a list lies in the whole."), fields)
