"""What the domain says when it must refuse: a code for programs, a sentence for people, a path to the culprit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, ClassVar

Path = tuple[str | int, ...]
MOST_AT_ONCE = 100


class Refused(Exception):
    """A rule does not allow this."""

    code: ClassVar[str] = "REFUSED"

    def __init__(self, message: str | None = None, *, path: Path = (), **details: Any) -> None:
        """The class docstring is the default message; `details` are typed facts on which a client can act."""
        super().__init__(message or type(self).__doc__)
        self.path = path
        self.details = details

    @property
    def message(self) -> str:
        return str(self.args[0])

    @property
    def each(self) -> tuple[Refused, ...]:
        """This refusal, or all of those it stands for."""
        return (self,)


class BadInput(Refused):
    """The value cannot be used here; see the field's description."""

    code = "BAD_INPUT"


class NotFound(Refused):
    """There is no such record; check the id."""

    code = "NOT_FOUND"


class NotUnique(Refused):
    """A record with this key exists already; update it, or choose another key."""

    code = "NOT_UNIQUE"


class Forbidden(Refused):
    """You do not have the right to do this; ask an administrator."""

    code = "FORBIDDEN"


class NotAuthenticated(Refused):
    """Sign in, or send an API key as `Authorization: Bearer …`."""

    code = "NOT_AUTHENTICATED"


class SignInFailed(Refused):
    """The account or the password is wrong; if several firms use this service, see that you named yours."""

    code = "SIGN_IN_FAILED"


class SignInLocked(Refused):
    """Too many attempts failed; wait, or ask an administrator to unlock the account."""

    code = "SIGN_IN_LOCKED"


class Busy(Refused):
    """Too much is asked at once; try again in a few seconds."""

    code = "BUSY"


class TooMuch(Refused):
    """This asks for too much at once; ask for smaller pages, or in several requests."""

    code = "TOO_MUCH"


class WrongState(Refused):
    """The document's state does not allow this action."""

    code = "WRONG_STATE"

    def __init__(
        self, message: str | None = None, *, state: str | None, possible: Iterable[str], path: Path = (), **details: Any
    ) -> None:
        """The state of a paper, and what can be done in it; `barred` reads both. Other records have no such state."""
        super().__init__(message, path=path, state=state, possible=list(possible), **details)


class NotReady(Refused):
    """Something is missing before this can be done."""

    code = "NOT_READY"


class Archived(Refused):
    """The record is archived; restore it or choose another."""

    code = "ARCHIVED"


class PartnerOnHold(Refused):
    """New business with this partner is on hold; lift the hold first."""

    code = "PARTNER_ON_HOLD"


class NothingLeft(Refused):
    """More cannot be taken from this line than is left of it."""

    code = "NOTHING_LEFT"


class VersionConflict(Refused):
    """Somebody changed the record meanwhile; read it again and repeat your change."""

    code = "VERSION_CONFLICT"


class Conflict(Refused):
    """Somebody else is working on the same record; try again."""

    code = "CONFLICT"


class KeyReused(Refused):
    """This idempotency key was used for another request; use a fresh one."""

    code = "IDEMPOTENCY_KEY_REUSED"


class RateMissing(Refused):
    """There is no exchange rate for this currency and date; add one."""

    code = "RATE_MISSING"


class PriceMissing(Refused):
    """There is no price for this in the currency; add one to a price list, or give the unit price."""

    code = "PRICE_MISSING"


class ApprovalRequired(Refused):
    """The paper must be approved first; submit it."""

    code = "APPROVAL_REQUIRED"


class OverReceipt(Refused):
    """More than is open and tolerated."""

    code = "OVER_RECEIPT"


class InsufficientStock(Refused):
    """There is less available than this takes: part of it is not there, or reserved for others."""

    code = "INSUFFICIENT_STOCK"


class Refusals(Refused):
    """Several rules do not allow this."""

    code = "REFUSED"

    def __init__(self) -> None:
        super().__init__()
        self._found: list[Refused] = []

    @property
    def each(self) -> tuple[Refused, ...]:
        return tuple(self._found)

    @contextmanager
    def at(self, *path: str | int) -> Iterator[None]:
        """Collect what is refused inside, prefixing its path, so that a client learns of all mistakes at once."""
        try:
            yield
        except Refused as refused:
            for one in refused.each:
                one.path = (*path, *one.path)
                self._found.append(one)
            if len(self._found) >= MOST_AT_ONCE:
                raise self from None

    def settle(self) -> None:
        """Raise what was collected, if anything: one mistake as itself, several together."""
        if len(self._found) == 1:
            raise self._found[0]
        if self._found:
            raise self


@contextmanager
def at(*path: str | int) -> Iterator[None]:
    """Prefix the path of whatever is refused inside."""
    try:
        yield
    except Refused as refused:
        for one in refused.each:
            one.path = (*path, *one.path)
        raise
