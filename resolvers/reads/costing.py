"""What a plan costs: how many objects its answer can hold, reckoned before anything is read.

Pages multiply: a list within a list counts as often as its parent can be there. A list without a page is taken for
`USUAL` rows. A figure about a whole list costs as much as `FIGURE` objects, and what Python works out `ASKED` for each
row.
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


def cost(node: Any) -> int:
    """The cost of a node for each row that it is of."""
    return _COSTS[type(node)](node)


def must_be_affordable(requested: int) -> None:
    """Raises TooMuch for what costs more than one operation may."""
    if requested > MOST:
        raise TooMuch(f"This may answer with {requested} objects; at most {MOST} go. Ask for fewer, or smaller pages.")


class Room:
    """How many rows may still be written: lists without a page can hold more than was reckoned."""

    def __init__(self) -> None:
        self._left = WRITTEN

    def take(self, count: int) -> None:
        """Raises TooMuch for rows that are too many."""
        self._left -= count
        if self._left < 0:
            raise TooMuch(f"This answers with more than {WRITTEN} rows of lists; ask for smaller pages.")


def _body(body: nodes.Body) -> int:
    return sum(cost(node) for _, node in body.fields)


def _entity(entity: nodes.Entity) -> int:
    return 1 + max((_body(body) for body in entity.bodies.values()), default=0)


def _page(page: nodes.Page) -> int:
    return (
        1
        + sum(cost(part) for _, part in page.parts)
        + sum(page.size * _row(part) for _, part in page.parts if isinstance(part, nodes.Nodes | nodes.Edges))
    )


def _row(part: nodes.Nodes | nodes.Edges) -> int:
    if isinstance(part, nodes.Nodes):
        return cost(part.item)
    return 1 + sum(cost(field) for _, field in part.fields if isinstance(field, nodes.Entity))


def _nothing(_: Any) -> int:
    return 0


_COSTS: Mapping[type, Callable[[Any], int]] = {
    nodes.Leaf: _nothing,
    nodes.Fixed: _nothing,
    nodes.Amount: _nothing,
    nodes.Barred: _nothing,
    nodes.Composed: lambda composed: composed.objects,
    nodes.Info: _nothing,
    nodes.Nodes: _nothing,
    nodes.Edges: _nothing,
    nodes.Figure: lambda part: 0 if isinstance(part.node, nodes.Fixed) else FIGURE,
    nodes.Body: _body,
    nodes.Entity: _entity,
    nodes.Rows: lambda rows: USUAL * cost(rows.item),
    nodes.Only: lambda only: cost(only.item),
    nodes.Page: _page,
    nodes.Guarded: lambda guarded: cost(guarded.node),
    nodes.Later: lambda _: ASKED,
}
