"""How papers are made from others: the lines that are taken are checked, copied and linked.

The new paper is drafted, or posted at once. There is one command for each row of the table, and for each kind one that
takes lines of several papers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from domain.catalog.taxation import Taxation
from domain.drafts import heads
from domain.drafts.dating import dated, no_earlier
from domain.drafts.lines import MOST_LINES
from domain.flow.charging import GIVING_BACK, CreditedCharge, charges_of
from domain.flow.settling import pending_sums
from domain.flow.table import FLOW, Begets, begetting, sources_of, stands
from domain.flow.taking import (
    Basket,
    BilledLine,
    CreditedLine,
    LostLine,
    OrderedLine,
    ReceivedLine,
    ReturnedLine,
    TakenLine,
    put,
    rate_between,
)
from domain.invoicing.bill import DebitNote, VendorBill, VendorCreditNote
from domain.invoicing.invoice import CreditNote, CustomerInvoice
from domain.kernel import totals
from domain.kernel.commands import ABSENT, Absent, Command, Ref, devised, said
from domain.kernel.decimals import money, product_of
from domain.kernel.documents import Charge, Document, Line
from domain.kernel.editing import noun as noun_of
from domain.kernel.errors import BadInput, NotFound, NotReady, at
from domain.kernel.papers import hold, issue
from domain.kernel.work import Work
from domain.kernel.workflow import take
from domain.parties.company import Company
from domain.parties.partner import Partner
from domain.parties.rate import rate_on
from domain.purchase.order import PurchaseOrder
from domain.purchase.quotation import RequestForQuotation
from domain.purchase.receipt import Receipt
from domain.purchase.requisition import PurchaseRequisition
from domain.purchase.returning import PurchaseReturn
from domain.purchase.shipment import ShipmentNotice
from domain.sales.delivery import Delivery
from domain.sales.order import SalesOrder
from domain.sales.returning import SalesReturn
from domain.stock import ledger
from domain.warehouse.adjustment import StockAdjustment

SHAPES: Mapping[type[Document], tuple[type, tuple[str, ...]]] = {
    RequestForQuotation: (TakenLine, ("valid_until", "note")),
    PurchaseOrder: (OrderedLine, ("location", "payment_term", "vendor_reference", "note")),
    ShipmentNotice: (TakenLine, ("expected_on", "carrier", "tracking_number", "delivery_note", "note")),
    Receipt: (ReceivedLine, ("location", "delivery_note", "note")),
    PurchaseReturn: (ReturnedLine, ("location", "note")),
    VendorBill: (BilledLine, ("vendor_reference", "payment_term", "note")),
    DebitNote: (CreditedLine, ("note",)),
    VendorCreditNote: (CreditedLine, ("vendor_reference", "note")),
    SalesOrder: (OrderedLine, ("location", "payment_term", "customer_reference", "buyer_reference", "note")),
    Delivery: (TakenLine, ("location", "carrier", "tracking_number", "note")),
    SalesReturn: (ReturnedLine, ("location", "note")),
    CustomerInvoice: (BilledLine, ("payment_term", "customer_reference", "buyer_reference", "note")),
    CreditNote: (CreditedLine, ("note",)),
    StockAdjustment: (LostLine, ("note",)),
}
"""By kind: in which shape people say what is taken for it, and what may stand on its head."""
INHERITED = (
    "company_id", "partner_id", "currency", "location_id", "payment_term_id", "buyer_reference", "payment_method",
    "invoice_address_id", "delivery_address_id", "tax_position_id", "tax_rounding",
)  # fmt: skip
BEAR_THE_ORDER = frozenset({Delivery, SalesReturn, CustomerInvoice, CreditNote})
"""Kinds that bear the number of the customer's order on; whatever a vendor sends has a number of its own."""


