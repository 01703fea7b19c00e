"""The columns of a page: what stands over them, and what of a line stands in them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from domain.kernel.documents import Line
from domain.printing.figures import Figures, places
from domain.printing.form import PRICED
from domain.printing.gathering import Gathered
from domain.printing.party import frozen
from domain.printing.words import Words

Cell = Mapping[str, Any]
"""`text`; what a number `lack`s behind the point to stand below others; lines in small `under` it."""
Column = Mapping[str, Any]
"""A `label`, the `cells`, and what they are `of`: text, number or unit."""
QUANTITIES = frozenset({"quantity", "received", "rejected", "accepted", "booked", "counted", "difference"})
ONE = Decimal(1)


class Columns:
    """Makes the columns of one page."""

    def __init__(self, known: Gathered, words: Words, figures: Figures) -> None:
        self._known, self._words, self._figures = known, words, figures
        self._lines: Sequence[Line] = known.paper.lines
        kept = frozen(known.paper, "units") or {}
        self._units = {place: str(one["name"]) for one in kept.values() for place in one["lines"]}
        self._cells: Mapping[str, Callable[[], list[Cell]]] = {
            "position": self._positions,
            "item": self._items,
            "unit_price": self._unit_prices,
            "discount": self._discounts,
            "tax_rate": self._tax_rates,
            "amount": self._amounts,
        }

    def all(self, *, priced: bool) -> list[Column]:
        """Those of the form, as far as they say something; the unit behind the last of the quantities."""
        names = [name for name in self._known.form.columns if (priced or name not in PRICED) and self._speaks(name)]
        counted = [name for name in names if name in QUANTITIES]
        found = []
        for name in names:
            found.append(self._column(name))
            if counted and name == counted[-1]:
                found.append({"label": "", "of": "unit", "cells": [{"text": self._unit(line)} for line in self._lines]})
        return found

    def _speaks(self, name: str) -> bool:
        if name == "discount":
            return any(line.discount_percent for line in self._lines)
        if name in {"booked", "counted"}:
            return not self._known.is_reversal and any(line.counted is not None for line in self._lines)
        return name != "tax_rate" or any(line.tax_id for line in self._lines)

    def _column(self, name: str) -> Column:
        if name in QUANTITIES:
            values = [(self._counted(line, name), self._digits(line)) for line in self._lines]
            return {"label": self._words[name], "of": "number", "cells": self._numbers(values)}
        label = self._words[name] + (f" {self._figures.currency}" if name == "amount" else "")
        return {"label": label, "of": "text" if name == "item" else "number", "cells": self._cells[name]()}

    def _positions(self) -> list[Cell]:
        return [{"text": str(line.position)} for line in self._lines]

    def _items(self) -> list[Cell]:
        return [{"text": line.text, "under": self._under(line)} for line in self._lines]

    def _under(self, line: Line) -> list[str]:
        product = self._known.products.get(line.product_id)
        told = {
            "item_number": {"number": product.sku} if product else None,
            "their_item_number": {"number": line.partner_item_number} if line.partner_item_number else None,
            "expected": self._comes_apart(line),
            "at": self._lies_apart(line),
            "because": {"reason": line.reason} if line.reason else None,
        }
        return [self._words[name].format(**filling) for name, filling in told.items() if filling]

    def _comes_apart(self, line: Line) -> Mapping[str, str] | None:
        """The day, if it is not that of the whole paper, which stands at its head."""
        day = line.expected_on
        return {"date": self._figures.day(day)} if day and day != self._known.paper.expected_on else None

    def _lies_apart(self, line: Line) -> Mapping[str, str] | None:
        """The place, if the line is about another than the whole paper."""
        apart = line.location_id not in {None, self._known.paper.location_id}
        place = self._known.locations.get(line.location_id) if apart else None
        return {"place": place.name} if place else None

    def _unit_prices(self) -> list[Cell]:
        digits = self._figures.digits
        cells = self._numbers([(line.unit_price, max(places(line.unit_price), digits)) for line in self._lines])
        return [{**cell, "under": self._terms(line)} for cell, line in zip(cells, self._lines, strict=True)]

    def _terms(self, line: Line) -> list[str]:
        """What one must know of a price, where it is not that of one unit without tax."""
        base = self._figures.number(line.price_base, places(line.price_base))
        per = self._words["per"].format(quantity=f"{base} {self._unit(line)}")
        return [*([per] if line.price_base != ONE else []), *([self._words["with_tax"]] if line.tax_included else [])]

    def _discounts(self) -> list[Cell]:
        return [
            {"text": self._figures.percent(one.discount_percent) if one.discount_percent else ""} for one in self._lines
        ]

    def _tax_rates(self) -> list[Cell]:
        return [{"text": self._figures.percent(line.tax_rate) if line.tax_id else ""} for line in self._lines]

    def _amounts(self) -> list[Cell]:
        return self._numbers([(self._known.signed(line.amount), self._figures.digits) for line in self._lines])

    def _counted(self, line: Line, name: str) -> Decimal | None:
        """A quantity of the line. A difference has its own sign; what was lost on the way has none of its own."""
        if name == "difference" and line.difference is not None:
            return line.difference
        found: Decimal | None = -line.quantity if name == "difference" else getattr(line, name)
        return None if found is None else self._known.signed(found)

    def _numbers(self, values: Sequence[tuple[Decimal | None, int]]) -> list[Cell]:
        return numbers(self._figures, values)

    def _digits(self, line: Line) -> int:
        unit = self._known.units.get(line.unit_id)
        return max(unit.digits if unit else 0, places(line.quantity))

    def _unit(self, line: Line) -> str:
        """Its name as posting kept it, or as it is known now."""
        unit = self._known.units.get(line.unit_id)
        return self._units.get(line.position, unit.name if unit else "")


def numbers(figures: Figures, values: Sequence[tuple[Decimal | None, int]]) -> list[Cell]:
    """Numbers, each with its decimals, that stand with their points in one line."""
    return [{"text": text, "lack": lack} for text, lack in figures.column(values)]
