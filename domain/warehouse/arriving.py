"""What was shipped over transit arrives, in one go or in parts, and is put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from domain.drafts.dating import dated
from domain.kernel.commands import ABSENT, Absent, Command, Ref, command, given, said
from domain.kernel.decimals import checked
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.errors import BadInput, NotFound, NothingLeft, Refusals, at
from domain.kernel.papers import hold
from domain.kernel.work import Work
from domain.kernel.workflow import take
from domain.parties.company import Company
from domain.stock import ledger
from domain.warehouse.transfer import RIGHT, StockTransfer, in_transit


@given
class ArrivedLine:
    """What arrived of one line."""

    line: Ref = said("The line of the transfer.")
    quantity: Decimal = said("How much arrived, in the product's stock unit.")


@command(right=RIGHT, answers=StockTransfer)
class ReceiveStockTransfer(Command):
    """Put what arrived of a transfer that was shipped in its place; what did not is still in transit."""

    id: Ref = said("The transfer.")
    expected_version: int | Absent = said("The version you saw; refused if it has changed since.", default=ABSENT)
    lines: Sequence[ArrivedLine] | None = said("What arrived; all that is in transit if not given.", default=None)
    dated: date | None = said("The day it arrived, not before it left; today if not given.", default=None)

    def act(self, work: Work) -> StockTransfer:
        with at("id"):
            hold(work, [work.id_of(StockTransfer, self.id)])
        version = None if self.expected_version is ABSENT else self.expected_version
        paper = work.locked(StockTransfer, self.id, version, *Document.whole())
        day = dated(work, work.find(Company, paper.company_id), StockTransfer, self.dated)
        if day < paper.dated:
            raise BadInput(f"The goods left on {paper.dated}.", path=("dated",))
        paper.workflow.step("receive", paper.state)
        came = self._came(work, paper)
        for line, quantity in came:
            line.received += quantity
        ledger.post(work, paper.company_id, [_leg(work, paper, *one) for one in came], dated=day)
        take(work, paper, "receive")
        settle(work, paper)
        return paper

    def _came(self, work: Work, paper: StockTransfer) -> list[tuple[Line, Decimal]]:
        if self.lines is None:
            return [(line, in_transit(line)) for line in paper.lines if in_transit(line)]
        named = work.find_all(Line, [one.line for one in self.lines])
        mine, refusals, found = {line.id: line for line in paper.lines}, Refusals(), dict[Line, Decimal]()
        for index, one in enumerate(self.lines):
            with refusals.at("lines", index):
                line = mine.get(named[one.line].id) if one.line in named else None
                if line is None:
                    raise NotFound("There is no such line on the transfer; check the id.", path=("line",))
                if line in found:
                    raise BadInput("This line is named twice; add the quantities up.", path=("line",))
                found[line] = _part(line, one.quantity)
        refusals.settle()
        return list(found.items())


def settle(work: Work, paper: StockTransfer) -> None:
    """A transfer has arrived when nothing of it is in transit any more, and until something is again."""
    on_the_way = any(in_transit(line) for line in paper.lines)
    if paper.state == "shipped" and not on_the_way:
        take(work, paper, "arrive")
    elif paper.state == "posted" and on_the_way:
        take(work, paper, "miss")


def _part(line: Line, quantity: Decimal) -> Decimal:
    with at("quantity"):
        part = checked(quantity, digits=line.stock_digits, above=ZERO)
        if part > in_transit(line):
            raise NothingLeft(f"Only {in_transit(line)} are in transit; no more can arrive.", left=in_transit(line))
        return part


def _leg(work: Work, paper: StockTransfer, line: Line, quantity: Decimal) -> ledger.Leg:
    if line.product_id is None or paper.destination_id is None:
        raise TypeError("a transfer is of goods, to a place")
    transit = ledger.virtual_location(work, paper.company_id, "transit")
    return ledger.Leg(
        product=line.product_id, origin=transit, target=paper.destination_id, quantity=quantity, line=line.id
    )
