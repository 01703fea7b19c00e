"""What is written off a transfer, or is so no longer, decides whether anything of it is still on its way."""

from __future__ import annotations

from domain.flow.taking_effect import sources_of
from domain.kernel.documents import IDLE
from domain.kernel.work import Work
from domain.kernel.workflow import CONSEQUENCES, Step
from domain.warehouse.adjustment import StockAdjustment
from domain.warehouse.arriving import settle
from domain.warehouse.transfer import StockTransfer


def settle_transfers(work: Work, paper: object, step: Step, before: str) -> None:
    """An adjustment has come into force, or is so no longer."""
    del step
    if isinstance(paper, StockAdjustment) and (before not in IDLE) != paper.in_force:
        for source in sources_of(work, paper):
            if isinstance(source, StockTransfer):
                settle(work, source)


CONSEQUENCES.append(settle_transfers)
