"""Worklists: those that people keep, and those that the house ships on the desks of roles."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.desks import view
from resolvers.selections import seen_views
from resolvers.values import JSON
from resolvers.worklists import counted, resolved
from schema.declare import column, computed, describes, interface, one, shape, value
from schema.record import Record

if TYPE_CHECKING:
    from schema.access import User


KEPT = ("connection", "name", "filter", "order_by", "search")


@interface
class Worklist:
    """A list that somebody works through: a list of this API, with a filter, an order and a search."""

    name: str = value("What it is called.")
    description: str | None = value("What it shows, and what to do about it.")
    on: str = value("The list, by its name at the root, such as purchaseOrders.")
    filter: JSON = value("The list's filter as it is kept, with `$today`, `$now` and `$me` in it.")
    resolved_filter: JSON = computed(
        "The filter with these replaced by the day, the moment and your id; give it to the list as its `filter`.",
        resolved,
        needs=KEPT,
    )
    order_by: JSON = value("The list's order; give it to the list as its `orderBy`.", of="order_by")
    search: str | None = value("The text to search for; give it to the list as its `search`.")
    count: int | None = computed(
        "How many rows it has for you now; null, with an error, if it is not for you.", counted, needs=KEPT
    )


@describes(view.View, right=view.KEEP, seen=seen_views, searched=("name", "description"))
class View(Record, Worklist):
    """A worklist that somebody keeps, for themselves or for everybody in the firm."""

    name: str = column("What it is called.")
    description: str | None = column("What it shows, and what to do about it.")
    on: str = column("The list, by its name at the root, such as purchaseOrders.", of="connection")
    filter: JSON = column("The list's filter as it is kept, with `$today`, `$now` and `$me` in it.", compared=False)
    order_by: JSON = column("The list's order; give it to the list as its `orderBy`.", compared=False)
    search: str | None = column("The text to search for; give it to the list as its `search`.")
    shared: bool = column("Whether everybody in the firm sees it.")
    owner: User | None = one("owned_by", "Whose it is; null if it is a program's.")


@shape
class DeskView(Worklist):
    """A worklist that the house ships."""


@shape
class Desk:
    """What somebody with a role looks at first."""

    role: str = value("The role, by its name in `roles`.")
    title: str = value("What it is called.")
    description: str = value("What it is about.")
    views: list[DeskView] = value("Its worklists, in the order in which to go through them.")
