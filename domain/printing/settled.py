"""What a payment settles, as it stands on its page: each paper with what it took of the payment."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal

from domain.invoicing.standing import stand
from domain.kernel.documents import Document
from domain.printing.column import Cell, Column, numbers
from domain.printing.figures import Figures
from domain.printing.form import PRICED, form_of
from domain.printing.gathering import Gathered, Settled
from domain.printing.words import Words


class Settlements:
    """Makes the columns of one page of a payment."""

    def __init__(self, known: Gathered, words: Words, figures: Figures) -> None:
        self._known, self._words, self._figures, self._rows = known, words, figures, known.settled
        self._cells: Mapping[str, Callable[[], list[Cell]]] = {
            "position": self._positions,
            "item": self._items,
            "dated": self._days,
            "let_off": self._discounts,
            "amount": self._amounts,
        }

    def all(self, *, priced: bool) -> list[Column]:
        """Those of the form, as far as they say something."""
        names = [one for one in self._known.form.columns if (priced or one not in PRICED) and self._speaks(one)]
        return [self._column(name) for name in names]

    def _speaks(self, name: str) -> bool:
        return any(one.discount for one in self._rows) if name == "let_off" else bool(self._rows)

    def _column(self, name: str) -> Column:
        label = self._words[name] + (f" {self._figures.currency}" if name == "amount" else "")
        return {"label": label, "of": "text" if name == "item" else "number", "cells": self._cells[name]()}

    def _positions(self) -> list[Cell]:
        return [{"text": str(index + 1)} for index in range(len(self._rows))]

    def _items(self) -> list[Cell]:
        return [{"text": f"{self._words[one.kind]} {one.number}", "under": self._under(one)} for one in self._rows]

    def _under(self, one: Settled) -> list[str]:
        """The number by which a vendor knows the paper."""
        theirs = one.reference if "vendor_paper" in form_of(one.kind).facts else None
        return [f"{self._words['vendor_paper']}: {theirs}"] if theirs else []

    def _days(self) -> list[Cell]:
        return [{"text": self._figures.day(one.dated)} for one in self._rows]

    def _discounts(self) -> list[Cell]:
        return [{"text": self._theirs(one, one.discount) if one.discount else ""} for one in self._rows]

    def _amounts(self) -> list[Cell]:
        """In the currency of the payment, so that they sum; below, in that of the paper."""
        cells = numbers(self._figures, [(one.used, self._figures.digits) for one in self._rows])
        return [
            {**cell, "under": [self._theirs(one, one.amount)] if self._is_apart(one) else []}
            for cell, one in zip(cells, self._rows, strict=True)
        ]

    def _theirs(self, one: Settled, amount: Decimal) -> str:
        figures = Figures(self._figures.locale, one.currency)
        return figures.money(amount) if self._is_apart(one) else figures.amount(amount)

    def _is_apart(self, one: Settled) -> bool:
        return one.currency != self._figures.currency


def parts(paper: Document, words: Words, figures: Figures) -> Iterator[tuple[str, str]]:
    """What of a payment was used, and what of it is left, where something is."""
    mine = stand(paper)
    if mine is None or paper.state != "posted" or not paper.residual:
        return
    if used := paper.total - paper.residual:
        yield words["settled"], figures.amount(used)
    yield words["left_open" if mine.is_debt else "left_as_credit"], figures.amount(paper.residual)
