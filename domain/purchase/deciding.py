"""Whether orders are approved, said of many at once."""

from __future__ import annotations

from domain.kernel.bulk import bulk
from domain.kernel.commands import Command, Ref, command, said
from domain.kernel.errors import BadInput
from domain.kernel.papers import hold
from domain.kernel.work import Work
from domain.kernel.workflow import take
from domain.purchase.order import PurchaseOrder


@command(right="purchase.approve", answers=PurchaseOrder, public=False)
class DecidePurchaseOrder(Command):
    """One order, and whether it is approved."""

    id: Ref = said("The order.")
    expected_version: int = said("The version you saw; a decision about anything else is refused.")
    approve: bool = said("Yes or no.")
    reason: str | None = said(
        "A remark for the history; with a no, why not, in a sentence the requester can act on.", default=None
    )

    def act(self, work: Work) -> PurchaseOrder:
        order = work.locked(PurchaseOrder, self.id, self.expected_version, *PurchaseOrder.whole())
        if not self.approve and not (self.reason or "").strip():
            raise BadInput("Say why not, in a sentence the requester can act on.", path=("reason",))
        take(work, order, "approve" if self.approve else "reject", self)
        return order


DecidePurchaseOrders = bulk(
    DecidePurchaseOrder,
    "DecidePurchaseOrders",
    items="decisions",
    holds=hold,
    manual="Say yes or no to many orders at once, each with the version you saw.",
)
