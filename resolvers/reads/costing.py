"""What a plan costs: how many objects its answer can hold, reckoned before anything is read.

Pages multiply: a list within a list counts as often as its parent can be there. A list without a page is taken for
`USUAL` rows. A figure about a whole list costs as much as `FIGURE` objects, and what Python works out `ASKED` for each
row. An object counts once more for each `FIELDS` fields it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from domain.kernel.errors import TooMuch
from resolvers.reads import nodes

MOST, WRITTEN = 500_000, 100_000
USUAL = 10
FIGURE = 10
ASKED = 2
FIELDS = 20


def cost(node: nodes.Node) -> int:
    """The cost of a node for each row that it is of."""
    return _Reckoning().of(node)


def must_be_affordable(requested: int) -> None:
    """Raises TooMuch for what costs more than one operation may."""
    if requested > MOST:
        raise TooMuch(f"This may answer with {requested} objects; at most {MOST} go. Ask for fewer, or smaller pages.")


class Room:
    """How many rows may still be written: lists without a page can hold more than was reckoned."""

    def __init__(self) -> None:
        self.left = WRITTEN

    def take(self, count: int) -> None:
        """Raises TooMuch for rows that are too many."""
        self.left -= count
        if self.left < 0:
            raise TooMuch(f"This answers with more than {WRITTEN} rows of lists; ask for smaller pages.")


class _Reckoning:
    """Reckons one plan; what stands in several places of it is reckoned once."""

    def __init__(self) -> None:
        self._known = nodes.Shared[int]()

    def of(self, node: Any) -> int:
        return _COSTS[type(node)](self, node)

    def nothing(self, _: Any) -> int:
        return 0

    def composed(self, composed: nodes.Composed) -> int:
        return composed.objects

    def body(self, body: nodes.Body) -> int:
        return sum(self.of(node) for _, node in body.fields) + len(body.fields) // FIELDS

    def entity(self, entity: nodes.Entity) -> int:
        return 1 + self._known.once(entity.bodies, lambda: max(map(self.body, entity.bodies.values()), default=0))

    def rows(self, rows: nodes.Rows) -> int:
        return USUAL * self.of(rows.item)

    def only(self, only: nodes.Only) -> int:
        return self.of(only.item)

    def page(self, page: nodes.Page) -> int:
        return 1 + self._known.once(page.parts, lambda: sum(self.part(page.size, part) for _, part in page.parts))

    def part(self, size: int, part: nodes.Part) -> int:
        if isinstance(part, nodes.Figure):
            return 0 if isinstance(part.node, nodes.Fixed) else FIGURE
        if isinstance(part, nodes.Nodes):
            return size * self.of(part.item)
        if isinstance(part, nodes.Edges):
            return size * (1 + sum(self.of(field) for _, field in part.fields if isinstance(field, nodes.Node)))
        return 0

    def guarded(self, guarded: nodes.Guarded) -> int:
        return self.of(guarded.node)

    def later(self, _: nodes.Later) -> int:
        return ASKED


_COSTS: Mapping[type, Callable[[_Reckoning, Any], int]] = {
    nodes.Leaf: _Reckoning.nothing,
    nodes.Fixed: _Reckoning.nothing,
    nodes.Amount: _Reckoning.nothing,
    nodes.Barred: _Reckoning.nothing,
    nodes.Composed: _Reckoning.composed,
    nodes.Entity: _Reckoning.entity,
    nodes.Rows: _Reckoning.rows,
    nodes.Only: _Reckoning.only,
    nodes.Page: _Reckoning.page,
    nodes.Guarded: _Reckoning.guarded,
    nodes.Later: _Reckoning.later,
}
