"""What can be done with papers now, asked of the domain once for all papers of an operation."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from domain.flow.foreseeing import foresee
from domain.kernel.documents import Document
from domain.kernel.events import record_class
from domain.kernel.work import Work
from domain.kernel.workflow import Availability, availability
from resolvers.reading import Reading
from resolvers.sources import Found
from resolvers.told import told


async def available(reading: Reading, rows: Sequence[Found]) -> list[list[dict[str, Any]]]:
    """For each paper, every action of its state, allowed or with the reason why not."""
    kinds: defaultdict[str, list[UUID]] = defaultdict(list)
    for row in rows:
        kinds[row["kind"]].append(row["id"])
    found = await reading.work(lambda work: _ask(work, kinds))
    return [[_told(one) for one in found.get(row["id"], ())] for row in rows]


def _ask(work: Work, kinds: dict[str, list[UUID]]) -> dict[UUID, list[Availability]]:
    papers: list[Document] = []
    for kind, ids in kinds.items():
        model = record_class(kind)
        if issubclass(model, Document):
            some = select(model).where(model.tenant_id == work.actor.tenant, model.id.in_(ids))
            papers += work.session.scalars(some.options(*model.whole()))
    foresee(work, papers)
    return {paper.id: availability(work, paper) for paper in papers}


def _told(one: Availability) -> dict[str, Any]:
    return {
        "action": one.action,
        "allowed": one.refusal is None,
        "description": one.description,
        "reason": None if one.refusal is None else told(one.refusal),
    }
