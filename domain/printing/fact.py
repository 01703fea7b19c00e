"""What stands beside the address of a page, each fact under its word."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from domain.printing.figures import Figures
from domain.printing.gathering import Gathered
from domain.printing.party import Party
from domain.printing.words import Words

MOST_NAMED = 8
"""Papers that are named of those which this one was made from."""


def facts(known: Gathered, partner: Party | None, words: Words, figures: Figures) -> list[tuple[str, str]]:
    """Labels with what stands behind them; what is not known is left out."""
    told: list[tuple[str, Any]] = [
        (words["dated"], known.paper.dated),
        *((words[kind], _named(numbers)) for kind, numbers in known.origins.items()),
        (words["reverses"], known.reverses),
        *((words[_word(name, partner)], _value(name, known, partner)) for name in known.form.facts),
    ]
    shown = ((label, figures.day(value) if isinstance(value, date) else value) for label, value in told)
    return [(label, str(value)) for label, value in shown if value]


def _word(name: str, partner: Party | None) -> str:
    return partner.tax_word if partner and name == "their_tax_number" else name


def _named(numbers: list[str]) -> str:
    return ", ".join(numbers[:MOST_NAMED]) + (" …" if len(numbers) > MOST_NAMED else "")


def _value(name: str, known: Gathered, partner: Party | None) -> Any:
    return _FACTS[name](known, partner) if name in _FACTS else getattr(known.paper, name, None)


def _number(_: Gathered, partner: Party | None) -> str | None:
    return partner.number if partner else None


def _reference(known: Gathered, _: Party | None) -> str | None:
    return known.paper.partner_reference


def _tax_number(_: Gathered, partner: Party | None) -> str | None:
    return partner.tax_number if partner else None


def _place(known: Gathered, _: Party | None) -> str | None:
    found = known.locations.get(known.paper.location_id)
    return found.name if found else None


def _destination(known: Gathered, _: Party | None) -> str | None:
    found = known.locations.get(known.paper.destination_id)
    return found.name if found else None


def _held_until(known: Gathered, _: Party | None) -> date | None:
    moment = known.paper.held_until
    return known.company.today(moment) if moment else None


_FACTS: Mapping[str, Callable[[Gathered, Party | None], Any]] = {
    "vendor_number": _number,
    "customer_number": _number,
    "their_reference": _reference,
    "reference": _reference,
    "vendor_paper": _reference,
    "customer_paper": _reference,
    "their_tax_number": _tax_number,
    "place": _place,
    "destination": _destination,
    "held_until": _held_until,
}
"""Facts that are no columns of the paper."""
