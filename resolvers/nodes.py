"""Single records by their ids. What may not be seen is answered as what is not there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import select

from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput, at
from domain.kernel.references import ExternalReference
from domain.kernel.tenancy import view
from resolvers.conditions import words_of
from resolvers.context import Context
from resolvers.ids import EXTERNAL, key_of, ref
from resolvers.reading import Reading
from resolvers.relations import one
from resolvers.scope import may_enter, must_enter
from resolvers.sources import Found, Named, Noun
from resolvers.values import used

Nouns = Mapping[str, Noun]
MOST_NODES = 250


async def by_id(context: Context, noun: Noun, given: str) -> Found | None:
    """The record of one type; Forbidden if the actor may see none of that type."""
    must_enter(noun, context.asking)
    with at("id"):
        named = ref(used(given))
    return await one(context.reading, noun, await key_in(context.reading, noun, named))


def node(context: Context, nouns: Nouns, given: str, *path: str | int) -> Named | None:
    """The record of whichever type its id tells."""
    with at(*path):
        if given.startswith(EXTERNAL):
            raise BadInput("An external reference does not tell the type; ask the field of that type.")
        word, key = key_of(used(given))
    noun = nouns.get(word)
    if noun is None or noun.kinds or "id" not in noun.fields or not may_enter(noun, context.asking):
        return None
    return Named(word, key)


def nodes(context: Context, nouns: Nouns, given: Sequence[str]) -> list[Named | None]:
    """As many records as there are ids, in their order."""
    if len(given) > MOST_NODES:
        raise BadInput(f"Too many ids; send at most {MOST_NODES}.", path=("ids",))
    return [node(context, nouns, one, "ids", index) for index, one in enumerate(given)]


async def key_in(reading: Reading, noun: Noun, named: Ref) -> UUID | None:
    """The key a reference stands for, if it can be one of this noun's."""
    if named.id is not None:
        return named.id if named.type in words_of(noun) else None
    known = view(ExternalReference)
    statement = select(known.c.record_id).where(
        known.c.type.in_(words_of(noun)), known.c.source == named.source, known.c.key == named.key
    )
    found = await reading.rows(statement)
    return found[0]["record_id"] if found else None
