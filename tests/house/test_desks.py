"""The desks that the house ships fit the API, and the rights of those who sit at them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.access.role import ROLES
from domain.desks.desk import DESKS
from domain.desks.worklist import Worklist, spoken
from domain.exceptions.exception import KINDS
from domain.kernel.actor import Actor
from tests.queries.api import house

SHIPPED = [
    pytest.param(desk.role, view, id=f"{desk.role}: {view.name}")
    for desk in (house() and DESKS).values()
    for view in desk.views
]


@pytest.mark.parametrize(("role", "view"), SHIPPED)
def test_a_shipped_view_can_be_asked_by_whom_it_is_for(role: str, view: Worklist) -> None:
    actor = Actor(tenant=1, name=role, rights=ROLES[role], clock=lambda: datetime(2026, 3, 2, tzinfo=UTC))
    spoken().check(actor, view)


def test_what_a_shipped_view_shows_is_said() -> None:
    told = [(desk, view) for desk in DESKS.values() for view in desk.views]
    assert [view.name for _, view in told if not (view.description or "").endswith(".")] == []
    assert [desk.role for desk, _ in told if not desk.description.endswith(".")] == []


def test_every_kind_of_exception_has_a_view_of_its_own() -> None:
    kinds = [view.filter["kind"]["eq"] for view in DESKS["accountant"].views if "kind" in view.filter]
    assert sorted(kinds) == sorted(kind.upper() for kind in KINDS)