def beget(work: Work, target: type[Document], sources: Sequence[Document], told: Any) -> Document:
    """Make a paper from others, which are locked and whole. `told` is the command.

    Answers with the new paper: drafted or, where its row says so and the command does not object, posted.
    """
    row = _alike(work, sources, target)
    company = work.find(Company, sources[0].company_id)
    paper = _head(work, target, sources, company, told)
    if paper.route is not None:
        no_earlier(work, company, paper, sources)
    known = [one for one in work.held.values() if isinstance(one, Document)]
    pending = pending_sums(work, [line.id for one in known for line in one.lines], target)
    limits = {source.id: _row(source, target).limit(work, [source]) for source in sources}
    basket = Basket(work, sources, limits)
    taken = basket.all_left(pending) if told.lines is None else basket.chosen(told.lines)
    if not taken:
        raise NotReady(f"Nothing is left to {row.verb}.", path=("lines",))
    if len(taken) > MOST_LINES:
        raise BadInput(f"A paper has at most {MOST_LINES} lines; take fewer at once.", path=("lines",))
    for one in taken:
        put(paper, one, row.relation)
    if paper.route is None:
        parts = [] if paper.asks else charges_of(work, taken, row.relation, getattr(told, "charges", None))
        paper.charges = [one.again(amount, position=at + 1) for at, (one, amount) in enumerate(parts)]
        for charge in paper.charges:
            charge.amount = money(product_of(charge.amount, rate_between(sources[0], paper)), paper.currency)
        if paper.partner_id != sources[0].partner_id:
            _levy(work, paper, company)
        _reckon(paper, company)
    issue(work, paper)
    work.session.flush()
    work.session.refresh(paper, ["partner"])
    if row.at_once and not told.draft:
        take(work, paper, "post")
    return paper


def _row(source: Document, target: type[Document]) -> Begets:
    row = begetting(type(source), target)
    if row is None:
        raise BadInput(f"{source.number} is no paper that this is made from.", path=("lines",))
    return row


def _alike(work: Work, sources: Sequence[Document], target: type[Document]) -> Begets:
    """The row, if the sources may all beget one such paper; where they are of several kinds, that of the first."""
    if not sources:
        raise NotFound("There is no such line; check the id.", path=("lines", 0, "line"))
    rows = [_row(source, target) for source in sources]
    for row, source in zip(rows, sources, strict=True):
        source.workflow.step(row.verb, source.state)
        for guard in (stands, *row.guards):
            guard(work, source)
    if len({(one.partner_id, one.company_id, one.currency) for one in sources}) > 1:
        raise BadInput("One paper is for one partner, company and currency; write several.", path=("lines",))
    return rows[0]


def _head(work: Work, target: type[Document], sources: Sequence[Document], company: Company, told: Any) -> Document:
    source = sources[0]
    paper = target(
        state="draft", edited_by=work.actor.signature, lines=[], charges=[], taxes=[], custom={},
        issued_at=work.now if work.actor.partner else None,
        **{name: getattr(source, name) for name in INHERITED},
    )  # fmt: skip
    if target in BEAR_THE_ORDER:
        paper.partner_reference = _alike_in(sources, "partner_reference")
    with at("vendor"):
        if (vendor := getattr(told, "vendor", None)) is not None:
            _by_vendor(work, paper, vendor, company)
        elif paper.partner_id is None and hasattr(told, "vendor"):
            raise NotReady("Say of which vendor; what is taken of was asked of none yet.")
    paper.dated = dated(work, company, target, told.dated)
    heads.put(work, paper, SHAPES[target][1], told)
    if paper.route is not None and paper.location_id is None:
        paper.location_id = ledger.receiving_location(work, company.id)
    with at("currency"):
        paper.exchange_rate = (
            source.exchange_rate if paper.route else rate_on(work, paper.currency, company.currency, paper.dated)
        )
    return paper


def _alike_in(sources: Sequence[Document], name: str) -> Any:
    """What stands on all of them, or None if they differ."""
    found = {getattr(source, name) for source in sources}
    return found.pop() if len(found) == 1 else None


def _by_vendor(work: Work, paper: Document, ref: Ref, company: Company) -> None:
    vendor = work.choose(Partner, ref)
    if not vendor.is_vendor:
        raise BadInput(f"{vendor.name} is not a vendor; give the partner that role first.")
    if paper.partner_id not in {None, vendor.id}:
        raise BadInput("These lines are another vendor's offer; leave the vendor out, or ask this one too.")
    if paper.partner_id == vendor.id:
        return
    paper.partner_id, paper.payment_term_id = vendor.id, vendor.payment_term_id
    paper.currency = vendor.currency or company.currency


