"""Rates have no external keys: currencies and day are theirs. Those that changed are set together, the others left."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy.exc import DBAPIError

from domain.intake.composing import composed
from domain.intake.drafting import Draft, traced
from domain.intake.mapping import Section
from domain.intake.report import CREATED, UNCHANGED, UPDATED, Outcome, Refusal
from domain.intake.writing import done, refused_by
from domain.kernel.commands import Ref
from domain.kernel.errors import Refused
from domain.kernel.work import Work
from domain.parties.rate import Key, Rate, RateEntry, SetRates, rates_of


def write_rates(work: Work, section: Section, drafts: Sequence[Draft]) -> list[Outcome]:
    """Set the rates of a batch; what became of each, in their order."""
    entries = [RateEntry(**composed(section, draft, _nowhere)) for draft in drafts]
    known = rates_of(work, [_key(entry) for entry in entries])
    if ("average",) not in section.values:
        entries = [replace(one, average=known[key].average) if (key := _key(one)) in known else one for one in entries]
    outcomes = [_outcome(entry, known.get(_key(entry))) for entry in entries]
    refusals: defaultdict[int, list[Refusal]] = defaultdict(list)
    wanted = [place for place, outcome in enumerate(outcomes) if outcome != UNCHANGED]
    while wanted and (refused := _refused(work, [entries[place] for place in wanted])):
        for one in refused.each:
            culprits, one.path = _culprits(wanted, one), one.path[2:]
            for place in culprits:
                refusals[place] += traced(section, drafts[place], one)
        wanted = [place for place in wanted if place not in refusals]
    return [refusals.get(place, outcome) for place, outcome in enumerate(outcomes)]


def _refused(work: Work, entries: Sequence[RateEntry]) -> Refused | None:
    try:
        with work.savepoint():
            done(work, SetRates(rates=entries))
    except Refused as refused:
        return refused
    except DBAPIError as error:
        return refused_by(error)
    return None


def _culprits(wanted: list[int], refused: Refused) -> list[int]:
    """A refusal names its rate by its place in the list; what names none is about them all."""
    return [wanted[int(place)] for place in refused.path[1:2]] or wanted


def _outcome(entry: RateEntry, known: Rate | None) -> str:
    if known is None:
        return CREATED
    return UNCHANGED if (known.rate, known.average) == (entry.rate, entry.average) else UPDATED


def _key(entry: RateEntry) -> Key:
    return entry.base.strip().upper(), entry.quote.strip().upper(), entry.dated


def _nowhere(reference: Any) -> Ref:
    raise AssertionError(reference)
