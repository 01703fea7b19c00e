"""Connections: the rows of a page, their cursors, and figures about the whole list."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sqlalchemy import ColumnElement, Text, cast, func, select

from resolvers.conditions import expression
from resolvers.pages import Listing
from resolvers.reads.figures import About
from resolvers.reads.forms import PLAIN, json_text
from resolvers.reads.levels import Level
from resolvers.reads.nodes import Edges, Entity, Figure, Fixed, Info, Leaf, Node, Nodes, Page, Part
from resolvers.reads.planning import Planner, Spot
from resolvers.reads.routes import Step, step_to
from resolvers.reads.selection import TYPENAME, Selected
from resolvers.relations import listing
from resolvers.scope import must_enter
from resolvers.sources import Field, Pages

OF_ROWS = frozenset({"edges", "nodes", "pageInfo"})


def pages(planner: Planner, spot: Spot, field: Field, selected: Selected) -> Node:
    """A connection, at the root or of a row."""
    source, noun = field.source, field.leads_to
    if not isinstance(source, Pages):
        raise TypeError(f"{field.name} is no connection")
    must_enter(noun, planner.actor)

    def make() -> Page:
        known = listing(planner.actor, noun, source, planner.selection.given(selected), alias=planner.alias(noun.word))
        of_parent = [] if source.column is None else [known.table.c[source.column] == spot.table.c.id]
        return _Paging(planner, spot, selected, known, of_parent).page()

    return replace(planner.once(spot, selected, make), selected=selected)


class _Paging:
    """Plans one connection."""

    def __init__(
        self,
        planner: Planner,
        spot: Spot,
        selected: Selected,
        known: Listing,
        of_parent: Sequence[ColumnElement[bool]],
    ) -> None:
        self._planner, self._spot, self._selected, self._known = planner, spot, selected, known
        self._all = [*of_parent, *known.conditions]
        self._level = Level(known.table, [*self._all, *known.limits()], of=spot.table if of_parent else None)
        self._level.order = known.order.sorted(known.table, backward=known.window.backward)
        self._level.limit = known.window.size + 1
        self._about: About | None = None
        self._step = Step(-1, list=True, size=known.window.size, backward=known.window.backward)

    def page(self) -> Page:
        (of,) = self._planner.selection.possible(self._selected)
        asked = self._planner.selection.fields(self._selected.sets, of)
        if figures := [one for one in asked if one.word == "aggregates"]:
            self._about = About(self._planner, self._spot, self._known, self._all, figures)
        window, rows = self._known.window, None
        if any(one.word in OF_ROWS for one in asked):
            rows = self._step.place = self._spot.level.nest(self._level.array)
        parts = tuple((one.name, self._part(one)) for one in asked)
        return Page(
            selected=self._selected,
            rows=rows,
            size=window.size,
            backward=window.backward,
            bounded=(window.before if window.backward else window.after) is not None,
            order=() if rows is None else self._order(),
            sign=self._known.order.sign,
            parts=parts,
        )

    def _order(self) -> tuple[int, ...]:
        table, level = self._known.table, self._level
        return tuple(level.column(expression(key.field, table)) for key in self._known.order.keys)

    def _part(self, one: Selected) -> Part:
        if one.word == TYPENAME:
            return Figure(selected=one, node=Fixed(selected=one, json=json_text(one.of.name)))
        return _PARTS[one.word](self, one)

    def _nodes(self, one: Selected) -> Part:
        return Nodes(selected=one, item=self._item(one))

    def _edges(self, one: Selected) -> Part:
        (of,) = self._planner.selection.possible(one)
        fields = self._planner.selection.fields(one.sets, of)
        return Edges(selected=one, fields=tuple((each.name, self._edge(each)) for each in fields))

    def _edge(self, one: Selected) -> str | Entity:
        return self._item(one) if one.word == "node" else one.of.name if one.word == TYPENAME else ""

    def _item(self, one: Selected) -> Entity:
        above = None if self._known.column is None else (self._known.column, self._spot)
        there = Spot(self._level, self._known.table, self._known.noun, above=above)
        with step_to(self._planner.route, self._step):
            return self._planner.entity(there, one, one.sets)

    def _page_info(self, one: Selected) -> Part:
        (of,) = self._planner.selection.possible(one)
        fields = self._planner.selection.fields(one.sets, of)
        return Info(selected=one, fields=tuple((each.name, each.word) for each in fields))

    def _aggregates(self, one: Selected) -> Part:
        if self._about is None:
            raise TypeError("no figures are asked for")
        return Figure(selected=one, node=self._about.figures(one))

    def _total_count(self, one: Selected) -> Part:
        if self._about is not None:
            return Figure(selected=one, node=self._about.total_count(one))
        count = select(cast(func.count(), Text)).select_from(self._known.table).where(*self._all)
        count = count if self._known.column is None else count.correlate(self._spot.table)
        place = self._spot.level.value((self._known.table, "count"), count.scalar_subquery)
        return Figure(selected=one, node=Leaf(selected=one, place=place, form=PLAIN, nullable=False))


_PARTS: Mapping[str, Callable[[_Paging, Selected], Part]] = {
    "nodes": _Paging._nodes,  # noqa: SLF001 - its own
    "edges": _Paging._edges,  # noqa: SLF001
    "pageInfo": _Paging._page_info,  # noqa: SLF001
    "totalCount": _Paging._total_count,  # noqa: SLF001
    "aggregates": _Paging._aggregates,  # noqa: SLF001
}
