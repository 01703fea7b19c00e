"""Terms of payment in the words of a language."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from domain.parties.payment_term import PaymentTerm
from domain.printing.figures import Figures
from domain.printing.words import Words

Told = Mapping[str, Any]


def terms(kept: Any, term: PaymentTerm | None, words: Words, figures: Figures) -> list[str]:
    """A sentence for each instalment and for the discount: of the terms kept by posting or else of those known now."""
    if isinstance(kept, str):
        return [kept]
    if isinstance(kept, list):
        kept = {"instalments": kept}
    if isinstance(kept, Mapping) and isinstance(kept.get("text"), str):
        return [kept["text"]]
    if not isinstance(kept, Mapping) and term is not None:
        kept = {
            "instalments": term.instalments, "discountPercent": term.discount_percent,
            "discountDays": term.discount_days,
        }  # fmt: skip
    return _sentences(kept, words, figures) if isinstance(kept, Mapping) else []


def _sentences(found: Told, words: Words, figures: Figures) -> list[str]:
    instalments: list[Told] = list(found.get("instalments") or ())
    told = [_instalment(one, words, figures, alone=len(instalments) == 1) for one in instalments]
    if found.get("discountPercent") is not None:
        told.append(_early(found, words, figures))
    return told


def _early(found: Told, words: Words, figures: Figures) -> str:
    """Until which day the discount may be taken and what is paid then, if that was reckoned, else within how many."""
    percent = figures.percent(Decimal(str(found["discountPercent"])))
    if "discountUntil" not in found:
        return words["early"].format(percent=percent, days=found["discountDays"])
    day, amount = date.fromisoformat(found["discountUntil"]), Decimal(found["discountedTotal"])
    return words["early_until"].format(percent=percent, date=figures.day(day), amount=figures.money(amount))


def _instalment(one: Told, words: Words, figures: Figures, *, alone: bool) -> str:
    said = " ".join(_when(one, words, figures))
    if alone:
        return said
    if one.get("percent") is None:
        return words["remainder"].format(term=said) if one.get("amount") is None else said
    return words["share"].format(percent=figures.percent(Decimal(str(one["percent"]))), term=said)


def _when(one: Told, words: Words, figures: Figures) -> Iterable[str]:
    """When an instalment is due: on a day, if it was reckoned, else so many days after."""
    if one.get("dueOn"):
        yield f"{words['due_on']} {figures.day(date.fromisoformat(str(one['dueOn'])))}"
        if one.get("amount") is not None:
            yield figures.money(Decimal(str(one["amount"])))
    elif one.get("endOfMonth"):
        yield words["in_days_of_month"].format(days=one.get("days", 0))
    else:
        yield words["in_days" if one.get("days") else "at_once"].format(days=one.get("days"))
