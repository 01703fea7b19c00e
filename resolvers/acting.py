"""Doing what a mutation asks for: once per key, or only to see what would come of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.exc import DBAPIError

from domain.kernel.bulk import Answers
from domain.kernel.commands import Command
from domain.kernel.errors import BadInput, NotAuthenticated, Refused
from domain.kernel.events import record_type
from domain.kernel.idempotency import Once
from domain.kernel.retry import translated
from domain.parties.company import Company
from resolvers.asked import public, taken
from resolvers.context import Context
from resolvers.told import Told, told
from resolvers.values import used

KEY = "idempotencyKey"
TRIAL = "validateOnly"
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a command: the record it answers with, or why it was refused; of a bulk command, item by item."""

    record: UUID | None = None
    refusals: tuple[Told, ...] = ()
    disclosed: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[Outcome, ...] = ()


async def act(context: Context, verb: type[Command], name: str, given: Mapping[str, Any]) -> Outcome:
    """Carry out the mutation field `name`. What is read for its payload is read as the command left it.

    A trial runs in the session that the payload reads through, which is then rolled back.
    """
    await context.close()
    try:
        context.asking.must(verb.right)
        command = _command(verb, given)
        if given.get(TRIAL):
            return _seen(context, verb, _outcome(await _try(context, command), {}))
        once = _once(context, verb, name, given)
        disclosed: dict[str, str] = {}
        answer = await context.database.perform(context.asking, command, once, disclosed=disclosed)
        return _seen(context, verb, _outcome(answer, disclosed))
    except NotAuthenticated:
        raise
    except Refused as refused:
        await context.close()
        return Outcome(refusals=tuple(told(one) for one in refused.each))


def _outcome(answer: UUID | Answers, disclosed: Mapping[str, str]) -> Outcome:
    if not isinstance(answer, Answers):
        return Outcome(answer, disclosed=disclosed)
    each = tuple(Outcome(one.record, tuple(told(refused) for refused in one.refusals)) for one in answer.each)
    return Outcome(refusals=() if answer.done else tuple(why for one in each for why in one.refusals), answers=each)


def _seen(context: Context, verb: type[Command], outcome: Outcome) -> Outcome:
    """Whoever did something with a company works for it, though they may have founded it just now."""
    if verb.answers is Company and outcome.record is not None:
        context.join(outcome.record)
    return outcome


def _command(verb: type[Command], given: Mapping[str, Any]) -> Command:
    command: Command = taken(verb, given, record_type(verb.answers))
    return command


async def _try(context: Context, command: Command) -> UUID | Answers:
    try:
        return await context.reading.within(lambda session: context.database.attempt(session, context.asking, command))
    except DBAPIError as error:
        raise translated(error) from error


def _once(context: Context, verb: type[Command], name: str, given: Mapping[str, Any]) -> Once | None:
    key = _key(context, used(given.get(KEY), KEY))
    if key is None:
        _must_be_a_person(context)
        return None
    said = {name: value for name, value in public(verb, given).items() if name not in {KEY, TRIAL}}
    canonical = orjson.dumps(said, default=str, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)
    return Once(key, name, canonical.decode())


def _key(context: Context, given: str | None) -> str | None:
    """The key of the input or else of the header; both, if they are the same."""
    header = context.idempotency_key
    if given is not None and header is not None and given != header:
        raise BadInput("The header Idempotency-Key says another one; send one of them.", path=(KEY,))
    key = header if given is None else given
    if key is not None and not 0 < len(key.strip()) <= len(key) <= LONGEST_KEY:
        raise BadInput(f"Give a key of 1 to {LONGEST_KEY} characters.", path=(KEY,))
    return key


def _must_be_a_person(context: Context) -> None:
    if context.asking.key is not None and context.asking.user is None:
        raise BadInput(
            "A program must say with every request which one it is, so that a repeat is done once; "
            "send a fresh key with each, here or as the header Idempotency-Key.",
            path=(KEY,),
        )
