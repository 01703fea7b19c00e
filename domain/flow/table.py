"""What begets what, as one table: of which papers which others are made, by whom, and how much of each line.

A line of the new paper is linked to the line it was made from and to all that line was made from, by the `relation`.
What a relation `feeds` are the quantities of those lines that follow from it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from domain.drafts.lives import offer_holds, partner_in_use
from domain.flow import leaving
from domain.flow.leaving import Limit
from domain.invoicing.bill import DebitNote, VendorBill, VendorCreditNote
from domain.invoicing.invoice import CreditNote, CustomerInvoice
from domain.kernel.documents import Document
from domain.kernel.errors import NotReady
from domain.kernel.work import Work
from domain.kernel.workflow import Guard, barred, step
from domain.purchase.order import PurchaseOrder
from domain.purchase.quotation import RequestForQuotation
from domain.purchase.receipt import Receipt
from domain.purchase.requisition import PurchaseRequisition
from domain.purchase.returning import PurchaseReturn
from domain.purchase.shipment import ShipmentNotice
from domain.sales.delivery import Delivery
from domain.sales.order import SalesOrder
from domain.sales.quote import Quote
from domain.sales.returning import SalesReturn
from domain.warehouse.adjustment import StockAdjustment
from domain.warehouse.transfer import StockTransfer

REVERSES = "reverses"
REPRICES = "reprices"
"""A line of a credit note or claim that is about the price alone `reprices` what was billed, none of which it takes."""
AHEAD = "anticipates"
"""A line of a bill that was made on an order before the goods came `anticipates` them."""
FEEDS: Mapping[str, Mapping[str, str]] = {
    "requests": {},
    "orders": {"ordered": "quantity"},
    "announces": {"announced": "quantity"},
    "receives": {"received": "quantity", "rejected": "rejected"},
    "delivers": {"delivered": "quantity"},
    "returns": {"returned": "quantity", "to_replace": "replaced"},
    "bills": {"billed": "quantity"},
    AHEAD: {"billed": "quantity"},
    "claims": {"claimed": "quantity"},
    "credits": {"credited": "quantity"},
    REPRICES: {},
    "loses": {"closed": "quantity"},
}
"""By relation: the quantities of the line it points to, each with the column of the link that it sums.

What several relations feed is the sum over all of them.
"""
CARRIED = frozenset({"requests", "announces", "receives", "delivers", "bills", "claims", REPRICES})
"""Relations of a line that whatever is made from it inherits: a bill for a receipt bills the order too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Begets:
    """One row: papers of the kind `source`, in one of these `states`, beget papers of the kind `target`.

    `verb` is what people ask for, `event` what is told of the source once the new paper is in force. `limit` says how
    much of each line may be taken; what was taken before may be taken anew while it is `finished`. What is begotten
    `at_once` is posted unless somebody wants to look at it first. One paper may be made from `several` where a row does
    not say otherwise.
    """

    source: type[Document]
    verb: str
    target: type[Document]
    relation: str
    event: str
    states: str
    right: str
    limit: Callable[[Work, Sequence[Document]], Limit]
    description: str
    guards: tuple[Guard, ...] = ()
    at_once: bool = False
    several: bool = True
    finished: str = ""


