"""How it is entered that a credit settles a debt, and that it does so no more."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from domain.accounting.entering import mirror, pair, write
from domain.accounting.entry import Entry
from domain.accounting.portions import PORTIONS
from domain.accounting.rules import KINDS
from domain.accounting.settlements import Figures, Settling
from domain.kernel.documents import Document
from domain.kernel.totals import BUYING
from domain.kernel.work import Work

__all__ = ["Figures", "settle", "take_back"]


def settle(work: Work, credit: Document, debt: Document, figures: Figures, dated: date) -> Entry | None:
    """Enter what a credit settles of a debt, as of a day; the entry is the credit's."""
    seen = Settling(work, debt, credit=credit, figures=figures)
    rules = KINDS[f"{_side(debt)}_allocation"]
    legs = [leg for rule in rules for portion in PORTIONS[rule.amount](seen) for leg in pair(rule, portion, debt)]
    return write(work, credit, rules[0].journal, legs, dated=dated)


def take_back(work: Work, entry: UUID, credit: Document, dated: date) -> None:
    """Enter that what a credit had settled is open again, as of a day."""
    mirror(work, work.find(Entry, entry), credit, dated=dated)


def _side(debt: Document) -> str:
    return debt.payment_side or ("payables" if debt.direction == BUYING else "receivables")
