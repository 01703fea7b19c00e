"""The changes an event tells, as far as the reader may see the fields concerned; the rest reads ***."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from domain.kernel.actor import Actor
from domain.kernel.events import HIDDEN
from resolvers.reading import Reading
from resolvers.scope import limited_to_own, may_enter, may_see
from resolvers.sources import Found, Noun, Source

Changes = Mapping[str, Any]


async def changes(reading: Reading, rows: Sequence[Found]) -> list[dict[str, Any]]:
    """What changed, by column: [before, after]; of parts, by `table.place`."""
    return [_of_event(row, reading.actor) for row in rows]


def _of_event(row: Found, actor: Actor) -> dict[str, Any]:
    target = row.of.fields["record"].target
    nouns = target.kinds if target is not None else {}
    noun = nouns.get(row["record_type"])
    told: Changes = row["changes"]
    return _masked(told, noun, nouns, actor, strict=noun is None or limited_to_own(noun, actor))


def _masked(
    told: Changes, noun: Noun | None, nouns: Mapping[str, Noun], actor: Actor, *, strict: bool
) -> dict[str, Any]:
    known = _sources(noun)
    return {
        name: _part(name, change, nouns, actor, strict=strict)
        if isinstance(change, Mapping)
        else _shown(change, known.get(name), actor, strict=strict)
        for name, change in told.items()
    }


def _part(name: str, change: Changes, nouns: Mapping[str, Noun], actor: Actor, *, strict: bool) -> dict[str, Any]:
    noun = nouns.get(name.partition(".")[0])
    barred = noun is None or (noun.right is not None and not may_enter(noun, actor))
    return _masked(change, None if barred else noun, nouns, actor, strict=strict or barred)


def _shown(change: Any, sources: list[Source] | None, actor: Actor, *, strict: bool) -> Any:
    if not strict if sources is None else any(may_see(source, actor) for source in sources):
        return change
    return [value if value is None else HIDDEN for value in change] if isinstance(change, list) else HIDDEN


def _sources(noun: Noun | None) -> dict[str, list[Source]]:
    known: dict[str, list[Source]] = {}
    for field in noun.fields.values() if noun is not None else ():
        if (column := getattr(field.source, "column", None)) is not None:
            known.setdefault(column, []).append(field.source)
    return known
