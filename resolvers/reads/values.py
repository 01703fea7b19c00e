"""How the value of each kind of source is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Text, Uuid, cast, column, func, select

from domain.kernel.errors import at
from domain.kernel.references import ExternalReference
from domain.kernel.tenancy import view
from resolvers.conditions import words_of
from resolvers.context import Context
from resolvers.ids import ref
from resolvers.reads.forms import form_of
from resolvers.reads.levels import Level
from resolvers.reads.nodes import Amount as AmountNode
from resolvers.reads.nodes import Composed, Entity, Leaf, Node, Only, Question, Rows
from resolvers.reads.paging import pages
from resolvers.reads.planning import Plan, Planner, Spot
from resolvers.reads.routes import Step, step_to
from resolvers.reads.selection import Selected
from resolvers.scope import may_enter, must_enter, visible
from resolvers.slots import operand
from resolvers.sources import (
    Among,
    Amount,
    ById,
    Column,
    Computed,
    Custom,
    Field,
    Found,
    Grafted,
    Many,
    Named,
    Noun,
    One,
    OneOf,
    Pages,
    Root,
    Source,
    source_of,
)
from resolvers.values import used

Given = Mapping[str, Any]


def _column(_: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source = source_of(field, Column)
    found = spot.table.c[source.column]
    return Leaf(
        selected=selected,
        place=spot.place(source.column),
        form=form_of(field, spot.noun, listed=selected.is_list),
        nullable=bool(getattr(found, "nullable", True)),
    )


def _custom(_: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source = source_of(field, Custom)
    place = spot.level.value(
        (spot.table, "custom", source.name), lambda: spot.table.c.custom.op("->>", return_type=Text)(source.name)
    )
    return Leaf(selected=selected, place=place, form=form_of(field, spot.noun), nullable=True)


def _grafted(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source = source_of(field, Grafted)
    (of,) = planner.selection.possible(selected)
    within = replace(spot, noun=Noun(name=of.name, word=of.name, table=spot.table, fields=dict(source.fields)))
    body = planner.body(within, selected.sets, of)
    return Entity(selected=selected, bodies={of.name: body})


def _amount(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source = source_of(field, Amount)
    (of,) = planner.selection.possible(selected)
    relation, _, currency = source.currency.rpartition(".")
    return AmountNode(
        selected=selected,
        amount=spot.place(source.column),
        currency=planner.behind(spot, relation).place(currency),
        fields=tuple((one.name, one.word) for one in planner.selection.fields(selected.sets, of)),
    )


def _one(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    def make() -> Entity:
        there = planner.behind(spot, field.name)
        presence = there.place("id")
        with step_to(planner.route, Step(presence)):
            return planner.entity(there, selected, selected.sets, presence)

    return replace(planner.once(spot, selected, make), selected=selected)


def _many(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source, noun = source_of(field, Many), field.leads_to
    if noun.right is not None:
        must_enter(noun, planner.actor)

    def make() -> Rows:
        table = noun.alias(planner.alias(noun.word))
        whole = noun.part_of is not None and noun.part_of[0] == source.column
        limits = [] if whole else visible(noun, table, planner.actor)
        level = Level(table, [table.c[source.column] == spot.table.c.id, *limits], of=spot.table)
        level.order = [table.c[source.order], table.c.id]
        return _rows(planner, spot, Spot(level, table, noun, above=(source.column, spot)), selected)

    return replace(planner.once(spot, selected, make), selected=selected)


def _among(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source, noun = source_of(field, Among), field.leads_to

    def make() -> Rows:
        table = noun.alias(planner.alias(noun.word))
        keys = func.jsonb_array_elements_text(spot.table.c[source.column])
        given = keys.table_valued(column("key", Text), with_ordinality="place", name=planner.alias("listed"))
        listed_ = given.render_derived()
        level = Level(listed_.join(table, table.c.id == cast(listed_.c.key, Uuid)), of=spot.table)
        level.where = visible(noun, table, planner.actor)
        level.order = [listed_.c.place]
        return _rows(planner, spot, Spot(level, table, noun), selected)

    return replace(planner.once(spot, selected, make), selected=selected)


def _rows(planner: Planner, spot: Spot, there: Spot, selected: Selected) -> Rows:
    place = spot.level.nest(there.level.array)
    with step_to(planner.route, Step(place, list=True)):
        item = planner.item(there, selected)
    there.level.bare = isinstance(item, Composed)
    return Rows(selected=selected, place=place, item=item)


def _by_id(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    noun = field.leads_to
    must_enter(noun, planner.actor)
    table = noun.alias(planner.alias(noun.word))
    with at("id"):
        key = _key(planner.selection.given(selected)["id"], noun)
    there = Spot(Level(table, [table.c.id == key, *visible(noun, table, planner.actor)]), table, noun)
    rows = _rows(planner, spot, there, selected)
    return Only(selected=selected, place=rows.place, item=rows.item)


def _key(given: Any, noun: Noun) -> ColumnElement[UUID]:
    """The key that an id stands for, be it an external reference; none if it is one of another type."""
    words, known = words_of(noun), view(ExternalReference).alias()

    def own(value: Any) -> UUID | None:
        named = ref(used(value))
        return named.id if named.type in words else None

    there = select(known.c.record_id).where(
        known.c.type.in_(words),
        known.c.source == operand(given, Text(), lambda value: ref(used(value)).source),
        known.c.key == operand(given, Text(), lambda value: ref(used(value)).key),
    )
    return func.coalesce(operand(given, Uuid(), own), there.scalar_subquery())


def _computed(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source = source_of(field, Computed)
    names = {"id", *source.needs, *(["kind"] if "kind" in spot.table.c else [])} & set(spot.table.c.keys())

    async def ask(context: Context, rows: list[Found], _given: Given) -> Any:
        return await source.act(context.reading, rows)

    def make() -> Node:
        needs = {name: (spot.place(name), spot.table.c[name].type.python_type) for name in sorted(names)}
        return planner.ask(
            Question(needs=needs, noun=spot.noun, kinds=spot.kinds, ask=ask, selected=selected, same=source.act)
        )

    return replace(planner.once(spot, selected, make), selected=selected)


def _one_of(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source, kinds = source_of(field, OneOf), field.leads_to.kinds
    needs = {name: (spot.place(name), spot.table.c[name].type.python_type) for name in (source.word, source.column)}

    open_ = {word for word, noun in kinds.items() if may_enter(noun, planner.actor)}

    async def named(_: Context, rows: list[Found], _given: Given) -> list[Any]:
        return [Named(row[source.word], row[source.column]) if row[source.word] in open_ else None for row in rows]

    return planner.ask(Question(needs=needs, noun=spot.noun, kinds=spot.kinds, ask=named, selected=selected))


def _root(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    source, nouns = source_of(field, Root), planner.nouns

    async def answer(context: Context, _rows: list[Found], given: Given) -> list[Any]:
        return [await source.act(context, nouns, **{name: used(value, name) for name, value in given.items()})]

    given = planner.selection.given(selected)
    return planner.ask(Question(needs={}, noun=spot.noun, ask=answer, selected=selected, given=given))


PLANS: Mapping[type[Source], Plan] = {
    Column: _column,
    Custom: _custom,
    Grafted: _grafted,
    Amount: _amount,
    One: _one,
    OneOf: _one_of,
    Many: _many,
    Among: _among,
    Pages: pages,
    ById: _by_id,
    Computed: _computed,
    Root: _root,
}
