"""The demo's trade from end to end: computers bought, some sent back, some sold abroad, two given back, some kept."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.drafts.lines import OrderCharge, OrderLine
from domain.flow.taking import BilledLine, ReturnedLine, TakenLine
from domain.intake.demo_firm import known
from domain.invoicing.paying import PayCustomerInvoice
from domain.kernel.commands import COMMANDS, Command, Ref
from domain.kernel.documents import Document
from domain.kernel.work import Work
from domain.purchase import writing as buying
from domain.purchase.quotation import QuotedLine
from domain.sales import writing as selling
from domain.stock.reserving import ReservedLine

COMPUTER, ABROAD, CUSTOMER = "COMPUTER", "fjord", "harbor-shop"


@dataclass(frozen=True, kw_only=True)
class Act:
    """What somebody did so many days ago: a command, `on` an earlier paper if it asks for one, that `makes` another.

    `taken` are what was taken of the lines of that paper, each by its shape and what is said beside.
    """

    role: str
    verb: str
    ago: int
    on: str | None = None
    makes: str | None = None
    given: Mapping[str, Any] = field(default_factory=dict)
    taken: tuple[type, Mapping[str, Any]] | None = None


def _some(quantity: str, shape: type = TakenLine, **more: Any) -> tuple[type, Mapping[str, Any]]:
    return shape, {"quantity": Decimal(quantity), **more}


def _each(**more: Any) -> tuple[type, Mapping[str, Any]]:
    return QuotedLine, more


def _line(quantity: str, **more: Any) -> OrderLine:
    return OrderLine(product=known(COMPUTER), quantity=Decimal(quantity), **more)


TRADE = (
    Act(
        role="storekeeper", verb=buying.CreatePurchaseRequisition.__name__, ago=40, makes="requisition",
        given={"lines": [_line("200")], "note": "For the summer models."},
    ),
    Act(role="storekeeper", verb="SubmitPurchaseRequisition", ago=40, on="requisition"),
    Act(role="approver", verb="ApprovePurchaseRequisition", ago=39, on="requisition"),
    Act(
        role="buyer", verb="SourcePurchaseRequisition", ago=39, on="requisition", makes="request",
        given={"vendor": known("alpine")},
    ),
    Act(role="buyer", verb="SendRequestForQuotation", ago=39, on="request"),
    Act(
        role="buyer", verb="OfferRequestForQuotation", ago=38, on="request", taken=_each(unit_price=Decimal("61.50")),
        given={"vendor_reference": "AN-3380"},
    ),
    Act(role="buyer", verb="OrderRequestForQuotation", ago=37, on="request", makes="order"),
    Act(role="buyer", verb="SubmitPurchaseOrder", ago=37, on="order"),
    Act(role="approver", verb="ApprovePurchaseOrder", ago=36, on="order", given={"reason": "As budgeted."}),
    Act(role="buyer", verb="ConfirmPurchaseOrder", ago=36, on="order"),
    Act(
        role="storekeeper", verb="ReceivePurchaseOrder", ago=25, on="order", makes="receipt",
        given={"delivery_note": "LS-5521"},
    ),
    Act(
        role="storekeeper", verb="ReturnReceipt", ago=24, on="receipt", makes="return",
        taken=_some("10", ReturnedLine, reason="The displays stay dark."),
    ),
    Act(
        role="accountant", verb="BillReceipt", ago=23, on="receipt", makes="bill",
        given={"vendor_reference": "RE-20771"},
    ),
    Act(role="accountant", verb="PostVendorBill", ago=23, on="bill"),
    Act(
        role="seller", verb=selling.CreateQuote.__name__, ago=22, makes="quote",
        given={
            "customer": known(ABROAD), "lines": [_line("20")], "currency": "USD",
            "charges": [OrderCharge(text="Freight to Bergen", amount=Decimal("140.00"), tax=known("ST8"))],
        },
    ),
    Act(role="seller", verb="SendQuote", ago=22, on="quote"),
    Act(role="seller", verb="OrderQuote", ago=20, on="quote", makes="sale", given={"customer_reference": "PO 8841"}),
    Act(role="seller", verb="ConfirmSalesOrder", ago=20, on="sale"),
    Act(
        role="storekeeper", verb="DeliverSalesOrder", ago=18, on="sale", makes="delivery",
        given={"carrier": "Nordic Freight", "tracking_number": "NF 3318 2290"},
    ),
    Act(role="accountant", verb="InvoiceDelivery", ago=18, on="delivery", makes="invoice"),
    Act(role="accountant", verb="PostCustomerInvoice", ago=18, on="invoice"),
    Act(
        role="accountant", verb=PayCustomerInvoice.__name__, ago=10, on="invoice", makes="payment",
        given={"reference": "SWIFT 8841"},
    ),
    Act(
        role="storekeeper", verb="ReturnDelivery", ago=9, on="delivery", makes="sales return",
        taken=_some("2", ReturnedLine, reason="Ordered two too many."),
    ),
    Act(
        role="accountant", verb="CreditCustomerInvoice", ago=8, on="invoice", makes="credit note",
        taken=_some("2", BilledLine),
    ),
    Act(role="accountant", verb="PostCreditNote", ago=8, on="credit note"),
)  # fmt: skip


def trading(now: datetime) -> Iterator[Act]:
    """The acts in order; the reservation ends two days ago."""
    yield from TRADE
    yield Act(
        role="seller", verb="CreateReservation", ago=12, makes="reservation",
        given={
            "customer": known(CUSTOMER), "held_until": now - timedelta(days=2),
            "lines": [ReservedLine(product=known(COMPUTER), quantity=Decimal(30))],
            "note": "Until they have decided about the colour.",
        },
    )  # fmt: skip


def carry_out(work: Work, act: Act, papers: Mapping[str, UUID]) -> UUID:
    """Do it; the id of the paper that it answers with."""
    verb: Any = COMMANDS[act.verb]
    given = dict(act.given)
    if act.on is not None:
        paper = work.find(Document, papers[act.on], options=Document.whole())
        given["id"] = Ref(id=paper.id, type=paper.kind)
        given["expected_version"] = paper.version
        if act.taken is not None:
            shape, told = act.taken
            given["lines"] = [shape(line=Ref(id=paper.lines[0].id), **told)]
    command: Command = verb(**given)
    work.actor.must(command.right)
    answer = command.act(work)
    work.session.flush()
    done: UUID = answer.id
    return done
