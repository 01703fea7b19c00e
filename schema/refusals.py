"""Refusals as typed data: one type per class of refusal that tells facts on which a client can act."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any
from uuid import UUID

from strawberry.types.base import StrawberryList

from domain.kernel import errors
from domain.kernel.errors import Refused
from resolvers.ids import global_id
from resolvers.sources import Words
from resolvers.told import Told
from resolvers.values import ID, camel
from schema.pieces import ApiField, Type, define, give, optional
from schema.types import Types
from schema.words import ACTIONS, STATES

GENERIC = "GenericRefusal"
Detail = tuple[Any, str, Callable[[Any], Any]]


def _as_is(value: Any) -> Any:
    return value


def _id(word: str) -> Callable[[Any], Any]:
    return lambda value: None if value is None else global_id(word, UUID(str(value)))


TELLING: Mapping[type[Refused], Mapping[str, Detail]] = {
    errors.VersionConflict: {"current": (int, "The version it has now; read it again.", _as_is)},
    errors.WrongState: {
        "state": (STATES, "The state the paper is in; none if it is another record.", _as_is),
        "possible": ([ACTIONS], "What can be done with it instead.", _as_is),
    },
    errors.Forbidden: {"right": (str, "The right that is missing.", _as_is)},
    errors.OverReceipt: {"allowed": (Decimal, "How much may still come, in the line's unit.", _as_is)},
    errors.NothingLeft: {"left": (Decimal, "How much is left, in the line's unit.", _as_is)},
    errors.InsufficientStock: {
        "available": (Decimal, "How much may be taken: what is there less what is reserved for others.", _as_is),
        "on_hand": (Decimal, "How much is there, in the product's stock unit.", _as_is),
        "reserved": (Decimal, "How much of it is reserved for others.", _as_is),
        "product": (ID, "The product that is short.", _id("product")),
        "location": (ID, "Where it is short.", _id("location")),
    },
    errors.PriceMissing: {
        "product": (ID, "The product without a price.", _id("product")),
        "currency": (str, "The currency in which there is none.", _as_is),
    },
    errors.SignInLocked: {"retry_after": (int, "In how many seconds to try again.", _as_is)},
}
"""The facts that classes of refusals tell beside code, message and path."""


def refusal_types(types: Types) -> list[Type]:
    """The interface and everything that implements it."""
    above = types.known["Refusal"] = give(
        define("Refusal", "Why something was not done, and what to do about it.", is_interface=True, type_of=_name),
        _plain(),
    )
    generic = define(GENERIC, "A refusal that tells nothing beside code, message and path.", interfaces=[above])
    found = [above, give(generic, _plain())]
    for cls, details in TELLING.items():
        made = define(cls.__name__, (cls.__doc__ or "").strip(), interfaces=[above])
        found.append(give(made, [*_plain(), *(_detail(types, name, one) for name, one in details.items())]))
    return found


def _plain() -> list[ApiField]:
    return [
        ApiField("code", str, "A word for programs, such as NOT_FOUND.", plain=lambda told: told.code),
        ApiField("message", str, "What is wrong and what to do, for people.", plain=lambda told: told.message),
        ApiField(
            "path",
            StrawberryList(str),
            "Which part of the input is meant: names of fields, and indexes in lists. Empty if it is none.",
            plain=lambda told: list(told.path),
        ),
    ]


def _detail(types: Types, name: str, one: Detail) -> ApiField:
    kind, description, shown = one
    inner = kind[0] if isinstance(kind, list) else kind
    type_ = types.enum(inner) if isinstance(inner, Words) else inner
    type_ = optional(StrawberryList(type_) if isinstance(kind, list) else type_)
    return ApiField(camel(name), type_, description, plain=lambda told: shown(told.details.get(name)))


def _name(told: Told) -> str:
    return told.kind.__name__ if told.kind in TELLING else GENERIC
