"""A desk is what somebody with a role looks at first: the worklists that the house ships for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from domain.desks.worklist import Worklist


@dataclass(frozen=True, kw_only=True, eq=False)
class Desk:
    """The worklists of a role, in the order in which to go through them."""

    role: str
    title: str
    description: str
    views: Sequence[Worklist] = ()


DESKS: dict[str, Desk] = {}
"""Every desk by its role."""


def set_up(desk: Desk) -> None:
    """A desk for a role that has none yet."""
    if desk.role in DESKS:
        raise ValueError(f"the {desk.role} has a desk; add to it")
    DESKS[desk.role] = replace(desk, views=())
    add(desk.role, *desk.views)


def add(role: str, *views: Worklist) -> None:
    """Put more worklists on the desk of a role."""
    desk = DESKS[role]
    for one in views:
        if one.name in {known.name for known in desk.views}:
            raise ValueError(f"the desk of the {role} has two views called {one.name!r}")
        desk = replace(desk, views=(*desk.views, one))
    DESKS[role] = desk
