"""Tokens and keys are 256 random bits each, of which the database keeps the SHA-256 alone.

A secret is found by its digest, so there is nothing to compare and nothing to measure.
"""

from __future__ import annotations

import hashlib
import secrets

TOKEN = "tgs_"  # noqa: S105 - how a token begins
KEY = "tgk_"
HINT = 8


def fresh(prefix: str) -> str:
    """A new secret. Its prefix tells people, and scanners for leaked secrets, what they found."""
    return prefix + secrets.token_urlsafe(32)


def digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()


def hint(secret: str) -> str:
    """As much of a key as may be shown, to tell it from others."""
    return f"{secret[:HINT]}…"
