"""An answer in which something is refused, gone through value by value: the same as the serialiser, with the errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from resolvers.paging import written
from resolvers.reads import nodes
from resolvers.reads.costing import Room
from resolvers.reads.forms import amount, average, json_text
from resolvers.reads.pieces import NOTHING, Piece, Unwritable, failed, of_list, of_object
from resolvers.reads.routes import Row, part


class Completing:
    """Completes rows of a plan; `later` are the answers that join in, question by question."""

    def __init__(self, later: Sequence[Iterator[Piece]], room: Room) -> None:
        self._later, self._room = later, room

    def of(self, node: Any, row: Row) -> Piece:
        """What a node writes of a row."""
        return _PIECES[type(node)](self, node, row)

    def composed(self, node: nodes.Composed, row: Row) -> Piece:
        text: Any = row if node.place is None else row[node.place]
        if text is None:
            raise Unwritable
        return Piece(text)

    def leaf(self, node: nodes.Leaf, row: Row) -> Piece:
        return Piece(node.form.written(row[node.place]))

    def fixed(self, node: nodes.Fixed, _: Row) -> Piece:
        return Piece(node.json)

    def amount(self, node: nodes.Amount, row: Row) -> Piece:
        value, currency = row[node.amount], row[node.currency]
        if value is None or currency is None:
            return NOTHING
        texts = {"amount": amount(value, currency), "currency": currency}
        return of_object((None, name, Piece(json_text(texts.get(word, "Money")))) for name, word in node.fields)

    def body(self, body: nodes.Body, row: Row) -> Piece:
        return of_object([(node.selected, name, self.of(node, row)) for name, node in body.fields])

    def entity(self, node: nodes.Entity, row: Row) -> Piece:
        if node.presence is not None and row[node.presence] is None:
            return NOTHING
        if node.kind is not None:
            return self.body(node.bodies[row[node.kind]], row)
        (body,) = node.bodies.values()
        return self.body(body, row)

    def rows(self, node: nodes.Rows, row: Row) -> Piece:
        return self.listed(node.item, row[node.place])

    def listed(self, item: nodes.Node, rows: Sequence[Row]) -> Piece:
        self._room.take(len(rows))
        return of_list([self.of(item, row) for row in rows], item.selected)

    def only(self, node: nodes.Only, row: Row) -> Piece:
        rows = row[node.place]
        return self.of(node.item, rows[0]) if rows else NOTHING

    def figures(self, node: nodes.Figures, row: Row) -> Piece:
        rows = row[node.place]
        return of_object([(one.selected, name, self.figure(one, rows)) for name, one in node.fields])

    def figure(self, node: nodes.Node, rows: Sequence[Row]) -> Piece:
        if isinstance(node, nodes.Counted):
            return _counted(node, rows)
        if not isinstance(node, nodes.ByCurrency):
            return self.of(node, rows[0] if rows else ())
        there = [row for row in rows if row[node.currency] is not None and row[node.presence] is not None]
        return self.listed(node.item, sorted(there, key=lambda row: str(row[node.currency])))

    def counted(self, node: nodes.Counted, row: Row) -> Piece:
        return _counted(node, row[node.rows or 0])

    def in_currency(self, node: nodes.InCurrency, row: Row) -> Piece:
        written = average if node.average else amount
        return Piece(json_text(written(row[node.amount], row[node.currency])))

    def page(self, node: nodes.Page, row: Row) -> Piece:
        read = [] if node.rows is None else row[node.rows]
        rows = part(read, node.size, backward=node.backward)
        more = len(read) > node.size
        return of_object([(one.selected, name, self.part(node, one, row, rows, more=more)) for name, one in node.parts])

    def part(self, page: nodes.Page, one: nodes.Part, row: Row, rows: Sequence[Row], *, more: bool) -> Piece:
        if isinstance(one, nodes.Figure):
            return self.of(one.node, row)
        if isinstance(one, nodes.Info):
            return of_object((None, name, Piece(self.info(page, word, rows, more=more))) for name, word in one.fields)
        if isinstance(one, nodes.Nodes):
            return self.listed(one.item, rows)
        if isinstance(one, nodes.Edges):
            self._room.take(len(rows))
            return of_list([of_object(self.edge(page, one, row)) for row in rows], one.selected)
        raise TypeError(one.word)

    def edge(self, page: nodes.Page, edges: nodes.Edges, row: Row) -> Iterator[tuple[Any, str, Piece]]:
        for name, field in edges.fields:
            if isinstance(field, nodes.Entity):
                yield field.selected, name, self.of(field, row)
            else:
                yield None, name, Piece(json_text(field or _cursor(page, row)))

    def info(self, page: nodes.Page, word: str, rows: Sequence[Row], *, more: bool) -> str:
        told = {
            "hasNextPage": page.bounded if page.backward else more,
            "hasPreviousPage": more if page.backward else page.bounded,
            "startCursor": _cursor(page, rows[0]) if rows else None,
            "endCursor": _cursor(page, rows[-1]) if rows else None,
        }
        return json_text(told.get(word, "PageInfo"))

    def guarded(self, node: nodes.Guarded, row: Row) -> Piece:
        return self.of(node.node, row) if row[node.place] == "true" else failed(node.refusal, node.selected)

    def later(self, node: nodes.Later, _: Row) -> Piece:
        return next(self._later[node.number])

    def barred(self, node: nodes.Barred, _: Row) -> Piece:
        return failed(node.refusal, node.selected)


def _counted(node: nodes.Counted, rows: Sequence[Row]) -> Piece:
    return Piece(str(sum(int(row[node.column]) for row in rows)))


def _cursor(page: nodes.Page, row: Row) -> str:
    return written(page.sign, *(row[place] for place in page.order))


_PIECES: Mapping[type, Callable[[Completing, Any, Row], Piece]] = {
    nodes.Composed: Completing.composed,
    nodes.Leaf: Completing.leaf,
    nodes.Fixed: Completing.fixed,
    nodes.Amount: Completing.amount,
    nodes.Body: Completing.body,
    nodes.Entity: Completing.entity,
    nodes.Rows: Completing.rows,
    nodes.Only: Completing.only,
    nodes.Figures: Completing.figures,
    nodes.Counted: Completing.counted,
    nodes.InCurrency: Completing.in_currency,
    nodes.Page: Completing.page,
    nodes.Guarded: Completing.guarded,
    nodes.Later: Completing.later,
    nodes.Barred: Completing.barred,
}
