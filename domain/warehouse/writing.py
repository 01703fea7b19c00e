"""How stock papers are written and edited: two commands for each kind, made from one row that says what it holds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from sqlalchemy import select, tuple_

from domain.drafts import heads
from domain.drafts.dating import dated
from domain.kernel import text
from domain.kernel.commands import ABSENT, Absent, Asked, Command, Ref, devised, given, said
from domain.kernel.documents import ZERO, Document, Line
from domain.kernel.editing import noun as noun_of
from domain.kernel.errors import BadInput, Refusals, at
from domain.kernel.events import record_type
from domain.kernel.papers import issue
from domain.kernel.plugin import custom_values
from domain.kernel.work import Work
from domain.kernel.workflow import barred
from domain.parties.company import Company, company_of
from domain.stock import ledger
from domain.stock.goods import Goods, taken
from domain.stock.ledger import Place
from domain.stock.move import Position
from domain.warehouse.adjustment import StockAdjustment
from domain.warehouse.transfer import StockTransfer


@given
class AdjustedLine:
    """What was found of one product at one place: as a count, or as the difference to the books."""

    product: Ref = said("What was found; a product kept in stock.")
    location: Ref | None = said("Where; the paper's location if not given.", default=None)
    counted: Decimal | None = said(
        "How much lies there. The difference is that to what the books say as the line is written.", default=None
    )
    difference: Decimal | None = said("How much more or, if negative, less there is than the books say.", default=None)
    unit: Ref | None = said("The unit of the quantity; the product's stock unit if not given.", default=None)
    reason: str = said("Why the books were wrong, as far as anybody knows.")


@given
class MovedLine:
    """What goes to the other place."""

    product: Ref = said("What goes; a product kept in stock.")
    quantity: Decimal = said("How much, in `unit`.")
    unit: Ref | None = said("The unit of the quantity; the product's stock unit if not given.", default=None)
    location: Ref | None = said("Where it is taken from; the paper's location if not given.", default=None)


Pen = Callable[[Work, Document, Goods, Sequence[Any]], list[Line]]


@dataclass(frozen=True, slots=True, kw_only=True)
class StockDraft:
    """A row: papers of `kind` are written by whoever has `right`, in lines of the `shape` that the `pen` reads."""

    kind: type[Document]
    right: str
    shape: type
    pen: Pen
    head: tuple[str, ...]
    manual: str


def adjusted(work: Work, paper: Document, goods: Goods, lines: Sequence[AdjustedLine]) -> list[Line]:
    """The lines of an adjustment; each place of a product once."""
    refusals, found = Refusals(), dict[Place, Line]()
    for index, one in enumerate(lines):
        with refusals.at("lines", index):
            line = _told(goods, one, paper.location_id)
            if _place(line) in found:
                raise BadInput("This product is named twice at this place; leave one out.", path=("product",))
            found[_place(line)] = line
    refusals.settle()
    booked = _booked(work, [place for place, line in found.items() if line.counted is not None])
    for place, line in found.items():
        if line.counted is not None:
            line.booked = booked.get(place, ZERO)
            line.difference = line.counted - line.booked
        line.quantity = abs(line.difference or ZERO)
    return list(found.values())


def moved(_: Work, paper: Document, goods: Goods, lines: Sequence[MovedLine]) -> list[Line]:
    """The lines of a transfer."""
    refusals, found = Refusals(), []
    for index, one in enumerate(lines):
        with refusals.at("lines", index):
            found.append(taken(goods, one, place=paper.location_id))
    refusals.settle()
    return found


def drafting(row: StockDraft) -> tuple[Any, Any]:
    """Register and answer the commands that write and edit papers of a kind."""
    return _creating(row), _updating(row)


def _told(goods: Goods, one: AdjustedLine, place: UUID | None) -> Line:
    line = goods.line(one, place=place)
    if (one.counted is None) == (one.difference is None):
        raise BadInput("Give what was counted, or the difference.", path=("counted",))
    with at("reason"):
        line.reason = text.line(one.reason)
    if one.counted is not None:
        line.counted = goods.in_stock_units(one, "counted", least=ZERO)
        return line
    line.difference = goods.in_stock_units(one, "difference")
    if not line.difference:
        raise BadInput("No difference; leave the line out, or give what was counted.", path=("difference",))
    return line


def _place(line: Line) -> Place:
    return cast("UUID", line.product_id), cast("UUID", line.location_id)


def _booked(work: Work, places: Sequence[Place]) -> dict[Place, Decimal]:
    """What the books say lies at these places."""
    statement = select(Position).where(
        Position.tenant_id == work.actor.tenant, tuple_(Position.product_id, Position.location_id).in_(places)
    )
    rows = work.session.scalars(statement) if places else ()
    return {(row.product_id, row.location_id): row.on_hand for row in rows}


def _creating(row: StockDraft) -> type[Command]:
    asked: Asked = {
        "company": (Ref | None, said("Whose goods; needed only if you work for several companies.", default=None)),
        "dated": (date | None, said("Its date; today in the company's time zone if not given.", default=None)),
        **heads.asked(row.head),
        "lines": (Sequence[row.shape], said("The lines, up to 1,000.", default=())),  # type: ignore[name-defined]
        "custom": (dict[str, Any] | None, said("Fields that plugins add.", default=None)),
    }

    def act(self: Any, work: Work) -> Document:
        company = company_of(work, self.company, "company")
        paper = row.kind(
            company_id=company.id, state="draft", dated=dated(work, company, row.kind, self.dated), lines=[],
            currency=company.currency, exchange_rate=Decimal(1), edited_by=work.actor.signature, charges=[], taxes=[],
            custom=custom_values(record_type(row.kind), self.custom or {}),
        )  # fmt: skip
        heads.put(work, paper, row.head, self)
        paper.location_id = paper.location_id or ledger.receiving_location(work, company.id)
        _write(work, row, paper, self.lines)
        return issue(work, paper)

    name = f"Create{row.kind.__name__}"
    return devised(name, row.manual, asked, act, right=row.right, answers=row.kind, module=__name__)


def _updating(row: StockDraft) -> type[Command]:
    noun = noun_of(row.kind)
    asked: Asked = {
        "id": (Ref, said(f"The {noun}.")),
        "expected_version": (int, said("The version you saw; refused if it has changed since.")),
        "dated": (date | Absent, said("Its date.", default=ABSENT)),
        **heads.asked_again(row.head),
        "lines": (
            Sequence[row.shape] | Absent, said("All lines, in place of those there were.", default=ABSENT),  # type: ignore[name-defined]
        ),
        "custom": (dict[str, Any] | Absent, said("Fields that plugins add; those not given stay.", default=ABSENT)),
    }  # fmt: skip

    def act(self: Any, work: Work) -> Document:
        paper = work.locked(row.kind, self.id, self.expected_version, *row.kind.whole())
        if paper.state != "draft":
            raise barred(paper, f"What is {paper.state} cannot be edited; reverse it, and write another.")
        company = work.find(Company, paper.company_id)
        paper.dated = dated(work, company, row.kind, self.dated) if self.dated else paper.dated
        paper.edited_by = work.actor.signature
        heads.put(work, paper, row.head, self)
        if self.custom is not ABSENT:
            paper.custom = {**paper.custom, **custom_values(record_type(row.kind), self.custom)}
        if self.lines is not ABSENT:
            paper.lines = []
            work.session.flush()
            _write(work, row, paper, self.lines)
        return paper

    manual = f"Edit a draft {noun}. What is not given stays; `lines`, where given, replace all."
    return devised(f"Update{row.kind.__name__}", manual, asked, act, right=row.right, answers=row.kind, module=__name__)


def _write(work: Work, row: StockDraft, paper: Document, lines: Sequence[Any]) -> None:
    paper.lines = row.pen(work, paper, Goods(work, paper.company_id, lines), lines)
    for index, line in enumerate(paper.lines):
        line.position = index + 1


CreateStockAdjustment, UpdateStockAdjustment = drafting(
    StockDraft(
        kind=StockAdjustment, right="stock.adjust", shape=AdjustedLine, pen=adjusted, head=("location", "note"),
        manual="Draft an adjustment of what was found at places of a company; the books follow when it is posted.",
    )
)  # fmt: skip
CreateStockTransfer, UpdateStockTransfer = drafting(
    StockDraft(
        kind=StockTransfer, right="stock.move", shape=MovedLine, pen=moved, head=("location", "destination", "note"),
        manual="Draft a transfer of goods to another place of the company; post it, or ship it over transit.",
    )
)  # fmt: skip
