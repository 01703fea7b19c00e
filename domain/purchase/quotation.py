"""A request for quotation asks a vendor what goods or services would cost, and keeps the answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from domain.drafts.lines import DISCOUNT, PRICE_BASE, UNIT_PRICE
from domain.drafts.lives import Reason, has_lines, issued, keep_reason, nothing_done, own_lines, partner_in_use
from domain.drafts.pricing import OFFERED
from domain.kernel import text, totals
from domain.kernel.actions import verbs
from domain.kernel.commands import Ref, given, said
from domain.kernel.documents import ZERO, Document, Progress
from domain.kernel.errors import BadInput, Refusals, at
from domain.kernel.fields import day
from domain.kernel.work import Work
from domain.kernel.workflow import Workflow, step
from domain.parties.company import Company


@given
class QuotedLine:
    """What the vendor asks for a line."""

    line: Ref = said("The line of the request.")
    unit_price: Decimal = said("The net price of `priceBase` units.")
    price_base: Decimal | None = said("The quantity that the price buys; 1 if not given.", default=None)
    discount_percent: Decimal | None = said("Off the price, 0 to 100.", default=None)
    expected_on: date | None = said("When the vendor can deliver it.", default=None)


@given
class Answer:
    """What the vendor answers. Lines that are not named have no offer, and cannot be ordered."""

    lines: Sequence[QuotedLine] = said("The prices, at least one.")
    vendor_reference: str | None = said("The vendor's number for the offer.", default=None)
    valid_until: date | None = said("The last day on which the offer holds.", default=None)


def take_offer(work: Work, paper: Document, answer: Any) -> None:
    """Effect: prices and dates of the vendor stand on the request."""
    refusals, lines = Refusals(), own_lines(work, paper, [one.line for one in answer.lines])
    if not answer.lines:
        raise BadInput("Give the price of at least one line.", path=("lines",))
    for index, one in enumerate(answer.lines):
        with refusals.at("lines", index):
            line = lines(one.line)
            with at("unitPrice"):
                line.unit_price = UNIT_PRICE(one.unit_price)
            with at("priceBase"):
                line.price_base = PRICE_BASE(one.price_base or Decimal(1))
            with at("discountPercent"):
                line.discount_percent = DISCOUNT(one.discount_percent or ZERO)
            line.price_source = OFFERED
            line.expected_on = day(one.expected_on) if one.expected_on else line.expected_on
    refusals.settle()
    for line in paper.lines:
        if line.price_source != OFFERED:
            line.leave_price_open()
    with at("vendorReference"):
        if answer.vendor_reference:
            paper.partner_reference = text.line(answer.vendor_reference)
    with at("validUntil"):
        if answer.valid_until:
            paper.valid_until = day(answer.valid_until)
    totals.reckon(paper, company_currency=work.find(Company, paper.company_id).currency)


class RequestForQuotation(Document):
    """A request to one vendor for an offer. It has no prices but those of the offer, which may be ordered."""

    __mapper_args__ = {"polymorphic_identity": "request_for_quotation"}
    series = "RFQ{year}-{number:05d}"
    asks = True
    progress = Progress(done="ordered", column="ordering_state", complete="ordered", awaits=frozenset({"offered"}))
    workflow = Workflow(
        "draft",
        {
            "draft": "Being written; may be edited.",
            "sent": "The vendor was asked.",
            "offered": "The vendor has answered with prices; it may be ordered.",
            "declined": "The vendor offers nothing, or the offer was not taken.",
            "cancelled": "Never sent, or called off.",
        },
        [
            step(
                "send", "draft", "sent", event="sent", right="purchase.write",
                description="Ask the vendor; they see the request from now on.", guards=[has_lines, partner_in_use],
                effects=[issued],
            ),
            step(
                "offer", "sent|offered", "offered", event="offered", right="vendor.answer",
                description="Answer, as the vendor or for them, with prices and dates; again, to correct it.",
                guards=[nothing_done], effects=[take_offer], shape=Answer,
            ),
            step(
                "decline", "sent|offered", "declined", event="declined", right="vendor.answer",
                description="Offer nothing, or do not take the offer.",
                guards=[nothing_done], effects=[keep_reason], shape=Reason,
            ),
            step(
                "cancel", "draft|sent", "cancelled", event="cancelled", right="purchase.write",
                description="Call the request off.", effects=[keep_reason], shape=Reason,
            ),
        ],
    )  # fmt: skip


verbs(RequestForQuotation)
