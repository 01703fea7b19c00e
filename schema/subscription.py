"""What can be followed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from resolvers.context import Context
from resolvers.following import follow, follow_one
from resolvers.sources import Named
from resolvers.values import ID
from schema.event import EventFilter
from schema.inputs import input_of, part_name
from schema.pieces import ApiField, Type, argument, define, give, optional
from schema.types import Types


def subscription_type(types: Types) -> Type:
    """The root of all subscriptions."""
    noun = types.linked.named["Event"]
    wanted = input_of(types, EventFilter, None, part_name(EventFilter))

    async def events(_root: Any, context: Context, given: Mapping[str, Any]) -> AsyncIterator[Named]:
        return await follow(context, noun, **given)

    field = ApiField(
        "events",
        types.declared("Event"),
        "Every committed change as it becomes certain, once and in order. With `after`, first all since then.",
        fetched=events,
        subscription=True,
        arguments=[
            argument(
                "after", optional(ID), "The cursor of the last event you have; from now on if not given.", api="after"
            ),
            argument("filter", optional(wanted), "Which events; all if not given.", api="filter"),
        ],
    )
    return give(define("Subscription", "What can be followed while it happens."), [field, _import_changed(types)])


def _import_changed(types: Types) -> ApiField:
    noun = types.linked.named["Import"]

    async def changed(_root: Any, context: Context, given: Mapping[str, Any]) -> AsyncIterator[Named]:
        return await follow_one(context, noun, given["id"])

    return ApiField(
        "importChanged",
        types.declared("Import"),
        "An import as it is now, and again whenever it changes: its state, and every two seconds how far it has come.",
        fetched=changed,
        subscription=True,
        arguments=[argument("id", ID, "The import.", api="id")],
    )
