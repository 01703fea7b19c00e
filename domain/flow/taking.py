"""What is taken of other papers' lines: the shapes in which people say so, and the check of what they say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.catalog.unit import Unit
from domain.drafts.lines import DISCOUNT, UNIT_PRICE
from domain.flow.leaving import Limit
from domain.flow.table import CARRIED, REPRICES
from domain.kernel import text
from domain.kernel.commands import ABSENT, Ref, given, said
from domain.kernel.decimals import PRICE_DIGITS, checked, product_of, ratio, rounded
from domain.kernel.documents import ZERO, Document, Line, LineLink
from domain.kernel.errors import BadInput, NotFound, Refusals, at
from domain.kernel.fields import day
from domain.kernel.work import Work
from domain.purchase.receipt import Receipt
from domain.stock.fulfilling import expects


@given
class TakenLine:
    """What is taken of one line of another paper."""

    line: Ref = said("The line that it is taken of.")
    quantity: Decimal = said("How much, in that line's unit.")


@given
class ReceivedLine(TakenLine):
    """What came of one order line."""

    line: Ref = said("The order line, or that of a shipment notice.")
    quantity: Decimal = said("What came, in the order line's unit, rejected goods included.")
    rejected: Decimal = said("What of it was refused at inspection; it does not enter stock.", default=ZERO)
    reason: str | None = said("Why it was refused. Required if anything was.", default=None)


@given
class ReturnedLine(TakenLine):
    """What goes back of one line of a receipt or delivery."""

    line: Ref = said("The line of the receipt or delivery.")
    reason: str = said("Why it goes back.")
    replace: bool = said("Whether a replacement is to come; then that much is open again on the order.", default=False)


@given
class BilledLine(TakenLine):
    """What is billed of one line."""

    unit_price: Decimal | None = said(
        "The net price of `priceBase` units that is billed; the agreed price if not given.", default=None
    )
    discount_percent: Decimal | None = said("Off the price, 0 to 100; as agreed if not given.", default=None)


@given
class CreditedLine(BilledLine):
    """What is given back, or claimed, of one line."""

    price_only: bool = said(
        "Whether it is about the price alone, which was too high by `unitPrice`: the goods stay billed, and may still "
        "be returned and credited at what is left of their price.",
        default=False,
    )


@given
class OrderedLine(TakenLine):
    """What is ordered of one line."""

    unit_price: Decimal | None = said("Another net price of `priceBase` units than it has.", default=None)
    expected_on: date | None = said("When it should come; as the line says if not given.", default=None)


@given
class LostLine(TakenLine):
    """What was lost of one line on its way."""

    line: Ref = said("The line of the transfer.")
    quantity: Decimal = said("How much did not arrive and will not, in the product's stock unit.")
    reason: str = said("How it was lost, as far as anybody knows.")


@dataclass(frozen=True, slots=True)
class Taken:
    """A line that something is taken of, how much, and what was said of it at which place of the request.

    `agreed` is the line that has the terms, and `agreed_on` its paper: the line itself, or of goods that moved the line
    that they were ordered by.
    """

    source: Document
    line: Line
    agreed_on: Document
    agreed: Line
    quantity: Decimal
    told: Any
    index: int

    def told_of(self, name: str) -> Any:
        """What was said; None if nothing was."""
        found = getattr(self.told, name, None)
        return None if found is ABSENT else found


class Basket:
    """What is taken of the lines of papers that are locked, checked line by line."""

    def __init__(self, work: Work, sources: Sequence[Document], limits: Mapping[UUID, Limit]) -> None:
        self._work, self._limits = work, limits
        self._lines = {line.id: (source, line) for source in sources for line in source.lines}
        terms = _terms(work)
        self._agreed = {line.id: _agreed(source, line, terms) for source, line in self._lines.values()}

    def all_left(self, pending: Mapping[UUID, Decimal]) -> list[Taken]:
        """Whatever is left, less what drafts would take."""
        found: list[Taken] = []
        for source, line in self._lines.values():
            quantity = self._limits[source.id].left(source, line) - pending.get(line.id, ZERO)
            if quantity > 0:
                found.append(Taken(source, line, *self._agreed[line.id], quantity, None, len(found)))
        return found

    def chosen(self, told: Sequence[TakenLine]) -> list[Taken]:
        """What was named, each within what is left. All mistakes are told at once."""
        if not told:
            raise BadInput("Say of which lines how much; give at least one.", path=("lines",))
        named = self._work.find_all(Line, [one.line for one in told])
        units = self._work.find_all(Unit, [line.unit_id for _, line in self._lines.values()])
        found: list[Taken] = []
        refusals, seen = Refusals(), set[UUID]()
        for index, one in enumerate(told):
            with refusals.at("lines", index):
                line = named.get(one.line)
                if line is None or line.id not in self._lines:
                    raise NotFound("There is no such line on these papers; check the id.", path=("line",))
                if line.id in seen:
                    raise BadInput("This line is named twice; add the quantities up.", path=("line",))
                seen.add(line.id)
                found.append(self._taken(index, one, line.id, units[line.unit_id].digits))
        refusals.settle()
        return found

    def _taken(self, index: int, one: TakenLine, id: UUID, digits: int) -> Taken:
        source, line = self._lines[id]
        with at("quantity"):
            quantity = checked(one.quantity, digits=digits, above=ZERO)
        if isinstance(one, ReceivedLine):
            _inspected(one, digits)
        priced = getattr(one, "price_only", False)
        most = line.quantity if priced else self._limits[source.id].most(source, line)
        if quantity > most:
            with at("quantity"):
                raise self._limits[source.id].refusal(line, most)
        return Taken(source, line, *self._agreed[id], quantity, one, index)


def _inspected(one: ReceivedLine, digits: int) -> None:
    with at("rejected"):
        checked(one.rejected, digits=digits, least=ZERO)
        if one.rejected > one.quantity:
            raise BadInput("More cannot be rejected than came.")
    if one.rejected and not (one.reason or "").strip():
        raise BadInput("Say why goods were rejected.", path=("reason",))


def put(paper: Document, one: Taken, relation: str) -> None:
    """Add a line to a paper for what is taken, linked to the line it is taken of and to what that inherits from."""
    with at("lines", one.index):
        line = _line(paper, one)
    rejected = one.told_of("rejected") or ZERO
    replaced = one.quantity if one.told_of("replace") else ZERO
    mine = REPRICES if one.told_of("price_only") else relation
    inherited = {link.to_line_id: REPRICES if link.relation == REPRICES else mine for link in _inherited(one.line)}
    for target, found in {one.line.id: mine, **inherited}.items():
        line.links.append(
            LineLink(to_line_id=target, relation=found, quantity=one.quantity, rejected=rejected, replaced=replaced)
        )


def rate_between(source: Document, paper: Document) -> Decimal:
    """Of what was estimated in the currency of one paper, in that of the other."""
    if source.currency == paper.currency:
        return Decimal(1)
    return ratio(source.exchange_rate, paper.exchange_rate)


def _line(paper: Document, one: Taken) -> Line:
    with at("reason"):
        reason = text.line(one.told_of("reason")) if one.told_of("reason") else None
    if isinstance(paper, Receipt):
        return paper.count(one.line, quantity=one.quantity, rejected=one.told_of("rejected") or ZERO, reason=reason)
    line = one.line.again(position=len(paper.lines) + 1, quantity=one.quantity, reason=reason)
    paper.lines.append(line)
    if paper.route is not None:
        return line
    line.on_terms_of(one.agreed)
    if paper.asks:
        line.leave_price_open()
    line.unit_price = rounded(product_of(line.unit_price, rate_between(one.agreed_on, paper)), PRICE_DIGITS)
    with at("unitPrice"):
        if one.told_of("unit_price") is not None:
            line.unit_price, line.price_source = UNIT_PRICE(one.told_of("unit_price")), "given"
        elif one.told_of("price_only"):
            raise BadInput("Say by how much the price was too high.")
    with at("discountPercent"):
        if one.told_of("discount_percent") is not None:
            line.discount_percent = DISCOUNT(one.told_of("discount_percent"))
    with at("expectedOn"):
        line.expected_on = day(one.told_of("expected_on")) if one.told_of("expected_on") else one.line.expected_on
    return line


Terms = Mapping[UUID, tuple[Document, Line]]
"""Lines that say at which terms goods were ordered, with their papers, by id."""


def _terms(work: Work) -> Terms:
    orders = [one for one in work.held.values() if isinstance(one, Document) and expects(one)]
    return {line.id: (order, line) for order in orders for line in order.lines}


def _agreed(source: Document, line: Line, terms: Terms) -> tuple[Document, Line]:
    """The line by which goods were ordered, and its paper, if this one only tells that they moved."""
    if source.route is None:
        return source, line
    return next((terms[link.to_line_id] for link in _inherited(line) if link.to_line_id in terms), (source, line))


def _inherited(line: Line) -> list[LineLink]:
    """What all of a line is linked to; which parts of it are is seen when what is made from it comes into force."""
    return [link for link in line.links if link.relation in CARRIED and link.quantity == line.quantity]
