"""Authentication at the door: who holds the key, the token or the cookie that came along."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from starlette.datastructures import Headers
from starlette.requests import cookie_parser

from domain.access.entrance import actor_of
from domain.kernel.actor import Actor
from domain.kernel.work import Database
from transport.request import Unfit
from transport.settings import LOOPBACK

COOKIE = "tradegraph"
LONGEST = 512


@dataclass(frozen=True, slots=True)
class Credential:
    """What a caller shows, and whether a browser added it by itself."""

    secret: str
    is_cookie: bool = False


class Door:
    """Lets callers in."""

    def __init__(self, database: Database, origins: Collection[str]) -> None:
        self._database = database
        self._origins = frozenset(origins)
        self._next: dict[str, asyncio.Task[Actor | None]] = {}
        self._last: dict[str, asyncio.Task[Actor | None]] = {}

    async def admit(self, credential: Credential) -> Actor | None:
        """The actor with the rights of this moment; None for a credential that opens nothing."""
        return await actor_of(self._database, credential.secret)

    async def received(self, headers: Headers) -> Actor | None:
        """Who sends a request; None for whoever shows nothing, or a cookie that no longer holds. Unfit for the rest."""
        credential = shown(headers)
        if credential is None:
            return None
        if credential.is_cookie and not self.welcomes(headers):
            raise Unfit("Pages of this origin may not use the cookie.", status=403, code="FORBIDDEN")
        actor = await self.admit(credential)
        # A browser sends a dead cookie along when its owner signs in again.
        if actor is None and not credential.is_cookie:
            raise stranger("The token or API key is unknown, expired or revoked.", "invalid_token")
        return actor

    async def known(self, headers: Headers) -> Actor:
        """Who sends a request that is for nobody else; Unfit for strangers."""
        actor = await self.received(headers)
        if actor is None:
            raise stranger("Nobody signed in.")
        return actor

    async def glance(self, credential: Credential) -> Actor | None:
        """As `admit`, by a look that begins no earlier than now.

        It waits for the look that is under way, and is shared by all who come meanwhile with the same credential: many
        sockets that hear of the same event.
        """
        secret = credential.secret
        look = self._next.get(secret)
        if look is None:
            look = asyncio.create_task(self._look(credential, self._last.get(secret)))
            self._next[secret] = self._last[secret] = look
            look.add_done_callback(lambda done: self._forget(secret, done))
        return await asyncio.shield(look)

    async def _look(self, credential: Credential, before: asyncio.Task[Actor | None] | None) -> Actor | None:
        if before is not None:
            await asyncio.wait({before})
        del self._next[credential.secret]
        return await self.admit(credential)

    def _forget(self, secret: str, look: asyncio.Task[Actor | None]) -> None:
        if self._last.get(secret) is look:
            del self._last[secret]

    def welcomes(self, headers: Headers) -> bool:
        """Whether a page may use the cookie: one of ours, or of an origin on the list. Programs name no origin."""
        origin = headers.get("origin")
        return origin is None or origin.lower() in self._origins or origin.partition("://")[2] == headers.get("host")


def shown(headers: Headers) -> Credential | None:
    """The credential of a request: that of the header `Authorization` or else the cookie."""
    given = headers.get("authorization")
    if given is not None:
        return bearer(given)
    cookie = cookie_parser(headers.get("cookie", "")).get(COOKIE)
    return Credential(cookie, is_cookie=True) if cookie else None


def bearer(value: str) -> Credential:
    """The credential in `Bearer …`; Unfit for anything else."""
    scheme, _, secret = value.strip().partition(" ")
    if scheme.lower() != "bearer" or not secret.strip() or len(secret) > LONGEST:
        raise stranger("Send `Authorization: Bearer` with a token or an API key.", "invalid_request")
    return Credential(secret.strip())


def stranger(message: str, error: str | None = None) -> Unfit:
    """The refusal of a caller who is not known."""
    challenge = 'Bearer realm="tradegraph"' + (f', error="{error}"' if error else "")
    return Unfit(message, status=401, code="NOT_AUTHENTICATED", headers={"WWW-Authenticate": challenge})


def cookie(token: str, expires_at: datetime, host: str) -> str:
    """The header that keeps a token where no script can read it."""
    return f"{COOKIE}={token}; Expires={format_datetime(expires_at, usegmt=True)}; {_manners(host)}"


def no_cookie(host: str) -> str:
    """The header that forgets it."""
    return f"{COOKIE}=; Max-Age=0; {_manners(host)}"


def _manners(host: str) -> str:
    name = host.rpartition(":")[0] if not host.endswith("]") and ":" in host else host
    secure = "" if name.strip("[]") in LOOPBACK else "; Secure"
    return f"Path=/; HttpOnly; SameSite=Lax{secure}"
