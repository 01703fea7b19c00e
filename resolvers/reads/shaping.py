"""What Python worked out, completed by its type: all values of one field at once, so that each further look is one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, Protocol, cast
from uuid import UUID

from graphql import GraphQLObjectType, get_nullable_type, is_abstract_type, is_leaf_type, is_list_type, is_non_null_type

from domain.kernel.errors import Refused
from resolvers.reads.forms import json_text
from resolvers.reads.pieces import NOTHING, Piece, failed, of_list, of_object
from resolvers.reads.plans import Plan
from resolvers.reads.selection import TYPENAME, Selected
from resolvers.scope import must_see
from resolvers.sources import Among, Computed, Field, Named, One

if TYPE_CHECKING:
    from resolvers.context import Context


class Records(Protocol):
    """Whoever answers plans by keys."""

    async def records(self, plan: Plan, keys: Sequence[UUID]) -> dict[str, Piece]: ...


@dataclass(frozen=True, slots=True)
class Info:
    """What a resolver is told of the operation."""

    context: Context


class Shaping:
    """Completes the values that Python gave to questions of one plan."""

    def __init__(self, records: Records, plan: Plan, context: Context) -> None:
        self._records, self._plan, self._context = records, plan, context

    async def values(self, values: Sequence[Any], selected: Selected, type_: Any) -> list[Piece]:
        """Each as it is written; an exception among them is an error at its place."""
        pieces = {place: failed(one, selected) for place, one in enumerate(values) if isinstance(one, Exception)}
        live = {place: one for place, one in enumerate(values) if one is not None and place not in pieces}
        made = await self._made(list(live.values()), selected, get_nullable_type(type_))
        pieces |= dict(zip(live, made, strict=True))
        return [pieces.get(place, NOTHING) for place in range(len(values))]

    async def _made(self, values: list[Any], selected: Selected, type_: Any) -> list[Piece]:
        if is_list_type(type_):
            return await self._lists(values, selected, type_.of_type)
        if is_leaf_type(type_):
            return [self._leaf(value, selected, type_) for value in values]
        return await self._objects(values, selected, type_)

    def _leaf(self, value: Any, selected: Selected, type_: Any) -> Piece:
        try:
            return Piece(json_text(type_.serialize(value)))
        except Exception as error:  # noqa: BLE001 - told at its place
            return failed(error, selected)

    async def _lists(self, values: list[Any], selected: Selected, type_: Any) -> list[Piece]:
        entries = iter(await self.values([one for value in values for one in value], selected, type_))
        nullable = not is_non_null_type(type_)
        return [of_list([next(entries) for _ in value], selected, nullable=nullable) for value in values]

    async def _objects(self, values: list[Any], selected: Selected, type_: Any) -> list[Piece]:
        grouped: defaultdict[str, list[int]] = defaultdict(list)
        pieces: list[Piece] = [NOTHING] * len(values)
        for place, value in enumerate(values):
            grouped[_type_of(value, type_)].append(place)
        for name, places in grouped.items():
            some = [values[place] for place in places]
            known = isinstance(some[0], Named)
            made = await (self._named(some, selected) if known else self._shapes(some, selected, name))
            for place, piece in zip(places, made, strict=True):
                pieces[place] = piece
        return pieces

    async def _named(self, values: list[Named], selected: Selected) -> list[Piece]:
        """Records of one type."""
        noun = self._plan.making.nouns[values[0].word]
        found = await self._records.records(self._plan.lookup(selected, noun), [value.key for value in values])
        return [found.get(str(value.key), NOTHING) for value in values]

    async def _shapes(self, values: list[Any], selected: Selected, name: str) -> list[Piece]:
        """Plain values of one type."""
        selection = self._plan.making.selection
        asked = selection.fields(selected.sets, selection.type(name))
        columns = [await self._field(values, one) for one in asked]
        rows = zip(*columns, strict=True) if columns else ((),) * len(values)
        return [of_object([(one, one.name, piece) for one, piece in zip(asked, row, strict=True)]) for row in rows]

    async def _field(self, values: list[Any], one: Selected) -> list[Piece]:
        """A field of all of them."""
        if one.word == TYPENAME:
            return [Piece(json_text(one.of.name))] * len(values)
        try:
            return await self.values(await self._of_field(values, one), one, one.type)
        except Refused as refused:
            return [failed(refused, one)] * len(values)

    async def _of_field(self, values: list[Any], one: Selected) -> Sequence[Any]:
        field: Field | None = one.declared
        source = field.source if field is not None else None
        if source is not None:
            must_see(source, self._context.asking)
        if field is not None and isinstance(source, One):
            return [_reference(field, _entry(value, source.column)) for value in values]
        if field is not None and isinstance(source, Among):
            return [[_reference(field, key) for key in _entry(value, source.column)] for value in values]
        if isinstance(source, Computed):
            return await source.act(self._context.reading, values)
        return [await self._resolved(value, one) for value in values]

    async def _resolved(self, value: Any, one: Selected) -> Any:
        said = one.definition.get_result(value, Info(self._context), [], {})
        return await said if isawaitable(said) else said


def _type_of(value: Any, type_: Any) -> str:
    if isinstance(value, Named):
        return value.word
    if is_abstract_type(type_):
        return cast("str", cast("Any", type_).resolve_type(value, None, type_))
    return cast("GraphQLObjectType", type_).name


def _reference(field: Field, key: UUID | str | None) -> Named | None:
    return None if key is None else Named(field.leads_to.word, UUID(str(key)))


def _entry(value: Any, name: str) -> Any:
    return value[name] if isinstance(value, dict) else getattr(value, name)
