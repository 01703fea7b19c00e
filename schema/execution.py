"""How an operation is executed: as GraphQL says, but nothing of it is left to itself.

A field of a type that cannot be null and is refused takes its siblings with it. Those that are already being read are
let go on behind the answer's back; here they are handed to the operation's context, which ends them with it.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from strawberry.schema.schema import StrawberryGraphQLCoreExecutionContext

from resolvers.context import Context


class Execution(StrawberryGraphQLCoreExecutionContext):
    """One execution."""

    def settle_in_background(self, awaitables: list[Awaitable[Any]]) -> None:
        known = set(self.background_futures)
        super().settle_in_background(awaitables)
        if isinstance(self.context_value, Context):
            for stray in self.background_futures - known:
                self.context_value.look_after(stray)