FLOW: tuple[Begets, ...] = (
    Begets(
        source=PurchaseRequisition, verb="source", target=RequestForQuotation, relation="requests", event="sourced",
        states="approved", right="purchase.write", limit=leaving.unordered,
        description="Ask a vendor for an offer of what is needed; a request for quotation is drafted.",
    ),
    Begets(
        source=PurchaseRequisition, verb="order", target=PurchaseOrder, relation="orders", event="ordered",
        states="approved", right="purchase.write", limit=leaving.unordered, finished="closed",
        description="Order what is needed of a vendor, in whole or in part; a purchase order is drafted.",
    ),
    Begets(
        source=RequestForQuotation, verb="order", target=PurchaseOrder, relation="orders", event="ordered",
        states="offered", right="purchase.write", limit=leaving.offered, guards=(offer_holds,),
        description="Take the vendor's offer, in whole or in part; a purchase order is drafted at its prices.",
    ),
    Begets(
        source=PurchaseOrder, verb="announce", target=ShipmentNotice, relation="announces", event="shipment_announced",
        states="confirmed", right="vendor.answer", limit=leaving.unannounced, at_once=True,
        description="Tell, as the vendor or for them, what of the order is on its way.",
    ),
    Begets(
        source=PurchaseOrder, verb="receive", target=Receipt, relation="receives", event="received",
        states="confirmed", right="stock.receive", limit=leaving.unreceived, at_once=True,
        description="Receive goods, in whole or in part; a receipt is made.",
    ),
    Begets(
        source=ShipmentNotice, verb="receive", target=Receipt, relation="receives", event="received",
        states="announced", right="stock.receive", limit=leaving.unarrived, at_once=True,
        description="Receive what was announced, in whole or in part; a receipt is made.",
    ),
    Begets(
        source=Receipt, verb="return", target=PurchaseReturn, relation="returns", event="returned",
        states="posted", right="stock.ship", limit=leaving.kept_of_receipt, at_once=True,
        description="Send goods back to the vendor, in whole or in part; with or without asking for a replacement.",
    ),
    Begets(
        source=PurchaseOrder, verb="bill", target=VendorBill, relation="bills", event="billed",
        states="confirmed|closed", right="invoice.write", limit=leaving.unbilled_of_order,
        description="Enter the vendor's bill for the order; it is drafted, to be compared and posted.",
    ),
    Begets(
        source=Receipt, verb="bill", target=VendorBill, relation="bills", event="billed",
        states="posted", right="invoice.write", limit=leaving.unbilled_of_receipt,
        description="Enter the vendor's bill for what was received; it is drafted, to be compared and posted.",
    ),
    Begets(
        source=VendorBill, verb="claim", target=DebitNote, relation="claims", event="claimed",
        states="posted", right="invoice.write", limit=leaving.unclaimed,
        description="Claim back what was billed and should not have been; a debit note is drafted.",
    ),
    Begets(
        source=VendorBill, verb="credit", target=VendorCreditNote, relation="credits", event="credited",
        states="posted", right="invoice.write", limit=leaving.uncredited,
        description="Enter the vendor's credit note for the bill; it is drafted, to be compared and posted.",
    ),
    Begets(
        source=DebitNote, verb="credit", target=VendorCreditNote, relation="credits", event="credited",
        states="issued", right="invoice.write", limit=leaving.uncredited,
        description="Enter the vendor's credit note that settles the claim; it is drafted, to be posted.",
    ),
    Begets(
        source=Quote, verb="order", target=SalesOrder, relation="orders", event="ordered",
        states="sent|accepted", right="sales.write", limit=leaving.unordered, guards=(offer_holds,),
        description="Enter the customer's order of what was quoted, in whole or in part; a sales order is drafted.",
    ),
    Begets(
        source=SalesOrder, verb="deliver", target=Delivery, relation="delivers", event="delivered",
        states="confirmed", right="stock.ship", limit=leaving.undelivered, guards=(partner_in_use,), at_once=True,
        description="Deliver goods, in whole or in part; a delivery note is made, and the goods leave stock.",
    ),
    Begets(
        source=SalesOrder, verb="invoice", target=CustomerInvoice, relation="bills", event="invoiced",
        states="confirmed|closed", right="invoice.write", limit=leaving.uninvoiced_of_order,
        description="Invoice what was ordered; an invoice is drafted, to be posted.",
    ),
    Begets(
        source=Delivery, verb="invoice", target=CustomerInvoice, relation="bills", event="invoiced",
        states="posted", right="invoice.write", limit=leaving.unbilled,
        description="Invoice what was delivered; an invoice is drafted, to be posted.",
    ),
    Begets(
        source=Delivery, verb="return", target=SalesReturn, relation="returns", event="returned",
        states="posted", right="stock.receive", limit=leaving.kept_of_delivery, at_once=True,
        description="Take goods back from the customer, in whole or in part; to be replaced, or not.",
    ),
    Begets(
        source=CustomerInvoice, verb="credit", target=CreditNote, relation="credits", event="credited",
        states="posted", right="invoice.write", limit=leaving.uncredited,
        description="Give back what was invoiced, in whole or in part; a credit note is drafted, to be posted.",
    ),
    Begets(
        source=StockTransfer, verb="write_off", target=StockAdjustment, relation="loses", event="written_off",
        states="shipped|posted", right="stock.adjust", limit=leaving.in_transit, at_once=True, several=False,
        description="Give up what was lost on the way, in whole or in part; an adjustment takes it to the losses.",
    ),
)  # fmt: skip


def begetting(source: type[Document], target: type[Document]) -> Begets | None:
    """The row by which papers of one kind beget those of another."""
    return _ROWS.get((source, target))


def sources_of(target: type[Document]) -> list[Begets]:
    """The rows by which papers of a kind come from others."""
    return [row for row in FLOW if row.target is target]


def follows(kind: type[Document]) -> frozenset[str]:
    """The relations from which quantities of the lines of a kind follow."""
    return frozenset(_FOLLOWS[kind])


def _following() -> Mapping[type[Document], set[str]]:
    """A kind's lines are pointed to by what is made from them, and by what is made from that where it is inherited."""
    found: defaultdict[type[Document], set[str]] = defaultdict(set)
    for row in FLOW:
        for kind in {row.source, *_ancestors(row.source)}:
            found[kind].add(row.relation)
    for kind in MOVED:
        found[kind].add(AHEAD)
    return found


def _ancestors(kind: type[Document]) -> Iterable[type[Document]]:
    for row in sources_of(kind):
        if row.relation in CARRIED:
            yield row.source
            yield from _ancestors(row.source)


def stands(_: Work, paper: Document) -> None:
    """Guard: what takes another paper back is no paper to make others from."""
    if paper.reverses_id is not None:
        raise barred(paper, "This paper is itself a reversal; take the one that it reverses, or write a new one.")


def _something_left(row: Begets) -> Guard:
    def something_left(work: Work, paper: Document) -> None:
        """Guard."""
        limit = row.limit(work, [paper]) if paper.lines else None
        if limit is None or not any(limit.most(paper, line) > 0 for line in paper.lines):
            raise NotReady(f"Nothing is left to {row.verb}.", path=("lines",))

    return something_left


MOVED = [row.source for row in FLOW if row.relation == "bills" and row.source.route is not None]
"""Kinds of papers by which goods move that are billed."""
_ROWS = {(row.source, row.target): row for row in FLOW}
_FOLLOWS = _following()
for _row in FLOW:
    _row.source.workflow.extend(
        step(
            _row.verb, state, state, event=_row.event, right=_row.right, description=_row.description,
            guards=[stands, *_row.guards, _something_left(_row)],
        )
        for state in _row.states.split("|")
    )  # fmt: skip
