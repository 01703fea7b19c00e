"""One mutation per command of the domain: its input, its payload, and coming in and going out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Any

from strawberry.types.base import StrawberryList

from domain.kernel.bulk import Bulk
from domain.kernel.commands import COMMANDS, Command, given, said
from resolvers.acting import KEY, TRIAL, Outcome, act
from resolvers.context import Context
from resolvers.people import me, sign_in, sign_out
from resolvers.relations import one
from resolvers.sources import Field, Found, Noun, One
from schema.inputs import input_of
from schema.pieces import ApiField, Type, argument, define, give, optional
from schema.types import Types, described

REFUSALS = "Why it was not done; empty if it was."
ALL_REFUSED = "Why nothing at all was done; empty if anything was, whatever single items were refused."


@given
class SignIn:
    """Open a session with account and password; answers with a token for `Authorization: Bearer …`."""

    account: str = said("The account.")
    password: str = said("The password.", secret=True)
    tenant: str | None = said("The firm's code; needed only where several firms use one service.", default=None)
    cookie: bool = said(
        "Keep the token in an http-only cookie, where no script can read it, in place of answering it. For pages in a "
        "browser, over HTTP.",
        default=False,
    )


def mutation_type(types: Types) -> Type:
    """The root of all mutations."""
    made = define("Mutation", "What can be done. Each mutation is one act of the trade, done wholly or not at all.")
    verbs = [_mutation(types, verb) for _, verb in sorted(COMMANDS.items())]
    return give(made, [*verbs, _sign_in(types), _sign_out(types)])


def _mutation(types: Types, verb: type[Command]) -> ApiField:
    noun = next((noun for noun in types.linked.nouns.values() if noun.word == _word(verb)), None)
    if noun is None:
        raise ValueError(f"{verb.__name__} answers with {verb.answers.__name__}, which no type of the schema describes")
    name = verb.__name__[0].lower() + verb.__name__[1:]
    made = input_of(types, verb, noun, f"{verb.__name__}Input", *_manner())
    payload = _payload(types, f"{verb.__name__}Payload", verb, noun)

    async def perform(_root: Any, context: Context, given: Mapping[str, Any]) -> Outcome:
        return await act(context, verb, name, given["input"])

    arguments = [argument("input", made, "What is asked for.", api="input")]
    return ApiField(name, payload, described(verb), fetched=perform, arguments=arguments)


def _word(verb: type[Command]) -> str:
    from domain.kernel.tenancy import view_name

    return view_name(verb.answers)


def _manner() -> list[ApiField]:
    return [
        ApiField(
            KEY,
            optional(str),
            "Names this request, so that a repeat is done once and gets the outcome of the first, for 24 hours. The "
            "header Idempotency-Key says the same. Programs must give one.",
        ),
        ApiField(
            TRIAL,
            optional(bool),
            "Only try: answers errors and totals as if it were done, and writes nothing.",
            default=False,
        ),
    ]


def _payload(types: Types, name: str, verb: type[Command], noun: Noun) -> Type:
    made = define(name, f"What came of {verb.__name__[0].lower()}{verb.__name__[1:]}.")
    if issubclass(verb, Bulk):
        return give(made, [_answers(types, verb, noun), _errors(types, lambda outcome: outcome.refusals, ALL_REFUSED)])
    disclosed = (ApiField(word, optional(str), told, plain=_disclosed(word)) for word, told in verb.discloses.items())
    return give(made, [_thing(types, noun), *disclosed, _errors(types, lambda outcome: outcome.refusals)])


def _answers(types: Types, verb: type[Bulk], noun: Noun) -> ApiField:
    one = define(f"{verb.__name__}Answer", f"What came of one item of {verb.__name__[0].lower()}{verb.__name__[1:]}.")
    give(one, [_thing(types, noun), _errors(types, lambda outcome: outcome.refusals)])
    return ApiField(
        "answers",
        StrawberryList(one),
        "One for each item, in their order; none if the whole request could not be read or is not allowed.",
        plain=lambda outcome: outcome.answers,
    )


def _thing(types: Types, noun: Noun) -> ApiField:
    name = noun.name[0].lower() + noun.name[1:]
    type_ = optional(types.declared(noun.name))
    description = "The record concerned, as it is now."
    declared = Field(name=name, source=One(description=description, column="record"), target=noun)
    return ApiField(name, type_, description, fetched=_record(noun), declared=declared)


def _errors(types: Types, told: Callable[[Any], Any], description: str = REFUSALS) -> ApiField:
    return ApiField("errors", StrawberryList(types.known["Refusal"]), description, plain=told)


def _record(noun: Noun) -> Callable[[Outcome, Context, Mapping[str, Any]], Awaitable[Found | None] | None]:
    return lambda outcome, context, _: None if outcome.record is None else one(context.reading, noun, outcome.record)


def _disclosed(word: str) -> Callable[[Outcome], str | None]:
    return lambda outcome: outcome.disclosed.get(word)


def _sign_in(types: Types) -> ApiField:
    made = input_of(types, SignIn, None, "SignInInput")
    payload = define("SignInPayload", "What came of signing in.")
    give(
        payload,
        [
            ApiField(
                "token",
                optional(str),
                "The token, shown this once; null if it is kept in a cookie.",
                plain=lambda told: told["token"],
            ),
            ApiField("expiresAt", optional(datetime), "When it ends.", plain=lambda told: told["expiresAt"]),
            ApiField("me", optional(types.declared("Me")), "Who came in.", fetched=_newcomer(types)),
            _errors(types, lambda told: told["errors"]),
        ],
    )
    arguments = [argument("input", made, "Who wants to come in.", api="input")]

    async def enter(_root: Any, context: Context, given: Mapping[str, Any]) -> dict[str, Any]:
        return await sign_in(context, given["input"])

    return ApiField("signIn", payload, described(SignIn), fetched=enter, arguments=arguments)


def _newcomer(types: Types) -> Callable[..., Awaitable[dict[str, Any]] | None]:
    return lambda told, context, _: me(context, types.linked.nouns) if told["expiresAt"] else None


def _sign_out(types: Types) -> ApiField:
    payload = define("SignOutPayload", "What came of signing out.")
    give(
        payload,
        [
            ApiField("done", bool, "Whether the session has ended.", plain=lambda told: told["done"]),
            _errors(types, lambda told: told["errors"]),
        ],
    )

    async def leave(_root: Any, context: Context, _given: Mapping[str, Any]) -> dict[str, Any]:
        return await sign_out(context)

    return ApiField("signOut", payload, "End the session that you came with.", fetched=leave)
