"""Global ids: opaque to clients, to us the word of a type and a key; or a key that the record has elsewhere."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error
from functools import lru_cache
from uuid import UUID

from domain.kernel.commands import Ref
from domain.kernel.errors import BadInput

EXTERNAL = "external:"
_KEY_BYTES = 16


def global_id(word: str, key: UUID) -> str:
    """The id by which the API names a record of the type `word`."""
    return urlsafe_b64encode(key.bytes + word.encode()).decode().rstrip("=")


def key_of(given: str) -> tuple[str, UUID]:
    """The type and the key an id stands for; BadInput if it is none of ours."""
    try:
        raw = urlsafe_b64decode(given.encode("ascii") + b"=" * (-len(given) % 4))
        word, key = raw[_KEY_BYTES:].decode("ascii"), UUID(bytes=raw[:_KEY_BYTES])
    except (Error, ValueError):
        raise BadInput("This is not an id; send one as the API gave it to you.") from None
    if global_id(word, key) != given.rstrip("=") or not word.isidentifier():
        raise BadInput("This is not an id; send one as the API gave it to you.")
    return word, key


@lru_cache(4096)
def ref(given: str) -> Ref:
    """A reference from an argument: a global id, or `external:SOURCE:KEY`."""
    if not given.startswith(EXTERNAL):
        word, key = key_of(given)
        return Ref(id=key, type=word)
    source, colon, key_there = given.removeprefix(EXTERNAL).partition(":")
    if not (source and colon and key_there):
        raise BadInput("Write an external reference as external:SOURCE:KEY.")
    return Ref(source=source, key=key_there)
