"""Objects that the database composes: what is selected of a row, and of rows it refers to, as one JSON text.

A null where none may be makes the whole text null, as `||` does. Then all is read again, value by value, to say where.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Text, and_, case, func, literal_column
from sqlalchemy.sql.elements import ExpressionClauseList, Grouping
from sqlalchemy.sql.operators import concat_op

from resolvers.reads.costing import FIELDS
from resolvers.reads.forms import NULL, Form, amounts, form_of, json_text, texts
from resolvers.reads.levels import Level
from resolvers.reads.nodes import Composed, Node
from resolvers.reads.selection import TYPENAME, Selected, Sets
from resolvers.scope import may_see, visible
from resolvers.sources import Amount, Column, Custom, Field, Grafted, Noun, One, Source, source_of

if TYPE_CHECKING:
    from resolvers.reads.planning import Planner, Spot

TOGETHER = 50
"""So many texts are put together at once: the database goes a step deeper for each."""
Bit = str | ColumnElement[str]
"""A piece of a text: what stands there as it is, or an expression."""


@dataclass(frozen=True, slots=True)
class Composition:
    """A text. If it is `sound` it is never null; `objects` is how many it counts for, by the rules of `costing`."""

    bits: tuple[Bit, ...]
    sound: bool = True
    objects: int = 0

    @property
    def text(self) -> ColumnElement[str]:
        return _joined(self.bits)


Compose = Callable[["Planner", "Spot", Field, Selected], Composition | None]


def fields(planner: Planner, spot: Spot, asked: Sequence[Selected]) -> Iterator[tuple[str, Node]]:
    """The fields of an object; those that follow each other and can be composed are one, without a name."""
    made = [(one, _field(planner, spot, one)) for one in asked]
    for composes, some in groupby(made, lambda pair: pair[1] is not None):
        if composes:
            yield "", _placed(spot, _listed(some), asked[0])
        else:
            yield from ((one.name, planner.value(spot, one)) for one, _ in some)


def whole(planner: Planner, spot: Spot, selected: Selected) -> Composed | None:
    """An object that is all there is to its row; None if something of it cannot be composed."""
    made = _object(planner, spot, selected.sets)
    if made is None:
        return None
    return replace(_placed(spot, made, selected), place=None)


def _placed(spot: Spot, made: Composition, selected: Selected) -> Composed:
    place = spot.level.value(object(), lambda: made.text)
    return Composed(selected=selected, place=place, objects=made.objects)


def _object(planner: Planner, spot: Spot, sets: Sets) -> Composition | None:
    if spot.noun.kinds:
        return None
    made = []
    for one in planner.selection.fields(sets, planner.selection.type(spot.noun.name)):
        if (bits := _field(planner, spot, one)) is None:
            return None
        made.append((one, bits))
    return _enclosed(_listed(made))


def _field(planner: Planner, spot: Spot, selected: Selected) -> Composition | None:
    if selected.word == TYPENAME:
        return Composition((json_text(selected.of.name),))
    field = spot.noun.fields[selected.word]
    compose = _COMPOSED.get(type(field.source))
    return compose(planner, spot, field, selected) if compose and may_see(field.source, planner.actor) else None


def _column(_: Planner, spot: Spot, field: Field, selected: Selected) -> Composition:
    column = spot.table.c[source_of(field, Column).column]
    form = form_of(field, spot.noun, listed=selected.is_list)
    return _leaf(form, column, selected, nullable=_may_be_null(column))


def _custom(_: Planner, spot: Spot, field: Field, selected: Selected) -> Composition:
    value = spot.table.c.custom.op("->>", return_type=Text)(source_of(field, Custom).name)
    return _leaf(form_of(field, spot.noun), value, selected, nullable=True)


def _leaf(form: Form, value: ColumnElement[Any], selected: Selected, *, nullable: bool) -> Composition:
    made = Composition((form.before, form.sql(value), form.after))
    return _or_null(made, selected) if nullable else made


def _grafted(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Composition | None:
    (of,) = planner.selection.possible(selected)
    noun = replace(spot.noun, name=of.name, word=of.name, fields=dict(source_of(field, Grafted).fields), kinds={})
    return _object(planner, replace(spot, noun=noun), selected.sets)


def _amount(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Composition:
    source = source_of(field, Amount)
    (of,) = planner.selection.possible(selected)
    relation, _, name = source.currency.rpartition(".")
    value, currency = spot.table.c[source.column], planner.behind(spot, relation).table.c[name]
    told: dict[str, Bit] = {"amount": texts(amounts(value, currency)), "currency": currency}
    made = _enclosed(
        _listed(
            (one, Composition(('"', told.get(one.word, of.name), '"')))
            for one in planner.selection.fields(selected.sets, of)
        )
    )
    made = replace(made, objects=0)
    if not (relation or _may_be_null(value) or _may_be_null(currency)):
        return made
    there = and_(value.is_not(None), currency.is_not(None))
    return _or_null(replace(made, bits=(case((there, made.text)),)), selected)


def _one(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Composition | None:
    """What rows of a page refer to is looked up once they are in their order, which a join would lose."""
    source, noun = source_of(field, One), field.leads_to
    joins = spot.level.limit is None or planner.is_above(spot, noun, source.column)
    there = planner.behind(spot, field.name) if joins else _looked_up(planner, spot, noun, source.column)
    made = _object(planner, there, selected.sets)
    if made is None or not (made.sound or selected.required):
        return None
    text: ColumnElement[str]
    if joins:
        text = case((there.table.c.id.is_not(None), made.text))
    else:
        there.level.value("whole", lambda: made.text)
        text = there.level.select().scalar_subquery()
    return _or_null(replace(made, bits=(text,)), selected)


def _looked_up(planner: Planner, spot: Spot, noun: Noun, column: str) -> Spot:
    table = noun.alias(planner.alias(noun.word))
    where = [table.c.id == spot.table.c[column], *visible(noun, table, planner.actor)]
    return replace(spot, level=Level(table, where, of=spot.table), table=table, noun=noun, above=None)


def _or_null(made: Composition, selected: Selected) -> Composition:
    """What is null where its text is; if that may not be, it is not sound."""
    if selected.required:
        return replace(made, sound=False)
    return replace(made, bits=(func.coalesce(made.text, _literal(NULL)),), sound=True)


def _listed(fields: Iterable[tuple[Selected, Any]]) -> Composition:
    bits, sound, objects, count = list[Bit](), True, 0, 0
    for one, made in fields:
        count += 1
        bits += [f"{',' if bits else ''}{json_text(one.name)}:", *made.bits]
        sound, objects = sound and made.sound, objects + made.objects
    return Composition(tuple(bits), sound, objects + count // FIELDS)


def _enclosed(made: Composition) -> Composition:
    return Composition(("{", *made.bits, "}"), made.sound, made.objects + 1)


def _joined(bits: Iterable[Bit]) -> ColumnElement[str]:
    pieces: list[ColumnElement[str]] = []
    plain = ""
    for bit in (*bits, None):
        if isinstance(bit, str):
            plain += bit
            continue
        pieces += [_literal(plain)] if plain else []
        pieces += [] if bit is None else [bit]
        plain = ""
    while len(pieces) > TOGETHER:
        pieces = [Grouping(_concatenated(pieces[at : at + TOGETHER])) for at in range(0, len(pieces), TOGETHER)]
    return _concatenated(pieces)


def _concatenated(pieces: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    """All at once, since `concat` copies what is there already for each that is added."""
    if len(pieces) == 1:
        return pieces[0]
    return ExpressionClauseList._construct_for_list(concat_op, Text(), *pieces, group=False)  # noqa: SLF001


def _may_be_null(column: ColumnElement[Any]) -> bool:
    """Of what is no column of a table, nobody knows."""
    return bool(getattr(column, "nullable", True))


def _literal(text: str) -> ColumnElement[str]:
    return literal_column(f"'{text}'", Text)


_COMPOSED: Mapping[type[Source], Compose] = {
    Column: _column,
    Custom: _custom,
    Grafted: _grafted,
    Amount: _amount,
    One: _one,
}
"""What of a row is composed; all else is read value by value."""
