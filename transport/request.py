"""What a client asks for, read strictly: JSON without doubles, NaN or broken text, numbers exact."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any


class Unfit(Exception):
    """The request cannot be understood; answered with an HTTP status."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        code: str = "BAD_REQUEST",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.code, self.headers = message, status, code, dict(headers or {})

    @property
    def shown(self) -> dict[str, Any]:
        """The refusal as a GraphQL error."""
        return {"message": self.message, "extensions": {"code": self.code}}


@dataclass(frozen=True, slots=True)
class Asked:
    """One GraphQL request; `explained` if it is to be told how its statements are carried out."""

    query: str
    variables: dict[str, Any]
    operation: str | None
    explained: bool = False


def decoded(body: bytes | str) -> Any:
    """Strict JSON: fractions become exact decimals, a name given twice is no JSON to us."""
    try:
        text = body if isinstance(body, str) else body.decode()
        value = json.loads(text, parse_float=Decimal, parse_constant=_no_number, object_pairs_hook=_each_once)
    except UnicodeDecodeError:
        raise Unfit("The body is not UTF-8.") from None
    except RecursionError:
        raise Unfit("The JSON is nested too deeply.") from None
    except ValueError as error:
        raise Unfit(f"The body is not JSON: {error}.") from None
    if any(sign in text for sign in _SUSPICIOUS) and not _clean(value):
        raise Unfit("A text holds the character NUL or half of a surrogate pair; remove it.")
    return value


def asked(value: Any) -> Asked:
    """The GraphQL request in a decoded value."""
    if isinstance(value, list):
        raise Unfit("Send one operation a request; lists of them are not taken.")
    if not isinstance(value, dict):
        raise Unfit('Send a JSON object such as {"query": "{ __typename }"}.')
    query = value.get("query")
    if not isinstance(query, str):
        raise Unfit("`query` must be a string: the text of the GraphQL document.")
    operation = value.get("operationName")
    if operation is not None and not isinstance(operation, str):
        raise Unfit("`operationName` must be a string.")
    explained = _object(value, "extensions").get("plan", False)
    if not isinstance(explained, bool):
        raise Unfit("`extensions.plan` must be true or false.")
    return Asked(query, _object(value, "variables"), operation or None, explained)


def _object(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    if found is not None and not isinstance(found, dict):
        raise Unfit(f"`{name}` must be an object.")
    return found or {}


_SUSPICIOUS = ("\\u0000", "\\ud", "\\uD", "\0")


def _clean(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" not in value and not any("\ud800" <= letter <= "\udfff" for letter in value)
    if isinstance(value, dict):
        return all(_clean(name) and _clean(one) for name, one in value.items())
    return all(_clean(one) for one in value) if isinstance(value, list) else True


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"{twice!r} is given twice in one object")
    return found
