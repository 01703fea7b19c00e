"""One operation: who asks, through which database, and what has been read for it so far."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from domain.access.entrance import SignedIn
from domain.kernel.actor import Actor
from domain.kernel.errors import NotAuthenticated
from domain.kernel.work import Database
from resolvers.explaining import RIGHT, Explaining
from resolvers.reading import PATIENCE, Over, Reading

if TYPE_CHECKING:
    from resolvers.hub import Hub


class Context:
    """What resolvers know about the operation they serve. Whoever makes one closes it when the answer is written.

    `opened` is the session that the operation opened, `in_cookie` that the client wants its token in a cookie, `ended`
    that the actor's session was ended: for a transport that can keep cookies. Where a session is `lent`, everything is
    read through it, by one operation after another.
    """

    def __init__(
        self,
        database: Database,
        hub: Hub | None,
        actor: Actor | None,
        request_id: str,
        idempotency_key: str | None = None,
        *,
        lent: AsyncSession | None = None,
    ) -> None:
        self.database = database
        self.hub = hub
        self.actor = actor
        self.request_id = request_id
        self.idempotency_key = idempotency_key
        self.opened: SignedIn | None = None
        self.in_cookie = False
        self.ended = False
        self.explaining: Explaining | None = None
        self._lent = lent
        self._reading: Reading | None = None
        self._strays: set[asyncio.Future[Any]] = set()
        self._over = False

    @property
    def asking(self) -> Actor:
        """The actor; raises NotAuthenticated if nobody signed in."""
        if self.actor is None:
            raise NotAuthenticated
        return self.actor

    @property
    def reading(self) -> Reading:
        """What the operation reads through; raises Over when it has ended."""
        if self._over:
            raise Over
        if self._reading is None:
            self._reading = Reading(self.database, self.asking, self._lent)
        return self._reading

    def explain(self) -> None:
        """Have it told how statements are carried out; Forbidden for who may not know."""
        self.asking.must(RIGHT)
        self.explaining = Explaining()

    def join(self, company: UUID) -> None:
        """The actor works for this company from now on, whatever has been read so far."""
        self.actor = replace(self.asking, companies=self.asking.companies | {company})
        if self._reading is not None:
            self._reading.actor = self.actor

    async def afresh(self) -> Reading:
        """Forget what was read: something has changed."""
        await self.close()
        return self.reading

    def look_after(self, stray: asyncio.Future[Any]) -> None:
        """Something of this operation still goes on though nobody waits for it: it ends when the context is closed."""
        self._strays.add(stray)
        stray.add_done_callback(self._strays.discard)

    async def close(self) -> None:
        """Give the connection back. The context can go on: the next question opens another."""
        over, self._over = self._over, True
        try:
            if self._reading is not None:
                await self._reading.close()
                self._reading = None
            await self._wind_up()
        finally:
            self._over = over

    async def end(self) -> None:
        """The operation is over: nothing of it goes on, and nothing is read for it any more."""
        self._over = True
        await self.close()

    async def _wind_up(self) -> None:
        """Strays find that nothing is read for them any more, and end by that; what waits for something else is told.

        To be told before it has begun, a resolver would never have been awaited.
        """
        if self._strays:
            await asyncio.wait(self._strays, timeout=PATIENCE)
        for stray in self._strays:
            stray.cancel()
        if self._strays:
            await asyncio.wait(self._strays)