def _levy(work: Work, paper: Document, company: Company) -> None:
    """Tax the lines and charges of a paper by the position of a partner whom those it was made from did not have."""
    taxation = Taxation(work, paper, company=company, partner=work.find(Partner, paper.partner_id or Ref()))
    parts: list[Line | Charge] = [*paper.lines, *paper.charges]
    taxation.know(part.tax_id for part in parts)
    for part in parts if taxation.changed else ():
        taxation.levy(part, part.tax_id)


def _reckon(paper: Document, company: Company) -> None:
    totals.reckon(paper, company_currency=company.currency)
    dates = [line.expected_on for line in paper.lines if line.expected_on]
    paper.expected_on = paper.expected_on or min(dates, default=None)


def _one(row: Begets) -> type[Command]:
    """The command by which one paper begets another."""
    noun, shape = noun_of(row.source), SHAPES[row.target][0]
    asked = {
        "id": (Ref, said(f"The {noun}.")),
        "expected_version": (
            int | Absent, said("The version you saw; refused if it has changed since.", default=ABSENT)
        ),
        "lines": (
            Sequence[shape] | None,  # type: ignore[valid-type]
            said("What is taken of which lines; all that is left, if not given.", default=None),
        ),
        **_asked_of(row.target, [row]),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Document:
        with at("id"):
            id = work.id_of(row.source, self.id)
            hold(work, [id])
        version = None if self.expected_version is ABSENT else self.expected_version
        source = work.locked(row.source, self.id, version, *row.source.whole())
        return beget(work, row.target, [source], self)

    name = f"{row.verb.title().replace('_', '')}{row.source.__name__}"
    return devised(name, row.description, asked, act, right=row.right, answers=row.target, module=__name__)


def _several(target: type[Document]) -> type[Command]:
    """The command by which lines of several papers beget one."""
    rows = sources_of(target)
    noun, shape = noun_of(target), SHAPES[target][0]
    known = " or ".join(f"{noun_of(row.source)}s" for row in rows)
    asked = {
        "lines": (
            Sequence[shape],  # type: ignore[valid-type]
            said(f"What is taken of which lines, of any {known} of one partner, company and currency."),
        ),
        **_asked_of(target, rows),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Document:
        if not self.lines:
            raise BadInput("Say of which lines how much; give at least one.", path=("lines",))
        named = work.find_all(Line, [one.line for one in self.lines])
        return beget(work, target, hold(work, {line.document_id for line in named.values()}), self)

    manual = f"Make one {noun} of lines of several {known}."
    verb = "Create" if all(row.at_once for row in rows) else "Consolidate"
    name = f"{verb}{target.__name__}"
    return devised(name, manual, asked, act, right=rows[0].right, answers=target, module=__name__)


def _asked_of(target: type[Document], rows: Sequence[Begets]) -> dict[str, tuple[Any, Any]]:
    asked: dict[str, tuple[Any, Any]] = {}
    if any(row.source is PurchaseRequisition for row in rows):
        asked["vendor"] = (Ref, said("The vendor; the lines of requisitions have none yet.")) if all(
            row.source is PurchaseRequisition for row in rows
        ) else (Ref | None, said("The vendor, for lines of requisitions.", default=None))  # fmt: skip
    if rows[0].relation in GIVING_BACK:
        asked["charges"] = (
            Sequence[CreditedCharge] | None,
            said(
                "What is given back of which charges; all that is left, with the last of the goods, if not given.",
                default=None,
            ),
        )  # fmt: skip
    asked["dated"] = (date | None, said("The date of the new paper; today if not given.", default=None))
    asked |= heads.asked(SHAPES[target][1])
    if any(row.at_once for row in rows):
        asked["draft"] = (bool, said("Only draft it, to be looked at and posted later.", default=False))
    return asked


MADE: Mapping[str, Any] = {
    made.__name__: made
    for made in (
        *map(_one, FLOW),
        *(_several(target) for target in SHAPES if all(row.several for row in sources_of(target))),
    )
}
"""The commands by name."""
