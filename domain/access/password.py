"""Passwords are kept as argon2id hashes, made in threads of their own: they cost time and memory on purpose."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from typing import TypeVar

from pwdlib.hashers.argon2 import Argon2Hasher

from domain.kernel.errors import BadInput, Busy

LEAST, MOST = 12, 200
VARIED = 5
HANDS = 2
PATIENT = 100
"""How many may wait for a hand; with more, the last would wait longer than people do."""

_ARGON2 = Argon2Hasher(time_cost=2, memory_cost=19456, parallelism=1)
_hands = ThreadPoolExecutor(HANDS, thread_name_prefix="password")
_queue = asyncio.Semaphore(PATIENT)

Answer = TypeVar("Answer")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a password was right and, if its hash was made with other parameters, a hash made with today's."""

    right: bool
    better: str | None = None


def accepted(password: str, account: str) -> str:
    """The password in the form that is hashed; BadInput if it is easy to guess."""
    password = _normal(password)
    if len(password) < LEAST:
        raise BadInput(f"Too short; give at least {LEAST} characters. Several words make a good password.")
    if len(password) > MOST:
        raise BadInput(f"Too long; give at most {MOST} characters.")
    if len(set(password)) < VARIED:
        raise BadInput(f"Too easy to guess; use at least {VARIED} different characters.")
    if account in password.casefold():
        raise BadInput("Too easy to guess; leave the account's name out of it.")
    return password


def hashed(password: str) -> str:
    """The hash of an accepted password. Takes some 30 ms: inside the server call it through `apart`."""
    return _ARGON2.hash(_normal(password))


def judged(password: str, known: str | None) -> Verdict:
    """Check a password. Without a known hash it takes as long as with one, and is wrong."""
    decoy, password = _decoy(), _normal(password)[: MOST + 1]
    right = _ARGON2.verify(password, known or decoy) and known is not None
    better = right and known is not None and _ARGON2.check_needs_rehash(known)
    return Verdict(right, _ARGON2.hash(password) if better else None)


async def apart(work: Callable[..., Answer], *given: object) -> Answer:
    """Run something that hashes without holding up the event loop; Busy if too many wait already."""
    if _queue.locked():
        raise Busy
    async with _queue:
        return await asyncio.get_running_loop().run_in_executor(_hands, partial(work, *given))


@cache
def _decoy() -> str:
    return _ARGON2.hash("nobody has this password")


def _normal(password: str) -> str:
    """One spelling for what looks alike, so that it does not matter on which keyboard it is typed."""
    return unicodedata.normalize("NFKC", password)
